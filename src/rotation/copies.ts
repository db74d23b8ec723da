/** Further secrets for the new tokens, written once the chain is safe. */
import * as explain from './messages.ts'
import type { Failure } from '../failure.ts'
import type { Secret } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { TransportError } from '../http/exchange.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { Patience } from './patience.ts'
import type { Copy } from '../github/target.ts'
import { sealFor, type SealingKey } from '../sealing/sealed-box.ts'
import { freshKey, type Obstacle } from './store.ts'

/** A copy that GitHub refuses (a 4xx) may work later, but the run does not wait long for that. */
const mostRefusedCopies = 3

/** What the copies are written with. */
export interface Copying {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  /** The secret that holds the chain. */
  readonly secret: Secret
  readonly copies: readonly Copy[]
  /** After this, nothing may be written, by the monotonic clock (milliseconds). Without it, there is no limit. */
  readonly fence?: number
}

/** What came of one copy. `problem` is without a full stop. `fenced`: there was no time left. */
type Copied = 'stored' | 'fenced' | Obstacle

/** The new tokens; the access token may be missing. */
export interface NewTokens {
  readonly refreshToken: string
  readonly accessToken: string | undefined
}

/**
 * Writes the new tokens to further secrets, without a check before the write: they follow the secret that holds the chain.
 *
 * @returns those that were written
 * @throws Failure `secret-not-written` if a required one could not be written
 */
export async function storeCopies(
  copying: Copying,
  { copySettings }: { readonly copySettings: ReadonlyMap<string, Readonly<Record<string, unknown>>> },
  key: SealingKey | undefined,
  tokens: NewTokens,
): Promise<readonly Copy[]> {
  const { environment, retryFor, narrator, fence } = copying
  const stored: Copy[] = []
  let failure: Failure | undefined
  const budget = new RetryBudget(environment, retryFor, fence)
  for (const copy of copying.copies) {
    const value = copy.holds === 'refresh-token' ? tokens.refreshToken : tokens.accessToken
    if (value === undefined) continue
    const sameKey = copy.secret.place === copying.secret.place ? key : undefined
    const settings = copySettings.get(copy.secret.name) ?? {}
    const copied = await storeCopy(copying, copy, value, sameKey, settings, budget)
    const subject = explain.subjectOf(copying)
    if (copied === 'stored') {
      stored.push(copy)
      narrator.info(`GitHub: the ${explain.contentOf(copy)} is also stored in the ${copy.secret.title}.`)
    } else if (copied === 'fenced') {
      narrator.warning(explain.noTimeForCopy(copy))
    } else if (copy.required) {
      failure ??= explain.copyNotWritten(subject, copy, copied.problem, copied.barrier)
    } else {
      narrator.warning(explain.copyNotWritten(subject, copy, copied.problem, copied.barrier).message)
    }
  }
  // Only after all have been tried: one that fails must not stop the others.
  if (failure) throw failure
  return stored
}

async function storeCopy(
  copying: Copying,
  { secret }: Copy,
  value: string,
  knownKey: SealingKey | undefined,
  settings: Readonly<Record<string, unknown>>,
  budget: RetryBudget,
): Promise<Copied> {
  let key = knownKey
  const keys = new Patience(copying.environment, copying.retryFor)
  for (let refusals = 0; ;) {
    let obstacle: Obstacle
    const read = key ?? (await freshKey(copying, secret, budget))
    // Somebody else may be writing newer tokens by now.
    if (budget.isFenced()) return 'fenced'
    if ('problem' in read) {
      obstacle = read
      refusals += 1
    } else {
      const outcome = await secret.write(sealFor(read, value), read.keyId, settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) return 'stored'
      key = status === 422 ? undefined : read
      // GitHub has replaced the key that this was sealed with. Rule 8: its next read may still show the old one.
      if (!key && (await keys.pause())) continue
      if (outcome.kind === 'answer' && outcome.last.status >= 400) refusals += 1
      obstacle = {
        problem: explain.describeGitHub(explain.subjectOf(copying), outcome.last),
        waitMs: outcome.waitMs,
        barrier: outcome.kind === 'answer' ? outcome.last.barrier : undefined,
      }
    }
    // The chain is safe, so a lasting refusal is not worth waiting for.
    if (refusals >= mostRefusedCopies || !(await budget.pause(obstacle.waitMs))) {
      return budget.isFenced() ? 'fenced' : obstacle
    }
  }
}
