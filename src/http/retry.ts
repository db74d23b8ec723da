/** How long to keep trying, and how long to wait between tries. */
import type { Clock } from '../clock.ts'
import type { TimeLimit } from './exchange.ts'

/** The most milliseconds that a single request may take, however long `retry-for` is. */
const longestRequestMs = 30_000
const firstPauseMs = 500
const longestPauseMs = 15_000

/** What the pauses depend on. */
export interface RetryEnvironment {
  readonly clock: Clock
  /** A number from 0 up to, not including, 1: the jitter of the pauses. */
  readonly random: () => number
}

/**
 * The time that one phase of a run (before the refresh, the refresh, the store) may spend on retries. A request that was
 * sent in time may finish later: cutting off an answer from Box could lose a token.
 */
export class RetryBudget implements TimeLimit {
  readonly #environment: RetryEnvironment
  readonly #endsAt: number
  readonly #fence: number
  readonly #ended = new AbortController()
  readonly #timeoutMs: number
  #pauses = 0

  /**
   * @param retryForSeconds the `retry-for` input, in seconds, from now on
   * @param fence when everything must be over, whatever `retry-for` says, by the monotonic clock (milliseconds); no
   *   request waits beyond it
   */
  constructor(environment: RetryEnvironment, retryForSeconds: number, fence = Infinity) {
    this.#environment = environment
    this.#fence = fence
    this.#endsAt = Math.min(fence, environment.clock.monotonic() + retryForSeconds * 1000)
    this.#timeoutMs = Math.min(longestRequestMs, (retryForSeconds * 1000) / 3)
  }

  /** Milliseconds that one request may take: a third of the budget, so that one that hangs leaves time for others. */
  get timeoutMs(): number {
    return Math.max(0, Math.min(this.#timeoutMs, this.#fence - this.#environment.clock.monotonic()))
  }

  /** Whether the fence is reached: nothing that has an effect may be sent from then on. */
  isFenced(): boolean {
    return this.#environment.clock.monotonic() >= this.#fence
  }

  /** Whether the fence leaves a request less time than usual, so that its answer could be cut off. */
  get isShort(): boolean {
    return this.timeoutMs < this.#timeoutMs
  }

  /** Aborted by `end`, together with all requests under this budget. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  /** Whether no time is left. */
  get isUsedUp(): boolean {
    return this.#environment.clock.monotonic() >= this.#endsAt
  }

  /** Ends the phase: aborts its requests, and stops retries. */
  end(): void {
    this.#ended.abort()
  }

  /**
   * Waits before the next try: twice as long each time, with jitter, and never less than the server asked for.
   *
   * @param askedMs how long the server asked to wait, in milliseconds
   * @param insist whether to try once more at the end of the budget even if the server asks for a longer wait, because a
   *   token is at stake
   * @returns `false`, at once, if the budget is used up or (without `insist`) the server asks for more time than is left;
   *   also at the fence, when a request would have no time for an answer
   */
  async pause(askedMs?: number, insist = false): Promise<boolean> {
    const left = this.#endsAt - this.#environment.clock.monotonic()
    if (this.signal.aborted || left <= 0 || (!insist && askedMs !== undefined && askedMs > left)) return false
    const backoff = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses)
    this.#pauses += 1
    const jittered = backoff * (0.5 + this.#environment.random() / 2)
    // Wait for all the time that is left, so that the last try comes at the very end of the budget.
    await this.#environment.clock.sleep(Math.min(left, Math.max(askedMs ?? 0, jittered)), this.signal)
    if (this.isFenced()) return false
    return !this.signal.aborted
  }
}
