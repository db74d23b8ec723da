/** Time, chance and order in a simulated world: all of it follows from one seed, so that a schedule replays exactly. */
import type { Clock } from '../../src/clock.ts'

/** A small random number generator (mulberry32), good enough for schedules, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Everything that is going to happen, in chronological order. */
export class Scheduler {
  /** Virtual milliseconds. */
  now = 0
  readonly #events: Event[] = []
  #order = 0

  /** Lets something happen after this many milliseconds. */
  after(ms: number, run: () => void): void {
    const event = { at: this.now + Math.max(0, ms), order: this.#order, run }
    this.#order += 1
    // Few events are pending at a time, so a sorted list is enough.
    const index = this.#events.findIndex(({ at }) => at > event.at)
    this.#events.splice(index < 0 ? this.#events.length : index, 0, event)
  }

  /** Lets the next thing happen; `false`: nothing is left. Await `settled` for what follows from it. */
  step(): boolean {
    const event = this.#events.shift()
    if (!event) return false
    this.now = event.at
    event.run()
    return true
  }
}

/** Waits until everything that takes no time is done: the protocol only waits for the clock and the network. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets everything happen until a promise is settled, and returns its value or throws its error. */
export async function played<T>(scheduler: Scheduler, promise: Promise<T>): Promise<T> {
  const state = { over: false }
  const over = (): void => void (state.over = true)
  promise.then(over, over)
  for (;;) {
    // What has just begun has to get to its first request.
    await settled()
    if (state.over) return promise
    if (!scheduler.step()) throw new Error('nothing is left to happen, but the promise is not settled')
  }
}

/** The clock of one runner: its seconds have the right length, but its wall clock may be off. */
export class RunnerClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #wallOffset: number
  readonly #startedAt: number
  /** A process that was killed never wakes up. */
  dead = false
  /** Sleeps that are neither over nor given up: as timers, they would keep a process from ending. */
  asleep = 0

  constructor(scheduler: Scheduler, wallOffset: number) {
    this.#scheduler = scheduler
    this.#wallOffset = wallOffset
    this.#startedAt = scheduler.now
  }

  monotonic(): number {
    return this.#scheduler.now - this.#startedAt
  }

  wall(): number {
    return this.#scheduler.now + this.#wallOffset
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        if (!this.dead) resolve()
        return
      }
      this.asleep += 1
      let sleeping = true
      const wake = (): void => {
        // Node.js keeps a signal in memory while it has listeners, and everything that they refer to.
        signal?.removeEventListener('abort', wake)
        if (sleeping) this.asleep -= 1
        sleeping = false
        if (!this.dead) resolve()
      }
      this.#scheduler.after(ms, wake)
      signal?.addEventListener('abort', wake)
    })
  }
}
