/**
 * Sharing one token between jobs: any number of jobs share one pair through an Actions variable, the state, which is the
 * authority; the secret is its copy. The files of this folder follow the steps of the protocol:
 *
 * - "State": `state.ts`
 * - "Which refresh token?" and "Good for `minimum-validity`?": here
 * - "Otherwise claim, then refresh", "Claims stay", "Epochs are climbed" and "Those who wait": `claiming.ts`, `claim.ts`
 * - "Whoever holds the claim", "Fence", "Order" and "On `invalid_grant`": `under-claim.ts`, `publish.ts`
 * - "`post` of a dead holder": `finish.ts`
 * - "`login` and `recover`": `replace.ts`
 */
import { isoSeconds, serverNow } from '../clock.ts'
import {
  describeGitHub,
  githubUnavailable,
  perhapsSpent,
  queuedBeforeRotation,
  subjectOf,
} from '../rotation/messages.ts'
import { Failure, nothingSpent } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience } from '../rotation/patience.ts'
import { isStale, runBudget } from '../rotation/prove.ts'
import { refreshTokenLifetimeMs } from '../rotation/rotate.ts'
import { Cancelled } from '../signals.ts'
import type { HeldClaim } from './claim.ts'
import { takeClaim } from './claiming.ts'
import * as explain from './messages.ts'
import { hasMoved, newerOf, readState, type View } from './shared-variables.ts'
import type { Learnt, SharedPair, SharedRotation, Source } from './shared-rotation.ts'
import { accountsFor } from './state.ts'
import { underClaim } from './under-claim.ts'

/** `Date` headers are whole seconds. */
const dateRoundingMs = 999
/** The pause between two looks at a state that may or may not be valid for long enough, in milliseconds. */
const shortestPollMs = 1000

/** A job's next step on its way to a token. */
type Step =
  /** Look at the state; `view`: it has just been read. */
  | { readonly at: 'look'; readonly view?: View | undefined }
  /** There is no usable token: take the right to refresh. */
  | { readonly at: 'claim'; readonly view: View; readonly source: Source }
  /** The claim is held: refresh, publish, store. */
  | {
      readonly at: 'refresh'
      readonly view: View
      readonly source: Source
      readonly claim: HeldClaim
      readonly mayHaveSpent: boolean
    }
  | { readonly at: 'end'; readonly pair: SharedPair }

/**
 * Gives a valid shared token: the one that is there, or a new one. Each step returns the next one.
 *
 * @param rejected an access token that Box does not accept, whatever the state says
 * @throws Failure with one of the codes; then nothing is handed out
 */
export async function share(rotation: SharedRotation, rejected?: string): Promise<SharedPair> {
  const learnt: Learnt = {
    givenIsOver: false,
    newest: undefined,
    inHand: undefined,
    lastClaim: undefined,
    withoutAccess: 0,
    lost: undefined,
    spent: undefined,
    warned: false,
  }
  const job = { rotation, learnt, rejected, patience: new Patience(rotation.environment, rotation.retryFor) }
  try {
    for (let step: Step = { at: 'look' }; ;) {
      if (step.at === 'end') return step.pair
      if (rotation.signals.interrupted.aborted && !learnt.inHand) throw new Cancelled(spentSoFar(learnt))
      if (step.at === 'look') step = await look(job, step.view)
      else if (step.at === 'claim') step = await claimFirst(job, step.view, step.source)
      else {
        const pair = await underClaim(rotation, step, learnt)
        step = pair ? { at: 'end', pair } : { at: 'look' }
      }
    }
  } catch (error) {
    throw asFailure(rotation, learnt, error)
  } finally {
    rotation.signals.release()
  }
}

/** A job on its way. */
interface Job {
  readonly rotation: SharedRotation
  readonly learnt: Learnt
  readonly rejected: string | undefined
  /** Rule 8, with `auto-refresh: false`: a state without a usable token may be an old read. */
  readonly patience: Patience
}

/** Looks at the state: hands out a token that is valid for long enough, or finds out which refresh token counts. */
async function look(job: Job, seen: View | undefined): Promise<Step> {
  const { rotation, learnt, rejected, patience } = job
  const { environment, retryFor, autoRefresh } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const view = newerOf(rotation, learnt.newest, seen ?? (await readState(rotation, budget)))
  learnt.newest = view
  warnOnce(rotation, view, learnt)
  settleInHand(rotation, view, learnt)
  if (learnt.inHand) return { at: 'claim', view, source: 'state' }
  const source = await sourceOf(rotation, view, learnt, budget)
  if (source === 'look-again') return { at: 'look' }
  if (source === 'state') {
    const pair = reusable(rotation, view, rejected)
    if (pair === 'unsure') {
      await environment.clock.sleep(shortestPollMs * (1 + environment.random()))
      return { at: 'look' }
    }
    if (pair) return { at: 'end', pair }
  }
  if (autoRefresh) return { at: 'claim', view, source }
  if (await patience.pause()) return { at: 'look' }
  const isUnreadable = view.text !== undefined && !view.state
  throw explain.refreshDisabled(rotation, whyNotGood(rotation, view, rejected), isUnreadable)
}

/** Rule 9: a pair in hand that has been superseded is not thrown away; the journal prints it as recovery text. */
function settleInHand(rotation: SharedRotation, view: View, learnt: Learnt): void {
  const { inHand } = learnt
  if (!inHand || !hasMoved(rotation, inHand.before, view)) return
  if (view.state?.refreshToken === inHand.issued.refreshToken) rotation.journal.published()
  else {
    rotation.narrator.info('The shared state now holds a newer pair: this job uses that one.')
    rotation.journal.superseded()
  }
  learnt.inHand = undefined
  learnt.spent = explain.supersededSoFar(rotation)
}

/** Otherwise claim, then refresh: takes the right to refresh, or goes back to the state. */
async function claimFirst({ rotation, learnt }: Job, view: View, source: Source): Promise<Step> {
  const claiming = await takeClaim(rotation, view, {
    announce: (claim) => rotation.journal.claimed(claim),
    own: learnt.lastClaim,
  })
  if (claiming.kind === 'held') {
    const { claim, mayHaveSpent } = claiming
    learnt.lastClaim = { ...claim, mayHaveSpent }
    return { at: 'refresh', view, source, claim, mayHaveSpent }
  }
  // Somebody else holds it: there is nothing to give up after this job.
  rotation.journal.unclaimed()
  return { at: 'look', view: claiming.kind === 'changed' ? claiming.view : undefined }
}

/** Any error as a failure that says what this job has spent so far. */
function asFailure(rotation: SharedRotation, learnt: Learnt, error: unknown): unknown {
  const { retryFor } = rotation
  const subject = subjectOf(rotation)
  if (learnt.inHand) {
    // Whatever went wrong: a pair was issued and is not published.
    if (error instanceof GitHubUnavailable)
      return explain.notPublished(rotation, retryFor, describeGitHub(subject, error.last))
    if (error instanceof Failure && error.code !== 'secret-not-written')
      return explain.notPublished(rotation, retryFor, error.what.replace(/\.$/, ''))
  }
  const failure = error instanceof GitHubUnavailable ? githubUnavailable(subject, error) : error
  if (!(failure instanceof Failure) || failure.spent !== nothingSpent) return failure
  // Each part only knows about itself, not about what was spent before it.
  return new Failure(failure.code, { what: failure.what, spent: spentSoFar(learnt), next: failure.next })
}

/** What this job has spent, if it has no pair in hand. */
function spentSoFar({ spent, lost }: Learnt): string {
  return spent ?? (lost === undefined ? nothingSpent : perhapsSpent)
}

function warnOnce(rotation: SharedRotation, { text, state }: View, learnt: Learnt): void {
  if (text === undefined || state || learnt.warned) return
  learnt.warned = true
  rotation.narrator.warning(explain.putAside(rotation))
}

/**
 * Which refresh token? The given one equals the state's, or is among the spent and superseded ones: go by the state.
 * Otherwise it comes from a new sign-in and wins, unless the guard shows it stale.
 */
async function sourceOf(
  rotation: SharedRotation,
  { state }: View,
  learnt: Learnt,
  budget: RetryBudget,
): Promise<Source | 'look-again'> {
  const { refreshToken, seal, autoRefresh } = rotation
  if (!autoRefresh) return 'state'
  if (state) {
    const known = refreshToken === undefined || accountsFor(seal, state, refreshToken)
    if (known || learnt.givenIsOver) return 'state'
    // Read the state again, after the dates: whoever wrote the secret had published first.
    if (!(await datesOf(rotation, budget))) return 'given'
    learnt.givenIsOver = true
    return 'look-again'
  }
  if (!learnt.givenIsOver) return 'given'
  // There is no state to go by, and under the claim the given token turned out to be stale.
  const stale = await datesOf(rotation, budget)
  if (stale) throw queuedBeforeRotation(subjectOf(rotation), stale.updatedAt, stale.runCreatedAt)
  return 'given'
}

/** The guard: the dates that show that the given token is stale; `undefined` if they do not. */
async function datesOf(
  rotation: SharedRotation,
  budget: RetryBudget,
): Promise<{ readonly updatedAt: number; readonly runCreatedAt: number } | undefined> {
  const { secret, run } = rotation
  if (secret.place.read !== 'when-queued' || run?.attempt !== 1) return undefined
  const runTime = runBudget(rotation)
  try {
    const [metadata, runCreatedAt] = await Promise.all([secret.metadata(budget), run.createdAt(runTime)])
    // A refusal is reported by the proof before the refresh.
    if ('refused' in metadata || runCreatedAt === undefined) return undefined
    const { updatedAt } = metadata
    return isStale(rotation, { updatedAt, runCreatedAt }) ? { updatedAt, runCreatedAt } : undefined
  } finally {
    runTime.end()
  }
}

/**
 * Good for `minimum-validity`? The shared token, if it is. GitHub's date is in whole seconds and its answer may have been
 * slow, so the time left is known only within bounds (rule 6: time is the servers'). If the limit lies between them,
 * the state is looked at again (`unsure`): otherwise one job could hand out what another one is about to end.
 */
function reusable(
  rotation: SharedRotation,
  { state, moment, askedAt }: View,
  rejected: string | undefined,
): SharedPair | 'unsure' | undefined {
  const { environment, narrator, minimumValidity, startedAt } = rotation
  const access = state?.access
  if (!access || access.token === rejected) return undefined
  const { clock } = environment
  const most = access.expiresAt - serverNow(moment, clock)
  const least = access.expiresAt - serverNow({ date: moment.date + dateRoundingMs, at: askedAt }, clock)
  const wanted = minimumValidity * 60_000
  if (most <= 0) return undefined
  if (least < wanted) {
    // A token issued after this job started is handed out whatever it has left: to ask for more would start a race of refreshes.
    const started = Math.floor((moment.date - (moment.at - startedAt)) / 1000) * 1000
    if (access.refreshedAt < started) return most < wanted ? undefined : 'unsure'
    if (least <= 0) return undefined
    narrator.warning(explain.shorterThanAsked(access.expiresAt, minimumValidity))
  }
  narrator.info(
    `The shared access token is valid until ${isoSeconds(access.expiresAt)}: this job hands it out without a refresh.`,
  )
  return {
    accessToken: access.token,
    expiresAt: access.expiresAt,
    refreshTokenExpiresAt: access.refreshedAt + refreshTokenLifetimeMs,
    moment,
    storedIn: [explain.titleOf(rotation)],
    refreshed: false,
    cleanUp: () => Promise.resolve(),
  }
}

/** Why the state has no usable token, without a full stop. */
function whyNotGood(rotation: SharedRotation, { text, state }: View, rejected: string | undefined): string {
  if (text === undefined) return 'there is no such variable, or the token has no access to it'
  if (!state) return 'its value cannot be decrypted with this client secret (and `state-key`)'
  if (!state.access) return 'its refresh token has not been used yet'
  if (state.access.token === rejected) return 'Box does not accept its access token'
  return explain.notGood(state.access.expiresAt, rotation.minimumValidity)
}
