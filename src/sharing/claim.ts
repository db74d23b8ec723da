/**
 * The right to refresh, as an Actions variable that only one job can create: GitHub refuses a name that is taken. It
 * holds for a lease. A claim whose lease is over is dead, and taken over by creating the next one of the same token,
 * never by deleting it: a deletion that arrives late would take away somebody else's claim.
 */
import { serverNow, type Clock, type ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import { fingerprintOf, type EnvelopeSecrets } from '../sealing/envelope.ts'
import type { Variable } from '../github/variable-store.ts'

/** `Date` headers are whole seconds: so much earlier a holder takes its own lease for over. */
const roundingMs = 1000
/** Where there is no state yet, jobs may hold different tokens, and still only one may refresh. */
const withoutState = 'NEW'

/** Seconds that a claim holds: both phases that may be retried, and some to spare. */
export function leaseSeconds(retryFor: number): number {
  return 2 * retryFor + 10
}

/** A claim as it stands in a variable. */
export interface Claim {
  readonly variable: string
  /** Of which token: eight hexadecimal digits, or `NEW`. */
  readonly token: string
  readonly epoch: number
  /** Who holds it. */
  readonly nonce: string
  /** When the lease is over, in milliseconds since 1970 (UTC), by GitHub's clock. */
  readonly leaseEndsAt: number
}

/** A claim of this process's own. */
export interface HeldClaim extends Claim {
  /** When nothing with an effect may be done any more, by the monotonic clock (milliseconds). */
  readonly fence: number
}

/** What the claims of a state are named like, up to the token. */
export function claimPrefix(stateVariable: string): string {
  return `${stateVariable.toUpperCase()}_CLAIM_`
}

/** Which claims belong to a state's token. `undefined`: there is no state. Needs `sealingReady` first. */
export function claimToken(secrets: EnvelopeSecrets, refreshToken: string | undefined): string {
  if (refreshToken === undefined) return withoutState
  return Buffer.from(fingerprintOf(secrets, refreshToken).subarray(0, 4)).toString('hex').toUpperCase()
}

/** Reads a claim; `undefined` where the variable is none. One that says nothing of a lease is dead. */
export function readClaim(stateVariable: string, { name, value }: Variable): Claim | undefined {
  const prefix = claimPrefix(stateVariable)
  const variable = name.toUpperCase()
  if (!variable.startsWith(prefix)) return undefined
  const match = /^([0-9A-F]{8}|NEW)_(\d{1,9})$/.exec(variable.slice(prefix.length))
  if (!match) return undefined
  const [, token = '', epoch = ''] = match
  const { nonce, leaseEndsAt } = contentIn(value)
  return { variable, token, epoch: Number(epoch), nonce, leaseEndsAt }
}

function contentIn(value: string): Pick<Claim, 'nonce' | 'leaseEndsAt'> {
  let content: unknown
  try {
    content = JSON.parse(value)
  } catch {
    content = undefined
  }
  const nonce = isRecord(content) ? content['nonce'] : undefined
  const until = isRecord(content) ? content['lease-ends-at'] : undefined
  const leaseEndsAt = typeof until === 'string' ? Date.parse(until) : Number.NaN
  return {
    nonce: typeof nonce === 'string' ? nonce : '',
    leaseEndsAt: Number.isNaN(leaseEndsAt) ? 0 : leaseEndsAt,
  }
}

/** What is written into a claim's variable; nothing secret. */
export function claimValue({ nonce, leaseEndsAt }: Pick<Claim, 'nonce' | 'leaseEndsAt'>): string {
  return JSON.stringify({ nonce, 'lease-ends-at': new Date(leaseEndsAt).toISOString() })
}

/** No claim holds longer than one of the longest `retry-for`: a later date is damage, and must not lock everybody out. */
const longestLeaseMs = (leaseSeconds(3600) + 60) * 1000

/** Whether whoever made a claim has ended its lease: it is no damage, and nobody waits for it. */
export function isGivenUp({ nonce, leaseEndsAt }: Claim): boolean {
  return nonce !== '' && leaseEndsAt === 0
}

/** The claims beside a state: everything that is known before a new one is made. */
export interface ClaimList {
  readonly claims: readonly Claim[]
  readonly moment: ServerMoment
}

/**
 * Whether a claim's lease holds.
 *
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export function holdsAt({ leaseEndsAt }: Claim, now: number): boolean {
  return leaseEndsAt > now && leaseEndsAt <= now + longestLeaseMs
}

/** The claim that nobody may claim beside: the one with the longest lease left. */
export function liveClaim({ claims, moment }: ClaimList, clock: Clock): Claim | undefined {
  const now = serverNow(moment, clock)
  return claims
    .filter((claim) => holdsAt(claim, now))
    .toSorted((one, other) => other.leaseEndsAt - one.leaseEndsAt)[0]
}

/** The next claim of a token. */
export function nextClaim(
  stateVariable: string,
  token: string,
  { claims, moment }: ClaimList,
  lease: { readonly seconds: number; readonly nonce: string; readonly askedAt: number },
  clock: Clock,
): HeldClaim {
  const epoch = 1 + Math.max(0, ...claims.filter((one) => one.token === token).map((one) => one.epoch))
  const leaseEndsAt = serverNow(moment, clock) + lease.seconds * 1000
  return {
    variable: `${claimPrefix(stateVariable)}${token}_${epoch}`,
    token,
    epoch,
    nonce: lease.nonce,
    leaseEndsAt,
    // GitHub's date was stamped at some moment after it was asked for: taken from there, the fence is never too late.
    fence: lease.askedAt + (leaseEndsAt - moment.date) - roundingMs,
  }
}

/** A claim from an earlier process of the same step, if its lease still holds. */
export function resumedClaim(claim: Claim, { date }: ServerMoment, askedAt: number): HeldClaim {
  return { ...claim, fence: askedAt + (claim.leaseEndsAt - date) - roundingMs }
}
