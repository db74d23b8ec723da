/** No error contains a secret, at any depth, even if the servers repeat what was sent to them. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { TokenEndpoint } from '../../src/box/token-endpoint.ts'
import { subjectOf } from '../../src/rotation/messages.ts'
import { Failure } from '../../src/failure.ts'
import { GitHubClient, GitHubUnavailable } from '../../src/github/client.ts'
import { Secret } from '../../src/github/secret-store.ts'
import { repositorySecrets } from '../../src/github/stores/repository.ts'
import { readRunCreatedAt } from '../../src/github/workflow-run.ts'
import { narrow } from '../../src/rotation/narrow.ts'
import { TransportError } from '../../src/http/exchange.ts'
import { RetryBudget } from '../../src/http/retry.ts'
import { encodedForms } from '../../src/encodings.ts'
import { Redactor } from '../../src/redact.ts'
import { rotate } from '../../src/rotation/rotate.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { verify } from '../../src/rotation/verify.ts'
import { requests, type Asked } from '../matrix/matrix.ts'
import { Box } from '../sandbox/box.ts'
import { echoForms, echoing } from '../sandbox/echo.ts'
import { wireBody, wireHeaders, type ModelReply, type ModelRequest } from '../sandbox/exchange.ts'
import { GitHub } from '../sandbox/github.ts'
import { played, RunnerClock, Scheduler } from '../simulation/virtual.ts'

const boxUrl = 'https://api.box.com'
const owner = 'octo-org'
const repo = 'nightly'
const secretName = 'BOX_REFRESH_TOKEN'
const token = 'github_pat_11AAAAAAA0/mayWrite+Secrets=="&more'
const statuses = [200, 400, 401, 403, 404, 422, 429, 500]
const forms = Object.keys(echoForms)
const exchange: Asked = { name: 'Box: token exchange', server: 'box', label: 'token', skip: 1 }

/** What a server does with a request instead of answering it; `undefined`: it answers normally. */
type Meddling = (asked: string, request: ModelRequest) => ModelReply | Error | undefined

/** Box and GitHub without sockets, and everything that sends requests to them. */
class World {
  readonly scheduler = new Scheduler()
  readonly lines: string[] = []
  readonly clock = new RunnerClock(this.scheduler, 0)
  readonly environment = { clock: this.clock, random: (): number => 0.5 }
  readonly #servers = { now: (): number => Date.UTC(2026, 10, 23) + this.scheduler.now }
  readonly box = new Box({ clock: this.#servers, reading: 'grace' })
  readonly #github = new GitHub(this.#servers)
  readonly #meddling: Meddling
  readonly #redactor = new Redactor()
  readonly network = { fetch: this.#fetch.bind(this), clock: this.clock, proxies: [] }
  readonly narrator = {
    mask: (secret: string): void => this.#redactor.add(secret),
    info: (line: string): void => void this.lines.push(line),
    warning: (line: string): void => void this.lines.push(line),
    waiting: (line: string): void => void this.lines.push(line),
    foreign: (text: string): string => this.#redactor.foreign(text),
  }
  readonly client = new GitHubClient({ network: this.network, apiUrl: 'https://api.github.com', token })
  readonly secret = new Secret(this.client, repositorySecrets(owner, repo), secretName)

  constructor(meddling: Meddling) {
    this.#meddling = meddling
    this.#github.tokens.set(token, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', actions: 'read' },
    })
    const { secrets } = this.#github.addRepository(`${owner}/${repo}`)
    this.#github.setSecret(secrets, secretName, this.box.logIn().refreshToken)
    for (const secret of this.secrets) this.#redactor.add(secret)
  }

  get secrets(): string[] {
    return [
      token,
      this.box.clientSecret,
      ...this.box.pairs.flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]),
    ]
  }

  get budget(): RetryBudget {
    return new RetryBudget(this.environment, 10)
  }

  /** A whole run: refresh, store, verify, narrow. */
  async run(): Promise<void> {
    const { environment, network, narrator, secret, client } = this
    this.scheduler.now = 60_000
    const { id } = this.#github.queueRun(`${owner}/${repo}`)
    const box = new TokenEndpoint(network, boxUrl, this.box)
    const common = { environment, network, narrator, retryFor: 10, secret, box }
    const subject = subjectOf(common)
    const ignore = (): void => {}
    const { accessToken } = await rotate({
      ...common,
      copies: [],
      source: undefined,
      sealingReady,
      run: {
        attempt: 1,
        createdAt: (budget) => readRunCreatedAt(client, { owner, repo, runId: id }, budget),
      },
      refreshToken: this.box.pairs[0]?.refreshToken ?? '',
      signals: { hold: ignore, release: ignore, interrupted: new AbortController().signal },
      journal: { issued: ignore, aboutToStore: ignore, settled: ignore, superseded: ignore },
      startedAt: 0,
    })
    await verify({ ...common, boxApiUrl: boxUrl, subject }, accessToken)
    const to = { scope: 'item_download', resource: undefined, sharedLink: undefined }
    await narrow({ ...common, subject }, accessToken, to)
  }

  #fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const [server, model] =
      url.origin === boxUrl ? (['box', this.box] as const) : (['github', this.#github] as const)
    const body =
      init?.body instanceof URLSearchParams || typeof init?.body === 'string' ? init.body.toString() : ''
    const headers = Object.fromEntries(new Headers(init?.headers).entries())
    const request = { method: init?.method ?? 'GET', target: `${url.pathname}${url.search}`, headers, body }
    return new Promise((resolve, reject) => {
      this.scheduler.after(10, () => {
        const reply = this.#meddling(`${server} ${model.label(request)}`, request) ?? model.handle(request)
        if (reply instanceof Error) return reject(reply)
        const sent = wireBody(reply)
        resolve(
          new Response(sent === '' ? null : sent, {
            status: reply.status,
            headers: wireHeaders(reply, this.#servers),
          }),
        )
      })
    })
  }
}

/** Tampers with every occurrence of one request in a run. */
function at({ server, label, skip }: Asked, reply: (request: ModelRequest) => ModelReply | Error): Meddling {
  let left = skip
  return (asked, request) => {
    if (asked !== `${server} ${label}`) return undefined
    left -= 1
    return left < 0 ? reply(request) : undefined
  }
}

/** A failed connection at its worst: Node.js's error, with the complete request in it. */
function talkative(request: ModelRequest): Error {
  const text = JSON.stringify(request)
  const cause = Object.assign(new Error(`read ECONNRESET ${text}`), { code: 'ECONNRESET', request })
  return new TypeError(`fetch failed: ${text}`, { cause })
}

async function thrownBy(world: World, work: Promise<unknown>): Promise<unknown> {
  return played(
    world.scheduler,
    work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
}

/** Every text in a value: keys, hidden properties, getter results, causes, entries of maps and headers. */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const texts = [inspect(value, { depth: Infinity, showHidden: true, getters: true })]
  for (
    let level: unknown = value;
    level && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const key of Reflect.ownKeys(level)) {
      texts.push(String(key))
      try {
        texts.push(...textsIn(Reflect.get(level, key, value), seen))
      } catch {
        // Getters of built-in prototypes that need another kind of object.
      }
    }
  }
  if (Symbol.iterator in value) {
    for (const entry of value as Iterable<unknown>) texts.push(...textsIn(entry, seen))
  }
  return texts
}

function expectHoldsNone(value: unknown, secrets: readonly string[]): void {
  const text = textsIn(value).join('\n')
  for (const secret of secrets) {
    for (const form of encodedForms(secret))
      expect(text.includes(form), 'an error holds a secret').toBe(false)
  }
}

test('the search finds hidden texts', () => {
  const hidden = (make: (error: Error) => unknown): unknown => make(new Error('outer'))
  const own = { value: 'deep-secret', enumerable: false }
  for (const value of [
    hidden((error) => Object.defineProperty(error, 'hidden', own)),
    hidden((error) => Object.assign(error, { cause: new AggregateError([new Error('deep-secret')]) })),
    hidden((error) => Object.assign(error, { headers: new Headers({ authorization: 'deep-secret' }) })),
    hidden((error) => Object.assign(error, { [Symbol('answer')]: new Map([['a', { b: ['deep-secret'] }]]) })),
    new (class extends Error {
      readonly #answer = 'deep-secret'
      get answer(): string {
        return this.#answer
      }
    })(),
  ]) {
    expect(() => expectHoldsNone(value, ['deep-secret'])).toThrow('an error holds a secret')
  }
})

describe('a run that fails while servers echo its requests throws no secret', () => {
  test.each([...requests, exchange].map((asked) => [asked.name, asked] as const))(
    '%s',
    async (_name, asked) => {
      const codes = new Set<string>()
      for (const status of statuses) {
        for (const first of forms.keys()) {
          const world = new World(at(asked, echoing(status, first)))
          const error = await thrownBy(world, world.run())
          if (error !== undefined) expect(error).toBeInstanceOf(Failure)
          if (error instanceof Failure) codes.add(error.code)
          expectHoldsNone({ error, lines: world.lines }, world.secrets)
        }
      }
      // A run does not fail because its date is missing.
      expect(codes.size > 0).toBe(asked.label !== 'run')
    },
  )
})

describe('an error of the GitHub client contains nothing of the request', () => {
  test.each<[string, string, (world: World) => Promise<unknown>]>([
    ['the key', 'key', ({ secret, budget }) => secret.publicKey(budget)],
    ['the secret', 'metadata', ({ secret, budget }) => secret.metadata(budget)],
    ['the probe', 'probe', ({ secret, budget }) => secret.probeWrite(budget)],
  ])('%s', async (_name, label, ask) => {
    let thrown = 0
    for (const status of statuses) {
      for (const first of forms.keys()) {
        const world = new World(at({ name: '', server: 'github', label, skip: 0 }, echoing(status, first)))
        const error = await thrownBy(world, ask(world))
        if (error === undefined) continue
        thrown += 1
        expect(error).toBeInstanceOf(GitHubUnavailable)
        expectHoldsNone(error, world.secrets)
      }
    }
    expect(thrown).toBeGreaterThan(0)
  })
})

test('a network error contains nothing of the request', async () => {
  for (const asked of [...requests, exchange]) {
    const world = new World(at(asked, talkative))
    const error = await thrownBy(world, world.run())
    if (asked.label !== 'run') expect(error).toBeInstanceOf(Failure)
    expectHoldsNone({ error, lines: world.lines }, world.secrets)
  }
  const world = new World((_asked, request) => talkative(request))
  const route = { route: 'PUT /repos/{owner}/{repo}', parameters: { owner, repo, secret: 'value' } }
  const error = await thrownBy(world, world.client.send(route, world.budget))
  expect(error).toBeInstanceOf(TransportError)
  expectHoldsNone(error, world.secrets)
})
