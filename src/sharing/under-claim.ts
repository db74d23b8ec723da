/**
 * What the job that holds the claim does: refresh, journal, publish the state, store the secret, hand out, delete the claims.
 * With the lease over it does nothing more that has an effect.
 */
import { serverNow } from '../clock.ts'
import { storeCopies } from '../copies.ts'
import { storedWithoutAccess, subjectOf } from '../explain.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../net/retry.ts'
import { prove, type Baseline } from '../prove.ts'
import { refresh, type InvalidGrant, type Refreshed } from '../refresh.ts'
import { invalidGrant, isStale, refreshTokenLifetimeMs } from '../rotation.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import type { Claim, HeldClaim } from './claim.ts'
import * as explain from './explain.ts'
import { noteSeconds, publish, storePublished } from './publish.ts'
import type { IssuedShared, Memory, SharedPair, SharedRotation, Source } from './shared-rotation.ts'
import {
  deleteClaims,
  hasMoved,
  listClaims,
  readState,
  releaseClaim,
  type Claiming,
  type Sharing,
  type View,
} from './shared-variables.ts'
import { OverTokens, type SharedState } from './state.ts'

/** Between two looks for what an earlier holder may publish, in milliseconds. */
const shortestPollMs = 1000

/** What the holder of a claim works with. */
interface Holding {
  readonly rotation: SharedRotation
  readonly claim: HeldClaim
  /** Claims of before that are over. */
  readonly others: readonly Claim[]
  /** What the secret was like before the refresh. */
  readonly baseline: Baseline
  readonly memory: Memory
}

/**
 * Refreshes, publishes and stores.
 *
 * @param before the state when the claim was taken
 * @param memory what is learnt on the way, for the next try as well
 * @returns `undefined`: start from the state again
 * @throws Failure or GitHubUnavailable; a pair that is issued and not published is in `memory.inHand` then
 */
export async function underClaim(
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
    const holding = { rotation, claim, others, baseline, memory }
    if (!memory.inHand) {
      const issued = await refreshUnderClaim(holding, now, source)
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
    return await afterPublishing(holding, state, refreshed)
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
async function refreshUnderClaim(holding: Holding, now: View, source: Source): Promise<Memory['inHand']> {
  const { rotation, claim, baseline, memory } = holding
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
    await afterInvalidGrant(holding, now, byState, refreshed)
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
 * Box does not take the token. Somebody else may have refreshed it, and has published that or may yet do so; only then is
 * it a failure.
 */
async function afterInvalidGrant(
  { rotation, claim, others, baseline, memory }: Holding,
  before: View,
  byState: boolean,
  refused: InvalidGrant,
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
  { rotation, claim, others, baseline, memory }: Holding,
  state: SharedState,
  refreshed: Refreshed,
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
