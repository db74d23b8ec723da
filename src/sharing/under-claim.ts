/**
 * What the job that holds the claim does: refresh, journal, publish the state, store the secret, hand out, mark the claim as
 * done. With the lease over it does nothing more that has an effect.
 */
import { serverNow } from '../clock.ts'
import { storeCopies } from '../rotation/copies.ts'
import { storedWithoutAccess, subjectOf } from '../rotation/messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience, stalenessMs } from '../rotation/patience.ts'
import { isStale, prove, type Baseline } from '../rotation/prove.ts'
import { refresh, type InvalidGrant } from '../rotation/refresh.ts'
import { invalidGrant, refreshTokenLifetimeMs } from '../rotation/rotate.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import { check, type Look } from '../rotation/store.ts'
import { isOfEarlierState, statusAt, type Claim, type ClaimList, type HeldClaim } from './claim.ts'
import { giveUpClaim, markDone, tidyClaims, waitForOther } from './claiming.ts'
import * as explain from './messages.ts'
import { publish, storePublished } from './publish.ts'
import type { InHand, IssuedShared, Learnt, SharedPair, SharedRotation, Source } from './shared-rotation.ts'
import { hasMoved, listClaims, newerOf, readState, type Sharing, type View } from './shared-variables.ts'
import { accountsFor, OverTokens, sealState, type SharedState } from './state.ts'

/** A note that a given token is refused only saves other jobs a question: seconds. */
const noteSeconds = 15

/** What a claim was taken for. */
export interface Held {
  /** The state when the claim was taken. */
  readonly view: View
  readonly source: Source
  readonly claim: HeldClaim
  /** Somebody held a claim of this token before, and may yet publish what came of it. */
  readonly mayHaveSpent: boolean
}

/** What the holder of a claim works with. */
interface Holding extends Omit<Held, 'view'> {
  readonly rotation: SharedRotation
  /** The state as it was read under the claim. */
  readonly now: View
  readonly list: ClaimList
  /** What the secret was like before the refresh. */
  readonly baseline: Baseline
  readonly learnt: Learnt
}

/** How a holder left its claim. */
type Left =
  /** Others may take the next epoch at once: nothing was spent, or nothing came of it. */
  | 'given-up'
  /** The state has moved: of its new token this claim is none. */
  | 'done'
  /** A pair is in hand, or the claim is taken care of later. */
  | 'kept'

/**
 * Refreshes, publishes and stores.
 *
 * @param learnt what is learnt on the way, for the next try as well
 * @returns `undefined`: start from the state again
 * @throws Failure or GitHubUnavailable; a pair that is issued and not published is in `learnt.inHand` then
 */
export async function underClaim(
  rotation: SharedRotation,
  held: Held,
  learnt: Learnt,
): Promise<SharedPair | undefined> {
  const { environment, retryFor, journal, signals } = rotation
  const { claim } = held
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  let left: Left = learnt.inHand ? 'kept' : 'given-up'
  let holding: Holding | undefined
  let firstLook: ReturnType<typeof checkSecret> | undefined
  try {
    const [seen, list, baseline] = await Promise.all([
      readState(rotation, budget),
      listClaims(rotation, budget),
      prove(rotation, budget.signal),
    ])
    const now = newerOf(rotation, held.view, seen)
    learnt.newest = newerOf(rotation, learnt.newest, now)
    holding = { ...held, rotation, now, list, baseline, learnt }
    const obstacle = obstacleOf(holding, held.view)
    if (obstacle) {
      if (obstacle.kind === 'moved') left = 'done'
      if (obstacle.kind !== 'other-claim') return undefined
      // Its holder may be about to write the secret, older than what would be written here.
      if (left === 'given-up') await giveUpClaim(rotation, claim)
      left = 'kept'
      await waitForOther(rotation, now, obstacle.claim)
      return undefined
    }
    learnt.inHand ??= await refreshUnderClaim(holding, () => (left = 'kept'))
    if (!learnt.inHand) return undefined
    left = 'kept'
    const { inHand } = learnt
    const state = nextState(rotation, now, inHand.issued)
    firstLook = checkSecret(holding, inHand.issued)
    const published = await publish(rotation, claim, now, state, inHand.mayBePublished)
    if (published === 'moved') left = 'done'
    if (published === 'lease-over') inHand.mayBePublished = true
    if (published !== 'published') return undefined
    learnt.inHand = undefined
    // An answer that comes later may be from before it.
    learnt.newest = { ...now, text: sealState(rotation.seal, state), state }
    journal.published()
    rotation.narrator.info(
      `GitHub: the new pair is published in the ${explain.titleOf(rotation)}, encrypted.`,
    )
    return await afterPublishing(holding, state, inHand, firstLook.fresh())
  } catch (error) {
    if (error instanceof GitHubUnavailable && budget.isFenced() && left === 'given-up') return undefined
    if (learnt.inHand) learnt.inHand.mayBePublished = true
    throw error
  } finally {
    // What still goes on is given up: one answer can settle it.
    budget.end()
    firstLook?.end()
    if (left !== 'kept') await leave(rotation, claim, left, holding)
    if (left !== 'kept') journal.unclaimed()
    if (!learnt.inHand && left !== 'kept') signals.release()
  }
}

async function leave(
  rotation: SharedRotation,
  claim: HeldClaim,
  left: Exclude<Left, 'kept'>,
  holding: Holding | undefined,
): Promise<void> {
  if (left === 'given-up') await giveUpClaim(rotation, claim)
  else await markDone(rotation, claim, githubNow(rotation, holding?.now))
  if (holding) await tidy(holding, [holding.now.state?.refreshToken])
}

/** GitHub's clock, in milliseconds since 1970 (UTC). */
function githubNow({ environment }: Sharing, view: Pick<View, 'moment'> | undefined): number {
  return view ? Math.ceil(serverNow(view.moment, environment.clock)) : environment.clock.wall()
}

async function tidy(
  { rotation, claim, list }: Holding,
  current: readonly (string | undefined)[],
): Promise<void> {
  await tidyClaims(rotation, list.claims, claim, current, githubNow(rotation, list))
}

/** Why the holder of a claim has to start again, with what it sees under the claim. */
function obstacleOf(
  { rotation, now, list, claim, baseline, source, learnt }: Holding,
  before: View,
):
  | { readonly kind: 'moved' | 'higher-epoch' | 'given-is-over' }
  | { readonly kind: 'other-claim'; readonly claim: Claim }
  | undefined {
  if (hasMoved(rotation, learnt.inHand?.before ?? before, now)) return { kind: 'moved' }
  const { claims } = list
  if (claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch))
    return { kind: 'higher-epoch' }
  const at = githubNow(rotation, list)
  const other = claims.find((one) => one.token !== claim.token && statusAt(one, at) === 'live')
  if (other) return { kind: 'other-claim', claim: other }
  if (learnt.inHand || source !== 'given') return undefined
  const { refreshToken: given, seal } = rotation
  const isKnown = given !== undefined && now.state && accountsFor(seal, now.state, given)
  if (!isKnown && !isStale(rotation, baseline)) return undefined
  // Somebody has written the secret, or noted the token as refused, since the last look.
  learnt.givenIsOver = true
  return { kind: 'given-is-over' }
}

/**
 * Spends the refresh token that counts. `undefined`: go by the state as it is now.
 *
 * @param released told when the claim was given up on the way
 */
async function refreshUnderClaim(holding: Holding, released: () => void): Promise<InHand | undefined> {
  const { rotation, now, source, claim, baseline, learnt } = holding
  const { refreshToken: given, signals, narrator, journal, environment } = rotation
  const { state } = now
  const byState = source === 'state' && state !== undefined
  const refreshToken = byState ? state.refreshToken : given
  if (refreshToken === undefined) throw new Error('without auto-refresh nothing is claimed')
  narrator.info(
    byState
      ? 'Refreshing the token in the shared state.'
      : 'The shared state does not know the refresh token given to this job: refreshing with that one.',
  )
  signals.hold()
  const answerLost = learnt.lost === refreshToken
  const refreshed = await refresh(rotation, refreshToken, { fence: claim.fence, answerLost })
  if ('fenced' in refreshed) {
    if (refreshed.answerLost) learnt.lost = refreshToken
    return undefined
  }
  if ('invalidGrant' in refreshed) {
    if (refreshed.answerLost) learnt.lost = refreshToken
    await afterInvalidGrant(holding, byState, refreshed, released)
    return undefined
  }
  const moment = refreshed.moment ?? {
    date: serverNow(baseline.moment, environment.clock),
    at: environment.clock.monotonic(),
  }
  const { access } = refreshed
  const accounted = byState ? accountedFor(holding, state) : baseline.conflictAfter
  const issued: IssuedShared = {
    refreshToken: refreshed.refreshToken,
    access: access && {
      token: access.token,
      expiresAt: moment.date + access.expiresIn * 1000,
      refreshedAt: moment.date,
    },
    before: state?.refreshToken,
    over: [...new Set([given, state?.refreshToken].filter((token) => token !== undefined))],
    secretUpdatedAt: accounted,
    baseline: accounted,
  }
  journal.issuedShared(issued)
  return { issued, refreshed, before: now, mayBePublished: false }
}

/**
 * Up to which date of the secret it is known that only rotations wrote it: the state says so, or the holders of claims that
 * are done. And a run that was queued after the last write was given what stands there now, and the state knows that token.
 */
function accountedFor({ rotation, baseline, list }: Holding, state: SharedState): number {
  const { updatedAt, runCreatedAt } = baseline
  const isSeen = rotation.isFromSecret && runCreatedAt !== undefined && updatedAt < runCreatedAt
  // What was written after this state, which somebody has put back then, is newer than its token.
  const holders = list.claims.filter((one) => isOfEarlierState(one, state))
  const byHolders = holders.map(({ secretWrittenAt }) => secretWrittenAt ?? 0)
  return Math.max(state.secretUpdatedAt, isSeen ? updatedAt : 0, ...byHolders)
}

/** The state with a new pair in the place of the one that was read. */
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
 * So often Box may give a refresh token without a good access token, as where it repeats answers that got lost long ago: one
 * for each job that was lost with one. A Box that does so for ever is told.
 */
const mostWithoutAccess = 3
/** Where publishing takes longer than this, the look of before is not used, in milliseconds. */
const freshMs = 5000

/**
 * The check of the secret before its write. It goes on while the state is published: it says nothing of that.
 *
 * @returns gives the look, while it is a new one; and gives it up where it is not wanted any more
 */
function checkSecret(
  { rotation, claim, baseline }: Holding,
  { baseline: conflictAfter }: IssuedShared,
): { readonly fresh: () => Promise<Look> | undefined; readonly end: () => void } {
  const { clock } = rotation.environment
  const askedAt = clock.monotonic()
  const budget = new RetryBudget(rotation.environment, rotation.retryFor, claim.fence)
  const look = check({ ...rotation, aboutToWrite: () => {} }, { ...baseline, conflictAfter }, budget)
  // It is awaited only where the state is published.
  look.catch(() => {})
  const fresh = (): Promise<Look> | undefined => {
    if (clock.monotonic() - askedAt <= freshMs) return look
    budget.end()
    return undefined
  }
  return { fresh, end: () => budget.end() }
}

/**
 * Box does not take the token. Somebody else may have refreshed it, and has published that or may yet do so; only then is
 * it a failure.
 */
async function afterInvalidGrant(
  holding: Holding,
  byState: boolean,
  refused: InvalidGrant,
  released: () => void,
): Promise<void> {
  const { rotation, claim, baseline, learnt, mayHaveSpent, now: before } = holding
  const { environment, retryFor, narrator, refreshToken: given, seal } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const moved = async (): Promise<boolean> => hasMoved(rotation, before, await readState(rotation, budget))
  if (!byState && before.state && given !== undefined) {
    if (await moved()) return
    narrator.info(
      'Box does not accept the refresh token given to this job: going by the shared state instead.',
    )
    learnt.givenIsOver = true
    const now = serverNow(before.moment, environment.clock)
    const over = before.state.over.with(fingerprintOf(seal.secrets, given), now)
    await noteRefused(rotation, claim, before, { ...before.state, over })
    return
  }
  // Whoever has the next claim may publish what an earlier job got, or ask Box for itself.
  released()
  await leave(rotation, claim, 'given-up', holding)
  rotation.journal.unclaimed()
  rotation.signals.release()
  if (mayHaveSpent)
    narrator.waiting('An earlier job claimed this token and may still publish what it got: waiting for that.')
  const patience = new Patience(environment, retryFor, mayHaveSpent ? retryFor * 1000 : stalenessMs)
  do if (await moved()) return
  while (await patience.pause())
  const known = byState && before.state ? accountedFor(holding, before.state) : undefined
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
  rotation.narrator.info(
    'GitHub: the shared state could not be updated to say that Box does not accept this token.',
  )
}

/** The pair is safe: now the secret, the copies of it, and what is handed out. */
async function afterPublishing(
  holding: Holding,
  state: SharedState,
  { issued, refreshed }: Pick<InHand, 'issued' | 'refreshed'>,
  firstLook: Promise<Look> | undefined,
): Promise<SharedPair | undefined> {
  const { rotation, claim, baseline, now, learnt } = holding
  const { secret, journal } = rotation
  let secretWrittenAt: number | undefined
  const cleanUp = async (): Promise<void> => {
    await Promise.all([
      markDone(rotation, claim, githubNow(rotation, now), secretWrittenAt),
      tidy(holding, [now.state?.refreshToken, state.refreshToken]),
    ])
    journal.unclaimed()
  }
  try {
    const copied = await storePublished(
      rotation,
      claim,
      { ...baseline, conflictAfter: issued.baseline },
      now,
      state.refreshToken,
      () => journal.aboutToStore(),
      firstLook,
    )
    if (copied.kind === 'not-stored') throw explain.copyBehindState(rotation, secret.title, copied.problem)
    journal.settled()
    if (copied.kind === 'stored') secretWrittenAt = copied.writtenAt
    const tokens = { refreshToken: refreshed.refreshToken, accessToken: refreshed.access?.token }
    const key = copied.kind === 'stored' ? copied.key : baseline.key
    const copies = await storeCopies({ ...rotation, fence: claim.fence }, baseline, key, tokens)
    if (!state.access) {
      learnt.withoutAccess += 1
      learnt.spent = explain.publishedSoFar(rotation)
      if (learnt.withoutAccess > mostWithoutAccess) {
        const subject = { ...subjectOf(rotation), storedIn: explain.titleOf(rotation) }
        throw storedWithoutAccess(subject, refreshed.problem)
      }
      // So it is where Box repeats an answer that got lost long ago: its refresh token is good, and gives a new one.
      rotation.narrator.info(
        `Box: its answer has no usable access token (${refreshed.problem}); refreshing once more with the new refresh token.`,
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
