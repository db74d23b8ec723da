/**
 * `box-token login`: a person logs in to Box, and the secrets that the workflow needs are stored. First set-up and
 * re-authorization are the same.
 *
 * Nothing half-done can hurt: that GitHub takes the secrets is proven before a browser opens; the refresh token, which
 * alone cannot be had again, is stored first, and what was stored before works until then; and from Box's answer to the
 * end of the store, Ctrl-C waits.
 */
import { newState, readAuthorizationResponse, type AuthorizationResponse } from '../box/authorization.ts'
import { TokenEndpoint, type BoxApp } from '../box/token-endpoint.ts'
import { currentUser, type BoxUser } from '../box/users.ts'
import { Failure } from '../failure.ts'
import { describeGitHub, subjectOf } from '../explain.ts'
import { GitHubClient, GitHubUnavailable } from '../github/client.ts'
import { createEnvironment, lookAtEnvironment, repositoryId } from '../github/environments.ts'
import { Secret } from '../github/secret-store.ts'
import { neverWritten, recoveryText } from '../journal.ts'
import { parseApiUrl, parseSecretName, parseWholeNumber } from '../names.ts'
import { RetryBudget } from '../net/retry.ts'
import { replaceState } from '../sharing/replace.ts'
import type { Sharing } from '../sharing/shared-variables.ts'
import { secretOf, type SecretTarget } from '../target.ts'
import { awaitLogIn } from './await-login.ts'
import type { CallbackPage } from './callback-page.ts'
import { CallbackServer, redirectUriOf, type Callback } from './callback-server.ts'
import {
  githubDotCom,
  narratorFor,
  parsed,
  readBoxApiUrl,
  readGitHubApiUrl,
  readTarget,
  UsageError,
  type Command,
  type Flags,
  type Terminal,
  type World,
} from './command-line.ts'
import { readBoxApp, readGitHubToken, readStateKey } from './credentials.ts'
import { redeemCode, type IssuedTokens } from './redeem.ts'
import {
  askGitHub,
  proveSecrets,
  refusedBy,
  writeSecret,
  type NotWritten,
  type ProvenPlace,
  type ProvenSecret,
  type SecretWork,
} from './secrets.ts'
import { proveSharing, readStateVariable, sharingFor } from './sharing.ts'
import { keepAliveWorkflow, workflowName, workflowPath } from './workflow.ts'
import { howToMake, takeWriteToken, writeTokenName } from './write-token.ts'

/** Seconds that each step on GitHub keeps trying. */
const retryFor = 60
/** Seconds that Box may take to say who logged in: it is nice to know, and no more. */
const userRetryFor = 10

/** `box-token login`. */
export const loginCommand: Command = {
  name: 'login',
  summary: 'logs in to Box in the browser and stores the secrets of the workflow',
  description: `Logs in to Box in the browser and stores what the workflow needs as secrets on GitHub: BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_REFRESH_TOKEN and BOX_SECRETS_TOKEN. Then prints the workflow. The first set-up and a later re-authorization are the same.

The app (Box Developer Console, "User Authentication (OAuth 2.0)") must have the redirect URI http://localhost:3000/callback.

Needs, in the environment or typed unseen when asked: BOX_CLIENT_ID and BOX_CLIENT_SECRET of the app; GITHUB_TOKEN (or gh) with the right to write the secrets; BOX_SECRETS_TOKEN, the token that the workflow will write with: without it, how to make one is told. Nothing is sent to Box before GitHub has shown that the secrets can be written.`,
  flags: [
    { form: '--prefix <name>', meaning: 'begins the names of the secrets, for a second app (default: BOX)' },
    {
      form: '--port <number>',
      meaning: 'port of the redirect URI http://localhost:<number>/callback (default: 3000)',
    },
    { form: '--no-browser', meaning: 'only print the address to log in at' },
    { form: '--create-environment', meaning: 'make the environment if it is not there, without asking' },
    {
      form: '--visibility <who>',
      meaning:
        'who may use new secrets of an organization: all, private, or selected (the repository of --repo)',
    },
    { form: '--box-account-url <url>', meaning: "Box's log-in pages (default: https://account.box.com)" },
  ],
  run: login,
}

/** What was given, checked. */
interface Plan {
  readonly target: SecretTarget
  readonly names: { readonly clientId: string; readonly clientSecret: string; readonly writeToken: string }
  readonly apiUrl: string
  readonly boxApiUrl: string
  readonly accountUrl: string
  readonly port: number
  readonly browser: boolean
  readonly createEnvironment: boolean
  readonly visibility: Visibility | undefined
  /** The variable that jobs share one token through. */
  readonly stateVariable: string | undefined
}

const visibilities = ['all', 'private', 'selected'] as const
type Visibility = (typeof visibilities)[number]

/** Everything that is stored, proven. */
interface Prepared {
  readonly place: ProvenPlace
  readonly refreshToken: ProvenSecret
  readonly clientId: ProvenSecret
  readonly clientSecret: ProvenSecret
  readonly writeToken: ProvenSecret
  /** The token to store; `undefined`: none was given. */
  readonly newWriteToken: string | undefined
  /** The state that jobs share one token through. */
  readonly sharing: Sharing | undefined
}

async function login(terminal: Terminal, world: World, flags: Flags): Promise<void> {
  const plan = await readPlan(terminal, flags)
  const state = newState()
  const read = (query: URLSearchParams): AuthorizationResponse => readAuthorizationResponse(query, state)
  const server = await CallbackServer.listen({ port: plan.port, read })
  try {
    const app = await readBoxApp(terminal)
    const token = await readGitHubToken(terminal, plan.apiUrl)
    const work = {
      environment: { clock: world.clock, random: world.random },
      narrator: narratorFor(terminal),
      retryFor,
      tokenName: 'GITHUB_TOKEN',
      soFar: () => terminal.interruption.aftermath,
    }
    const prepared = await prepare(terminal, world, plan, app, {
      ...work,
      client: clientWith(world, plan, token),
    })
    terminal.tell(`GitHub takes the secrets of ${prepared.refreshToken.secret.place.name}.`)
    const callback = await awaitLogIn(terminal, world, {
      request: {
        accountUrl: plan.accountUrl,
        clientId: app.clientId,
        redirectUri: redirectUriOf(plan.port),
        state,
      },
      server,
      browser: plan.browser,
    })
    await finish(terminal, world, { plan, app, work, prepared, json: flags['json'] === true }, callback)
  } finally {
    server.close()
  }
}

function clientWith({ network }: World, { apiUrl }: Plan, token: string): GitHubClient {
  return new GitHubClient({ network, apiUrl, token })
}

// What is given --------------------------------------------------------------------------------------------------

async function readPlan(terminal: Terminal, flags: Flags): Promise<Plan> {
  const prefix = parsed(flags, 'prefix', (text) => parseSecretName(text.replace(/_$/, ''))) ?? 'BOX'
  const target = await readTarget(terminal, flags, `${prefix}_REFRESH_TOKEN`)
  const names = {
    clientId: `${prefix}_CLIENT_ID`,
    clientSecret: `${prefix}_CLIENT_SECRET`,
    writeToken: writeTokenName,
  }
  const all = [target.secretName, ...Object.values(names)].map((name) => name.toUpperCase())
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
  }
}

// What GitHub has to show before a browser opens -------------------------------------------------------------------

type GitHubWork = SecretWork & { readonly client: GitHubClient }

async function prepare(
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
  const place = await proveSecrets(work, [
    secret,
    beside(names.clientId),
    beside(names.clientSecret),
    beside(names.writeToken),
  ])
  const visible = await withVisibility(terminal, plan, work, place.secrets)
  const [refreshToken, clientId, clientSecret, writeToken] = visible
  if (!refreshToken || !clientId || !clientSecret || !writeToken) throw new Error('four secrets were proven')
  const isThere = writeToken.metadata !== undefined
  await proveToShare(work.client, work.tokenName)
  const newWriteToken = await takeWriteToken(terminal, world, work, plan, isThere, proveToShare)
  const sharing = sharingWith(work.client)
  return { place, refreshToken, clientId, clientSecret, writeToken, newWriteToken, sharing }
}

/** Offers to make the environment where it is not there. */
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
  const look = await askGitHub(work, secret, (budget) => lookAtEnvironment(client, name, budget))
  // A token that may not look is judged by the proof that follows.
  if (look === 'there' || look.refused !== 404) return
  const repository = await askGitHub(work, secret, (budget) => repositoryId(client, name, budget))
  if ('refused' in repository) throw refusedBy(work, secret, 'look at', repository)
  const where = `the environment "${environment}" does not exist in ${owner}/${repo}`
  if (!plan.createEnvironment) {
    if (!terminal.prompts) {
      throw new UsageError(`${where}: make it in the repository's settings, or give --create-environment`)
    }
    if (!(await terminal.prompts.confirm(`${capital(where)}. Make it, without protection rules?`, true))) {
      throw new UsageError(`${where}. Nothing was written.`)
    }
  }
  const made = await askGitHub(work, secret, (budget) => createEnvironment(client, name, budget))
  if (made !== 'created') {
    const words = work.narrator.foreign(made.message)
    throw new Failure('cannot-write-secret', {
      what: `GitHub answered ${made.refused} to the attempt to make the environment "${environment}" in ${owner}/${repo}${words === '' ? '' : ` ("${words}")`}.`,
      spent: work.soFar(),
      next:
        made.refused === 422
          ? 'In a private repository, environments need a paid plan of GitHub: log in without --environment.'
          : `Make it in the repository's settings, or give GITHUB_TOKEN the repository permission "Administration: Read and write".`,
    })
  }
  terminal.interruption.aftermath = `The environment "${environment}" was made; nothing else was written.`
  terminal.tell(`The environment "${environment}" is made in ${owner}/${repo}, without protection rules.`)
}

/** New secrets of an organization get who may use them: as the refresh token's, or as the person says. */
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
    throw new UsageError(
      `GitHub answered ${answer.refused} to a look at the repository ${owner}/${repo}: check --repo. ${work.soFar()}`,
    )
  }
  return { visibility: 'selected', selected_repository_ids: [answer.id] }
}

async function askVisibility({ prompts }: Terminal, { target }: Plan): Promise<Visibility> {
  const { owner, repo, organization = '' } = target
  if (!prompts)
    throw new UsageError(
      'give --visibility (all, private or selected) for the new secrets of the organization',
    )
  return prompts.choose<Visibility>(`Which repositories of ${organization} may use the new secrets?`, [
    ...(repo === '' ? [] : [{ value: 'selected' as const, label: `${owner}/${repo} only` }]),
    { value: 'private', label: 'all private repositories' },
    { value: 'all', label: 'all repositories, public ones too' },
  ])
}

// Once the person has logged in ------------------------------------------------------------------------------------

interface Finishing {
  readonly plan: Plan
  readonly app: BoxApp
  readonly work: SecretWork
  readonly prepared: Prepared
  readonly json: boolean
}

/** What a person is told at the end. */
interface Outcome {
  readonly stored: readonly string[]
  readonly user: BoxUser | undefined
}

async function finish(
  terminal: Terminal,
  world: World,
  finishing: Finishing,
  { response, show }: Callback,
): Promise<void> {
  const { interruption, redactor } = terminal
  const { place } = finishing.prepared.refreshToken.secret
  try {
    if (response.kind === 'refused') throw refusedLogIn(finishing, response)
    const { code } = response
    await interruption.hold(
      async () => {
        const outcome = await exchangeAndStore(terminal, world, finishing, code)
        await show(successPage(place.name, outcome.user))
        printResult(terminal, finishing, outcome)
      },
      () => terminal.tell('Finishing first: the token that Box has just issued must be stored.'),
    )
  } catch (error) {
    // The person looks at the browser now, and is told there as well.
    const words = inParagraphs(error).map((text) => redactor.redact(text))
    await show(failurePage(response.kind === 'refused', words))
    throw error
  }
}

function refusedLogIn(
  { work }: Finishing,
  { error, description }: Extract<AuthorizationResponse, { kind: 'refused' }>,
): UsageError {
  const { narrator, soFar } = work
  const quoted = description === '' ? '' : ` ("${narrator.foreign(description)}")`
  return new UsageError(
    error === 'access_denied'
      ? `access to Box was denied${quoted}. ${soFar()} Run this again, and grant access.`
      : `Box answered "${narrator.foreign(error)}"${quoted} instead of a code. ${soFar()} Check the app in the Box Developer Console, and run this again.`,
  )
}

async function exchangeAndStore(
  terminal: Terminal,
  world: World,
  finishing: Finishing,
  code: string,
): Promise<Outcome> {
  const { plan, app, work } = finishing
  terminal.tell('Box has answered. Exchanging the code, and storing the secrets …')
  const tokens = await redeemCode(
    {
      endpoint: new TokenEndpoint(world.network, plan.boxApiUrl, app),
      environment: work.environment,
      narrator: work.narrator,
      redirectUri: redirectUriOf(plan.port),
      soFar: `${work.soFar()} What was stored before is as good as it was.`,
    },
    code,
  )
  const stored = await storeAll(terminal, finishing, tokens)
  // Only now: a token is not used before it is stored.
  return { stored, user: await whoLoggedIn(terminal, world, finishing, tokens) }
}

/** Stores everything, the refresh token first: the rest can be had again at any time. */
async function storeAll(
  terminal: Terminal,
  finishing: Finishing,
  { refreshToken }: IssuedTokens,
): Promise<readonly string[]> {
  const { app, work, prepared } = finishing
  const { place } = prepared
  const { title, name, place: where } = prepared.refreshToken.secret
  const { failed, isPublished, before } = await storeRefreshToken(finishing, refreshToken)
  if (failed && !isPublished) {
    const recovery = recoveryOf(terminal, finishing, refreshToken, before)
    terminal.print(finishing.json ? JSON.stringify({ stored: [], recovery }) : recovery)
    throw new Failure('secret-not-written', {
      what: `Box has issued a refresh token, but ${failed.mayBeStored ? 'GitHub did not confirm that it is' : 'it could not be'} stored in the ${title}: ${failed.problem}.`,
      spent:
        'It is sealed in the recovery text on standard output, which only this app opens. Nothing else was written.',
      next: 'Once GitHub takes the write, run `box-token login` again; or give that text to `box-token recover`, which stores this one secret.',
    })
  }
  const stored = failed ? [] : [name]
  const missing = failed ? [`${name} (${failed.problem}; the shared state holds it)`] : []
  const others: readonly (readonly [ProvenSecret, string | undefined])[] = [
    [prepared.clientId, app.clientId],
    [prepared.clientSecret, app.clientSecret],
    [prepared.writeToken, prepared.newWriteToken],
  ]
  for (const [proven, value] of others) {
    if (value === undefined) continue
    const reason = await writeSecret(work, place, proven, value)
    if (reason) missing.push(`${proven.secret.name} (${reason.problem})`)
    else stored.push(proven.secret.name)
  }
  terminal.interruption.aftermath = `Stored in ${where.name}: ${stored.join(', ')}.`
  if (missing.length === 0) return stored
  throw new Failure('secret-not-written', {
    what: `Not everything could be stored in ${where.name}: ${missing.join(', ')}.`,
    spent: `Stored are ${stored.join(', ')}: the new refresh token is safe.`,
    next: 'Run `box-token login` again, or set what is missing by hand in the settings on GitHub.',
  })
}

/** What came of storing the refresh token. */
interface RefreshTokenStored {
  readonly failed: NotWritten | undefined
  /** The shared state holds it: whatever became of the secret, jobs go by that. */
  readonly isPublished: boolean
  /** The state's refresh token before; `undefined`: there was none. */
  readonly before: string | undefined
}

/** Into the secret; where jobs share a token, into the state before, so that no rotation can undo it. */
async function storeRefreshToken(
  { work, prepared }: Finishing,
  refreshToken: string,
): Promise<RefreshTokenStored> {
  const { place, sharing } = prepared
  if (!sharing) {
    const failed = await writeSecret(work, place, prepared.refreshToken, refreshToken)
    return { failed, isPublished: false, before: undefined }
  }
  const so: { -readonly [name in keyof RefreshTokenStored]: RefreshTokenStored[name] } = {
    failed: undefined,
    isPublished: false,
    before: undefined,
  }
  try {
    const ended = await replaceState(sharing, {
      refreshToken,
      over: [],
      approve: ({ state }) => {
        so.before = state?.refreshToken
      },
      storeSecret: async () => {
        so.isPublished = true
        so.failed = await writeSecret(work, place, prepared.refreshToken, refreshToken)
        if (so.failed) return undefined
        const now = await sharing.secret.metadata(new RetryBudget(work.environment, userRetryFor))
        return 'updatedAt' in now ? now.updatedAt : undefined
      },
    })
    if (ended === 'lease-over') {
      so.failed = { problem: 'it took too long to publish the shared state before', mayBeStored: false }
    }
    return { ...so, isPublished: true }
  } catch (error) {
    if (!(error instanceof Failure) && !(error instanceof GitHubUnavailable)) throw error
    // Once it is published, nothing but tidying can have failed.
    if (so.isPublished) return so
    const problem =
      error instanceof Failure
        ? error.what.replace(/\.$/, '')
        : `GitHub: ${describeGitHub(subjectOf(sharing), error.last)}`
    return { ...so, failed: { problem, mayBeStored: true } }
  }
}

function recoveryOf(
  terminal: Terminal,
  { plan, app, prepared }: Finishing,
  refreshToken: string,
  before: string | undefined,
): string {
  const { metadata } = prepared.refreshToken
  return recoveryText(
    { clientSecret: app.clientSecret, stateKey: readStateKey(terminal) },
    {
      refreshToken,
      baseline: metadata?.updatedAt ?? neverWritten,
      shared: prepared.sharing && { access: undefined, before, over: [], secretUpdatedAt: 0 },
      target: {
        ...plan.target,
        clientId: app.clientId,
        githubApiUrl: plan.apiUrl,
        stateVariable: plan.stateVariable,
      },
    },
  )
}

/** Asks Box who logged in; everything is stored by now, so that it does not tell is no failure. */
async function whoLoggedIn(
  terminal: Terminal,
  { network }: World,
  { plan, work }: Finishing,
  { accessToken }: IssuedTokens,
): Promise<BoxUser | undefined> {
  if (accessToken === undefined) return undefined
  const budget = new RetryBudget(work.environment, userRetryFor)
  for (;;) {
    const answer = await currentUser(network, plan.boxApiUrl, accessToken, budget)
    if (answer.kind === 'user') {
      const { id, name, login: email } = answer.user
      const clean = (text: string): string => terminal.redactor.foreign(text)
      return { id: clean(id), name: clean(name), login: clean(email) }
    }
    if (answer.kind === 'refused' || !(await budget.pause())) {
      terminal.tell('Everything is stored, but Box did not say who logged in.')
      return undefined
    }
  }
}

// What is told -----------------------------------------------------------------------------------------------------

/** What went wrong, in pieces that are easy to read. */
function inParagraphs(error: unknown): string[] {
  if (error instanceof Failure) return [error.what, error.spent, error.next]
  if (error instanceof UsageError) return [capital(error.message)]
  return ['See the command line for what happened.']
}

function successPage(place: string, user: BoxUser | undefined): CallbackPage {
  const who = user ? `${user.name} (${user.login}) is logged in to Box` : 'You are logged in to Box'
  return {
    mood: 'good',
    title: 'Logged in to Box',
    paragraphs: [
      `${who}, and the secrets are stored in ${place.replace(/\S+$/, '`$&`')}.`,
      'You can close this page. The command line goes on with the workflow to copy.',
    ],
  }
}

function failurePage(denied: boolean, words: readonly string[]): CallbackPage {
  return {
    mood: 'bad',
    title: denied ? 'Box did not grant access' : 'The log-in did not work',
    paragraphs: [...words, 'You can close this page. The command line says the same.'],
  }
}

/** The workflow is the result; the rest is told beside it, so that the result can go straight into a file. */
function printResult(terminal: Terminal, finishing: Finishing, { stored, user }: Outcome): void {
  const { plan, prepared, json } = finishing
  const { tell, print } = terminal
  const { place } = prepared.refreshToken.secret
  const path = workflowPath(plan.target)
  const usualBox = plan.boxApiUrl === 'https://api.box.com'
  const content = keepAliveWorkflow({ ...plan, boxApiUrl: usualBox ? undefined : plan.boxApiUrl })
  const kept = prepared.newWriteToken === undefined && prepared.writeToken.metadata !== undefined
  const writeToken = kept ? 'kept' : prepared.newWriteToken === undefined ? 'missing' : 'stored'
  if (user) tell(`Box: ${user.name} (${user.login}) is logged in.`)
  tell(`Stored in ${place.name}: ${stored.join(', ')}.`)
  if (writeToken === 'kept') {
    tell(
      `${writeTokenName} was there already and stays as it is; to replace it, give the new one in the environment.`,
    )
  }
  if (writeToken === 'missing') {
    tell(`${writeTokenName} is still missing.`)
    howToMake(plan).forEach(tell)
    tell(`Then run this again with it, or store it as the secret ${writeTokenName} of ${place.name}.`)
  }
  tell(
    `Save the workflow as ${path}, commit it, and start it once by hand ("${workflowName}" on the Actions page).`,
  )
  if (json) {
    const workflow = { path, content }
    print(JSON.stringify({ stored, place: place.name, user: user ?? null, writeToken, workflow }))
  } else {
    tell('')
    print(content.trimEnd())
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
