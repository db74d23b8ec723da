/**
 * A model of GitHub Apps: the page that creates one from a manifest, the exchange of its code, the page that installs
 * it, and what an App may request with its own JSON Web Token. Keys are real, and every token is really verified.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import type { Endpoints } from '@octokit/types'
import { iso, type ModelReply, type ModelRequest, type ServerClock } from './exchange.ts'
import type { Permission, TokenGrant } from './github.ts'

type AppReply = NonNullable<Endpoints['GET /app']['response']['data']>
type Conversion = Endpoints['POST /app-manifests/{code}/conversions']['response']['data']
type InstallationOwner = Extract<AppReply['owner'], { readonly login: string }>
type InstallationReply = Endpoints['GET /repos/{owner}/{repo}/installation']['response']['data']
type AccessToken = Endpoints['POST /app/installations/{installation_id}/access_tokens']['response']['data']

/** What an App may do, by the names of permissions in manifests. */
export type AppPermissions = Readonly<Record<string, 'read' | 'write'>>

/** The manifest of an App to be created. */
export interface Manifest {
  readonly name?: string
  readonly url?: string
  readonly redirect_url?: string
  readonly public?: boolean
  readonly default_permissions?: AppPermissions
  readonly default_events?: readonly string[]
  readonly hook_attributes?: unknown
}

/** The installation of an App in one account. */
export interface Installation {
  readonly id: number
  permissions: AppPermissions
  /** `all`, or repositories as `owner/name` in lower case. */
  repositories: 'all' | readonly string[]
  suspended: boolean
}

/** An App that was created. */
export interface ModelApp {
  readonly id: number
  readonly clientId: string
  readonly slug: string
  readonly name: string
  /** The account that owns it. */
  readonly owner: string
  readonly manifest: Manifest
  permissions: AppPermissions
  /** PEM, PKCS#1, as GitHub issues them. */
  readonly privateKey: string
  readonly clientSecret: string
  installation: Installation | undefined
}

/** What the Apps need to know about the rest of GitHub. */
export interface AppsWorld {
  readonly clock: ServerClock
  /** Whether an account is an organization. */
  readonly isOrganization: (login: string) => boolean
  /** Every token that is issued ends up here. */
  readonly tokens: Map<string, TokenGrant>
  /** Whether a repository (`owner/name`) exists. */
  readonly hasRepository: (name: string) => boolean
}

/** GitHub's names for permissions, where the model's are different. */
const permissionNames: Readonly<Record<string, Permission>> = {
  actions_variables: 'variables',
  organization_actions_variables: 'organization_variables',
}
const knownPermissions = new Set([
  'actions',
  'actions_variables',
  'administration',
  'contents',
  'dependabot_secrets',
  'environments',
  'metadata',
  'organization_actions_variables',
  'organization_administration',
  'organization_secrets',
  'secrets',
])
/** How long the code of a manifest and an installation token are valid. */
const hourMs = 3_600_000
const longestJwtSeconds = 600
const setUp = '2026-01-05T08:00:00Z'

/** All Apps. */
export class Apps {
  readonly made: ModelApp[] = []
  /** The account that is signed in to the browser. */
  signedIn = 'octocat'
  /** Organizations that don't let members register Apps. */
  readonly forbidding = new Set<string>()
  /** Tokens that were issued, and to which App. */
  readonly issued = new Map<string, ModelApp>()
  readonly #world: AppsWorld
  readonly #codes = new Map<string, { readonly app: ModelApp; readonly madeAt: number }>()

  constructor(world: AppsWorld) {
    this.#world = world
  }

  /** A short name for a request that is about Apps; `undefined` if it is not. */
  label({ method, target }: ModelRequest): string | undefined {
    const path = pathOf(target)
    if (/^\/(?:organizations\/[^/]+\/)?settings\/apps\/new$/.test(path)) return 'app form'
    if (/^\/(?:organizations\/[^/]+\/)?settings\/apps\/manifests$/.test(path)) return 'app creation'
    if (/^\/app-manifests\/[^/]+\/conversions$/.test(path)) return 'app conversion'
    if (/^\/(?:github-)?apps\/[^/]+\/installations\/new$/.test(path)) {
      return method === 'POST' ? 'app install' : 'app install page'
    }
    if (path === '/app') return 'app'
    if (/^\/(?:repos\/[^/]+|orgs)\/[^/]+\/installation$/.test(path)) return 'app installation'
    if (/^\/orgs\/[^/]+\/installations$/.test(path)) return 'app installations'
    if (/^\/app\/installations\/\d+\/access_tokens$/.test(path)) return 'app token'
    return path === '/installation/token' ? 'app token end' : undefined
  }

  /** The answer to a request that is about Apps; `undefined` if it is not. */
  answer(request: ModelRequest, grant: TokenGrant | undefined): ModelReply | undefined {
    const parts = pathOf(request.target)
      .split('/')
      .map((part) => decodeURIComponent(part))
    switch (this.label(request)) {
      case 'app form':
        return this.#form(request, parts[1] === 'organizations' ? (parts[2] ?? '') : this.signedIn)
      case 'app creation':
        return this.#create(request, parts[1] === 'organizations' ? (parts[2] ?? '') : this.signedIn)
      case 'app conversion':
        return this.#convert(request, parts[2] ?? '')
      case 'app install page':
        return this.#installPage(parts[2] ?? '')
      case 'app install':
        return this.#installFromPage(request, parts[2] ?? '')
      case 'app':
        return this.#asApp(request, (app) => ({ status: 200, body: appBody(app, this.#world) }))
      case 'app installation':
        return this.#asApp(request, (app) =>
          this.#installationOf(app, parts[1] === 'orgs' ? (parts[2] ?? '') : `${parts[2]}/${parts[3]}`),
        )
      case 'app installations':
        return this.#installationsOf(parts[2] ?? '', grant)
      case 'app token':
        return this.#asApp(request, (app) => this.#accessToken(request, app, Number(parts[3])))
      case 'app token end':
        return this.#endToken(request)
      case undefined:
      default:
        return undefined
    }
  }

  /** An App that somebody created by hand, not installed anywhere. */
  add(owner: string, permissions: AppPermissions, name = 'By hand'): ModelApp {
    return this.#make(owner, { name, default_permissions: permissions })
  }

  /** The owner of an account installs one of its Apps, with everything that it asks for. */
  install(app: ModelApp, repositories: 'all' | readonly string[]): Installation {
    const chosen = repositories === 'all' ? 'all' : repositories.map((name) => name.toLowerCase())
    const { permissions } = app
    const installation: Installation = {
      id: app.id + 50_000_000,
      permissions,
      repositories: chosen,
      suspended: false,
    }
    app.installation = installation
    return installation
  }

  /** Issues an installation token, like those that `actions/create-github-app-token` gets. */
  issue(app: ModelApp, permissions: AppPermissions): string {
    const token = `ghs_${randomBytes(27).toString('base64url').replaceAll(/[_-]/g, 'x')}`
    const own = Object.entries(permissions).map(([name, level]) => [permissionNames[name] ?? name, level])
    this.#world.tokens.set(token, {
      kind: 'app',
      permissions: Object.fromEntries(own) as TokenGrant['permissions'],
      expiresAt: this.#world.clock.now() + hourMs,
      hidesEnd: true,
    })
    this.issued.set(token, app)
    return token
  }

  /** The page that shows what is requested, and asks for a name. */
  #form(request: ModelRequest, owner: string): ModelReply {
    if (request.method !== 'POST') return page(404, 'Not found')
    if (this.forbidding.has(owner.toLowerCase())) {
      return page(403, 'You do not have permission to register GitHub Apps for this organization')
    }
    const manifest = new URLSearchParams(request.body).get('manifest') ?? ''
    const faults = faultsOf(manifest)
    if (faults.length > 0) return page(422, `The manifest is not valid: ${faults.join(', ')}`)
    const { name = '' } = JSON.parse(manifest) as Manifest
    const state = new URL(request.target, 'https://github.com').searchParams.get('state') ?? ''
    const at = this.#world.isOrganization(owner) ? `/organizations/${owner}` : ''
    return page(
      200,
      'Create GitHub App',
      `<form method="post" action="${at}/settings/apps/manifests">
<input name="name" value="${escaped(name)}">
<input type="hidden" name="manifest" value="${escaped(manifest)}">
<input type="hidden" name="state" value="${escaped(state)}">
<button>Create GitHub App for ${escaped(owner)}</button></form>`,
    )
  }

  #create(request: ModelRequest, owner: string): ModelReply {
    const form = new URLSearchParams(request.body)
    const manifest = JSON.parse(form.get('manifest') ?? '{}') as Manifest
    const app = this.#make(owner, { ...manifest, name: form.get('name') ?? manifest.name ?? '' })
    const code = randomBytes(20).toString('hex')
    this.#codes.set(code, { app, madeAt: this.#world.clock.now() })
    const address = new URL(manifest.redirect_url ?? '')
    address.searchParams.set('code', code)
    const state = form.get('state') ?? ''
    if (state !== '') address.searchParams.set('state', state)
    return { status: 302, headers: { location: address.href } }
  }

  #make(owner: string, manifest: Manifest): ModelApp {
    const id = 1_200_000 + this.made.length
    const app: ModelApp = {
      id,
      clientId: `Iv23li${randomBytes(10).toString('hex').slice(0, 14)}`,
      slug: (manifest.name ?? '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-|-$/g, ''),
      name: manifest.name ?? '',
      owner,
      manifest,
      permissions: manifest.default_permissions ?? {},
      privateKey: newKey(),
      clientSecret: randomBytes(20).toString('hex'),
      installation: undefined,
    }
    this.made.push(app)
    return app
  }

  #convert({ method }: ModelRequest, code: string): ModelReply {
    const found = this.#codes.get(code)
    if (method !== 'POST' || !found || this.#world.clock.now() - found.madeAt > hourMs) return notFound
    // It works once.
    this.#codes.delete(code)
    const { app } = found
    const body: Conversion = {
      ...appBody(app, this.#world),
      client_id: app.clientId,
      client_secret: app.clientSecret,
      webhook_secret: null,
      pem: app.privateKey,
    }
    return { status: 201, body }
  }

  #installPage(slug: string): ModelReply {
    const app = this.made.find((one) => one.slug === slug)
    if (!app) return page(404, 'Not found')
    return page(
      200,
      `Install ${app.name}`,
      `<form method="post"><label>Only select repositories <input name="repository" placeholder="owner/name"></label>
<button>Install</button></form>`,
    )
  }

  #installFromPage(request: ModelRequest, slug: string): ModelReply {
    const app = this.made.find((one) => one.slug === slug)
    const repository = new URLSearchParams(request.body).get('repository') ?? ''
    if (!app) return page(404, 'Not found')
    const ofOwner = repository.toLowerCase().startsWith(`${app.owner.toLowerCase()}/`)
    if (!ofOwner || !this.#world.hasRepository(repository)) return page(422, 'Choose a repository')
    this.install(app, [repository])
    return page(200, `${app.name} was installed`)
  }

  /** Needs a token signed with the App's own key: RS256, for ten minutes at most (GitHub Docs, "Generating a JWT"). */
  #asApp(request: ModelRequest, answer: (app: ModelApp) => ModelReply): ModelReply {
    const jwt = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? ''
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const head = jsonIn(header)
    const claims = jsonIn(payload)
    if (head?.['alg'] !== 'RS256' || !claims) {
      return unauthorized('A JSON web token could not be decoded')
    }
    const app = this.made.find(({ id, clientId }) => [String(id), clientId].includes(String(claims['iss'])))
    if (!app) return unauthorized('Integration not found')
    const publicKey = createPublicKey(app.privateKey)
    if (
      !verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))
    ) {
      return unauthorized('A JSON web token could not be decoded')
    }
    const now = Math.floor(this.#world.clock.now() / 1000)
    const { iat, exp } = claims
    if (typeof iat !== 'number' || iat > now) {
      return unauthorized(
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      )
    }
    if (typeof exp !== 'number' || exp <= now || exp - now > longestJwtSeconds) {
      return unauthorized("'Expiration time' claim ('exp') is too far in the future")
    }
    return answer(app)
  }

  /** For a repository or an organization: the App finds itself only where it is installed. */
  #installationOf(app: ModelApp, where: string): ModelReply {
    const { installation } = app
    const reaches =
      installation !== undefined &&
      (where.split('/')[0] ?? '').toLowerCase() === app.owner.toLowerCase() &&
      (!where.includes('/') ||
        installation.repositories === 'all' ||
        installation.repositories.includes(where.toLowerCase()))
    return reaches ? { status: 200, body: installationBody(app, installation, this.#world) } : notFound
  }

  /** For an owner of the organization: every App that is installed there. */
  #installationsOf(organization: string, grant: TokenGrant | undefined): ModelReply {
    if (!grant) return unauthorized('Requires authentication')
    if (grant.permissions.organization_administration === undefined) {
      const message = 'Resource not accessible by personal access token'
      return { status: 403, body: { message, documentation_url: documentation, status: '403' } }
    }
    const installations = this.made
      .filter(({ owner }) => owner.toLowerCase() === organization.toLowerCase())
      .flatMap((app) => (app.installation ? [installationBody(app, app.installation, this.#world)] : []))
    return { status: 200, body: { total_count: installations.length, installations } }
  }

  #accessToken(request: ModelRequest, app: ModelApp, id: number): ModelReply {
    const { installation } = app
    if (installation?.id !== id) return notFound
    if (installation.suspended) {
      return { status: 403, body: { message: 'This installation has been suspended', status: '403' } }
    }
    const asked = (request.body === '' ? {} : JSON.parse(request.body)) as { permissions?: AppPermissions }
    const given = asked.permissions ?? installation.permissions
    const missing = Object.entries(given).some(
      ([name, level]) => ![level, 'write'].includes(installation.permissions[name] ?? ''),
    )
    if (missing) {
      const message = 'The permissions requested are not granted to this installation.'
      return { status: 422, body: { message, status: '422' } }
    }
    const body: AccessToken = {
      token: this.issue(app, given),
      expires_at: iso(this.#world.clock.now() + hourMs),
      permissions: given,
      repository_selection: installation.repositories === 'all' ? 'all' : 'selected',
    }
    return { status: 201, body }
  }

  /** What `actions/create-github-app-token` does when its job ends. */
  #endToken(request: ModelRequest): ModelReply {
    const token = /^(?:Bearer|token) (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? ''
    return this.#world.tokens.delete(token) ? { status: 204 } : unauthorized('Bad credentials')
  }
}

const documentation = 'https://docs.github.com/rest'
const notFound: ModelReply = {
  status: 404,
  body: { message: 'Not Found', documentation_url: documentation, status: '404' },
}

function unauthorized(message: string): ModelReply {
  return { status: 401, body: { message, documentation_url: documentation, status: '401' } }
}

/** Pages are outside the API's base path, if the server has one. */
function pathOf(target: string): string {
  return (target.split('?')[0] ?? '').replace(
    /^\/outside(?=\/(?:settings|organizations|apps|github-apps)\/)/,
    '',
  )
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  return privateKey
}

/** What GitHub would reject in a manifest. */
function faultsOf(text: string): string[] {
  let manifest: Manifest
  try {
    manifest = JSON.parse(text) as Manifest
  } catch {
    return ['it is not JSON']
  }
  const {
    url,
    redirect_url: back,
    name = '',
    hook_attributes: hook,
    default_permissions: asked = {},
  } = manifest
  return [
    ...(url !== undefined && URL.canParse(url) ? [] : ['url']),
    ...(back !== undefined && URL.canParse(back) ? [] : ['redirect_url']),
    ...(name.length > 0 && name.length <= 34 ? [] : ['name']),
    ...(hook === undefined || typeof (hook as { url?: unknown }).url === 'string' ? [] : ['hook_attributes']),
    ...Object.entries(asked)
      .filter(
        ([permission, level]) => !knownPermissions.has(permission) || !['read', 'write'].includes(level),
      )
      .map(([permission]) => `permission ${permission}`),
  ]
}

function ownerBody(login: string, { isOrganization }: AppsWorld): InstallationOwner {
  const api = `https://api.github.com/users/${login}`
  return {
    login,
    id: 583_231,
    node_id: 'MDQ6VXNlcjU4MzIzMQ==',
    avatar_url: 'https://avatars.githubusercontent.com/u/583231',
    gravatar_id: '',
    url: api,
    html_url: `https://github.com/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: isOrganization(login) ? 'Organization' : 'User',
    site_admin: false,
  }
}

function appBody(app: ModelApp, world: AppsWorld): AppReply {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: 'MDExOkludGVncmF0aW9uMQ==',
    owner: ownerBody(app.owner, world),
    name: app.name,
    description: '',
    external_url: app.manifest.url ?? '',
    html_url: `https://github.com/apps/${app.slug}`,
    created_at: setUp,
    updated_at: setUp,
    permissions: { ...app.permissions },
    events: [],
  }
}

function installationBody(app: ModelApp, installation: Installation, world: AppsWorld): InstallationReply {
  const { id, repositories, permissions, suspended } = installation
  const api = `https://api.github.com/app/installations/${id}`
  return {
    id,
    account: ownerBody(app.owner, world),
    repository_selection: repositories === 'all' ? 'all' : 'selected',
    access_tokens_url: `${api}/access_tokens`,
    repositories_url: 'https://api.github.com/installation/repositories',
    html_url: `https://github.com/settings/installations/${id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: 583_231,
    target_type: world.isOrganization(app.owner) ? 'Organization' : 'User',
    permissions: { ...permissions },
    events: [],
    single_file_name: null,
    created_at: setUp,
    updated_at: setUp,
    suspended_by: null,
    suspended_at: suspended ? setUp : null,
  }
}

function jsonIn(base64url: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function page(status: number, title: string, body = ''): ModelReply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>`,
  }
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
