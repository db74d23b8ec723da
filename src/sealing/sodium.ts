/**
 * libsodium, loaded late: its WebAssembly is text in a file of its own, larger than everything else. Reading and starting it
 * takes a moment, which can pass while requests are under way.
 */
import type sodium from 'libsodium-wrappers'

let ready: typeof sodium | undefined

/** Loads and starts libsodium. Everything that seals, opens or hashes needs this first. */
export async function sealingReady(): Promise<void> {
  const { default: loaded } = await import(/* webpackIgnore: true */ 'libsodium-wrappers')
  await loaded.ready
  ready = loaded
}

/** libsodium, once `sealingReady` has resolved. */
export function libsodium(): typeof sodium {
  if (!ready) throw new Error('sealing is not ready')
  return ready
}
