/** Box's API for the user that an access token belongs to. */
import { isRecord } from '../json.ts'
import {
  boundedFetch,
  retryAfterMs,
  TransportError,
  userAgent,
  type Network,
  type TimeLimit,
} from '../http/exchange.ts'

const maxBytes = 256 * 1024

/** Who a token belongs to. */
export interface BoxUser {
  readonly id: string
  readonly name: string
  readonly login: string
}

/** The result of one request for the user. */
export type UserAnswer =
  | { readonly kind: 'user'; readonly user: BoxUser }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly message: string }
  | { readonly kind: 'passing'; readonly problem: string; readonly waitMs: number | undefined }
  | { readonly kind: 'no-answer'; readonly error: TransportError }

/**
 * Asks once who an access token belongs to (`GET /2.0/users/me`, Box API reference, "Get current user").
 *
 * Rule 2: this uses the token. Under some readings of Box's rules, that invalidates the previous pair.
 *
 * @param boxApiUrl root of Box's API without a final slash
 */
export async function currentUser(
  network: Network,
  boxApiUrl: string,
  accessToken: string,
  limit: TimeLimit,
): Promise<UserAnswer> {
  let response: Response
  try {
    response = await boundedFetch(network, { timeoutMs: limit.timeoutMs, signal: limit.signal, maxBytes })(
      `${boxApiUrl}/2.0/users/me?fields=id,name,login`,
      {
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${accessToken}`,
          'user-agent': userAgent,
        },
      },
    )
  } catch (error) {
    if (error instanceof TransportError) return { kind: 'no-answer', error }
    throw error
  }
  let data: unknown
  try {
    data = await response.json()
  } catch {
    data = undefined
  }
  const { status } = response
  if (status === 401 || status === 403) {
    const message = isRecord(data) ? (data['message'] ?? data['error_description']) : undefined
    return { kind: 'refused', status, message: typeof message === 'string' ? message : '' }
  }
  if (status === 200 && isRecord(data)) {
    const { id, name, login } = data
    if (typeof id === 'string' && typeof name === 'string' && typeof login === 'string') {
      return { kind: 'user', user: { id, name, login } }
    }
  }
  const problem = status === 200 ? 'its answer (200) is not a user' : `status ${status}`
  return { kind: 'passing', problem, waitMs: retryAfterMs(response.headers) }
}
