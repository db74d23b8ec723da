/** Deployment environments of a repository, as `login` needs them: look for one, create one. */
import { isRecord } from '../json.ts'
import type { RetryBudget } from '../http/retry.ts'
import type { GitHubClient } from './client.ts'
import { refusal, type Refused } from './secret-store.ts'

/** Which environment. */
export interface EnvironmentName {
  readonly owner: string
  readonly repo: string
  readonly environment: string
}

const route = '/repos/{owner}/{repo}/environments/{environment_name}'

function parametersOf({ owner, repo, environment }: EnvironmentName): Readonly<Record<string, string>> {
  return { owner, repo, environment_name: environment }
}

/**
 * Looks for an environment (`GET …/environments/{environment_name}`; fine-grained permission "Actions: Read").
 *
 * @throws GitHubUnavailable
 */
export async function lookAtEnvironment(
  client: GitHubClient,
  name: EnvironmentName,
  budget: RetryBudget,
): Promise<'there' | Refused> {
  return client.request({ route: `GET ${route}`, parameters: parametersOf(name) }, budget, (reply) =>
    reply.status === 200 ? 'there' : refusal(reply),
  )
}

/**
 * Creates an environment without protection rules (`PUT …/environments/{environment_name}`; fine-grained permission
 * "Administration: Read and write"). Only for an environment that does not exist: it would reset the rules of one that does.
 *
 * @returns `created`, or GitHub's refusal; 422 is for a repository whose plan does not include environments
 * @throws GitHubUnavailable
 */
export async function createEnvironment(
  client: GitHubClient,
  name: EnvironmentName,
  budget: RetryBudget,
): Promise<'created' | Refused | { readonly refused: 422; readonly message: string }> {
  return client.request({ route: `PUT ${route}`, parameters: parametersOf(name) }, budget, (reply) => {
    if (reply.status === 200) return 'created'
    return reply.status === 422 ? { refused: 422, message: reply.message } : refusal(reply)
  })
}

/**
 * Reads the id of a repository (`GET /repos/{owner}/{repo}`; fine-grained permission "Metadata: Read").
 *
 * @throws GitHubUnavailable
 */
export async function repositoryId(
  client: GitHubClient,
  { owner, repo }: { readonly owner: string; readonly repo: string },
  budget: RetryBudget,
): Promise<{ readonly id: number } | Refused> {
  const request = { route: 'GET /repos/{owner}/{repo}', parameters: { owner, repo } }
  return client.request(request, budget, (reply) => {
    const id = reply.status === 200 && isRecord(reply.data) ? reply.data['id'] : undefined
    return typeof id === 'number' ? { id } : refusal(reply)
  })
}
