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
 * Variables that change what a shell, a runtime, a common tool or the runner does. On Windows, names are not case-sensitive.
 * No tool looks for a Box token under these names, as rclone does under RCLONE_BOX_ACCESS_TOKEN.
 */
const dangerousVariables = [
  // For the system and the shell.
  /^(?:PATH|PATHEXT|PWD|OLDPWD|HOME|HOMEDRIVE|HOMEPATH|USER|USERNAME|LOGNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SHELL|COMSPEC|ENV|IFS|CDPATH|FPATH|MANPATH|INFOPATH|PS[0-9]|TMP|TEMP|TMPDIR|CI|SYSTEMROOT|WINDIR|CLASSPATH)$/,
  /^(?:LANG|LANGUAGE|LC_.*|LOCPATH|NLSPATH|TZ|TZDIR|TERM|TERMINFO.*|TERMCAP|DISPLAY|WAYLAND_DISPLAY|EDITOR|VISUAL|PAGER|LESS|LESSOPEN|LESSCLOSE|BROWSER|MAKE|MAKEFLAGS|MAKEFILES|GNUMAKEFLAGS|SSLKEYLOGFILE|PSMODULEPATH|POSIXLY_CORRECT)$/,
  /^(?:BASH|PROMPT_COMMAND|SHELLOPTS|ZDOTDIR|GLIBC|GCONV|MALLOC|HOSTALIASES|LOCALDOMAIN|RES_|NSS_|KRB5|SUDO_|POWERSHELL|WSL)/,
  // Runtimes, compilers and package managers.
  /^(?:PYTHON|PERL|RUBY|LUA|PHP|TCL|GHC|OCAML|GO(?:BIN|CACHE|DEBUG|PROXY|PATH|ROOT|ENV|FLAGS|TOOLCHAIN|SUMDB|PRIVATE|NOSUMDB|NOSUMCHECK|INSECURE|VCS|AUTH))/,
  /^(?:LD|DYLD|GITHUB|RUNNER|ACTIONS|AGENT|INPUT|STATE|NODE|NPM|YARN|PNPM|COREPACK|BUN|DENO|NVM|VOLTA|FNM|ELECTRON|PLAYWRIGHT|PUPPETEER|CHROME|GIT|GH|SSH|GPG|HG|SVN|GEM|BUNDLE|RBENV|PIP|PIPX|PIPENV|POETRY|PYENV|UV|CONDA|MAMBA|VIRTUAL|R|JULIA|JAVA|_JAVA|JDK|JVM|MAVEN|MVN|GRADLE|SBT|KOTLIN|ANDROID|TS_NODE|DOTNET|NUGET|MSBUILD|CORECLR|COR|COMPLUS|CARGO|RUSTUP|RUSTC|CC|CXX|CMAKE|PKG|CCACHE|SCCACHE|BAZEL|ERL|ELIXIR|MIX|HEX|STACK|CABAL|SWIFT|XCODE|ASDF|MISE|HOMEBREW|SNAP|CHOCOLATEY)_/,
  /^(?:_?JAVA_(?:TOOL_)?OPTIONS|JDK_JAVA_OPTIONS|RUSTFLAGS|RUSTDOCFLAGS|[CF]FLAGS|CC|CPP|CXX|LD|AR|AS|CPPFLAGS|CXXFLAGS|LDFLAGS|LDLIBS|CPATH|C_INCLUDE_PATH|LIBRARY_PATH)$/,
  // Tools that learn from them where to go, what to run or whom to trust.
  /^(?:SSL|CURL|WGET|OPENSSL|GNUTLS|REQUESTS|DOCKER|BUILDKIT|COMPOSE|CONTAINERS|PODMAN|BUILDAH|REGISTRY|XDG|DBUS|APT|DEBIAN|DPKG|RPM|AWS|AMAZON|AZURE|ARM|GOOGLE|GCLOUD|GCE|CLOUDSDK|BOTO|KUBE|HELM|ANSIBLE|VAULT|CONSUL|NOMAD|PACKER|VAGRANT|TERRAFORM|TERRAGRUNT|TOFU|PULUMI|SERVERLESS|SENTRY|MYSQL|ODBC|OTEL|QT|GTK|GIO|RSYNC)_/,
  /^TF_(?!VAR_)/,
  /^PG(?:HOST|HOSTADDR|PORT|USER|PASS|SERVICE|SYSCONFDIR|SSL|REQUIRE|GSS|KRB)/,
  /^(?:GREP|TAR|XZ|ZSTD|GZIP|BZIP2?|ZIP|UNZIP|LS)(?:_(?:OPT|COLORS?|DEFAULTS|LEVEL))?$/,
  /^(?:ZIPOPT|UNZIPOPT|VIMINIT|EXINIT|FCEDIT)$/,
  /^(?:HTTPS?|ALL|NO|FTP|RSYNC|SOCKS)_PROXY$/,
  // For any tool: names for a place, a file, an option or a command.
  /(?:^|_)(?:CONFIG|CONF|CFG|CONFIG_?(?:FILE|PATH|DIR|HOME)|HOME|HOMEDIR|OPTIONS?|OPTS?|FLAGS|ARGS|PATH|DIR|ROOT|PREFIX|FILE|RC|PRELOAD|STARTUP|COMMAND|CMD|EXEC|EDITOR|PAGER|BROWSER|SHELL|ASKPASS|HOST|HOSTS|PROXY|ENDPOINT|URL|URI|SERVER|REGISTRY|MIRROR|DEBUG|PLUGINS?|RUN_AS_NODE)$/,
  /(?:CONFIG|OPTS|FLAGS|HOME|\w\wRC)$/,
]

/** The name of an environment variable that is safe to set for later steps. */
export function parseVariableName(value: string): string | undefined {
  const upper = value.toUpperCase()
  if (!/^[A-Z_][A-Z0-9_]*$/.test(upper) || dangerousVariables.some((pattern) => pattern.test(upper)))
    return undefined
  return value
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
