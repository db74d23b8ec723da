/**
 * The places where GitHub keeps secrets, as far as this action needs them: read the store's public key, look when a
 * secret was written, prove that it may be written, write it. What differs from place to place is in `stores/`, one
 * file each.
 */
import type { ServerMoment } from '../clock.ts'
import type { TimeLimit } from '../net/exchange.ts'
import type { RetryBudget } from '../net/retry.ts'
import { isPublicKey, type SealingKey } from '../sealing/sealed-box.ts'
import { isRecord } from '../json.ts'
import type { GitHubClient, GitHubOutcome, GitHubReply, GitHubRequest } from './client.ts'

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
}

/** Whether a token may write: GitHub's answer to an empty PUT. */
export type WriteProbe =
  | { readonly answer: 'yes' | 'unknown'; readonly status: number }
  | { readonly answer: 'no'; readonly status: 401 | 403 | 404; readonly message: string }

/** GitHub's refusal of a read: 401, 403 or 404. */
export interface Refused {
  readonly refused: 401 | 403 | 404
  readonly message: string
}

/** When a secret was last written. */
export interface SecretMetadata {
  /** `updated_at`, in milliseconds since 1970 (UTC); whole seconds. */
  readonly updatedAt: number
  readonly moment: ServerMoment | undefined
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
        if (no) return { answer: 'no', status: no.refused, message: no.message }
        return { answer: reply.status === 422 ? 'yes' : 'unknown', status: reply.status }
      },
      // An outage is waited out, as everywhere. But a steady 500 may be how some version of GitHub answers an empty
      // PUT, and must not shut its users out for ever.
      (reply, tries) => (reply.status === 500 && tries >= 3 ? { answer: 'unknown', status: 500 } : undefined),
    )
  }

  /**
   * Writes the secret, once, and tells what came of it (`PUT …/secrets/{secret_name}`): 201 or 204 when it is stored.
   */
  async write(sealed: string, keyId: string, limit: TimeLimit): Promise<GitHubOutcome> {
    return this.#client.try(this.#request('PUT', { encrypted_value: sealed, key_id: keyId }), limit)
  }
}

function refusal(reply: GitHubReply): Refused | undefined {
  const { status, message } = reply
  return status === 401 || status === 403 || status === 404 ? { refused: status, message } : undefined
}

function keyIn({ status, data }: GitHubReply): SealingKey | undefined {
  if (status !== 200 || !isRecord(data)) return undefined
  const { key_id: keyId, key } = data
  if (typeof keyId !== 'string' || keyId === '' || typeof key !== 'string' || !isPublicKey(key))
    return undefined
  return { keyId, publicKey: key }
}

function metadataIn({ status, data, moment }: GitHubReply): SecretMetadata | undefined {
  if (status !== 200 || !isRecord(data) || typeof data['updated_at'] !== 'string') return undefined
  const updatedAt = Date.parse(data['updated_at'])
  return Number.isNaN(updatedAt) ? undefined : { updatedAt, moment }
}
