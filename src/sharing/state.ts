/**
 * The state: the pair that jobs share, sealed in an Actions variable. It is the authority, and the secret is its copy. It
 * also knows which refresh tokens are over (spent or superseded), so that a job that was given an old token can be told
 * from one that was given a token from a new sign-in.
 */
import { isRecord } from '../json.ts'
import { fingerprintBytes, fingerprintOf, open, seal, type EnvelopeSecrets } from '../sealing/envelope.ts'
import type { VariablePlace } from '../github/variable-store.ts'

/** How long Box accepts an unused refresh token, in days: one that has been over for longer no longer matters. */
const rememberedDays = 60
/** As many fingerprints as keep the variable's value under GitHub's limit of 48 KB. */
const mostFingerprints = 3000
const dayMs = 86_400_000

/** The pair that jobs share. */
export interface SharedState {
  readonly refreshToken: string
  /** `undefined`: the refresh token came without a usable access token, or from `login` or `recover`, and is unused. */
  readonly access: SharedAccess | undefined
  /** `updated_at` of the secret that this state accounts for, in milliseconds since 1970 (UTC). */
  readonly secretUpdatedAt: number
  readonly over: OverTokens
}

/** The access token that jobs share. */
export interface SharedAccess {
  readonly token: string
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly expiresAt: number
  /** When it was issued; same unit and clock. */
  readonly refreshedAt: number
}

/** Which variable a state is in, and what it is sealed with. */
export interface StateSeal {
  readonly secrets: EnvelopeSecrets
  readonly clientId: string
  readonly place: VariablePlace
  /** Name of the variable. */
  readonly name: string
}

/** The fingerprints of one day (days since 1970, UTC), concatenated. */
interface Day {
  readonly day: number
  readonly fingerprints: Uint8Array
}

/** Refresh tokens that were spent or superseded in the last 60 days, as fingerprints. */
export class OverTokens {
  static readonly none = new OverTokens([])
  readonly #days: readonly Day[]

  private constructor(days: readonly Day[]) {
    this.#days = days
  }

  /** Whether a token is among them. */
  has(fingerprint: Uint8Array): boolean {
    return this.#days.some(({ fingerprints }) => positionOf(fingerprint, fingerprints) >= 0)
  }

  /** Whether one of them starts with these bytes, as the name of a claim does. */
  hasStarting(start: Uint8Array): boolean {
    return this.#days.some(({ fingerprints }) => positionOf(start, fingerprints) >= 0)
  }

  /**
   * The same list with one more, without those that were added more than 60 days ago, and at most 3,000 in all. One that
   * it has already is added anew: as long as jobs are given that token, it must not be taken for a new one.
   *
   * @param now milliseconds since 1970 (UTC), by a server's clock
   */
  with(fingerprint: Uint8Array, now: number): OverTokens {
    const today = Math.floor(now / dayMs)
    const days = this.#days
      .filter(({ day }) => day > today - rememberedDays - 1)
      .map(({ day, fingerprints }) => ({ day, fingerprints: without(fingerprints, fingerprint) }))
      .filter(({ fingerprints }) => fingerprints.length > 0)
    const last = days.at(-1)
    // Servers' clocks differ a little: once a day has begun, the list does not go back to the one before.
    if (last && last.day >= today) {
      days[days.length - 1] = { day: last.day, fingerprints: joined(last.fingerprints, fingerprint) }
    } else days.push({ day: today, fingerprints: fingerprint })
    let surplus =
      days.reduce((sum, one) => sum + one.fingerprints.length, 0) - mostFingerprints * fingerprintBytes
    while (surplus > 0) {
      const [oldest] = days
      if (!oldest) break
      const { day, fingerprints } = oldest
      if (fingerprints.length <= surplus) days.shift()
      else days[0] = { day, fingerprints: fingerprints.subarray(surplus) }
      surplus -= fingerprints.length
    }
    return new OverTokens(days)
  }

  /** How many there are. */
  get size(): number {
    return this.#days.reduce((sum, { fingerprints }) => sum + fingerprints.length / fingerprintBytes, 0)
  }

  toJSON(): unknown {
    return this.#days.map(({ day, fingerprints }) => [day, Buffer.from(fingerprints).toString('base64')])
  }

  /** @returns `undefined` if the value is not such a list */
  static fromJSON(value: unknown): OverTokens | undefined {
    if (!Array.isArray(value)) return undefined
    const days: Day[] = []
    for (const entry of value as unknown[]) {
      if (!Array.isArray(entry)) return undefined
      const [day, text] = entry as unknown[]
      if (typeof day !== 'number' || !Number.isSafeInteger(day) || typeof text !== 'string') return undefined
      const fingerprints = new Uint8Array(Buffer.from(text, 'base64'))
      if (fingerprints.length % fingerprintBytes !== 0) return undefined
      days.push({ day, fingerprints })
    }
    return new OverTokens(days)
  }
}

function positionOf(fingerprint: Uint8Array, list: Uint8Array): number {
  for (let at = 0; at < list.length; at += fingerprintBytes) {
    if (fingerprint.every((byte, index) => list[at + index] === byte)) return at
  }
  return -1
}

function without(list: Uint8Array, fingerprint: Uint8Array): Uint8Array {
  const at = positionOf(fingerprint, list)
  return at < 0 ? list : joined(list.subarray(0, at), list.subarray(at + fingerprintBytes))
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

/** The place and name that a variable's value is bound to, so that it opens nowhere else. */
function bindingOf({ place, name }: StateSeal): string[] {
  return [...place.identity, name.toUpperCase()]
}

/** Seals a state for its variable: one line, `box-token-state.v1.` and base64url. Needs `sealingReady` first. */
export function sealState(sealing: StateSeal, state: SharedState): string {
  const { refreshToken, access, secretUpdatedAt, over } = state
  const value = { refreshToken, access, secretUpdatedAt, over }
  return seal('state', sealing.secrets, sealing.clientId, value, bindingOf(sealing))
}

/** Opens the value of a state variable. Needs `sealingReady` first. */
export function openState(
  sealing: StateSeal,
  text: string,
): SharedState | { readonly problem: 'newer-version' | 'does-not-open' } {
  const opened = open('state', sealing.secrets, sealing.clientId, text.trim(), bindingOf(sealing))
  if ('problem' in opened) {
    return { problem: opened.problem === 'newer-version' ? 'newer-version' : 'does-not-open' }
  }
  return stateIn(opened.value) ?? { problem: 'does-not-open' }
}

function stateIn(value: unknown): SharedState | undefined {
  if (!isRecord(value)) return undefined
  const { refreshToken, access: given, secretUpdatedAt, over: list } = value
  const over = OverTokens.fromJSON(list)
  if (typeof refreshToken !== 'string' || typeof secretUpdatedAt !== 'number' || !over) return undefined
  if (given === undefined) return { refreshToken, access: undefined, secretUpdatedAt, over }
  const access = accessIn(given)
  return access && { refreshToken, access, secretUpdatedAt, over }
}

/** Reads an access token as sealed texts keep it; `undefined` if the value is not one. */
export function accessIn(value: unknown): SharedAccess | undefined {
  if (!isRecord(value)) return undefined
  const { token, expiresAt, refreshedAt } = value
  if (typeof token !== 'string' || typeof expiresAt !== 'number' || typeof refreshedAt !== 'number') {
    return undefined
  }
  return { token, expiresAt, refreshedAt }
}

/** Whether a refresh token is the state's own, or is among the spent and superseded ones. */
export function accountsFor({ secrets }: StateSeal, state: SharedState, refreshToken: string): boolean {
  return state.refreshToken === refreshToken || state.over.has(fingerprintOf(secrets, refreshToken))
}
