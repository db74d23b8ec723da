/** Entry of the main step: nothing but wiring. */
import { accessSync, constants } from 'node:fs'
import {
  error,
  exportVariable,
  getInput,
  info,
  saveState,
  setOutput,
  setSecret,
  summary,
  warning,
} from '@actions/core'
import { runMain } from './main-step.ts'
import { systemClock } from '../clock.ts'
import { endSoon } from '../ending.ts'
import { withoutBrokenEvent } from './event-file.ts'
import { nodeFetch } from '../http/node-fetch.ts'
import { keepCertificatesChecked } from '../http/node-settings.ts'
import { useProxies } from '../http/proxy.ts'
import { processSignals } from '../signals.ts'

const unchecked = keepCertificatesChecked(process.env)
const { proxies, secrets, problems } = useProxies(process.env)

// No `await` at the top level: ncc would put the whole file into a function for it, which V8 reads twice. A run that never
// comes to an end must not pass.
process.exitCode = 1
void run()

async function run(): Promise<void> {
  process.exitCode = await runMain({
    runner: { error, exportVariable, info, setOutput, setSecret, summary, warning },
    getInput: (name) => getInput(name),
    context: async () => {
      withoutBrokenEvent(process.env)
      // Loaded late: it reads the file of the event at once, and may print.
      return (await import('./workflow-context.ts')).workflowContext(process.env)
    },
    variables: process.env,
    fetch: nodeFetch,
    proxies,
    proxySecrets: secrets,
    proxyProblems: [...problems, ...(unchecked === undefined ? [] : [unchecked])],
    clock: systemClock,
    random: Math.random,
    signals: processSignals(process),
    saveState: (name, value) => saveState(name, value),
    canWrite: (name) => isWritable(process.env[name]),
  })
  endSoon(process)
}

function isWritable(file: string | undefined): boolean {
  if (!file) return false
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}
