/**
 * The step "whoever holds the claim": what a job does under its claim.
 *
 * - Order: refresh, journal, publish the state, store the secret, hand out. Published is durable: from there the chain
 *   survives whatever happens to the secret. The claim is marked as done last, so that one request also notes the
 *   secret's new date.
 * - Fence: with the lease over, it does nothing more with effect. All its budgets end with the claim.
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
import { accountedByHolders, statusAt, type Claim, type ClaimList, type HeldClaim } from './claim.ts'
import { barOf, giveUpClaim, markDone, tidyClaims, waitForOther } from './claiming.ts'
import * as explain from './messages.ts'
import { publish, storePublished } from './publish.ts'
import type { InHand, IssuedShared, Learnt, SharedPair, SharedRotation, Source } from './shared-rotation.ts'
import { hasMoved, listClaims, newerOf, readState, type Sharing, type View } from './shared-variables.ts'
import { accountsFor, OverTokens, sealState, type SharedState } from './state.ts'

/** How long noting that a given token is refused may take, in seconds: it only saves other jobs a question to Box. */
const noteSeconds = 15

/** A claim, and what it was taken for. */
export interface Held {
  /** The state when the claim was taken. */
  readonly view: View
  readonly source: Source
  readonly claim: HeldClaim
  /** Somebody held a claim for this token before, and may still publish what they got. */
  readonly mayHaveSpent: boolean
}

/** What the holder of a claim works with. */
interface Holding extends Omit<Held, 'view'> {
  readonly rotation: SharedRotation
  /** The state, read again under the claim. */
  readonly now: View
  readonly list: ClaimList
  /** The secret's baseline: what it was like before the refresh. */
  readonly baseline: Baseline
  readonly learnt: Learnt
}

/** How a holder leaves its claim. */
type Left =
  /** Nothing was used, or nothing came of it: others may take the next epoch at once. */
  | 'given-up'
  /** The state has moved, so this claim is for a token that it no longer holds. */
  | 'done'
  /** A pair is in hand, or somebody else takes care of the claim. */
  | 'kept'

/**
 * Whoever holds the claim reads the state again before spending, checks that there is no higher epoch, takes the secret's
 * baseline only now, and then refreshes, publishes and stores.
 *
 * @param learnt what the job has learnt; this adds to it, for the next try as well
 * @returns `undefined`: start from the state again
 * @throws Failure or GitHubUnavailable; then a pair that was issued and not published is in `learnt.inHand`
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
    // Rule 1: nothing is spent before this has shown that it may be.
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
      // Its holder may be about to write the secret, with a token older than the one that would be written here.
      if (left === 'given-up') await leave(held, learnt, rotation, left)
      left = 'kept'
      await waitForOther(rotation, now, obstacle.claim)
      return undefined
    }
    learnt.inHand ??= await refreshUnderClaim(holding, () => (left = 'kept'))
    if (!learnt.inHand) return undefined
    left = 'kept'
    // Order: from here on, publishing comes before anything else.
    const { inHand } = learnt
    const state = nextState(rotation, now, inHand.issued)
    firstLook = checkSecret(holding, inHand.issued)
    const published = await publish(rotation, claim, now, state, inHand, () => journal.published())
    if (published === 'moved') {
      left = 'done'
      // The next claim waits until no read can be old: if the state has not moved by then, somebody put it back.
      inHand.mayBePublished = false
    }
    // Fence: claim again, and start from the state with the pair in hand.
    if (published !== 'published') return undefined
    learnt.inHand = undefined
    // Rule 8: an answer that comes later may be older than this.
    learnt.newest = { ...now, text: sealState(rotation.seal, state), state }
    rotation.narrator.info(
      `GitHub: the new pair is published in the ${explain.titleOf(rotation)}, encrypted.`,
    )
    return await afterPublishing(holding, state, inHand, firstLook.fresh())
  } catch (error) {
    if (error instanceof GitHubUnavailable && budget.isFenced() && left === 'given-up') return undefined
    throw error
  } finally {
    // Abort what is still under way: one answer can decide everything.
    budget.end()
    firstLook?.end()
    if (left !== 'kept') await leave(held, learnt, rotation, left, holding)
    if (left !== 'kept') journal.unclaimed()
    if (!learnt.inHand && left !== 'kept') signals.release()
  }
}

/**
 * Gives the claim up or marks it as done, and tidies up.
 *
 * Rule 8: a read may still show the claim as it was, so the job must not take it for one that it holds. It goes on with
 * the next epoch, or the latest one that it has seen; or, if the state has moved, from the first one, like everybody.
 */
async function leave(
  { claim, mayHaveSpent }: Pick<Held, 'claim' | 'mayHaveSpent'>,
  learnt: Learnt,
  rotation: SharedRotation,
  left: Exclude<Left, 'kept'>,
  holding?: Holding,
): Promise<void> {
  if (left === 'done') learnt.lastClaim = undefined
  else {
    const later = (holding?.list.claims ?? []).filter(
      (one) => one.token === claim.token && one.epoch > claim.epoch,
    )
    const epoch = Math.max(claim.epoch + 1, ...later.map((one) => one.epoch))
    // All but the last one are passed over.
    learnt.lastClaim = { ...claim, epoch, mayHaveSpent: mayHaveSpent || later.length > 1 }
  }
  if (left === 'given-up') await giveUpClaim(rotation, claim)
  else await markDone(rotation, claim, githubNow(rotation, holding?.now))
  if (holding) await tidy(holding, [holding.now.state?.refreshToken])
}

/** GitHub's clock, in milliseconds since 1970 (UTC); the runner's if nothing has been read. */
function githubNow({ environment }: Sharing, view: Pick<View, 'moment'> | undefined): number {
  return view ? Math.ceil(serverNow(view.moment, environment.clock)) : environment.clock.wall()
}

async function tidy(
  { rotation, claim, list }: Holding,
  current: readonly (string | undefined)[],
): Promise<void> {
  await tidyClaims(rotation, list.claims, claim, current, githubNow(rotation, list))
}

/** Why the holder of a claim has to start again, after what it has read under the claim; `undefined`: go on. */
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
  // Not the one that keeps others from the pair in hand.
  const bar = learnt.inHand && barOf(rotation, learnt.inHand.issued.refreshToken)
  const isOther = (one: Claim): boolean => one.token !== claim.token && one.nonce !== bar?.nonce
  const other = claims.find((one) => isOther(one) && statusAt(one, at) === 'live')
  if (other) return { kind: 'other-claim', claim: other }
  if (learnt.inHand || source !== 'given') return undefined
  const { refreshToken: given, seal } = rotation
  const isKnown = given !== undefined && now.state && accountsFor(seal, now.state, given)
  if (!isKnown && !isStale(rotation, baseline)) return undefined
  // Since the last look, somebody wrote the secret or noted that the given token is refused.
  learnt.givenIsOver = true
  return { kind: 'given-is-over' }
}

/**
 * Order, its first two steps: refreshes with the token that counts, and journals the pair (rule 3).
 *
 * @param keep called before the claim is given up on the way, and if it must not be given up
 * @returns `undefined`: go by the state as it is now
 */
async function refreshUnderClaim(holding: Holding, keep: () => void): Promise<InHand | undefined> {
  const { rotation, now, source, claim, baseline, learnt } = holding
  const { refreshToken: given, signals, narrator, journal, environment } = rotation
  const { state } = now
  const byState = source === 'state' && state !== undefined
  const refreshToken = byState ? state.refreshToken : given
  if (refreshToken === undefined) throw new Error('without auto-refresh nothing is claimed')
  narrator.info(explain.refreshingWith(byState ? 'state' : 'given', state !== undefined))
  signals.hold()
  // Rule 7: a lost answer is asked for again, also by the next claim of this job.
  const answerLost = learnt.lost === refreshToken
  const refreshed = await refresh(rotation, refreshToken, { fence: claim.fence, answerLost })
  if ('fenced' in refreshed) {
    if (refreshed.answerLost) learnt.lost = refreshToken
    return undefined
  }
  if ('invalidGrant' in refreshed) {
    if (refreshed.answerLost) learnt.lost = refreshToken
    await afterInvalidGrant(holding, byState, refreshed, keep)
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
 * The last date up to which only rotations are known to have written the secret (rule 4: never over a newer one). It comes
 * from the state, and from claims whose holders noted their write. Also, a run that was queued after the last write was
 * given what the secret holds now, and the state knows that token.
 */
function accountedFor({ rotation, baseline, list }: Holding, state: SharedState): number {
  const { updatedAt, runCreatedAt } = baseline
  const isSeen = rotation.isFromSecret && runCreatedAt !== undefined && updatedAt < runCreatedAt
  const byHolders = accountedByHolders(list.claims, state, updatedAt)
  return Math.max(state.secretUpdatedAt, isSeen ? updatedAt : 0, byHolders)
}

/** The state that follows the one that was read: with the new pair, and with the tokens that are over. */
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
 * How often Box may answer with a refresh token but no usable access token. That happens if it repeats answers that were
 * lost long ago, one for each job lost with its answer. More often than this is a failure.
 */
const mostWithoutAccess = 3
/** The age at which a look at the secret is too old to be used, in milliseconds: publishing may take long. */
const freshMs = 5000

/**
 * Rule 4: before the PUT, the secret's baseline is checked. The check runs while the state is being published, which does
 * not depend on it.
 *
 * @returns `fresh` gives the look as long as it is recent; `end` aborts it
 */
function checkSecret(
  { rotation, claim, baseline }: Holding,
  { baseline: conflictAfter }: IssuedShared,
): { readonly fresh: () => Promise<Look> | undefined; readonly end: () => void } {
  const { clock } = rotation.environment
  const askedAt = clock.monotonic()
  const budget = new RetryBudget(rotation.environment, rotation.retryFor, claim.fence)
  const look = check({ ...rotation, aboutToWrite: () => {} }, { ...baseline, conflictAfter }, budget)
  // It is awaited only if the state gets published.
  look.catch(() => {})
  const fresh = (): Promise<Look> | undefined => {
    if (clock.monotonic() - askedAt <= freshMs) return look
    budget.end()
    return undefined
  }
  return { fresh, end: () => budget.end() }
}

/**
 * On `invalid_grant`: read the state again, for as long as a read may be old (rule 8); if it moved, adopt it. If there was
 * an earlier claim for this token, its holder or that holder's `post` may still publish: wait for that, up to `retry-for`.
 * Only then is it a failure. A given token that is refused while the state opens is noted as over: go by the state.
 */
async function afterInvalidGrant(
  holding: Holding,
  byState: boolean,
  refused: InvalidGrant,
  keep: () => void,
): Promise<void> {
  const { rotation, claim, baseline, learnt, mayHaveSpent, now: before } = holding
  const { environment, retryFor, narrator, refreshToken: given, seal } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const moved = async (): Promise<boolean> => hasMoved(rotation, before, await readState(rotation, budget))
  if (!byState && before.state && given !== undefined) {
    if (await moved()) return
    narrator.info('Box does not accept the refresh token given to this job: using the shared state instead.')
    learnt.givenIsOver = true
    const now = serverNow(before.moment, environment.clock)
    // Otherwise, the next refresh notes it.
    const isUsable = (before.state.access?.expiresAt ?? 0) > now + rotation.minimumValidity * 60_000
    const over = before.state.over.with(fingerprintOf(seal.secrets, given), now)
    if (isUsable && (await noteRefused(rotation, claim, before, { ...before.state, over }))) {
      // A note that may still arrive must not meet what the next holder publishes: the claim ends with its lease, for this
      // job as well.
      keep()
      learnt.lastClaim = undefined
      rotation.journal.unclaimed()
      rotation.signals.release()
    }
    return
  }
  // The next holder may publish what an earlier job got, or ask Box itself.
  keep()
  await leave(holding, learnt, rotation, 'given-up', holding)
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

/**
 * Notes in the state that a given token is over, so that no other job has to try it. It is not essential.
 *
 * @returns whether a note may still arrive, even if another one has
 */
async function noteRefused(
  rotation: SharedRotation,
  claim: HeldClaim,
  before: View,
  noted: SharedState,
): Promise<boolean> {
  const retryFor = Math.min(rotation.retryFor, noteSeconds)
  const doubt = { mayBePublished: false }
  try {
    if ((await publish({ ...rotation, retryFor }, claim, before, noted, doubt)) === 'published')
      return doubt.mayBePublished
  } catch (error) {
    // It speaks of a new pair, and none was issued here.
    if (!(error instanceof Failure)) throw error
  }
  rotation.narrator.info(
    'GitHub: the shared state could not be updated to say that Box does not accept this token.',
  )
  return doubt.mayBePublished
}

/** Order, the rest: store the secret and its copies, then hand out. Rule 2: only now, because the pair is published. */
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
    ;({ writtenAt: secretWrittenAt } = copied)
    if (copied.kind === 'not-stored') throw explain.copyBehindState(rotation, secret.title, copied.problem)
    // If the job is killed from here on, its post step notes the date in the claim.
    journal.claimed({ ...claim, secretWrittenAt })
    journal.settled()
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
      // Box may be repeating an answer that was lost long ago: its refresh token still works, and gives a new pair.
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
    // The state has moved, so nobody needs to wait for this claim any more.
    if (error instanceof Failure) await cleanUp()
    throw error
  }
}
