/** Rule 4: the new refresh token is stored, and only over the one that it replaced. */
import * as explain from './explain.ts'
import { GitHubUnavailable } from './github/client.ts'
import type { Refused, Secret, SecretMetadata } from './github/secret-store.ts'
import type { Narrator } from './narrator.ts'
import { TransportError } from './net/exchange.ts'
import { RetryBudget, type RetryEnvironment } from './net/retry.ts'
import { canSeal, sealFor, type SealingKey } from './sealing/sealed-box.ts'

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
  // An answer to a write got lost: from then on a moved secret may be our own doing, and nobody can tell.
  let writeLost = false
  let key: SealingKey | undefined = baseline.key
  for (;;) {
    let obstacle: Obstacle | undefined
    if (!key) {
      const read = await freshKey(storing, secret, budget)
      if ('problem' in read) obstacle = read
      else key = read
    }
    const look = await check(storing, baseline, writeLost, budget)
    if ('problem' in look) obstacle = look
    if (!obstacle && key && 'settings' in look) {
      storing.aboutToWrite()
      const outcome = await secret.write(sealFor(key, refreshToken), key.keyId, look.settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) {
        narrator.info(
          'GitHub: nobody else wrote the secret meanwhile, and the new refresh token is stored in it, sealed.',
        )
        return key
      }
      writeLost ||= outcome.mayHaveArrived && !(status !== undefined && status >= 400 && status < 500)
      // Sealed for a key that GitHub has replaced meanwhile.
      if (status === 422) key = undefined
      obstacle = { problem: explain.describeGitHub(subject, outcome.last), waitMs: outcome.waitMs }
    }
    const problem = obstacle?.problem ?? ''
    if (!(await budget.pause(obstacle?.waitMs, true))) {
      // A last look: what has moved by now is a clearer end than not knowing.
      await check(storing, baseline, writeLost, budget)
      throw explain.secretNotWritten(subject, problem, writeLost)
    }
    narrator.info(`GitHub: ${problem}; trying again.`)
  }
}

/**
 * The conflict check. GitHub has no compare-and-swap: what is left is the moment between this look and the write.
 *
 * Once an answer to a write got lost, a secret that has moved may hold this run's token or another one's. Which of them
 * cannot be read, so nothing is used or handed out: a new run costs less than a token used before it is stored.
 *
 * @throws Failure `stale-secret` where the secret has moved
 */
async function check(
  storing: Storing,
  baseline: StoreBaseline,
  writeLost: boolean,
  budget: RetryBudget,
): Promise<Unmoved | Obstacle> {
  const { secret } = storing
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
  throw explain.overtaken(subject, now.updatedAt, writeLost)
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
