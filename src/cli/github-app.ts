/** The GitHub App that a workflow writes with: where its credentials are, and which permissions it needs. */
import { readPrivateKey, secretsOfKey, type AppCredentials } from '../github/apps.ts'
import type { SecretTarget } from '../github/target.ts'
import { UsageError, type Terminal } from './command-line.ts'

/** Name of the secret, and of the environment variable, for the App's private key. */
export const appKeyName = 'BOX_APP_PRIVATE_KEY'
/** Name of the Actions variable, and of the environment variable, for its client id. */
export const appClientIdName = 'BOX_APP_CLIENT_ID'

/** Permissions, by their names in GitHub's manifests and API. */
export type AppPermissions = Readonly<Record<string, 'read' | 'write'>>

/** The permissions that an App needs for one place, and no others. */
export function appPermissions(
  { environment, organization }: Pick<SecretTarget, 'environment' | 'organization'>,
  stateVariable: string | undefined,
): AppPermissions {
  const shares = stateVariable !== undefined
  // To see when a run was queued; GitHub adds "Metadata: Read" to every App that reaches a repository.
  const always = { actions: 'read', metadata: 'read' } as const
  if (organization !== undefined) {
    return {
      organization_secrets: 'write',
      ...(shares ? { organization_actions_variables: 'write' as const } : {}),
      ...always,
    }
  }
  // For an environment, this one permission covers both secrets and variables.
  if (environment !== undefined) return { environments: 'write', ...always }
  return { secrets: 'write', ...(shares ? { actions_variables: 'write' as const } : {}), ...always }
}

const titles: Readonly<Record<string, string>> = {
  secrets: 'repository permission "Secrets',
  actions_variables: 'repository permission "Variables',
  environments: 'repository permission "Environments',
  actions: 'repository permission "Actions',
  metadata: 'repository permission "Metadata',
  organization_secrets: 'organization permission "Secrets',
  organization_actions_variables: 'organization permission "Variables',
}

/** Permissions as GitHub's settings name them: `repository permission "Secrets: Read and write"`. */
export function permissionsInWords(permissions: AppPermissions): string {
  return Object.entries(permissions)
    .map(
      ([name, level]) =>
        `${titles[name] ?? `permission "${name}`}: ${level === 'write' ? 'Read and write' : 'Read-only'}"`,
    )
    .join(', ')
}

/** The same, short and one per line: `Organization secrets: Read and write`. */
export function permissionsOnLines(permissions: AppPermissions): string[] {
  return Object.entries(permissions).map(([name, level]) => {
    const [, kind = '', title = name] = /^(\w+) permission "(.*)$/.exec(titles[name] ?? '') ?? []
    const what = kind === 'organization' ? `Organization ${title.toLowerCase()}` : title
    return `${what}: ${level === 'write' ? 'Read and write' : 'Read-only'}`
  })
}

/** The permissions that are wanted but were not granted. */
export function missingPermissions(
  wanted: AppPermissions,
  granted: Readonly<Record<string, string>>,
): AppPermissions {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      // GitHub adds Metadata by itself.
      ([name, level]) => name !== 'metadata' && ![level, 'write', 'admin'].includes(granted[name] ?? ''),
    ),
  )
}

/**
 * An App's credentials from the environment. The key is given to the redactor before anything else is done with it.
 *
 * @returns what is there
 * @throws UsageError if the client id or the key cannot be one
 */
export function givenApp(terminal: Terminal): Partial<AppCredentials> {
  const clientId = terminal.variables[appClientIdName]?.trim() || undefined
  const key = terminal.variables[appKeyName]?.trim() || undefined
  if (clientId !== undefined && checkClientId(clientId) !== undefined) {
    throw new UsageError(`${appClientIdName} is not the client id of a GitHub App, such as Iv23li…`)
  }
  const privateKey = key === undefined ? undefined : takeKey(terminal, key)
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(privateKey === undefined ? {} : { privateKey }),
  }
}

/**
 * The credentials of an App that exists already, from the environment or the person.
 *
 * @throws UsageError
 */
export async function readAppCredentials(terminal: Terminal): Promise<AppCredentials> {
  const { prompts } = terminal
  const given = givenApp(terminal)
  const missing = [
    ...(given.clientId === undefined ? [appClientIdName] : []),
    ...(given.privateKey === undefined ? [appKeyName] : []),
  ]
  if (missing.length > 0 && !prompts) {
    throw new UsageError(`set ${missing.join(' and ')} in the environment`)
  }
  const clientId =
    given.clientId ??
    (await prompts?.text("Client id of the GitHub App (on the App's settings page)", checkClientId)) ??
    ''
  const privateKey =
    given.privateKey ??
    takeKey(
      terminal,
      (await prompts?.secretLines(
        'Private key of the GitHub App (paste the whole .pem file; it is not shown)',
        isWholeKey,
      )) ?? '',
    )
  return { clientId, privateKey }
}

function takeKey(terminal: Terminal, text: string): string {
  for (const secret of secretsOfKey(text)) terminal.redactor.add(secret)
  const key = readPrivateKey(text)
  if (key === undefined) {
    throw new UsageError(
      `${appKeyName} is not the private key of a GitHub App: give the whole text of the .pem file, from -----BEGIN to the end`,
    )
  }
  for (const secret of secretsOfKey(key)) terminal.redactor.add(secret)
  return key
}

function checkClientId(text: string): string | undefined {
  return /^[\w.-]+$/.test(text) ? undefined : 'This is not a client id.'
}

/** Whether the text so far is a whole key, or can no longer become one. */
function isWholeKey(text: string): boolean {
  return !text.trimStart().startsWith('-----BEGIN') || /-----END [^-]+-----/.test(text)
}
