/**
 * The places where GitHub keeps secrets, as far as this action needs them: read the store's public key, look when a
 * secret was written, prove that it may be written, write it. What differs from place to place is in `stores/`, one
 * file each.
 */
import type { ServerMoment } from '../clock.ts'
import type { TimeLimit } from '../http/exchange.ts'
import type { RetryBudget } from '../http/retry.ts'
import { isPublicKey, type SealingKey } from '../sealing/sealed-box.ts'
import { isRecord } from '../json.ts'
import type { GitHubClient, GitHubOutcome, GitHubReply, GitHubRequest } from './client.ts'
import type { Barred } from './remedy.ts'

/** What is particular to one kind of place. */
export interface SecretPlace {
  /** The place in words, without the secret's name: `environment "production" of octo/app`. */
  readonly name: string
  /** What a job's `${{ secrets.… }}` holds: the value when its run was queued, or when the job started. */
  readonly read: 'when-queued' | 'when-the-job-starts'
  /** The fine-grained permission that writing needs, as GitHub's token settings name it. */
  readonly permission: string
  /** What is missing where even the key is not found. */
  readonly absent: string
  /** Whether an empty PUT can change nothing here: a field that GitHub requires is missing from it. */
  readonly probe: boolean
  /** Route of the store's public key, and of one secret under `{secret_name}`. */
  readonly keyRoute: string
  readonly secretRoute: string
  /** The parameters that both routes share. */
  readonly parameters: Readonly<Record<string, string>>
  /**
   * What a write has to repeat because GitHub would reset it otherwise; read before anything is spent.
   *
   * @param fields the secret's metadata as GitHub gave them
   * @throws GitHubUnavailable
   */
  readonly settings?: (
    client: GitHubClient,
    secretName: string,
    fields: Readonly<Record<string, unknown>>,
    budget: RetryBudget,
  ) => Promise<Settings>
}

/** Fields for the body of a write; or why they are not all known, without a full stop. */
export type Settings =
  { readonly body: Readonly<Record<string, unknown>> } | { readonly incomplete: string } | Refused

/** Whether a token may write: GitHub's answer to an empty PUT. */
export type WriteProbe =
  | { readonly answer: 'yes' | 'unknown'; readonly status: number }
  | ({ readonly answer: 'no'; readonly status: 401 | 403 | 404 } & Refused)

/** GitHub's refusal of a read: 401, 403 or 404. */
export interface Refused extends Barred {
  readonly refused: 401 | 403 | 404
  readonly message: string
}

/** When a secret was last written. */
export interface SecretMetadata {
  /** `updated_at`, in milliseconds since 1970 (UTC); whole seconds. */
  readonly updatedAt: number
  readonly moment: ServerMoment | undefined
  /** Everything else that GitHub tells. */
  readonly fields: Readonly<Record<string, unknown>>
  /** When the token that asked expires, in milliseconds since 1970 (UTC); `undefined` where GitHub does not tell. */
  readonly tokenExpiresAt: number | undefined
}

/** One secret in one place. */
export class Secret {
  readonly place: SecretPlace
  readonly name: string
  readonly #client: GitHubClient

  constructor(client: GitHubClient, place: SecretPlace, name: string) {
    this.#client = client
    this.place = place
    this.name = name
  }

  /** The secret in words: `secret BOX_REFRESH_TOKEN in environment "production" of octo/app`. */
  get title(): string {
    return `secret ${this.name} of ${this.place.name}`
  }

  #request(method: 'GET' | 'PUT', body: Readonly<Record<string, unknown>> = {}): GitHubRequest {
    const { secretRoute, parameters } = this.place
    return {
      route: `${method} ${secretRoute}`,
      parameters: { ...parameters, secret_name: this.name, ...body },
    }
  }

  /**
   * Reads the key that the place's secrets are sealed with (`GET …/secrets/public-key`).
   *
   * @throws GitHubUnavailable
   */
  async publicKey(budget: RetryBudget): Promise<SealingKey | Refused> {
    const request = { route: `GET ${this.place.keyRoute}`, parameters: this.place.parameters }
    return this.#client.request(request, budget, (reply) => refusal(reply) ?? keyIn(reply))
  }

  /**
   * Looks when the secret was last written (`GET …/secrets/{secret_name}`); its value cannot be read.
   *
   * @throws GitHubUnavailable
   */
  async metadata(budget: RetryBudget): Promise<SecretMetadata | Refused> {
    return this.#client.request(this.#request('GET'), budget, (reply) => refusal(reply) ?? metadataIn(reply))
  }

  /**
   * Asks whether the token may write, without writing: a PUT of an empty object, which GitHub refuses with 422 where
   * the token may write and with 403 or 404 where it may not. GitHub does not document the order of its checks, so
   * anything else only means that it is not known.
   *
   * @throws GitHubUnavailable
   */
  async probeWrite(budget: RetryBudget): Promise<WriteProbe> {
    return this.#client.request<WriteProbe>(
      this.#request('PUT', { data: {} }),
      budget,
      (reply) => {
        const no = refusal(reply)
        if (no) return { answer: 'no', status: no.refused, ...no }
        return { answer: reply.status === 422 ? 'yes' : 'unknown', status: reply.status }
      },
      // An outage is waited out, as everywhere. But a steady 500 may be how some version of GitHub answers an empty
      // PUT, and must not shut its users out for ever.
      (reply, tries) => (reply.status === 500 && tries >= 3 ? { answer: 'unknown', status: 500 } : undefined),
    )
  }

  /**
   * Reads what a write has to repeat so that it stays as it is.
   *
   * @throws GitHubUnavailable
   */
  async settings({ fields }: SecretMetadata, budget: RetryBudget): Promise<Settings> {
    return this.place.settings?.(this.#client, this.name, fields, budget) ?? { body: {} }
  }

  /**
   * Writes the secret, once, and tells what came of it (`PUT …/secrets/{secret_name}`): 201 or 204 when it is stored.
   *
   * @param settings fields to send along, from `settings`
   */
  async write(
    sealed: string,
    keyId: string,
    settings: Readonly<Record<string, unknown>>,
    limit: TimeLimit,
  ): Promise<GitHubOutcome> {
    return this.#client.try(
      this.#request('PUT', { ...settings, encrypted_value: sealed, key_id: keyId }),
      limit,
    )
  }
}

/** GitHub's no to a request, if it is one. */
export function refusal({
  status,
  message,
  barrier,
}: Pick<GitHubReply, 'status' | 'message' | 'barrier'>): Refused | undefined {
  return status === 401 || status === 403 || status === 404
    ? { refused: status, message, barrier }
    : undefined
}

function keyIn({ status, data }: GitHubReply): SealingKey | undefined {
  if (status !== 200 || !isRecord(data)) return undefined
  const { key_id: keyId, key } = data
  if (typeof keyId !== 'string' || keyId === '' || typeof key !== 'string' || !isPublicKey(key))
    return undefined
  return { keyId, publicKey: key }
}

function metadataIn({ status, headers, data, moment }: GitHubReply): SecretMetadata | undefined {
  if (status !== 200 || !isRecord(data) || typeof data['updated_at'] !== 'string') return undefined
  const updatedAt = Date.parse(data['updated_at'])
  if (Number.isNaN(updatedAt)) return undefined
  return { updatedAt, moment, fields: data, tokenExpiresAt: tokenExpiryIn(headers) }
}

/** `github-authentication-token-expiration: 2026-12-01 10:00:00 UTC`, or with an offset such as `+0900`. */
function tokenExpiryIn(headers: Headers): number | undefined {
  const text = headers.get('github-authentication-token-expiration') ?? ''
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(?:UTC|Z|([+-]\d\d):?(\d\d))$/.exec(text)
  if (!match) return undefined
  const [, day, time, hours, minutes] = match
  const at = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  return Number.isNaN(at) ? undefined : at
}
