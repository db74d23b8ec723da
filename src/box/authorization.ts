/**
 * Box's authorization endpoint (`GET /api/oauth2/authorize` of its account host): the address that a person logs in at,
 * and what comes back from there (RFC 6749, section 4.1).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a log-in is asked for with. */
export interface AuthorizationRequest {
  /** Root of Box's account host without a final slash. */
  readonly accountUrl: string
  readonly clientId: string
  /** Exactly as it is registered for the app. */
  readonly redirectUri: string
  /** From `newState`. */
  readonly state: string
}

/** What came back to the redirect URI. */
export type AuthorizationResponse =
  | { readonly kind: 'code'; readonly code: string }
  /** The person, or Box, said no (RFC 6749, section 4.1.2.1). The texts are still to be scrubbed before printing. */
  | { readonly kind: 'refused'; readonly error: string; readonly description: string }
  /** Its state is missing or another one, so it is not the answer to this request, whatever it says. */
  | { readonly kind: 'forged' }
  /** The right state, and neither a code nor an error. */
  | { readonly kind: 'incomplete' }

/** A state that nobody can guess: 256 bits. Box documents no PKCE, so this is what ties an answer to its request. */
export function newState(): string {
  return randomBytes(32).toString('base64url')
}

/** The address that a person logs in at. */
export function authorizationUrl({ accountUrl, clientId, redirectUri, state }: AuthorizationRequest): string {
  const url = new URL(`${accountUrl}/api/oauth2/authorize`)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
  }).toString()
  return url.href
}

/**
 * Reads the query of an address that a browser was sent back to.
 *
 * @param state of the request that it should answer
 */
export function readAuthorizationResponse(query: URLSearchParams, state: string): AuthorizationResponse {
  const once = (name: string): string | undefined => {
    const values = query.getAll(name)
    // RFC 6749, section 3.1: no parameter twice.
    return values.length === 1 && values[0] !== '' ? values[0] : undefined
  }
  if (!isSame(once('state') ?? '', state)) return { kind: 'forged' }
  const error = once('error')
  if (error !== undefined) return { kind: 'refused', error, description: once('error_description') ?? '' }
  const code = once('code')
  // 1*VSCHAR (RFC 6749, appendix A.11).
  return code !== undefined && /^[\x20-\x7e]+$/.test(code) ? { kind: 'code', code } : { kind: 'incomplete' }
}

/** Compares in a time that does not tell where two texts differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
