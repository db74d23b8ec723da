/** The flags of `box-token login`, checked. */
import { parseApiUrl, parseSecretName, parseWholeNumber } from '../../names.ts'
import type { SecretTarget } from '../../github/target.ts'
import {
  githubDotCom,
  parsed,
  readBoxApiUrl,
  readGitHubApiUrl,
  readTarget,
  UsageError,
  type Flags,
  type Terminal,
} from '../command-line.ts'
import { readStateVariable } from '../sharing.ts'
import { appKeyName } from '../github-app.ts'
import { writeTokenName } from '../write-token.ts'

/** What the flags ask for. */
export interface Plan {
  readonly target: SecretTarget
  readonly names: { readonly clientId: string; readonly clientSecret: string; readonly writeToken: string }
  readonly apiUrl: string
  readonly boxApiUrl: string
  readonly accountUrl: string
  readonly port: number
  readonly browser: boolean
  readonly createEnvironment: boolean
  readonly visibility: Visibility | undefined
  /** The variable through which jobs share one token. */
  readonly stateVariable: string | undefined
  /**
   * The GitHub App for the workflow to write with: `any` is the one that is set up already, or else a new one.
   * `undefined`: the flag was not given.
   */
  readonly gitHubApp: 'any' | 'new' | 'existing' | undefined
}

const visibilities = ['all', 'private', 'selected'] as const
/** Which repositories may use a new organization secret, in the words of GitHub's API. */
export type Visibility = (typeof visibilities)[number]

/**
 * Reads the flags; asks to confirm a repository that comes from the git remote.
 *
 * @throws UsageError
 */
export async function readPlan(terminal: Terminal, flags: Flags): Promise<Plan> {
  const prefix = parsed(flags, 'prefix', (text) => parseSecretName(text.replace(/_$/, ''))) ?? 'BOX'
  const target = await readTarget(terminal, flags, `${prefix}_REFRESH_TOKEN`, 'confirm')
  const names = {
    clientId: `${prefix}_CLIENT_ID`,
    clientSecret: `${prefix}_CLIENT_SECRET`,
    writeToken: writeTokenName,
  }
  const all = [target.secretName, ...Object.values(names), appKeyName].map((name) => name.toUpperCase())
  if (new Set(all).size < all.length) {
    throw new UsageError(`--secret-name or --prefix gives two secrets the same name: ${all.join(', ')}`)
  }
  return {
    target,
    names,
    apiUrl: readGitHubApiUrl(terminal, flags) ?? githubDotCom,
    boxApiUrl: readBoxApiUrl(flags),
    accountUrl: parsed(flags, 'box-account-url', parseApiUrl) ?? 'https://account.box.com',
    port: parsed(flags, 'port', (text) => parseWholeNumber(text, 1, 65_535)) ?? 3000,
    browser: flags['browser'] !== false,
    createEnvironment: flags['create-environment'] === true,
    visibility: parsed(flags, 'visibility', (text) => visibilities.find((one) => one === text)),
    stateVariable: readStateVariable(flags),
    gitHubApp: readGitHubApp(flags),
  }
}

function readGitHubApp(flags: Flags): Plan['gitHubApp'] {
  const given = flags['github-app']
  if (given === undefined || given === false) return undefined
  if (given === true || given === '') return 'any'
  if (given === 'new' || given === 'existing') return given
  throw new UsageError(
    '--github-app takes no value, "new" or "existing"; the client id and the key come from the environment',
  )
}
