/** `box-token`: what the commands share. */
import { parseArgs } from 'node:util'
import { parseApiUrl, parseEnvironmentName, parseOwner, parseRepository, parseSecretName } from '../names.ts'
import type { SecretTarget } from '../target.ts'

/** Everything a command needs from outside. */
export interface Terminal {
  /** What follows the name of the program. */
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly readStandardInput: () => Promise<string>
  /** The result of a command. */
  readonly print: (text: string) => void
  /** What happens meanwhile, and errors. */
  readonly tell: (line: string) => void
  /** Standard output of a program, or `undefined` where it is not there or fails. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | undefined>
}

/** A command that cannot be carried out as it was given: one line, exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The flags that all commands have. */
export const sharedFlags = {
  repo: { type: 'string' },
  environment: { type: 'string' },
  organization: { type: 'string' },
  'secret-name': { type: 'string' },
  'github-api-url': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** The flags that all commands have, for `--help`. */
export const sharedHelp = `  --repo owner/name       repository of the secret (default: the one of the git remote "origin")
  --environment NAME      the secret of an environment instead of the repository's
  --organization NAME     the secret of an organization instead
  --secret-name NAME      name of the secret (default: BOX_REFRESH_TOKEN)
  --github-api-url URL    GitHub's API (default: GITHUB_API_URL, or the one that the text is for)
  --json                  print the result, and nothing else, as JSON on standard output
  -h, --help              print this`

type Flags = Readonly<Record<string, string | boolean | undefined>>

/**
 * Reads a command's flags.
 *
 * @throws UsageError
 */
export function readFlags(
  args: readonly string[],
  options: Readonly<Record<string, { type: 'string' | 'boolean'; short?: string }>>,
): Flags {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the arguments are not understood')
  }
}

/** A flag's text; empty counts as not given. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function checked<T>(name: string, value: string, parse: (value: string) => T | undefined): T {
  const parsed = parse(value)
  if (parsed === undefined) throw new UsageError(`${name} is not valid`)
  return parsed
}

/**
 * Works out which secret is meant, from the flags and the git remote.
 *
 * @throws UsageError
 */
export async function readTarget(terminal: Terminal, flags: Flags): Promise<SecretTarget> {
  const optional = <T>(name: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = textOf(flags, name)
    return value === undefined ? undefined : checked(`--${name}`, value, parse)
  }
  const environment = optional('environment', parseEnvironmentName)
  const organization = optional('organization', parseOwner)
  if (environment !== undefined && organization !== undefined) {
    throw new UsageError('--environment and --organization exclude each other')
  }
  const secretName = optional('secret-name', parseSecretName) ?? 'BOX_REFRESH_TOKEN'
  const given =
    textOf(flags, 'repo') ?? (organization === undefined ? await repositoryOfRemote(terminal) : undefined)
  if (given === undefined && organization === undefined) {
    throw new UsageError('give --repo owner/name: there is no git remote "origin" on GitHub here')
  }
  const repository = given === undefined ? { owner: '', repo: '' } : checked('--repo', given, parseRepository)
  return { ...repository, environment, organization, secretName }
}

/** `owner/name` of the git remote "origin", in any of the forms that git knows. */
async function repositoryOfRemote(terminal: Terminal): Promise<string | undefined> {
  const url = (await terminal.run('git', ['remote', 'get-url', 'origin']))?.trim()
  return url === undefined ? undefined : /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1]
}

/** GitHub's API, from the flag or the environment; `undefined` where neither says. */
export function readGitHubApiUrl({ variables }: Terminal, flags: Flags): string | undefined {
  const value = textOf(flags, 'github-api-url') ?? (variables['GITHUB_API_URL'] || undefined)
  return value === undefined ? undefined : checked('--github-api-url', value, parseApiUrl)
}

/**
 * Reads a credential from the environment; never from an argument, where every process could see it.
 *
 * @throws UsageError that names it
 */
export function readCredential({ variables }: Terminal, name: string): string {
  const value = variables[name]?.trim() ?? ''
  if (value === '') throw new UsageError(`set ${name} in the environment`)
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new UsageError(`${name} has spaces, line breaks or other odd characters in it`)
  return value
}

/** A token for the GitHub at an address, from the environment or from GitHub's own command line. */
export async function readGitHubToken(terminal: Terminal, apiUrl: string): Promise<string> {
  if (terminal.variables['GITHUB_TOKEN']?.trim()) return readCredential(terminal, 'GITHUB_TOKEN')
  // A token of one host must not be sent to another.
  const host = new URL(apiUrl).hostname.replace(/^api\./, '')
  const token = (await terminal.run('gh', ['auth', 'token', '--hostname', host]))?.trim()
  if (!token) throw new UsageError('set GITHUB_TOKEN in the environment, or log in with `gh auth login`')
  return token
}
