/** The pages of the GitHub behind an API: where a person makes, installs and deletes an App. */

/** Where GitHub Enterprise Server has its API. */
const enterpriseBase = '/api/v3'

/** A GitHub server. */
export interface Server {
  /** Its pages, without a final slash. */
  readonly url: string
  /** Whether it is a GitHub Enterprise Server, which has its Apps' pages elsewhere. */
  readonly isEnterpriseServer: boolean
}

/**
 * The server that an API belongs to (GitHub Docs, "Getting started with the REST API"): `https://api.github.com`,
 * `https://api.TENANT.ghe.com` of GHE.com, `https://HOST/api/v3` of GitHub Enterprise Server.
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

/** The address that a manifest is posted to (GitHub Docs, "Registering a GitHub App from a manifest"). */
export function newAppUrl(server: Server, organization: string | undefined, state: string): string {
  const query = new URLSearchParams({ state }).toString()
  return `${settingsUrl(server, organization)}/new?${query}`
}

/** The page that an App is installed on; private Apps are seen there by their owner only. */
export function installUrl({ url, isEnterpriseServer }: Server, slug: string): string {
  return `${url}/${isEnterpriseServer ? 'github-apps' : 'apps'}/${encodeURIComponent(slug)}/installations/new`
}

/** The page with all Apps of an account, or with the settings of one. */
export function settingsUrl({ url }: Server, organization: string | undefined, slug?: string): string {
  const account = organization === undefined ? '' : `/organizations/${encodeURIComponent(organization)}`
  return `${url}${account}/settings/apps${slug === undefined ? '' : `/${encodeURIComponent(slug)}`}`
}
