/**
 * Two steps of "order": publish the state, then store the secret. Published is durable: from there the chain survives
 * whatever happens to the secret.
 *
 * Fence: each try looks at the lease first. With the lease over, nothing is written.
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

/** Rule 8: GitHub has a state, but its reads do not show it yet. */
class NotShown extends Error {
  override readonly name = 'NotShown'
}

/** The outcome of publishing. */
export type Published =
  | 'published'
  /** The state has moved to another token. */
  | 'moved'
  /** The lease ended first. */
  | 'lease-over'

/** Whether a state is published: kept up to date over all tries to publish it. */
export interface Doubt {
  /** A write that got no answer may already have published it, or may still do so. */
  mayBePublished: boolean
}

/**
 * Publishes a state over the one that was read under a claim: while the claim holds, nobody else does.
 *
 * A write without an answer may have arrived, and others may have gone on from it since; no read can rule that out (rule
 * 8). So before it is sent again, the claim for the *new* token is taken: then nobody can go on from it, and if somebody
 * already has that claim, the token was published. Until it is known to be published, that claim is kept.
 *
 * @param before the state as it was when its token was sent to Box
 * @param doubt this also updates it; the claim must not be given up while a write may still arrive
 * @param isPublished called once it is published, before anything else is sent
 * @throws Failure `secret-not-written` if GitHub does not accept it in time
 */
export async function publish(
  sharing: Sharing,
  claim: HeldClaim,
  before: View,
  next: SharedState,
  doubt: Doubt,
  isPublished: () => void = () => {},
): Promise<Published> {
  const { seal, environment, retryFor, narrator, variables } = sharing
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const sealed = sealState(seal, next)
  const isOther = next.refreshToken !== before.state?.refreshToken
  let isThere = before.text !== undefined
  /** Whether it is certain what a write would replace. */
  let isCertain = !(doubt.mayBePublished && isOther)
  let bar: HeldClaim | undefined
  const published = async (): Promise<Published> => {
    isPublished()
    if (bar) await giveUpClaim(sharing, bar)
    return 'published'
  }
  for (;;) {
    let problem: string
    let waitMs: number | undefined
    try {
      if (!isCertain) {
        const now = await readState(sharing, budget)
        if (now.state?.refreshToken === next.refreshToken) return await published()
        if (hasMoved(sharing, before, now)) return 'moved'
        // The primary says that there is a state: see what it holds before writing over it.
        if (now.text === undefined && isThere) throw new NotShown()
        isThere = now.text !== undefined
        bar ??= await takeBar(sharing, next.refreshToken, now, claim.fence, budget)
        // Somebody has gone on from the new token.
        if (!bar) return 'moved'
        isCertain = true
      }
      if (budget.isFenced()) return 'lease-over'
      const outcome = isThere
        ? await variables.update(seal.name, sealed, budget)
        : await variables.create(seal.name, sealed, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) return await published()
      // Rule 8: answers to writes are current, whatever the reads showed.
      if (status === 404) isThere = false
      if (outcome.mayHaveArrived && (status ?? 500) >= 500) {
        doubt.mayBePublished = true
        // With the bar, nobody goes on from it: a write replaces the state that was read, or the same one.
        if (isOther && !bar) isCertain = false
      }
      if (status === 409) {
        isThere = true
        if (isOther) isCertain = false
      }
      problem = describeGitHub(subjectOf(sharing), outcome.last)
      waitMs = outcome.waitMs
    } catch (error) {
      if (error instanceof GitHubUnavailable) {
        problem = describeGitHub(subjectOf(sharing), error.last)
        waitMs = error.waitMs
      } else if (error instanceof NotShown) {
        problem = 'it does not show the present value yet'
      } else if (error instanceof Failure) {
        // A refused look does not end this either: the pair is nowhere else.
        problem = error.what.replace(/\.$/, '')
      } else throw error
    }
    if (!(await budget.pause(waitMs, true))) {
      if (budget.isFenced()) return 'lease-over'
      throw explain.notPublished(sharing, retryFor, problem)
    }
    narrator.info(`GitHub: ${problem}; trying again to publish the shared state.`)
  }
}

/**
 * The claim for a token that may be published.
 *
 * @returns `undefined` if somebody else has it
 * @throws NotShown, Failure or GitHubUnavailable
 */
async function takeBar(...of: Parameters<typeof barClaim>): Promise<HeldClaim | undefined> {
  const bar = await barClaim(...of)
  if (bar === 'not-shown') throw new NotShown()
  return bar === 'taken' ? undefined : bar
}

/** What became of the secret after the state was published. */
export type Copied =
  /** `writtenAt`: the secret's date is no later than this, in milliseconds since 1970 (UTC), by GitHub's clock. */
  | { readonly kind: 'stored'; readonly key: SealingKey; readonly writtenAt: number }
  /**
   * It holds something that the state does not account for, or time ran out: it was left alone. With `writtenAt`, that may
   * be this job's own write, whose answer got lost. Rule 8: what GitHub shows of it may be the date of an earlier try, so
   * this is the end of the lease.
   */
  | { readonly kind: 'left-alone'; readonly writtenAt: number | undefined }
  /** `problem` has no full stop. `writtenAt` as above. */
  | { readonly kind: 'not-stored'; readonly problem: string; readonly writtenAt: number | undefined }

/**
 * Stores the published refresh token in the secret. Rule 4: only if the secret holds nothing that the state does not account
 * for.
 *
 * @param begun called before each write; or whether an earlier process of this job may have written it already
 * @param firstLook the check before the write, if it is already under way
 */
export async function storePublished(
  sharing: Sharing,
  claim: HeldClaim,
  baseline: StoreBaseline,
  view: Pick<View, 'moment'>,
  refreshToken: string,
  begun: (() => void) | boolean,
  firstLook?: Promise<Look>,
): Promise<Copied> {
  const { secret, narrator, environment, retryFor } = sharing
  const storing =
    typeof begun === 'boolean'
      ? { ...sharing, aboutToWrite: () => {}, mayBeWritten: begun, fence: claim.fence }
      : { ...sharing, aboutToWrite: begun, fence: claim.fence }
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const outcome = await tryToStore(storing, baseline, refreshToken, budget, firstLook)
  switch (outcome.kind) {
    case 'stored': {
      // Rule 8: the date is from the answer to the write, since a look at the secret could still show the old one.
      const { key, writtenAt = serverNow(view.moment, environment.clock) } = outcome
      return { kind: 'stored', key, writtenAt }
    }
    case 'moved':
      if (outcome.writeLost) {
        narrator.info(explain.writtenSince(secret.title))
        return { kind: 'left-alone', writtenAt: claim.leaseEndsAt }
      }
      narrator.warning(explain.secretLeftAlone(secret.title, outcome.updatedAt))
      return { kind: 'left-alone', writtenAt: undefined }
    case 'not-stored': {
      const writtenAt = outcome.writeLost ? claim.leaseEndsAt : undefined
      if (!outcome.fenced) return { kind: 'not-stored', problem: outcome.problem, writtenAt }
      narrator.warning(explain.leaseOverBeforeStore(secret.title, outcome.problem))
      return { kind: 'left-alone', writtenAt }
    }
  }
}
