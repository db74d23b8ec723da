/** Asks the person at a terminal. Questions go to standard error: standard output is for the result. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { confirm, password, select, text } from '@clack/prompts'
import { Interrupted } from './interruption.ts'

/** Says what is wrong with an answer; `undefined`: nothing. */
export type Check = (answer: string) => string | undefined

/** One of several answers. */
export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
}

/** Questions. Each throws `Interrupted` when the person presses Ctrl-C. */
export interface Prompts {
  /** Asks at a hidden prompt. */
  secret(question: string, check: Check): Promise<string>
  /** The same for several lines: reads them, hidden, until the text is whole. */
  secretLines(question: string, isWhole: (text: string) => boolean): Promise<string>
  text(question: string, check: Check): Promise<string>
  confirm(question: string, preset: boolean): Promise<boolean>
  choose<T extends string>(question: string, choices: readonly Choice<T>[]): Promise<T>
}

/** Prompts at a terminal. */
export function terminalPrompts(input: ReadStream, output: WriteStream, signal: AbortSignal): Prompts {
  const common = { input, output: adapted(output), signal, withGuide: false }
  // The library answers a question that was cancelled with a symbol.
  const trimmed = async (answer: Promise<unknown>): Promise<string> => {
    const value = await answer
    if (typeof value !== 'string') throw new Interrupted()
    return value.trim()
  }
  const validate = (check: Check) => (value: string | undefined) => check((value ?? '').trim())
  return {
    secret: (message, check) => trimmed(password({ ...common, message, validate: validate(check) })),
    secretLines: (message, isWhole) => hiddenLines(input, output, signal, message, isWhole),
    text: (message, check) => trimmed(text({ ...common, message, validate: validate(check) })),
    confirm: async (message, initialValue) => {
      const value = await confirm({ ...common, message, initialValue })
      if (typeof value !== 'boolean') throw new Interrupted()
      return value
    },
    choose: async <T extends string>(message: string, choices: readonly Choice<T>[]) => {
      const value = await select<string>({ ...common, message, options: [...choices] })
      const chosen = choices.find((choice) => choice.value === value)
      if (!chosen) throw new Interrupted()
      return chosen.value
    },
  }
}

/**
 * Reads hidden lines. The library's prompts end at the first line break, and would show the remaining lines of a pasted
 * key.
 */
async function hiddenLines(
  input: ReadStream,
  output: WriteStream,
  signal: AbortSignal,
  question: string,
  isWhole: (text: string) => boolean,
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0, signal })
  // Ask only now: from here on, the terminal does not show what is typed.
  output.write(`${question}\n`)
  let typed = ''
  lines.on('line', (line) => {
    typed += `${line}\n`
    if (typed.trim() !== '' && isWhole(typed)) lines.close()
  })
  lines.once('SIGINT', () => {
    typed = ''
    lines.close()
  })
  await once(lines, 'close')
  if (typed === '' || !isWhole(typed)) throw new Interrupted()
  return typed.trim()
}

/** Columns to assume if the terminal does not say how many it has. */
const usualColumns = 80

/**
 * A terminal adapted to the library, which on Node.js 20 colours everything it writes, and which writes one letter per
 * line if the terminal reports no columns.
 */
function adapted(output: WriteStream): Writable {
  const colours = output.hasColors()
  if (colours && output.columns > 0) return output
  const plain = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      // oxlint-disable-next-line no-control-regex
      output.write(colours ? chunk : chunk.replace(/\u001b\[[\d;]*m/g, ''), () => done())
    },
  })
  return Object.defineProperties(plain, {
    columns: { get: () => output.columns || usualColumns },
    rows: { get: () => output.rows },
  })
}
