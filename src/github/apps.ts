/**
 * GitHub Apps: exchanging a manifest's code for the App's key, and what an App can find out about itself with a JSON Web
 * Token that is signed with that key.
 */
import { createPrivateKey } from 'node:crypto'
import appJwt from 'universal-github-app-jwt'
import { serverNow, type ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import type { Network } from '../http/exchange.ts'
import type { RetryBudget } from '../http/retry.ts'
import { GitHubClient, GitHubUnavailable, type GitHubReply, type GitHubRequest } from './client.ts'
import { readPages } from './pages.ts'
import { refusal, type Refused } from './secret-store.ts'

/** What an App identifies itself with. */
export interface AppCredentials {
  readonly clientId: string
  /** PEM. */
  readonly privateKey: string
}

/** An App that was just created. */
export interface NewApp extends AppCredentials {
  readonly name: string
  /** Its name in URLs. */
  readonly slug: string
  /** The account that owns it. */
  readonly owner: string
  /** GitHub's time; `undefined` if the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
}

/** The result of exchanging a manifest's code. */
export type Conversion =
  | { readonly kind: 'app'; readonly app: NewApp }
  /** The code is used, unknown or older than an hour; `answerLost`: it was sent before, and that answer was lost. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly message: string
      readonly answerLost: boolean
    }

/**
 * Exchanges the code of a manifest (`POST /app-manifests/{code}/conversions`). It works once, within an hour.
 *
 * @param client one without a token: GitHub needs only the code
 * @param mask called with each secret in the answer before anything else is done with it
 * @throws GitHubUnavailable
 */
export async function convertManifest(
  client: GitHubClient,
  code: string,
  budget: RetryBudget,
  mask: (secret: string) => void,
): Promise<Conversion> {
  const request = { route: 'POST /app-manifests/{code}/conversions', parameters: { code } }
  let answerLost = false
  for (;;) {
    const outcome = await client.try(request, budget)
    if (outcome.kind === 'answer') {
      const { status, data, message, moment } = outcome.last
      for (const secret of secretsIn(data)) mask(secret)
      const app = status === 201 ? newAppIn(data, moment) : undefined
      if (app) return { kind: 'app', app }
      if (status >= 400) return { kind: 'refused', status, message, answerLost }
    }
    answerLost ||= outcome.mayHaveArrived
    if (!(await budget.pause(outcome.waitMs))) throw new GitHubUnavailable(outcome.last, outcome.waitMs)
  }
}

/** Every secret in the answer, including those that nobody needs; for a key, its lines as well. */
function secretsIn(data: unknown): string[] {
  if (!isRecord(data)) return []
  const texts = [data['pem'], data['client_secret'], data['webhook_secret']].filter(
    (value) => typeof value === 'string',
  )
  return texts.flatMap((text) => (text.includes('-----BEGIN') ? secretsOfKey(text) : [text]))
}

/**
 * A private key in every form in which it could show up: as a whole, and its Base64 content as one line and line by line.
 */
export function secretsOfKey(privateKey: string): string[] {
  const lines = privateKey.split(/\r?\n|\\n/).filter((line) => line !== '' && !line.startsWith('-----'))
  return [privateKey, lines.join(''), ...lines]
}

function newAppIn(data: unknown, moment: ServerMoment | undefined): NewApp | undefined {
  if (!isRecord(data)) return undefined
  const { client_id: clientId, pem, slug, name, owner } = data
  const login = isRecord(owner) ? (owner['login'] ?? owner['slug']) : undefined
  if (typeof clientId !== 'string' || !/^[\w.-]+$/.test(clientId)) return undefined
  if (typeof slug !== 'string' || !/^[\w-]+$/.test(slug)) return undefined
  if (typeof pem !== 'string' || readPrivateKey(pem) === undefined) return undefined
  if (typeof name !== 'string' || typeof login !== 'string') return undefined
  return { clientId, privateKey: pem, slug, name, owner: login, moment }
}

/**
 * Reads a private key: PEM, with line breaks or with `\n` in place of them.
 *
 * @returns the key as PEM; `undefined` if it is not an RSA key, the kind that GitHub gives to Apps
 */
export function readPrivateKey(text: string): string | undefined {
  const lines = text.replaceAll(String.raw`\n`, '\n').replaceAll('\r\n', '\n')
  const pem = `${lines.trim()}\n`
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? pem : undefined
  } catch {
    return undefined
  }
}

/** An App as it describes itself. */
export interface AppFacts {
  readonly name: string
  readonly slug: string
  readonly owner: string
}

/** An installation of an App. */
export interface InstallationFacts {
  readonly slug: string
  readonly clientId: string | undefined
  /** The permissions that were granted, by GitHub's names: `{ secrets: 'write' }`. */
  readonly permissions: Readonly<Record<string, string>>
  readonly isSuspended: boolean
  readonly isEverywhere: boolean
}

/** Where an App may be installed: in a repository, or in an organization if `repo` is empty. */
export interface InstallationPlace {
  readonly owner: string
  readonly repo: string
}

/** Asks GitHub about an App, as that App. */
export class AppSession {
  readonly #network: Network
  readonly #apiUrl: string
  readonly #credentials: AppCredentials
  #moment: ServerMoment | undefined

  /** @param moment GitHub's time, if known: a JWT is valid from its own time on, for at most ten minutes */
  constructor(
    connection: { readonly network: Network; readonly apiUrl: string },
    credentials: AppCredentials,
    moment?: ServerMoment,
  ) {
    this.#network = connection.network
    this.#apiUrl = connection.apiUrl
    this.#credentials = credentials
    this.#moment = moment
  }

  /**
   * Which App this is (`GET /app`).
   *
   * @throws GitHubUnavailable
   */
  async facts(budget: RetryBudget): Promise<AppFacts | Refused> {
    return this.#ask({ route: 'GET /app', parameters: {} }, budget, ({ status, data }) => {
      if (status !== 200 || !isRecord(data) || !isRecord(data['owner'])) return undefined
      const { name, slug, owner } = data
      const login = owner['login'] ?? owner['slug']
      return typeof name === 'string' && typeof slug === 'string' && typeof login === 'string'
        ? { name, slug, owner: login }
        : undefined
    })
  }

  /**
   * How it is installed (`GET /repos/{owner}/{repo}/installation`, or `GET /orgs/{org}/installation`); a refusal with 404
   * if it is not installed there.
   *
   * @throws GitHubUnavailable
   */
  async installation(
    { owner, repo }: InstallationPlace,
    budget: RetryBudget,
  ): Promise<InstallationFacts | Refused> {
    const request =
      repo === ''
        ? { route: 'GET /orgs/{org}/installation', parameters: { org: owner } }
        : { route: 'GET /repos/{owner}/{repo}/installation', parameters: { owner, repo } }
    return this.#ask(request, budget, ({ status, data }) =>
      status === 200 && isRecord(data) ? installationIn(data) : undefined,
    )
  }

  async #ask<T>(
    request: GitHubRequest,
    budget: RetryBudget,
    read: (reply: GitHubReply) => T | undefined,
  ): Promise<T | Refused> {
    const { clock } = this.#network
    for (const hasTime of [this.#moment !== undefined, true]) {
      const now = this.#moment === undefined ? clock.wall() : serverNow(this.#moment, clock)
      const { clientId, privateKey } = this.#credentials
      const { token } = await appJwt({ id: clientId, privateKey, now: Math.floor(now / 1000) })
      const client = new GitHubClient({ network: this.#network, apiUrl: this.#apiUrl, token })
      const answer = await client.request(request, budget, (reply) => {
        this.#moment = reply.moment ?? this.#moment
        return refusal(reply) ?? read(reply)
      })
      // The JWT had the time of a clock that may be off. Now GitHub's is known (rule 6).
      const isUnauthorized =
        typeof answer === 'object' && answer !== null && 'refused' in answer && answer.refused === 401
      if (hasTime || !isUnauthorized) return answer
    }
    throw new Error('the second token decides')
  }
}

function installationIn(data: Readonly<Record<string, unknown>>): InstallationFacts | undefined {
  const { app_slug: slug, client_id: clientId, permissions, suspended_at: suspendedAt } = data
  if (typeof slug !== 'string' || !isRecord(permissions)) return undefined
  const levels = Object.entries(permissions).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return {
    slug,
    clientId: typeof clientId === 'string' ? clientId : undefined,
    permissions: Object.fromEntries(levels),
    isSuspended: typeof suspendedAt === 'string',
    isEverywhere: data['repository_selection'] === 'all',
  }
}

/**
 * Lists the Apps that are installed in an organization (`GET /orgs/{org}/installations`; fine-grained permission
 * "Administration: Read" of the organization).
 *
 * @throws GitHubUnavailable
 */
export async function readInstallations(
  client: GitHubClient,
  org: string,
  budget: RetryBudget,
): Promise<readonly InstallationFacts[] | Refused> {
  const request = { route: 'GET /orgs/{org}/installations', parameters: { org } }
  return readPages(client, request, { key: 'installations', perPage: 100 }, budget, installationIn)
}
