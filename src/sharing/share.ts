/**
 * One refresh for any number of jobs. They share a pair through an Actions variable, the state; whoever needs a newer one
 * claims the right to refresh it, the others wait and take what comes.
 *
 * - the state is the authority, the secret its copy
 * - refresh, journal, publish the state, store the secret, hand out, delete the claims: published is durable
 * - with the lease over, a holder does nothing more that has an effect
 * - a pair is published only if the state has not moved since its token was read
 */
import { isoSeconds, serverNow } from '../clock.ts'
import {
  describeGitHub,
  githubUnavailable,
  perhapsSpent,
  queuedBeforeRotation,
  subjectOf,
} from '../explain.ts'
import { Failure, nothingSpent } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../net/retry.ts'
import { runBudget } from '../prove.ts'
import { isStale, refreshTokenLifetimeMs } from '../rotation.ts'
import { Cancelled } from '../signals.ts'
import type { Claim } from './claim.ts'
import * as explain from './explain.ts'
import { hasMoved, isOver, mostBlocked, readState, takeClaim, type View } from './shared-variables.ts'
import type { Memory, SharedPair, SharedRotation, Source } from './shared-rotation.ts'
import { accountsFor } from './state.ts'
import { underClaim } from './under-claim.ts'

/** `Date` headers are whole seconds. */
const dateRoundingMs = 999
/** Between two looks of a job that waits, in milliseconds: never more than one a second. */
const shortestPollMs = 1000
const longestPollMs = 3000
/** Every so often the look is at the claim instead of the state: its holder may have given up. */
const claimLookEvery = 3

/**
 * Gives a good shared token: the one that is there, or a new one.
 *
 * @param rejected an access token that Box does not take, whatever the state says
 * @throws Failure with one of the codes; nothing is handed out then
 */
export async function share(rotation: SharedRotation, rejected?: string): Promise<SharedPair> {
  const { environment, retryFor, signals, autoRefresh } = rotation
  const memory: Memory = {
    givenIsOver: false,
    inHand: undefined,
    withoutAccess: 0,
    lost: undefined,
    spent: undefined,
    warned: false,
  }
  let waited: View | undefined
  let blocked = 0
  try {
    for (;;) {
      if (signals.interrupted.aborted && !memory.inHand) throw new Cancelled(spentSoFar(memory))
      const budget = new RetryBudget(environment, retryFor)
      const view: View = waited ?? (await readState(rotation, budget))
      waited = undefined
      warnOnce(rotation, view, memory)
      if (memory.inHand && hasMoved(memory.inHand.before, view)) {
        rotation.narrator.info('The shared state holds a newer pair meanwhile: this job goes by that one.')
        rotation.journal.settled()
        memory.inHand = undefined
        memory.spent = explain.supersededSoFar(rotation)
      }
      const source = memory.inHand ? 'state' : await sourceOf(rotation, view, memory, budget)
      if (source === 'look-again') continue
      if (source === 'state' && !memory.inHand) {
        const pair = reusable(rotation, view, rejected)
        if (pair === 'unsure') {
          await environment.clock.sleep(shortestPollMs * (1 + environment.random()))
          continue
        }
        if (pair) return pair
      }
      if (!autoRefresh) throw explain.refreshDisabled(rotation, whyNotGood(rotation, view, rejected))
      const claiming = await takeClaim(rotation, view, budget, (claim) => rotation.journal.claimed(claim))
      if (claiming.kind === 'taken') {
        // Somebody's claim that is gone by now, as a rule; a variable that stays there and says nothing locks everybody out.
        blocked = claiming.by ? 0 : blocked + 1
        if (blocked > mostBlocked) throw explain.blockedClaim(rotation)
        waited = await waitForOthers(rotation, view, claiming.by)
        continue
      }
      const pair = await underClaim(rotation, view, source, claiming, memory)
      if (pair) return pair
    }
  } catch (error) {
    const subject = subjectOf(rotation)
    if (memory.inHand) {
      // Whatever stands in the way: a pair is issued, and it is not published.
      if (error instanceof GitHubUnavailable)
        throw explain.notPublished(rotation, retryFor, describeGitHub(subject, error.last))
      if (error instanceof Failure && error.code !== 'secret-not-written')
        throw explain.notPublished(rotation, retryFor, error.what.replace(/\.$/, ''))
    }
    const failure = error instanceof GitHubUnavailable ? githubUnavailable(subject, error) : error
    if (!(failure instanceof Failure) || failure.spent !== nothingSpent) throw failure
    // The parts speak for themselves: what came before they do not know.
    throw new Failure(failure.code, { what: failure.what, spent: spentSoFar(memory), next: failure.next })
  } finally {
    signals.release()
  }
}

/** What is spent where no pair is in hand. */
function spentSoFar({ spent, lost }: Memory): string {
  return spent ?? (lost === undefined ? nothingSpent : perhapsSpent)
}

function warnOnce(rotation: SharedRotation, { text, state }: View, memory: Memory): void {
  if (text === undefined || state || memory.warned) return
  memory.warned = true
  rotation.narrator.warning(explain.putAside(rotation))
}

/**
 * Which refresh token counts: the state's, if the given one is it or came before it; else the given one is newly
 * authorized, unless the dates show that it is old.
 */
async function sourceOf(
  rotation: SharedRotation,
  { state }: View,
  memory: Memory,
  budget: RetryBudget,
): Promise<Source | 'look-again'> {
  const { refreshToken, seal, autoRefresh } = rotation
  if (!autoRefresh) return 'state'
  if (state) {
    const known = refreshToken === undefined || accountsFor(seal, state, refreshToken)
    if (known || memory.givenIsOver) return 'state'
  }
  if (memory.givenIsOver) {
    // The look at the dates came before the look at the state: whoever wrote the secret has published first.
    const stale = await datesOf(rotation, budget)
    if (stale) throw queuedBeforeRotation(subjectOf(rotation), stale.updatedAt, stale.runCreatedAt)
  } else if (await datesOf(rotation, budget)) {
    memory.givenIsOver = true
    return 'look-again'
  }
  return 'given'
}

/** The dates that show that the given token is an older one; `undefined` where they do not. */
async function datesOf(
  rotation: SharedRotation,
  budget: RetryBudget,
): Promise<{ readonly updatedAt: number; readonly runCreatedAt: number } | undefined> {
  const { secret, run } = rotation
  if (secret.place.read !== 'when-queued' || run?.attempt !== 1) return undefined
  const runTime = runBudget(rotation)
  try {
    const [metadata, runCreatedAt] = await Promise.all([secret.metadata(budget), run.createdAt(runTime)])
    // What is refused here is told by the proof before the refresh.
    if ('refused' in metadata || runCreatedAt === undefined) return undefined
    const { updatedAt } = metadata
    return isStale(rotation, { updatedAt, runCreatedAt }) ? { updatedAt, runCreatedAt } : undefined
  } finally {
    runTime.end()
  }
}

/**
 * The shared token, if it is good for long enough. GitHub's date is of whole seconds, and its answer may have been long
 * on the way: where that makes the difference, the state has to be looked at again. Without that, one job could hand out
 * what another one is about to end.
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
    // A token from after the start of this job is as new as any: to ask for another would start a race of refreshes.
    const started = Math.floor((moment.date - (moment.at - startedAt)) / 1000) * 1000
    if (access.refreshedAt < started) return most < wanted ? undefined : 'unsure'
    if (least <= 0) return undefined
    narrator.warning(explain.shorterThanAsked(access.expiresAt, minimumValidity))
  }
  narrator.info(
    `The shared access token is good until ${isoSeconds(access.expiresAt)}: it is handed out, and nothing is spent.`,
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

function whyNotGood(rotation: SharedRotation, { text, state }: View, rejected: string | undefined): string {
  if (text === undefined) return 'there is no such variable, or the token does not reach it'
  if (!state) return 'what stands in it does not open with this client secret (and `state-key`)'
  if (!state.access) return 'its refresh token has not been used yet'
  if (state.access.token === rejected) return 'Box does not accept its access token'
  return explain.notGood(state.access.expiresAt, rotation.minimumValidity)
}

/**
 * Waits until somebody else's refresh is published, or cannot be any more. This is no outage, and does not count against
 * `retry-for`: it ends with the lease.
 *
 * @returns the state, if it was looked at last
 */
async function waitForOthers(
  rotation: SharedRotation,
  before: View,
  by: Claim | undefined,
): Promise<View | undefined> {
  const { environment, narrator, retryFor } = rotation
  const { clock, random } = environment
  if (by) {
    narrator.info(
      `Another job is refreshing the shared token (${by.variable}, until ${isoSeconds(by.leaseEndsAt)} at the latest): waiting for it.`,
    )
  }
  let view = before
  for (let look = 1, pollMs = shortestPollMs; ; look += 1, pollMs = Math.min(longestPollMs, pollMs * 1.25)) {
    const left = by ? by.leaseEndsAt - serverNow(view.moment, clock) : 0
    // With jitter, so that not all of them come at once; at the end of the lease as well.
    const pause =
      left > 0
        ? Math.min(pollMs * (1 + random()), left + shortestPollMs * (1 + random()))
        : shortestPollMs * (1 + random())
    await clock.sleep(pause)
    const budget = new RetryBudget(environment, retryFor)
    if (by && look % claimLookEvery === 0) {
      if (await isOver(rotation, by, budget)) return undefined
      continue
    }
    view = await readState(rotation, budget)
    if (view.text !== before.text || !by || by.leaseEndsAt <= serverNow(view.moment, clock)) return view
  }
}
