/**
 * A model of Box: token pairs under each reading of its rules, expiry, and its real error bodies.
 *
 * Box's documentation leaves open what happens to a used refresh token, so the model has four readings:
 *
 * - `grace`: the old pair lives until the new access token is first used; a replay returns the same new pair again
 * - `strict`: the old pair dies at once
 * - `siblings`: a replay returns another new pair; the first use of one kills its siblings and the old pair
 * - `family`: strict, and a replay of a dead refresh token kills every token that came from the same sign-in
 */
import { iso, type Model, type ModelReply, type ModelRequest, type ServerClock } from './exchange.ts'

export const readings = ['grace', 'strict', 'siblings', 'family'] as const
/** A reading of Box's rules. */
export type Reading = (typeof readings)[number]

/** A pair that was issued. */
export interface IssuedPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Which sign-in it came from. */
  readonly grant: number
  /** How many refreshes after that sign-in. */
  readonly generation: number
  readonly accessExpiresAt: number
  readonly refreshExpiresAt: number
  readonly parent: IssuedPair | undefined
  /** Its refresh token was exchanged for a new pair. */
  spent: boolean
  /** Its access or refresh token was used. */
  used: boolean
  dead: boolean
}

/** A token that was narrowed by token exchange. */
export interface NarrowedToken {
  readonly accessToken: string
  readonly of: IssuedPair
  readonly scope: string
  readonly resource: string | null
  readonly sharedLink: string | null
  readonly expiresAt: number
}

/** The scopes of Box's token exchange, as its API description lists them. */
const knownScopes = new Set(
  'annotation_edit annotation_view_all annotation_view_self base_explorer base_picker base_preview base_upload item_delete item_download item_preview item_rename item_share item_upload item_read'.split(
    ' ',
  ),
)

/** The options of a model of Box. */
export interface BoxOptions {
  readonly clock: ServerClock
  readonly reading: Reading
  /** Random numbers for the tokens, injected so that a simulation can be replayed. */
  readonly random?: () => number
  /** How long an access token is valid, in seconds. */
  readonly expiresIn?: number
}

/** An authorization code: the result of a person's consent. */
export interface AuthorizationCode {
  readonly code: string
  /** The one in the authorization request. */
  readonly redirectUri: string
  readonly expiresAt: number
  used: boolean
}

const codeLifeMs = 30_000
const sixtyDaysMs = 60 * 24 * 3600 * 1000
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** One app and its user at Box. */
export class Box implements Model {
  readonly clientId = 'sandboxclient0123456789abcdefghij'
  readonly clientSecret: string
  readonly user = { id: '11446498', type: 'user', name: 'Aaron Levie', login: 'ceo@example.com' }
  readonly reading: Reading
  readonly pairs: IssuedPair[] = []
  readonly narrowed: NarrowedToken[] = []
  readonly codes: AuthorizationCode[] = []
  /** As registered for the app in the Developer Console. */
  readonly redirectUris = new Set(['http://localhost:3000/callback'])
  /** Settings that a test may change at any time. */
  passwordResetRequired = false
  appDisabled = false
  mayReadUser = true
  /** How often `revoke` was called; the action must never do that. */
  revocations = 0
  readonly #clock: ServerClock
  readonly #random: () => number
  readonly #expiresIn: number
  #grants = 0

  constructor({ clock, reading, random = Math.random, expiresIn = 4175 }: BoxOptions) {
    this.#clock = clock
    this.reading = reading
    this.#random = random
    this.#expiresIn = expiresIn
    this.clientSecret = this.#text(32)
  }

  /** A person signs in: a new pair, independent of all others. */
  logIn(): IssuedPair {
    this.#grants += 1
    return this.#issue(undefined, this.#grants)
  }

  /** Whether a refresh token would be accepted now. Asking changes nothing. */
  takes(refreshToken: string): boolean {
    const pair = this.pairs.find((one) => one.refreshToken === refreshToken)
    return pair !== undefined && this.#refreshable(pair)
  }

  /** Whether an access token would be accepted now. Asking changes nothing. */
  accepts(accessToken: string): boolean {
    const pair = this.pairs.find((one) => one.accessToken === accessToken)
    if (pair) return !pair.dead && this.#clock.now() < pair.accessExpiresAt
    const narrowed = this.narrowed.find((one) => one.accessToken === accessToken)
    return narrowed !== undefined && !narrowed.of.dead && this.#clock.now() < narrowed.expiresAt
  }

  /** Revokes everything that came from the user's sign-ins, as in the Admin Console. */
  revokeAll(): void {
    for (const pair of this.pairs) pair.dead = true
  }

  label({ method, target }: ModelRequest): string {
    const path = target.split('?')[0] ?? ''
    if (path === '/oauth2/token') return 'token'
    if (path === '/api/oauth2/authorize') return method === 'POST' ? 'decision' : 'authorize'
    if (path === '/2.0/users/me') return 'user'
    return path === '/oauth2/revoke' ? 'revoke' : 'unknown'
  }

  handle(request: ModelRequest): ModelReply {
    switch (`${request.method} ${this.label(request)}`) {
      case 'GET authorize':
        return this.#askForConsent(new URL(request.target, 'https://account.box.com').searchParams)
      case 'POST decision':
        return this.#decide(new URLSearchParams(request.body))
      case 'POST token':
        return this.#token(request)
      case 'GET user':
        return this.#currentUser(request)
      case 'POST revoke':
        this.revocations += 1
        return { status: 200 }
      default:
        return {
          status: 404,
          body: '<html><body>Not found</body></html>',
          headers: { 'content-type': 'text/html' },
        }
    }
  }

  /** The page that asks a person who is already signed in. */
  #askForConsent(query: URLSearchParams): ModelReply {
    const clientId = query.get('client_id')
    const redirectUri = query.get('redirect_uri') ?? ''
    if (clientId !== this.clientId) return consentPage('Error: invalid_client_id')
    // An exact match. Box shows this error itself, because it cannot trust the address.
    if (!this.redirectUris.has(redirectUri)) return consentPage('Error: redirect_uri_mismatch')
    if (query.get('response_type') !== 'code') return consentPage('Error: unsupported_response_type')
    const fields = [...query].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    return consentPage(
      'nightly wants to access your Box',
      `<form method="post" action="/api/oauth2/authorize">${fields.join('')}
<button name="decision" value="grant">Grant access to Box</button>
<button name="decision" value="deny">Deny access to Box</button></form>`,
    )
  }

  /** A person has pressed a button: back to the app, with a code or an error. */
  #decide(form: URLSearchParams): ModelReply {
    const redirectUri = form.get('redirect_uri') ?? ''
    if (!this.redirectUris.has(redirectUri)) return consentPage('Error: redirect_uri_mismatch')
    const address = new URL(redirectUri)
    if (form.get('decision') === 'grant') {
      const code = {
        code: this.#text(32),
        redirectUri,
        expiresAt: this.#clock.now() + codeLifeMs,
        used: false,
      }
      this.codes.push(code)
      address.searchParams.set('code', code.code)
    } else {
      address.searchParams.set('error', 'access_denied')
      address.searchParams.set('error_description', 'The user denied access to your application')
    }
    address.searchParams.set('state', form.get('state') ?? '')
    return { status: 302, headers: { location: address.href } }
  }

  #redeem(form: URLSearchParams): ModelReply {
    const code = this.codes.find((one) => one.code === form.get('code'))
    if (!code || code.used) return oauthError('invalid_grant', 'The authorization code is invalid')
    if (code.redirectUri !== form.get('redirect_uri')) {
      return oauthError('redirect_uri_mismatch', 'The redirect_uri does not match')
    }
    if (this.#clock.now() >= code.expiresAt) {
      return oauthError('invalid_grant', 'The authorization code has expired')
    }
    code.used = true
    return this.#pairReply(this.logIn())
  }

  #token(request: ModelRequest): ModelReply {
    if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) {
      return oauthError('invalid_request', 'The grant type is invalid or missing')
    }
    const form = new URLSearchParams(request.body)
    // Credentials only count in the body; Basic authentication is answered like wrong credentials.
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret) {
      return oauthError('invalid_client', 'The client credentials are invalid')
    }
    if (this.appDisabled) {
      return oauthError('unauthorized_client', 'The grant type is unauthorized for this client_id')
    }
    if (form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange')
      return this.#exchange(form)
    if (form.get('grant_type') === 'authorization_code') return this.#redeem(form)
    if (form.get('grant_type') !== 'refresh_token') {
      return oauthError('unsupported_grant_type', 'The grant type is invalid or missing')
    }
    const refreshToken = form.get('refresh_token')
    if (!refreshToken) return oauthError('invalid_request', 'No "refresh_token" parameter found')
    if (this.passwordResetRequired)
      return oauthError('password_reset_required', 'User needs to reset password')
    return this.#refresh(refreshToken)
  }

  /** Downscoping: a narrowed token for a full one. It counts as a use of the full one. */
  #exchange(form: URLSearchParams): ModelReply {
    const pair = this.pairs.find((one) => one.accessToken === form.get('subject_token'))
    if (
      form.get('subject_token_type') !== 'urn:ietf:params:oauth:token-type:access_token' ||
      !pair ||
      !this.accepts(pair.accessToken)
    ) {
      return oauthError('invalid_grant', 'Invalid subject token')
    }
    const scopes = (form.get('scope') ?? '').split(' ')
    if (!scopes.every((scope) => knownScopes.has(scope))) {
      return oauthError('invalid_scope', 'Requested scopes are invalid')
    }
    const resource = form.get('resource')
    const id = resource === null ? undefined : /\/2\.0\/(?:files|folders)\/(\d+)$/.exec(resource)?.[1]
    if (resource !== null && !id) return oauthError('invalid_resource', 'The requested resource is invalid')
    this.#use(pair)
    const token = {
      accessToken: this.#text(48),
      of: pair,
      scope: scopes.join(' '),
      resource,
      sharedLink: form.get('box_shared_link'),
      expiresAt: this.#clock.now() + 3_600_000,
    }
    this.narrowed.push(token)
    return {
      status: 200,
      body: {
        access_token: token.accessToken,
        expires_in: 3600,
        token_type: 'bearer',
        restricted_to: scopes.map((scope) => ({
          scope,
          ...(id ? { object: { type: 'folder', id, etag: '0', sequence_id: '0', name: 'Contracts' } } : {}),
        })),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
    }
  }

  #refresh(refreshToken: string): ModelReply {
    const pair = this.pairs.find((one) => one.refreshToken === refreshToken)
    if (!pair) return oauthError('invalid_grant', 'Invalid refresh token')
    if (!this.#refreshable(pair)) {
      if (this.reading === 'family' && pair.spent) this.#killGrant(pair.grant)
      return oauthError('invalid_grant', pair.spent ? 'Invalid refresh token' : 'Refresh token has expired')
    }
    // Refreshing with a token uses it, which ends its siblings and its parent.
    this.#use(pair)
    const replay = pair.spent
    pair.spent = true
    if (this.reading === 'strict' || this.reading === 'family') {
      pair.dead = true
    } else if (this.reading === 'grace' && replay) {
      const child = this.pairs.find((one) => one.parent === pair)
      if (child) return this.#pairReply(child)
    }
    return this.#pairReply(this.#issue(pair, pair.grant))
  }

  #currentUser(request: ModelRequest): ModelReply {
    const accessToken = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? ''
    const pair = this.pairs.find((one) => one.accessToken === accessToken)
    if (!pair || !this.accepts(accessToken)) {
      return {
        status: 401,
        headers: {
          'www-authenticate':
            'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."',
        },
      }
    }
    this.#use(pair)
    if (!this.mayReadUser) {
      const message = 'The request requires higher privileges than provided by the access token.'
      const body = {
        type: 'error',
        status: 403,
        code: 'insufficient_scope',
        message,
        request_id: 'abcdef123456',
      }
      return { status: 403, body }
    }
    return { status: 200, body: { ...this.user, created_at: iso(this.#clock.now()) } }
  }

  #refreshable(pair: IssuedPair): boolean {
    return !pair.dead && this.#clock.now() < pair.refreshExpiresAt
  }

  /** The first use of a pair ends what it replaces, and the other answers to the same refresh token. */
  #use(pair: IssuedPair): void {
    if (pair.used) return
    pair.used = true
    if (!pair.parent) return
    pair.parent.dead = true
    for (const sibling of this.pairs) {
      if (sibling !== pair && sibling.parent === pair.parent) sibling.dead = true
    }
  }

  #killGrant(grant: number): void {
    for (const pair of this.pairs) if (pair.grant === grant) pair.dead = true
  }

  #issue(parent: IssuedPair | undefined, grant: number): IssuedPair {
    const now = this.#clock.now()
    const pair: IssuedPair = {
      // Lengths vary, as Box's do.
      accessToken: this.#text(32),
      refreshToken: this.#text(64),
      grant,
      generation: parent ? parent.generation + 1 : 0,
      accessExpiresAt: now + this.#expiresIn * 1000,
      refreshExpiresAt: now + sixtyDaysMs,
      parent,
      spent: false,
      used: parent === undefined,
      dead: false,
    }
    this.pairs.push(pair)
    return pair
  }

  #pairReply(pair: IssuedPair): ModelReply {
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        access_token: pair.accessToken,
        expires_in: Math.max(0, Math.round((pair.accessExpiresAt - this.#clock.now()) / 1000)),
        restricted_to: [],
        refresh_token: pair.refreshToken,
        token_type: 'bearer',
      },
    }
  }

  #text(length: number): string {
    let text = ''
    while (text.length < length) text += alphabet[Math.floor(this.#random() * alphabet.length)] ?? ''
    return text
  }
}

/** A page of Box's account host. */
function consentPage(title: string, body = ''): ModelReply {
  return {
    status: title.startsWith('Error') ? 400 : 200,
    body: `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }
}

/** An error of the token endpoint, as Box words it (status 400). */
export function oauthError(error: string, description: string): ModelReply {
  return { status: 400, body: { error, error_description: description } }
}
