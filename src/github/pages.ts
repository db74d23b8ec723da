/** Lists that GitHub returns page by page. */
import { isRecord } from '../json.ts'
import type { RetryBudget } from '../http/retry.ts'
import type { GitHubClient, GitHubReply, GitHubRequest } from './client.ts'
import { refusal, type Refused } from './secret-store.ts'

/** More pages than any list can have, so that a server whose list never ends does not keep us busy for ever. */
const mostPages = 100

/**
 * Reads all pages of a list (`per_page`, `page`; the answer has `total_count` and the entries under one name).
 *
 * @param key name of the entries in the answer
 * @param perPage the largest page that GitHub allows for this list: usually 100, but 30 for variables
 * @param entryIn takes what is needed from one entry; `undefined` means that the answer is not usable
 * @throws GitHubUnavailable
 */
export async function readPages<T>(
  client: GitHubClient,
  request: GitHubRequest,
  { key, perPage }: { readonly key: string; readonly perPage: number },
  budget: RetryBudget,
  entryIn: (entry: Readonly<Record<string, unknown>>) => T | undefined,
): Promise<readonly T[] | Refused> {
  const entries: T[] = []
  for (let page = 1; page <= mostPages; page += 1) {
    const parameters = { ...request.parameters, per_page: perPage, page }
    const answer = await client.request(
      { route: request.route, parameters },
      budget,
      (reply) => refusal(reply) ?? pageIn(reply, key, entryIn),
    )
    if ('refused' in answer) return answer
    entries.push(...answer.entries)
    if (answer.entries.length === 0 || entries.length >= answer.total) break
  }
  return entries
}

function pageIn<T>(
  { status, data }: GitHubReply,
  key: string,
  entryIn: (entry: Readonly<Record<string, unknown>>) => T | undefined,
): { readonly entries: readonly T[]; readonly total: number } | undefined {
  if (status !== 200 || !isRecord(data) || typeof data['total_count'] !== 'number') return undefined
  const list = data[key]
  if (!Array.isArray(list)) return undefined
  const entries: T[] = []
  for (const item of list as unknown[]) {
    const entry = isRecord(item) ? entryIn(item) : undefined
    if (entry === undefined) return undefined
    entries.push(entry)
  }
  return { entries, total: data['total_count'] }
}
