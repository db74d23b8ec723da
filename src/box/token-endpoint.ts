/**
 * Box's token endpoint (`POST /oauth2/token`), through oauth4webapi. One request, one validated answer; what follows from it
 * is up to the rotation.
 */
import * as oauth from 'oauth4webapi'
import type { ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import {
  boundedFetch,
  retryAfterMs,
  serverMoment,
  TransportError,
  type Network,
  type TimeLimit,
} from '../http/exchange.ts'

const maxBytes = 256 * 1024
/** Box refuses with 400; other servers use 401 and 403. An `error` with any other status may come from a gateway. */
const refusalStatuses = new Set([400, 401, 403])
/** Far longer than any access token is valid. A larger number is a mistake, and no date could hold the largest. */
const longestExpirySeconds = 10 * 365 * 24 * 3600

/** Errors that may be temporary. RFC 6749 has them only for the authorization endpoint; servers use them here, too. */
export const passingOAuthErrors: ReadonlySet<string> = new Set([
  'server_error',
  'temporarily_unavailable',
  'slow_down',
])

/** The app at Box, as its Configuration page in the Developer Console shows it. */
export interface BoxApp {
  readonly clientId: string
  readonly clientSecret: string
}

/** A new pair, as Box issued it. */
export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds that the access token is valid, from `moment` on. */
  readonly expiresIn: number
  /** When Box issued it; `undefined` if the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
}

/** What an answer without a usable token can be. */
type JudgedCommon =
  /** An OAuth error (RFC 6749, section 5.2): nothing was issued. */
  | { readonly kind: 'refused'; readonly error: string; readonly description: string }
  | { readonly kind: 'rate-limited'; readonly waitMs: number | undefined }
  /** Neither tokens nor an OAuth error: an outage, a proxy's page, a redirect. */
  | { readonly kind: 'unusable'; readonly status: number; readonly waitMs: number | undefined }
  | { readonly kind: 'no-answer'; readonly error: TransportError }

/** The result of one refresh. */
export type TokenAnswer = {
  /** Everything in the answer that is called a token, valid or not: to mask before anything else. */
  readonly tokens: readonly string[]
} & (
  | { readonly kind: 'pair'; readonly pair: TokenPair }
  /** The answer has no usable access token, but its refresh token is valid, and the only one that is. */
  | { readonly kind: 'refresh-token-only'; readonly refreshToken: string; readonly problem: string }
  /** 200 without any token: whatever Box issued is out of reach. */
  | { readonly kind: 'no-pair'; readonly problem: string }
  | JudgedCommon
)

/** What to narrow a token to. */
export interface Narrowing {
  /** Scopes, separated by spaces. */
  readonly scope: string
  /** Address of one file or folder. */
  readonly resource: string | undefined
  readonly sharedLink: string | undefined
}

/** A narrowed access token. */
export interface NarrowToken {
  readonly accessToken: string
  /** Seconds that it is valid, from `moment` on. */
  readonly expiresIn: number
  readonly moment: ServerMoment | undefined
}

/** The result of one token exchange. */
export type ExchangeAnswer = { readonly tokens: readonly string[] } & (
  | { readonly kind: 'narrow'; readonly token: NarrowToken }
  | { readonly kind: 'no-token'; readonly problem: string }
  | JudgedCommon
)

/** Sends requests to Box's token endpoint. */
export class TokenEndpoint {
  readonly #network: Network
  readonly #app: BoxApp
  readonly #server: oauth.AuthorizationServer
  readonly #client: oauth.Client
  readonly #insecure: boolean

  /** @param boxApiUrl root of Box's API without a final slash; plain http only on loopback (checked by the inputs) */
  constructor(network: Network, boxApiUrl: string, app: BoxApp) {
    this.#network = network
    this.#app = app
    this.#server = { issuer: boxApiUrl, token_endpoint: `${boxApiUrl}/oauth2/token` }
    this.#client = { client_id: app.clientId }
    this.#insecure = boxApiUrl.startsWith('http:')
  }

  /**
   * Uses a refresh token to get a new pair (RFC 6749, section 6; Box API reference, "Refresh access token"), once. The
   * credentials are in the body: Box answers Basic authentication with `invalid_client`.
   */
  async refresh(refreshToken: string, limit: TimeLimit): Promise<TokenAnswer> {
    return this.#askForPair('refresh_token', { refresh_token: refreshToken }, limit)
  }

  /**
   * Exchanges an authorization code for the first pair (RFC 6749, section 4.1.3; Box API reference, "Request access
   * token"), once. The code is valid for 30 seconds and works once.
   *
   * @param redirectUri the same as in the request for the code
   */
  async redeem(code: string, redirectUri: string, limit: TimeLimit): Promise<TokenAnswer> {
    return this.#askForPair('authorization_code', { code, redirect_uri: redirectUri }, limit)
  }

  async #askForPair(
    grantType: string,
    parameters: Readonly<Record<string, string>>,
    limit: TimeLimit,
  ): Promise<TokenAnswer> {
    const answer = await this.#ask(grantType, parameters, limit)
    if (answer instanceof TransportError) return { kind: 'no-answer', error: answer, tokens: [] }
    const { response, body, tokens, moment } = answer
    const judged = judge(response, body)
    if (judged && judged.kind !== 'unusable') return { ...judged, tokens }
    // Tokens with a wrong status are as good as any: keep them.
    const kept = withoutPair(body, `its status is ${response.status}`)
    if (judged) return { ...(kept.kind === 'refresh-token-only' ? kept : judged), tokens }
    const checked = await this.#checkedFields(response)
    if ('problem' in checked) return { ...withoutPair(body, checked.problem), tokens }
    const { refreshToken: next, ...token } = checked
    if (!isToken(next)) return { ...withoutPair(body, 'it has no valid "refresh_token"'), tokens }
    return { kind: 'pair', pair: { ...token, refreshToken: next, moment }, tokens }
  }

  /**
   * Exchanges an access token for a narrowed one (RFC 8693; Box API reference, "Request access token", token
   * exchange), once. This uses the token. No refresh token comes back.
   */
  async exchange(
    accessToken: string,
    { scope, resource, sharedLink }: Narrowing,
    limit: TimeLimit,
  ): Promise<ExchangeAnswer> {
    const parameters = {
      subject_token: accessToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope,
      ...(resource === undefined ? {} : { resource }),
      ...(sharedLink === undefined ? {} : { box_shared_link: sharedLink }),
    }
    const answer = await this.#ask('urn:ietf:params:oauth:grant-type:token-exchange', parameters, limit)
    if (answer instanceof TransportError) return { kind: 'no-answer', error: answer, tokens: [] }
    const { response, body, tokens, moment } = answer
    const judged = judge(response, body)
    if (judged) return { ...judged, tokens }
    const checked = await this.#checkedFields(response)
    if ('problem' in checked) return { kind: 'no-token', problem: checked.problem, tokens }
    return {
      kind: 'narrow',
      token: { accessToken: checked.accessToken, expiresIn: checked.expiresIn, moment },
      tokens,
    }
  }

  async #ask(
    grantType: string,
    parameters: Readonly<Record<string, string>>,
    limit: TimeLimit,
  ): Promise<Asked | TransportError> {
    try {
      const response = await oauth.genericTokenEndpointRequest(
        this.#server,
        this.#client,
        oauth.ClientSecretPost(this.#app.clientSecret),
        grantType,
        { ...parameters },
        {
          [oauth.customFetch]: boundedFetch(this.#network, {
            timeoutMs: limit.timeoutMs,
            signal: limit.signal,
            maxBytes,
          }),
          [oauth.allowInsecureRequests]: this.#insecure,
        },
      )
      const body = await jsonIn(response.clone())
      return {
        response,
        body,
        tokens: tokensIn(body),
        moment: serverMoment(response.headers, this.#network.clock),
      }
    } catch (error) {
      if (error instanceof TransportError) return error
      throw error
    }
  }

  /** The fields that every 200 with a token has, each checked. */
  async #checkedFields(
    response: Response,
  ): Promise<{ accessToken: string; expiresIn: number; refreshToken: unknown } | { problem: string }> {
    let answer: oauth.TokenEndpointResponse
    try {
      answer = await oauth.processGenericTokenEndpointResponse(this.#server, this.#client, response)
    } catch (error) {
      // The library's error holds the whole answer, including tokens: don't pass it on.
      return { problem: problemIn(error) }
    }
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer
    if (!isToken(accessToken))
      return { problem: 'its "access_token" has characters that are not allowed in a token' }
    if (expiresIn === undefined || !(expiresIn > 0 && expiresIn <= longestExpirySeconds)) {
      return { problem: 'it has no valid "expires_in"' }
    }
    return { accessToken, expiresIn, refreshToken }
  }
}

interface Asked {
  readonly response: Response
  readonly body: unknown
  readonly tokens: readonly string[]
  readonly moment: ServerMoment | undefined
}

/** What kind of answer it is; `undefined` if it is a 200. */
function judge(
  response: Response,
  body: unknown,
): Extract<JudgedCommon, { kind: 'refused' | 'rate-limited' | 'unusable' }> | undefined {
  const { status, headers } = response
  if (status === 429) return { kind: 'rate-limited', waitMs: retryAfterMs(headers) }
  if (
    refusalStatuses.has(status) &&
    isRecord(body) &&
    typeof body['error'] === 'string' &&
    body['error'] !== ''
  ) {
    const description = body['error_description']
    return {
      kind: 'refused',
      error: body['error'],
      description: typeof description === 'string' ? description : '',
    }
  }
  return status === 200 ? undefined : { kind: 'unusable', status, waitMs: retryAfterMs(headers) }
}

function tokensIn(body: unknown): string[] {
  if (!isRecord(body)) return []
  return [body['refresh_token'], body['access_token']].filter((value) => typeof value === 'string')
}

async function jsonIn(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

/** 1*VSCHAR (RFC 6749, appendix A.17), except the space: a token with one would not survive as an input. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function withoutPair(
  body: unknown,
  problem: string,
):
  | { readonly kind: 'refresh-token-only'; readonly refreshToken: string; readonly problem: string }
  | { readonly kind: 'no-pair'; readonly problem: string } {
  const refreshToken = isRecord(body) ? body['refresh_token'] : undefined
  return isToken(refreshToken)
    ? { kind: 'refresh-token-only', refreshToken, problem }
    : { kind: 'no-pair', problem }
}

/** What is wrong with a 200, in our own words. */
function problemIn(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === oauth.RESPONSE_IS_NOT_JSON || code === oauth.PARSE_ERROR) return 'it is not JSON'
  if (code === oauth.UNSUPPORTED_OPERATION) return 'its "token_type" is not "bearer"'
  const field =
    error instanceof Error ? /"(access_token|token_type|expires_in|refresh_token)"/.exec(error.message) : null
  return field ? `it has no valid "${field[1]}"` : 'its fields are not those of a token pair'
}
