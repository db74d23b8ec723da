import type { SecretPlace } from '../secret-store.ts'

/**
 * Dependabot secrets of a repository (`/repos/{owner}/{repo}/dependabot/secrets`), which Dependabot's runs get instead of
 * Actions secrets.
 */
export function dependabotSecrets(owner: string, repo: string): SecretPlace {
  return {
    name: `Dependabot in ${owner}/${repo}`,
    read: 'when-queued',
    permission: 'repository permission "Dependabot secrets: Read and write"',
    absent: `the repository ${owner}/${repo} does not exist, or the token has no access to its Dependabot secrets`,
    // No field is required here, so GitHub might carry out an empty write.
    probe: false,
    keyRoute: '/repos/{owner}/{repo}/dependabot/secrets/public-key',
    secretRoute: '/repos/{owner}/{repo}/dependabot/secrets/{secret_name}',
    parameters: { owner, repo },
  }
}
