/** A model as a local HTTP server, with latency and faults by script, that keeps a record of every request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
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
  /** `undefined`: the server did not act. */
  reply: ModelReply | undefined
  fault: string | undefined
}

/** What a server is made from. */
export interface ServerOptions {
  readonly service: Service
  readonly model: Model
  readonly clock: ServerClock
  /** Shared between servers, so that the order across them is kept. */
  readonly record: Recorded[]
  /** Milliseconds before each request is looked at. */
  readonly latencyMs?: number
  /** Certificate and name for https; plain http on loopback without. */
  readonly tls?: ServerIdentity
}

/** What a server proves itself with. */
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
  /** What stands before every path, as `/api/v3` does on GitHub Enterprise Server. */
  basePath = ''
  /** Called when a request has arrived, before anything is done with it. */
  onRequest: (label: string) => void = () => {}
  readonly #options: ServerOptions
  readonly #server: Server
  /** Requests that are being answered: closing waits for them, so that no record comes too late. */
  readonly #open = new Set<Promise<void>>()

  constructor(options: ServerOptions) {
    this.#options = options
    this.latencyMs = options.latencyMs ?? 0
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      const answered = this.#answer(incoming, outgoing).catch((error: unknown) => {
        this.violations.push(`the sandbox failed: ${String(error)}`)
        outgoing.destroy()
      })
      this.#open.add(answered)
      void answered.finally(() => this.#open.delete(answered))
    }
    const { tls } = options
    this.#server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, listener) : createServer(listener)
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    const { tls } = this.#options
    return tls ? `https://${tls.hostname}:${port}` : `http://127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open)
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { service, model, clock, record } = this.#options
    const request = await receive(incoming, this.basePath)
    const label = model.label(request)
    const fault = this.faults.next(label)
    const entry: Recorded = { service, label, request, reply: undefined, fault: fault?.kind }
    record.push(entry)
    this.onRequest(label)
    const delay = this.latencyMs + (fault?.kind === 'delay' ? fault.ms : 0)
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))

    if (fault?.kind === 'reset-before') return reset(incoming)
    if (fault?.kind === 'hang-before') return
    if (fault?.kind === 'reply') return send(outgoing, fault.reply, clock)
    const reply = model.handle(request)
    entry.reply = reply
    if (label !== 'probe') this.violations.push(...(await violations(service, request, reply)))
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

/** Paths outside of the base stay as they are, and are then unknown. */
function withoutBase(target: string, basePath: string): string {
  return basePath !== '' && target.startsWith(`${basePath}/`)
    ? target.slice(basePath.length)
    : `${basePath && '/outside'}${target}`
}

function send(outgoing: ServerResponse, reply: ModelReply, clock: ServerClock): void {
  outgoing.writeHead(reply.status, wireHeaders(reply, clock))
  outgoing.end(wireBody(reply))
}

/** Half of the body, then the connection breaks. */
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
