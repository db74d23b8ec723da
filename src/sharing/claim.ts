/**
 * A claim: the right to refresh, as an Actions variable that only one job can create. GitHub refuses a name that is taken,
 * whatever its reads show (rule 8). A claim holds for its lease.
 *
 * Claims stay: once its holder has published, a claim is marked as done and kept, so that a job that still sees the old
 * state cannot get it again. If a lease runs out, nobody deletes that claim for its holder; the next epoch follows it. A
 * deletion that arrives late could take away somebody else's claim.
 */
import { serverNow, type Clock, type ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import { stalenessMs } from '../rotation/patience.ts'
import { fingerprintOf, type EnvelopeSecrets } from '../sealing/envelope.ts'
import type { Variable } from '../github/variable-store.ts'
import type { OverTokens } from './state.ts'

/** `Date` headers are in whole seconds, so a holder considers its own lease over this much earlier. */
const roundingMs = 1000
/** Without a state, jobs may hold different tokens, and still only one of them may refresh. */
const withoutState = 'NEW'
/** Claims that have been over for this long may be deleted: no read can still show the state from before them. */
const tombstoneMs = 600_000

/** The length of a lease, in seconds: enough for both phases that are retried, and some to spare. */
export function leaseSeconds(retryFor: number): number {
  return 2 * retryFor + 10
}

/** A claim as it is in its variable. */
export interface Claim {
  readonly variable: string
  /** Which token it is for: eight hexadecimal digits, or `NEW`. */
  readonly token: string
  readonly epoch: number
  /** When GitHub created its variable, in milliseconds since 1970 (UTC); `undefined` if that is not known. */
  readonly madeAt?: number | undefined
  /** Who holds it. */
  readonly nonce: string
  /** When the lease ends; same unit, by GitHub's clock. */
  readonly leaseEndsAt: number
  /** When its holder marked it as done, because the state had moved; same unit and clock. */
  readonly doneAt: number | undefined
  /** Its holder wrote the secret at this time at the latest, so that write is accounted for; same unit and clock. */
  readonly secretWrittenAt: number | undefined
  /** The next epoch to try, since all earlier ones are over; and when that was noted, same unit and clock. */
  readonly next: { readonly epoch: number; readonly since: number } | undefined
}

/** A claim that a step has made, or was about to make. */
export type OwnClaim = Pick<
  Claim,
  'variable' | 'token' | 'epoch' | 'nonce' | 'leaseEndsAt' | 'secretWrittenAt'
>

/** A claim that this process holds. */
export interface HeldClaim extends Claim {
  /** The fence: from here on the holder does nothing more with effect; by the monotonic clock (milliseconds). */
  readonly fence: number
}

/**
 * The status of a claim.
 *
 * - `live`: its holder may be refreshing
 * - `over`: its lease has ended, and its holder has not marked it as done
 * - `given-up`: its holder says that it has spent nothing
 * - `done`: its holder has published, or has found that somebody else did
 */
export type ClaimStatus = 'live' | 'over' | 'given-up' | 'done'

/** The beginning of the names of a state's claims, up to the token. */
export function claimPrefix(stateVariable: string): string {
  return `${stateVariable.toUpperCase()}_CLAIM_`
}

/** What stands for a refresh token in a claim's name; `undefined`: there is no state. Needs `sealingReady` first. */
export function claimToken(secrets: EnvelopeSecrets, refreshToken: string | undefined): string {
  if (refreshToken === undefined) return withoutState
  return Buffer.from(fingerprintOf(secrets, refreshToken).subarray(0, 4)).toString('hex').toUpperCase()
}

/** Whether a claim is for a token that a state lists as spent or superseded, or from before there was a state. */
export function isOfEarlierState({ token }: Claim, { over }: { readonly over: OverTokens }): boolean {
  return token === withoutState || over.hasStarting(Buffer.from(token, 'hex'))
}

/**
 * The latest date up to which those who refreshed before account for the secret, in milliseconds since 1970 (UTC): they
 * noted their write in their claim. A holder that was killed there, or whose note got lost, may have written the secret
 * while its lease ran; so a date from that time is taken for its doing. For each token, that can only be the last holder:
 * it is the one that published.
 *
 * @param updatedAt the secret's date; same unit
 */
export function accountedByHolders(
  claims: readonly Claim[],
  state: { readonly over: OverTokens },
  updatedAt: number,
): number {
  // Claims of later states are left out: if somebody put this state back, what those holders wrote is newer than its token.
  // One that was given up is from a person who stored the state's own token.
  const isGivenUp = ({ leaseEndsAt }: Claim): boolean => leaseEndsAt === 0
  const earlier = claims.filter(
    (one) => isUnderstood(one) && (isGivenUp(one) || isOfEarlierState(one, state)),
  )
  const published = earlier.filter((one) => !isGivenUp(one))
  const isLast = ({ token, epoch }: Claim): boolean =>
    !published.some((one) => one.token === token && one.epoch > epoch)
  const mayHaveWritten = ({ madeAt, leaseEndsAt, doneAt }: Claim): boolean =>
    doneAt === undefined && madeAt !== undefined && madeAt <= updatedAt && updatedAt <= leaseEndsAt
  return Math.max(
    0,
    ...earlier.map(({ secretWrittenAt }) => secretWrittenAt ?? 0),
    ...published.filter((one) => isLast(one) && mayHaveWritten(one)).map(() => updatedAt),
  )
}

/**
 * Reads a claim; `undefined` if the variable does not have the name of one. A claim whose value makes no sense counts as
 * over since it was written, so that it locks nobody out.
 */
export function readClaim(
  stateVariable: string,
  { name, value, createdAt, updatedAt }: Variable,
): Claim | undefined {
  const prefix = claimPrefix(stateVariable)
  const variable = name.toUpperCase()
  if (!variable.startsWith(prefix)) return undefined
  const match = /^([0-9A-F]{8}|NEW)_([1-9]\d{0,8})$/.exec(variable.slice(prefix.length))
  if (!match) return undefined
  const [, token = '', epoch = ''] = match
  const content = contentIn(value)
  const writtenAt = updatedAt ?? 0
  // A lease that ends later than the longest `retry-for` allows is damage.
  const isSensible = content && (updatedAt === undefined || content.leaseEndsAt <= updatedAt + longestLeaseMs)
  return {
    variable,
    token,
    epoch: Number(epoch),
    madeAt: createdAt,
    ...(isSensible ? content : { ...nothing, leaseEndsAt: writtenAt }),
  }
}

/** Whether the value of a claim could be read. */
export function isUnderstood({ nonce }: Claim): boolean {
  return nonce !== ''
}

const nothing = { nonce: '', leaseEndsAt: 0, doneAt: undefined, secretWrittenAt: undefined, next: undefined }

/** What is in the value of a claim's variable. */
type ClaimContent = Omit<Claim, 'variable' | 'token' | 'epoch' | 'madeAt'>

function contentIn(value: string): ClaimContent | undefined {
  let content: unknown
  try {
    content = JSON.parse(value)
  } catch {
    return undefined
  }
  if (!isRecord(content)) return undefined
  const { nonce, next } = content
  const leaseEndsAt = dateIn(content['lease-ends-at'])
  if (typeof nonce !== 'string' || nonce === '' || leaseEndsAt === undefined) return undefined
  const since = dateIn(content['next-since'])
  return {
    nonce,
    leaseEndsAt,
    doneAt: dateIn(content['done-at']),
    secretWrittenAt: dateIn(content['secret-written-at']),
    next:
      typeof next === 'number' && Number.isSafeInteger(next) && next > 0 && since !== undefined
        ? { epoch: next, since }
        : undefined,
  }
}

function dateIn(text: unknown): number | undefined {
  const date = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

/** The value of a claim's variable; nothing in it is secret. */
export function claimValue(claim: ClaimContent): string {
  const date = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString()
  return JSON.stringify({
    nonce: claim.nonce,
    'lease-ends-at': date(claim.leaseEndsAt),
    'done-at': date(claim.doneAt),
    'secret-written-at': date(claim.secretWrittenAt),
    next: claim.next?.epoch,
    'next-since': date(claim.next?.since),
  })
}

/** The longest that any claim can hold, in milliseconds: the lease for the longest `retry-for`, and a minute to spare. */
export const longestLeaseMs = (leaseSeconds(3600) + 60) * 1000

/**
 * The status of a claim.
 *
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export function statusAt({ nonce, leaseEndsAt, doneAt }: Claim, now: number): ClaimStatus {
  if (doneAt !== undefined) return 'done'
  if (nonce !== '' && leaseEndsAt === 0) return 'given-up'
  return leaseEndsAt > now && leaseEndsAt <= now + longestLeaseMs ? 'live' : 'over'
}

/** Whether the lease ended so long ago that every read shows what its holder did (rule 8). */
export function isLongOver(claim: Claim, now: number): boolean {
  return statusAt(claim, now) === 'over' && (claim.leaseEndsAt > now || now > claim.leaseEndsAt + stalenessMs)
}

/** The claims for a state. */
export interface ClaimList {
  readonly claims: readonly Claim[]
  readonly moment: ServerMoment
}

/** The lease of a new claim: its length, who makes it, GitHub's time, and when that was asked for (monotonic clock). */
export interface Lease {
  readonly seconds: number
  readonly nonce: string
  readonly moment: ServerMoment
  readonly askedAt: number
}

/** Prepares a claim that is yet to be made. */
export function newClaim(
  stateVariable: string,
  token: string,
  epoch: number,
  { seconds, nonce, moment, askedAt }: Lease,
  clock: Clock,
): HeldClaim {
  const leaseEndsAt = Math.floor(serverNow(moment, clock)) + seconds * 1000
  const claim: Claim = {
    ...nothing,
    variable: `${claimPrefix(stateVariable)}${token}_${epoch}`,
    token,
    epoch,
    nonce,
    leaseEndsAt,
  }
  return heldClaim(claim, moment, askedAt)
}

/**
 * A claim that this process holds. GitHub stamped its date some time after it was asked for, so a fence that is counted
 * from the asking is never too late (rule 6: time is the servers').
 */
export function heldClaim(claim: Claim, { date }: ServerMoment, askedAt: number): HeldClaim {
  return { ...claim, fence: askedAt + (claim.leaseEndsAt - date) - roundingMs }
}

/**
 * Tombstones that may be deleted: claims of tokens that the state no longer holds, once all claims of that token have been
 * over for so long that no read can still show the state from before them (rule 8). While one claim of a token has to
 * stay, all of them stay, because a job with an old read starts at the first.
 *
 * @param current the state's token, before and after this refresh
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export function tombstones(claims: readonly Claim[], current: readonly string[], now: number): Claim[] {
  const kept = new Set([
    ...current,
    ...claims.filter((claim) => !isBuried(claim, now)).map(({ token }) => token),
  ])
  return claims.filter(({ token }) => !kept.has(token))
}

function isBuried(claim: Claim, now: number): boolean {
  const status = statusAt(claim, now)
  if (status === 'live') return false
  return now > (claim.doneAt ?? claim.leaseEndsAt) + tombstoneMs
}

/** How many claims of one token are climbed one by one before a shortcut is noted in the first. */
const mostSteps = 8

/**
 * Bounds the pile of claims on a dead chain, or while Box refuses for another reason: each run then leaves a claim that it
 * gave up, all for the same token. The first one must stay, but it can note where to go on; those in between may be
 * deleted once every read shows that note.
 *
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export function shortcut(
  claims: readonly Claim[],
  own: Claim,
  now: number,
): { readonly note: Claim | undefined; readonly remove: readonly Claim[] } {
  const same = claims.filter(({ token, epoch }) => token === own.token && epoch < own.epoch)
  const first = same.find(({ epoch }) => epoch === 1)
  if (!first || statusAt(first, now) === 'live') return { note: undefined, remove: [] }
  const { next } = first
  const settled = next !== undefined && now > next.since + tombstoneMs ? next.epoch : 1
  const remove = same.filter(({ epoch }) => epoch > 1 && epoch < settled)
  const note =
    own.epoch - (next?.epoch ?? 1) >= mostSteps
      ? { ...first, nonce: first.nonce || 'unknown', next: { epoch: own.epoch, since: now } }
      : undefined
  return { note, remove }
}
