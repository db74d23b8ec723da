/**
 * What a read of GitHub may show: GitHub does not promise read-your-writes, so a GET can show what was there some time
 * ago, with a different age for each request, in no order. Writes, and the 409 of a POST, are always current.
 */
import type { ServerClock } from './exchange.ts'

/** In all models, no read is ever older than this: what is older is forgotten. */
const longestAgeMs = 120_000

/** How old each read is, in milliseconds; 0: current. */
export type ReadAge = () => number

/** Every read is current. */
export const freshReads: ReadAge = () => 0

/**
 * Reads of any age up to a bound, different for each.
 *
 * @param mostMs milliseconds
 * @param random a number from 0 up to, not including, 1
 */
export function readsUpTo(mostMs: number, random: () => number): ReadAge {
  if (mostMs > longestAgeMs) throw new Error(`the model only remembers ${longestAgeMs} ms`)
  return () => random() * mostMs
}

interface Version<V> {
  readonly at: number
  /** `undefined`: it was not there. */
  readonly value: V | undefined
}

/** A map that remembers what was in it before. */
export class LaggingMap<K, V> extends Map<K, V> {
  readonly #clock: ServerClock
  readonly #versions = new Map<K, Version<V>[]>()

  constructor(clock: ServerClock) {
    super()
    this.#clock = clock
  }

  override set(key: K, value: V): this {
    this.#remember(key, value)
    return super.set(key, value)
  }

  override delete(key: K): boolean {
    if (this.has(key)) this.#remember(key, undefined)
    return super.delete(key)
  }

  override clear(): void {
    for (const key of this.keys()) this.delete(key)
  }

  /** What was in it at a moment of the server's clock (milliseconds). */
  asOf(at: number): ReadonlyMap<K, V> {
    if (at >= this.#clock.now()) return this
    const then = new Map<K, V>()
    for (const [key, versions] of this.#versions) {
      const value = versions.findLast((version) => version.at <= at)?.value
      if (value !== undefined) then.set(key, value)
    }
    return then
  }

  #remember(key: K, value: V | undefined): void {
    const now = this.#clock.now()
    const versions = this.#versions.get(key) ?? []
    versions.push({ at: now, value })
    // Of the versions from before that time, the last one is still needed: the oldest reads show it.
    const first = versions.findLastIndex(({ at }) => at <= now - longestAgeMs)
    this.#versions.set(key, first > 0 ? versions.slice(first) : versions)
  }
}
