/** What jobs that share a token work with, and what one of them learns on its way. */
import type { TokenEndpoint } from '../box/token-endpoint.ts'
import type { Refreshed } from '../rotation/refresh.ts'
import type { Refused, StoredPair } from '../rotation/rotate.ts'
import type { SignalGuard } from '../signals.ts'
import type { HeldClaim } from './claim.ts'
import type { Sharing, View } from './shared-variables.ts'
import type { SharedAccess } from './state.ts'

/** Everything that sharing works with. */
export interface SharedRotation extends Sharing, Refused {
  readonly box: TokenEndpoint
  /** What the job was given; `undefined` only with `auto-refresh: false`. */
  readonly refreshToken: string | undefined
  /** Whether that is a value of the secret itself: Dependabot's runs get a copy, which is written apart. */
  readonly isFromSecret: boolean
  readonly signals: SignalGuard
  readonly journal: SharedJournal
  readonly autoRefresh: boolean
  /** Minutes. */
  readonly minimumValidity: number
}

/** Rule 3: what `post` needs to finish what this process could not. Written synchronously. */
export interface SharedJournal {
  /** The right to refresh is about to be taken: if nothing comes of it, nobody need wait for its end. */
  claimed(claim: HeldClaim): void
  /** It is given up or done. */
  unclaimed(): void
  /** Box has answered: the state to publish, over which one, and what the secret was like before. */
  issuedShared(issued: IssuedShared): void
  /** The state holds the new pair: whatever happens now, nothing is lost. */
  published(): void
  aboutToStore(): void
  /** There is nothing left to do. */
  settled(): void
  /** Rule 9: the pair must not be published any more. It goes to its owner, sealed; nothing is left to do. */
  superseded(): void
}

/** A pair that Box has issued, before it is published. */
export interface IssuedShared {
  readonly refreshToken: string
  readonly access: SharedAccess | undefined
  /** The state's refresh token before; `undefined`: there was none. */
  readonly before: string | undefined
  /** Refresh tokens that are over with this pair. */
  readonly over: readonly string[]
  /** What of the secret the new state accounts for, in milliseconds since 1970 (UTC). */
  readonly secretUpdatedAt: number
  /** A write of the secret after this is somebody else's, likewise. */
  readonly baseline: number
}

/** A pair to hand out. */
export interface SharedPair extends StoredPair {
  /** Whether this job refreshed it. */
  readonly refreshed: boolean
  /** Marks the claim as done and takes old ones away, once the token is handed out. */
  readonly cleanUp: () => Promise<void>
}

/** Which refresh token counts for this job. */
export type Source = 'state' | 'given'

/** A pair that is issued and not published. */
export interface InHand {
  readonly issued: IssuedShared
  readonly refreshed: Refreshed
  /** The state that it came from. */
  readonly before: View
  /** Whether it may have been published already, by a write that got no answer. */
  mayBePublished: boolean
}

/** What a job has learnt so far. */
export interface Learnt {
  /** The given token is old, or Box does not take it: go by the state. */
  givenIsOver: boolean
  /** The newest state that this job has seen: another answer may be older. */
  newest: View | undefined
  inHand: InHand | undefined
  /** The claim that this job held last. */
  lastClaim: HeldClaim | undefined
  /** Answers of Box with a good refresh token and no good access token. */
  withoutAccess: number
  /** The refresh token that an answer of Box got lost for. */
  lost: string | undefined
  /** What came of a refresh before, in a sentence for a failure after it. */
  spent: string | undefined
  /** The one warning about a state that does not open. */
  warned: boolean
}
