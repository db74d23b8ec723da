/**
 * A `fetch` over Node's own HTTP client (`node:https`), as far as requests of this action go. The global `fetch` brings a
 * parser in WebAssembly, which V8 compiles a second time, fully optimized, at about the third answer of a process: that
 * takes longer and more memory than a whole run, and the end of the process waits for it.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { NotConnected } from './exchange.ts'

/** Milliseconds until a connection must stand, TLS and a proxy's tunnel included. */
const connectTimeoutMs = 10_000

/** Answers that have no body, whatever is sent with them. */
const bodiless = new Set([204, 205, 304])

/** There was no connection in time. */
class ConnectTimeout extends Error {
  readonly code = 'ERR_CONNECT_TIMEOUT'
}

/**
 * Sends one request. Redirects are not followed, and the answer is as it came: `gzip` is the one encoding that is asked for
 * and taken off.
 *
 * @param input an address, http: or https:
 * @param init method, headers, signal, and a body of text or form fields
 * @throws NotConnected where the request was never sent
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
    // Said here as well as in node-settings.ts: no setting of Node.js may send credentials to whoever answers.
    rejectUnauthorized: true,
  }
  // Loaded late: it is not needed where an input is wrong.
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
    // A proxy's tunnel is secure before the request gets it: its event is over.
    const stands = isSecure(socket) ? socket.getFinished() !== undefined : !socket.connecting
    if (stands) connected()
    else socket.once(isSecure(socket) ? 'secureConnect' : 'connect', connected)
  })
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const fail = (error: unknown): void => reject(isConnected ? error : new NotConnected(error))
      // A request that waits for a proxy's tunnel says nothing when it is destroyed, before the tunnel stands or fails.
      giveUp = () => fail(signal?.reason)
      signal?.addEventListener('abort', giveUp)
      connecting = setTimeout(() => {
        const error = new ConnectTimeout('no connection')
        request.destroy(error)
        fail(error)
      }, connectTimeoutMs)
      request.once('response', resolve)
      request.on('error', fail)
      // As an answer that asks for another protocol ends it: with no error, and no answer.
      request.once('close', () => fail(new Error('the connection was closed')))
      // Node.js loads `Response` at its first use, which takes a moment: while the answer is on its way.
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

/** The body of an answer, without its encoding. */
async function contentOf(answer: IncomingMessage): Promise<Readable> {
  if (!/^(?:x-)?gzip$/i.test(answer.headers['content-encoding'] ?? '')) return answer
  const { constants, createGunzip } = await import('node:zlib')
  // HTTP tells where an answer ends. One that is empty, or lacks its checksum, is no reason to lose what is in it.
  const unpacked = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  // A fault of either ends both, and is met by whoever reads.
  return pipeline(answer, unpacked, () => {})
}

/** Not by way of `Headers`, which Node.js loads at its first use: nothing would be sent before. */
function headersOf(headers: RequestInit['headers'] = {}): Record<string, string> {
  const pairs: Iterable<readonly (string | undefined)[]> =
    Symbol.iterator in headers ? headers : Object.entries(headers)
  return Object.fromEntries([...pairs].map(([name = '', value = '']) => [name, value]))
}

/** Names and values by turns, as pairs. */
function pairsIn(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return pairs
}
