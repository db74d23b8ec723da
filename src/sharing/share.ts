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
import { storeCopies } from '../copies.ts'
import {
  describeGitHub,
  githubUnavailable,
  perhapsSpent,
  queuedBeforeRotation,
  storedWithoutAccess,
  subjectOf,
} from '../explain.ts'
import { Failure, nothingSpent } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../net/retry.ts'
import { prove, runBudget, type Baseline } from '../prove.ts'
import { refresh, type InvalidGrant, type Refreshed } from '../refresh.ts'
import { invalidGrant, isStale, refreshTokenLifetimeMs, type Refused, type StoredPair } from '../rotation.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import type { TokenEndpoint } from '../box/token-endpoint.ts'
import { Cancelled, type SignalGuard } from '../signals.ts'
import type { Claim, HeldClaim } from './claim.ts'
import * as explain from './explain.ts'
import { noteSeconds, publish, storePublished } from './publish.ts'
import {
  deleteClaims,
  hasMoved,
  isOver,
  listClaims,
  mostBlocked,
  readState,
  releaseClaim,
  takeClaim,
  type Claiming,
  type Sharing,
  type View,
} from './shared-variables.ts'
import { accountsFor, OverTokens, type SharedAccess, type SharedState } from './state.ts'

/** `Date` headers are whole seconds. */
const dateRoundingMs = 999
/** Between two looks of a job that waits, in milliseconds: never more than one a second. */
const shortestPollMs = 1000
const longestPollMs = 3000
/** Every so often the look is at the claim instead of the state: its holder may have given up. */
const claimLookEvery = 3

/** Everything that sharing works with. */
export interface SharedRotation extends Sharing, Refused {
  readonly box: TokenEndpoint
  /** What the job was given; `undefined` only with `auto-refresh: false`. */
  readonly refreshToken: string | undefined
  /** Whether that is a value of the secret itself: Dependabot's runs get a copy, which is written apart. */
  readonly isFromSecret: boolean
  readonly signals: SignalGuard
  readonly journal: SharedJournal
  readonly autoRefresh: boolean
  /** Minutes. */
  readonly minimumValidity: number
}

/** Rule 3: what `post` needs to finish what this process could not. Written synchronously. */
export interface SharedJournal {
  /** The right to refresh is about to be taken: if nothing comes of it, nobody need wait for its end. */
  claimed(claim: HeldClaim): void
  /** It is given up or gone. */
  unclaimed(): void
  /** Box has answered: the state to publish, over which one, and what the secret was like before. */
  issuedShared(issued: IssuedShared): void
  /** The state holds the new pair: whatever happens now, nothing is lost. */
  published(): void
  aboutToStore(): void
  /** There is nothing left to do. */
  settled(): void
}

/** A pair that Box has issued, before it is published. */
export interface IssuedShared {
  readonly refreshToken: string
  readonly access: SharedAccess | undefined
  /** The state's refresh token before; `undefined`: there was none. */
  readonly before: string | undefined
  /** Refresh tokens that are over with this pair. */
  readonly over: readonly string[]
  /** What of the secret the new state accounts for, in milliseconds since 1970 (UTC). */
  readonly secretUpdatedAt: number
  /** `updated_at` of the secret before the refresh, likewise. */
  readonly baseline: number
}

/** A pair to hand out. */
export interface SharedPair extends StoredPair {
  /** Whether this job refreshed it. */
  readonly refreshed: boolean
  /** Takes the claims away, once the token is handed out. */
  readonly cleanUp: () => Promise<void>
}

/** Which refresh token counts for this job. */
type Source = 'state' | 'given'

/** What a process has learnt so far. */
interface Memory {
  /** The given token is old, or Box does not take it: go by the state. */
  givenIsOver: boolean
  /** A pair that is issued and not published. */
  inHand: { readonly issued: IssuedShared; readonly refreshed: Refreshed; readonly before: View } | undefined
  /** Answers of Box with a good refresh token and no good access token. */
  withoutAccess: number
  /** The refresh token that an answer of Box got lost for. */
  lost: string | undefined
  /** What came of a refresh before, in a sentence for a failure after it. */
  spent: string | undefined
  /** The one warning about a state that does not open. */
  warned: boolean
}

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

/** Refreshes, publishes and stores. `undefined`: start from the state again. */
async function underClaim(
  rotation: SharedRotation,
  before: View,
  source: Source,
  { claim, others }: Extract<Claiming, { kind: 'held' }>,
  memory: Memory,
): Promise<SharedPair | undefined> {
  const { environment, retryFor, narrator } = rotation
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  // Whether the claim may be given up for others: not while a pair is in hand, and not where that is done.
  let releasable = memory.inHand === undefined
  try {
    const [now, list, baseline] = await Promise.all([
      readState(rotation, budget),
      listClaims(rotation, budget),
      prove(rotation),
    ])
    if (hasMoved(before, now)) {
      // Of the state's new token this claim is none: it may go.
      await deleteClaims(rotation, [claim])
      releasable = false
      return undefined
    }
    if (list.claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) return undefined
    if (!memory.inHand && source === 'given' && isStale(rotation, baseline)) {
      // Somebody has written the secret since the last look at the dates: what is new is not what was given.
      memory.givenIsOver = true
      return undefined
    }
    if (!memory.inHand) {
      const issued = await refreshUnderClaim(rotation, now, source, claim, others, baseline, memory)
      if (!issued) return undefined
      memory.inHand = issued
    }
    releasable = false
    const { issued, refreshed } = memory.inHand
    const state = nextState(rotation, now, issued)
    const published = await publish(rotation, claim, memory.inHand.before, state)
    if (published === 'moved') await deleteClaims(rotation, [claim])
    if (published !== 'published') return undefined
    memory.inHand = undefined
    rotation.journal.published()
    narrator.info(`GitHub: the new pair is published in the ${explain.titleOf(rotation)}, sealed.`)
    return await afterPublishing(rotation, claim, others, baseline, state, refreshed, memory)
  } catch (error) {
    if (error instanceof GitHubUnavailable && budget.isFenced() && releasable) return undefined
    throw error
  } finally {
    // What still goes on is given up: one answer can settle it.
    budget.end()
    if (releasable) {
      await releaseClaim(rotation, claim)
      rotation.journal.unclaimed()
      rotation.signals.release()
    }
  }
}

/** Spends the refresh token that counts. `undefined`: go by the state as it is now. */
async function refreshUnderClaim(
  rotation: SharedRotation,
  now: View,
  source: Source,
  claim: HeldClaim,
  others: readonly Claim[],
  baseline: Baseline,
  memory: Memory,
): Promise<Memory['inHand']> {
  const { refreshToken: given, signals, narrator, journal } = rotation
  const { state } = now
  const byState = source === 'state' && state !== undefined
  const refreshToken = byState ? state.refreshToken : given
  if (refreshToken === undefined) throw new Error('without auto-refresh nothing is claimed')
  narrator.info(
    byState
      ? 'This job refreshes the token of the shared state.'
      : 'The given refresh token is new to the shared state: this job refreshes it.',
  )
  signals.hold()
  const answerLost = memory.lost === refreshToken
  const refreshed = await refresh(rotation, refreshToken, { fence: claim.fence, answerLost })
  if ('fenced' in refreshed) {
    if (refreshed.answerLost) memory.lost = refreshToken
    return undefined
  }
  if ('invalidGrant' in refreshed) {
    if (refreshed.answerLost) memory.lost = refreshToken
    await afterInvalidGrant(rotation, now, byState, claim, others, baseline, refreshed, memory)
    return undefined
  }
  const moment = refreshed.moment ?? {
    date: serverNow(baseline.moment, rotation.environment.clock),
    at: rotation.environment.clock.monotonic(),
  }
  const { access } = refreshed
  const issued: IssuedShared = {
    refreshToken: refreshed.refreshToken,
    access: access && {
      token: access.token,
      expiresAt: moment.date + access.expiresIn * 1000,
      refreshedAt: moment.date,
    },
    before: state?.refreshToken,
    over: [...new Set([given, state?.refreshToken].filter((token) => token !== undefined))],
    secretUpdatedAt: byState ? accountedFor(rotation, state, baseline) : baseline.updatedAt,
    baseline: baseline.updatedAt,
  }
  journal.issuedShared(issued)
  return { issued, refreshed, before: now }
}

/**
 * Up to which date of the secret it is known that only rotations wrote it. A run that was queued after the last write
 * was given what stands there now, and the state knows that token.
 */
function accountedFor(
  { isFromSecret }: SharedRotation,
  state: SharedState,
  { updatedAt, runCreatedAt }: Baseline,
): number {
  const seen = isFromSecret && runCreatedAt !== undefined && updatedAt < runCreatedAt
  return seen ? Math.max(updatedAt, state.secretUpdatedAt) : state.secretUpdatedAt
}

/** The state with a new pair. */
export function nextState(
  { seal, environment }: Sharing,
  { state, moment }: View,
  { refreshToken, access, over, secretUpdatedAt }: Omit<IssuedShared, 'before' | 'baseline'>,
): SharedState {
  const now = serverNow(moment, environment.clock)
  const all = over.reduce(
    (list, token) => list.with(fingerprintOf(seal.secrets, token), now),
    state?.over ?? OverTokens.none,
  )
  return { refreshToken, access, secretUpdatedAt, over: all }
}

/**
 * Box does not take the token. Somebody else may have refreshed it, and has published that or may yet do so; only then is
 * it a failure.
 */
async function afterInvalidGrant(
  rotation: SharedRotation,
  before: View,
  byState: boolean,
  claim: HeldClaim,
  others: readonly Claim[],
  baseline: Baseline,
  refused: InvalidGrant,
  memory: Memory,
): Promise<void> {
  const { environment, retryFor, narrator, refreshToken: given, seal } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const moved = async (): Promise<boolean> => hasMoved(before, await readState(rotation, budget))
  if (await moved()) return
  if (!byState && before.state && given !== undefined) {
    narrator.info('Box does not take the given refresh token: this job goes by the shared state.')
    memory.givenIsOver = true
    const now = serverNow(before.moment, environment.clock)
    const over = before.state.over.with(fingerprintOf(seal.secrets, given), now)
    await noteRefused(rotation, claim, before, { ...before.state, over })
    return
  }
  if (others.some(({ token }) => token === claim.token)) {
    narrator.info('An earlier job had claimed this token, and may yet publish what it got: waiting for that.')
    await releaseClaim(rotation, claim)
    while (await budget.pause(shortestPollMs * (1 + environment.random()))) if (await moved()) return
  }
  const known = byState && before.state ? accountedFor(rotation, before.state, baseline) : undefined
  throw await invalidGrant(rotation, baseline, refused, known)
}

/** Notes in the state that a given token is over, so that no other job need ask for it: it can be done without. */
async function noteRefused(
  rotation: SharedRotation,
  claim: HeldClaim,
  before: View,
  noted: SharedState,
): Promise<void> {
  const retryFor = Math.min(rotation.retryFor, noteSeconds)
  try {
    if ((await publish({ ...rotation, retryFor }, claim, before, noted)) === 'published') return
  } catch (error) {
    // Nothing was issued, so what this says of a pair is not for anybody to read.
    if (!(error instanceof Failure)) throw error
  }
  rotation.narrator.info('GitHub: that Box does not take it could not be noted in the shared state.')
}

/** The pair is safe: now the secret, the copies of it, and what is handed out. */
async function afterPublishing(
  rotation: SharedRotation,
  claim: HeldClaim,
  others: readonly Claim[],
  baseline: Baseline,
  state: SharedState,
  refreshed: Refreshed,
  memory: Memory,
): Promise<SharedPair | undefined> {
  const { secret, journal } = rotation
  const cleanUp = async (): Promise<void> => {
    await deleteClaims(rotation, [...others, claim])
    journal.unclaimed()
  }
  try {
    const copied = await storePublished(rotation, claim, baseline, state, () => journal.aboutToStore())
    if (copied.kind === 'not-stored') throw explain.copyBehindState(rotation, secret.title, copied.problem)
    journal.settled()
    const tokens = { refreshToken: refreshed.refreshToken, accessToken: refreshed.access?.token }
    const key = copied.kind === 'stored' ? copied.key : baseline.key
    const copies = await storeCopies({ ...rotation, fence: claim.fence }, baseline, key, tokens)
    if (!state.access) {
      memory.withoutAccess += 1
      memory.spent = explain.publishedSoFar(rotation)
      if (memory.withoutAccess > 1) {
        const subject = { ...subjectOf(rotation), storedIn: explain.titleOf(rotation) }
        throw storedWithoutAccess(subject, refreshed.problem)
      }
      // So it is where Box repeats an answer that got lost long ago: its refresh token is good, and gives a new one.
      rotation.narrator.info(
        `Box: the access token in its answer is no good (${refreshed.problem}); refreshing once more with the new refresh token.`,
      )
      await cleanUp()
      return undefined
    }
    const { token, expiresAt, refreshedAt } = state.access
    if (expiresAt - refreshedAt < rotation.minimumValidity * 60_000)
      rotation.narrator.warning(explain.shorterThanAsked(expiresAt, rotation.minimumValidity))
    const inSecret = copied.kind === 'stored' ? [secret.title] : []
    const further = copies.filter(({ holds }) => holds === 'refresh-token').map((copy) => copy.secret.title)
    return {
      accessToken: token,
      expiresAt,
      refreshTokenExpiresAt: refreshedAt + refreshTokenLifetimeMs,
      moment: refreshed.moment ?? baseline.moment,
      storedIn: [explain.titleOf(rotation), ...inSecret, ...further],
      refreshed: true,
      cleanUp,
    }
  } catch (error) {
    // The state has moved: nobody waits for this claim any more.
    if (error instanceof Failure) await cleanUp()
    throw error
  }
}
