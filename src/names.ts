/** What the names and addresses that a person gives may look like. `undefined`: not like this. */

/** `owner/name`, in its two parts. */
export interface Repository {
  readonly owner: string
  readonly repo: string
}

/** The YAML 1.2 core schema's booleans, as `core.getBooleanInput` has them. */
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

/** Scopes as RFC 6749 (appendix A.4) has them, one space between two. */
export function parseScope(value: string): string | undefined {
  const scopes = value.split(/\s+/)
  return scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) ? scopes.join(' ') : undefined
}

/** One file or folder of Box, as its address in the API. */
export function parseResource(value: string): string | undefined {
  return /^https:\/\/[^\s/?#@]+\/2\.0\/(?:files|folders)\/\d+$/.test(value) && URL.canParse(value)
    ? value
    : undefined
}

/** A shared link of Box, under any of its hosts. */
export function parseSharedLink(value: string): string | undefined {
  return /^https:\/\/[^\s/?#@]+\/\S+$/.test(value) && URL.canParse(value) ? value : undefined
}

/** Variables that a shell, a runtime or the runner acts on; on Windows the case of letters does not matter. */
const dangerousVariables = [
  /^(?:PATH|PATHEXT|PWD|OLDPWD|HOME|USERPROFILE|SHELL|COMSPEC|ENV|IFS|CDPATH|PS[0-9]|TMP|TEMP|TMPDIR|CI|SYSTEMROOT|WINDIR|CLASSPATH)$/,
  /^(?:LANG|LANGUAGE|LC_.*|TZ|TERM|EDITOR|VISUAL|PAGER|BROWSER|MAKEFLAGS|MAKEFILES|SSLKEYLOGFILE|PSMODULEPATH)$/,
  /^(?:BASH|PROMPT_COMMAND|SHELLOPTS|ZDOTDIR|GLIBC|GCONV|MALLOC|PYTHON|PERL|RUBY|GO(?:PROXY|PATH|ROOT|ENV|FLAGS|TOOLCHAIN|SUMDB))/,
  /^(?:LD|DYLD|GITHUB|RUNNER|ACTIONS|INPUT|STATE|NODE|NPM|YARN|PNPM|COREPACK|GIT|SSH|GEM|BUNDLE|PIP|UV|JAVA|_JAVA|JDK|MAVEN|GRADLE|DOTNET|NUGET|CORECLR|COR|CARGO|RUSTUP|RUSTC|SSL|CURL|OPENSSL|DOCKER|XDG|APT|DEBIAN)_/,
  /^(?:_?JAVA_(?:TOOL_)?OPTIONS|RUSTFLAGS)$/,
  /^(?:HTTPS?|ALL|NO|FTP)_PROXY$/,
]

/** An environment variable that may be set for later steps. */
export function parseVariableName(value: string): string | undefined {
  const upper = value.toUpperCase()
  if (!/^[A-Z_][A-Z0-9_]*$/.test(upper) || dangerousVariables.some((pattern) => pattern.test(upper)))
    return undefined
  return value
}

/** Any name GitHub allows, but none that would lead elsewhere as a segment of a path. */
export function parseEnvironmentName(value: string): string | undefined {
  return value.length <= 255 && !/\p{Cc}/u.test(value) && value !== '.' && value !== '..' ? value : undefined
}

/** GitHub Docs, "Naming your secrets". */
export function parseSecretName(value: string): string | undefined {
  return /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(value) ? value : undefined
}

/** Root of an API, without a final slash: https, or http on loopback. */
export function parseApiUrl(value: string): string | undefined {
  // `URL` leaves line breaks out and encodes spaces, without a word.
  const url = URL.canParse(value) && !/[\s\p{Cc}]/u.test(value) ? new URL(value) : undefined
  if (!url || url.username !== '' || url.password !== '' || /[?#]/.test(value)) return undefined
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  return secure ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : undefined
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Leaves room for what the names of claims add (GitHub allows 255 characters). */
const longestStateVariable = 200

/** GitHub Docs, "Naming conventions for configuration variables": the same as for secrets. */
export function parseStateVariable(value: string): string | undefined {
  return value.length <= longestStateVariable ? parseSecretName(value) : undefined
}
