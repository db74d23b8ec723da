#!/usr/bin/env node
/** Entry point of the command line: only wiring. */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { systemClock } from '../clock.ts'
import { endSoon } from '../ending.ts'
import { isRecord } from '../json.ts'
import { nodeFetch } from '../http/node-fetch.ts'
import { keepCertificatesChecked } from '../http/node-settings.ts'
import { useProxies } from '../http/proxy.ts'
import { Redactor, withoutCommands } from '../redact.ts'
import { Interruption } from './interruption.ts'
import { runProgram } from './program.ts'
import { findProgram } from './programs.ts'
import { terminalPrompts } from './prompts.ts'

const { env, platform, stdin, stdout, stderr } = process
const redactor = new Redactor()
const interruption = new Interruption(process)
const unchecked = keepCertificatesChecked(env)
const { proxies, secrets, problems } = useProxies(env)
for (const secret of secrets) redactor.add(secret)

const show = (line: string): void => {
  stderr.write(`${line}\n`)
}
const tell = (line: string): void => show(withoutCommands(redactor.redact(line)))
for (const problem of [...problems, ...(unchecked === undefined ? [] : [unchecked])])
  tell(`Warning: ${problem}`)

/** The environment for programs that we start: without the credentials, which are none of their business. */
const harmlessVariables = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:BOX_|GITHUB_TOKEN$)/i.test(name)))

/** From the package that contains the bundle, one folder up. */
const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
  return isRecord(manifest) ? String(manifest['version']) : ''
}

const exitCode = await runProgram(
  {
    variables: env,
    redactor,
    interruption,
    prompts: stdin.isTTY && stderr.isTTY ? terminalPrompts(stdin, stderr, interruption.signal) : undefined,
    bold: (words) => (stderr.isTTY && stderr.hasColors() ? `\u001b[1m${words}\u001b[22m` : words),
    readStandardInput: () => text(stdin),
    readLines: (signal) => createInterface({ input: stdin, signal }),
    print: (result) => stdout.write(`${result}\n`),
    tell,
    show,
    run: async (name, args) => {
      const program = findProgram(name, platform, env)
      if (program === undefined) return undefined
      try {
        return (await promisify(execFile)(program, [...args], { env: harmlessVariables() })).stdout
      } catch {
        return undefined
      }
    },
    launch: async (name, args) => {
      const program = isAbsolute(name) ? name : findProgram(name, platform, env)
      if (program === undefined) return false
      return new Promise((resolve) => {
        const child = spawn(program, [...args], { detached: true, stdio: 'ignore', env: harmlessVariables() })
        child.once('error', () => resolve(false))
        child.once('spawn', () => resolve(true))
        child.unref()
      })
    },
  },
  {
    network: { fetch: nodeFetch, clock: systemClock, proxies },
    clock: systemClock,
    random: Math.random,
    platform,
    version,
  },
  process.argv.slice(2),
)
process.exitCode = exitCode
// After an interruption, whatever is still running is abandoned; otherwise everything has finished.
if (interruption.signal.aborted) stderr.write('', () => process.exit(exitCode))
else {
  stdin.destroy()
  endSoon(process)
}
