/**
 * Cancellation. The runner sends SIGINT, then SIGTERM after 7.5 s, then kills after another 2.5 s. Between Box's
 * answer and the store that must not end the process at once: the new refresh token is nowhere else.
 */

/** Holds signals off while there is something to lose. */
export interface SignalGuard {
  /** From now on a signal is only noted. */
  hold(): void
  /** Signals do again what they did before. */
  release(): void
  /** Aborted by the first signal that came while they were held off. */
  readonly interrupted: AbortSignal
}

/** A guard for a process of Node's. */
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

/** The run was cancelled while a signal was held off, and there is nothing to lose any more. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  /** What was and was not spent, in a sentence. */
  readonly spent: string

  constructor(spent: string) {
    super('the run was cancelled')
    this.spent = spent
  }
}
