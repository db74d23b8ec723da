/**
 * Box's token endpoint (`POST /oauth2/token`), over oauth4webapi. One request, one judged answer; what follows from
 * it is the rotation's business.
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
} from '../net/exchange.ts'

const maxBytes = 256 * 1024
/** Box answers 400; 401 and 403 are what others use. An `error` under any other status may be a gateway's. */
const refusalStatuses = new Set([400, 401, 403])
/** Far longer than any access token lives; a larger number is a fault, and no date could hold the largest. */
const longestExpirySeconds = 10 * 365 * 24 * 3600

/** The app at Box, as its Configuration page in the Developer Console shows it. */
export interface BoxApp {
  readonly clientId: string
  readonly clientSecret: string
}

/** A new pair, as Box issued it. */
export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds that the access token lives, from `moment` on. */
  readonly expiresIn: number
  /** Box's time of issue; `undefined` where the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
}

/** What one request to the token endpoint came to. */
export type TokenAnswer = {
  /** Everything in the answer that is named a token, whatever the answer is worth: to be masked before anything else. */
  readonly tokens: readonly string[]
} & (
  | { readonly kind: 'pair'; readonly pair: TokenPair }
  /** An answer without a usable access token, but the refresh token in it is good, and the only one that is. */
  | { readonly kind: 'refresh-token-only'; readonly refreshToken: string; readonly problem: string }
  /** 200 and no token at all: whatever Box issued is out of reach. */
  | { readonly kind: 'no-pair'; readonly problem: string }
  /** An OAuth error (RFC 6749, section 5.2): nothing was issued. */
  | { readonly kind: 'refused'; readonly error: string; readonly description: string }
  | { readonly kind: 'rate-limited'; readonly waitMs: number | undefined }
  /** Neither tokens nor an OAuth error: an outage, a proxy's page, a redirect. */
  | { readonly kind: 'unusable'; readonly status: number; readonly waitMs: number | undefined }
  | { readonly kind: 'no-answer'; readonly error: TransportError }
)

/** A `TokenAnswer` before its tokens are listed. */
type Judged = TokenAnswer extends infer A ? (A extends TokenAnswer ? Omit<A, 'tokens'> : never) : never

/** Asks Box's token endpoint. */
export class TokenEndpoint {
  readonly #network: Network
  readonly #app: BoxApp
  readonly #server: oauth.AuthorizationServer
  readonly #insecure: boolean

  /** @param boxApiUrl root of Box's API without a final slash; plain http only on loopback (checked by the inputs) */
  constructor(network: Network, boxApiUrl: string, app: BoxApp) {
    this.#network = network
    this.#app = app
    this.#server = { issuer: boxApiUrl, token_endpoint: `${boxApiUrl}/oauth2/token` }
    this.#insecure = boxApiUrl.startsWith('http:')
  }

  /**
   * Spends a refresh token for a new pair (RFC 6749, section 6; Box API reference, "Refresh access token"), once.
   * The credentials are in the body: Box answers Basic authentication with `invalid_client`.
   */
  async refresh(refreshToken: string, limit: TimeLimit): Promise<TokenAnswer> {
    const client = { client_id: this.#app.clientId }
    let response: Response
    try {
      response = await oauth.refreshTokenGrantRequest(
        this.#server,
        client,
        oauth.ClientSecretPost(this.#app.clientSecret),
        refreshToken,
        {
          [oauth.customFetch]: boundedFetch(this.#network, {
            timeoutMs: limit.timeoutMs,
            signal: limit.signal,
            maxBytes,
          }),
          [oauth.allowInsecureRequests]: this.#insecure,
        },
      )
    } catch (error) {
      if (error instanceof TransportError) return { kind: 'no-answer', error, tokens: [] }
      throw error
    }
    const body = await jsonIn(response.clone())
    const moment = serverMoment(response.headers, this.#network.clock)
    return { ...(await judge(response, body, this.#server, client, moment)), tokens: tokensIn(body) }
  }
}

async function judge(
  response: Response,
  body: unknown,
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  moment: ServerMoment | undefined,
): Promise<Judged> {
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
  if (status !== 200) {
    // Tokens under a wrong status are as good as others: their answer must not be lost for it.
    const kept = withoutPair(body, `its status is ${status}`)
    return kept.kind === 'refresh-token-only'
      ? kept
      : { kind: 'unusable', status, waitMs: retryAfterMs(headers) }
  }

  let answer: oauth.TokenEndpointResponse
  try {
    answer = await oauth.processRefreshTokenResponse(server, client, response)
  } catch (error) {
    // The library's error holds the whole answer, tokens and all: it ends here.
    return withoutPair(body, problemIn(error))
  }
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer
  if (!isToken(refreshToken)) return withoutPair(body, 'it has no valid "refresh_token"')
  if (!isToken(accessToken)) return withoutPair(body, 'its "access_token" has characters that no token has')
  if (expiresIn === undefined || !(expiresIn > 0 && expiresIn <= longestExpirySeconds)) {
    return withoutPair(body, 'it has no valid "expires_in"')
  }
  return { kind: 'pair', pair: { accessToken, refreshToken, expiresIn, moment } }
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

/** 1*VSCHAR (RFC 6749, appendix A.17) but for the space, with which a token would not come back from the inputs. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function withoutPair(
  body: unknown,
  problem: string,
): Extract<Judged, { kind: 'refresh-token-only' | 'no-pair' }> {
  const refreshToken = isRecord(body) ? body['refresh_token'] : undefined
  return isToken(refreshToken)
    ? { kind: 'refresh-token-only', refreshToken, problem }
    : { kind: 'no-pair', problem }
}

/** What is wrong with a 200, in words of our own. */
function problemIn(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === oauth.RESPONSE_IS_NOT_JSON || code === oauth.PARSE_ERROR) return 'it is not JSON'
  if (code === oauth.UNSUPPORTED_OPERATION) return 'its "token_type" is not "bearer"'
  const field =
    error instanceof Error ? /"(access_token|token_type|expires_in|refresh_token)"/.exec(error.message) : null
  return field ? `it has no valid "${field[1]}"` : 'its fields are not those of a token pair'
}
