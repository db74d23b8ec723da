/**
 * The server to which the browser comes back. It takes one answer from each service: on loopback only, at that service's
 * path, and only from a browser that knows the state. It refuses everything else, and keeps waiting.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AuthorizationResponse } from '../../box/authorization.ts'
import { policyOf, renderPage, type CallbackPage } from './callback-page.ts'
import { UsageError } from '../command-line.ts'

/** An answer to wait for. */
export interface Awaited {
  /** Where the service sends the browser: `/callback`. */
  readonly path: string
  /** The service's name, as people know it: `Box`. */
  readonly service: string
  /** Reads the query of a request to the path. */
  readonly read: (query: URLSearchParams) => AuthorizationResponse
  /** Whether this is the last answer to wait for: then nobody else is let in. */
  readonly isLast: boolean
}

/** The one answer that counts. */
export interface Callback {
  readonly response: Exclude<AuthorizationResponse, { kind: 'forged' | 'incomplete' }>
  /** The person pasted the address: there is no browser on this machine to show anything in. */
  readonly isPasted: boolean
  /** Shows in the browser, which is waiting, how it ended. */
  readonly show: (page: CallbackPage) => Promise<void>
}

/** Where Box sends the browser. */
export const boxPath = '/callback'
/** Where GitHub sends it once an App is created. */
export const gitHubPath = '/github-app'

/** The address of a path, for a browser on this machine. */
export function localUrl(port: number, path: string): string {
  return `http://localhost:${port}${path}`
}

/** The redirect URI for a port, as it has to be registered for the Box app. */
export function redirectUriOf(port: number): string {
  return localUrl(port, boxPath)
}

/** `localhost` may mean either; a machine without IPv6 has only the first. */
const addresses = ['127.0.0.1', '::1']
const absentAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** An answer that we are waiting for, or that has come. */
interface Waiting {
  readonly awaited: Awaited
  readonly resolve: (callback: Callback) => void
  isAnswered: boolean
}

/** Waits for the browser. */
export class CallbackServer {
  readonly #port: number
  readonly #servers: Server[] = []
  readonly #waiting = new Map<string, Waiting>()
  readonly #pages = new Map<string, CallbackPage>()

  private constructor(port: number) {
    this.#port = port
  }

  /**
   * Starts to listen.
   *
   * @throws UsageError if the port is taken
   */
  static async listen(port: number): Promise<CallbackServer> {
    const server = new CallbackServer(port)
    try {
      for (const address of addresses) await server.#listenOn(address)
    } catch (error) {
      server.close()
      throw error
    }
    return server
  }

  /** Resolves with the one answer that counts. */
  answerAt(awaited: Awaited): Promise<Callback> {
    return new Promise((resolve) => {
      this.#waiting.set(awaited.path, { awaited, resolve, isAnswered: false })
    })
  }

  /**
   * Serves a page from now on.
   *
   * @param path one that nobody can guess, if the page is meant for one person only
   */
  showAt(path: string, page: CallbackPage): void {
    this.#pages.set(path, page)
  }

  /** Closes it at once, with all its connections. */
  close(): void {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
  }

  async #listenOn(host: string): Promise<void> {
    const port = this.#port
    const server = createServer((request, response) => this.#answer(request, response))
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port, ipv6Only: true }, resolve)
      })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      if (host === '::1' && absentAddress.has(code)) return
      const taken = code === 'EADDRINUSE' ? 'another program is using it' : code
      throw new UsageError(
        `cannot listen on port ${port} (${taken}): choose another port with --port, and add its redirect URI, such as ${redirectUriOf(port + 1)}, to your app in the Box Developer Console`,
      )
    }
    this.#servers.push(server)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const port = this.#port
    const host = request.headers.host?.toLowerCase() ?? ''
    const [target = '', ...query] = (request.url ?? '').split('?')
    // DNS rebinding: somebody else's host name may point here, but it is not ours.
    if (
      !['localhost', '127.0.0.1', '[::1]'].some(
        (name) => host === `${name}:${port}` || (port === 80 && host === name),
      )
    ) {
      return refuse(response, 421, 'Wrong address', 'This page is only available at localhost.')
    }
    const page = this.#pages.get(target)
    const waiting = this.#waiting.get(target)
    if (!page && !waiting) {
      return refuse(response, 404, 'There is nothing here', 'Only Box and GitHub send your browser here.')
    }
    if (request.method !== 'GET')
      return refuse(response, 405, 'There is nothing here', 'This page can only be opened, not sent to.')
    if (page) void send(response, 200, page)
    else if (waiting) this.#take(waiting, new URLSearchParams(query.join('?')), response)
  }

  #take(waiting: Waiting, query: URLSearchParams, response: ServerResponse): void {
    const { read, service, isLast } = waiting.awaited
    const answer = read(query)
    if (answer.kind === 'forged' || answer.kind === 'incomplete') {
      return refuse(
        response,
        400,
        'This answer was ignored',
        answer.kind === 'forged'
          ? "It does not belong to what you started here (its state is missing or different). It may come from an older tab, or from a page that is trying to slip in somebody else's account."
          : `It contains neither a code nor an error from ${service}.`,
        'The command line is still waiting: continue with the address that it shows.',
      )
    }
    if (waiting.isAnswered)
      return refuse(response, 410, 'This has ended already', 'See the command line for the result.')
    waiting.isAnswered = true
    // Let nobody else in; this browser still gets its page.
    if (isLast) for (const server of this.#servers) server.close()
    waiting.resolve({
      response: answer,
      isPasted: false,
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

/** Resolves when the browser has the page, or is gone. */
function send(response: ServerResponse, status: number, page: CallbackPage): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve()
    response.once('close', resolve)
    setTimeout(resolve, longestSendMs).unref()
    response.writeHead(status, {
      ...headers,
      'content-security-policy': policyOf(page),
      // GitHub learns where its form comes from, but not the path, which nobody else may know.
      'referrer-policy': page.form ? 'origin' : 'no-referrer',
      'content-type': 'text/html; charset=utf-8',
    })
    response.end(renderPage(page))
  })
}
