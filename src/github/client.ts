/** GitHub's REST API through Octokit: single requests, or with retries. Callers check the answers. */
import { request as octokitRequest } from '@octokit/request'
import type { ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import { parseRepository } from '../names.ts'
import {
  boundedFetch,
  retryAfterMs,
  serverMoment,
  TransportError,
  userAgent,
  type Network,
  type TimeLimit,
} from '../http/exchange.ts'
import type { RetryBudget } from '../http/retry.ts'
import { Redactor } from '../redact.ts'
import { barrierIn, movedIn, type Barrier } from './remedy.ts'

/** The version of the REST API that the routes are written for; GitHub Enterprise Server supports it, too. */
const apiVersion = '2022-11-28'
/** Far more than any answer needs. */
const maxBytes = 2 * 1024 * 1024

/** An answer of GitHub, whatever its status. `data` is unknown until a caller has looked at it. */
export interface GitHubReply {
  readonly status: number
  readonly headers: Headers
  readonly data: unknown
  /** GitHub's time; `undefined` if the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
  /** When the request was sent, by `Clock.monotonic`: GitHub answered some time after that. */
  readonly askedAt: number
  /** GitHub's error message, without this client's token; other secrets still have to be scrubbed from it. */
  readonly message: string
  /** GitHub's id of the request, scrubbed like `message`; `''` if there is none. */
  readonly requestId: string
  /** The reason for a 403, if it is known: often not a missing permission. */
  readonly barrier: Barrier | undefined
}

/** The parts of an answer that an error may keep: the body and headers may repeat the request, including the token. */
export type FaultyReply = Pick<GitHubReply, 'status' | 'message' | 'requestId' | 'barrier'> & {
  /** The repository's present name, `owner/name`, if a redirect gives it. */
  readonly movedTo?: string | undefined
}

/** GitHub could not be reached, or kept answering with errors or a rate limit, until the budget was used up. */
export class GitHubUnavailable extends Error {
  override readonly name = 'GitHubUnavailable'
  /** The result of the last try. */
  readonly last: FaultyReply | TransportError
  /** How long GitHub asks to wait, in milliseconds. */
  readonly waitMs: number | undefined

  constructor(last: FaultyReply | TransportError, waitMs: number | undefined) {
    super('GitHub is unavailable')
    this.last =
      last instanceof TransportError
        ? last
        : {
            status: last.status,
            message: last.message,
            requestId: last.requestId,
            barrier: last.barrier,
            movedTo: last.movedTo,
          }
    this.waitMs = waitMs
  }
}

/** A request: an Octokit route such as `GET /repos/{owner}/{repo}` with its parameters. */
export interface GitHubRequest {
  readonly route: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What a client needs. */
export interface GitHubOptions {
  readonly network: Network
  /** Root of the API without a final slash. */
  readonly apiUrl: string
  /** `undefined`: requests are sent without a token. */
  readonly token: string | undefined
  /** How many senseless answers to accept before giving up; if it is left out, only the budget ends the tries. */
  readonly mostSenseless?: number
}

/** A client of GitHub's REST API. */
export class GitHubClient {
  readonly #options: GitHubOptions
  readonly #redactor = new Redactor()

  constructor(options: GitHubOptions) {
    this.#options = options
    if (options.token !== undefined) this.#redactor.add(options.token)
  }

  /**
   * Sends a request once.
   *
   * @returns the answer, whatever its status
   * @throws TransportError if no answer arrived
   */
  async send(request: GitHubRequest, limit: TimeLimit): Promise<GitHubReply> {
    const { network, apiUrl, token } = this.#options
    const fetchOne = boundedFetch(network, { timeoutMs: limit.timeoutMs, signal: limit.signal, maxBytes })
    const askedAt = network.clock.monotonic()
    let response: Response | undefined
    let data: unknown
    try {
      const reply = await octokitRequest(request.route, {
        ...request.parameters,
        baseUrl: apiUrl,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          'user-agent': userAgent,
          'x-github-api-version': apiVersion,
        },
        request: {
          fetch: async (url: string, init: RequestInit) => (response = await fetchOne(url, init)),
          // Octokit would print deprecations to the console, with the URL.
          log: { debug: silent, info: silent, warn: silent, error: silent },
        },
      })
      data = reply.data
    } catch (error) {
      // Octokit throws on every status of 400 and above, and its error holds the request: take only the data.
      if (response === undefined) throw transportErrorIn(error)
      data = dataIn(error)
    }
    if (response === undefined) throw new Error('Octokit returned without sending the request')
    const { status, headers } = response
    const message = messageIn(data)
    return {
      status,
      headers,
      data,
      moment: serverMoment(headers, network.clock),
      askedAt,
      message: this.#redactor.foreign(message),
      requestId: this.#redactor.foreign(headers.get('x-github-request-id') ?? ''),
      barrier: this.#printable(barrierIn(status, headers, message)),
    }
  }

  /** Drops an address that repeats the token: nobody should open that. */
  #printable(barrier: Barrier | undefined): Barrier | undefined {
    if (barrier?.kind !== 'single-sign-on' || barrier.address === undefined) return barrier
    const isWhole = this.#redactor.foreign(barrier.address) === barrier.address
    return isWhole ? barrier : { kind: barrier.kind, address: undefined }
  }

  /**
   * Finds the present name of a repository that GitHub redirects to. The redirect itself is not followed; this asks the
   * client's own API instead (`GET /repositories/{id}`).
   *
   * @returns `owner/name`, or `undefined` if GitHub does not give it
   */
  async presentName(
    { headers }: Pick<GitHubReply, 'headers'>,
    limit: TimeLimit,
  ): Promise<string | undefined> {
    const moved = movedIn(headers.get('location') ?? '')
    if (!moved) return undefined
    if ('name' in moved) return this.#redactor.foreign(moved.name) === moved.name ? moved.name : undefined
    const outcome = await this.try({ route: 'GET /repositories/{id}', parameters: moved }, limit)
    if (outcome.kind !== 'answer' || outcome.last.status !== 200 || !isRecord(outcome.last.data))
      return undefined
    const name = outcome.last.data['full_name']
    const isName = typeof name === 'string' && parseRepository(name) && this.#redactor.foreign(name) === name
    return isName ? name : undefined
  }

  /**
   * Sends a request, and tries again through outages, rate limits and senseless answers for as long as the budget
   * allows.
   *
   * @param read takes what it needs from an answer; `undefined` means that the answer is not usable
   * @param settle may accept a 5xx answer after some tries; `undefined` means to try again
   * @returns what `read` or `settle` returned
   * @throws GitHubUnavailable if there is no usable answer in time, or at once if trying again cannot help
   */
  async request<T>(
    request: GitHubRequest,
    budget: RetryBudget,
    read: (reply: GitHubReply) => T | undefined,
    settle: (reply: GitHubReply, tries: number) => T | undefined = () => undefined,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.try(request, budget)
      const { last } = outcome
      const value =
        outcome.kind === 'answer'
          ? read(outcome.last)
          : last instanceof TransportError
            ? undefined
            : settle(last, tries)
      if (value !== undefined) return value
      const isHopeless = outcome.kind === 'answer' && tries >= (this.#options.mostSenseless ?? Infinity)
      const givesUp = isHopeless || isLasting(last, tries)
      if (givesUp && outcome.kind === 'answer' && isRedirect(outcome.last.status)) {
        const movedTo = await this.presentName(outcome.last, budget)
        throw new GitHubUnavailable({ ...outcome.last, movedTo }, undefined)
      }
      if (givesUp || !(await budget.pause(outcome.waitMs))) {
        throw new GitHubUnavailable(last, outcome.waitMs)
      }
    }
  }

  /** Sends a request once, and tells an answer to work with from a fault that may pass. */
  async try(request: GitHubRequest, limit: TimeLimit): Promise<GitHubOutcome> {
    try {
      const reply = await this.send(request, limit)
      if (isRateLimit(reply)) {
        return { kind: 'passing', last: reply, waitMs: rateLimitWaitMs(reply), mayHaveArrived: false }
      }
      if (reply.status >= 500) {
        return { kind: 'passing', last: reply, waitMs: retryAfterMs(reply.headers), mayHaveArrived: true }
      }
      return { kind: 'answer', last: reply, waitMs: undefined, mayHaveArrived: true }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      return { kind: 'passing', last: error, waitMs: undefined, mayHaveArrived: error.mayHaveArrived }
    }
  }
}

/** The outcome of one request: an answer to work with, or a fault that may pass. */
export type GitHubOutcome = {
  /** How long GitHub asks to wait, in milliseconds. */
  readonly waitMs: number | undefined
  /** Whether GitHub may have acted on the request. */
  readonly mayHaveArrived: boolean
} & (
  | { readonly kind: 'answer'; readonly last: GitHubReply }
  | { readonly kind: 'passing'; readonly last: GitHubReply | TransportError }
)

/** Whether waiting is unlikely to help: a certificate is not trusted, or a redirect persists (a renamed repository). */
export function isLasting(last: FaultyReply | TransportError, tries: number): boolean {
  if (last instanceof TransportError) return last.fault === 'certificate'
  return isRedirect(last.status) && tries >= 3
}

/** Whether a status is a redirect. This client never follows one. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400
}

function silent(): void {}

function transportErrorIn(error: unknown): unknown {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof TransportError) return current
  }
  return error
}

function dataIn(error: unknown): unknown {
  const response: unknown = isRecord(error) ? error['response'] : undefined
  return isRecord(response) ? response['data'] : undefined
}

function messageIn(data: unknown): string {
  const message = isRecord(data) ? data['message'] : undefined
  return typeof message === 'string' ? message : ''
}

/** 429, or 403 with one of the signs in GitHub Docs, "Rate limits for the REST API". */
function isRateLimit(reply: GitHubReply): boolean {
  if (reply.status === 429) return true
  if (reply.status !== 403) return false
  return (
    reply.headers.has('retry-after') ||
    reply.headers.get('x-ratelimit-remaining') === '0' ||
    /rate limit|abuse detection/i.test(reply.message)
  )
}

/** `retry-after`, or else the time until `x-ratelimit-reset` (seconds since 1970) by GitHub's clock; in milliseconds. */
function rateLimitWaitMs(reply: GitHubReply): number | undefined {
  const asked = retryAfterMs(reply.headers)
  if (asked !== undefined) return asked
  const reset = reply.headers.get('x-ratelimit-reset') ?? ''
  if (reply.headers.get('x-ratelimit-remaining') !== '0' || !/^\d{1,12}$/.test(reset) || !reply.moment)
    return undefined
  return Math.max(0, Number(reset) * 1000 - reply.moment.date)
}
