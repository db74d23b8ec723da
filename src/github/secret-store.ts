/**
 * The places where GitHub keeps secrets, and what this action does there: read the public key, look when a secret was
 * written, prove that the token may write it (rule 1), write it. What differs from place to place is in `stores/`, one
 * file for each.
 */
import type { ServerMoment } from '../clock.ts'
import type { TimeLimit } from '../http/exchange.ts'
import type { RetryBudget } from '../http/retry.ts'
import { isPublicKey, type SealingKey } from '../sealing/sealed-box.ts'
import { isRecord } from '../json.ts'
import type { GitHubClient, GitHubOutcome, GitHubReply, GitHubRequest } from './client.ts'
import type { Barred } from './remedy.ts'

/** What is specific to one kind of place. */
export interface SecretPlace {
  /** The place in words, without the secret's name: `environment "production" of octo/app`. */
  readonly name: string
  /** When GitHub reads the value for a job's `${{ secrets.… }}`: when its run was queued, or when the job starts. */
  readonly read: 'when-queued' | 'when-the-job-starts'
  /** The fine-grained permission that is needed to write, as GitHub's token settings call it. */
  readonly permission: string
  /** What it means if even the public key is not found (404); without a full stop. */
  readonly absent: string
  /** Whether an empty PUT is sure to change nothing here, because it lacks a field that GitHub requires. */
  readonly probe: boolean
  /** The routes of the public key, and of one secret as `{secret_name}`. */
  readonly keyRoute: string
  readonly secretRoute: string
  /** The parameters that both routes have in common. */
  readonly parameters: Readonly<Record<string, string>>
  /**
   * Reads, before anything is spent, what a write has to repeat because GitHub would reset it otherwise.
   *
   * @param fields the secret's metadata, as GitHub returned them
   * @throws GitHubUnavailable
   */
  readonly settings?: (
    client: GitHubClient,
    secretName: string,
    fields: Readonly<Record<string, unknown>>,
    budget: RetryBudget,
  ) => Promise<Settings>
}

/** Fields for the body of a write; or why some are not known, without a full stop. */
export type Settings =
  { readonly body: Readonly<Record<string, unknown>> } | { readonly incomplete: string } | Refused

/** Whether the token may write, judged by GitHub's answer to an empty PUT. */
export type WriteProbe =
  | { readonly answer: 'yes' | 'unknown'; readonly status: number }
  | ({ readonly answer: 'no'; readonly status: 401 | 403 | 404 } & Refused)

/** GitHub's refusal of a request: 401, 403 or 404. */
export interface Refused extends Barred {
  readonly refused: 401 | 403 | 404
  readonly message: string
}

/** When a secret was last written. */
export interface SecretMetadata {
  /** `updated_at`, in milliseconds since 1970 (UTC); whole seconds. */
  readonly updatedAt: number
  readonly moment: ServerMoment | undefined
  /** All fields of GitHub's answer. */
  readonly fields: Readonly<Record<string, unknown>>
  /** When the token that was used expires, in milliseconds since 1970 (UTC); `undefined` if GitHub does not say. */
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

  /** The secret in words: `secret BOX_REFRESH_TOKEN of environment "production" of octo/app`. */
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
   * Reads the public key that secrets of this place are sealed with (`GET …/secrets/public-key`).
   *
   * @throws GitHubUnavailable
   */
  async publicKey(budget: RetryBudget): Promise<SealingKey | Refused> {
    const request = { route: `GET ${this.place.keyRoute}`, parameters: this.place.parameters }
    return this.#client.request(request, budget, (reply) => refusal(reply) ?? keyIn(reply))
  }

  /**
   * Looks when the secret was last written (`GET …/secrets/{secret_name}`). Its value cannot be read.
   *
   * @throws GitHubUnavailable
   */
  async metadata(budget: RetryBudget): Promise<SecretMetadata | Refused> {
    return this.#client.request(this.#request('GET'), budget, (reply) => refusal(reply) ?? metadataIn(reply))
  }

  /**
   * Rule 1: finds out whether the token may write, without writing. GitHub answers a PUT of an empty object with 422 if the
   * token may write, and with 403 or 404 if it may not. The order of GitHub's checks is not documented, so any other
   * answer means "unknown".
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
      // Outages are waited out, as everywhere. But some version of GitHub may answer an empty PUT with a steady 500,
      // which must not shut its users out for good.
      (reply, tries) => (reply.status === 500 && tries >= 3 ? { answer: 'unknown', status: 500 } : undefined),
    )
  }

  /**
   * Reads the settings that a write has to repeat so that they stay as they are.
   *
   * @throws GitHubUnavailable
   */
  async settings({ fields }: SecretMetadata, budget: RetryBudget): Promise<Settings> {
    return this.place.settings?.(this.#client, this.name, fields, budget) ?? { body: {} }
  }

  /**
   * Writes the secret once (`PUT …/secrets/{secret_name}`). The outcome is 201 or 204 if it is stored.
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

/** GitHub's refusal of a request, if the answer is one. */
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
