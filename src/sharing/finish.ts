/**
 * What a post step does for a job that claimed the right to refresh and ended early: publish and store what Box had
 * issued, by the same rules as the job itself; or give the claim up, so that nobody waits for it.
 */
import { describeGitHub, refusedLook, subjectOf } from '../explain.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../net/retry.ts'
import { resumedClaim, type Claim, type HeldClaim } from './claim.ts'
import * as explain from './explain.ts'
import { publish, storePublished } from './publish.ts'
import type { IssuedShared } from './shared-rotation.ts'
import {
  deleteClaims,
  isOver,
  waitUntilOver,
  listClaims,
  readState,
  takeClaim,
  type Sharing,
  type View,
} from './shared-variables.ts'
import type { SharedState } from './state.ts'
import { nextState } from './under-claim.ts'

/** What a job left unfinished. */
export interface Unfinished {
  readonly issued: IssuedShared
  /** The claim that the job held. */
  readonly claim: Claim | undefined
  /** Whether it had begun to write the secret. */
  readonly mayBeWritten: boolean
  /** When to give up, by the monotonic clock (milliseconds). */
  readonly deadline: number
}

/**
 * Publishes and stores what a job left unfinished.
 *
 * @returns `undefined` when nothing is left to do, else why that could not be done, in a sentence
 */
export async function finishShared(sharing: Sharing, unfinished: Unfinished): Promise<string | undefined> {
  const { environment, narrator, retryFor } = sharing
  const { clock } = environment
  const { issued, deadline } = unfinished
  const title = explain.titleOf(sharing)
  try {
    for (;;) {
      const budget = new RetryBudget(environment, retryFor, deadline)
      const askedAt = clock.monotonic()
      const view = await readState(sharing, budget)
      if (view.state?.refreshToken === issued.refreshToken) {
        narrator.info(`The new pair is published in the ${title}: nothing is lost.`)
        await tidyUp(sharing, unfinished, view.state, () =>
          ownClaim(sharing, unfinished, view, askedAt, budget),
        )
        return undefined
      }
      if (view.state && view.state.refreshToken !== issued.before) {
        narrator.info(
          `The ${title} holds a newer pair: the one of this job is superseded. Nothing is written.`,
        )
        return undefined
      }
      const own = await ownClaim(sharing, unfinished, view, askedAt, budget)
      const claiming = own ? undefined : await takeClaim(sharing, view, budget)
      if (claiming?.kind === 'taken') {
        if (await waitUntilOver(sharing, claiming.by, deadline)) continue
        return `Another job is refreshing the token that is shared through the ${title}, and did not end in time.`
      }
      const taken = own ?? claiming?.claim
      if (!taken) continue
      const claim = untilDeadline(taken, unfinished)
      const state = nextState(sharing, view, issued)
      const published = await publish(sharing, claim, view, state)
      if (published !== 'published') {
        if (clock.monotonic() < deadline) continue
        return `GitHub did not let the new pair be published in the ${title} within ${retryFor} s.`
      }
      narrator.info(`The post step has published the new pair in the ${title}: the chain is alive.`)
      await tidyUp(sharing, unfinished, state, () => Promise.resolve(claim))
      return undefined
    }
  } catch (error) {
    if (error instanceof GitHubUnavailable) {
      const problem = describeGitHub(subjectOf(sharing), error.last)
      return `GitHub did not let the new pair be published in the ${title}: ${problem}.`
    }
    if (error instanceof Failure) return error.what
    throw error
  }
}

/** The claim that the job held, as long as it holds. */
async function ownClaim(
  sharing: Sharing,
  unfinished: Unfinished,
  { moment }: View,
  askedAt: number,
  budget: RetryBudget,
): Promise<HeldClaim | undefined> {
  const { claim } = unfinished
  if (!claim) return undefined
  const held = resumedClaim(claim, moment, askedAt)
  if (sharing.environment.clock.monotonic() >= held.fence) return undefined
  if (await isOver(sharing, claim, budget)) return undefined
  const { claims } = await listClaims(sharing, budget)
  if (claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) return undefined
  return untilDeadline(held, unfinished)
}

/** A lease may be far longer than a post step has. */
function untilDeadline(claim: HeldClaim, { deadline }: Unfinished): HeldClaim {
  return { ...claim, fence: Math.min(claim.fence, deadline) }
}

/** The secret, while the claim lasts; then the claim goes. Published is durable: none of this can lose anything. */
async function tidyUp(
  sharing: Sharing,
  unfinished: Unfinished,
  state: SharedState,
  held: () => Promise<HeldClaim | undefined>,
): Promise<void> {
  const { secret, narrator } = sharing
  let claim: HeldClaim | undefined
  try {
    claim = await held()
    const problem = claim && (await bringUpToDate(sharing, unfinished, state, claim))
    if (problem !== undefined)
      narrator.warning(explain.copyBehindState(sharing, secret.title, problem).message)
  } catch (error) {
    if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error
    const problem =
      error instanceof Failure
        ? error.what.replace(/\.$/, '')
        : describeGitHub(subjectOf(sharing), error.last)
    narrator.warning(explain.copyBehindState(sharing, secret.title, problem).message)
  }
  const mine = claim ?? unfinished.claim
  if (mine) await deleteClaims(sharing, [mine])
}

/** @returns why the secret could not be written, without a full stop; `undefined` where it was, or must not be */
async function bringUpToDate(
  sharing: Sharing,
  { issued, mayBeWritten }: Unfinished,
  state: SharedState,
  claim: HeldClaim,
): Promise<string | undefined> {
  const { secret, narrator, environment, retryFor } = sharing
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const metadata = await secret.metadata(budget)
  if ('updatedAt' in metadata && metadata.updatedAt > issued.baseline && mayBeWritten) {
    narrator.info(
      `The ${secret.title} has been written since: it holds the new refresh token, or a newer one.`,
    )
    return undefined
  }
  // A refusal may pass, and a secret that was deleted is written again, where that is known to change nothing else.
  if ('refused' in metadata && secret.place.settings)
    return refusedLook(subjectOf(sharing), 'the secret', metadata.refused, metadata.message)
  const settings = 'refused' in metadata ? { body: {} } : await secret.settings(metadata, budget)
  if ('incomplete' in settings) return settings.incomplete
  if ('refused' in settings)
    return refusedLook(subjectOf(sharing), 'the secret', settings.refused, settings.message)
  const baseline = { key: undefined, settings: settings.body, updatedAt: issued.baseline }
  const copied = await storePublished(sharing, claim, baseline, state, () => {})
  if (copied.kind === 'stored') narrator.info('The post step has stored the new refresh token.')
  return copied.kind === 'not-stored' ? copied.problem : undefined
}
