/** What the model of GitHub knows about a repository besides its secrets: settings, workflow files and their runs. */
import { iso, type ModelReply } from './exchange.ts'

/** A repository's settings. */
export interface RepositorySettings {
  isPrivate: boolean
  isArchived: boolean
  /** Milliseconds since 1970 (UTC). */
  pushedAt: number
  /** The new name if somebody has renamed the repository: it is only found by its current name, or its id. */
  renamedTo: string | undefined
}

/** A workflow and its runs. */
export interface ModelWorkflow {
  readonly path: string
  /** Its text on the default branch; `undefined`: it is only on another branch. */
  text: string | undefined
  state: 'active' | 'deleted' | 'disabled_fork' | 'disabled_inactivity' | 'disabled_manually'
  /** Newest first. */
  readonly runs: ModelRun[]
}

/** A run of a workflow, on the default branch unless another is named. */
export interface ModelRun {
  readonly id: number
  /** `undefined`: it is still in progress. */
  readonly conclusion: string | undefined
  /** Milliseconds since 1970 (UTC). */
  readonly createdAt: number
  readonly branch?: string
}

const host = 'https://github.com'
const api = 'https://api.github.com'
const setUp = '2026-01-05T08:00:00Z'

/** What GitHub answers for a former name of a repository, whatever is requested below it. */
export function movedReply(id: number, rest: string): ModelReply {
  const url = `${api}/repositories/${id}${rest}`
  return { status: 301, headers: { location: url }, body: { message: 'Moved Permanently', url } }
}

/** `GET /repos/{owner}/{repo}`, the few fields that matter. */
export function repositoryReply(
  slug: string,
  id: number,
  settings: RepositorySettings,
  ownerType: 'Organization' | 'User',
): ModelReply {
  return {
    status: 200,
    body: {
      id,
      full_name: slug,
      private: settings.isPrivate,
      archived: settings.isArchived,
      owner: { login: slug.split('/')[0], type: ownerType },
      default_branch: 'main',
      html_url: `${host}/${slug}`,
      pushed_at: iso(settings.pushedAt),
    },
  }
}

/** `GET /repos/{owner}/{repo}/environments`. */
export function environmentsReply(
  slug: string,
  names: readonly string[],
  query: URLSearchParams,
): ModelReply {
  const environments = names.map((name, index) => ({
    id: 161_088_068 + index,
    node_id: 'EN_kwDOABPBhM4JmgDE',
    name,
    url: `${api}/repos/${slug}/environments/${encodeURIComponent(name)}`,
    html_url: `${host}/${slug}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: setUp,
    updated_at: setUp,
  }))
  return { status: 200, body: { total_count: names.length, environments: pageOf(environments, query) } }
}

/** `GET /repos/{owner}/{repo}/actions/workflows`. */
export function workflowsReply(
  slug: string,
  workflows: readonly ModelWorkflow[],
  query: URLSearchParams,
): ModelReply {
  const list = workflows.map(({ path, state }, index) => ({
    id: workflowId(index),
    node_id: 'W_kwDOABPBhM4CeA',
    name: path,
    path,
    state,
    created_at: setUp,
    updated_at: setUp,
    url: `${api}/repos/${slug}/actions/workflows/${workflowId(index)}`,
    html_url: `${host}/${slug}/blob/main/${path}`,
    badge_url: `${host}/${slug}/workflows/${encodeURIComponent(path)}/badge.svg`,
  }))
  return { status: 200, body: { total_count: list.length, workflows: pageOf(list, query) } }
}

function workflowId(index: number): number {
  return 161_335 + index
}

/** The workflow with an id from `workflowsReply`. */
export function workflowOf(workflows: readonly ModelWorkflow[], id: number): ModelWorkflow | undefined {
  return workflows.find((_workflow, index) => workflowId(index) === id)
}

/** `GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs`, the few fields that matter; newest first. */
export function runsReply(slug: string, { runs }: ModelWorkflow, query: URLSearchParams): ModelReply {
  const wanted = runs.filter(
    ({ conclusion, branch = 'main' }) =>
      branch === (query.get('branch') ?? branch) &&
      (query.get('status') !== 'completed' || conclusion !== undefined),
  )
  const list = wanted.map(({ id, conclusion, createdAt, branch = 'main' }) => ({
    id,
    head_branch: branch,
    status: conclusion === undefined ? 'in_progress' : 'completed',
    conclusion: conclusion ?? null,
    created_at: iso(createdAt),
    html_url: `${host}/${slug}/actions/runs/${id}`,
  }))
  return { status: 200, body: { total_count: list.length, workflow_runs: pageOf(list, query) } }
}

/** `GET /repos/{owner}/{repo}/contents/{path}` for a file; its base64 has line breaks, as GitHub sends it. */
export function fileReply(slug: string, path: string, text: string): ModelReply {
  const lines = Buffer.from(text, 'utf8')
    .toString('base64')
    .replace(/.{1,60}/g, '$&\n')
  const sha = '3d21ec53a331a6f037a91c368710b99387d012c1'
  const addresses = {
    self: `${api}/repos/${slug}/contents/${path}?ref=main`,
    git: `${api}/repos/${slug}/git/blobs/${sha}`,
    html: `${host}/${slug}/blob/main/${path}`,
  }
  return {
    status: 200,
    body: {
      type: 'file',
      encoding: 'base64',
      size: Buffer.byteLength(text),
      name: path.split('/').at(-1),
      path,
      content: lines,
      sha,
      url: addresses.self,
      git_url: addresses.git,
      html_url: addresses.html,
      download_url: `https://raw.githubusercontent.com/${slug}/main/${path}`,
      _links: addresses,
    },
  }
}

/** One page of a list; 30 by default, at most 100. */
export function pageOf<T>(list: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Math.min(100, Number(query.get('per_page') ?? 30))
  const from = (Number(query.get('page') ?? 1) - 1) * size
  return list.slice(from, from + size)
}
