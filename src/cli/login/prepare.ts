/** Rule 1: what GitHub has to show before a browser opens, namely that everything can be stored where it belongs. */
import type { BoxApp } from '../../box/token-endpoint.ts'
import { Failure } from '../../failure.ts'
import type { GitHubClient } from '../../github/client.ts'
import { createEnvironment, lookAtEnvironment, repositoryId } from '../../github/environments.ts'
import { remedyFor } from '../../github/remedy.ts'
import { Secret } from '../../github/secret-store.ts'
import type { Sharing } from '../../sharing/shared-variables.ts'
import { Patience, stalenessMs } from '../../rotation/patience.ts'
import { VariableStore } from '../../github/variable-store.ts'
import { secretOf, variablesOf } from '../../github/target.ts'
import { capital, UsageError, type Terminal, type World } from '../command-line.ts'
import { givenCredential, readStateKey } from '../credentials.ts'
import { appClientIdName, appKeyName } from '../github-app.ts'
import {
  askerAtTerminal,
  askGitHub,
  proveSecrets,
  refusedBy,
  type ProvenPlace,
  type ProvenSecret,
  type SecretWork,
} from '../secrets.ts'
import { proveSharing, sharingFor } from '../sharing.ts'
import { proveVariable } from '../variables.ts'
import { takeWriteToken, writeTokenAsked, writeTokenName } from '../write-token.ts'
import type { AppWriter } from './app.ts'
import type { Plan, Visibility } from './plan.ts'

/** Everything to store, proven to be writable. */
export interface Prepared {
  readonly place: ProvenPlace
  readonly refreshToken: ProvenSecret
  readonly clientId: ProvenSecret
  readonly clientSecret: ProvenSecret
  /** What the workflow will write with. */
  readonly writer: TokenWriter | AppWriter
  /** The state through which jobs share one token. */
  readonly sharing: Sharing | undefined
}

/** A token that somebody created, and where it goes. */
export interface TokenWriter {
  readonly kind: 'token'
  readonly secret: ProvenSecret
  /** The token to store; `undefined`: none was given. */
  readonly newToken: string | undefined
}

/** Work on GitHub, and the client to do it with. */
export type GitHubWork = SecretWork & { readonly client: GitHubClient }

/**
 * Proves everything, and creates the environment if it is missing and wanted.
 *
 * @throws Failure or UsageError; no secret has been written then
 */
export async function prepare(
  terminal: Terminal,
  world: World,
  plan: Plan,
  app: BoxApp,
  work: GitHubWork,
): Promise<Prepared> {
  const { target, names, stateVariable } = plan
  const secrets = { clientSecret: app.clientSecret, stateKey: readStateKey(terminal) }
  const sharingWith = (client: GitHubClient): Sharing | undefined =>
    stateVariable === undefined
      ? undefined
      : sharingFor(terminal, work, client, { target, stateVariable, clientId: app.clientId, secrets })
  const proveToShare = async (client: GitHubClient, tokenName: string): Promise<void> => {
    const sharing = sharingWith(client)
    if (sharing) await proveSharing(sharing, tokenName, work.soFar)
  }
  const secret = secretOf(work.client, target)
  const beside = (name: string): Secret => new Secret(work.client, secret.place, name)
  await haveEnvironment(terminal, plan, work, secret)
  const mayBeApp = plan.gitHubApp !== undefined || givenCredential(terminal, writeTokenAsked) === undefined
  const place = await proveSecrets(work, [
    secret,
    beside(names.clientId),
    beside(names.clientSecret),
    ...(plan.gitHubApp === undefined ? [beside(names.writeToken)] : []),
    ...(mayBeApp ? [beside(appKeyName)] : []),
  ])
  const visible = await withVisibility(terminal, plan, work, place.secrets)
  const [refreshToken, clientId, clientSecret] = visible
  if (!refreshToken || !clientId || !clientSecret) throw new Error('three secrets were proven')
  await proveToShare(work.client, work.tokenName)
  const writer = await chooseWriter(terminal, plan, visible)
  const proven =
    writer.kind === 'app'
      ? await proveApp(terminal, plan, work, writer.key)
      : {
          ...writer,
          newToken: await takeWriteToken(
            terminal,
            world,
            work,
            plan,
            writer.secret.metadata !== undefined,
            proveToShare,
          ),
        }
  return { place, refreshToken, clientId, clientSecret, writer: proven, sharing: sharingWith(work.client) }
}

/** What the workflow will write with: what the flag says, or else what is set up already, or else what the person says. */
async function chooseWriter(
  { prompts, tell }: Terminal,
  { gitHubApp }: Plan,
  proven: readonly ProvenSecret[],
): Promise<
  | { readonly kind: 'app'; readonly key: ProvenSecret }
  | { readonly kind: 'token'; readonly secret: ProvenSecret }
> {
  const named = (name: string): ProvenSecret | undefined => proven.find(({ secret }) => secret.name === name)
  const key = named(appKeyName)
  const secret = named(writeTokenName)
  if (secret && (!key || secret.metadata)) {
    if (key)
      tell(
        `The workflow writes with ${writeTokenName}, which expires. To use a GitHub App instead, run \`box-token login --github-app\`.`,
      )
    return { kind: 'token', secret }
  }
  if (key && (!secret || key.metadata)) return { kind: 'app', key }
  if (!secret || !key) throw new Error('one of both was proven')
  // Without a person to ask, nothing is created that nobody asked for.
  if (gitHubApp !== undefined || !prompts) return { kind: 'token', secret }
  const chosen = await prompts.choose<'app' | 'token'>('What should the workflow write the secret with?', [
    { value: 'app', label: 'a GitHub App of your own, created now: nothing to renew (recommended)' },
    { value: 'token', label: 'a personal access token that you create: it expires' },
  ])
  return chosen === 'app' ? { kind: 'app', key } : { kind: 'token', secret }
}

/** The client id goes into a variable of the same place, visible to the same repositories. */
async function proveApp(
  { tell }: Terminal,
  { target, gitHubApp }: Plan,
  work: GitHubWork,
  key: ProvenSecret,
): Promise<AppWriter> {
  const { place } = variablesOf(work.client, target)
  const settings = target.organization === undefined ? {} : key.settings
  const variables = new VariableStore(work.client, { ...place, settings })
  const clientId = await proveVariable(work, variables, appClientIdName, key.secret, tell)
  const isThere = key.metadata !== undefined && clientId.value !== undefined
  const how = gitHubApp === 'existing' ? 'existing' : isThere && gitHubApp !== 'new' ? 'kept' : 'new'
  return { kind: 'app', how, key, clientId }
}

/** Offers to create the environment if it does not exist. */
async function haveEnvironment(
  terminal: Terminal,
  plan: Plan,
  work: GitHubWork,
  secret: Secret,
): Promise<void> {
  const { owner, repo, environment } = plan.target
  if (environment === undefined) return
  const { client } = work
  const name = { owner, repo, environment }
  const patience = new Patience(work.environment, work.retryFor)
  const isMissing = async (): Promise<boolean> => {
    const look = await askGitHub(work, secret, (budget) => lookAtEnvironment(client, name, budget))
    // If the token may not look, the proof that follows decides.
    return look !== 'there' && look.refused === 404
  }
  if (!(await isMissing())) return
  const repository = await askGitHub(work, secret, (budget) => repositoryId(client, name, budget))
  if ('refused' in repository) throw refusedBy(work, secret, 'look at', repository)
  const where = `the environment "${environment}" does not exist in ${owner}/${repo}`
  if (!plan.createEnvironment) {
    if (!terminal.prompts) {
      throw new UsageError(`${where}: create it in the repository's settings, or give --create-environment`)
    }
    if (!(await terminal.prompts.confirm(`${capital(where)}. Create it, without protection rules?`, true))) {
      throw new UsageError(`${where}. Nothing was written.`)
    }
  }
  // Rule 8: the read may be old, and creating an environment that exists would remove its protection rules.
  terminal.tell(
    `Checking that the environment really does not exist (GitHub's answers can be ${stalenessMs / 1000} seconds old) …`,
  )
  while (await patience.pause()) if (!(await isMissing())) return
  const made = await askGitHub(work, secret, (budget) => createEnvironment(client, name, budget))
  if (made !== 'created') {
    const words = work.narrator.foreign(made.message)
    const administration = 'the repository permission "Administration: Read and write"'
    const remedy =
      made.refused === 422 ? undefined : remedyFor(made, askerAtTerminal(work.tokenName, administration))
    throw new Failure('cannot-write-secret', {
      what: `GitHub answered ${made.refused} when ${work.tokenName} tried to create the environment "${environment}" in ${owner}/${repo}${words === '' ? '' : ` ("${words}")`}.`,
      spent: work.soFar(),
      next:
        remedy?.next ??
        (made.refused === 422
          ? 'In a private repository, environments need a paid GitHub plan: run this again without --environment.'
          : `Create it in the repository's settings, or give ${work.tokenName} ${administration}.`),
    })
  }
  terminal.interruption.aftermath = `The environment "${environment}" was created; nothing else was written.`
  terminal.tell(`Created the environment "${environment}" in ${owner}/${repo}, without protection rules.`)
}

/** New organization secrets get the visibility of the refresh token's secret, or the one that the person chooses. */
async function withVisibility(
  terminal: Terminal,
  plan: Plan,
  work: GitHubWork,
  secrets: readonly ProvenSecret[],
): Promise<readonly ProvenSecret[]> {
  const { organization } = plan.target
  const [first] = secrets
  if (organization === undefined || !first || secrets.every(({ metadata }) => metadata)) return secrets
  const settings = first.metadata ? first.settings : await newVisibility(terminal, plan, work, first.secret)
  return secrets.map((proven) => (proven.metadata ? proven : { ...proven, settings }))
}

async function newVisibility(
  terminal: Terminal,
  plan: Plan,
  work: GitHubWork,
  secret: Secret,
): Promise<Readonly<Record<string, unknown>>> {
  const { owner, repo } = plan.target
  const chosen = plan.visibility ?? (await askVisibility(terminal, plan))
  if (chosen !== 'selected') return { visibility: chosen }
  if (repo === '') throw new UsageError('--visibility selected needs --repo owner/name')
  const answer = await askGitHub(work, secret, (budget) => repositoryId(work.client, { owner, repo }, budget))
  if ('refused' in answer) {
    const remedy = remedyFor(answer, askerAtTerminal(work.tokenName, 'access to that repository'))
    throw new UsageError(
      `GitHub answered ${answer.refused} when ${work.tokenName} tried to look at the repository ${owner}/${repo}: ${remedy ? `${remedy.reason}. ${remedy.next}` : 'check --repo.'} ${work.soFar()}`,
    )
  }
  return { visibility: 'selected', selected_repository_ids: [answer.id] }
}

async function askVisibility({ prompts }: Terminal, { target }: Plan): Promise<Visibility> {
  const { owner, repo, organization = '' } = target
  if (!prompts)
    throw new UsageError('give --visibility (all, private or selected) for the new organization secrets')
  return prompts.choose<Visibility>(`Which repositories of ${organization} may use the new secrets?`, [
    ...(repo === '' ? [] : [{ value: 'selected' as const, label: `${owner}/${repo} only` }]),
    { value: 'private', label: 'all private repositories' },
    { value: 'all', label: 'all repositories, including public ones' },
  ])
}
