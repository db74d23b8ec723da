/**
 * Proxies from the environment, for Box and GitHub alike. Node's own `fetch` ignores `https_proxy` and `no_proxy` unless
 * it is told to look at them.
 */
import http from 'node:http'

/** What the environment says about proxies. */
export interface ProxySettings {
  /** Each proxy as `host:port`, without its credentials. */
  readonly proxies: readonly string[]
  /** Passwords in the addresses, to be masked. */
  readonly secrets: readonly string[]
  /** What is wrong with them, in whole sentences. */
  readonly problems: readonly string[]
}

/** Plain http is for servers on loopback only, and these are on this machine, not on the proxy's. */
const loopback = 'localhost,*.localhost,127.0.0.1,127.0.0.1-127.255.255.255,::1,[::1]'

/**
 * Lets Node's `fetch` of this process go through the proxies that the environment names (`https_proxy`, `http_proxy`,
 * `no_proxy`, in lower or upper case; lower case counts first, as in curl).
 */
export function useProxies(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const variable = (name: string): string | undefined =>
    environment[name]?.trim() || environment[name.toUpperCase()]?.trim() || undefined
  const settings = { proxies: [] as string[], secrets: [] as string[], problems: [] as string[] }
  const addresses: Record<string, string> = {}
  for (const name of ['https_proxy', 'http_proxy']) {
    const value = variable(name)
    if (value === undefined) continue
    const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (!url || !/^https?:$/.test(url.protocol)) {
      settings.problems.push(`${name} is not the http:// or https:// address of a proxy, and is ignored.`)
      continue
    }
    addresses[name] = url.href
    settings.proxies.push(`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`)
    for (const secret of [url.password, decodeURIComponentOr(url.password)])
      if (secret) settings.secrets.push(secret)
  }
  if (Object.keys(addresses).length === 0) return settings
  // Older releases of Node.js 24 do not have it, whatever the types say.
  const set = (http as Partial<typeof http>).setGlobalProxyFromEnv
  if (set) {
    set({ ...addresses, no_proxy: [variable('no_proxy'), loopback].filter(Boolean).join(',') })
  } else if (environment['NODE_USE_ENV_PROXY'] !== '1') {
    settings.problems.push(
      `The Node.js of this runner (${process.versions.node}) does not use proxies by itself: update the runner, or set NODE_USE_ENV_PROXY=1 for this step.`,
    )
  }
  return settings
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
