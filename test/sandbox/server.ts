/** A model as a local HTTP server, with latency and scripted faults, that keeps a record of every request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { violations, type Service } from './descriptions.ts'
import {
  wireBody,
  wireHeaders,
  type Model,
  type ModelReply,
  type ModelRequest,
  type ServerClock,
} from './exchange.ts'
import { FaultScript } from './faults.ts'

/** A request that arrived, and what became of it. */
export interface Recorded {
  readonly service: Service
  readonly label: string
  readonly request: ModelRequest
  /** By this process's monotonic clock, in milliseconds. */
  readonly arrivedAt: number
  /** Likewise; `undefined`: no answer was sent. */
  answeredAt: number | undefined
  /** `undefined`: the server did not act. */
  reply: ModelReply | undefined
  fault: string | undefined
}

/** The options of a server. */
export interface ServerOptions {
  readonly service: Service
  readonly model: Model
  readonly clock: ServerClock
  /** Shared between servers, so that the order across them is kept. */
  readonly record: Recorded[]
  /** Milliseconds before each request is handled. */
  readonly latencyMs?: number
  /** `false`: does not check requests and replies against the server's own API description, which takes time. */
  readonly checksDescriptions?: boolean
  /** Certificate and name for https; without it, plain http on loopback. */
  readonly tls?: ServerIdentity
}

/** What a server proves its identity with. */
export interface ServerIdentity {
  readonly hostname: string
  /** PEM. */
  readonly key: string
  /** PEM. */
  readonly cert: string
}

/** A running server on loopback. */
export class LocalServer {
  readonly faults = new FaultScript()
  /** Differences from the server's own API description. */
  readonly violations: string[] = []
  latencyMs: number
  /** The prefix of every path, like `/api/v3` on GitHub Enterprise Server. */
  basePath = ''
  /** Called when a request has arrived, before anything is done with it. */
  onRequest: (label: string) => void = () => {}
  /** Whether a connection stays open for the next request. */
  keepsConnections = true
  readonly #options: ServerOptions
  readonly #server: Server
  /** Requests that are being answered: closing waits for them, so that no record comes too late. */
  readonly #open = new Set<Promise<void>>()
  /** Connections without a request so far: Node.js does not consider them idle. */
  readonly #unused = new Set<Socket>()
  #port = 0
  /** Holds the port while nothing listens on it. */
  #placeholder: Socket | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.latencyMs = options.latencyMs ?? 0
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      this.#unused.delete(incoming.socket)
      const answered = this.#answer(incoming, outgoing).catch((error: unknown) => {
        this.violations.push(`the sandbox failed: ${String(error)}`)
        outgoing.destroy()
      })
      this.#open.add(answered)
      void answered.finally(() => this.#open.delete(answered))
    }
    const { tls } = options
    this.#server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, listener) : createServer(listener)
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#unused.add(socket)
      socket.once('close', () => this.#unused.delete(socket))
    })
  }

  async start(): Promise<void> {
    await this.#listen()
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    const { tls } = this.#options
    return tls ? `https://${tls.hostname}:${this.#port}` : `http://127.0.0.1:${this.#port}`
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open)
    this.#placeholder?.destroy()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /**
   * From now on, nothing listens, and connections are refused; what has arrived is still answered. Without
   * `keepsConnections`, no open connection is left, and the very next request is refused.
   */
  refuse(): void {
    if (this.#placeholder) return
    this.#server.close()
    for (const socket of this.#unused) socket.destroy()
    // A socket that is connected to itself keeps the port from being given to anything else, but does not listen.
    this.#placeholder = connect({ host: '127.0.0.1', port: this.#port, localPort: this.#port })
    this.#placeholder.on('error', (error) => this.violations.push(`the port is not held: ${error.message}`))
  }

  /** Listens again after `refuse`, on the same port. */
  async accept(): Promise<void> {
    const placeholder = this.#placeholder
    if (!placeholder) return
    this.#placeholder = undefined
    if (!placeholder.closed) {
      await new Promise((resolve) => placeholder.once('close', resolve).resetAndDestroy())
    }
    await this.#listen()
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { service, model, clock, record, checksDescriptions = true } = this.#options
    const arrivedAt = performance.now()
    const request = await receive(incoming, this.basePath)
    const label = model.label(request)
    const fault = this.faults.next(label)
    const entry: Recorded = {
      service,
      label,
      request,
      arrivedAt,
      answeredAt: undefined,
      reply: undefined,
      fault: fault?.kind,
    }
    record.push(entry)
    outgoing.once('finish', () => (entry.answeredAt = performance.now()))
    this.onRequest(label)
    const delay = this.latencyMs + (fault?.kind === 'delay' ? fault.ms : 0)
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))

    if (!this.keepsConnections) outgoing.setHeader('connection', 'close')
    if (fault?.kind === 'reset-before') return reset(incoming)
    if (fault?.kind === 'hang-before') return
    if (fault?.kind === 'reply') {
      const other = typeof fault.reply === 'function' ? fault.reply(request) : fault.reply
      return send(outgoing, other, clock)
    }
    const reply = model.handle(request)
    entry.reply = reply
    // An empty write violates the description on purpose. What a person submits on pages, where GitHub's redirects
    // lead, and some lists are not in it. Replies about Apps are checked against GitHub's description by their types.
    const undescribed = /^(?:probe|decision|repository by id|organization variables|app\b.*)$/
    if (checksDescriptions && !undescribed.test(label))
      this.violations.push(...(await violations(service, request, reply)))
    if (fault?.kind === 'reset-after') return reset(incoming)
    if (fault?.kind === 'hang-after') return
    if (fault?.kind === 'cut-off') return cutOff(outgoing, reply, clock)
    send(outgoing, fault?.kind === 'replace' ? fault.replace(reply) : reply, clock)
  }
}

async function receive(incoming: IncomingMessage, basePath: string): Promise<ModelRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const)
  return {
    method: incoming.method ?? '',
    target: withoutBase(incoming.url ?? '', basePath),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** Paths outside the base are marked as such; the models only know pages there. */
function withoutBase(target: string, basePath: string): string {
  return basePath !== '' && target.startsWith(`${basePath}/`)
    ? target.slice(basePath.length)
    : `${basePath && '/outside'}${target}`
}

function send(outgoing: ServerResponse, reply: ModelReply, clock: ServerClock): void {
  outgoing.writeHead(reply.status, wireHeaders(reply, clock))
  outgoing.end(wireBody(reply))
}

/** Sends half of the body, then breaks the connection. */
function cutOff(outgoing: ServerResponse, reply: ModelReply, clock: ServerClock): void {
  const body = wireBody(reply)
  outgoing.writeHead(reply.status, {
    ...wireHeaders(reply, clock),
    'content-length': String(body.length + 1),
  })
  outgoing.write(body.slice(0, body.length / 2), () => outgoing.socket?.resetAndDestroy())
}

function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy()
}
