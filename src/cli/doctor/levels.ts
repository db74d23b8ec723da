/** The places whose secrets a job can read: its environment, its repository and the organization. */
import type { GitHubClient } from '../../github/client.ts'
import { readEnvironmentNames, readOrganizationSecretNames } from '../../github/repository.ts'
import { Secret, type Refused, type SecretPlace } from '../../github/secret-store.ts'
import { environmentSecrets } from '../../github/stores/environment.ts'
import { organizationSecrets } from '../../github/stores/organization.ts'
import { repositorySecrets } from '../../github/stores/repository.ts'
import type { RetryBudget } from '../../http/retry.ts'
import type { Examination } from './finding.ts'

/** One of those places. */
export interface Level {
  readonly kind: 'environment' | 'repository' | 'organization'
  /** In words: `environment "box" of octo-org/nightly`. */
  readonly words: string
  /** Name of the environment, if it is one. */
  readonly environment?: string
  /**
   * Whether it has a secret of this name.
   *
   * @throws GitHubUnavailable
   */
  holds(name: string): Promise<boolean | Refused>
}

/** The levels at which a job of the repository looks for a secret, in that order: the first that has it counts. */
export function levelsOfJob(examination: Examination): readonly Level[] {
  const { client, target, repository, budget } = examination
  if (!repository) {
    return target.organization === undefined
      ? []
      : [levelOf('organization', client, organizationSecrets(target.organization), budget)]
  }
  const { owner, repo } = repository
  const levels = [levelOf('repository', client, repositorySecrets(owner, repo), budget)]
  if (target.environment !== undefined) {
    const { environment } = target
    const place = environmentSecrets(owner, repo, environment)
    levels.unshift({ ...levelOf('environment', client, place, budget), environment })
  }
  if (repository.isOfOrganization) {
    // An organization's secret may not be available to this repository, so ask for the list of those that are.
    let visible: Promise<ReadonlySet<string> | Refused> | undefined
    levels.push({
      kind: 'organization',
      words: `organization ${owner}`,
      holds: async (name) => {
        const names = await (visible ??= readOrganizationSecretNames(client, repository, budget))
        return 'refused' in names ? names : names.has(name.toUpperCase())
      },
    })
  }
  return levels
}

/**
 * The repository's environments, except the one that is examined.
 *
 * @throws GitHubUnavailable
 */
export async function otherEnvironments(examination: Examination): Promise<readonly Level[] | Refused> {
  const { client, target, repository, budget } = examination
  if (!repository) return []
  const { owner, repo } = repository
  const names = await readEnvironmentNames(client, repository, budget)
  if ('refused' in names) return names
  return names
    .filter((name) => name.toLowerCase() !== target.environment?.toLowerCase())
    .map((environment) => ({
      ...levelOf('environment', client, environmentSecrets(owner, repo, environment), budget),
      environment,
    }))
}

function levelOf(kind: Level['kind'], client: GitHubClient, place: SecretPlace, budget: RetryBudget): Level {
  return {
    kind,
    words: place.name,
    holds: async (name) => {
      const metadata = await new Secret(client, place, name).metadata(budget)
      if (!('refused' in metadata)) return true
      return metadata.refused === 404 ? false : metadata
    },
  }
}

/** Where a secret was found, and where GitHub refused to look. */
export interface Search {
  /** The level from which a job reads it. */
  readonly holder: Level | undefined
  readonly refused: readonly { readonly level: Level; readonly refusal: Refused }[]
}

/**
 * Looks for a secret the way a job does.
 *
 * @throws GitHubUnavailable
 */
export async function search(levels: readonly Level[], name: string): Promise<Search> {
  const refused: { level: Level; refusal: Refused }[] = []
  for (const level of levels) {
    const held = await level.holds(name)
    if (held === true) return { holder: level, refused }
    if (held !== false) refused.push({ level, refusal: held })
  }
  return { holder: undefined, refused }
}
