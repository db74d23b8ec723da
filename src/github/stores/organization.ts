import { isRecord } from '../../json.ts'
import { refusal, type SecretPlace, type Settings } from '../secret-store.ts'
import type { VariablePlace } from '../variable-store.ts'

/** The largest page of a list of repositories. */
const perPage = 100

/**
 * Actions secrets of an organization (`/orgs/{org}/actions/secrets`). Each write sets the visibility, and drops all selected
 * repositories unless it lists them, so both are read first and sent along.
 */
export function organizationSecrets(org: string): SecretPlace {
  return {
    name: `organization ${org}`,
    read: 'when-queued',
    permission: 'organization permission "Secrets: Read and write"',
    absent: `the organization ${org} does not exist, or the token has no access to it`,
    probe: true,
    keyRoute: '/orgs/{org}/actions/secrets/public-key',
    secretRoute: '/orgs/{org}/actions/secrets/{secret_name}',
    parameters: { org },
    settings: async (client, secretName, fields, budget): Promise<Settings> => {
      const visibility = fields['visibility']
      if (visibility === 'all' || visibility === 'private') return { body: { visibility } }
      if (visibility !== 'selected') return { incomplete: 'GitHub does not report its visibility' }
      const ids = new Set<number | bigint>()
      for (let page = 1; ; page += 1) {
        const parameters = { org, secret_name: secretName, per_page: perPage, page }
        const answer = await client.request(
          { route: 'GET /orgs/{org}/actions/secrets/{secret_name}/repositories', parameters },
          budget,
          (reply) => refusal(reply) ?? (reply.status === 200 ? pageIn(reply.data) : undefined),
        )
        if ('refused' in answer) return answer
        const before = ids.size
        for (const id of answer.ids) ids.add(id)
        if (ids.size >= answer.total) return { body: { visibility, selected_repository_ids: [...ids] } }
        // The last page, or one without anything new.
        if (ids.size === before) {
          return {
            incomplete: `this token sees only ${ids.size} of the ${answer.total} repositories that may use it`,
          }
        }
      }
    },
  }
}

function pageIn(data: unknown): { ids: (number | bigint)[]; total: number } | undefined {
  if (!isRecord(data) || typeof data['total_count'] !== 'number' || !Array.isArray(data['repositories']))
    return undefined
  const ids: (number | bigint)[] = []
  for (const repository of data['repositories'] as unknown[]) {
    const id = isRecord(repository) ? repository['id'] : undefined
    // Octokit returns numbers beyond 2^53 as bigint.
    if (typeof id !== 'number' && typeof id !== 'bigint') return undefined
    ids.push(id)
  }
  return { ids, total: data['total_count'] }
}

/**
 * Actions variables of an organization (`/orgs/{org}/actions/variables`). They are only read through the API, so no workflow
 * needs them in its `vars`: a new one is visible to private repositories, as GitHub suggests.
 */
export function organizationVariables(org: string): VariablePlace {
  return {
    name: `organization ${org}`,
    identity: ['organization', org.toLowerCase()],
    permission: 'organization permission "Variables: Read and write"',
    listRoute: '/orgs/{org}/actions/variables',
    parameters: { org },
    settings: { visibility: 'private' },
  }
}
