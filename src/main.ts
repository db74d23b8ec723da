/** Entry of the main step: nothing but wiring. */
import { error, getInput, info, setOutput, setSecret, summary, warning } from '@actions/core'
import { context } from '@actions/github'
import { runMain } from './action.ts'
import { systemClock } from './clock.ts'

process.exitCode = await runMain({
  runner: { error, info, setOutput, setSecret, summary, warning },
  getInput: (name) => getInput(name),
  context,
  variables: process.env,
  fetch: (input, init) => fetch(input, init),
  clock: systemClock,
  random: Math.random,
})
