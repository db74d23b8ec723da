/** `box-token`: what the commands share. */
import { parseApiUrl, parseEnvironmentName, parseOwner, parseRepository, parseSecretName } from '../names.ts'
import type { Clock } from '../clock.ts'
import type { Network } from '../http/exchange.ts'
import type { Narrator } from '../narrator.ts'
import type { Redactor } from '../redact.ts'
import type { SecretTarget } from '../github/target.ts'
import type { Interruption } from './interruption.ts'
import type { Prompts } from './prompts.ts'

/** How a command talks to the person who runs it. */
export interface Terminal {
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Knows what must never be shown; `tell` removes it. */
  readonly redactor: Redactor
  /** Asks the person; `undefined` without a terminal. */
  readonly prompts: Prompts | undefined
  readonly interruption: Interruption
  /** Emphasizes what a person must not miss, if the terminal can. */
  readonly bold: (text: string) => string
  readonly readStandardInput: () => Promise<string>
  /** The lines of standard input as they arrive, until it ends or the signal is aborted. */
  readonly readLines: (signal: AbortSignal) => AsyncIterable<string>
  /** Prints the result of a command. */
  readonly print: (text: string) => void
  /** Reports progress and errors, with every secret removed, wherever it came from. */
  readonly tell: (line: string) => void
  /** The same for a line of our own, unchanged: redacting a short secret could punch holes into an address. */
  readonly show: (line: string) => void
  /** Standard output of a program on PATH; `undefined` if it does not exist or fails. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | undefined>
  /** Starts a program on PATH, or by its full path, and leaves it running; `false` if it cannot be started. */
  readonly launch: (program: string, args: readonly string[]) => Promise<boolean>
}

/** What else commands need from outside. */
export interface World {
  readonly network: Network
  readonly clock: Clock
  /** A number from 0 up to, but not including, 1: for the jitter of pauses. */
  readonly random: () => number
  readonly platform: NodeJS.Platform
  /** The version of this program: `1.2.3`. */
  readonly version: () => string
}

/** A command that cannot be carried out as given: one line, exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** One flag: `--name <value>`, or `--name` if it is a switch. */
export interface Flag {
  /** In commander's notation: `--repo <owner/name>`, `--no-browser`. */
  readonly form: string
  readonly meaning: string
}

/** The values that were given, by flag name without dashes; `--no-browser` sets `browser` to `false`. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>

/** A command of `box-token`. */
export interface Command {
  readonly name: string
  /** For the list of commands: one line, no full stop. */
  readonly summary: string
  /** For `--help`: what it does and needs. */
  readonly description: string
  /** Its flags in addition to the shared ones. */
  readonly flags: readonly Flag[]
  /**
   * Runs the command and prints its result.
   *
   * @throws UsageError, Failure or Interrupted
   */
  readonly run: (terminal: Terminal, world: World, flags: Flags) => Promise<void>
}

/** The flags that all commands have. */
export const sharedFlags: readonly Flag[] = [
  {
    form: '--repo <owner/name>',
    meaning: 'repository that holds the secrets (default: the git remote "origin")',
  },
  { form: '--environment <name>', meaning: "use an environment's secrets instead of the repository's" },
  { form: '--organization <name>', meaning: "use an organization's secrets instead" },
  {
    form: '--secret-name <name>',
    meaning: 'secret that holds the refresh token (default: BOX_REFRESH_TOKEN)',
  },
  {
    form: '--state-variable <name>',
    meaning: 'Actions variable through which jobs share one token, if they do',
  },
  { form: '--box-api-url <url>', meaning: "Box's API (default: https://api.box.com)" },
  {
    form: '--github-api-url <url>',
    meaning: "GitHub's API (default: GITHUB_API_URL, or https://api.github.com)",
  },
  { form: '--json', meaning: 'print only the result, as JSON, on standard output' },
]

/**
 * The narrator of the protocol's parts at a terminal: it only says what they are waiting for. A command ends with one
 * line, its result or what went wrong, and the warnings of those parts concern later runs.
 */
export function narratorFor({ redactor, tell }: Terminal): Narrator {
  return {
    mask: (secret) => redactor.add(secret),
    info: () => {},
    warning: () => {},
    waiting: tell,
    foreign: (words) => redactor.foreign(words),
  }
}

/** A flag's value; an empty one counts as not given. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * A flag's value, checked.
 *
 * @returns `undefined` if it was not given
 * @throws UsageError
 */
export function parsed<T>(
  flags: Flags,
  name: string,
  parse: (value: string) => T | undefined,
): T | undefined {
  const value = textOf(flags, name)
  return value === undefined ? undefined : checked(`--${name}`, value, parse)
}

function checked<T>(name: string, value: string, parse: (value: string) => T | undefined): T {
  const result = parse(value)
  if (result === undefined) throw new UsageError(`${name} is not valid`)
  return result
}

/**
 * Works out which secret is meant, from the flags and the git remote.
 *
 * @param presetName the secret's name without `--secret-name`
 * @param fromRemote whether to ask the person, if there is one, to confirm a repository taken from the git remote
 * @throws UsageError
 */
export async function readTarget(
  terminal: Terminal,
  flags: Flags,
  presetName = 'BOX_REFRESH_TOKEN',
  fromRemote: 'confirm' | 'take' = 'take',
): Promise<SecretTarget> {
  const environment = parsed(flags, 'environment', parseEnvironmentName)
  const organization = parsed(flags, 'organization', parseOwner)
  if (environment !== undefined && organization !== undefined) {
    throw new UsageError('give --environment or --organization, not both')
  }
  const secretName = parsed(flags, 'secret-name', parseSecretName) ?? presetName
  const given =
    textOf(flags, 'repo') ?? (organization === undefined ? await repositoryOfRemote(terminal) : undefined)
  if (given === undefined && organization === undefined) {
    throw new UsageError('give --repo owner/name: this folder has no git remote "origin" on GitHub')
  }
  const repository = given === undefined ? { owner: '', repo: '' } : checked('--repo', given, parseRepository)
  if (fromRemote === 'confirm' && given !== undefined && textOf(flags, 'repo') === undefined) {
    const question = `Set up ${given} (the git remote "origin" of this folder)?`
    if (terminal.prompts && !(await terminal.prompts.confirm(question, true))) {
      throw new UsageError('give the right repository with --repo owner/name. Nothing was written.')
    }
  }
  return { ...repository, environment, organization, secretName }
}

/** `owner/name` from the git remote "origin", in any form of address that git accepts. */
async function repositoryOfRemote(terminal: Terminal): Promise<string | undefined> {
  const url = (await terminal.run('git', ['remote', 'get-url', 'origin']))?.trim()
  return url === undefined ? undefined : /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1]
}

/** GitHub's API, from the flag or the environment; `undefined` if neither names it. */
export function readGitHubApiUrl({ variables }: Terminal, flags: Flags): string | undefined {
  const value = textOf(flags, 'github-api-url') ?? (variables['GITHUB_API_URL'] || undefined)
  return value === undefined ? undefined : checked('--github-api-url', value, parseApiUrl)
}

/** GitHub's API by default. */
export const githubDotCom = 'https://api.github.com'

/** Box's API. */
export function readBoxApiUrl(flags: Flags): string {
  return parsed(flags, 'box-api-url', parseApiUrl) ?? 'https://api.box.com'
}

/** With a capital first letter, to begin a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
