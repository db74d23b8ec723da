/**
 * One run: prove, guard, refresh, check, store. What it holds on to, whatever Box's rules turn out to be:
 *
 * - nothing is sent to Box before GitHub has shown that the new refresh token can be written
 * - the new access token is not used before the new refresh token is stored
 * - a refresh token is only written over the one that it replaced
 * - an answer of Box that got lost is asked for again with the same refresh token
 * - expiry and age are told by the servers' clocks
 */
import { passingOAuthErrors, type TokenAnswer, type TokenEndpoint } from './box/token-endpoint.ts'
import { serverNow, type ServerMoment } from './clock.ts'
import { storeCopies } from './copies.ts'
import type { Copy } from './target.ts'
import * as explain from './explain.ts'
import { Failure } from './failure.ts'
import { GitHubUnavailable } from './github/client.ts'
import type { Secret } from './github/secret-store.ts'
import { RetryBudget } from './net/retry.ts'
import { prove, runBudget, type Baseline, type Proof } from './prove.ts'
import type { SealingKey } from './sealing/sealed-box.ts'
import type { SignalGuard } from './signals.ts'
import { store } from './store.ts'

/** Box's lifetime of an unused refresh token, in milliseconds. */
const refreshTokenLifetimeMs = 60 * 24 * 3600 * 1000
/** A 200 without a token pair is asked for again, but hardly ever mends itself. */
const mostTriesWithoutPair = 3

/** Everything one rotation works with. */
export interface Rotation extends Proof {
  readonly box: TokenEndpoint
  readonly refreshToken: string
  /** The copy that `refreshToken` comes from, where it is not the secret itself: Dependabot's runs get theirs. */
  readonly source: Secret | undefined
  readonly signals: SignalGuard
  readonly journal: Journal
  /** When this process began, by the monotonic clock (milliseconds). */
  readonly startedAt: number
}

/** Rule 3: what `post` needs to finish what this process could not. Written synchronously. */
export interface Journal {
  /** Box has answered: the new refresh token, and what the secret was like before. */
  issued(refreshToken: string, baseline: Baseline): void
  /** A write is about to be sent: from now on a moved secret may be our own doing. */
  aboutToStore(): void
  /** There is nothing left to do: it is stored, or must not be any more. */
  settled(): void
}

/** A pair that is refreshed and stored. */
export interface StoredPair {
  readonly accessToken: string
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly expiresAt: number
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly refreshTokenExpiresAt: number
  /** Box's clock, to work out what is left. */
  readonly moment: ServerMoment
  /** Where the refresh token is stored now, in words. */
  readonly storedIn: readonly string[]
}

/** What Box gave: a new refresh token in any case, a usable access token as a rule. */
interface Refreshed {
  readonly refreshToken: string
  readonly access: { readonly token: string; readonly expiresIn: number } | undefined
  readonly moment: ServerMoment | undefined
  /** What is wrong with the answer, where `access` is missing. */
  readonly problem: string
}

/**
 * Rotates the pair once.
 *
 * @returns the new pair, stored
 * @throws Failure with one of the codes; nothing is handed out then
 */
export async function rotate(rotation: Rotation): Promise<StoredPair> {
  const baseline = await prove(rotation)
  guard(rotation, baseline)
  rotation.signals.hold()
  try {
    const refreshed = await refresh(rotation, baseline)
    rotation.journal.issued(refreshed.refreshToken, baseline)
    const key = await storeAndSettle(rotation, baseline, refreshed.refreshToken)
    const tokens = { refreshToken: refreshed.refreshToken, accessToken: refreshed.access?.token }
    const copied = await storeCopies(rotation, baseline, key, tokens)
    return release(rotation, baseline, refreshed, copied)
  } finally {
    rotation.signals.release()
  }
}

/** A run that was queued before the last rotation holds the token from before it: Box is not asked. */
function guard(rotation: Rotation, { updatedAt, runCreatedAt }: Baseline): void {
  const { secret, run } = rotation
  // A re-run may or may not hold the new value, and an environment's secret is read later: both are judged afterwards.
  if (secret.place.read !== 'when-queued' || run?.attempt !== 1 || runCreatedAt === undefined) return
  // GitHub tells whole seconds: the same second may be before or after, and a false alarm costs only a new run.
  if (updatedAt >= runCreatedAt)
    throw explain.queuedBeforeRotation(explain.subjectOf(rotation), updatedAt, runCreatedAt)
}

/** Spends the refresh token. An answer that got lost is asked for again: the pair is out of reach otherwise. */
async function refresh(rotation: Rotation, baseline: Baseline): Promise<Refreshed> {
  const { box, narrator, environment, retryFor, refreshToken } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const subject = explain.subjectOf(rotation)
  let answerLost = false
  let withoutPair = 0
  narrator.info('Box: asking for a new pair.')
  for (;;) {
    const answer = await box.refresh(refreshToken, budget)
    for (const token of answer.tokens) narrator.mask(token)
    switch (answer.kind) {
      case 'pair': {
        const { accessToken: token, refreshToken: next, expiresIn, moment } = answer.pair
        narrator.info('Box: a new pair is issued; from now on the old one may end at any moment.')
        return { refreshToken: next, access: { token, expiresIn }, moment, problem: '' }
      }
      case 'refresh-token-only':
        // The answer is faulty, yet its refresh token is all that keeps the chain alive: it is stored first.
        narrator.info('Box: the answer is faulty, but it has a new refresh token, which is kept.')
        return {
          refreshToken: answer.refreshToken,
          access: undefined,
          moment: undefined,
          problem: answer.problem,
        }
      case 'refused':
        if (answer.error === 'invalid_grant') throw await invalidGrant(rotation, baseline, answer, answerLost)
        if (!passingOAuthErrors.has(answer.error)) throw explain.boxRefused(subject, answer, answerLost)
        break
      case 'no-pair':
        answerLost = true
        withoutPair += 1
        break
      case 'unusable':
        answerLost ||= mayHaveIssued(answer.status)
        break
      case 'no-answer':
        answerLost ||= answer.error.mayHaveArrived
        break
      case 'rate-limited':
        break
    }
    const waitMs = 'waitMs' in answer ? answer.waitMs : undefined
    const hopeless = withoutPair >= mostTriesWithoutPair || (!answerLost && !mayPass(answer))
    if (rotation.signals.interrupted.aborted || hopeless || !(await budget.pause(waitMs, answerLost))) {
      throw explain.noPair(subject, answer, answerLost, budget.isUsedUp)
    }
    narrator.info(`Box: ${explain.describeBox(subject, answer)}; asking again.`)
  }
}

/** Whether a status without tokens leaves it open that Box has issued some. */
function mayHaveIssued(status: number): boolean {
  return status >= 500 || status < 300
}

/** Whether asking again can bring another answer: not where the certificate or the address is wrong. */
function mayPass(answer: TokenAnswer): boolean {
  if (answer.kind === 'no-answer') return answer.error.fault !== 'certificate'
  if (answer.kind !== 'unusable') return true
  const passing4xx = [408, 425]
  return answer.status < 400 || answer.status >= 500 || passing4xx.includes(answer.status)
}

/**
 * The refresh token is dead. If the stored secret is younger than what this run can know, another run has rotated it
 * and all is well with the chain; else somebody has to log in. A false "stale" costs a new run, a false
 * "reauthorize" a log-in.
 */
async function invalidGrant(
  rotation: Rotation,
  baseline: Baseline,
  answer: Extract<TokenAnswer, { kind: 'refused' }>,
  answerLost: boolean,
): Promise<Failure> {
  const { secret, run, environment, retryFor, startedAt } = rotation
  let { updatedAt, runCreatedAt } = baseline
  try {
    const now = await secret.metadata(new RetryBudget(environment, retryFor))
    if ('updatedAt' in now) updatedAt = now.updatedAt
  } catch (error) {
    // Then the look before the refresh has to do.
    if (!(error instanceof GitHubUnavailable)) throw error
  }
  runCreatedAt ??= await run?.createdAt(runBudget(rotation))
  const started = baseline.moment.date - (baseline.moment.at - startedAt)
  const startedInSecond = Math.floor(started / 1000) * 1000
  const rotatedElsewhere =
    updatedAt > baseline.updatedAt ||
    (runCreatedAt !== undefined && updatedAt >= runCreatedAt) ||
    (secret.place.read === 'when-the-job-starts' && updatedAt >= startedInSecond)
  if (!rotatedElsewhere && (await isBehind(rotation, updatedAt)))
    return explain.copyBehind(explain.subjectOf(rotation), answer)
  if (rotatedElsewhere) return explain.rotatedElsewhere(explain.subjectOf(rotation), answer, updatedAt)
  const runUnreadable = run !== undefined && runCreatedAt === undefined
  return explain.reauthorize(explain.subjectOf(rotation), answer, answerLost, runUnreadable)
}

/** Whether the copy that the given token comes from is older than the secret, or cannot be looked at. */
async function isBehind({ source, environment, retryFor }: Rotation, updatedAt: number): Promise<boolean> {
  if (!source) return false
  try {
    const copy = await source.metadata(new RetryBudget(environment, retryFor))
    return 'refused' in copy || copy.updatedAt < updatedAt
  } catch (error) {
    if (error instanceof GitHubUnavailable) return true
    throw error
  }
}

/** After a store that worked, and after one that must not be made any more, `post` has nothing to do. */
async function storeAndSettle(
  rotation: Rotation,
  baseline: Baseline,
  refreshToken: string,
): Promise<SealingKey | undefined> {
  const { journal } = rotation
  try {
    const key = await store(
      { ...rotation, aboutToWrite: () => journal.aboutToStore() },
      baseline,
      refreshToken,
    )
    journal.settled()
    return key
  } catch (error) {
    if (error instanceof Failure && error.code === 'stale-secret') journal.settled()
    throw error
  }
}

function release(
  rotation: Rotation,
  baseline: Baseline,
  { access, moment, problem }: Refreshed,
  copied: readonly Copy[],
): StoredPair {
  if (!access) throw explain.storedWithoutAccess(explain.subjectOf(rotation), problem)
  const { clock } = rotation.environment
  const issued = moment ?? { date: serverNow(baseline.moment, clock), at: clock.monotonic() }
  return {
    accessToken: access.token,
    expiresAt: issued.date + access.expiresIn * 1000,
    refreshTokenExpiresAt: issued.date + refreshTokenLifetimeMs,
    moment: issued,
    storedIn: [
      rotation.secret,
      ...copied.filter(({ holds }) => holds === 'refresh-token').map(({ secret }) => secret),
    ].map(({ title }) => title),
  }
}
