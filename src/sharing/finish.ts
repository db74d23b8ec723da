/**
 * The step "`post` of a dead holder", by the same rules as the job itself: claim (its own claim, if still within the
 * lease), state unmoved, publish, store. If there is nothing to publish, it gives the claim up, so that nobody waits.
 */
import { serverNow } from '../clock.ts'
import { describeGitHub, refusedLook, subjectOf } from '../rotation/messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience } from '../rotation/patience.ts'
import { heldClaim, type HeldClaim, type OwnClaim } from './claim.ts'
import { giveUpClaim, markDone, takeClaim } from './claiming.ts'
import * as explain from './messages.ts'
import { publish, storePublished } from './publish.ts'
import type { IssuedShared } from './shared-rotation.ts'
import { readOneClaim, readState, type Sharing, type View } from './shared-variables.ts'
import { accountsFor } from './state.ts'
import { nextState } from './under-claim.ts'

/** What a job left unfinished. */
export interface Unfinished {
  readonly issued: IssuedShared
  /** The claim that the job held, or was about to make. */
  readonly claim: OwnClaim | undefined
  /** Whether it knew that the pair is published. */
  readonly isPublished: boolean
  /** Whether it had begun to write the secret. */
  readonly mayBeWritten: boolean
  /** When to give up, by the monotonic clock (milliseconds). */
  readonly deadline: number
  /** Rule 9: prints the recovery text of a pair that must no longer be published. */
  readonly handOver: () => void
}

/**
 * Publishes and stores what a job left unfinished.
 *
 * @returns `undefined` if nothing is left to do; otherwise why it could not be done, as a sentence
 */
export async function finishShared(sharing: Sharing, unfinished: Unfinished): Promise<string | undefined> {
  const { environment, narrator, retryFor } = sharing
  const { clock } = environment
  const { issued, deadline } = unfinished
  const title = explain.titleOf(sharing)
  // A third of the time is for what comes after it.
  const patience = new Patience(environment, ((deadline - clock.monotonic()) * (2 / 3)) / 1000)
  let own = unfinished.claim
  // No read can tell whether the job published it.
  const doubt = { mayBePublished: true }
  try {
    for (;;) {
      const view = await readState(sharing, new RetryBudget(environment, retryFor, deadline))
      const seen = howStateStands(sharing, issued, view)
      if (seen === 'published') {
        narrator.info(`The new pair is published in the ${title}: nothing is lost.`)
        await bringUpToDate(sharing, unfinished, view, undefined)
        return undefined
      }
      // Neither the state that this pair came from nor one that knows of it: usually an old read (rule 8). So is the state
      // that it came from, once the pair is published.
      const isOld = seen === 'unknown' || seen === 'gone' || (seen === 'unmoved' && unfinished.isPublished)
      if (isOld && (await patience.pause())) continue
      if (seen !== 'unmoved' && seen !== 'gone') {
        narrator.info(
          `The ${title} holds a newer pair: the one from this job is superseded, so nothing is written.`,
        )
        unfinished.handOver()
        return undefined
      }
      // The job's own claim if it is still within the lease, or else the next epoch.
      const claiming = await takeClaim(sharing, view, { own, deadline })
      if (claiming.kind === 'too-late')
        return `Another job is refreshing the token that is shared through the ${title}, and did not finish in time.`
      if (claiming.kind === 'changed') continue
      const claim = untilDeadline(claiming.claim, unfinished)
      own = claim
      const state = nextState(sharing, view, issued)
      const published = await publish(sharing, claim, view, state, doubt)
      if (published !== 'published') {
        // If somebody has gone on from the pair, the state shows that soon.
        const mayGoOn = published === 'lease-over' || (await patience.pause())
        if (mayGoOn && clock.monotonic() < deadline) continue
        return `GitHub did not let the post step publish the new pair in the ${title} within ${retryFor} s.`
      }
      narrator.info(`The post step has published the new pair in the ${title}: the chain is alive.`)
      await bringUpToDate(sharing, unfinished, view, claim)
      return undefined
    }
  } catch (error) {
    if (error instanceof GitHubUnavailable) {
      const problem = describeGitHub(subjectOf(sharing), error.last)
      return `GitHub did not let the post step publish the new pair in the ${title}: ${problem}.`
    }
    if (error instanceof Failure) return error.what
    throw error
  }
}

/** How the state relates to a pair: published already, unmoved since, gone, newer, or unrelated as far as can be told. */
function howStateStands(
  { seal }: Sharing,
  { refreshToken, before }: IssuedShared,
  { state }: View,
): 'published' | 'unmoved' | 'gone' | 'newer' | 'unknown' {
  if (state?.refreshToken === refreshToken) return 'published'
  if (state?.refreshToken === before) return 'unmoved'
  if (state === undefined) return 'gone'
  return before === undefined || accountsFor(seal, state, before) ? 'newer' : 'unknown'
}

/** Fence: the lease may last far longer than the time that a post step has. */
function untilDeadline(claim: HeldClaim, { deadline }: Unfinished): HeldClaim {
  return { ...claim, fence: Math.min(claim.fence, deadline) }
}

/**
 * Stores the secret while the claim lasts, then marks the claim as done. Published is durable: nothing can be lost here.
 *
 * @param held the claim; `undefined` if the job's own claim still has to be looked at
 */
async function bringUpToDate(
  sharing: Sharing,
  unfinished: Unfinished,
  view: View,
  held: HeldClaim | undefined,
): Promise<void> {
  const { secret, narrator, environment } = sharing
  let writtenAt: number | undefined
  let claim = held
  try {
    claim ??= await liveOwnClaim(sharing, unfinished)
    const stored = claim && (await storeSecret(sharing, unfinished, view, claim))
    writtenAt = stored?.writtenAt
    if (stored?.problem !== undefined)
      narrator.warning(explain.copyBehindState(sharing, secret.title, stored.problem).message)
  } catch (error) {
    if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error
    const problem =
      error instanceof Failure
        ? error.what.replace(/\.$/, '')
        : describeGitHub(subjectOf(sharing), error.last)
    narrator.warning(explain.copyBehindState(sharing, secret.title, problem).message)
  }
  if (claim) await markDone(sharing, claim, Math.ceil(serverNow(view.moment, environment.clock)), writtenAt)
}

/** The job's own claim, if its lease still runs. It was really the job's: a pair was issued under it. */
async function liveOwnClaim(sharing: Sharing, unfinished: Unfinished): Promise<HeldClaim | undefined> {
  const { claim: own, deadline } = unfinished
  if (!own) return undefined
  const budget = new RetryBudget(sharing.environment, sharing.retryFor, deadline)
  const { claim, moment, askedAt } = await readOneClaim(sharing, own.variable, budget)
  if (claim?.nonce !== own.nonce || claim.doneAt !== undefined) return undefined
  const held = heldClaim(claim, moment, askedAt)
  return sharing.environment.clock.monotonic() < held.fence ? untilDeadline(held, unfinished) : undefined
}

/**
 * @returns `problem`: why the secret could not be written, without a full stop; `writtenAt`: when at the latest this job
 *   wrote it, if it may have
 */
async function storeSecret(
  sharing: Sharing,
  { issued, mayBeWritten }: Unfinished,
  view: View,
  claim: HeldClaim,
): Promise<{ readonly problem?: string; readonly writtenAt?: number | undefined }> {
  const { secret, narrator, environment, retryFor } = sharing
  const budget = new RetryBudget(environment, retryFor, claim.fence)
  const metadata = await secret.metadata(budget)
  if ('updatedAt' in metadata && metadata.updatedAt > issued.baseline && mayBeWritten) {
    narrator.info(explain.writtenSince(secret.title))
    return { writtenAt: claim.leaseEndsAt }
  }
  // A refusal may pass, and a deleted secret is written again, but not if that would reset settings that are not known.
  if ('refused' in metadata && secret.place.settings)
    return { problem: refusedLook(subjectOf(sharing), 'the secret', metadata) }
  const settings = 'refused' in metadata ? { body: {} } : await secret.settings(metadata, budget)
  if ('incomplete' in settings) return { problem: settings.incomplete }
  if ('refused' in settings) return { problem: refusedLook(subjectOf(sharing), 'the secret', settings) }
  const baseline = { key: undefined, settings: settings.body, conflictAfter: issued.baseline }
  const copied = await storePublished(sharing, claim, baseline, view, issued.refreshToken, mayBeWritten)
  if (copied.kind === 'stored') narrator.info('The post step has stored the new refresh token.')
  return copied
}

/** How long to look for a claim that GitHub does not show yet, in seconds: it ends with its lease in any case. */
const giveUpSeconds = 15

/**
 * Gives up the claim of a job that ended with nothing to publish, so that nobody has to wait for its lease to end.
 *
 * @param hasMoved whether a pair was issued under the claim and is taken care of: then the claim is marked as done instead
 * @returns whether the claim was this job's, and still held
 * @throws GitHubUnavailable or Failure
 */
export async function giveUpOwn(sharing: Sharing, own: OwnClaim, hasMoved: boolean): Promise<boolean> {
  const { environment, retryFor } = sharing
  const seconds = Math.min(retryFor, giveUpSeconds)
  const patience = new Patience(environment, seconds)
  for (;;) {
    const { claim, moment } = await readOneClaim(sharing, own.variable, new RetryBudget(environment, seconds))
    if (claim) {
      // It may be somebody else's: the job may have been killed before it made its own.
      const isHeld = claim.nonce === own.nonce && claim.doneAt === undefined && claim.leaseEndsAt !== 0
      if (!isHeld) return false
      const at = Math.ceil(serverNow(moment, environment.clock))
      await (hasMoved ? markDone(sharing, claim, at, own.secretWrittenAt) : giveUpClaim(sharing, claim))
      return true
    }
    if (!(await patience.pause())) return false
  }
}
