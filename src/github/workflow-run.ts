/** The workflow run that this process belongs to. */
import type { RetryBudget } from '../http/retry.ts'
import { isRecord } from '../json.ts'
import { GitHubUnavailable, type GitHubClient } from './client.ts'

/** Which run this is, according to the runner's environment. */
export interface RunIdentity {
  readonly owner: string
  readonly repo: string
  readonly runId: number
}

/**
 * Reads when the run was queued (`GET /repos/{owner}/{repo}/actions/runs/{run_id}`, permission "Actions: read").
 *
 * @returns `created_at` in milliseconds since 1970 (UTC), or `undefined` if the token may not read the run or GitHub does
 *   not answer: the date helps to recognize a stale secret, but nothing depends on it alone
 */
export async function readRunCreatedAt(
  client: GitHubClient,
  run: RunIdentity,
  budget: RetryBudget,
): Promise<number | undefined> {
  const parameters = { owner: run.owner, repo: run.repo, run_id: run.runId }
  try {
    const createdAt = await client.request(
      { route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}', parameters },
      budget,
      ({ status, data }) => {
        if (status >= 400) return Number.NaN
        return status === 200 && isRecord(data) && typeof data['created_at'] === 'string'
          ? Date.parse(data['created_at'])
          : undefined
      },
    )
    return Number.isNaN(createdAt) ? undefined : createdAt
  } catch (error) {
    if (error instanceof GitHubUnavailable) return undefined
    throw error
  }
}
