/**
 * Proxies from the environment, for Box and GitHub alike. Node's HTTP client ignores them unless it is told to use them.
 */
import type http from 'node:http'

/** What the environment says about proxies. */
export interface ProxySettings {
  /** The proxy in use, if any, as `host:port`, without its credentials. */
  readonly proxies: readonly string[]
  /** Credentials in the addresses, to mask. */
  readonly secrets: readonly string[]
  /** What is wrong with them, in whole sentences. */
  readonly problems: readonly string[]
}

/** A shorter mask would tear holes into everything that is printed, and hide nothing. */
const shortestSecret = 4

/** Servers on loopback, the only ones that plain http is for, are on this machine, not on the proxy's. */
const loopback = 'localhost,*.localhost,127.0.0.1,127.0.0.1-127.255.255.255,::1,[::1]'

/**
 * Sends the requests of this process through the proxy that the environment names: `https_proxy`, or else `http_proxy`,
 * and `no_proxy`, in lower or upper case (lower case wins). Everything that is not on loopback is https:, so there is one
 * proxy for everything.
 *
 * @param environment the process's own: what Node.js can't parse is removed from it
 */
export function useProxies(environment: Record<string, string | undefined>): ProxySettings {
  const settings = { proxies: [] as string[], secrets: [] as string[], problems: [] as string[] }
  let used: URL | undefined
  for (const name of ['https_proxy', 'http_proxy']) {
    for (const spelling of [name, name.toUpperCase()]) {
      const value = environment[spelling]?.trim()
      if (!value) continue
      settings.secrets.push(...credentialsIn(value))
      const address = parseProxy(value)
      if (address) {
        used ??= address
      } else {
        settings.problems.push(
          `${spelling} is not the http:// or https:// address of a proxy, and is ignored.`,
        )
        // Node.js reads the environment, too, and would throw, with the address in the message.
        delete environment[spelling]
      }
    }
  }
  if (!used) return settings
  settings.proxies.push(`${used.hostname}:${used.port || (used.protocol === 'https:' ? '443' : '80')}`)
  const none = environment['no_proxy']?.trim() || environment['NO_PROXY']?.trim() || ''
  // Not imported: that would load Node's HTTP clients first, even without a proxy. Older releases of Node.js lack these
  // functions, whatever the types say.
  const node: Partial<NodeJS.Process> = process
  const httpModule: Partial<typeof http> | undefined = node.getBuiltinModule?.('node:http')
  const set = httpModule?.setGlobalProxyFromEnv
  if (set) {
    // Node.js uses `http_proxy` for http: only, and keeps what it found there unless it is told otherwise. "*" counts only
    // if it stands alone.
    set({
      http_proxy: used.href,
      https_proxy: used.href,
      no_proxy: none === '*' ? none : [none, loopback].filter(Boolean).join(','),
    })
  } else if (!node.getBuiltinModule?.('node:https').globalAgent.options.proxyEnv) {
    // This release doesn't know NODE_USE_ENV_PROXY, or only for the global `fetch`.
    settings.problems.push(
      `This version of Node.js (${process.versions.node}) does not use proxies by itself. Use 24.14 or later (on a runner: update the runner), or set NODE_USE_ENV_PROXY=1 if this version supports it.`,
    )
  }
  return settings
}

/** An address, whose credentials must be decodable. The scheme may be missing, as with curl. */
function parseProxy(value: string): URL | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined
  const whole = decoded(url.username) !== undefined && decoded(url.password) !== undefined
  return whole ? url : undefined
}

/** User name and password, even in an invalid address: everything before the last `@`. */
function credentialsIn(value: string): string[] {
  const userInfo = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/i.exec(value)?.[1]
  if (userInfo === undefined) return []
  const password = userInfo.slice(userInfo.indexOf(':') + 1)
  return [...new Set([userInfo, password, decoded(password) ?? ''])].filter(
    (secret) => secret.length >= shortestSecret,
  )
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
