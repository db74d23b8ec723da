/** From names to the secret that they mean. */
import type { GitHubClient } from './github/client.ts'
import { Secret, type SecretPlace } from './github/secret-store.ts'
import { environmentSecrets } from './github/stores/environment.ts'
import { organizationSecrets } from './github/stores/organization.ts'
import { repositorySecrets } from './github/stores/repository.ts'

/** Which secret, in which place. */
export interface SecretTarget {
  readonly owner: string
  readonly repo: string
  readonly environment: string | undefined
  readonly organization: string | undefined
  readonly secretName: string
}

/** The secret that holds the refresh token. */
export function secretOf(client: GitHubClient, target: SecretTarget): Secret {
  return new Secret(client, placeOf(target), target.secretName)
}

function placeOf({ owner, repo, environment, organization }: SecretTarget): SecretPlace {
  if (organization !== undefined) return organizationSecrets(organization)
  return environment === undefined
    ? repositorySecrets(owner, repo)
    : environmentSecrets(owner, repo, environment)
}
