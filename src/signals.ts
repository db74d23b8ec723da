/**
 * Cancellation. The runner sends SIGINT, then SIGTERM after 7.5 s, then kills the process after another 2.5 s. Between Box's
 * answer and the store, a signal must not end the process at once: the new refresh token is nowhere else.
 */

/** Holds off signals while there is something to lose. */
export interface SignalGuard {
  /** From now on, signals are only noted. */
  hold(): void
  /** From now on, signals have their usual effect again. */
  release(): void
  /** Aborted by the first signal that arrives while they are held off. */
  readonly interrupted: AbortSignal
}

/** A guard for a Node.js process. */
export function processSignals(target: NodeJS.Process): SignalGuard {
  const names = ['SIGINT', 'SIGTERM'] as const
  const interrupted = new AbortController()
  const note = (): void => interrupted.abort()
  return {
    hold: () => names.forEach((name) => target.on(name, note)),
    release: () => names.forEach((name) => target.off(name, note)),
    interrupted: interrupted.signal,
  }
}

/** The run was cancelled while signals were held off, and nothing is left to lose. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  /** What was used and what was not, in a sentence. */
  readonly spent: string

  constructor(spent: string) {
    super('the run was cancelled')
    this.spent = spent
  }
}
