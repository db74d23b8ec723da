import type { SecretPlace } from '../secret-store.ts'
import type { VariablePlace } from '../variable-store.ts'

/** Actions secrets of a repository (`/repos/{owner}/{repo}/actions/secrets`). */
export function repositorySecrets(owner: string, repo: string): SecretPlace {
  return {
    name: `repository ${owner}/${repo}`,
    read: 'when-queued',
    permission: 'repository permission "Secrets: Read and write"',
    absent: `the repository ${owner}/${repo} does not exist, or the token has no access to it`,
    probe: true,
    keyRoute: '/repos/{owner}/{repo}/actions/secrets/public-key',
    secretRoute: '/repos/{owner}/{repo}/actions/secrets/{secret_name}',
    parameters: { owner, repo },
  }
}

/** Actions variables of a repository (`/repos/{owner}/{repo}/actions/variables`). */
export function repositoryVariables(owner: string, repo: string): VariablePlace {
  return {
    name: `repository ${owner}/${repo}`,
    identity: ['repository', `${owner}/${repo}`.toLowerCase()],
    permission: 'repository permission "Variables: Read and write"',
    listRoute: '/repos/{owner}/{repo}/actions/variables',
    parameters: { owner, repo },
    settings: {},
  }
}
