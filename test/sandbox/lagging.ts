/**
 * What a read of GitHub may show: GitHub promises no read-your-writes, so a GET can tell what stood there some time ago,
 * each request another age, never in order. Writes, and the 409 of a POST, are the present.
 */
import type { ServerClock } from './exchange.ts'

/** No read is ever older in any model: what is older is forgotten. */
const longestAgeMs = 120_000

/** How old each read is, in milliseconds; 0: the present. */
export type ReadAge = () => number

/** Every read is the present. */
export const freshReads: ReadAge = () => 0

/**
 * Reads of any age up to a bound, each another one.
 *
 * @param mostMs milliseconds
 * @param random a number from 0 up to, not including, 1
 */
export function readsUpTo(mostMs: number, random: () => number): ReadAge {
  if (mostMs > longestAgeMs) throw new Error(`the model remembers ${longestAgeMs} ms only`)
  return () => random() * mostMs
}

interface Version<V> {
  readonly at: number
  /** `undefined`: it was not there. */
  readonly value: V | undefined
}

/** A map that knows what stood in it before. */
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

  /** What stood in it at a moment of the server's clock (milliseconds). */
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
    // The last one of before that any read may show is still needed.
    const first = versions.findLastIndex(({ at }) => at <= now - longestAgeMs)
    this.#versions.set(key, first > 0 ? versions.slice(first) : versions)
  }
}
