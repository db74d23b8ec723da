/**
 * Rule 6: time is the servers'. How long something takes is measured with the runner's monotonic clock; what time it *is*
 * comes only from a server's `Date` header, because runners' clocks can be wrong by minutes. Both are passed in, so that a
 * test can run the whole protocol on a clock of its own.
 */
export interface Clock {
  /** Milliseconds since some fixed moment. Never goes back. */
  monotonic(): number
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** The machine's own time, in milliseconds since 1970 (UTC): only the last resort. */
  wall(): number
}

/** This machine's clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}

/** A server's time, tied to the monotonic clock, so that later times can be worked out from it. */
export interface ServerMoment {
  /** The `Date` header, in milliseconds since 1970 (UTC); whole seconds, as HTTP has it. */
  readonly date: number
  /** When the header arrived, by `Clock.monotonic`. */
  readonly at: number
}

/** The server's time now, in milliseconds since 1970 (UTC), accurate to about a second. */
export function serverNow(moment: ServerMoment, clock: Clock): number {
  return moment.date + (clock.monotonic() - moment.at)
}

/** A time (milliseconds since 1970, UTC) as ISO 8601 in whole seconds: `2026-11-23T06:11:58Z`. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
