/** What GitHub says about a repository, and about the secrets and variables that its jobs get from the organization. */
import type { ServerMoment } from '../clock.ts'
import { isRecord } from '../json.ts'
import type { Repository } from '../names.ts'
import type { RetryBudget } from '../http/retry.ts'
import { isRedirect, type GitHubClient, type GitHubReply } from './client.ts'
import { readPages } from './pages.ts'
import { refusal, type Refused } from './secret-store.ts'

/** What matters about a repository for a scheduled workflow in it. */
export interface RepositoryFacts {
  readonly isPrivate: boolean
  readonly isArchived: boolean
  /** Whether an organization owns it, so that its jobs may get that organization's secrets. */
  readonly isOfOrganization: boolean
  readonly defaultBranch: string
  /** Its web page, without a final slash. */
  readonly page: string
  /** The last push, in milliseconds since 1970 (UTC); `undefined` if nothing was ever pushed. */
  readonly pushedAt: number | undefined
  /** GitHub's time; `undefined` if the answer has no `Date`. */
  readonly moment: ServerMoment | undefined
}

/** The repository has another name now. GitHub redirects to it, which is not followed. */
export interface Renamed {
  readonly renamed: true
  /** `owner/name`, if GitHub gives it. */
  readonly to: string | undefined
}

/**
 * Reads the facts about a repository (`GET /repos/{owner}/{repo}`).
 *
 * @throws GitHubUnavailable
 */
export async function readRepository(
  client: GitHubClient,
  { owner, repo }: Repository,
  budget: RetryBudget,
): Promise<RepositoryFacts | Renamed | Refused> {
  const answer = await client.request<RepositoryFacts | { readonly redirect: GitHubReply } | Refused>(
    { route: 'GET /repos/{owner}/{repo}', parameters: { owner, repo } },
    budget,
    (reply) => refusal(reply) ?? (isRedirect(reply.status) ? { redirect: reply } : factsIn(reply)),
  )
  if (!('redirect' in answer)) return answer
  return { renamed: true, to: await client.presentName(answer.redirect, budget) }
}

function factsIn({ status, data, moment }: GitHubReply): RepositoryFacts | undefined {
  if (status !== 200 || !isRecord(data)) return undefined
  const { private: isPrivate, default_branch: defaultBranch, html_url: page } = data
  if (typeof isPrivate !== 'boolean' || typeof defaultBranch !== 'string' || typeof page !== 'string')
    return undefined
  const pushedAt = typeof data['pushed_at'] === 'string' ? Date.parse(data['pushed_at']) : Number.NaN
  return {
    isPrivate,
    isArchived: data['archived'] === true,
    isOfOrganization: isRecord(data['owner']) && data['owner']['type'] === 'Organization',
    defaultBranch,
    page,
    pushedAt: Number.isNaN(pushedAt) ? undefined : pushedAt,
    moment,
  }
}

/**
 * Lists the names of a repository's environments (`GET /repos/{owner}/{repo}/environments`, permission "Actions: read").
 *
 * @throws GitHubUnavailable
 */
export async function readEnvironmentNames(
  client: GitHubClient,
  { owner, repo }: Repository,
  budget: RetryBudget,
): Promise<readonly string[] | Refused> {
  const request = { route: 'GET /repos/{owner}/{repo}/environments', parameters: { owner, repo } }
  return readPages(client, request, { key: 'environments', perPage: 100 }, budget, nameIn)
}

/**
 * Lists the names, in upper case, of the organization's secrets that a repository's jobs may use
 * (`GET /repos/{owner}/{repo}/actions/organization-secrets`, permission "Secrets: read").
 *
 * @throws GitHubUnavailable
 */
export async function readOrganizationSecretNames(
  client: GitHubClient,
  { owner, repo }: Repository,
  budget: RetryBudget,
): Promise<ReadonlySet<string> | Refused> {
  const route = 'GET /repos/{owner}/{repo}/actions/organization-secrets'
  const request = { route, parameters: { owner, repo } }
  const names = await readPages(client, request, { key: 'secrets', perPage: 100 }, budget, nameIn)
  return 'refused' in names ? names : new Set(names.map((name) => name.toUpperCase()))
}

/**
 * Lists the organization's variables that a repository's jobs may read, by their names in upper case
 * (`GET /repos/{owner}/{repo}/actions/organization-variables`, permission "Variables: read").
 *
 * @throws GitHubUnavailable
 */
export async function readOrganizationVariables(
  client: GitHubClient,
  { owner, repo }: Repository,
  budget: RetryBudget,
): Promise<ReadonlyMap<string, string> | Refused> {
  const route = 'GET /repos/{owner}/{repo}/actions/organization-variables'
  const request = { route, parameters: { owner, repo } }
  const list = { key: 'variables', perPage: 30 }
  const all = await readPages(client, request, list, budget, ({ name, value }) =>
    typeof name === 'string' && typeof value === 'string'
      ? ([name.toUpperCase(), value] as const)
      : undefined,
  )
  return 'refused' in all ? all : new Map(all)
}

function nameIn({ name }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof name === 'string' ? name : undefined
}
