/** Checks the names and addresses that a person gives. Each function returns `undefined` for an invalid one. */

/** `owner/name`, in its two parts. */
export interface Repository {
  readonly owner: string
  readonly repo: string
}

/** The booleans of the YAML 1.2 core schema, as `core.getBooleanInput` accepts them. */
export function parseBoolean(value: string): boolean | undefined {
  if (/^(?:true|True|TRUE)$/.test(value)) return true
  return /^(?:false|False|FALSE)$/.test(value) ? false : undefined
}

/** Decimal digits only, between two bounds. */
export function parseWholeNumber(value: string, least: number, most: number): number | undefined {
  if (!/^\d{1,9}$/.test(value)) return undefined
  const number = Number(value)
  return number >= least && number <= most ? number : undefined
}

/** GitHub's own limits: 39 characters for an owner (more for enterprise-managed users), 100 for a name. */
export function parseRepository(value: string): Repository | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})$/.exec(value)
  const [, owner, repo] = match ?? []
  return owner === undefined || repo === undefined || repo === '.' || repo === '..'
    ? undefined
    : { owner, repo }
}

/** A user or an organization. */
export function parseOwner(value: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(value) ? value : undefined
}

/** Scopes (RFC 6749, appendix A.4), returned with single spaces between them. */
export function parseScope(value: string): string | undefined {
  const scopes = value.split(/\s+/)
  return scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) ? scopes.join(' ') : undefined
}

/** The address of one Box file or folder in the API. */
export function parseResource(value: string): string | undefined {
  return /^https:\/\/[^\s/?#@]+\/2\.0\/(?:files|folders)\/\d+$/.test(value) && URL.canParse(value)
    ? value
    : undefined
}

/** A Box shared link, on any host. */
export function parseSharedLink(value: string): string | undefined {
  return /^https:\/\/[^\s/?#@]+\/\S+$/.test(value) && URL.canParse(value) ? value : undefined
}

/**
 * Any name that GitHub allows, unless it would lead elsewhere as part of a path: it is sent percent-encoded, and a proxy on
 * the way may decode it once or twice.
 */
export function parseEnvironmentName(value: string): string | undefined {
  if (value.length > 255 || /\p{Cc}/u.test(value)) return undefined
  let path = value
  for (let layer = 0; layer < 4; layer += 1) {
    if (/\p{Cc}/u.test(path) || path.split(/[\\/]/).some((segment) => segment === '.' || segment === '..'))
      return undefined
    path = path.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
  return value
}

/** GitHub Docs, "Naming your secrets". */
export function parseSecretName(value: string): string | undefined {
  return /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(value) ? value : undefined
}

/** Root of an API, without a final slash: https, or http on loopback. */
export function parseApiUrl(value: string): string | undefined {
  // `URL` silently drops line breaks and encodes spaces.
  const url = URL.canParse(value) && !/[\s\p{Cc}]/u.test(value) ? new URL(value) : undefined
  if (!url || url.username !== '' || url.password !== '' || /[?#]/.test(value)) return undefined
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  return secure ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : undefined
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Leaves room for what claims add to the name (GitHub allows 255 characters). */
const longestStateVariable = 200

/** GitHub Docs, "Naming conventions for configuration variables": the same as for secrets. */
export function parseStateVariable(value: string): string | undefined {
  return value.length <= longestStateVariable ? parseSecretName(value) : undefined
}
