/**
 * A new pair into the shared state, then its refresh token into the secret: published is durable, from there on the chain
 * lives whatever happens to the secret.
 */
import { serverNow } from '../clock.ts'
import { describeGitHub, subjectOf } from '../rotation/messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { TransportError } from '../http/exchange.ts'
import { RetryBudget } from '../http/retry.ts'
import type { SealingKey } from '../sealing/sealed-box.ts'
import { tryToStore, type Look, type StoreBaseline } from '../rotation/store.ts'
import type { HeldClaim } from './claim.ts'
import { barClaim, giveUpClaim } from './claiming.ts'
import * as explain from './messages.ts'
import { hasMoved, readState, type Sharing, type View } from './shared-variables.ts'
import { sealState, type SharedState } from './state.ts'

/** GitHub has a state, and still shows the time before it. */
class NotShown extends Error {
  override readonly name = 'NotShown'
}

/** What came of publishing. */
export type Published =
  | 'published'
  /** The state holds another token now: nothing was written. */
  | 'moved'
  /** The lease was over before: nothing was written. */
  | 'lease-over'

/**
 * Writes a state over the one that was read under a claim: while the claim holds, nobody else does.
 *
 * What got no answer may have been written, and others may have gone on from it since; no read tells whether. So before it
 * is written again, the claim of the *new* token is taken: nobody can go on from it then, and if somebody has that claim
 * already, the token was published.
 *
 * @param before the state as it was when its token was sent to Box
 * @param mayBeThere whether an earlier try may have written it already
 * @throws Failure `secret-not-written` where GitHub does not take it in time
 */
export async function publish(
  sharing: Sharing,
  claim: HeldClaim,
  before: View,
  next: SharedState,
  mayBeThere = false,
): Promise<Published> {
  const { seal, environment, retryFor, narrator, variables } = sharing
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const sealed = sealState(seal, next)
  const isOther = next.refreshToken !== before.state?.refreshToken
  let isThere = before.text !== undefined
  let inDoubt = mayBeThere && isOther
  let bar: HeldClaim | undefined
  try {
    for (;;) {
      let problem: string
      let waitMs: number | undefined
      try {
        if (inDoubt && !bar) {
          const now = await readState(sharing, budget)
          if (now.state?.refreshToken === next.refreshToken) return 'published'
          if (hasMoved(sharing, before, now)) return 'moved'
          // The primary says that there is one: what it holds has to be seen before it is written over.
          if (now.text === undefined && isThere) throw new NotShown()
          isThere = now.text !== undefined
          bar = await barClaim(sharing, next.refreshToken, now, claim.nonce, budget)
          // Somebody goes on from it.
          if (!bar) return 'moved'
        }
        if (budget.isFenced()) return 'lease-over'
        const outcome = isThere
          ? await variables.update(seal.name, sealed, budget)
          : await variables.create(seal.name, sealed, budget)
        const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
        if (status === 201 || status === 204) return 'published'
        // The present, whatever was read.
        if (status === 409) isThere = true
        if (status === 404) isThere = false
        inDoubt ||= isOther && (status === 409 || (outcome.mayHaveArrived && (status ?? 500) >= 500))
        problem = describeGitHub(subjectOf(sharing), outcome.last)
        waitMs = outcome.waitMs
      } catch (error) {
        if (error instanceof GitHubUnavailable) {
          problem = describeGitHub(subjectOf(sharing), error.last)
          waitMs = error.waitMs
        } else if (error instanceof NotShown) {
          problem = 'it does not show the present value yet'
        } else if (error instanceof Failure) {
          // A refusal of a look is no end either: the pair is nowhere else.
          problem = error.what.replace(/\.$/, '')
        } else throw error
      }
      if (!(await budget.pause(waitMs, true))) {
        if (budget.isFenced()) return 'lease-over'
        throw explain.notPublished(sharing, retryFor, problem)
      }
      narrator.info(`GitHub: ${problem}; trying again to publish the shared state.`)
    }
  } finally {
    if (bar) await giveUpClaim(sharing, bar)
  }
}

/** What became of the secret once the state was published. */
export type Copied =
  /** `writtenAt`: its date is not later than this (milliseconds since 1970, UTC), by GitHub's clock. */
  | { readonly kind: 'stored'; readonly key: SealingKey; readonly writtenAt: number }
  /** It holds something that the state does not account for, or there was no time left: it was left as it is. */
  | { readonly kind: 'left-alone' }
  /** `problem` is without a full stop. */
  | { readonly kind: 'not-stored'; readonly problem: string }

/**
 * Brings the secret up to date with the published state, if it holds what the state accounts for.
 *
 * @param firstLook the check before the write, where it is under way already
 */
export async function storePublished(
  sharing: Sharing,
  claim: HeldClaim,
  baseline: StoreBaseline,
  view: Pick<View, 'moment'>,
  refreshToken: string,
  aboutToWrite: () => void,
  firstLook?: Promise<Look>,
): Promise<Copied> {
  const { secret, narrator, environment, retryFor } = sharing
  const storing = { ...sharing, aboutToWrite, fence: claim.fence }
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const outcome = await tryToStore(storing, baseline, refreshToken, budget, firstLook)
  switch (outcome.kind) {
    case 'stored': {
      // The answer to the write itself: a look at the secret could show the time before it.
      const { key, writtenAt = serverNow(view.moment, environment.clock) } = outcome
      return { kind: 'stored', key, writtenAt }
    }
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
