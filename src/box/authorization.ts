/**
 * Box's authorization endpoint (`GET /api/oauth2/authorize` of its account host): the address at which a person signs in,
 * and the answer (RFC 6749, section 4.1).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The parameters of a sign-in. */
export interface AuthorizationRequest {
  /** Root of Box's account host without a final slash. */
  readonly accountUrl: string
  readonly clientId: string
  /** Exactly as registered for the app. */
  readonly redirectUri: string
  /** From `newState`. */
  readonly state: string
}

/** What came back to the redirect URI. */
export type AuthorizationResponse =
  | { readonly kind: 'code'; readonly code: string }
  /** The person or Box refused (RFC 6749, section 4.1.2.1). Remove secrets from the texts before printing them. */
  | { readonly kind: 'refused'; readonly error: string; readonly description: string }
  /** Its state is missing or wrong, so it does not answer this request, whatever it says. */
  | { readonly kind: 'forged' }
  /** The right state, but neither a code nor an error. */
  | { readonly kind: 'incomplete' }

/** A state that nobody can guess: 256 bits. Box documents no PKCE, so only this ties an answer to its request. */
export function newState(): string {
  return randomBytes(32).toString('base64url')
}

/** The address at which a person signs in. */
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
 * Reads the query of the address to which Box sent the browser back.
 *
 * @param state the state of the request that it should answer
 */
export function readAuthorizationResponse(query: URLSearchParams, state: string): AuthorizationResponse {
  const once = (name: string): string | undefined => {
    const values = query.getAll(name)
    // RFC 6749, section 3.1: no parameter may occur twice.
    return values.length === 1 && values[0] !== '' ? values[0] : undefined
  }
  const returned = once('state')
  if (returned === undefined || !isSame(returned, state)) return { kind: 'forged' }
  const error = once('error')
  if (error !== undefined) return { kind: 'refused', error, description: once('error_description') ?? '' }
  const code = once('code')
  // 1*VSCHAR (RFC 6749, appendix A.11).
  return code !== undefined && /^[\x20-\x7e]+$/.test(code) ? { kind: 'code', code } : { kind: 'incomplete' }
}

/** Compares two texts, in a time that doesn't reveal where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
