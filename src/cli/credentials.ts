/**
 * Credentials come from the environment or from a hidden prompt, never from an argument, which every process on the
 * machine could read. Each is given to the redactor before anything else is done with it.
 */
import type { BoxApp } from '../box/token-endpoint.ts'
import { UsageError, type Terminal } from './command-line.ts'
import type { Check } from './prompts.ts'

/** A credential, described for the person who is asked for it. */
export interface Asked {
  /** Name of the environment variable. */
  readonly name: string
  /** The question. */
  readonly question: string
  /** Whether it may be shown: a client id is part of the sign-in address anyway. */
  readonly public?: boolean
}

/** The app's client id. */
export const clientIdAsked: Asked = {
  name: 'BOX_CLIENT_ID',
  question: 'Client id of your Box app (Developer Console, Configuration)',
  public: true,
}

/** The app's client secret. */
export const clientSecretAsked: Asked = {
  name: 'BOX_CLIENT_SECRET',
  question: 'Client secret of your Box app (Developer Console, Configuration)',
}

const oddCharacters = 'contains spaces, line breaks or other unexpected characters'

/** A credential from the environment; `undefined` if it is not there. */
export function givenCredential(terminal: Terminal, { name, ...asked }: Asked): string | undefined {
  const value = terminal.variables[name]?.trim() ?? ''
  if (value === '') return undefined
  if (!asked.public) terminal.redactor.add(value)
  if (!isCredential(value)) throw new UsageError(`${name} ${oddCharacters}`)
  return value
}

/**
 * A credential, from the environment or the person.
 *
 * @throws UsageError that names it if nobody can be asked
 */
async function readCredential(terminal: Terminal, asked: Asked): Promise<string> {
  const given = givenCredential(terminal, asked)
  if (given !== undefined) return given
  return askCredential(terminal, asked)
}

/**
 * Asks the person for a credential.
 *
 * @param mayBeEmpty whether the person may leave it out
 * @throws UsageError if nobody can be asked
 */
export async function askCredential(terminal: Terminal, asked: Asked, mayBeEmpty = false): Promise<string> {
  const { prompts } = terminal
  if (!prompts) throw new UsageError(`set ${asked.name} in the environment`)
  const check: Check = (answer) => {
    if (answer === '') return mayBeEmpty ? undefined : 'Please enter a value.'
    return isCredential(answer) ? undefined : `This ${oddCharacters}.`
  }
  const value = await (asked.public
    ? prompts.text(asked.question, check)
    : prompts.secret(asked.question, check))
  if (!asked.public) terminal.redactor.add(value)
  return value
}

/**
 * The app's credentials.
 *
 * @throws UsageError that names all that are missing if nobody can be asked
 */
export async function readBoxApp(terminal: Terminal): Promise<BoxApp> {
  const both = [clientIdAsked, clientSecretAsked]
  const missing = both.filter((asked) => givenCredential(terminal, asked) === undefined)
  if (missing.length > 0 && !terminal.prompts) {
    throw new UsageError(`set ${missing.map(({ name }) => name).join(' and ')} in the environment`)
  }
  const clientId = await readCredential(terminal, clientIdAsked)
  return { clientId, clientSecret: await readCredential(terminal, clientSecretAsked) }
}

/** A token for the GitHub server at an address: from the environment, GitHub's own command line, or the person. */
export async function readGitHubToken(terminal: Terminal, apiUrl: string): Promise<string> {
  const asked: Asked = {
    name: 'GITHUB_TOKEN',
    question: 'A GitHub token that can write the secrets (used only now, not stored)',
  }
  const given = givenCredential(terminal, asked)
  if (given !== undefined) return given
  // A token for one host must not be sent to another.
  const host = new URL(apiUrl).hostname.replace(/^api\./, '')
  const token = (await terminal.run('gh', ['auth', 'token', '--hostname', host]))?.trim()
  if (token) {
    terminal.redactor.add(token)
    return token
  }
  if (!terminal.prompts) {
    throw new UsageError('set GITHUB_TOKEN in the environment, or sign in with `gh auth login`')
  }
  return readCredential(terminal, asked)
}

/** The optional further secret in the key of everything that is sealed; `undefined` if there is none. */
export function readStateKey(terminal: Terminal): string | undefined {
  const value = terminal.variables['BOX_STATE_KEY']?.trim() || undefined
  if (value !== undefined) terminal.redactor.add(value)
  return value
}

function isCredential(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value)
}
