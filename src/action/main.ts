/** Entry of the main step. Only wiring. */
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

// No top-level `await`: ncc would wrap the whole file in a function for it, which V8 then parses twice. The exit code is
// set first, so that a run that never finishes does not pass.
process.exitCode = 1
void run()

async function run(): Promise<void> {
  process.exitCode = await runMain({
    runner: { error, exportVariable, info, setOutput, setSecret, summary, warning },
    getInput: (name) => getInput(name),
    context: async () => {
      withoutBrokenEvent(process.env)
      // Imported late: it reads the event file on import, and may print.
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
