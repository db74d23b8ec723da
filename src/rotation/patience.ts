/**
 * Rule 8: a read may be old. GitHub promises no read-your-writes: a GET can show what stood there some seconds ago, also
 * of what this process wrote itself, and the next one something older still. Writes, and the 409 of a POST, are the
 * present. So nothing is given up because of a GET before it has been asked for again for as long as it may be old.
 */
import type { RetryEnvironment } from '../http/retry.ts'

/** How old an answer of GitHub to a GET may be, in milliseconds. */
export const stalenessMs = 30_000

const shortestPauseMs = 1000
const longestPauseMs = 3000

/** The pauses between looks at something that may be newer than what GitHub shows. */
export class Patience {
  readonly #environment: RetryEnvironment
  readonly #endsAt: number
  #pauseMs = shortestPauseMs

  /**
   * @param mostSeconds the `retry-for` input, or how long somebody waits at most: patience ends with it. It starts now
   * @param leastMs how long a read may be old, in milliseconds; longer where something else is waited for as well
   */
  constructor(environment: RetryEnvironment, mostSeconds: number, leastMs = stalenessMs) {
    this.#environment = environment
    this.#endsAt = environment.clock.monotonic() + Math.min(leastMs, mostSeconds * 1000)
  }

  /**
   * Waits before the next look; never less than a second, unless the end is nearer.
   *
   * @returns `false`, at once, where the last look was made late enough to show everything that was there at the start
   */
  async pause(): Promise<boolean> {
    const { clock, random } = this.#environment
    const left = this.#endsAt - clock.monotonic()
    if (left <= 0) return false
    await clock.sleep(Math.min(left, this.#pauseMs * (1 + random())))
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 1.25)
    return true
  }
}
