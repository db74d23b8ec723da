/**
 * Ctrl-C. Whatever a command is doing, it ends with one line that says what is left behind. It only waits between Box's
 * answer and the end of the store, because the new token exists nowhere else; and not even then if it can be handed over.
 */

/** The person, or the system, ended the command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** 128 plus the number of the signal, as in shells. */
  readonly exitCode: 130 | 143

  constructor(signal: EndingSignal = 'SIGINT') {
    super('interrupted')
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** The signals that end a command. */
export type EndingSignal = 'SIGINT' | 'SIGTERM'

/** Where signals come from: a process. */
export interface SignalSource {
  on(signal: EndingSignal, listener: () => void): unknown
}

/** How work that must not be interrupted can still be left. */
export interface WayOut {
  /** How long after the signal, in milliseconds, if it has not finished by then. */
  readonly afterMs: number
  /** Called before the command ends: hands over what would be lost. */
  readonly handOver: () => void
}

/** How one command handles signals. */
export class Interruption {
  /** What an interruption would leave behind now, in whole sentences. The command keeps it up to date. */
  aftermath = 'Nothing was written.'
  readonly #abort = new AbortController()
  #held = 0
  #noted: Interrupted | undefined
  #whenHeld: () => void = () => {}
  #notedAt = 0
  #wayOut: WayOut | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(source: SignalSource) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      source.on(signal, () => {
        if (this.#noted === undefined) {
          if (this.#held > 0 && this.#wayOut?.afterMs !== 0) this.#whenHeld()
          this.#noted = new Interrupted(signal)
          this.#notedAt = performance.now()
        }
        this.#settle()
      })
    }
  }

  /** Aborted, with an `Interrupted` as the reason, when the command has to end. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /**
   * Waits for work to finish, or for the command to be interrupted.
   *
   * @throws Interrupted
   */
  async orInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    let end = (): void => {}
    const ended = new Promise<never>((_resolve, reject) => {
      end = () => reject(this.#noted ?? new Interrupted())
    })
    signal.addEventListener('abort', end)
    try {
      if (signal.aborted) end()
      return await Promise.race([ended, work])
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  /**
   * Does work that must not be interrupted: a signal is only noted, and takes effect when the work is done. If the work
   * fails, its error ends the command, and the signal no longer matters.
   *
   * @param told called at the first signal, to say that the command is still busy
   */
  async hold<T>(work: () => Promise<T>, told: () => void): Promise<T> {
    this.#held += 1
    this.#whenHeld = told
    const result = await work()
    this.#held -= 1
    this.#settle()
    return result
  }

  /** How the command may end even within `hold`, as long as this is set. */
  set wayOut(wayOut: WayOut | undefined) {
    this.#wayOut = wayOut
    this.#settle()
  }

  #settle(): void {
    if (this.#noted === undefined || this.signal.aborted) return
    if (this.#held > 0) {
      if (!this.#wayOut) return
      const { afterMs, handOver } = this.#wayOut
      const leftMs = this.#notedAt + afterMs - performance.now()
      if (leftMs > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined
          this.#settle()
        }, leftMs).unref()
        return
      }
      handOver()
    }
    clearTimeout(this.#timer)
    this.#abort.abort(this.#noted)
  }
}
