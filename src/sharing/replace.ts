/**
 * A refresh token that a person brings (a new log-in, a recovery text) into the shared state: under the claim, like every
 * other change, so that a rotation under way can neither undo it nor be undone by it.
 */
import { serverNow } from '../clock.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import { RetryBudget } from '../net/retry.ts'
import * as explain from './explain.ts'
import { publish } from './publish.ts'
import {
  deleteClaims,
  listClaims,
  mostBlocked,
  readState,
  releaseClaim,
  takeClaim,
  waitUntilOver,
  type Sharing,
  type View,
} from './shared-variables.ts'
import { OverTokens, sealState, type SharedState } from './state.ts'

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
   * @returns `updated_at` of the secret afterwards, in milliseconds since 1970 (UTC); `undefined` where that is not known
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
  const { environment, narrator, retryFor, seal, variables } = sharing
  const { clock } = environment
  const { refreshToken } = replacement
  let blocked = 0
  for (;;) {
    const budget = new RetryBudget(environment, retryFor)
    const before = await readState(sharing, budget)
    if (before.text !== undefined && !before.state) narrator.warning(explain.putAside(sharing))
    replacement.approve(before)
    const claiming = await takeClaim(sharing, before, budget)
    if (claiming.kind === 'taken') {
      blocked = claiming.by ? 0 : blocked + 1
      if (blocked > mostBlocked) throw explain.blockedClaim(sharing)
      if (claiming.by) narrator.info('A job is refreshing the shared token: waiting for it.')
      await waitUntilOver(sharing, claiming.by)
      continue
    }
    const { claim, others } = claiming
    let released = false
    try {
      const [now, list] = await Promise.all([readState(sharing, budget), listClaims(sharing, budget)])
      replacement.approve(now)
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
      narrator.info(`The refresh token is published in the ${explain.titleOf(sharing)}, sealed.`)
      released = true
      // From here on jobs may go by it, and store what comes next: later than the lease this would be an older one.
      const inTime = clock.monotonic() < claim.fence
      try {
        if (inTime) {
          const secretUpdatedAt = await replacement.storeSecret(claim.fence)
          if (secretUpdatedAt !== undefined && clock.monotonic() < claim.fence) {
            const fenced = new RetryBudget(environment, retryFor, claim.fence)
            await variables.update(seal.name, sealState(seal, { ...state, secretUpdatedAt }), fenced)
          }
        }
      } finally {
        await deleteClaims(sharing, [...others, claim])
      }
      return inTime ? 'done' : 'lease-over'
    } finally {
      if (!released) await releaseClaim(sharing, claim)
    }
  }
}
