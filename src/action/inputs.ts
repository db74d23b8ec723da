/** The inputs of action.yml as a typed record. Everything is checked here, before anything is sent. */
import type { Narrowing } from '../box/token-endpoint.ts'
import { Failure, nothingSpent } from '../failure.ts'
import {
  parseApiUrl,
  parseBoolean,
  parseEnvironmentName,
  parseOwner,
  parseRepository,
  parseResource,
  parseScope,
  parseSecretName,
  parseSharedLink,
  parseStateVariable,
  parseWholeNumber,
  type Repository,
} from '../names.ts'
import { parseVariableName } from './exported-variable.ts'

/** What the workflow author gave, checked. */
export interface Inputs {
  readonly clientId: string
  readonly clientSecret: string
  /** `''` only with `auto-refresh: false`. */
  readonly refreshToken: string
  readonly githubToken: string
  readonly repository: Repository
  /** The environment whose secret is written; `undefined`: the repository's or the organization's. */
  readonly environment: string | undefined
  /** The organization whose secret is written. */
  readonly organization: string | undefined
  readonly secretName: string
  /** Name of the secret that gets the access token. */
  readonly accessTokenSecretName: string | undefined
  readonly alsoWriteTo: 'dependabot' | undefined
  /** What to narrow the handed-out token to. */
  readonly narrowing: Narrowing | undefined
  /** The environment variable in which later steps find the access token. */
  readonly exportVariable: string | undefined
  /** The variable that jobs share the pair through. */
  readonly stateVariable: string | undefined
  /** Minutes, 0 to 1440. */
  readonly minimumValidity: number
  readonly autoRefresh: boolean
  /** A further secret for everything that is sealed. */
  readonly stateKey: string | undefined
  readonly verify: boolean
  /** Seconds, 1 to 3600. */
  readonly retryFor: number
  readonly summary: boolean
  /** Without a final slash. */
  readonly boxApiUrl: string
  /** Without a final slash. */
  readonly githubApiUrl: string
}

/** Why a run might get no secrets. */
export type Trigger = 'fork' | 'dependabot' | undefined

/** The inputs that nobody may see. They are masked before anything else happens. */
export const secretInputs = ['client-secret', 'refresh-token', 'github-token', 'state-key'] as const

/** The inputs without which the action can do nothing. */
const credentialInputs = ['client-id', 'client-secret', 'refresh-token', 'github-token'] as const

/** Defaults of empty inputs, the same as in action.yml. */
export const inputDefaults = {
  repository: '${{ github.repository }}',
  'secret-name': 'BOX_REFRESH_TOKEN',
  'minimum-validity': '5',
  'auto-refresh': 'true',
  verify: 'false',
  'retry-for': '120',
  summary: 'true',
  'box-api-url': 'https://api.box.com',
  'github-api-url': '${{ github.api_url }}',
} as const

const acceptedSecretName = 'letters, digits and underscores, not starting with a digit or with GITHUB_'

/** An invalid input. Its value is not repeated: it might be a secret in the wrong place. */
interface Problem {
  readonly input: string
  readonly accepted: string
}

/**
 * Reads and checks every input.
 *
 * @param read gives the text of an input, trimmed; `''` when it is not given
 * @param environment the runner's variables, for defaults that are expressions in action.yml
 * @param trigger what started the run, if that is why it gets no secrets
 * @throws Failure `bad-input` with all problems at once, or `missing-secret`
 */
export function loadInputs(
  read: (name: string) => string,
  environment: Readonly<Record<string, string | undefined>>,
  trigger?: Trigger,
): Inputs {
  const problems: Problem[] = []
  const text = (name: string): string | undefined => read(name) || undefined

  /** Parses an input or its default; `undefined` from `parse` is a problem. */
  const checked = <T>(
    name: string,
    value: string,
    accepted: string,
    parse: (value: string) => T | undefined,
  ): T => {
    const parsed = parse(value)
    if (parsed === undefined) problems.push({ input: name, accepted })
    // If there is a problem, the record with this value is never returned.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return parsed as T
  }
  const boolean = (name: 'verify' | 'summary' | 'auto-refresh'): boolean =>
    checked(name, text(name) ?? inputDefaults[name], '`true` or `false`', parseBoolean)
  const url = (name: string, value: string): string =>
    checked(
      name,
      value,
      'an https:// address (http:// on loopback only) without user name, query or fragment',
      parseApiUrl,
    )

  const optional = <T>(
    name: string,
    accepted: string,
    parse: (value: string) => T | undefined,
  ): T | undefined => {
    const value = text(name)
    return value === undefined ? undefined : checked(name, value, accepted, parse)
  }
  const apart = (...names: readonly [string, string]): void => {
    const [one, other] = names
    if (text(one) !== undefined && text(other) !== undefined) {
      problems.push({ input: one, accepted: `empty if "${other}" is given, and vice versa` })
    }
  }

  const narrowing = (): Narrowing | undefined => {
    const scope = optional('scope', 'one or more Box scopes, separated by spaces', parseScope)
    const resource = optional(
      'resource',
      'the address of one file or folder, such as https://api.box.com/2.0/folders/123',
      parseResource,
    )
    const sharedLink = optional('shared-link', 'the https:// address of a shared link', parseSharedLink)
    for (const name of ['resource', 'shared-link']) {
      if (text(name) !== undefined && text('scope') === undefined) {
        problems.push({ input: name, accepted: 'used together with "scope"' })
      }
    }
    return scope === undefined ? undefined : { scope, resource, sharedLink }
  }

  const inputs: Inputs = {
    clientId: read('client-id'),
    clientSecret: read('client-secret'),
    refreshToken: read('refresh-token'),
    githubToken: read('github-token'),
    repository: checked(
      'repository',
      text('repository') ?? environment['GITHUB_REPOSITORY'] ?? '',
      'owner/name of a repository',
      parseRepository,
    ),
    environment: optional(
      'environment',
      "an environment's name: at most 255 characters, no control characters",
      parseEnvironmentName,
    ),
    organization: optional('organization', 'the name of an organization', parseOwner),
    secretName: checked(
      'secret-name',
      text('secret-name') ?? inputDefaults['secret-name'],
      acceptedSecretName,
      parseSecretName,
    ),
    accessTokenSecretName: optional('access-token-secret-name', acceptedSecretName, parseSecretName),
    alsoWriteTo: optional('also-write-to', '`dependabot`', (value) =>
      value === 'dependabot' ? value : undefined,
    ),
    narrowing: narrowing(),
    exportVariable: optional(
      'export-variable',
      'letters, digits and underscores, not starting with a digit, and not a name that changes how later steps run (PATH, NODE_OPTIONS, LD_*, GITHUB_*, RUNNER_* and the like)',
      parseVariableName,
    ),
    stateVariable: optional(
      'state-variable',
      `${acceptedSecretName}, at most 200 characters`,
      parseStateVariable,
    ),
    minimumValidity: checked(
      'minimum-validity',
      text('minimum-validity') ?? inputDefaults['minimum-validity'],
      'a whole number of minutes from 0 to 1440',
      (value) => parseWholeNumber(value, 0, 1440),
    ),
    autoRefresh: boolean('auto-refresh'),
    stateKey: optional('state-key', '32 characters or more, without line breaks', (value) =>
      /^\P{Cc}{32,}$/u.test(value) ? value : undefined,
    ),
    verify: boolean('verify'),
    retryFor: checked(
      'retry-for',
      text('retry-for') ?? inputDefaults['retry-for'],
      'a whole number of seconds from 1 to 3600',
      (value) => parseWholeNumber(value, 1, 3600),
    ),
    summary: boolean('summary'),
    boxApiUrl: url('box-api-url', text('box-api-url') ?? inputDefaults['box-api-url']),
    githubApiUrl: url(
      'github-api-url',
      text('github-api-url') ?? environment['GITHUB_API_URL'] ?? 'https://api.github.com',
    ),
  }

  apart('environment', 'organization')
  apart('also-write-to', 'environment')
  apart('also-write-to', 'organization')
  apart('resource', 'shared-link')
  apart('access-token-secret-name', 'scope')
  const neverRefreshes = parseBoolean(text('auto-refresh') ?? inputDefaults['auto-refresh']) === false
  const required = credentialInputs.filter((name) => name !== 'refresh-token' || !neverRefreshes)
  if (neverRefreshes && text('state-variable') === undefined) {
    problems.push({ input: 'auto-refresh', accepted: '`true` unless "state-variable" is given' })
  }
  const mainName = text('secret-name') ?? inputDefaults['secret-name']
  if (text('access-token-secret-name')?.toUpperCase() === mainName.toUpperCase()) {
    problems.push({ input: 'access-token-secret-name', accepted: 'a different name from "secret-name"' })
  }

  // Credentials go into a form body and a header, where a line break would change what is sent.
  for (const name of credentialInputs) {
    const value = read(name)
    if (value !== '' && !/^[\x21-\x7e]+$/.test(value)) {
      problems.push({ input: name, accepted: 'visible ASCII characters without spaces or line breaks' })
    }
  }
  if (problems.length > 0) throw badInput(problems)
  const missing = required.filter((name) => read(name) === '')
  if (missing.length > 0) throw missingSecret(missing, trigger)
  return inputs
}

function badInput(problems: readonly Problem[]): Failure {
  const what = problems.map(({ input, accepted }) => `Input "${input}" must be ${accepted}.`)
  return new Failure('bad-input', {
    what: what.join(' '),
    spent: nothingSpent,
    next: 'Fix the `with:` block of this step.',
  })
}

function missingSecret(missing: readonly string[], trigger: Trigger): Failure {
  const names = missing.map((name) => `"${name}"`).join(', ')
  const empty = missing.length === 1 ? `Input ${names} is empty` : `Inputs ${names} are empty`
  const reasons = {
    fork: {
      why: ', because this run comes from a fork, and GitHub gives such runs no secrets',
      next: 'Skip this step for forks, for example with `if: github.event.pull_request.head.repo.full_name == github.repository`.',
    },
    dependabot: {
      why: ', because Dependabot started this run, which gets only Dependabot secrets',
      next: "Define the secrets for Dependabot, too (`also-write-to: dependabot` in all runs keeps that refresh token up to date), or skip this step with `if: github.actor != 'dependabot[bot]'`.",
    },
  }
  const reason = trigger && reasons[trigger]
  return new Failure('missing-secret', {
    what: `${empty}${reason?.why ?? ''}.`,
    spent: nothingSpent,
    next:
      reason?.next ??
      'Make sure that the secrets in the `with:` block exist where this job can read them: in the repository, the organization, or the environment that the job names.',
  })
}
