/** From Box's code to the stored secrets: the refresh token first, since the rest can be had again at any time. */
import { TokenEndpoint, type BoxApp } from '../../box/token-endpoint.ts'
import { currentUser, type BoxUser } from '../../box/users.ts'
import { describeGitHub, subjectOf } from '../../rotation/messages.ts'
import { Failure } from '../../failure.ts'
import { GitHubUnavailable } from '../../github/client.ts'
import { neverWritten, recoveryText } from '../../journal/journal.ts'
import { RetryBudget } from '../../http/retry.ts'
import { replaceState } from '../../sharing/replace.ts'
import type { Terminal, World } from '../command-line.ts'
import { readStateKey } from '../credentials.ts'
import { writeSecret, type NotWritten, type ProvenSecret, type SecretWork } from '../secrets.ts'
import type { AppInUse } from './app.ts'
import { redirectUriOf } from './callback-server.ts'
import type { Plan } from './plan.ts'
import type { Prepared } from './prepare.ts'
import { redeemCode, type IssuedTokens } from './redeem.ts'

/** How long to go on after Ctrl-C, in milliseconds, if the token can be handed over instead. */
const mostPatienceMs = 5000
/** For how many seconds to ask Box who signed in: that is nice to know, and no more. */
const userRetryFor = 10

/** What finishing the sign-in needs. */
export interface Finishing {
  readonly plan: Plan
  readonly app: BoxApp
  readonly work: SecretWork
  readonly prepared: Prepared
  /** The App that the workflow will write with; `undefined`: it writes with a token. */
  readonly gitHubApp: AppInUse | undefined
  readonly json: boolean
}

/** What to tell the person at the end. */
export interface Outcome {
  readonly stored: readonly string[]
  readonly user: BoxUser | undefined
}

/**
 * Exchanges the code and stores everything.
 *
 * @throws Failure `secret-not-written` if not everything could be stored, or what the exchange throws
 */
export async function exchangeAndStore(
  terminal: Terminal,
  world: World,
  finishing: Finishing,
  code: string,
): Promise<Outcome> {
  const { plan, app, work } = finishing
  terminal.tell('Box has answered. Exchanging the code and storing the secrets …')
  const tokens = await redeemCode(
    {
      endpoint: new TokenEndpoint(world.network, plan.boxApiUrl, app),
      environment: work.environment,
      narrator: work.narrator,
      redirectUri: redirectUriOf(plan.port),
      soFar: `${work.soFar()} What was stored before is not affected.`,
    },
    code,
  )
  const stored = await storeAll(terminal, finishing, tokens)
  // Rule 2: the access token is not used before the refresh token is stored.
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
  const { interruption } = terminal
  const handOver = (before: string | undefined): void => {
    const recovery = recoveryOf(terminal, finishing, refreshToken, before)
    terminal.print(finishing.json ? JSON.stringify({ stored: [], recovery }) : recovery)
  }
  // Until it is published, the command may wait long for another job, and must not be killed because of that.
  const mayLeave = (before: string | undefined): void => {
    const tell = (): void => {
      handOver(before)
      interruption.aftermath = `Box has issued a refresh token, which is in the recovery text on standard output, encrypted so that only this app can open it. Pass it to \`box-token recover --state-variable ${finishing.plan.stateVariable}\`, which stores it.`
    }
    interruption.wayOut = { afterMs: mostPatienceMs, handOver: tell }
  }
  const mustStay = (): void => {
    interruption.wayOut = undefined
  }
  const outcome = await storeRefreshToken(finishing, refreshToken, { mayLeave, mustStay })
  mustStay()
  const { failed, isPublished, isFollowed, before } = outcome
  if (failed && !isPublished) {
    handOver(before)
    throw new Failure('secret-not-written', {
      what: `Box has issued a refresh token, but ${failed.mayBeStored ? 'GitHub did not confirm that it is' : 'it could not be'} stored in the ${title}: ${failed.problem}.`,
      spent:
        'It is in the recovery text on standard output, encrypted so that only this app can open it. Nothing else was written.',
      next: 'Once GitHub accepts the write, run `box-token login` again, or pass that text to `box-token recover`, which stores this one secret.',
    })
  }
  const stored = failed || isFollowed ? [] : [name]
  const missing = failed ? [`${name} (${failed.problem}; the shared state holds it)`] : []
  const others: readonly (readonly [ProvenSecret, string | undefined])[] = [
    [prepared.clientId, app.clientId],
    [prepared.clientSecret, app.clientSecret],
    ...(prepared.writer.kind === 'token'
      ? ([[prepared.writer.secret, prepared.writer.newToken]] as const)
      : []),
  ]
  for (const [proven, value] of others) {
    if (value === undefined) continue
    const reason = await writeSecret(work, place, proven, value)
    if ('problem' in reason) missing.push(`${proven.secret.name} (${reason.problem})`)
    else stored.push(proven.secret.name)
  }
  terminal.interruption.aftermath = `Stored in ${where.name}: ${stored.join(', ')}.`
  if (missing.length === 0) return stored
  throw new Failure('secret-not-written', {
    what: `Not everything could be stored in ${where.name}: ${missing.join(', ')}.`,
    spent: `Stored: ${stored.join(', ')}. The new refresh token is safe.`,
    next: 'Run `box-token login` again, or set what is missing by hand in the settings on GitHub.',
  })
}

/** What came of storing the refresh token. */
interface RefreshTokenStored {
  readonly failed: NotWritten | undefined
  /** The shared state holds it: whatever became of the secret, jobs go by the state. */
  readonly isPublished: boolean
  /** A job has gone on from it meanwhile: what the secret holds is up to that job. */
  readonly isFollowed: boolean
  /** The refresh token that the state held before; `undefined`: there was none. */
  readonly before: string | undefined
}

/** Called while the token is stored. */
interface Watch {
  /** Nothing is lost if the command ends now and hands the token over; `before`: the state's refresh token, as far as known. */
  readonly mayLeave?: (before: string | undefined) => void
  /** The token is published: what follows must be finished. */
  readonly mustStay?: () => void
}

/** Stores it in the secret. If jobs share a token, publishes it to the state first, so that no rotation can undo it. */
export async function storeRefreshToken(
  { work, prepared }: Pick<Finishing, 'work' | 'prepared'>,
  refreshToken: string,
  { mayLeave = () => {}, mustStay = () => {} }: Watch = {},
): Promise<RefreshTokenStored> {
  const { place, sharing } = prepared
  if (!sharing) {
    const written = await writeSecret(work, place, prepared.refreshToken, refreshToken)
    const failed = 'problem' in written ? written : undefined
    return { failed, isPublished: false, isFollowed: false, before: undefined }
  }
  const so: { -readonly [name in keyof RefreshTokenStored]: RefreshTokenStored[name] } = {
    failed: undefined,
    isPublished: false,
    isFollowed: false,
    before: undefined,
  }
  mayLeave(undefined)
  try {
    const ended = await replaceState(sharing, {
      refreshToken,
      over: [],
      secretAccounted: 'now',
      approve: ({ state }) => {
        so.before = state?.refreshToken
        mayLeave(so.before)
      },
      storeSecret: async (fence) => {
        mustStay()
        so.isPublished = true
        const written = await writeSecret(work, place, prepared.refreshToken, refreshToken, fence)
        if (!('problem' in written)) return written.writtenAt
        so.failed = written
        return written.mayBeStored ? 'perhaps' : undefined
      },
    })
    if (ended === 'lease-over') {
      so.failed = { problem: 'publishing the shared state took too long', mayBeStored: false }
    }
    return { ...so, isPublished: true, isFollowed: ended === 'followed' }
  } catch (error) {
    if (!(error instanceof Failure) && !(error instanceof GitHubUnavailable)) throw error
    // Once it is published, only tidying up can have failed.
    if (so.isPublished) return so
    const problem =
      error instanceof Failure
        ? error.what.replace(/\.$/, '')
        : `GitHub: ${describeGitHub(subjectOf(sharing), error.last)}`
    return { ...so, failed: { problem, mayBeStored: true } }
  }
}

/** Rule 9: the token that could not be stored, as a recovery text. */
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

/** Asks Box who signed in. Everything is stored by now, so it is no failure if Box does not say. */
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
      terminal.tell('Everything is stored, but Box did not say who signed in.')
      return undefined
    }
  }
}
