/** A terminal for unit tests: nobody answers, and its output is kept. */
import { Interruption } from '../../../src/cli/interruption.ts'
import type { Terminal } from '../../../src/cli/command-line.ts'
import { Redactor } from '../../../src/redact.ts'

/** @param variables the environment */
export function silentTerminal(variables: Terminal['variables'] = {}): {
  readonly terminal: Terminal
  readonly told: readonly string[]
} {
  const told: string[] = []
  const tell = (line: string): void => void told.push(line)
  const terminal: Terminal = {
    variables,
    redactor: new Redactor(),
    prompts: undefined,
    interruption: new Interruption({ on: () => {} }),
    bold: (text) => text,
    readStandardInput: () => Promise.resolve(''),
    // oxlint-disable-next-line require-yield
    readLines: async function* () {},
    print: tell,
    tell,
    show: tell,
    run: () => Promise.resolve(undefined),
    launch: () => Promise.resolve(false),
  }
  return { terminal, told }
}
