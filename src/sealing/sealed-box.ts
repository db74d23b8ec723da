/** Seals values for GitHub's secret stores, as GitHub requires: a libsodium sealed box (X25519, XSalsa20-Poly1305). */
import { libsodium } from './sodium.ts'

export { sealingReady } from './sodium.ts'

/** The public key of one secret store, as GitHub's API gives it. */
export interface SealingKey {
  readonly keyId: string
  /** 32 bytes in base64. */
  readonly publicKey: string
}

/** Whether a text looks like a public key: base64 of 32 bytes. Not every such text is one; see `canSeal`. */
export function isPublicKey(base64: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(base64)
}

/** Whether values can be sealed with a key: not all 32 bytes are a point on the curve. Needs `sealingReady` first. */
export function canSeal(key: SealingKey): boolean {
  try {
    sealFor(key, '')
    return true
  } catch {
    return false
  }
}

/**
 * Encrypts a secret for a store; only GitHub can open it. Needs `sealingReady` first.
 *
 * @returns base64 of the sealed box, as `PUT …/actions/secrets/{secret_name}` takes it
 * @throws if the key is not an X25519 public key
 */
export function sealFor(key: SealingKey, secret: string): string {
  const sodium = libsodium()
  const publicKey = sodium.from_base64(key.publicKey, sodium.base64_variants.ORIGINAL)
  return sodium.to_base64(
    sodium.crypto_box_seal(sodium.from_string(secret), publicKey),
    sodium.base64_variants.ORIGINAL,
  )
}
