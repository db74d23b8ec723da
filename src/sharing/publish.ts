/**
 * A new pair into the shared state, then its refresh token into the secret: published is durable, from there on the chain
 * lives whatever happens to the secret.
 */
import { describeGitHub, subjectOf } from '../explain.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { TransportError } from '../net/exchange.ts'
import { RetryBudget } from '../net/retry.ts'
import type { SealingKey } from '../sealing/sealed-box.ts'
import { tryToStore, type StoreBaseline } from '../store.ts'
import type { HeldClaim } from './claim.ts'
import * as explain from './explain.ts'
import { hasMoved, readState, type Sharing, type View } from './shared-variables.ts'
import { sealState, type SharedState } from './state.ts'

/** A note in the state only saves the next refresh a doubt: seconds. */
export const noteSeconds = 15

/** What came of publishing. */
export type Published =
  | 'published'
  /** The state holds another token now: nothing was written. */
  | 'moved'
  /** The lease was over before: nothing was written. */
  | 'lease-over'

/**
 * Writes a state over the one that was read, under a claim.
 *
 * @param before the state as it was when its token was sent to Box
 * @throws Failure `secret-not-written` where GitHub does not take it in time
 */
export async function publish(
  sharing: Sharing,
  claim: HeldClaim,
  before: View,
  next: SharedState,
): Promise<Published> {
  const { variables, seal, environment, retryFor, narrator } = sharing
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const sealed = sealState(seal, next)
  for (;;) {
    let problem: string
    let waitMs: number | undefined
    try {
      const now = await readState(sharing, budget)
      // An answer to an earlier try got lost.
      if (now.text === sealed) return 'published'
      if (hasMoved(before, now)) return 'moved'
      if (budget.isFenced()) return 'lease-over'
      const outcome =
        now.text === undefined
          ? await variables.create(seal.name, sealed, budget)
          : await variables.update(seal.name, sealed, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) return 'published'
      problem = describeGitHub(subjectOf(sharing), outcome.last)
      waitMs = outcome.waitMs
    } catch (error) {
      if (error instanceof GitHubUnavailable) {
        problem = describeGitHub(subjectOf(sharing), error.last)
        waitMs = error.waitMs
      } else if (error instanceof Failure) {
        // A refusal of a look is no end either: the pair is nowhere else.
        problem = error.what.replace(/\.$/, '')
      } else throw error
    }
    if (!(await budget.pause(waitMs, true))) {
      if (budget.isFenced()) return 'lease-over'
      throw explain.notPublished(sharing, retryFor, problem)
    }
    narrator.info(`GitHub: ${problem}; trying again to write the shared state.`)
  }
}

/** What became of the secret once the state was published. */
export type Copied =
  | { readonly kind: 'stored'; readonly key: SealingKey }
  /** It holds something that the state does not account for, or there was no time left: it was left as it is. */
  | { readonly kind: 'left-alone' }
  /** `problem` is without a full stop. */
  | { readonly kind: 'not-stored'; readonly problem: string }

/**
 * Brings the secret up to date with the published state, if it holds what the state accounts for, and notes that in the
 * state.
 */
export async function storePublished(
  sharing: Sharing,
  claim: HeldClaim,
  baseline: StoreBaseline,
  published: SharedState,
  aboutToWrite: () => void,
): Promise<Copied> {
  const { secret, narrator } = sharing
  if (baseline.updatedAt > published.secretUpdatedAt) {
    narrator.warning(explain.secretLeftAlone(secret.title, baseline.updatedAt))
    return { kind: 'left-alone' }
  }
  const storing = { ...sharing, aboutToWrite, fence: claim.fence }
  const outcome = await tryToStore(storing, baseline, published.refreshToken)
  switch (outcome.kind) {
    case 'stored':
      await noteStore(sharing, claim, published)
      return { kind: 'stored', key: outcome.key }
    case 'moved':
      // Its own write whose answer got lost, or somebody else's: the next run can tell by what it was given.
      narrator.warning(explain.secretLeftAlone(secret.title, outcome.updatedAt))
      return { kind: 'left-alone' }
    case 'not-stored':
      if (!outcome.fenced) return { kind: 'not-stored', problem: outcome.problem }
      narrator.warning(explain.leaseOverBeforeStore(secret.title, outcome.problem))
      return { kind: 'left-alone' }
  }
}

/**
 * Notes in the state when the secret was written, so that the next refresh can tell this write from one by hand. Without
 * the note the next refresh leaves the secret alone, until a run was given what stands in it.
 */
async function noteStore(sharing: Sharing, claim: HeldClaim, published: SharedState): Promise<void> {
  const { variables, seal, environment, retryFor, secret, narrator } = sharing
  const budget = new RetryBudget(environment, Math.min(retryFor, noteSeconds), claim.fence)
  try {
    const [first, metadata] = await Promise.all([readState(sharing, budget), secret.metadata(budget)])
    // The date is read once, and at once: a later look could take a write by hand for this job's own.
    for (let now = first; ; now = await readState(sharing, budget)) {
      const unmoved = now.state?.refreshToken === published.refreshToken
      if (!unmoved || !('updatedAt' in metadata) || budget.isFenced()) break
      const noted = sealState(seal, { ...published, secretUpdatedAt: metadata.updatedAt })
      const { last, waitMs } = await variables.update(seal.name, noted, budget)
      if (!(last instanceof TransportError) && last.status === 204) return
      if (!(await budget.pause(waitMs))) break
    }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error
  } finally {
    budget.end()
  }
  narrator.info('GitHub: when the secret was written could not be noted in the shared state.')
}
