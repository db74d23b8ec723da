/**
 * Sealed texts that only this app's owner can open: XChaCha20-Poly1305 (libsodium), with a key derived from the client
 * secret and the optional state key. A text that is sealed as one kind does not open as another.
 */
import { libsodium } from './sodium.ts'

/** What a sealed text is for. */
export type EnvelopeKind = 'journal' | 'recovery' | 'state'

/** What the key is derived from. */
export interface EnvelopeSecrets {
  readonly clientSecret: string
  /** The `state-key` input. */
  readonly stateKey: string | undefined
}

/** The version of the format, in front of a sealed text. */
const version = 'v1'

/** Why a text could not be opened. */
export type NotOpened =
  /** It is not a sealed text of this kind. */
  | 'not-sealed'
  /** It was made by a later version of this action. */
  | 'newer-version'
  /** It belongs to another app, client secret or state key, or is damaged. */
  | 'does-not-open'

function prefixOf(kind: EnvelopeKind): string {
  return `box-token-${kind}.`
}

/** Encodes several texts as one, so that no two lists give the same bytes. */
function joined(...parts: readonly string[]): Uint8Array {
  return libsodium().from_string(JSON.stringify(parts))
}

/** A separate key for each kind, client secret and state key: BLAKE2b over all of them. */
function keyFor(kind: EnvelopeKind | 'fingerprint', { clientSecret, stateKey }: EnvelopeSecrets): Uint8Array {
  const sodium = libsodium()
  const material = joined('box-token-action', kind, version, clientSecret, stateKey ?? '')
  return sodium.crypto_generichash(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES, material, null)
}

/**
 * Seals a value. Needs `sealingReady` first.
 *
 * @param clientId bound to the text, which opens only for this app
 * @param value anything that JSON can hold
 * @param place bound to the text, too, if it is kept where others can write: it opens only there
 * @returns one line of `box-token-<kind>.v1.` and base64url
 */
export function seal(
  kind: EnvelopeKind,
  secrets: EnvelopeSecrets,
  clientId: string,
  value: unknown,
  place: readonly string[] = [],
): string {
  const sodium = libsodium()
  const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sodium.from_string(JSON.stringify(value)),
    joined(kind, version, clientId, ...place),
    null,
    nonce,
    keyFor(kind, secrets),
  )
  return `${prefixOf(kind)}${version}.${Buffer.concat([nonce, sealed]).toString('base64url')}`
}

/**
 * Opens a sealed text. Needs `sealingReady` first.
 *
 * @returns the value, still to be checked, or why it did not open
 */
export function open(
  kind: EnvelopeKind,
  secrets: EnvelopeSecrets,
  clientId: string,
  text: string,
  place: readonly string[] = [],
): { readonly value: unknown } | { readonly problem: NotOpened } {
  const prefix = prefixOf(kind)
  if (!text.startsWith(prefix)) return { problem: 'not-sealed' }
  const [, number, body] = /^v(\d{1,6})\.([A-Za-z0-9_-]+)$/.exec(text.slice(prefix.length)) ?? []
  if (number === undefined || body === undefined) return { problem: 'not-sealed' }
  if (`v${number}` !== version) return { problem: 'newer-version' }
  const sodium = libsodium()
  const bytes = Buffer.from(body, 'base64url')
  const split = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
  try {
    const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      bytes.subarray(split),
      joined(kind, version, clientId, ...place),
      bytes.subarray(0, split),
      keyFor(kind, secrets),
    )
    return { value: JSON.parse(sodium.to_string(opened)) as unknown }
  } catch {
    // libsodium throws the same for every reason, and its error says no more.
    return { problem: 'does-not-open' }
  }
}

/** Bytes of a fingerprint: few enough for thousands to fit into one variable, enough to avoid collisions. */
export const fingerprintBytes = 8

/**
 * A short keyed hash (BLAKE2b) of a token: it shows whether two tokens are the same, but only to the owner of the client
 * secret. Needs `sealingReady` first.
 */
export function fingerprintOf(secrets: EnvelopeSecrets, token: string): Uint8Array {
  const sodium = libsodium()
  const key = keyFor('fingerprint', secrets)
  return sodium.crypto_generichash(sodium.crypto_generichash_BYTES, token, key).subarray(0, fingerprintBytes)
}
