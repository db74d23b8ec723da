/** Entry of the main step: nothing but wiring. */
import { accessSync, constants } from 'node:fs'
import { error, getInput, info, setOutput, setSecret, summary, warning } from '@actions/core'
import { runMain } from './action.ts'
import { systemClock } from './clock.ts'
import { processSignals } from './signals.ts'

process.exitCode = await runMain({
  runner: { error, info, setOutput, setSecret, summary, warning },
  getInput: (name) => getInput(name),
  // Loaded late: it reads the file of the event at once, and may print.
  context: async () => (await import('./workflow-context.ts')).workflowContext(process.env),
  variables: process.env,
  fetch: (input, init) => fetch(input, init),
  clock: systemClock,
  random: Math.random,
  signals: processSignals(process),
  hasOutputFile: () => isWritable(process.env['GITHUB_OUTPUT']),
})

function isWritable(file: string | undefined): boolean {
  if (!file) return false
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}
