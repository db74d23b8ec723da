/**
 * A refresh token that a person brings (a new log-in, a recovery text) into the shared state: under the claim, like every
 * other change, so that a rotation under way can neither undo it nor be undone by it.
 */
import { serverNow } from '../clock.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience } from '../rotation/patience.ts'
import { giveUpClaim, markDone, takeClaim, tidyClaims } from './claiming.ts'
import * as explain from './messages.ts'
import { publish } from './publish.ts'
import { listClaims, newerOf, readState, type Sharing, type View } from './shared-variables.ts'
import { OverTokens, type SharedState } from './state.ts'

/** What is brought. */
export interface Replacement {
  readonly refreshToken: string
  /** Refresh tokens that are over with it, beside the state's own. */
  readonly over: readonly string[]
  /**
   * Looks at the state before it is replaced.
   *
   * @throws Failure or UsageError to leave everything as it is
   */
  readonly approve: (view: View) => void
  /**
   * Stores the token in the secret, once it is published.
   *
   * @param fence when the claim is over, by the monotonic clock (milliseconds): later writes could undo those of others
   * @returns up to when the secret was written, in milliseconds since 1970 (UTC), by GitHub's clock; `undefined` where it
   *   was not, or that is not known
   */
  readonly storeSecret: (fence: number) => Promise<number | undefined>
}

/**
 * Replaces the shared state and then the secret. Waits for a job that is refreshing.
 *
 * @returns `lease-over`: the state is replaced, and there was no time left for the secret
 * @throws Failure `secret-not-written` where the state could not be published, `github-unavailable` where GitHub lets no
 *   claim be made, and what reading the state throws
 * @throws GitHubUnavailable
 */
export async function replaceState(
  sharing: Sharing,
  replacement: Replacement,
): Promise<'done' | 'lease-over'> {
  const { environment, narrator, retryFor, seal } = sharing
  const { clock } = environment
  const { refreshToken } = replacement
  let newest: View | undefined
  let hasWarned = false
  const patience = new Patience(environment, retryFor)
  /** A state that must not be replaced may be one of before: it is looked at again for as long as an answer may be old. */
  const isApproved = async (view: View): Promise<boolean> => {
    try {
      replacement.approve(view)
      return true
    } catch (error) {
      if (!(await patience.pause())) throw error
      return false
    }
  }
  for (;;) {
    const budget = new RetryBudget(environment, retryFor)
    const before = newerOf(sharing, newest, await readState(sharing, budget))
    newest = before
    if (before.text !== undefined && !before.state && !hasWarned) {
      hasWarned = true
      narrator.warning(explain.putAside(sharing))
    }
    if (!(await isApproved(before))) continue
    const claiming = await takeClaim(sharing, before)
    if (claiming.kind !== 'held') {
      if (claiming.kind === 'changed') newest = newerOf(sharing, before, claiming.view)
      continue
    }
    const { claim } = claiming
    let isPublished = false
    try {
      const [seen, list] = await Promise.all([readState(sharing, budget), listClaims(sharing, budget)])
      const now = newerOf(sharing, before, seen)
      newest = now
      if (!(await isApproved(now))) continue
      // Somebody moved the state before this claim was made: its token is another one, and so is its claim.
      if (now.state?.refreshToken !== before.state?.refreshToken) continue
      if (list.claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) continue
      const over = [...replacement.over, ...(now.state ? [now.state.refreshToken] : [])]
        .filter((token) => token !== refreshToken)
        .reduce(
          (all, token) => all.with(fingerprintOf(seal.secrets, token), serverNow(now.moment, clock)),
          now.state?.over ?? OverTokens.none,
        )
      const state: SharedState = { refreshToken, access: undefined, secretUpdatedAt: 0, over }
      const published = await publish(sharing, claim, now, state)
      if (published !== 'published') continue
      narrator.info(`The refresh token is published in the ${explain.titleOf(sharing)}, encrypted.`)
      isPublished = true
      // From here on jobs may go by it, and store what comes next: later than the lease this would be an older one.
      const inTime = clock.monotonic() < claim.fence
      let writtenAt: number | undefined
      try {
        if (inTime) writtenAt = await replacement.storeSecret(claim.fence)
      } finally {
        const at = Math.ceil(serverNow(now.moment, clock))
        const current = [now.state?.refreshToken, refreshToken]
        await markDone(sharing, claim, at, writtenAt)
        await tidyClaims(sharing, list.claims, claim, current, at)
      }
      return inTime ? 'done' : 'lease-over'
    } finally {
      if (!isPublished) await giveUpClaim(sharing, claim)
    }
  }
}
