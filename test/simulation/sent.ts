/** A request of a simulated process, from being sent to its end. */
import type { SimulatedProcess } from './process.ts'

/** What the network can do with a request. */
export interface SentRequest {
  /** Whether nobody is waiting for it any more: the process is dead, or has given it up. */
  isForNobody(): boolean
  /** The answer arrives. */
  arrive(response: Response): void
  /** The connection breaks, with Node's error code for that. */
  fail(code: string): void
  /** It ends in another way. */
  forget(): void
  /** Calls back if the process gives it up. */
  onGivenUp(listener: () => void): void
}

/**
 * Sends a request into the network.
 *
 * @param signal gives it up
 * @param travel what the network does with it
 */
export function send(
  process: SimulatedProcess,
  signal: AbortSignal | undefined,
  travel: (request: SentRequest) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const refuse = (code: string): void => {
      if (!process.isDead())
        reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }))
    }
    const listeners = [(): void => refuse('ABORTED')]
    const listen = (listener: () => void): void => signal?.addEventListener('abort', listener)
    // Node.js keeps a signal in memory while it has listeners, and everything that they refer to.
    const forget = (): void => listeners.forEach((one) => signal?.removeEventListener('abort', one))
    listeners.forEach(listen)
    travel({
      isForNobody: () => process.isDead() || signal?.aborted === true,
      arrive: resolve,
      fail: (code) => {
        forget()
        refuse(code)
      },
      forget,
      onGivenUp: (listener) => {
        listeners.push(listener)
        listen(listener)
      },
    })
  })
}
