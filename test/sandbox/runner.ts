/**
 * Starts the committed bundle the way the Actions runner does: inputs and files in the environment, workflow commands
 * on standard output, secrets masked in the log.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Job } from './github.ts'

const root = join(import.meta.dirname, '..', '..')

/** The parts of action.yml that the runner looks at. */
export interface ActionManifest {
  readonly inputs: Readonly<
    Record<string, { readonly default?: string; readonly required?: boolean; readonly description: string }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

/** Reads action.yml. */
export async function readManifest(): Promise<ActionManifest> {
  return parse(await readFile(join(root, 'action.yml'), 'utf8')) as ActionManifest
}

/** One step of a workflow. */
export interface Step {
  readonly job: Job
  readonly apiUrl: string
  /** The `with:` block, with expressions already evaluated. */
  readonly with: Readonly<Record<string, string>>
  /** Further environment variables of the step. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What GitHub says about the event that started the run. */
  readonly event?: unknown
  /** Called with the process id as soon as it runs. */
  readonly onStart?: (pid: number) => void
}

/** A workflow command on standard output: `::name key=value::message`. */
export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/** The result of a step. */
export interface StepResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly commands: readonly Command[]
  /** Annotations: `error` and `warning` commands. */
  readonly errors: readonly Command[]
  readonly warnings: readonly Command[]
  readonly masks: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly exported: Readonly<Record<string, string>>
  readonly summary: string
  /** The log as a person sees it: masked, with commands as the runner shows them. */
  readonly log: string
}

/** A step that is set up but not started yet. */
export interface ReadyStep {
  /** The file that Node.js is started with. */
  readonly file: string
  /** A folder of its own, to be deleted afterwards. */
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** The files that the step reads or writes, by the variable that names each. */
  readonly files: Readonly<Record<string, string>>
}

/** Runs the main step of action.yml and waits for its end. */
export async function runStep(step: Step): Promise<StepResult> {
  return run(await readyStep('main', step), step.onStart)
}

/** Runs the post step of action.yml, as the runner does however the main step ended, with the state it left. */
export async function runPostStep(step: Step, state: Readonly<Record<string, string>>): Promise<StepResult> {
  return run(await readyStep('post', step, state), step.onStart)
}

/**
 * Sets up a step: its folder, its files, its environment.
 *
 * @param state what the main step left for the post step
 */
export async function readyStep(
  which: 'main' | 'post',
  step: Step,
  state: Readonly<Record<string, string>> = {},
): Promise<ReadyStep> {
  const manifest = await readManifest()
  const file = manifest.runs[which]
  if (file === undefined) throw new Error(`action.yml has no ${which} step`)
  const cwd = await mkdtemp(join(tmpdir(), 'box-token-step-'))
  const files: Record<string, string> = Object.fromEntries(
    ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'].map((name) => [
      name,
      join(cwd, name.toLowerCase()),
    ]),
  )
  for (const path of Object.values(files)) await writeFile(path, '')
  files['GITHUB_EVENT_PATH'] = join(cwd, 'event.json')
  await writeFile(files['GITHUB_EVENT_PATH'], JSON.stringify(step.event ?? {}))
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: cwd,
    TMPDIR: cwd,
    ...contextVariables(step),
    ...files,
    ...inputVariables(manifest, step),
    ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    ...step.env,
  }
  if (process.platform === 'win32') env['SystemRoot'] = process.env['SystemRoot']
  return { file: join(root, file), cwd, env, files }
}

async function run(ready: ReadyStep, onStart: Step['onStart']): Promise<StepResult> {
  const { cwd, files } = ready
  try {
    const finished = await start(ready, onStart)
    const read = async (name: string): Promise<string> => readFile(files[name] ?? '', 'utf8')
    const commands = parseCommands(finished.stdout)
    const masks = commands.filter(({ name }) => name === 'add-mask').map(({ message }) => message)
    return {
      ...finished,
      commands,
      errors: commands.filter(({ name }) => name === 'error'),
      warnings: commands.filter(({ name }) => name === 'warning'),
      masks,
      outputs: parseFileCommand(await read('GITHUB_OUTPUT')),
      state: parseFileCommand(await read('GITHUB_STATE')),
      exported: parseFileCommand(await read('GITHUB_ENV')),
      summary: await read('GITHUB_STEP_SUMMARY'),
      log: shownLog(finished.stdout, masks),
    }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

/** The `GITHUB_*` variables of a job that actions look at. */
function contextVariables({ job, apiUrl }: Step): Record<string, string> {
  return {
    GITHUB_ACTIONS: 'true',
    CI: 'true',
    GITHUB_REPOSITORY: job.run.repository,
    GITHUB_RUN_ID: String(job.run.id),
    GITHUB_RUN_ATTEMPT: String(job.run.attempt),
    GITHUB_RUN_NUMBER: '7',
    GITHUB_API_URL: apiUrl,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_WORKFLOW: 'Keep the Box token alive',
    GITHUB_JOB: 'keep-alive',
    GITHUB_ACTOR: 'octocat',
    GITHUB_ACTION: '__owner_box-token-action',
    RUNNER_OS: 'Linux',
  }
}

/** `INPUT_*`: the value in `with:`, otherwise the default in action.yml with its expressions evaluated. */
function inputVariables(manifest: ActionManifest, step: Step): Record<string, string> {
  const expressions: Record<string, string> = {
    '${{ github.repository }}': step.job.run.repository,
    '${{ github.api_url }}': step.apiUrl,
  }
  const unknown = Object.keys(step.with).filter((name) => !(name in manifest.inputs))
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join(', ')}`)
  return Object.fromEntries(
    Object.entries(manifest.inputs).map(([name, input]) => {
      const preset = input.default ?? ''
      return [
        `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
        step.with[name] ?? expressions[preset] ?? preset,
      ]
    }),
  )
}

async function start(
  { file, cwd, env }: ReadyStep,
  onStart: Step['onStart'],
): Promise<Pick<StepResult, 'exitCode' | 'signal' | 'stdout' | 'stderr'>> {
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  if (child.pid !== undefined) onStart?.(child.pid)
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, bySignal) => resolve([code, bySignal]))
  })
  return {
    exitCode,
    signal,
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  }
}

const commandLine = /^::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/

/** The older form, which the runner still accepts, anywhere in a line. */
const oldCommand = /##\[([a-z-]+)(?: ([^\]]*))?\](.*)$/

/** Reads workflow commands as the runner does: `::name::` at the start of a line, `##[name]` anywhere. */
export function parseCommands(stdout: string): Command[] {
  const commands: Command[] = []
  for (const line of stdout.split(/\r?\n/)) {
    const match = commandLine.exec(line) ?? oldCommand.exec(line)
    if (!match) continue
    const [, name = '', list = '', message = ''] = match
    const properties = Object.fromEntries(
      list
        .split(',')
        .filter((pair) => pair.includes('='))
        .map((pair) => {
          const [key = '', value = ''] = pair.split(/=(.*)/s)
          return [
            key,
            value
              .replaceAll('%2C', ',')
              .replaceAll('%3A', ':')
              .replaceAll('%0A', '\n')
              .replaceAll('%25', '%'),
          ]
        }),
    )
    commands.push({ name, properties, message: unescape(message) })
  }
  return commands
}

function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

/** Reads `GITHUB_OUTPUT` and its like: `name=value` or `name<<delimiter … delimiter`. */
export function parseFileCommand(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line)
    if (heredoc) {
      const [, name = '', delimiter = ''] = heredoc
      const end = lines.indexOf(delimiter, index + 1)
      if (end < 0) throw new Error(`${name} has no closing delimiter`)
      values[name] = lines.slice(index + 1, end).join('\n')
      index = end
    } else if (line !== '') {
      const [name = '', value = ''] = line.split(/=(.*)/s)
      values[name] = value
    }
  }
  return values
}

/** What the runner shows: masks applied (plain, base64, URI and JSON forms), commands as labelled lines. */
function shownLog(stdout: string, masks: readonly string[]): string {
  const forms = masks.flatMap((mask) => [
    mask,
    Buffer.from(mask).toString('base64'),
    encodeURIComponent(mask),
    JSON.stringify(mask).slice(1, -1),
  ])
  const masked = (text: string): string => forms.reduce((line, form) => line.replaceAll(form, '***'), text)
  return stdout
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('::add-mask::') && !line.startsWith('::debug::'))
    .map((line) => {
      const match = commandLine.exec(line)
      if (!match) return masked(line)
      const label: Record<string, string> = { error: 'Error: ', warning: 'Warning: ' }
      return masked(`${label[match[1] ?? ''] ?? ''}${unescape(match[3] ?? '')}`)
    })
    .join('\n')
    .trim()
}
