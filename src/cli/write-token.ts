/** The token that the workflow will write with: takes it and tests it, or explains how to create one. */
import { isoSeconds } from '../clock.ts'
import { GitHubClient } from '../github/client.ts'
import { secretOf, type SecretTarget } from '../github/target.ts'
import { capital, githubDotCom, UsageError, type Terminal, type World } from './command-line.ts'
import { askCredential, givenCredential, type Asked } from './credentials.ts'
import { proveSecrets, type SecretWork } from './secrets.ts'

/** Name of the environment variable, and of the secret, for what the workflow writes with. */
export const writeTokenName = 'BOX_SECRETS_TOKEN'

/** The write token. */
export const writeTokenAsked: Asked = {
  name: writeTokenName,
  question: 'The token that the workflow will write with (leave empty to skip this for now)',
}

/** What the write token is needed for. */
interface Needs {
  readonly target: SecretTarget
  readonly apiUrl: string
  /** The variable through which jobs share one token. */
  readonly stateVariable: string | undefined
}

/** How to create a write token, with the exact permissions and no others. */
export function howToMake({ target, apiUrl, stateVariable }: Needs): readonly string[] {
  const { owner, repo, environment, organization } = target
  const whose = organization ?? owner
  const shares = stateVariable !== undefined
  const permissions =
    organization === undefined
      ? environment === undefined
        ? `repository permissions "Secrets: Read and write"${shares ? ', "Variables: Read and write"' : ''} and "Actions: Read"`
        : 'repository permissions "Environments: Read and write" and "Actions: Read"'
      : `organization permission${shares ? 's "Secrets: Read and write" and "Variables: Read and write"' : ' "Secrets: Read and write"'}, repository permission "Actions: Read"`
  const reach = repo === '' ? 'the repositories whose workflows use it' : `only ${owner}/${repo}`
  return [
    `The workflow needs its own token to write the secret with, stored as ${writeTokenName}. Create a fine-grained personal access token:`,
    `  ${newTokenUrl({ target, apiUrl, stateVariable })}`,
    `  Resource owner: ${whose}. Repository access: ${reach}. ${capital(permissions)}; no others.`,
  ]
}

/** GitHub's page for a new token, filled in as far as possible (GitHub Docs, "Pre-filling … using URL parameters"). */
function newTokenUrl({ target, apiUrl, stateVariable }: Needs): string {
  const { owner, repo, environment, organization } = target
  if (apiUrl !== githubDotCom)
    return 'on your GitHub server: Settings, Developer settings, Fine-grained tokens'
  const url = new URL('https://github.com/settings/personal-access-tokens/new')
  url.search = new URLSearchParams({
    name: `Box token${repo === '' ? '' : ` of ${repo}`}`.slice(0, 40),
    target_name: organization ?? owner,
    [organization === undefined
      ? environment === undefined
        ? 'secrets'
        : 'environments'
      : 'organization_secrets']: 'write',
    ...(stateVariable === undefined || environment !== undefined
      ? {}
      : { [organization === undefined ? 'variables' : 'organization_variables']: 'write' }),
    actions: 'read',
  }).toString()
  return url.href
}

/**
 * Takes the write token from the environment or the person, and proves by using it that it may write (rule 1).
 *
 * @param isThere whether the secret exists already: then nobody is asked for another token
 * @param proveMore proves what else the token has to be able to do
 * @returns `undefined` if there is none
 * @throws Failure or UsageError if it may not write
 */
export async function takeWriteToken(
  terminal: Terminal,
  { network }: World,
  work: SecretWork,
  needs: Needs,
  isThere: boolean,
  proveMore: (client: GitHubClient, tokenName: string) => Promise<void>,
): Promise<string | undefined> {
  const given = givenCredential(terminal, writeTokenAsked)
  if (given === undefined && (isThere || !terminal.prompts)) return undefined
  if (given === undefined) howToMake(needs).forEach(terminal.tell)
  const token = given ?? (await askCredential(terminal, writeTokenAsked, true))
  if (token === '') return undefined
  if (/^gh[su]_/.test(token)) {
    throw new UsageError(
      `${writeTokenName} is a GitHub App token, which expires within hours: create a fine-grained personal access token, or let the workflow create an App token in each run`,
    )
  }
  const client = new GitHubClient({ network, apiUrl: needs.apiUrl, token })
  const own = { ...work, tokenName: writeTokenName }
  const { secrets } = await proveSecrets(own, [secretOf(client, needs.target)])
  await proveMore(client, writeTokenName)
  const expiresAt = secrets[0]?.metadata?.tokenExpiresAt
  if (expiresAt !== undefined) {
    terminal.tell(
      `${writeTokenName} expires on ${isoSeconds(expiresAt)}: run this again with a new one before then.`,
    )
  }
  return token
}
