/** What a job that shares a token works with, and what it learns on its way. */
import type { TokenEndpoint } from '../box/token-endpoint.ts'
import type { Refreshed } from '../rotation/refresh.ts'
import type { Refused, StoredPair } from '../rotation/rotate.ts'
import type { SignalGuard } from '../signals.ts'
import type { OwnClaim } from './claim.ts'
import type { OwnEpoch } from './claiming.ts'
import type { Doubt } from './publish.ts'
import type { Sharing, View } from './shared-variables.ts'
import type { SharedAccess } from './state.ts'

/** Everything that a sharing job works with. */
export interface SharedRotation extends Sharing, Refused {
  readonly box: TokenEndpoint
  /** The refresh token that the job was given; `undefined` only with `auto-refresh: false`. */
  readonly refreshToken: string | undefined
  /** Whether it came from the secret itself: Dependabot's runs get a copy, which is written separately. */
  readonly isFromSecret: boolean
  readonly signals: SignalGuard
  readonly journal: SharedJournal
  readonly autoRefresh: boolean
  /** Minutes. */
  readonly minimumValidity: number
}

/** Rule 3, journal at once: what `post` needs to finish what this process could not. Written synchronously. */
export interface SharedJournal {
  /** A claim is about to be made: if nothing comes of it, `post` gives it up, so that nobody waits for its lease to end. */
  claimed(claim: OwnClaim): void
  /** The claim is given up or done. */
  unclaimed(): void
  /** Box has issued a pair: what to publish, over which state, and the secret's baseline. */
  issuedShared(issued: IssuedShared): void
  /** The state holds the new pair. Published is durable. */
  published(): void
  aboutToStore(): void
  /** Nothing is left to do. */
  settled(): void
  /** Rule 9: the pair must no longer be published. It is printed as recovery text, and nothing is left to do. */
  superseded(): void
}

/** A pair that Box has issued and that is not published yet. */
export interface IssuedShared {
  readonly refreshToken: string
  readonly access: SharedAccess | undefined
  /** The refresh token of the state that it replaces; `undefined`: there was no state. */
  readonly before: string | undefined
  /** Refresh tokens that this pair supersedes. */
  readonly over: readonly string[]
  /** The secret's `updated_at` that the new state accounts for, in milliseconds since 1970 (UTC). */
  readonly secretUpdatedAt: number
  /** A write of the secret after this is somebody else's; same unit. */
  readonly baseline: number
}

/** A pair to hand out. */
export interface SharedPair extends StoredPair {
  /** Whether this job refreshed it. */
  readonly refreshed: boolean
  /** To call once the token is handed out: marks the claim as done and deletes tombstones. */
  readonly cleanUp: () => Promise<void>
}

/** Which refresh token counts: the state's, or the one that this job was given. */
export type Source = 'state' | 'given'

/** A pair in hand: issued and not known to be published. */
export interface InHand extends Doubt {
  readonly issued: IssuedShared
  readonly refreshed: Refreshed
  /** The state that it came from. */
  readonly before: View
}

/** What a job has learnt so far, over all its tries. */
export interface Learnt {
  /** The given token is stale, or Box does not accept it: go by the state. */
  givenIsOver: boolean
  /** Rule 8: the newest state that this job has seen, since the next answer may be older. */
  newest: View | undefined
  inHand: InHand | undefined
  /** Where to go on climbing: the claim that this job held last, or the epoch after it if it was given up. */
  lastClaim: OwnEpoch | undefined
  /** How many of Box's answers had a usable refresh token but no usable access token. */
  withoutAccess: number
  /** The refresh token that was sent when an answer of Box was lost. */
  lost: string | undefined
  /** What an earlier refresh led to, as a sentence for a later failure. */
  spent: string | undefined
  /** Whether the warning about a state that does not open was given: it is given once. */
  warned: boolean
}
