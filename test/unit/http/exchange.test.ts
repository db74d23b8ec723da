import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import {
  boundedFetch,
  NotConnected,
  retryAfterMs,
  serverMoment,
  TransportError,
  type Limits,
} from '../../../src/http/exchange.ts'

const limits: Limits = { timeoutMs: 1_000, maxBytes: 100, signal: new AbortController().signal }

/** A fetch that calls `answer`. */
function stub(answer: (init: RequestInit | undefined) => Promise<Response>): typeof fetch {
  return (_input, init) => answer(init)
}

async function faultOf(
  answer: (init: RequestInit | undefined) => Promise<Response>,
  change: Partial<Limits> = {},
): Promise<TransportError> {
  const bounded = boundedFetch(
    { fetch: stub(answer), clock: systemClock, proxies: [] },
    { ...limits, ...change },
  )
  const error: unknown = await bounded('https://example.com').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TransportError)) throw new Error('no transport error')
  return error
}

function failed(...codes: string[]): () => Promise<Response> {
  const cause = codes.reduceRight<Error | undefined>(
    (inner, code) => Object.assign(new Error(code, { cause: inner }), { code }),
    undefined,
  )
  return () => Promise.reject(new TypeError('fetch failed', { cause }))
}

function notConnected(...codes: string[]): () => Promise<Response> {
  return () => failed(...codes)().catch((error: unknown) => Promise.reject(new NotConnected(error)))
}

describe('the fault of a request', () => {
  test.each<[string[], string, string]>([
    [['ECONNREFUSED'], 'unreachable', 'no connection (ECONNREFUSED)'],
    [['ENOTFOUND'], 'unreachable', 'no connection (ENOTFOUND)'],
    [['ECONNRESET'], 'unreachable', 'no connection (ECONNRESET)'],
    [['SOMETHING_NEW'], 'unreachable', 'no connection (SOMETHING_NEW)'],
    [[], 'unreachable', 'no connection'],
    [['ERR_SSL_WRONG_VERSION_NUMBER'], 'unreachable', 'no secure connection (ERR_SSL_WRONG_VERSION_NUMBER)'],
    [['EPROTO'], 'unreachable', 'no secure connection (EPROTO)'],
    [['ERR_PROXY_TUNNEL'], 'unreachable', 'no connection through the proxy '],
    [
      ['SELF_SIGNED_CERT_IN_CHAIN'],
      'certificate',
      'its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    [['CERT_HAS_EXPIRED'], 'certificate', 'its certificate is not trusted (CERT_HAS_EXPIRED)'],
    [
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      'certificate',
      'its certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    ],
    [
      ['ERR_TLS_CERT_ALTNAME_INVALID'],
      'certificate',
      'its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
  ])('before there was a connection, %j: it was never sent, %s', async (codes, fault, message) => {
    const error = await faultOf(notConnected(...codes))
    expect([error.fault, error.message, error.mayHaveArrived]).toEqual([fault, message, false])
  })

  test.each([
    [['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET'], 'the connection was interrupted (ECONNRESET)'],
    // A network that goes down, and bytes that are not TLS in the middle of a TLS connection.
    [['EHOSTUNREACH'], 'the connection was interrupted (EHOSTUNREACH)'],
    [['ERR_SSL_WRONG_VERSION_NUMBER'], 'the connection was interrupted (ERR_SSL_WRONG_VERSION_NUMBER)'],
    [
      ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
      'the connection was interrupted (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    ],
    [['SOMETHING_NEW'], 'the connection was interrupted (SOMETHING_NEW)'],
    [[], 'the connection was interrupted'],
  ])('after there was a connection, %j: it may have arrived', async (codes, message) => {
    const error = await faultOf(failed(...codes))
    expect([error.fault, error.message, error.mayHaveArrived]).toEqual(['lost', message, true])
  })

  test('names the code if several addresses all refuse', async () => {
    const all = new AggregateError([Object.assign(new Error('a'), { code: 'ECONNREFUSED' })])
    const error = await faultOf(() => Promise.reject(new NotConnected(all)))
    expect(error.message).toBe('no connection (ECONNREFUSED)')
  })

  test('contains nothing of the request or the answer', async () => {
    const error = await faultOf(() => Promise.reject(new TypeError('secret in a message')))
    expect(error.message).toBe('the connection was interrupted')
    expect(error.cause).toBeUndefined()
  })

  test('reports a body over the limit', async () => {
    expect((await faultOf(() => Promise.resolve(new Response('x'.repeat(101))))).fault).toBe('too-large')
  })

  test('does not read an endless body to its end', async () => {
    let chunks = 0
    const body = new ReadableStream({
      pull(controller) {
        chunks += 1
        controller.enqueue(new Uint8Array(60))
      },
    })
    expect((await faultOf(() => Promise.resolve(new Response(body)))).fault).toBe('too-large')
    expect(chunks).toBeLessThan(5)
  })

  test('reports no answer in time, and aborts the request', async () => {
    let signal: AbortSignal | null | undefined
    const error = await faultOf(
      (init) => {
        signal = init?.signal
        return new Promise(() => {})
      },
      { timeoutMs: 20 },
    )
    expect(error.message).toBe('no answer within 0 s')
    expect(error.mayHaveArrived).toBe(true)
    expect(signal?.aborted).toBe(true)
  })

  test('reports a body that does not end in time', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
    expect((await faultOf(() => Promise.resolve(new Response(body)), { timeoutMs: 50 })).fault).toBe('lost')
  })

  test('reports a request that is aborted from outside', async () => {
    const outside = new AbortController()
    const pending = faultOf(() => new Promise(() => {}), { signal: outside.signal })
    outside.abort()
    expect((await pending).message).toBe('given up')
  })
})

test('an answer has status, headers and body; redirects are not followed', async () => {
  let redirect: RequestInit['redirect']
  const bounded = boundedFetch(
    {
      fetch: stub((init) => {
        redirect = init?.redirect
        return Promise.resolve(
          new Response('{"a":1}', { status: 307, headers: { location: 'https://example.org' } }),
        )
      }),
      clock: systemClock,
      proxies: [],
    },
    limits,
  )
  const response = await bounded('https://example.com')
  expect(redirect).toBe('manual')
  expect([response.status, response.headers.get('location')]).toEqual([307, 'https://example.org'])
  expect(await response.json()).toEqual({ a: 1 })
})

function waitFor(value: string | undefined, date: string | undefined): number | undefined {
  return retryAfterMs(
    new Headers({ ...(value === undefined ? {} : { 'retry-after': value }), ...(date ? { date } : {}) }),
  )
}

describe('Retry-After', () => {
  test.each<[string | undefined, string | undefined, number | undefined]>([
    [undefined, undefined, undefined],
    ['7', undefined, 7_000],
    ['99999999999', undefined, 99_999_999_999_000],
    [' 7 ', undefined, 7_000],
    ['0', undefined, 0],
    ['-7', undefined, undefined],
    ['soon', 'Mon, 23 Nov 2026 06:00:00 GMT', undefined],
    ['Mon, 23 Nov 2026 06:01:00 GMT', 'Mon, 23 Nov 2026 06:00:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 05:59:00 GMT', 'Mon, 23 Nov 2026 06:00:00 GMT', 0],
    ['Mon, 23 Nov 2026 06:01:00 GMT', undefined, undefined],
  ])('%j at %j', (value, date, ms) => {
    expect(waitFor(value, date)).toBe(ms)
  })
})

test('a moment is taken from a valid Date header', () => {
  const date = 'Mon, 23 Nov 2026 06:00:00 GMT'
  expect(serverMoment(new Headers({ date }), systemClock)?.date).toBe(Date.parse(date))
  expect(serverMoment(new Headers({ date: 'today' }), systemClock)).toBeUndefined()
  expect(serverMoment(new Headers(), systemClock)).toBeUndefined()
})
