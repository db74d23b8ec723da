/** The post step when something is left to do. Only wiring. */
import {
  error,
  exportVariable,
  getInput,
  getState,
  info,
  setOutput,
  setSecret,
  summary,
  warning,
} from '@actions/core'
import { systemClock } from '../clock.ts'
import { endSoon } from '../ending.ts'
import { nodeFetch } from '../http/node-fetch.ts'
import { keepCertificatesChecked } from '../http/node-settings.ts'
import { useProxies } from '../http/proxy.ts'
import { runPost } from './post-step.ts'
import { processSignals } from '../signals.ts'

keepCertificatesChecked(process.env)
const { proxies, secrets } = useProxies(process.env)

const signals = processSignals(process)
signals.hold()

// Not at the top level: see main.ts.
process.exitCode = 1
void run()

async function run(): Promise<void> {
  process.exitCode = await runPost({
    runner: { error, exportVariable, info, setOutput, setSecret, summary, warning },
    getInput: (name) => getInput(name),
    getState: (name) => getState(name),
    variables: process.env,
    fetch: nodeFetch,
    proxies,
    proxySecrets: secrets,
    clock: systemClock,
    random: Math.random,
    interrupted: signals.interrupted,
  })
  // After a cancellation, nothing must go on trying.
  if (signals.interrupted.aborted) process.exit()
  endSoon(process)
}
