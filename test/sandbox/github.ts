/**
 * A model of GitHub: secrets in their places, sealed with a key pair per store and really opened; tokens with
 * permissions; runs that see a secret as it was when they were queued.
 */
import sodium from 'libsodium-wrappers'
import { Apps } from './apps.ts'
import { freshReads, LaggingMap, type ReadAge } from './lagging.ts'
import { iso, type Model, type ModelReply, type ModelRequest, type ServerClock } from './exchange.ts'
import {
  environmentsReply,
  fileReply,
  movedReply,
  pageOf,
  repositoryReply,
  runsReply,
  workflowOf,
  workflowsReply,
  type ModelWorkflow,
  type RepositorySettings,
} from './workflows.ts'

await sodium.ready

/** The fine-grained permissions that the model knows. */
export type Permission =
  | 'secrets'
  | 'environments'
  | 'actions'
  | 'contents'
  | 'variables'
  | 'dependabot_secrets'
  | 'organization_secrets'
  | 'organization_variables'
  | 'organization_administration'
  | 'administration'

/** What a token may do. */
export interface TokenGrant {
  readonly kind: 'fine-grained' | 'app' | 'workflow'
  readonly permissions: Readonly<Partial<Record<Permission, 'read' | 'write'>>>
  /** Milliseconds since 1970 (UTC); `undefined`: never. */
  readonly expiresAt?: number
  /** Replies do not say when it expires: they only do that for personal access tokens. */
  readonly hidesEnd?: boolean
}

/** A secret as GitHub keeps it. */
export interface StoredSecret {
  readonly value: string
  /** What was sent, so that it can be opened independently. */
  readonly sealed: string
  readonly createdAt: number
  readonly updatedAt: number
  /** Only for an organization's secrets: who may use it. */
  readonly visibility?: 'all' | 'private' | 'selected'
  readonly selected?: readonly number[]
}

/** An Actions variable as GitHub keeps it. */
export interface StoredVariable {
  readonly value: string
  readonly createdAt: number
  readonly updatedAt: number
  /** Only for an organization's variables: who may use it. */
  readonly visibility?: 'all' | 'private' | 'selected'
  readonly selected?: readonly number[]
}

/** A key pair that the secrets of one place are sealed with. */
export interface StoreKey {
  readonly id: string
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
  /** Milliseconds since 1970 (UTC). */
  readonly since: number
}

/** A place with its own key. */
export class SecretStore {
  readonly secrets: LaggingMap<string, StoredSecret>
  /** The Actions variables next to its secrets. */
  readonly variables: LaggingMap<string, StoredVariable>
  /** All key pairs that were ever in use, the current one last. */
  readonly keys: StoreKey[] = []
  readonly #clock: ServerClock
  readonly #keyId: () => string

  constructor(clock: ServerClock, keyId: () => string) {
    this.#clock = clock
    this.#keyId = keyId
    this.secrets = new LaggingMap(clock)
    this.variables = new LaggingMap(clock)
    this.rotateKey()
  }

  /** GitHub replaces the key: what is sealed for an older one is refused from now on. */
  rotateKey(): void {
    const { publicKey, privateKey } = sodium.crypto_box_keypair()
    this.keys.push({ id: this.#keyId(), publicKey, privateKey, since: this.#clock.now() })
  }

  get key(): StoreKey {
    const key = this.keys.at(-1)
    if (!key) throw new Error('a store always has a key')
    return key
  }

  /** The key as it was at a moment of the server's clock (milliseconds). */
  keyAsOf(at: number): StoreKey {
    return this.keys.findLast(({ since }) => since <= at) ?? this.key
  }

  /** The current value of a secret, which only GitHub and a job can see. */
  value(name: string): string | undefined {
    return this.secrets.get(name.toUpperCase())?.value
  }
}

/** A workflow run and the secrets it saw when it was queued. */
export interface Run {
  readonly id: number
  readonly repository: string
  readonly createdAt: number
  readonly attempt: number
  readonly secrets: Readonly<Record<string, string>>
}

/** What a job gets: `${{ secrets }}` and the run. */
export interface Job {
  readonly run: Run
  readonly secrets: Readonly<Record<string, string>>
}

/** Who may use an organization's secret. */
export type SecretAccess = Pick<StoredSecret, 'visibility' | 'selected'>

interface Repository {
  readonly id: number
  readonly secrets: SecretStore
  readonly environments: LaggingMap<string, SecretStore>
  readonly runs: LaggingMap<number, Run>
  readonly dependabot: SecretStore
  readonly settings: RepositorySettings
  readonly workflows: ModelWorkflow[]
}

type Route = readonly [RegExp, (match: string[], request: ModelRequest, grant: TokenGrant) => ModelReply]

const documentation = 'https://docs.github.com/rest'

/** GitHub with any number of repositories. */
export class GitHub implements Model {
  readonly repositories = new Map<string, Repository>()
  readonly organizations = new Map<string, SecretStore>()
  readonly tokens = new Map<string, TokenGrant>()
  readonly apps: Apps
  /** How old the data is that a GET shows. */
  readAge: ReadAge = freshReads
  /** Blocks every request with a token, or only those that write. */
  barrier: { readonly reply: ModelReply; readonly writesOnly?: boolean } | undefined
  readonly #clock: ServerClock
  /** The moment as of which the current request reads, by the server's clock. */
  #seenAt = Infinity
  #sequence = 568_250_167_242_549_700

  constructor(clock: ServerClock) {
    this.#clock = clock
    this.apps = new Apps({
      clock,
      tokens: this.tokens,
      isOrganization: (login) => this.organizations.has(login.toLowerCase()),
      hasRepository: (name) => this.repositories.has(name.toLowerCase()),
    })
  }

  /** Sets up a repository. */
  addRepository(name: string): Repository {
    const repository = {
      id: 1_296_269 + this.repositories.size,
      secrets: this.#store(),
      environments: new LaggingMap<string, SecretStore>(this.#clock),
      runs: new LaggingMap<number, Run>(this.#clock),
      dependabot: this.#store(),
      settings: { isPrivate: true, isArchived: false, pushedAt: this.#clock.now(), renamedTo: undefined },
      workflows: [],
    }
    this.repositories.set(name.toLowerCase(), repository)
    return repository
  }

  /** Sets up an environment in an existing repository. */
  addEnvironment(repository: string, environment: string): SecretStore {
    const store = this.#store()
    this.#repository(repository).environments.set(environment.toLowerCase(), store)
    return store
  }

  /** Sets up an organization. */
  addOrganization(name: string): SecretStore {
    const store = this.#store()
    this.organizations.set(name.toLowerCase(), store)
    return store
  }

  /** A person sets a secret on GitHub's settings page. */
  setSecret(store: SecretStore, name: string, value: string, access: SecretAccess = {}): void {
    const sealed = sodium.crypto_box_seal(sodium.from_string(value), store.key.publicKey)
    this.#write(store, name, value, sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL), access)
  }

  /** A run is queued: repository secrets are read now. */
  queueRun(name: string): Run {
    const repository = this.#repository(name)
    const secrets = { ...this.#organizationValues(name, repository.id), ...valuesOf(repository.secrets) }
    const run = {
      id: 1_000 + repository.runs.size,
      repository: name,
      createdAt: this.#second(),
      attempt: 1,
      secrets,
    }
    repository.runs.set(run.id, run)
    return run
  }

  /** Somebody re-runs a run. It is not known whether that sees the old or the new values: a test chooses. */
  reRun(run: Run, sees: 'old-values' | 'new-values'): Run {
    const repository = this.#repository(run.repository)
    const secrets = sees === 'old-values' ? run.secrets : valuesOf(repository.secrets)
    const again = { ...run, attempt: run.attempt + 1, secrets }
    repository.runs.set(run.id, again)
    return again
  }

  /** A job of a run starts: an environment's secrets are read now, and take precedence over the repository's. */
  startJob(run: Run, environment?: string): Job {
    const store =
      environment === undefined
        ? undefined
        : this.#repository(run.repository).environments.get(environment.toLowerCase())
    return { run, secrets: { ...run.secrets, ...(store ? valuesOf(store) : {}) } }
  }

  /** What a job sees as `${{ vars }}`: an environment's win over the repository's, these over the organization's. */
  variablesOf(name: string, environment?: string): Readonly<Record<string, string>> {
    const { secrets, environments, id } = this.#repository(name)
    const organization = this.organizations.get((name.split('/')[0] ?? '').toLowerCase())
    const stores = [
      secrets,
      ...(environment === undefined ? [] : [environments.get(environment.toLowerCase())]),
    ]
    const ofOrganization = [...(organization?.variables ?? [])].filter(
      ([, { visibility, selected = [] }]) => visibility !== 'selected' || selected.includes(id),
    )
    const all = [...ofOrganization, ...stores.flatMap((store) => [...(store?.variables ?? [])])]
    return Object.fromEntries(all.map(([key, { value }]) => [key, value]))
  }

  label(request: ModelRequest): string {
    const { method, target, body } = request
    const ofApp = this.apps.label(request)
    if (ofApp !== undefined) return ofApp
    const path = target.split('?')[0] ?? ''
    const dependabot = path.includes('/dependabot/') ? 'dependabot ' : ''
    if (path.endsWith('/secrets/public-key')) return `${dependabot}key`
    if (/^\/orgs\/[^/]+\/actions\/secrets\/[^/]+\/repositories$/.test(path)) return 'repositories'
    if (/\/actions\/runs\/\d+$/.test(path)) return 'run'
    if (/^\/repos\/[^/]+\/[^/]+\/environments$/.test(path)) return 'environments'
    if (path.endsWith('/actions/organization-secrets')) return 'organization secrets'
    if (path.endsWith('/actions/organization-variables')) return 'organization variables'
    if (path.endsWith('/actions/workflows')) return 'workflows'
    if (/\/actions\/workflows\/[^/]+\/runs$/.test(path)) return 'workflow runs'
    if (/^\/repos\/[^/]+\/[^/]+\/contents\//.test(path)) return 'file'
    const variable = /\/variables(?:\/([^/]+))?$/.exec(path)
    if (variable) return variableLabel(method, variable[1], body)
    if (/^\/repos\/[^/]+\/[^/]+$/.test(path)) return 'repository'
    if (/^\/repositories\/\d+$/.test(path)) return 'repository by id'
    if (/^\/repos\/[^/]+\/[^/]+\/environments\/[^/]+$/.test(path)) {
      return method === 'PUT' ? 'create environment' : 'environment'
    }
    if (!/\/secrets\/[^/]+$/.test(path)) return 'unknown'
    if (method === 'GET') return `${dependabot}metadata`
    return method === 'PUT' && body.replace(/\s/g, '') === '{}' ? 'probe' : `${dependabot}write`
  }

  handle(request: ModelRequest): ModelReply {
    this.#seenAt = request.method === 'GET' ? this.#clock.now() - this.readAge() : Infinity
    const reply = this.#answer(request)
    const { expiresAt, hidesEnd = false } = this.#grantOf(request) ?? {}
    return {
      ...reply,
      headers: {
        'x-github-request-id': 'C0DE:1234:5678:9ABC',
        'x-github-api-version-selected': '2022-11-28',
        ...(expiresAt === undefined || hidesEnd
          ? {}
          : {
              'github-authentication-token-expiration': iso(expiresAt).replace('T', ' ').replace('Z', ' UTC'),
            }),
        ...reply.headers,
      },
    }
  }

  #answer(request: ModelRequest): ModelReply {
    const grant = this.#grantOf(request)
    if (!request.headers['user-agent']) {
      return { status: 403, body: 'Request forbidden by administrative rules.' }
    }
    const ofApp = this.apps.answer(request, grant)
    if (ofApp) return ofApp
    if (!request.headers['authorization']) return apiError(401, 'Requires authentication')
    if (!grant || (grant.expiresAt !== undefined && grant.expiresAt <= this.#clock.now())) {
      return apiError(401, 'Bad credentials')
    }
    if (this.barrier && (request.method !== 'GET' || !this.barrier.writesOnly)) return this.barrier.reply
    const path = request.target.split('?')[0] ?? ''
    const [, name = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(path) ?? []
    const called = this.repositories.get(name.toLowerCase())
    if (called?.settings.renamedTo !== undefined) return movedReply(called.id, rest)
    for (const [pattern, answer] of this.#routes) {
      const match = pattern.exec(`${request.method} ${path}`)
      // A missing part of the path is empty.
      const parts = [...(match ?? [])].slice(1).map((part?: string) => decodeURIComponent(part ?? ''))
      if (match) return answer(parts, request, grant)
    }
    return notFound
  }

  readonly #routes: readonly Route[] = [
    [
      /^(GET|PUT) \/repos\/([^/]+\/[^/]+)\/environments\/([^/]+)$/,
      ([method = '', name = '', environment = ''], _request, grant) => {
        const repository = this.repositories.get(name.toLowerCase())
        const found = { status: 200, body: { id: 161_171_787, name: environment } }
        if (method === 'PUT') {
          return this.#may(grant, 'administration', 'write', () => {
            if (!repository) return notFound
            if (!repository.environments.has(environment.toLowerCase()))
              this.addEnvironment(name, environment)
            return found
          })
        }
        return this.#may(grant, 'actions', 'read', () =>
          repository?.environments.asOf(this.#seenAt).has(environment.toLowerCase()) ? found : notFound,
        )
      },
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)$/,
      ([name = '', id = ''], _request, grant) =>
        this.#may(grant, 'actions', 'read', () => {
          const run = this.repositories.get(name.toLowerCase())?.runs.asOf(this.#seenAt).get(Number(id))
          if (!run) return notFound
          const { createdAt, attempt } = run
          return {
            status: 200,
            body: { id: run.id, run_attempt: attempt, created_at: iso(createdAt), event: 'push' },
          }
        }),
    ],
    [
      /^(GET|PUT) \/repos\/([^/]+\/[^/]+)\/actions\/secrets\/([^/]+)$/,
      ([method = '', name = '', secret = ''], request, grant) =>
        this.#secret(
          method,
          this.repositories.get(name.toLowerCase())?.secrets,
          secret,
          request,
          grant,
          'secrets',
        ),
    ],
    [
      /^(GET|PUT) \/repos\/([^/]+\/[^/]+)\/environments\/([^/]+)\/secrets\/([^/]+)$/,
      ([method = '', name = '', environment = '', secret = ''], request, grant) => {
        const store = this.#environment(name, environment)
        return this.#secret(method, store, secret, request, grant, 'environments')
      },
    ],
    [
      /^(GET|PUT) \/repos\/([^/]+\/[^/]+)\/dependabot\/secrets\/([^/]+)$/,
      ([method = '', name = '', secret = ''], request, grant) => {
        const store = this.repositories.get(name.toLowerCase())?.dependabot
        return this.#secret(method, store, secret, request, grant, 'dependabot_secrets')
      },
    ],
    [
      /^(GET|PUT) \/orgs\/([^/]+)\/actions\/secrets\/([^/]+)$/,
      ([method = '', name = '', secret = ''], request, grant) =>
        this.#secret(
          method,
          this.organizations.get(name.toLowerCase()),
          secret,
          request,
          grant,
          'organization_secrets',
        ),
    ],
    [
      /^(GET|POST|PATCH|DELETE) \/repos\/([^/]+\/[^/]+)\/actions\/variables(?:\/([^/]+))?$/,
      ([method = '', name = '', variable = ''], request, grant) => {
        const store = this.repositories.get(name.toLowerCase())?.secrets
        return this.#variable(method, store, variable, request, grant, 'variables')
      },
    ],
    [
      /^(GET|POST|PATCH|DELETE) \/repos\/([^/]+\/[^/]+)\/environments\/([^/]+)\/variables(?:\/([^/]+))?$/,
      ([method = '', name = '', environment = '', variable = ''], request, grant) => {
        const store = this.#environment(name, environment)
        return this.#variable(method, store, variable, request, grant, 'environments')
      },
    ],
    [
      /^(GET|POST|PATCH|DELETE) \/orgs\/([^/]+)\/actions\/variables(?:\/([^/]+))?$/,
      ([method = '', name = '', variable = ''], request, grant) => {
        const store = this.organizations.get(name.toLowerCase())
        return this.#variable(method, store, variable, request, grant, 'organization_variables')
      },
    ],
    [
      /^GET \/orgs\/([^/]+)\/actions\/secrets\/([^/]+)\/repositories$/,
      ([name = '', secret = ''], request, grant) =>
        this.#may(grant, 'organization_secrets', 'read', () => {
          const secrets = this.organizations.get(name.toLowerCase())?.secrets.asOf(this.#seenAt)
          const stored = secrets?.get(secret.toUpperCase())
          return stored ? this.#selected(stored, request) : notFound
        }),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)$/,
      ([name = '']) => {
        // Every token may read the metadata of the repositories that it has access to.
        const repository = this.repositories.get(name.toLowerCase())
        return repository
          ? repositoryReply(name, repository.id, repository.settings, this.#ownerType(name))
          : notFound
      },
    ],
    [
      /^GET \/repositories\/(\d+)$/,
      ([id = '']) => {
        const found = [...this.repositories].find(([, repository]) => String(repository.id) === id)
        if (!found) return notFound
        const [name, { settings }] = found
        const present = settings.renamedTo ?? name
        return repositoryReply(present, Number(id), settings, this.#ownerType(present))
      },
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/environments$/,
      ([name = ''], request, grant) =>
        this.#about(name, grant, 'actions', ({ environments }) =>
          environmentsReply(name, [...environments.asOf(this.#seenAt).keys()], queryOf(request)),
        ),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/actions\/organization-secrets$/,
      ([name = ''], request, grant) =>
        this.#about(name, grant, 'secrets', ({ id }) => {
          const list = this.#usable(name, id).map(([secret, { createdAt, updatedAt }]) => ({
            name: secret,
            created_at: iso(createdAt),
            updated_at: iso(updatedAt),
          }))
          const secrets = pageOf(list, queryOf(request))
          return { status: 200, body: { total_count: list.length, secrets } }
        }),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/actions\/organization-variables$/,
      ([name = ''], request, grant) =>
        this.#about(name, grant, 'variables', ({ id }) => {
          const { variables } = this.organizations.get((name.split('/')[0] ?? '').toLowerCase()) ?? {}
          const list = [...(variables ?? [])]
            .filter(([, { visibility, selected = [] }]) => visibility !== 'selected' || selected.includes(id))
            .map(([variable, stored]) => variableBody(variable, stored, false))
          return {
            status: 200,
            body: { total_count: list.length, variables: pageOf(list, queryOf(request)) },
          }
        }),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/actions\/workflows$/,
      ([name = ''], request, grant) =>
        this.#about(name, grant, 'actions', ({ workflows }) =>
          workflowsReply(name, workflows, queryOf(request)),
        ),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/actions\/workflows\/(\d+)\/runs$/,
      ([name = '', id = ''], request, grant) =>
        this.#about(name, grant, 'actions', ({ workflows }) => {
          const workflow = workflowOf(workflows, Number(id))
          return workflow ? runsReply(name, workflow, queryOf(request)) : notFound
        }),
    ],
    [
      /^GET \/repos\/([^/]+\/[^/]+)\/contents\/([^/]+)$/,
      ([name = '', path = ''], _request, grant) =>
        this.#about(name, grant, 'contents', ({ workflows }) => {
          const text = workflows.find((workflow) => workflow.path === path)?.text
          return text === undefined ? notFound : fileReply(name, path, text)
        }),
    ],
  ]

  /** One variable of a place, or all of them. */
  #variable(
    method: string,
    store: SecretStore | undefined,
    name: string,
    request: ModelRequest,
    grant: TokenGrant,
    permission: Permission,
  ): ModelReply {
    if (!store) return notFound
    const { variables } = store
    if (method === 'GET') {
      return this.#may(grant, permission, 'read', () => {
        const seen = variables.asOf(this.#seenAt)
        if (name === '') return variablePage(seen, request, store === this.#organizationOf(store))
        const found = seen.get(name.toUpperCase())
        const ofOrganization = store === this.#organizationOf(store)
        return found ? { status: 200, body: variableBody(name, found, ofOrganization) } : notFound
      })
    }
    return this.#may(grant, permission, 'write', () => {
      if (method === 'DELETE') return variables.delete(name.toUpperCase()) ? { status: 204 } : notFound
      const body = jsonIn(request.body)
      const value = body?.['value']
      if (typeof value !== 'string') return apiError(422, 'Invalid request.\n\n"value" wasn\'t supplied.')
      if (Buffer.byteLength(value) > 48 * 1024) return apiError(422, 'Variable value is too long')
      const now = this.#second()
      if (method === 'PATCH') {
        const found = variables.get(name.toUpperCase())
        if (!found) return notFound
        variables.set(name.toUpperCase(), { ...found, value, updatedAt: now })
        return { status: 204 }
      }
      const given = body?.['name']
      if (typeof given !== 'string' || !/^[A-Z_][A-Z0-9_]*$/i.test(given) || /^GITHUB_/i.test(given)) {
        return apiError(422, 'Variable names can only contain alphanumeric characters and underscores')
      }
      if (store === this.#organizationOf(store) && typeof body?.['visibility'] !== 'string') {
        return apiError(422, 'Invalid request.\n\n"visibility" wasn\'t supplied.')
      }
      if (variables.has(given.toUpperCase())) {
        return apiError(409, 'Already exists - Variable already exists')
      }
      variables.set(given.toUpperCase(), { value, createdAt: now, updatedAt: now, ...accessIn(body ?? {}) })
      return { status: 201, body: {} }
    })
  }

  /** An environment as the current request sees it. */
  #environment(repository: string, environment: string): SecretStore | undefined {
    const { environments } = this.repositories.get(repository.toLowerCase()) ?? {}
    return environments?.asOf(this.#seenAt).get(environment.toLowerCase())
  }

  #ownerType(repository: string): 'Organization' | 'User' {
    return this.organizations.has((repository.split('/')[0] ?? '').toLowerCase()) ? 'Organization' : 'User'
  }

  #organizationOf(store: SecretStore): SecretStore | undefined {
    return [...this.organizations.values()].find((one) => one === store)
  }

  /** Something about a repository that a token may read. */
  #about(
    name: string,
    grant: TokenGrant,
    permission: Permission,
    answer: (repository: Repository) => ModelReply,
  ): ModelReply {
    const repository = this.repositories.get(name.toLowerCase())
    return repository ? this.#may(grant, permission, 'read', () => answer(repository)) : notFound
  }

  /** Key, metadata or write of one store. */
  #secret(
    method: string,
    store: SecretStore | undefined,
    name: string,
    request: ModelRequest,
    grant: TokenGrant,
    permission: Permission,
  ): ModelReply {
    if (!store) return notFound
    if (method === 'PUT') return this.#may(grant, permission, 'write', () => this.#put(store, name, request))
    return this.#may(grant, permission, 'read', () => {
      if (name === 'public-key') {
        const { id, publicKey } = store.keyAsOf(this.#seenAt)
        const key = sodium.to_base64(publicKey, sodium.base64_variants.ORIGINAL)
        return { status: 200, body: { key_id: id, key } }
      }
      const secret = store.secrets.asOf(this.#seenAt).get(name.toUpperCase())
      if (!secret) return notFound
      const dates = { created_at: iso(secret.createdAt), updated_at: iso(secret.updatedAt) }
      const { visibility } = secret
      const address = 'https://api.github.com/orgs/octo-org/actions/secrets/BOX_REFRESH_TOKEN/repositories'
      const access = {
        visibility,
        ...(visibility === 'selected' ? { selected_repositories_url: address } : {}),
      }
      return { status: 200, body: { name: name.toUpperCase(), ...dates, ...(visibility ? access : {}) } }
    })
  }

  /** A page of the repositories that may use an organization's secret; 30 by default, at most 100. */
  #selected({ selected = [] }: StoredSecret, request: ModelRequest): ModelReply {
    const repositories = pageOf(selected, queryOf(request)).map((id) => ({ id, name: `repository-${id}` }))
    return { status: 200, body: { total_count: selected.length, repositories } }
  }

  #organizationValues(repository: string, id: number): Record<string, string> {
    return Object.fromEntries(this.#usable(repository, id).map(([name, { value }]) => [name, value]))
  }

  /** The organization's secrets that a repository may use. */
  #usable(repository: string, id: number): [string, StoredSecret][] {
    const store = this.organizations.get((repository.split('/')[0] ?? '').toLowerCase())
    return [...(store?.secrets ?? [])].filter(
      ([, { visibility, selected = [] }]) => visibility !== 'selected' || selected.includes(id),
    )
  }

  #put(store: SecretStore, name: string, request: ModelRequest): ModelReply {
    let body: unknown
    try {
      body = JSON.parse(request.body)
    } catch {
      return apiError(400, 'Problems parsing JSON')
    }
    const { encrypted_value: sealed, key_id: keyId, ...rest } = body as Record<string, unknown>
    const ofOrganization = [...this.organizations.values()].includes(store)
    if (ofOrganization && typeof rest['visibility'] !== 'string') {
      return apiError(422, 'Invalid request.\n\n"visibility" wasn\'t supplied.')
    }
    if (typeof sealed !== 'string' || typeof keyId !== 'string') {
      return apiError(422, 'Invalid request.\n\n"encrypted_value", "key_id" weren\'t supplied.')
    }
    if (!/^[A-Z_][A-Z0-9_]*$/i.test(name) || /^GITHUB_/i.test(name)) {
      return apiError(422, 'Secret names can only contain alphanumeric characters and underscores')
    }
    const { key } = store
    let value: string
    try {
      if (keyId !== key.id) throw new Error('another key')
      const bytes = sodium.from_base64(sealed, sodium.base64_variants.ORIGINAL)
      value = sodium.to_string(sodium.crypto_box_seal_open(bytes, key.publicKey, key.privateKey))
    } catch {
      return apiError(422, 'Bad request - improperly encrypted secret')
    }
    const existed = store.secrets.has(name.toUpperCase())
    // What a write does not repeat is gone: this is how an organization's secret loses its repositories.
    this.#write(store, name, value, sealed, ofOrganization ? accessIn(rest) : {})
    return existed ? { status: 204 } : { status: 201, body: {} }
  }

  #write(store: SecretStore, name: string, value: string, sealed: string, access: SecretAccess): void {
    const now = this.#second()
    const createdAt = store.secrets.get(name.toUpperCase())?.createdAt ?? now
    store.secrets.set(name.toUpperCase(), { value, sealed, createdAt, updatedAt: now, ...access })
  }

  #may(
    grant: TokenGrant,
    permission: Permission,
    level: 'read' | 'write',
    answer: () => ModelReply,
  ): ModelReply {
    const given = grant.permissions[permission]
    if (given === 'write' || (given === 'read' && level === 'read')) return answer()
    const who = grant.kind === 'fine-grained' ? 'personal access token' : 'integration'
    return apiError(403, `Resource not accessible by ${who}`)
  }

  #grantOf({ headers }: ModelRequest): TokenGrant | undefined {
    const token = /^(?:Bearer|token) (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? ''
    return this.tokens.get(token)
  }

  #repository(name: string): Repository {
    const repository = this.repositories.get(name.toLowerCase())
    if (!repository) throw new Error(`the sandbox has no repository ${name}`)
    return repository
  }

  #store(): SecretStore {
    return new SecretStore(this.#clock, () => String(this.#next()))
  }

  #second(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }

  #next(): number {
    this.#sequence += 64
    return this.#sequence
  }
}

/** Who may use what a request writes. */
function accessIn(body: Readonly<Record<string, unknown>>): SecretAccess {
  const { visibility, selected_repository_ids: ids } = body
  if (visibility !== 'all' && visibility !== 'private' && visibility !== 'selected') return {}
  return { visibility, selected: Array.isArray(ids) ? ids.map(Number) : [] }
}

function valuesOf(store: SecretStore): Record<string, string> {
  return Object.fromEntries([...store.secrets].map(([name, { value }]) => [name, value]))
}

function queryOf({ target }: ModelRequest): URLSearchParams {
  return new URL(target, 'https://api.github.com').searchParams
}

/** An error as GitHub's REST API words it. */
export function apiError(status: number, message: string): ModelReply {
  return { status, body: { message, documentation_url: documentation, status: String(status) } }
}

const notFound = apiError(404, 'Not Found')

function jsonIn(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** `state` or `claim`, and what is done with it; a list is `claims`, because only these are listed. */
function variableLabel(method: string, inPath: string | undefined, body: string): string {
  const given = jsonIn(body)?.['name']
  const name = inPath ?? (typeof given === 'string' ? given : '')
  if (method === 'GET' && inPath === undefined) return 'claims'
  const what = name.toUpperCase().includes('_CLAIM_') ? 'claim' : 'state'
  const verb: Record<string, string> = { GET: '', POST: 'create ', PATCH: 'update ', DELETE: 'delete ' }
  return `${verb[method] ?? ''}${what}`
}

function variableBody(
  name: string,
  { value, createdAt, updatedAt, visibility = 'private' }: StoredVariable,
  ofOrganization: boolean,
): object {
  const dates = { created_at: iso(createdAt), updated_at: iso(updatedAt) }
  return {
    name: name.toUpperCase(),
    value,
    ...dates,
    ...(ofOrganization ? { visibility } : {}),
  }
}

/** A page of variables; 10 by default, at most 30. */
function variablePage(
  variables: ReadonlyMap<string, StoredVariable>,
  { target }: ModelRequest,
  ofOrganization: boolean,
): ModelReply {
  const query = new URL(target, 'https://api.github.com').searchParams
  const size = Math.min(30, Number(query.get('per_page') ?? 10))
  const from = (Number(query.get('page') ?? 1) - 1) * size
  const page = [...variables]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .slice(from, from + size)
    .map(([name, variable]) => variableBody(name, variable, ofOrganization))
  return { status: 200, body: { total_count: variables.size, variables: page } }
}
