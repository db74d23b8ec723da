/**
 * The places where GitHub keeps Actions variables. Unlike a secret, a variable can be read at any time, and GitHub refuses
 * to create one that exists: that makes claims possible. What differs from place to place is in `stores/`.
 */
import type { ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import type { RetryBudget } from '../http/retry.ts'
import type { TimeLimit } from '../http/exchange.ts'
import type { GitHubClient, GitHubOutcome, GitHubReply } from './client.ts'
import { refusal, type Refused } from './secret-store.ts'

/** The largest page of a list of variables (GitHub REST API, "List repository variables"). */
const perPage = 30
/** GitHub allows 500 variables in a repository and 1,000 in an organization: a longer list is a fault. */
const mostPages = 50
/** How often a list that keeps changing is read. The last reading will do: GitHub refuses a claim that exists anyway. */
const mostReadings = 5

/** What is specific to one kind of place. */
export interface VariablePlace {
  /** The place in words: `environment "production" of octo/app`. */
  readonly name: string
  /** The same for every spelling of the place: what is sealed for it is bound to this. */
  readonly identity: readonly string[]
  /** The fine-grained permission that is needed to write, as GitHub's token settings call it; "Read-only" of it to read. */
  readonly permission: string
  /** The route of the list; one variable is at `/{name}` below it. */
  readonly listRoute: string
  /** The parameters that both routes have in common. */
  readonly parameters: Readonly<Record<string, string>>
  /** What a new variable needs besides name and value. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** A variable as it was read, or that there is none. */
export interface VariableReading {
  readonly value: string | undefined
  /** `updated_at`, in milliseconds since 1970 (UTC); `undefined` if there is no value, or GitHub does not say. */
  readonly updatedAt: number | undefined
  readonly moment: ServerMoment | undefined
  /** When it was asked for, by the monotonic clock (milliseconds). */
  readonly askedAt: number
}

/** An entry of a list of variables. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** `created_at`, in milliseconds since 1970 (UTC); `undefined` if GitHub does not say. */
  readonly createdAt?: number | undefined
  /** `updated_at`, same unit. */
  readonly updatedAt: number | undefined
}

/** The variables of one place. */
export class VariableStore {
  readonly place: VariablePlace
  readonly #client: GitHubClient

  constructor(client: GitHubClient, place: VariablePlace) {
    this.#client = client
    this.place = place
  }

  #one(method: 'GET' | 'PATCH' | 'DELETE', name: string, data?: Readonly<Record<string, unknown>>) {
    const { listRoute, parameters } = this.place
    return {
      route: `${method} ${listRoute}/{name}`,
      // `name` is part of the path here, so a body has to be given separately.
      parameters: { ...parameters, name, ...(data ? { data } : {}) },
    }
  }

  /**
   * Reads a variable (`GET …/variables/{name}`). A place that is not there, or that the token does not reach, looks like
   * a variable that is not there.
   *
   * @throws GitHubUnavailable
   */
  async read(name: string, budget: RetryBudget): Promise<VariableReading | Refused> {
    return this.#client.request(this.#one('GET', name), budget, (reply) => {
      const { status, moment, askedAt } = reply
      if (status === 404) return { value: undefined, updatedAt: undefined, moment, askedAt }
      return refusal(reply) ?? readingIn(reply)
    })
  }

  /**
   * Reads all variables whose names begin with `prefix` (`GET …/variables`, page by page). If one is deleted between two
   * pages, the ones after it move up, and one of them would be on neither page; then the list is read again.
   *
   * @param prefix in upper or lower case: GitHub ignores the case of names
   * @throws GitHubUnavailable
   */
  async list(
    prefix: string,
    budget: RetryBudget,
  ): Promise<
    { readonly variables: readonly Variable[]; readonly moment: ServerMoment | undefined } | Refused
  > {
    const found = new Map<string, Variable>()
    const wanted = prefix.toUpperCase()
    let seen = 0
    let total: number | undefined
    for (let page = 1, readings = 1; ; page += 1) {
      const { listRoute, parameters } = this.place
      const answer = await this.#client.request(
        { route: `GET ${listRoute}`, parameters: { ...parameters, per_page: perPage, page } },
        budget,
        (reply) => refusal(reply) ?? pageIn(reply),
      )
      if ('refused' in answer) return answer
      total ??= answer.total
      if (answer.total !== total && readings < mostReadings) {
        found.clear()
        readings += 1
        page = 0
        seen = 0
        total = undefined
        continue
      }
      seen += answer.variables.length
      for (const variable of answer.variables) {
        if (variable.name.toUpperCase().startsWith(wanted)) found.set(variable.name.toUpperCase(), variable)
      }
      if (seen >= answer.total || answer.variables.length === 0 || page === mostPages) {
        return { variables: [...found.values()], moment: answer.moment }
      }
    }
  }

  /** Creates a variable, once (`POST …/variables`): 201 if it is new, 409 if it exists already. */
  async create(name: string, value: string, limit: TimeLimit): Promise<GitHubOutcome> {
    const { listRoute, parameters, settings } = this.place
    return this.#client.try(
      { route: `POST ${listRoute}`, parameters: { ...parameters, ...settings, name, value } },
      limit,
    )
  }

  /** Changes a variable, once (`PATCH …/variables/{name}`): 204 if that is done. */
  async update(name: string, value: string, limit: TimeLimit): Promise<GitHubOutcome> {
    return this.#client.try(this.#one('PATCH', name, { value }), limit)
  }

  /** Deletes a variable, once (`DELETE …/variables/{name}`): 204, or 404 if it is gone already. */
  async remove(name: string, limit: TimeLimit): Promise<GitHubOutcome> {
    return this.#client.try(this.#one('DELETE', name), limit)
  }
}

function readingIn({ status, data, moment, askedAt }: GitHubReply): VariableReading | undefined {
  if (status !== 200 || !isRecord(data) || typeof data['value'] !== 'string') return undefined
  return { value: data['value'], updatedAt: dateIn(data['updated_at']), moment, askedAt }
}

function dateIn(text: unknown): number | undefined {
  const date = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

function pageIn({
  status,
  data,
  moment,
}: GitHubReply): { variables: Variable[]; total: number; moment: ServerMoment | undefined } | undefined {
  if (status !== 200 || !isRecord(data)) return undefined
  const { total_count: total, variables: given } = data
  if (typeof total !== 'number' || !Array.isArray(given)) return undefined
  const variables: Variable[] = []
  for (const one of given as unknown[]) {
    if (!isRecord(one) || typeof one['name'] !== 'string' || typeof one['value'] !== 'string')
      return undefined
    const [createdAt, updatedAt] = [dateIn(one['created_at']), dateIn(one['updated_at'])]
    variables.push({ name: one['name'], value: one['value'], createdAt, updatedAt })
  }
  return { variables, total, moment }
}
