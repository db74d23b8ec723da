#!/usr/bin/env node
/** Entry of the command line: nothing but wiring. */
import { execFile } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { systemClock } from '../clock.ts'
import { useProxies } from '../net/proxy.ts'
import { runProgram } from './program.ts'

const { proxies, problems } = useProxies(process.env)
for (const problem of problems) process.stderr.write(`Warning: ${problem}\n`)

process.exitCode = await runProgram(
  {
    args: process.argv.slice(2),
    variables: process.env,
    readStandardInput: () => text(process.stdin),
    print: (result) => process.stdout.write(`${result}\n`),
    tell: (line) => process.stderr.write(`${line}\n`),
    run: async (program, args) => {
      try {
        return (await promisify(execFile)(program, [...args])).stdout
      } catch {
        return undefined
      }
    },
  },
  {
    network: { fetch: (input, init) => fetch(input, init), clock: systemClock, proxies },
    clock: systemClock,
    random: Math.random,
  },
)
