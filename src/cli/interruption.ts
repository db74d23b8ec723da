/**
 * Ctrl-C. Whatever a command is at, it ends with one line that says what is left behind; only between Box's answer and
 * the end of the store does it wait, because the new token is nowhere else.
 */

/** The person, or the system, ended the command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** 128 and the number of the signal, as shells count. */
  readonly exitCode: 130 | 143

  constructor(signal: EndingSignal = 'SIGINT') {
    super('interrupted')
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** The signals that end a command. */
export type EndingSignal = 'SIGINT' | 'SIGTERM'

/** What delivers signals: a process. */
export interface SignalSource {
  on(signal: EndingSignal, listener: () => void): unknown
}

/** What one command does about signals. */
export class Interruption {
  /** What the line about an interruption says is left behind, in whole sentences. A command keeps it true. */
  aftermath = 'Nothing was written.'
  readonly #abort = new AbortController()
  #held = 0
  #noted: Interrupted | undefined
  #whenHeld: () => void = () => {}

  constructor(source: SignalSource) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      source.on(signal, () => {
        if (this.#noted === undefined && this.#held > 0) this.#whenHeld()
        this.#noted ??= new Interrupted(signal)
        this.#settle()
      })
    }
  }

  /** Aborted, with an `Interrupted` as its reason, when the command is to end. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /**
   * Waits for work, but no longer than until the command is interrupted.
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
   * Does work that must come to its end: a signal is only noted, and counts when the work is done. Where the work fails,
   * its error ends the command, and the signal does not matter any more.
   *
   * @param told called at the first signal, to say that the command goes on
   */
  async hold<T>(work: () => Promise<T>, told: () => void): Promise<T> {
    this.#held += 1
    this.#whenHeld = told
    const result = await work()
    this.#held -= 1
    this.#settle()
    return result
  }

  #settle(): void {
    if (this.#noted !== undefined && this.#held === 0) this.#abort.abort(this.#noted)
  }
}
