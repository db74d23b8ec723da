/** The manifest from which GitHub creates an App (GitHub Docs, "Registering a GitHub App from a manifest"). */
import { randomBytes } from 'node:crypto'
import type { Server } from '../../github/server.ts'
import type { SecretTarget } from '../../github/target.ts'
import { appPermissions } from '../github-app.ts'

/** The maximum length of an App's name, in characters. */
const longestName = 34
const namePrefix = 'Box token of '

/** What the manifest is filled in with. */
export interface ManifestOptions {
  readonly target: SecretTarget
  readonly stateVariable: string | undefined
  readonly server: Server
  /** Where GitHub sends the browser with the code. */
  readonly redirectUrl: string
}

/**
 * A manifest for a private App without a webhook, with no more permissions than the place needs.
 *
 * @returns its name, with a random ending because it must be unique on the whole server, and the JSON
 */
export function appManifest({ target, stateVariable, server, redirectUrl }: ManifestOptions): {
  readonly name: string
  readonly json: string
} {
  const { owner, repo, organization } = target
  const where = repo === '' ? (organization ?? owner) : repo
  const random = randomBytes(3).toString('hex')
  const name = `${`${namePrefix}${where}`.slice(0, longestName - random.length - 1)} ${random}`
  const manifest = {
    name,
    url: repo === '' ? `${server.url}/${organization ?? owner}` : `${server.url}/${owner}/${repo}`,
    description: 'Lets a workflow store the new Box refresh token.',
    redirect_url: redirectUrl,
    public: false,
    default_permissions: appPermissions(target, stateVariable),
  }
  return { name, json: JSON.stringify(manifest) }
}
