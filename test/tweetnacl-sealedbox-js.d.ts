declare module 'tweetnacl-sealedbox-js' {
  /** Opens a libsodium sealed box; `null` if it does not open. */
  export function open(sealed: Uint8Array, publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array | null
}
