/** A process of a simulated run. */
import type { ModelReply } from '../sandbox/exchange.ts'
import type { RunnerClock } from './virtual.ts'

/** A process that may end at any moment. */
export class SimulatedProcess {
  #dead = false
  held = false
  mortal = true
  machineLost = false
  cancelled = false
  /** How often Box was asked for a pair. */
  tokenRequests = 0
  answerLost = false
  /** Pairs that Box has issued to it, whose answers are on their way. */
  pairsUnderway = 0
  /** What became of its run is judged already. */
  isJudged = false
  /** What it saw when it looked at the shared state first. */
  firstState: ModelReply | undefined
  clock: RunnerClock | undefined
  cancel: () => void = () => {}
  readonly lines: string[] = []
  /** Refresh tokens that Box has issued to it, and that arrived. */
  readonly received: string[] = []
  /** As of when it has seen the secret last: what was written later, it could not know (virtual milliseconds). */
  secretSeenAsOf = -Infinity
  /** When it looked at the secret before it asked Box, as far as the answer arrived. */
  firstLookAt: number | undefined
  readonly errors: string[] = []
  readonly masked = new Set<string>()
  readonly death: Promise<void>
  #die: () => void = () => {}

  constructor() {
    this.death = new Promise((resolve) => (this.#die = resolve))
  }

  isDead(): boolean {
    return this.#dead
  }

  kill(): void {
    this.#dead = true
    if (this.clock) this.clock.dead = true
    this.#die()
  }
}
