/**
 * The step "`login` and `recover`": puts a refresh token that a person brings (from a new sign-in or a recovery text) into
 * the shared state. They go by the same rules: claim, publish the new state (the old token among the superseded), store,
 * mark the claim as done. So a rotation under way can neither undo the sign-in nor be undone by it.
 */
import { serverNow } from '../clock.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience } from '../rotation/patience.ts'
import { barOf, giveUpClaim, markDone, takeClaim, tidyClaims } from './claiming.ts'
import * as explain from './messages.ts'
import { publish } from './publish.ts'
import { listClaims, newerOf, readState, type Sharing, type View } from './shared-variables.ts'
import { accountsFor, OverTokens, type SharedState } from './state.ts'

/** What a person brings. */
export interface Replacement {
  readonly refreshToken: string
  /** Refresh tokens that it supersedes, besides the state's own. */
  readonly over: readonly string[]
  /**
   * Until when the writes of the secret are accounted for, in milliseconds since 1970 (UTC): it may be overwritten by a
   * later refresh, if this one does not come to that. `now`: whatever the secret holds is superseded.
   */
  readonly secretAccounted: number | 'now'
  /**
   * Judges the state before it is replaced.
   *
   * @throws Failure or UsageError to leave everything unchanged
   */
  readonly approve: (view: View) => void
  /**
   * Stores the token in the secret, once it is published.
   *
   * @param fence when the claim ends, by the monotonic clock (milliseconds): a later write could undo somebody else's
   * @returns when the secret was written at the latest, in milliseconds since 1970 (UTC), by GitHub's clock; `perhaps` if
   *   GitHub's answer got lost; `undefined` if it was not written
   */
  readonly storeSecret: (fence: number) => Promise<number | 'perhaps' | undefined>
}

/**
 * Replaces the shared state and then the secret. Waits if a job is refreshing.
 *
 * @returns `lease-over`: the state is replaced, but there was no time left for the secret; `followed`: a job has refreshed
 *   the token since, and stores the new one
 * @throws Failure `secret-not-written` if the state could not be published, `github-unavailable` if no claim can be made,
 *   and what reading the state throws
 * @throws GitHubUnavailable
 */
export async function replaceState(
  sharing: Sharing,
  replacement: Replacement,
): Promise<'done' | 'lease-over' | 'followed'> {
  const { environment, narrator, retryFor, seal } = sharing
  const { clock } = environment
  const { refreshToken } = replacement
  let newest: View | undefined
  let hasWarned = false
  const patience = new Patience(environment, retryFor)
  /** Rule 8: a state that must not be replaced may be an old read, so look again for as long as a read may be old. */
  const isApproved = async (view: View): Promise<boolean> => {
    try {
      replacement.approve(view)
      return true
    } catch (error) {
      if (!(await patience.pause())) throw error
      return false
    }
  }
  const doubt = { mayBePublished: false }
  let mayBePublished = false
  /** Published after all, and a job has gone on from it: to publish it again would undo that job's refresh. */
  const isFollowed = ({ state }: View): boolean =>
    mayBePublished &&
    state !== undefined &&
    state.refreshToken !== refreshToken &&
    accountsFor(seal, state, refreshToken)
  for (;;) {
    const budget = new RetryBudget(environment, retryFor)
    const before = newerOf(sharing, newest, await readState(sharing, budget))
    newest = before
    if (isFollowed(before)) {
      narrator.info(explain.followed(sharing))
      return 'followed'
    }
    if (before.text !== undefined && !before.state && !hasWarned) {
      hasWarned = true
      narrator.warning(explain.putAside(sharing))
    }
    if (!(await isApproved(before))) continue
    const claiming = await takeClaim(sharing, before, { own: barOf(sharing, refreshToken) })
    if (claiming.kind !== 'held') {
      if (claiming.kind === 'changed') newest = newerOf(sharing, before, claiming.view)
      continue
    }
    const { claim } = claiming
    let left: 'given-up' | 'done' | 'kept' = 'given-up'
    try {
      const [seen, list] = await Promise.all([readState(sharing, budget), listClaims(sharing, budget)])
      const now = newerOf(sharing, before, seen)
      newest = now
      if (isFollowed(now)) {
        left = 'done'
        continue
      }
      if (!(await isApproved(now))) continue
      // Somebody moved the state before this claim was made: its new token has another claim.
      if (now.state?.refreshToken !== before.state?.refreshToken) continue
      if (list.claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) continue
      const over = [...replacement.over, ...(now.state ? [now.state.refreshToken] : [])]
        .filter((token) => token !== refreshToken)
        .reduce(
          (all, token) => all.with(fingerprintOf(seal.secrets, token), serverNow(now.moment, clock)),
          now.state?.over ?? OverTokens.none,
        )
      const { secretAccounted } = replacement
      const accounted = secretAccounted === 'now' ? serverNow(now.moment, clock) : secretAccounted
      const secretUpdatedAt = Math.max(Math.floor(accounted), now.state?.secretUpdatedAt ?? 0)
      const state: SharedState = { refreshToken, access: undefined, secretUpdatedAt, over }
      // With `--force`, a token that the state already lists as over may be brought back.
      const isKnown = now.state !== undefined && accountsFor(seal, now.state, refreshToken)
      // While a write may still arrive, it must not meet what the next holder publishes: the claim ends with its lease.
      left = 'kept'
      const published = await publish(sharing, claim, now, state, doubt).catch((error: unknown) => {
        if (!doubt.mayBePublished) left = 'given-up'
        throw error
      })
      mayBePublished ||= doubt.mayBePublished && !isKnown
      if (published === 'moved') {
        left = 'done'
        // The next claim waits until no read can be old: if the state has not moved by then, somebody put it back.
        doubt.mayBePublished = false
      }
      if (published !== 'published') continue
      narrator.info(`The refresh token is published in the ${explain.titleOf(sharing)}, encrypted.`)
      // From here on, jobs may go by the new state and store what follows. After the lease, this token may be the older one.
      const inTime = clock.monotonic() < claim.fence
      let writtenAt: number | undefined
      try {
        const written = inTime ? await replacement.storeSecret(claim.fence) : undefined
        writtenAt = written === 'perhaps' ? claim.leaseEndsAt : written
      } finally {
        const at = Math.ceil(serverNow(now.moment, clock))
        const current = [now.state?.refreshToken, refreshToken]
        // If the state held this token already, it has not moved: nobody needs to wait for that.
        if (now.state?.refreshToken === refreshToken)
          await giveUpClaim(sharing, { ...claim, secretWrittenAt: writtenAt })
        else await markDone(sharing, claim, at, writtenAt)
        await tidyClaims(sharing, list.claims, claim, current, at)
      }
      return inTime ? 'done' : 'lease-over'
    } finally {
      if (left === 'given-up') await giveUpClaim(sharing, claim)
      if (left === 'done') await markDone(sharing, claim, Math.ceil(serverNow(before.moment, clock)))
    }
  }
}
