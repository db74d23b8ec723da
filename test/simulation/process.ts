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
  /** Pairs that Box has issued to it, and that are still on their way. */
  pairsUnderway = 0
  /** Whether what became of its run has been judged. */
  isJudged = false
  /** Whether it has ended, in whatever way. */
  hasEnded = false
  /** What it saw when it first looked at the shared state. */
  firstState: ModelReply | undefined
  clock: RunnerClock | undefined
  cancel: () => void = () => {}
  readonly lines: string[] = []
  /** Refresh tokens that Box has issued to it, and that arrived. */
  readonly received: string[] = []
  /** The moment as of which it last saw the secret (virtual milliseconds): it cannot know about later writes. */
  secretSeenAsOf = -Infinity
  /** When it looked at the secret before it asked Box, if the answer arrived. */
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
