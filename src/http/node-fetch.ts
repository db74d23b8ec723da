/**
 * A `fetch` over Node's own HTTP client (`node:https`), just enough for this action's requests. The global `fetch` has a
 * parser in WebAssembly, which V8 compiles again, fully optimized, at about the third answer of a process: that takes more
 * time and memory than a whole run, and the process can't exit before it is done.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { NotConnected } from './exchange.ts'

/** Milliseconds until a connection must be established, including TLS and a proxy's tunnel. */
const connectTimeoutMs = 10_000

/** Statuses whose answers have no body, whatever is sent with them. */
const bodiless = new Set([204, 205, 304])

/** There was no connection in time. */
class ConnectTimeout extends Error {
  readonly code = 'ERR_CONNECT_TIMEOUT'
}

/**
 * Sends one request. Redirects are not followed. The body is as it came, except that `gzip`, the only encoding that is asked
 * for, is decoded.
 *
 * @param input an address, http: or https:
 * @param init method, headers, signal, and a body of text or form fields
 * @throws NotConnected if the request was never sent
 * @throws Error with the `code` of Node's HTTP client
 */
export const nodeFetch: typeof fetch = async (input, init = {}) => {
  if (typeof input !== 'string' && !(input instanceof URL)) throw new TypeError('no address')
  const url = new URL(input)
  const { body } = init
  if (body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof URLSearchParams))
    throw new TypeError('no body of text or form fields')
  const options: RequestOptions = {
    method: init.method ?? 'GET',
    headers: { 'accept-encoding': 'gzip', ...headersOf(init.headers) },
    ...(init.signal ? { signal: init.signal } : {}),
    // Here as well as in node-settings.ts: no setting of Node.js may send credentials to an unverified server.
    rejectUnauthorized: true,
  }
  // Loaded late: after a wrong input, it is not needed.
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  if (init.signal?.aborted) throw new NotConnected(init.signal.reason)
  const answer = await answerTo(request(url, options), body?.toString(), init.signal ?? undefined)
  const status = answer.statusCode ?? 0
  try {
    if (bodiless.has(status)) answer.resume()
    const content = bodiless.has(status) ? null : await contentOf(answer)
    return new Response(content, { status, headers: pairsIn(answer.rawHeaders) })
  } catch (error) {
    answer.destroy()
    throw error
  }
}

async function answerTo(
  request: ClientRequest,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  let giveUp = (): void => {}
  let connecting: NodeJS.Timeout | undefined
  let isConnected = false
  const connected = (): void => {
    isConnected = true
    clearTimeout(connecting)
  }
  request.once('socket', (socket) => {
    // A proxy's tunnel is already secure when the request gets it: the event has passed.
    const stands = isSecure(socket) ? socket.getFinished() !== undefined : !socket.connecting
    if (stands) connected()
    else socket.once(isSecure(socket) ? 'secureConnect' : 'connect', connected)
  })
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const fail = (error: unknown): void => reject(isConnected ? error : new NotConnected(error))
      // While it waits for a proxy's tunnel, a destroyed request emits nothing until the tunnel is established or fails.
      giveUp = () => fail(signal?.reason)
      signal?.addEventListener('abort', giveUp)
      connecting = setTimeout(() => {
        const error = new ConnectTimeout('no connection')
        request.destroy(error)
        fail(error)
      }, connectTimeoutMs)
      request.once('response', resolve)
      request.on('error', fail)
      // An answer that asks to switch protocols ends the request like this: without an error or a response.
      request.once('close', () => fail(new Error('the connection was closed')))
      // Node.js loads `Response` at its first use, which takes a moment: do it while the answer is on its way.
      request.once('finish', () => Response)
      request.end(body)
    })
  } finally {
    clearTimeout(connecting)
    signal?.removeEventListener('abort', giveUp)
  }
}

function isSecure(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket
}

/** The decoded body of an answer. */
async function contentOf(answer: IncomingMessage): Promise<Readable> {
  if (!/^(?:x-)?gzip$/i.test(answer.headers['content-encoding'] ?? '')) return answer
  const { constants, createGunzip } = await import('node:zlib')
  // HTTP itself says where an answer ends. An empty body or a missing checksum is no reason to lose what is in it.
  const unpacked = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  // An error in either ends both, and the reader gets it.
  return pipeline(answer, unpacked, () => {})
}

/** Without `Headers`, which Node.js loads at its first use: that would delay the request. */
function headersOf(headers: RequestInit['headers'] = {}): Record<string, string> {
  const pairs: Iterable<readonly (string | undefined)[]> =
    Symbol.iterator in headers ? headers : Object.entries(headers)
  return Object.fromEntries([...pairs].map(([name = '', value = '']) => [name, value]))
}

/** Pairs, from a list of alternating names and values. */
function pairsIn(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return pairs
}
