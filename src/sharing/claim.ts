/**
 * The right to refresh, as an Actions variable that only one job can create: GitHub refuses a name that is taken, whatever
 * its reads show. A claim holds for a lease. It stays when its holder has published, marked as done, so that a job which
 * still sees the state from before cannot get it again; and one whose lease is over is never deleted in the place of its
 * holder, but followed by the next epoch: a deletion that arrives late would take away somebody else's claim.
 */
import { serverNow, type Clock, type ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import { stalenessMs } from '../rotation/patience.ts'
import { fingerprintOf, type EnvelopeSecrets } from '../sealing/envelope.ts'
import type { Variable } from '../github/variable-store.ts'
import type { OverTokens } from './state.ts'

/** `Date` headers are whole seconds: so much earlier a holder takes its own lease for over. */
const roundingMs = 1000
/** Where there is no state yet, jobs may hold different tokens, and still only one may refresh. */
const withoutState = 'NEW'
/** After this a claim that is over may go: no read is so old that it shows the state from before it. */
const tombstoneMs = 600_000

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
  /** When its holder was done, likewise: the state has moved. */
  readonly doneAt: number | undefined
  /** Up to when the secret was written by its holder, likewise: that write is known. */
  readonly secretWrittenAt: number | undefined
  /** Claims up to this epoch are over, and it is the next one to try; since when that is said, likewise. */
  readonly next: { readonly epoch: number; readonly since: number } | undefined
}

/** A claim that a step made, or was about to make. */
export type OwnClaim = Pick<Claim, 'variable' | 'token' | 'epoch' | 'nonce' | 'leaseEndsAt'>

/** A claim of this process's own. */
export interface HeldClaim extends Claim {
  /** When nothing with an effect may be done any more, by the monotonic clock (milliseconds). */
  readonly fence: number
}

/**
 * How things stand with a claim.
 *
 * - `live`: its holder may be refreshing
 * - `over`: its lease is over, and its holder was not done
 * - `given-up`: its holder has spent nothing, and says so
 * - `done`: its holder has published, or found that somebody else had
 */
export type ClaimStatus = 'live' | 'over' | 'given-up' | 'done'

/** What the claims of a state are named like, up to the token. */
export function claimPrefix(stateVariable: string): string {
  return `${stateVariable.toUpperCase()}_CLAIM_`
}

/** Which claims belong to a state's token. `undefined`: there is no state. Needs `sealingReady` first. */
export function claimToken(secrets: EnvelopeSecrets, refreshToken: string | undefined): string {
  if (refreshToken === undefined) return withoutState
  return Buffer.from(fingerprintOf(secrets, refreshToken).subarray(0, 4)).toString('hex').toUpperCase()
}

/** Whether the state of a claim's token came before another state, as that one knows. */
export function isOfEarlierState({ token }: Claim, { over }: { readonly over: OverTokens }): boolean {
  return token === withoutState || over.hasStarting(Buffer.from(token, 'hex'))
}

/**
 * Reads a claim; `undefined` where the variable's name is not that of one. One whose value makes no sense was over when it
 * was written: nobody is locked out by it.
 */
export function readClaim(stateVariable: string, { name, value, updatedAt }: Variable): Claim | undefined {
  const prefix = claimPrefix(stateVariable)
  const variable = name.toUpperCase()
  if (!variable.startsWith(prefix)) return undefined
  const match = /^([0-9A-F]{8}|NEW)_([1-9]\d{0,8})$/.exec(variable.slice(prefix.length))
  if (!match) return undefined
  const [, token = '', epoch = ''] = match
  const content = contentIn(value)
  const writtenAt = updatedAt ?? 0
  // No lease is longer than one of the longest `retry-for`: a later end is damage.
  const isSensible = content && (updatedAt === undefined || content.leaseEndsAt <= updatedAt + longestLeaseMs)
  return {
    variable,
    token,
    epoch: Number(epoch),
    ...(isSensible ? content : { ...nothing, leaseEndsAt: writtenAt }),
  }
}

/** Whether a claim says what one has to say. */
export function isUnderstood({ nonce }: Claim): boolean {
  return nonce !== ''
}

const nothing = { nonce: '', leaseEndsAt: 0, doneAt: undefined, secretWrittenAt: undefined, next: undefined }

function contentIn(value: string): Omit<Claim, 'variable' | 'token' | 'epoch'> | undefined {
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

/** What is written into a claim's variable; nothing secret. */
export function claimValue(claim: Omit<Claim, 'variable' | 'token' | 'epoch'>): string {
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

/** No claim holds longer than one of the longest `retry-for`. */
export const longestLeaseMs = (leaseSeconds(3600) + 60) * 1000

/**
 * How things stand with a claim.
 *
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export function statusAt({ nonce, leaseEndsAt, doneAt }: Claim, now: number): ClaimStatus {
  if (doneAt !== undefined) return 'done'
  if (nonce !== '' && leaseEndsAt === 0) return 'given-up'
  return leaseEndsAt > now && leaseEndsAt <= now + longestLeaseMs ? 'live' : 'over'
}

/** Whether the lease was over so long ago that every read shows what its holder did. */
export function isLongOver(claim: Claim, now: number): boolean {
  return statusAt(claim, now) === 'over' && (claim.leaseEndsAt > now || now > claim.leaseEndsAt + stalenessMs)
}

/** The claims beside a state. */
export interface ClaimList {
  readonly claims: readonly Claim[]
  readonly moment: ServerMoment
}

/** How long the lease of a new claim is, who makes it, and when GitHub's date was asked for, by the monotonic clock. */
export interface Lease {
  readonly seconds: number
  readonly nonce: string
  readonly moment: ServerMoment
  readonly askedAt: number
}

/** A claim to be made. */
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
 * A claim that this process may take for its own. GitHub's date was stamped at some moment after it was asked for: taken
 * from there, the fence is never too late.
 */
export function heldClaim(claim: Claim, { date }: ServerMoment, askedAt: number): HeldClaim {
  return { ...claim, fence: askedAt + (claim.leaseEndsAt - date) - roundingMs }
}

/**
 * Which claims may be deleted: those of tokens that are not the state's any more, and only when all of that token are over
 * for so long that no read shows the state from before them. While one of a token has to stay, all of it stay, because a
 * job with an old read starts with the first.
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

/** So many claims of one token are left to be climbed one by one before a shortcut is noted in the first. */
const mostSteps = 8

/**
 * On a chain that is dead, or while Box refuses for another reason, each run leaves one claim that it gave up, all of the
 * same token. The first of them must stay, but it can say where to go on; what lies between may go once no read is so old
 * that it lacks this note.
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
