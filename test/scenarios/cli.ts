/** Starts the bundled command line as a person does. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'

/** What came of a command. */
export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `box-token` without a terminal.
 *
 * @param env all of its environment but `PATH`
 * @param input standard input
 */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Finished> {
  const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
  const child = spawn(process.execPath, [cli, ...args], {
    env: {
      PATH: process.env['PATH'],
      ...(process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {}),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command that needs no input may end before it has all of it.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([readAll(child.stdout), readAll(child.stderr), ended])
  return { exitCode, stdout, stderr }
}
