/** Scripted faults: what goes wrong, with which request, and how often. */
import type { ModelReply, ModelRequest } from './exchange.ts'

/**
 * What goes wrong with a request.
 *
 * - `reset-before`, `reset-after`: the connection is reset before or after the server acts
 * - `hang-before`, `hang-after`: no answer ever comes; it hangs before or after the server acts
 * - `cut-off`: the server acts, but its answer breaks off in the middle
 * - `reply`: the server does not act, and sends another answer instead, which may depend on the request
 * - `replace`: the server acts, but its answer is replaced
 * - `delay`: the server acts, and answers that many milliseconds late
 */
export type Fault =
  | { readonly kind: 'reset-before' | 'reset-after' | 'hang-before' | 'hang-after' | 'cut-off' }
  | { readonly kind: 'reply'; readonly reply: ModelReply | ((request: ModelRequest) => ModelReply) }
  | { readonly kind: 'replace'; readonly replace: (reply: ModelReply) => ModelReply }
  | { readonly kind: 'delay'; readonly ms: number }

interface Rule {
  readonly label: string
  readonly fault: Fault
  /** How many matching requests to leave alone first. */
  skip: number
  /** How many requests to interfere with after that. */
  left: number
}

/** The script of one server. The first rule that matches a request and is not used up applies. */
export class FaultScript {
  readonly #rules: Rule[] = []

  /**
   * @param label which requests, by the model's `label`
   * @param times how many of them; by default, all
   * @param skip how many to leave alone first
   */
  add(label: string, fault: Fault, { times = Infinity, skip = 0 } = {}): void {
    this.#rules.push({ label, fault, skip, left: times })
  }

  clear(): void {
    this.#rules.length = 0
  }

  /** The fault for a request that arrives now; counts it. */
  next(label: string): Fault | undefined {
    for (const rule of this.#rules) {
      if (rule.label !== label || rule.left <= 0) continue
      if (rule.skip > 0) {
        rule.skip -= 1
        continue
      }
      rule.left -= 1
      return rule.fault
    }
    return undefined
  }
}

/** Common answers during outages and at limits. */
export const replies = {
  status: (status: number, headers: Record<string, string> = {}): ModelReply => ({
    status,
    headers: { 'content-type': 'text/html', ...headers },
    body: `<html><body><h1>${status}</h1></body></html>`,
  }),
  tooManyRequests: (retryAfter?: string): ModelReply => ({
    status: 429,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    body: {
      type: 'error',
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'Request rate limit exceeded, please try again later',
    },
  }),
  secondaryRateLimit: (headers: Record<string, string>): ModelReply => ({
    status: 403,
    headers,
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    },
  }),
  redirect: (location: string): ModelReply => ({ status: 307, headers: { location }, body: '' }),
}
