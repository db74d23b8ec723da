import { once } from 'node:events'
import {
  createServer as createHttpServer,
  setGlobalProxyFromEnv,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { NotConnected } from '../../../src/http/exchange.ts'
import { nodeFetch } from '../../../src/http/node-fetch.ts'

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** Listens on loopback until the test is over. */
async function listen(server: Server): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({ server, sockets })
  return { port: (server.address() as AddressInfo).port, sockets }
}

async function answering(listener: RequestListener): Promise<{ url: string; sockets: Set<Socket> }> {
  const { port, sockets } = await listen(createHttpServer(listener))
  return { url: `http://127.0.0.1:${port}`, sockets }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function thrownBy(url: string, init: RequestInit = {}): Promise<Error> {
  const error: unknown = await nodeFetch(url, init)
    .then(async (response) => response.text())
    .catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new Error('it worked')
  return error
}

function codeIn(error: unknown): string {
  if (!(error instanceof Error)) throw new Error('no error')
  return 'code' in error ? String(error.code) : error.name
}

/** The code of the error for a request that may have arrived, thrown before its whole body was read. */
async function codeOf(url: string, init: RequestInit = {}): Promise<string> {
  const error = await thrownBy(url, init)
  if (error instanceof NotConnected) throw new Error('it was never sent')
  return codeIn(error)
}

/** The code of the error that kept a request from being sent. */
async function codeUnsent(url: string, init: RequestInit = {}): Promise<string> {
  const error = await thrownBy(url, init)
  if (!(error instanceof NotConnected)) throw new Error('it may have been sent', { cause: error })
  return codeIn(error.cause)
}

describe('a request', () => {
  test.each<[string, string | URLSearchParams, string]>([
    ['text', '{"a":"ü"}', '{"a":"ü"}'],
    ['form fields', new URLSearchParams({ a: 'b c', d: '&' }), 'a=b+c&d=%26'],
  ])('has its method, headers and body: %s', async (_name, body, sent) => {
    const { url } = await answering((request, response) => {
      void textOf(request).then((text) =>
        response.end(JSON.stringify([request.method, request.url, request.headers['x-one'], text])),
      )
    })
    const response = await nodeFetch(`${url}/a%2Fb?c=d`, {
      method: 'PUT',
      headers: new Headers({ 'X-One': '1' }),
      body,
    })
    expect(await response.json()).toEqual(['PUT', '/a%2Fb?c=d', '1', sent])
  })

  test('is a GET by default', async () => {
    const { url } = await answering((request, response) => response.end(request.method))
    expect(await (await nodeFetch(new URL(url))).text()).toBe('GET')
  })

  test('reuses an open connection', async () => {
    const { url, sockets } = await answering((_request, response) => response.end('x'))
    for (let count = 0; count < 3; count += 1) await (await nodeFetch(url)).text()
    expect(sockets.size).toBe(1)
  })

  test.each([
    ['other kind of address', async () => nodeFetch(new Request('http://127.0.0.1'))],
    [
      'other kind of body',
      async () => nodeFetch('http://127.0.0.1', { method: 'POST', body: new Blob(['x']) }),
    ],
  ])('accepts no %s', async (_name, act) => {
    await expect(act()).rejects.toThrow(TypeError)
  })
})

describe('an answer', () => {
  test('has its status, headers and body', async () => {
    const { url } = await answering((_request, response) => {
      response.writeHead(
        418,
        [
          ['X-Two', 'a'],
          ['X-Two', 'b'],
          ['Retry-After', '7'],
        ].flat(),
      )
      response.end('short and stout')
    })
    const response = await nodeFetch(url)
    expect([response.status, response.headers.get('x-two'), response.headers.get('retry-after')]).toEqual([
      418,
      'a, b',
      '7',
    ])
    expect(await response.text()).toBe('short and stout')
  })

  test.each([204, 304])('%i has no body', async (status) => {
    const { url } = await answering((_request, response) => response.writeHead(status).end())
    const response = await nodeFetch(url)
    expect([response.status, response.body]).toEqual([status, null])
  })

  test('that redirects is not followed', async () => {
    const { url } = await answering((_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    )
    expect((await nodeFetch(url)).status).toBe(307)
  })

  test.each(['gzip', 'X-GZIP'])('is unpacked: %s', async (encoding) => {
    const { url } = await answering((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip')
      response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync('packed'))
    })
    expect(await (await nodeFetch(url)).text()).toBe('packed')
  })

  test.each([
    ['nothing at all', Buffer.alloc(0), ''],
    ['no checksum', gzipSync('packed').subarray(0, -8), 'packed'],
    ['several parts', Buffer.concat([gzipSync('pac'), gzipSync('ked')]), 'packed'],
  ])('is unpacked as far as possible: %s', async (_name, sent, text) => {
    const { url } = await answering((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(sent),
    )
    expect(await (await nodeFetch(url)).text()).toBe(text)
  })

  test.each<[string, RequestListener, string]>([
    [
      'cut off',
      (_request, response) =>
        response
          .writeHead(200, { 'content-length': '9' })
          .write('x', () => response.socket?.resetAndDestroy()),
      'ECONNRESET',
    ],
    [
      'cut off, packed',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99' })
          .write(gzipSync('packed').subarray(0, 12), () => response.socket?.resetAndDestroy()),
      'ECONNRESET',
    ],
    [
      'not packed although it says so',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
      'Z_DATA_ERROR',
    ],
    [
      'of another protocol',
      (request) =>
        request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      'Error',
    ],
    ['reset', (request) => request.socket.resetAndDestroy(), 'ECONNRESET'],
    ['not HTTP', (request) => request.socket.end('hello\r\n\r\n'), 'HPE_INVALID_CONSTANT'],
  ])('that is broken is an error: %s', async (_name, listener, code) => {
    const { url } = await answering(listener)
    expect(await codeOf(url)).toBe(code)
  })

  test('can be aborted before it arrives', async () => {
    const abort = new AbortController()
    const { url } = await answering(() => abort.abort(new Error('given up')))
    const error = await thrownBy(url, { signal: abort.signal })
    expect(error).toEqual(new Error('given up'))
  })

  test('can be aborted while it arrives', async () => {
    const abort = new AbortController()
    const { url } = await answering((_request, response) => void response.writeHead(200).write('x'))
    const response = await nodeFetch(url, { signal: abort.signal })
    abort.abort(new Error('given up'))
    const error: unknown = await response.text().catch((reason: unknown) => reason)
    expect([error instanceof NotConnected, codeIn(error)]).toEqual([false, 'ECONNRESET'])
  })

  test('that is not read to its end closes its connection', async () => {
    const { url, sockets } = await answering(
      (_request, response) => void response.writeHead(200).write('x'.repeat(1e6)),
    )
    const reader = (await nodeFetch(url)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await vi.waitFor(() => expect([...sockets].map(({ closed }) => closed)).toEqual([true]))
  })
})

describe('a connection', () => {
  test('that is refused is reported as never sent', async () => {
    const { port } = await listen(createServer())
    const [last] = open.splice(0)
    await new Promise((resolve) => last?.server.close(resolve))
    expect(await codeUnsent(`http://127.0.0.1:${port}`)).toBe('ECONNREFUSED')
  })

  test('that is not established after ten seconds times out: nothing was sent', async () => {
    const server = createServer()
    const { port } = await listen(server)
    const isThere = once(server, 'connection')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isOver = false
    const code = codeUnsent(`https://127.0.0.1:${port}`).finally(() => (isOver = true))
    await isThere
    vi.advanceTimersByTime(9_999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await code).toBe('ERR_CONNECT_TIMEOUT')
  })

  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['closed', (socket) => socket.end(), /^ECONNRESET$/],
    ['reset', (socket) => socket.resetAndDestroy(), /^ECONNRESET$/],
    [
      'of another protocol',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /^(?:EPROTO|ERR_SSL_WRONG_VERSION_NUMBER)$/,
    ],
  ])('that uses TLS and is %s in the handshake: nothing was sent', async (_name, meet, code) => {
    const { port } = await listen(
      createServer((socket) => socket.on('error', () => {}).once('data', () => meet(socket))),
    )
    expect(await codeUnsent(`https://127.0.0.1:${port}`)).toMatch(code)
  })

  test('that is aborted before it is established: nothing was sent', async () => {
    const { port, sockets } = await listen(createServer((socket) => socket.on('error', () => {}).resume()))
    const abort = new AbortController()
    const error = thrownBy(`https://127.0.0.1:${port}`, { signal: abort.signal })
    await vi.waitFor(() => expect(sockets.size).toBe(1))
    abort.abort(new Error('given up'))
    expect(await error).toEqual(new NotConnected(new Error('given up')))
    await vi.waitFor(() => expect([...sockets].map(({ closed }) => closed)).toEqual([true]))
  })

  test('that is aborted beforehand is never opened', async () => {
    const { port, sockets } = await listen(createServer())
    const error = await thrownBy(`http://127.0.0.1:${port}`, { signal: AbortSignal.abort() })
    expect(error).toBeInstanceOf(NotConnected)
    expect(sockets.size).toBe(0)
  })

  test.each([
    ['aborted', (abort: AbortController) => abort.abort(new Error('given up')), 'Error'],
    ['out of time', () => vi.advanceTimersByTime(10_000), 'ERR_CONNECT_TIMEOUT'],
  ])('that waits for the tunnel of a proxy ends at once when %s', async (_name, act, code) => {
    const { port, sockets } = await listen(createServer())
    const restore = setGlobalProxyFromEnv({ https_proxy: `http://127.0.0.1:${port}` })
    try {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const abort = new AbortController()
      const unsent = codeUnsent('https://api.box.test', { signal: abort.signal })
      await vi.waitFor(() => expect(sockets.size).toBe(1))
      act(abort)
      expect(await unsent).toBe(code)
    } finally {
      restore()
    }
  })

  test('that was reused, and is reset by the next request: it may have arrived', async () => {
    let asked = 0
    const { url } = await answering((request, response) => {
      asked += 1
      if (asked > 1) request.socket.resetAndDestroy()
      else response.end('x')
    })
    await (await nodeFetch(url)).text()
    expect(await codeOf(url)).toBe('ECONNRESET')
    expect(asked).toBe(2)
  })

  test('that is established has no such limit', async () => {
    let answer = (): void => {}
    const { url } = await answering((_request, response) => (answer = () => response.end('late')))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const response = nodeFetch(url)
    await vi.waitFor(() => expect(answer.toString()).toContain('late'))
    vi.advanceTimersByTime(60_000)
    answer()
    expect(await (await response).text()).toBe('late')
  })
})
