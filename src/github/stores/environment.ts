import type { SecretPlace } from '../secret-store.ts'
import type { VariablePlace } from '../variable-store.ts'

/** Secrets of an environment (`/repos/{owner}/{repo}/environments/{environment_name}/secrets`). */
export function environmentSecrets(owner: string, repo: string, environment: string): SecretPlace {
  return {
    name: `environment "${environment}" of ${owner}/${repo}`,
    read: 'when-the-job-starts',
    permission: 'repository permission "Environments: Read and write"',
    absent: `the environment "${environment}" does not exist in ${owner}/${repo}, or the token has no access to it`,
    probe: true,
    keyRoute: '/repos/{owner}/{repo}/environments/{environment_name}/secrets/public-key',
    secretRoute: '/repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}',
    parameters: { owner, repo, environment_name: environment },
  }
}

/** Actions variables of an environment (`/repos/{owner}/{repo}/environments/{environment_name}/variables`). */
export function environmentVariables(owner: string, repo: string, environment: string): VariablePlace {
  return {
    name: `environment "${environment}" of ${owner}/${repo}`,
    identity: ['environment', `${owner}/${repo}`.toLowerCase(), environment.toLowerCase()],
    permission: 'repository permission "Environments: Read and write"',
    listRoute: '/repos/{owner}/{repo}/environments/{environment_name}/variables',
    parameters: { owner, repo, environment_name: environment },
    settings: {},
  }
}
