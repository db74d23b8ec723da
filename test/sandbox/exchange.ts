/** What the models of Box and GitHub exchange: plain requests and replies, without sockets. */

/** An injected clock: the servers' time, in milliseconds since 1970 (UTC). */
export interface ServerClock {
  now(): number
}

/** A request as a model sees it. Header names are in lower case. */
export interface ModelRequest {
  readonly method: string
  /** Path and query as sent, still percent-encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A model's reply; a body that is an object is sent as JSON. */
export interface ModelReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server without sockets: the same code runs behind HTTP and in a simulation. */
export interface Model {
  handle(request: ModelRequest): ModelReply
  /** A short name for what a request asks for, used by fault scripts and timelines. */
  label(request: ModelRequest): string
}

/** The body as it goes over the wire. */
export function wireBody(reply: ModelReply): string | Uint8Array<ArrayBuffer> {
  if (reply.body === undefined) return ''
  if (reply.body instanceof Uint8Array) return new Uint8Array(reply.body)
  return typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
}

/** The headers as they go over the wire, `Date` by the server's clock. */
export function wireHeaders(reply: ModelReply, clock: ServerClock): Record<string, string> {
  const json: Record<string, string> =
    typeof reply.body === 'object' && !(reply.body instanceof Uint8Array)
      ? { 'content-type': 'application/json; charset=utf-8' }
      : {}
  return { date: new Date(clock.now()).toUTCString(), ...json, ...reply.headers }
}

/** A moment as GitHub writes it: ISO 8601 in whole seconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
