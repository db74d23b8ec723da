/** Rule 4: stores the new refresh token, and only over the one that it replaced. */
import * as explain from './messages.ts'
import { GitHubUnavailable } from '../github/client.ts'
import type { Barred } from '../github/remedy.ts'
import type { Refused, Secret, SecretMetadata } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { TransportError } from '../http/exchange.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { canSeal, sealFor, type SealingKey } from '../sealing/sealed-box.ts'

/** Where something is stored, and with what. */
export interface Storing {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  readonly secret: Secret
  /** Called before each write, so that a changed secret can later be recognized as this run's own doing. */
  readonly aboutToWrite: () => void
  /** Whether an earlier process of this run may have written it already. */
  readonly mayBeWritten?: boolean
  /** After this, nothing may be written, by the monotonic clock (milliseconds). Without it, there is no limit. */
  readonly fence?: number
}

/** What came of a store. */
export type Stored =
  /**
   * `key`: the current key, for what else goes to the same place. `writtenAt`: the latest that the secret's `updated_at` can
   * be (milliseconds since 1970, UTC), from the answer to the write; `undefined` if GitHub sent no date.
   */
  | { readonly kind: 'stored'; readonly key: SealingKey; readonly writtenAt: number | undefined }
  /** Somebody has written the secret meanwhile. `writeLost`: or this run has, and GitHub's answer got lost. */
  | { readonly kind: 'moved'; readonly updatedAt: number; readonly writeLost: boolean }
  /** `problem` is without a full stop. `fenced`: there was no time left. */
  | {
      readonly kind: 'not-stored'
      readonly problem: string
      readonly writeLost: boolean
      readonly fenced: boolean
    }

/** What the secret was like before the refresh. */
export interface StoreBaseline {
  /** `undefined` if it is still to be read. */
  readonly key: SealingKey | undefined
  readonly settings: Readonly<Record<string, unknown>>
  /** A write after this is somebody else's, in milliseconds since 1970 (UTC). */
  readonly conflictAfter: number
}

/** Nobody has written the secret meanwhile. Holds the settings that a write must repeat. */
interface Unmoved {
  readonly settings: Readonly<Record<string, unknown>>
}

/** Somebody has written the secret meanwhile. */
interface Moved {
  /** Milliseconds since 1970 (UTC). */
  readonly movedAt: number
}

/** What the check before a write found. */
export type Look = Unmoved | Moved | Obstacle

/** Why the token could not be stored at this attempt, without a full stop. */
export interface Obstacle extends Partial<Barred> {
  readonly problem: string
  readonly waitMs?: number | undefined
}

/**
 * Writes the new refresh token, and only over the one that it replaced.
 *
 * @param budget the time that is left, if it does not start now
 * @returns the current key, for what else goes to the same place
 * @throws Failure `stale-secret` if the secret has changed, `secret-not-written` if it could not be written
 */
export async function store(
  storing: Storing,
  baseline: StoreBaseline,
  refreshToken: string,
  budget = budgetOf(storing),
): Promise<SealingKey> {
  const subject = explain.subjectOf(storing)
  const outcome = await tryToStore(storing, baseline, refreshToken, budget)
  switch (outcome.kind) {
    case 'stored':
      return outcome.key
    case 'moved':
      throw explain.overtaken(subject, outcome.updatedAt, outcome.writeLost)
    case 'not-stored':
      throw explain.secretNotWritten(subject, outcome.problem, outcome.writeLost)
  }
}

function budgetOf({ environment, retryFor, fence }: Storing): RetryBudget {
  return new RetryBudget(environment, retryFor, fence)
}

/**
 * The same, but returns the outcome instead of throwing it. Only running out of time ends the attempts: without a shared
 * state, the token is nowhere else.
 *
 * @param firstLook the check before the first write, if it is already under way
 */
export async function tryToStore(
  storing: Storing,
  baseline: StoreBaseline,
  refreshToken: string,
  budget = budgetOf(storing),
  firstLook?: Promise<Look>,
): Promise<Stored> {
  const { secret, narrator } = storing
  const subject = explain.subjectOf(storing)
  // An answer to a write got lost: from then on, a changed secret may be this run's own doing, and nobody can tell.
  let writeLost = storing.mayBeWritten ?? false
  let key: SealingKey | undefined = baseline.key
  let problem: string | undefined
  for (;;) {
    let obstacle: Obstacle | undefined
    if (!key) {
      const read = await freshKey(storing, secret, budget)
      if ('problem' in read) obstacle = read
      else key = read
    }
    const look = await (problem === undefined && firstLook ? firstLook : check(storing, baseline, budget))
    if ('movedAt' in look) return { kind: 'moved', updatedAt: look.movedAt, writeLost }
    if ('problem' in look) obstacle = look
    // An earlier problem says more than that no time is left.
    if (budget.isFenced()) obstacle ??= { problem: problem ?? 'no time was left' }
    else if (!obstacle && key && 'settings' in look) {
      storing.aboutToWrite()
      const outcome = await secret.write(sealFor(key, refreshToken), key.keyId, look.settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) {
        narrator.info(
          'GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.',
        )
        const writtenAt = outcome.kind === 'answer' ? outcome.last.moment?.date : undefined
        return { kind: 'stored', key, writtenAt }
      }
      writeLost ||= outcome.mayHaveArrived && !(status !== undefined && status >= 400 && status < 500)
      // GitHub has replaced the key that this was sealed with.
      if (status === 422) key = undefined
      obstacle = { problem: explain.describeGitHub(subject, outcome.last), waitMs: outcome.waitMs }
    }
    problem = obstacle?.problem ?? ''
    if (!(await budget.pause(obstacle?.waitMs, true))) {
      const fenced = budget.isFenced()
      if (fenced) return { kind: 'not-stored', problem, writeLost, fenced }
      // One last check: knowing that the secret has changed is better than not knowing.
      const last = await check(storing, baseline, budget)
      if ('movedAt' in last) return { kind: 'moved', updatedAt: last.movedAt, writeLost }
      return { kind: 'not-stored', problem, writeLost, fenced }
    }
    narrator.info(`GitHub: ${problem}; trying again.`)
  }
}

/**
 * Rule 4: the conflict check. GitHub has no compare-and-swap, so two gaps remain: the moment between this check and the
 * write, and a write so shortly before the check that an old read does not show it.
 *
 * Once an answer to a write is lost, a changed secret may hold this run's token or another run's. Nobody can read which, so
 * nothing is used or handed out: a new run costs less than a token that is used before it is stored.
 */
export async function check(storing: Storing, baseline: StoreBaseline, budget: RetryBudget): Promise<Look> {
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
    // Deleted meanwhile: there is nothing newer to overwrite, and this token is the newest.
    if (now.refused === 404) return { settings: baseline.settings }
    return { problem: explain.refusedLook(subject, 'the secret', now) }
  }
  if (now.updatedAt <= baseline.conflictAfter)
    return { settings: await settingsNow(storing, baseline, now, budget) }
  return { movedAt: now.updatedAt }
}

/** The settings that a write must repeat may have changed since the baseline. If they can't be read, the baseline's must do. */
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
      return { problem: explain.refusedLook(subject, 'the public key', key), barrier: key.barrier }
    return canSeal(key) ? key : { problem: 'its public key is unusable' }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    return { problem: explain.describeGitHub(subject, error.last), waitMs: error.waitMs }
  }
}
