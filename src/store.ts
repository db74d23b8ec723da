/** Rule 4: the new refresh token is stored, and only over the one that it replaced. */
import { isoSeconds, serverNow, type ServerMoment } from './clock.ts'
import * as explain from './explain.ts'
import { GitHubUnavailable } from './github/client.ts'
import type { Refused, Secret, SecretMetadata } from './github/secret-store.ts'
import type { Narrator } from './narrator.ts'
import { TransportError } from './net/exchange.ts'
import { RetryBudget, type RetryEnvironment } from './net/retry.ts'
import { canSeal, sealFor, type SealingKey } from './sealing/sealed-box.ts'

/** GitHub's clock and its notes of when a secret was written agree to this much, in milliseconds. */
const clockToleranceMs = 2_000

/** Where something is stored, and with what. */
export interface Storing {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  readonly secret: Secret
  /** Called before each write, so that a moved secret can be told from our own write later. */
  readonly aboutToWrite: () => void
}

/** What the secret was like before the refresh. */
export interface StoreBaseline {
  /** `undefined`: still to be read. */
  readonly key: SealingKey | undefined
  readonly settings: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970 (UTC). */
  readonly updatedAt: number
  /** GitHub's clock. */
  readonly moment: ServerMoment
}

/** GitHub's time between sending a write whose answer got lost and giving that answer up, in milliseconds. */
interface LostWrite {
  from: number
  to: number
}

/** Nobody wrote the secret meanwhile; what a write has to repeat. */
interface Unmoved {
  readonly settings: Readonly<Record<string, unknown>>
}

/** Why the token could not be stored in one go, without a full stop. */
export interface Obstacle {
  readonly problem: string
  readonly waitMs?: number | undefined
}

/**
 * Writes the new refresh token, and only over the one that it replaced. Nothing but the time that is left ends the
 * attempts: the token is nowhere else.
 *
 * @returns the key that is good now, if it is known, for what else goes to the same place
 */
export async function store(
  storing: Storing,
  baseline: StoreBaseline,
  refreshToken: string,
): Promise<SealingKey | undefined> {
  const { secret, narrator, environment, retryFor } = storing
  const budget = new RetryBudget(environment, retryFor)
  const subject = explain.subjectOf(storing)
  const lost: LostWrite = { from: Infinity, to: -Infinity }
  let key: SealingKey | undefined = baseline.key
  for (;;) {
    let obstacle: Obstacle | undefined
    if (!key) {
      const read = await freshKey(storing, secret, budget)
      if ('problem' in read) obstacle = read
      else key = read
    }
    const look = await check(storing, baseline, lost, budget)
    if (look === 'stored') return key
    if ('problem' in look) obstacle = look
    if (!obstacle && key && 'settings' in look) {
      storing.aboutToWrite()
      const sentAt = gitHubNow(storing, baseline)
      const outcome = await secret.write(sealFor(key, refreshToken), key.keyId, look.settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) {
        narrator.info(
          'GitHub: nobody else wrote the secret meanwhile, and the new refresh token is stored in it, sealed.',
        )
        return key
      }
      if (outcome.mayHaveArrived && !(status !== undefined && status >= 400 && status < 500)) {
        lost.from = Math.min(lost.from, sentAt)
        lost.to = Math.max(lost.to, gitHubNow(storing, baseline))
      }
      // Sealed for a key that GitHub has replaced meanwhile.
      if (status === 422) key = undefined
      obstacle = { problem: explain.describeGitHub(subject, outcome.last), waitMs: outcome.waitMs }
    }
    const problem = obstacle?.problem ?? ''
    if (!(await budget.pause(obstacle?.waitMs, true))) {
      if ((await check(storing, baseline, lost, budget)) === 'stored') return key
      throw explain.secretNotWritten(subject, problem, lost.from <= lost.to)
    }
    narrator.info(`GitHub: ${problem}; trying again.`)
  }
}

/**
 * The conflict check. GitHub has no compare-and-swap: what is left is the moment between this look and the write.
 *
 * A secret that moved in the very seconds in which the answer to this run's write got lost was moved by that write.
 * (That another run wrote in the same seconds cannot be told apart; runs that may meet there should be serialised.)
 *
 * @throws Failure `stale-secret` where somebody else wrote the secret
 */
async function check(
  storing: Storing,
  baseline: StoreBaseline,
  lost: LostWrite,
  budget: RetryBudget,
): Promise<Unmoved | 'stored' | Obstacle> {
  const { secret, narrator } = storing
  const subject = explain.subjectOf(storing)
  let now: SecretMetadata | Refused
  try {
    now = await secret.metadata(budget)
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    return { problem: explain.describeGitHub(subject, error.last), waitMs: error.waitMs }
  }
  if ('refused' in now) {
    // Deleted meanwhile: then there is nothing newer that could be overwritten, and this token is the last one.
    if (now.refused === 404) return { settings: baseline.settings }
    return { problem: explain.refusedLook(subject, 'the secret', now.refused, now.message) }
  }
  // An older date than the one before is a server that lags behind.
  if (now.updatedAt <= baseline.updatedAt)
    return { settings: await settingsNow(storing, baseline, now, budget) }
  if (now.updatedAt >= lost.from - clockToleranceMs && now.updatedAt <= lost.to + clockToleranceMs) {
    const written = isoSeconds(now.updatedAt)
    narrator.info(
      `GitHub: its answer was lost, but the secret was written then (${written}): the new refresh token is stored.`,
    )
    return 'stored'
  }
  throw explain.overtaken(subject, now.updatedAt, lost.from <= lost.to)
}

/** What a write has to repeat may have changed since the baseline; where it cannot be read, that has to do. */
async function settingsNow(
  { secret }: Storing,
  { settings }: StoreBaseline,
  now: SecretMetadata,
  budget: RetryBudget,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const answer = await secret.settings(now, budget)
    return 'body' in answer ? answer.body : settings
  } catch (error) {
    if (error instanceof GitHubUnavailable) return settings
    throw error
  }
}

export async function freshKey(
  storing: Omit<Storing, 'aboutToWrite'>,
  secret: Secret,
  budget: RetryBudget,
): Promise<SealingKey | Obstacle> {
  const subject = explain.subjectOf(storing)
  try {
    const key = await secret.publicKey(budget)
    if ('refused' in key)
      return { problem: explain.refusedLook(subject, 'the public key', key.refused, key.message) }
    return canSeal(key) ? key : { problem: 'its public key is unusable' }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    return { problem: explain.describeGitHub(subject, error.last), waitMs: error.waitMs }
  }
}

/** GitHub's time, worked out from the moment that it told before the refresh; milliseconds since 1970 (UTC). */
function gitHubNow({ environment }: Storing, { moment }: StoreBaseline): number {
  return serverNow(moment, environment.clock)
}
