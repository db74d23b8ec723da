/** Starts the committed command line the way a person or a script does. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')

/** How the command line is started. */
export interface CliOptions {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Standard input, which ends after this. `undefined`: it stays open, for `write`. */
  readonly input?: string
  /** The Node.js that runs it. */
  readonly node?: string
  /** Whether it runs in a terminal, through script(1). */
  readonly terminal?: boolean
}

/** The result. */
export interface CliResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  /** In a terminal, both streams are combined in `stdout`. */
  readonly stderr: string
}

/** The command line while it runs. */
export class Cli {
  readonly done: Promise<CliResult>
  readonly #child: ChildProcess
  readonly #output = { stdout: '', stderr: '' }
  readonly #waiting = new Set<() => void>()

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output[name] += chunk
        for (const look of this.#waiting) look()
      })
    }
    // A process that has ended no longer reads.
    child.stdin?.on('error', () => {})
    this.done = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (exitCode, signal) => {
        for (const look of this.#waiting) look()
        rm(folder, { recursive: true, force: true }).then(
          () => resolve({ exitCode, signal, ...this.#output }),
          reject,
        )
      })
    })
  }

  static async start({
    args,
    env = {},
    input,
    node = process.execPath,
    terminal = false,
  }: CliOptions): Promise<Cli> {
    const folder = await mkdtemp(join(tmpdir(), 'box-token-cli-'))
    const variables: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...env }
    if (process.platform === 'win32') variables['SystemRoot'] = process.env['SystemRoot']
    // Not in this repository, which has its own git remote.
    const command = terminal
      ? [
          'script',
          '-qefc',
          `stty cols 100 rows 30; echo process $$; exec "${node}" "${cli}" ${args.join(' ')}`,
          '/dev/null',
        ]
      : [node, cli, ...args]
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd: folder,
      env: terminal ? { TERM: 'xterm-256color', SHELL: '/bin/sh', ...variables } : variables,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    if (input !== undefined) child.stdin.end(input)
    return new Cli(child, folder)
  }

  /** What has been written so far, on both streams. */
  get output(): string {
    return this.#output.stdout + this.#output.stderr
  }

  /** Waits until the output matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`it ended without printing ${String(pattern)}:\n${this.output}`)
      }
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#waiting.delete(look)
          resolve()
        }
        this.#waiting.add(look)
      })
    }
  }

  /** Types something. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Sends a signal to the command line itself. */
  kill(signal: NodeJS.Signals): void {
    const pid = /^process (\d+)/.exec(this.output)?.[1]
    if (pid === undefined) this.#child.kill(signal)
    else process.kill(Number(pid), signal)
  }
}

/** Runs the command line to its end. */
export async function runCli(options: CliOptions): Promise<CliResult> {
  const started = await Cli.start({ input: '', ...options })
  return started.done
}

/**
 * The Node.js versions that the command line is tested on: the one that runs the tests, and every other from 20 on that
 * is on the machine's path.
 */
export function runtimes(): readonly (readonly [version: string, node: string])[] {
  const found = new Map([[process.version, process.execPath]])
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']) {
    const node = join(folder, name)
    if (!existsSync(node)) continue
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
    if (Number(/^v(\d+)\./.exec(version)?.[1]) >= 20 && !found.has(version)) found.set(version, node)
  }
  return [...found]
}

/** Whether there is a way to get a terminal: util-linux's script(1). */
export const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
