/** Which secrets a run writes: from names to the secret, the variables beside it, and its copies. */
import type { GitHubClient } from './client.ts'
import { Secret, type SecretPlace } from './secret-store.ts'
import { environmentSecrets, environmentVariables } from './stores/environment.ts'
import { organizationSecrets, organizationVariables } from './stores/organization.ts'
import { repositorySecrets, repositoryVariables } from './stores/repository.ts'
import { VariableStore } from './variable-store.ts'

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

/** The variables in the same place as that secret. */
export function variablesOf(client: GitHubClient, target: SecretTarget): VariableStore {
  const { owner, repo, environment, organization } = target
  if (organization !== undefined) return new VariableStore(client, organizationVariables(organization))
  return new VariableStore(
    client,
    environment === undefined
      ? repositoryVariables(owner, repo)
      : environmentVariables(owner, repo, environment),
  )
}

function placeOf({ owner, repo, environment, organization }: SecretTarget): SecretPlace {
  if (organization !== undefined) return organizationSecrets(organization)
  return environment === undefined
    ? repositorySecrets(owner, repo)
    : environmentSecrets(owner, repo, environment)
}

/** A further secret that one of the new tokens is written to. */
export interface Copy {
  readonly secret: Secret
  readonly holds: 'refresh-token' | 'access-token'
  /** Whether the run fails if this cannot be written; otherwise there is a warning. The chain is alive either way. */
  readonly required: boolean
}
