/**
 * One HTTP request and its whole answer. Both clients (Octokit for GitHub, oauth4webapi for Box) use the `fetch` made here,
 * so that time-outs, size limits, refused redirects and the names of network faults are the same for both, and written once.
 */
import type { Clock, ServerMoment } from '../clock.ts'

/** The `User-Agent` (RFC 9110, section 10.1.5). GitHub rejects requests without one. */
export const userAgent = 'box-token-action'

/** What this module needs from outside. */
export interface Network {
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** The proxies that requests may go through, as `host:port`. */
  readonly proxies: readonly string[]
}

/**
 * Why a request brought no answer.
 *
 * - `unreachable`: it was never sent (name not found, refused, no connection), so nothing can have happened
 * - `certificate`: the server's certificate is not trusted, so it was never sent either
 * - `lost`: it may have arrived, but its answer did not (reset, interrupted, time-out)
 * - `too-large`: the answer was larger than the limit, and was not read to the end
 */
export type TransportFault = 'unreachable' | 'certificate' | 'lost' | 'too-large'

/** A request that brought no usable answer. Holds only names of faults: no address, header or body. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly fault: TransportFault

  constructor(fault: TransportFault, message: string) {
    super(message)
    this.fault = fault
  }

  /** Whether the server may have acted on the request. */
  get mayHaveArrived(): boolean {
    return this.fault === 'lost' || this.fault === 'too-large'
  }
}

/** How long a request may take. */
export interface TimeLimit {
  /** Milliseconds from the start until the whole answer must have arrived. */
  readonly timeoutMs: number
  /** Aborts the request at once. */
  readonly signal: AbortSignal
}

/** Limits of one request. */
export interface Limits extends TimeLimit {
  /** The most bytes to read of the (decompressed) body. */
  readonly maxBytes: number
}

/**
 * What a `fetch` throws if there was no connection yet (including TLS and a proxy's tunnel), so that the request was never
 * sent. The reason is its `cause`. After any other error, the request may have arrived: most codes, `ECONNRESET` among them,
 * can occur before and after.
 */
export class NotConnected extends Error {
  override readonly name = 'NotConnected'

  constructor(cause: unknown) {
    super('no connection', { cause })
  }
}

/** OpenSSL's and Node's names for a certificate that is not trusted. */
const certificateCodes =
  /CERT|UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_(?:PURPOSE|CA)|PATH_LENGTH|^CRL_/
/** Names for a failed handshake: the other end does not speak TLS, or no version that Node.js does. */
const handshakeCodes = /^(?:EPROTO$|ERR_SSL_)/

/** What `fetch` threw, and its causes, innermost last. */
function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let current = error; current instanceof Error && chain.length < 8;) {
    chain.push(current)
    current = current instanceof AggregateError ? (current.errors as unknown[])[0] : current.cause
  }
  return chain
}

function field(error: Error, name: string): unknown {
  return Object.entries(error).find(([key]) => key === name)?.[1]
}

/** The innermost error code, as Node names it: `ECONNRESET`, `CERT_HAS_EXPIRED`, … */
function innermostCode(chain: readonly Error[]): string | undefined {
  const codes = chain.map((error) => field(error, 'code'))
  return codes.findLast((code): code is string => typeof code === 'string' && /^[A-Z0-9_]{3,60}$/.test(code))
}

/** The proxy to which the connection failed, if it was one. */
function failedProxy(chain: readonly Error[], proxies: readonly string[]): string | undefined {
  return proxies.find((proxy) => {
    const [, host, port] = /^(.*):(\d+)$/.exec(proxy) ?? []
    return chain.some((error) => {
      const at = field(error, 'hostname') ?? field(error, 'address')
      // If the name was resolved first, the error of the connection doesn't hold it.
      const named = at === host || !/^[\d.:[\]]+$/.test(host ?? '')
      return field(error, 'syscall') === 'connect'
        ? named && String(field(error, 'port')) === port && port !== '443'
        : at === host && at !== undefined
    })
  })
}

/** Node's code for a proxy that refused a connection (CONNECT, RFC 9110, section 9.3.6). */
const tunnelCode = 'ERR_PROXY_TUNNEL'

/** What to say about a connection that a proxy refused. */
function refusedTunnel(chain: readonly Error[], proxies: readonly string[]): string {
  const proxy = `the proxy ${proxies.join(' or ')}`
  const status = chain
    .map((error) => field(error, 'statusCode'))
    .find((value): value is number => typeof value === 'number' && !Number.isNaN(value))
  if (status === undefined) return `no connection through ${proxy}`
  return `${proxy} answered ${status}${status === 407 ? ', it asks for credentials' : ''}`
}

function toTransportError(error: unknown, proxies: readonly string[]): TransportError {
  if (error instanceof TransportError) return error
  const chain = causes(error)
  const code = innermostCode(chain)
  const inner = code === undefined ? '' : ` (${code})`
  // The code alone doesn't say: the same one comes from a failed handshake and from a connection that carried the request.
  if (!chain.some((each) => each instanceof NotConnected))
    return new TransportError('lost', `the connection was interrupted${inner}`)
  if (code === tunnelCode) return new TransportError('unreachable', refusedTunnel(chain, proxies))
  if (code !== undefined && certificateCodes.test(code)) {
    const whose =
      proxies.length === 0
        ? 'its certificate'
        : `its certificate, or that of the proxy ${proxies.join(' or ')},`
    return new TransportError('certificate', `${whose} is not trusted${inner}`)
  }
  const kind = code !== undefined && handshakeCodes.test(code) ? 'no secure connection' : 'no connection'
  const proxy = failedProxy(chain, proxies)
  if (proxy !== undefined) return new TransportError('unreachable', `${kind} to the proxy ${proxy}${inner}`)
  // If a name is not found, or a connection refused, the error shows that it was not the proxy's.
  const isKnown = chain.some((each) =>
    ['connect', 'getaddrinfo'].some((call) => field(each, 'syscall') === call),
  )
  const perhaps =
    isKnown || proxies.length === 0 ? '' : `, perhaps because of the proxy ${proxies.join(' or ')}`
  return new TransportError('unreachable', `${kind}${inner}${perhaps}`)
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (response.body) {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      size += chunk.byteLength
      if (size > maxBytes) {
        throw new TransportError(
          'too-large',
          `the answer is larger than ${maxBytes.toLocaleString('en')} bytes`,
        )
      }
      chunks.push(chunk)
    }
  }
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

/**
 * Makes a `fetch` for one request. It returns only after the whole body has arrived (within `limits`), does not follow
 * redirects (they would carry the credentials elsewhere), and throws nothing but `TransportError`.
 */
export function boundedFetch(network: Network, limits: Limits): typeof fetch {
  return async (input, init) => {
    const abort = new AbortController()
    const done = new AbortController()
    const stopTimer = AbortSignal.any([done.signal, limits.signal])
    const timeout = async (): Promise<Response> => {
      await network.clock.sleep(limits.timeoutMs, stopTimer)
      // If the exchange was first, nobody reads this: skip the formatting.
      const givenUp = limits.signal.aborted || done.signal.aborted
      const reason = givenUp ? 'given up' : `no answer within ${seconds(limits.timeoutMs)} s`
      throw new TransportError('lost', reason)
    }
    const exchange = async (): Promise<Response> => {
      const response = await network.fetch(input, { ...init, redirect: 'manual', signal: abort.signal })
      const body = await readBounded(response, limits.maxBytes)
      // A `Response` of 101, 204, 205 or 304 must not have a body, and only 200 to 599 are allowed at all.
      const empty = body.byteLength === 0
      return new Response(empty ? null : body, { status: response.status, headers: response.headers })
    }
    try {
      return await Promise.race([exchange(), timeout()])
    } catch (error) {
      abort.abort(error)
      throw toTransportError(error, network.proxies)
    } finally {
      done.abort()
    }
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toLocaleString('en', { maximumFractionDigits: 1 })
}

/** A date outside of these years is the server's fault, and might not even be printable with an hour added. */
const earliestDate = Date.UTC(2000)
const latestDate = Date.UTC(2200)

/** Rule 6: the server's time, from the `Date` header (RFC 9110, section 6.6.1); `undefined` without a valid one. */
export function serverMoment(headers: Headers, clock: Clock): ServerMoment | undefined {
  const date = Date.parse(headers.get('date') ?? '')
  return date > earliestDate && date < latestDate ? { date, at: clock.monotonic() } : undefined
}

/**
 * How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3),
 * counted from the answer's own `Date`. `undefined` if it doesn't say.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const until = Date.parse(value)
  const now = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, until - now)
}
