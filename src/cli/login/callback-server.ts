/**
 * The server that a browser comes back to. It is there for one answer: on loopback only, under one path, to whoever
 * knows the state. Everything else is refused, and it keeps waiting.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AuthorizationResponse } from '../../box/authorization.ts'
import { contentSecurityPolicy, renderPage, type CallbackPage } from './callback-page.ts'
import { UsageError } from '../command-line.ts'

/** What a callback server is made from. */
export interface CallbackOptions {
  readonly port: number
  /** Reads the query of a request to its path. */
  readonly read: (query: URLSearchParams) => AuthorizationResponse
}

/** The one answer that counts. */
export interface Callback {
  readonly response: Exclude<AuthorizationResponse, { kind: 'forged' | 'incomplete' }>
  /** Shows the person how it ended; the browser waits for that. */
  readonly show: (page: CallbackPage) => Promise<void>
}

const path = '/callback'

/** The redirect URI of a port, as it has to be registered for the app. */
export function redirectUriOf(port: number): string {
  return `http://localhost:${port}${path}`
}

/** `localhost` may mean either; a machine without IPv6 has the first only. */
const addresses = ['127.0.0.1', '::1']
const absentAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

const headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** Waits for the browser. */
export class CallbackServer {
  /** Resolves with the one answer that counts. */
  readonly callback: Promise<Callback>
  readonly #options: CallbackOptions
  readonly #servers: Server[] = []
  #resolve: (callback: Callback) => void = () => {}
  #answered = false

  private constructor(options: CallbackOptions) {
    this.#options = options
    this.callback = new Promise((resolve) => (this.#resolve = resolve))
  }

  /**
   * Starts to listen.
   *
   * @throws UsageError where the port is taken
   */
  static async listen(options: CallbackOptions): Promise<CallbackServer> {
    const server = new CallbackServer(options)
    try {
      for (const address of addresses) await server.#listenOn(address)
    } catch (error) {
      server.close()
      throw error
    }
    return server
  }

  /** Ends it at once, with whatever connections there are. */
  close(): void {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
  }

  async #listenOn(host: string): Promise<void> {
    const { port } = this.#options
    const server = createServer((request, response) => this.#answer(request, response))
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port, ipv6Only: true }, resolve)
      })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      if (host === '::1' && absentAddress.has(code)) return
      const taken = code === 'EADDRINUSE' ? 'another program uses it' : code
      throw new UsageError(
        `cannot listen on port ${port} (${taken}): choose another one with --port, and add its redirect URI, such as ${redirectUriOf(port + 1)}, to the app in the Box Developer Console`,
      )
    }
    this.#servers.push(server)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { port, read } = this.#options
    const host = request.headers.host?.toLowerCase() ?? ''
    const [target = '', ...query] = (request.url ?? '').split('?')
    // A name that somebody else's DNS leads here is none of ours.
    if (
      !['localhost', '127.0.0.1', '[::1]'].some(
        (name) => host === `${name}:${port}` || (port === 80 && host === name),
      )
    ) {
      return refuse(response, 421, 'This address leads nowhere', 'Box sends the browser to localhost.')
    }
    if (target !== path)
      return refuse(response, 404, 'There is nothing here', 'Only Box sends browsers here.')
    if (request.method !== 'GET')
      return refuse(response, 405, 'There is nothing here', 'This page can only be opened.')
    const answer = read(new URLSearchParams(query.join('?')))
    if (answer.kind === 'forged' || answer.kind === 'incomplete') {
      return refuse(
        response,
        400,
        'This answer was ignored',
        answer.kind === 'forged'
          ? 'It does not belong to the log-in that was started here (its state is missing or another one): it may come from an older tab, or from a page that wants to log you in to a foreign account.'
          : 'It holds neither a code nor an error of Box.',
        'The command line still waits: go on with the address that it shows.',
      )
    }
    if (this.#answered)
      return refuse(response, 410, 'This log-in is over', 'See the command line for how it ended.')
    this.#answered = true
    // Nobody else is let in; this browser still gets its page.
    for (const server of this.#servers) server.close()
    this.#resolve({
      response: answer,
      show: (page) => send(response, page.mood === 'good' ? 200 : 400, page),
    })
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  title: string,
  ...paragraphs: readonly string[]
): void {
  if (status === 405) response.setHeader('allow', 'GET')
  void send(response, status, { mood: 'bad', title, paragraphs })
}

/** How long a browser may take to fetch its page before the command goes on, in milliseconds. */
const longestSendMs = 2_000

/** Resolves when the page is with the browser, or the browser is gone. */
function send(response: ServerResponse, status: number, page: CallbackPage): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve()
    response.once('close', resolve)
    setTimeout(resolve, longestSendMs).unref()
    response.writeHead(status, { ...headers, 'content-type': 'text/html; charset=utf-8' })
    response.end(renderPage(page))
  })
}
