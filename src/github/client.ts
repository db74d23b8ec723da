/** GitHub's REST API over Octokit: one request at a time, or with retries; answers are checked by the callers. */
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

/** The version of the REST API that the routes are written for; GitHub Enterprise Server knows it too. */
const apiVersion = '2022-11-28'
/** Far more than the answers that are asked for. */
const maxBytes = 2 * 1024 * 1024

/** An answer of GitHub, whatever its status. `data` is unknown until a caller has looked at it. */
export interface GitHubReply {
  readonly status: number
  readonly headers: Headers
  readonly data: unknown
  /** GitHub's time; `undefined` where the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
  /** When the request was sent, by `Clock.monotonic`: the answer was made at some time after that. */
  readonly askedAt: number
  /** GitHub's own words for an error, without this client's token; still to be scrubbed of other secrets. */
  readonly message: string
  /** GitHub's name for the request, as fit to print as `message`; `''` where it gives none. */
  readonly requestId: string
  /** Why it is a 403, where that is known: rarely because of permissions. */
  readonly barrier: Barrier | undefined
}

/** What an error keeps of an answer: its body and headers may repeat the request, token and all. */
export type FaultyReply = Pick<GitHubReply, 'status' | 'message' | 'requestId' | 'barrier'> & {
  /** What the repository is called now, `owner/name`, where a redirect tells. */
  readonly movedTo?: string | undefined
}

/** GitHub could not be asked, or kept answering with an outage or a rate limit, until the budget was used up. */
export class GitHubUnavailable extends Error {
  override readonly name = 'GitHubUnavailable'
  /** What the last try brought. */
  readonly last: FaultyReply | TransportError
  /** How long GitHub asks to be left alone, in milliseconds. */
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

/** What a client is made from. */
export interface GitHubOptions {
  readonly network: Network
  /** Root of the API without a final slash. */
  readonly apiUrl: string
  /** `undefined`: asks without one. */
  readonly token: string | undefined
  /** How many answers that make no sense are taken before it is given up; without it there is no end but the budget's. */
  readonly mostSenseless?: number
}

/** Asks GitHub. */
export class GitHubClient {
  readonly #options: GitHubOptions
  readonly #redactor = new Redactor()

  constructor(options: GitHubOptions) {
    this.#options = options
    if (options.token !== undefined) this.#redactor.add(options.token)
  }

  /**
   * Sends one request, once.
   *
   * @returns the answer, whatever its status
   * @throws TransportError where no answer arrived
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
          // Octokit would print deprecations to the console, with the address.
          log: { debug: silent, info: silent, warn: silent, error: silent },
        },
      })
      data = reply.data
    } catch (error) {
      // Octokit throws on every status from 400 on, and its error holds the request: only the data is taken.
      if (response === undefined) throw transportErrorIn(error)
      data = dataIn(error)
    }
    if (response === undefined) throw new Error('Octokit answered without having asked')
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

  /** An address that repeats the token leads nowhere that a person should go. */
  #printable(barrier: Barrier | undefined): Barrier | undefined {
    if (barrier?.kind !== 'single-sign-on' || barrier.address === undefined) return barrier
    const isWhole = this.#redactor.foreign(barrier.address) === barrier.address
    return isWhole ? barrier : { kind: barrier.kind, address: undefined }
  }

  /**
   * Works out what a repository is called now that GitHub redirects to. The redirect itself is not followed: what is asked
   * is this client's own API (`GET /repositories/{id}`).
   *
   * @returns `owner/name`, or `undefined` where GitHub does not tell
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
   * Sends a request, again and again through outages, rate limits and answers that make no sense, as long as the
   * budget allows.
   *
   * @param read takes what it needs from an answer; `undefined` means that the answer is not useful
   * @param settle may make do with an outage's answer (5xx) after some tries; `undefined` goes on trying
   * @returns what `read` returned
   * @throws GitHubUnavailable where there is no useful answer in time, or at once where trying again cannot help
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

  /** One request, judged: an answer to work with, or something that may pass. */
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

/** What one request came to: an answer to work with, or a fault that may pass. */
export type GitHubOutcome = {
  /** How long GitHub asks to be left alone, in milliseconds. */
  readonly waitMs: number | undefined
  /** Whether GitHub may have acted on the request. */
  readonly mayHaveArrived: boolean
} & (
  | { readonly kind: 'answer'; readonly last: GitHubReply }
  | { readonly kind: 'passing'; readonly last: GitHubReply | TransportError }
)

/** Whether a fault will hardly pass by waiting: a certificate, or a redirect that stays (a renamed repository). */
export function isLasting(last: FaultyReply | TransportError, tries: number): boolean {
  if (last instanceof TransportError) return last.fault === 'certificate'
  return isRedirect(last.status) && tries >= 3
}

/** Whether a status sends the client elsewhere; it never goes. */
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

/** GitHub Docs, "Rate limits for the REST API": 429, or 403 with one of these signs. */
function isRateLimit(reply: GitHubReply): boolean {
  if (reply.status === 429) return true
  if (reply.status !== 403) return false
  return (
    reply.headers.has('retry-after') ||
    reply.headers.get('x-ratelimit-remaining') === '0' ||
    /rate limit|abuse detection/i.test(reply.message)
  )
}

/** `retry-after`, else the time until `x-ratelimit-reset` (seconds since 1970) by GitHub's own clock. */
function rateLimitWaitMs(reply: GitHubReply): number | undefined {
  const asked = retryAfterMs(reply.headers)
  if (asked !== undefined) return asked
  const reset = reply.headers.get('x-ratelimit-reset') ?? ''
  if (reply.headers.get('x-ratelimit-remaining') !== '0' || !/^\d{1,12}$/.test(reset) || !reply.moment)
    return undefined
  return Math.max(0, Number(reset) * 1000 - reply.moment.date)
}
