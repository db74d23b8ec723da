/** The workflows of a repository: their files, whether they are enabled, and how the last run ended. */
import { isRecord } from '../json.ts'
import type { Repository } from '../names.ts'
import type { RetryBudget } from '../http/retry.ts'
import type { GitHubClient, GitHubReply } from './client.ts'
import { readPages } from './pages.ts'
import { refusal, type Refused } from './secret-store.ts'

/** A workflow, as GitHub lists it. */
export interface Workflow {
  readonly id: number
  /** The path of its file in the repository. */
  readonly path: string
  /** `active`, `disabled_inactivity`, `disabled_manually`, `disabled_fork`, `deleted`, or something newer. */
  readonly state: string
}

/** A completed run. */
export interface FinishedRun {
  /** GitHub's word: `success`, `failure`, `cancelled`, `timed_out`, … */
  readonly conclusion: string
  /** When it was queued, in milliseconds since 1970 (UTC). */
  readonly createdAt: number
  /** Its web page. */
  readonly page: string
}

/**
 * Lists all workflows (`GET /repos/{owner}/{repo}/actions/workflows`, permission "Actions: read").
 *
 * @throws GitHubUnavailable
 */
export async function readWorkflows(
  client: GitHubClient,
  { owner, repo }: Repository,
  budget: RetryBudget,
): Promise<readonly Workflow[] | Refused> {
  const request = { route: 'GET /repos/{owner}/{repo}/actions/workflows', parameters: { owner, repo } }
  return readPages(client, request, { key: 'workflows', perPage: 100 }, budget, ({ id, path, state }) =>
    typeof id === 'number' && typeof path === 'string' && typeof state === 'string'
      ? { id, path, state }
      : undefined,
  )
}

/**
 * Reads a file on the default branch (`GET /repos/{owner}/{repo}/contents/{path}`, permission "Contents: read").
 *
 * @returns its text, or `tooLarge` if GitHub leaves out the content (over 1 MB)
 * @throws GitHubUnavailable
 */
export async function readFileText(
  client: GitHubClient,
  { owner, repo }: Repository,
  path: string,
  budget: RetryBudget,
): Promise<{ readonly text: string } | { readonly tooLarge: true } | Refused> {
  return client.request<{ readonly text: string } | { readonly tooLarge: true } | Refused>(
    { route: 'GET /repos/{owner}/{repo}/contents/{path}', parameters: { owner, repo, path } },
    budget,
    (reply) => refusal(reply) ?? contentIn(reply),
  )
}

function contentIn({
  status,
  data,
}: GitHubReply): { readonly text: string } | { readonly tooLarge: true } | undefined {
  if (status !== 200 || !isRecord(data) || typeof data['content'] !== 'string') return undefined
  if (data['encoding'] === 'none') return { tooLarge: true }
  if (data['encoding'] !== 'base64') return undefined
  return { text: Buffer.from(data['content'], 'base64').toString('utf8') }
}

/**
 * Reads the last completed run of a workflow on a branch
 * (`GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs`, permission "Actions: read").
 *
 * @returns `undefined` if there is none
 * @throws GitHubUnavailable
 */
export async function readLastRun(
  client: GitHubClient,
  { owner, repo }: Repository,
  workflowId: number,
  branch: string,
  budget: RetryBudget,
): Promise<FinishedRun | undefined | Refused> {
  const parameters = { owner, repo, workflow_id: workflowId, branch, status: 'completed', per_page: 1 }
  const answer = await client.request<{ readonly run: FinishedRun | undefined } | Refused>(
    { route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', parameters },
    budget,
    (reply) => refusal(reply) ?? lastRunIn(reply),
  )
  return 'refused' in answer ? answer : answer.run
}

function lastRunIn({ status, data }: GitHubReply): { readonly run: FinishedRun | undefined } | undefined {
  if (status !== 200 || !isRecord(data) || !Array.isArray(data['workflow_runs'])) return undefined
  const [run] = data['workflow_runs'] as unknown[]
  if (run === undefined) return { run: undefined }
  if (!isRecord(run)) return undefined
  const { conclusion, created_at: created, html_url: page } = run
  if (typeof conclusion !== 'string' || typeof created !== 'string' || typeof page !== 'string')
    return undefined
  const createdAt = Date.parse(created)
  return Number.isNaN(createdAt) ? undefined : { run: { conclusion, createdAt, page } }
}
