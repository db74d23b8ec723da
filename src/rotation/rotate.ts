/**
 * One run: prove, guard, refresh, check, store. It keeps the rules of the protocol, whatever Box's rules turn out to be:
 *
 * - Rule 1: nothing is sent to Box before GitHub has shown that the new refresh token can be written
 * - Rule 2: the new access token is not used before the new refresh token is stored
 * - Rule 3: what `post` needs is saved as soon as Box answers
 * - Rule 4: a refresh token is only written over the one that it replaced
 * - Rule 6: expiry and age come from the servers' clocks
 * - Rule 7: a lost answer is asked for again, with the same refresh token
 * - Rule 9: a token that must not be stored goes to its owner as a recovery text
 */
import type { TokenEndpoint } from '../box/token-endpoint.ts'
import { serverNow, type ServerMoment } from '../clock.ts'
import { storeCopies } from './copies.ts'
import type { Copy } from '../github/target.ts'
import * as explain from './messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import type { Secret } from '../github/secret-store.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience } from './patience.ts'
import { isStale, prove, runBudget, type Baseline, type Proof } from './prove.ts'
import { refresh, type InvalidGrant, type Refreshed } from './refresh.ts'
import type { SealingKey } from '../sealing/sealed-box.ts'
import type { SignalGuard } from '../signals.ts'
import { store } from './store.ts'

/** Box's lifetime of an unused refresh token, in milliseconds. */
export const refreshTokenLifetimeMs = 60 * 24 * 3600 * 1000

/** Everything one rotation works with. */
export interface Rotation extends Proof {
  readonly box: TokenEndpoint
  readonly refreshToken: string
  /** The copy that `refreshToken` comes from, if not the secret itself: Dependabot's runs get Dependabot's copy. */
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
  /** A write is about to be sent: from now on, a changed secret may be this run's own doing. */
  aboutToStore(): void
  /** The token is stored: nothing is left to do. */
  settled(): void
  /** Rule 9: the token must no longer be stored. It goes to its owner, sealed, and nothing is left to do. */
  superseded(): void
}

/** What it takes to find out why Box rejects a refresh token. */
export type Refused = Proof & Pick<Rotation, 'source' | 'startedAt'>

/** A pair that is refreshed and stored. */
export interface StoredPair {
  readonly accessToken: string
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly expiresAt: number
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly refreshTokenExpiresAt: number
  /** Box's clock, to work out how much time is left. */
  readonly moment: ServerMoment
  /** Where the refresh token is stored now, in words. */
  readonly storedIn: readonly string[]
}

/**
 * Rotates the pair once.
 *
 * @returns the new pair, stored
 * @throws Failure with one of the codes; then nothing is handed out
 */
export async function rotate(rotation: Rotation): Promise<StoredPair> {
  const baseline = await prove(rotation)
  guard(rotation, baseline)
  rotation.signals.hold()
  try {
    const refreshed = await refresh(rotation, rotation.refreshToken)
    if ('invalidGrant' in refreshed) throw await invalidGrant(rotation, baseline, refreshed)
    rotation.journal.issued(refreshed.refreshToken, baseline)
    // Rule 6. An answer without a date gets GitHub's time now, not later: storing may take a while.
    const { clock } = rotation.environment
    const issued = refreshed.moment ?? { date: serverNow(baseline.moment, clock), at: clock.monotonic() }
    const key = await storeAndSettle(rotation, baseline, refreshed.refreshToken)
    const tokens = { refreshToken: refreshed.refreshToken, accessToken: refreshed.access?.token }
    const copied = await storeCopies(rotation, baseline, key, tokens)
    return release(rotation, refreshed, issued, copied)
  } finally {
    rotation.signals.release()
  }
}

/** A run that was queued before the last rotation holds the token from before it. It fails without asking Box. */
function guard(rotation: Rotation, baseline: Baseline): void {
  const { updatedAt, runCreatedAt } = baseline
  if (runCreatedAt !== undefined && isStale(rotation, baseline))
    throw explain.queuedBeforeRotation(explain.subjectOf(rotation), updatedAt, runCreatedAt)
}

/**
 * The refresh token no longer works. If the stored secret is newer than what this run can know, another run has rotated it
 * and the chain is alive; otherwise somebody has to sign in. A false "stale" costs a new run, a false "reauthorize" a
 * sign-in. Rule 8: so it keeps looking for as long as a read may be old.
 *
 * @param accountedFor until when it is known who wrote the secret, in milliseconds since 1970 (UTC)
 */
export async function invalidGrant(
  rotation: Refused,
  baseline: Baseline,
  { invalidGrant: answer, answerLost }: InvalidGrant,
  accountedFor = -Infinity,
): Promise<Failure> {
  const { secret, run, environment, retryFor, narrator } = rotation
  const subject = explain.subjectOf(rotation)
  const budget = new RetryBudget(environment, retryFor)
  const patience = new Patience(environment, retryFor)
  for (let looks = 1, { updatedAt, runCreatedAt } = baseline; ; looks += 1) {
    // GitHub may not show this run yet.
    runCreatedAt ??= await run?.createdAt(runBudget(rotation))
    try {
      const now = await secret.metadata(budget)
      if ('updatedAt' in now) updatedAt = Math.max(updatedAt, now.updatedAt)
    } catch (error) {
      // Then the read before the refresh must do.
      if (!(error instanceof GitHubUnavailable)) throw error
    }
    const isElsewhere = updatedAt > accountedFor && isYounger(rotation, baseline, runCreatedAt, updatedAt)
    if (isElsewhere) return explain.rotatedElsewhere(subject, answer, updatedAt)
    if (await isBehind(rotation, updatedAt)) return explain.copyBehind(subject, answer)
    if (looks === 1)
      narrator.info('Box rejects the refresh token: checking whether another run has stored a newer one.')
    if (await patience.pause()) continue
    return explain.reauthorize(subject, answer, answerLost, run !== undefined && runCreatedAt === undefined)
  }
}

/** Whether the stored token is, or may be, newer than the one that this run was given. */
function isYounger(
  { secret, startedAt }: Refused,
  { moment }: Baseline,
  runCreatedAt: number | undefined,
  updatedAt: number,
): boolean {
  // A re-run may hold the value of its first attempt, so its later start doesn't count.
  if (runCreatedAt !== undefined && updatedAt >= runCreatedAt) return true
  if (secret.place.read === 'when-the-job-starts') {
    const started = moment.date - (moment.at - startedAt)
    return updatedAt >= Math.floor(started / 1000) * 1000
  }
  return runCreatedAt === undefined && updatedAt >= moment.date
}

/** Whether the copy that the given token comes from is older than the secret, or can't be checked. */
async function isBehind({ source, environment, retryFor }: Refused, updatedAt: number): Promise<boolean> {
  if (!source) return false
  try {
    const copy = await source.metadata(new RetryBudget(environment, retryFor))
    return 'refused' in copy || copy.updatedAt < updatedAt
  } catch (error) {
    if (error instanceof GitHubUnavailable) return true
    throw error
  }
}

/** Stores the token. Once it is stored, or must no longer be stored, `post` has nothing to do. */
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
    if (error instanceof Failure && error.code === 'stale-secret') journal.superseded()
    throw error
  }
}

function release(
  rotation: Rotation,
  { access, problem }: Refreshed,
  issued: ServerMoment,
  copied: readonly Copy[],
): StoredPair {
  if (!access) throw explain.storedWithoutAccess(explain.subjectOf(rotation), problem)
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
