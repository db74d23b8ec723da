/** The web pages of a GitHub server, found from its API: where a person creates, installs and deletes an App. */

/** The path of GitHub Enterprise Server's API. */
const enterpriseBase = '/api/v3'

/** A GitHub server. */
export interface Server {
  /** The address of its web pages, without a final slash. */
  readonly url: string
  /** Whether it is GitHub Enterprise Server, where the pages of Apps are elsewhere. */
  readonly isEnterpriseServer: boolean
}

/**
 * The server that an API belongs to (GitHub Docs, "Getting started with the REST API"): `https://api.github.com`,
 * `https://api.TENANT.ghe.com` on GHE.com, `https://HOST/api/v3` on GitHub Enterprise Server.
 *
 * @param apiUrl without a final slash
 */
export function serverOf(apiUrl: string): Server {
  const { protocol, host, origin, pathname } = new URL(apiUrl)
  const isEnterpriseServer = pathname.endsWith(enterpriseBase)
  if (isEnterpriseServer) {
    return { url: `${origin}${pathname.slice(0, -enterpriseBase.length)}`, isEnterpriseServer }
  }
  return { url: `${protocol}//${host.replace(/^api\./, '')}`, isEnterpriseServer }
}

/** The URL to post a manifest to (GitHub Docs, "Registering a GitHub App from a manifest"). */
export function newAppUrl(server: Server, organization: string | undefined, state: string): string {
  const query = new URLSearchParams({ state }).toString()
  return `${settingsUrl(server, organization)}/new?${query}`
}

/** The page where an App is installed; only its owner can see a private App there. */
export function installUrl({ url, isEnterpriseServer }: Server, slug: string): string {
  return `${url}/${isEnterpriseServer ? 'github-apps' : 'apps'}/${encodeURIComponent(slug)}/installations/new`
}

/** The page that lists an account's Apps; with `slug`, the settings of one App. */
export function settingsUrl({ url }: Server, organization: string | undefined, slug?: string): string {
  const account = organization === undefined ? '' : `/organizations/${encodeURIComponent(organization)}`
  return `${url}${account}/settings/apps${slug === undefined ? '' : `/${encodeURIComponent(slug)}`}`
}
