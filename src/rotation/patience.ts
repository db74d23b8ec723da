/**
 * Rule 8: a read may be old. GitHub doesn't promise that you can read your own writes: a GET can show the state of some
 * seconds ago, even of what this process itself wrote, and the next GET an even older one. Only writes, and the 409 of a
 * POST, show the present. So nothing is given up because of one GET: it is repeated for as long as it may be old.
 */
import type { RetryEnvironment } from '../http/retry.ts'

/** How old GitHub's answer to a GET may be, in milliseconds. */
export const stalenessMs = 30_000

const shortestPauseMs = 1000
const longestPauseMs = 3000

/** The pauses between reads of something that may be newer than what GitHub shows. */
export class Patience {
  readonly #environment: RetryEnvironment
  readonly #endsAt: number
  #pauseMs = shortestPauseMs

  /**
   * @param mostSeconds the `retry-for` input, or the longest time to wait, from now on: patience ends with it
   * @param leastMs how old a read may be, in milliseconds; more if something else is waited for as well
   */
  constructor(environment: RetryEnvironment, mostSeconds: number, leastMs = stalenessMs) {
    this.#environment = environment
    this.#endsAt = environment.clock.monotonic() + Math.min(leastMs, mostSeconds * 1000)
  }

  /**
   * Waits before the next read: at least a second, or until the end if that is sooner.
   *
   * @returns `false`, at once, if the last read was late enough to show everything that was there at the start
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
