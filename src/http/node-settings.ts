/**
 * Settings of Node.js that an earlier step, an image or a shell may have left in the environment, and that would reveal what
 * is sent. Node.js itself reads both: one whenever it makes a connection, the other before any of our code runs.
 */

/** Sections of `NODE_DEBUG` that print requests, answers or bytes of them, `stream` in a form that masks don't cover. */
const tellingSections = ['http', 'https', 'http2', 'net', 'tls', 'stream']

/**
 * Whether `NODE_DEBUG` makes Node.js print what is sent. Parses it as Node.js does: sections between commas, `*` for
 * anything, upper and lower case alike, no spaces.
 *
 * @param environment the process's own
 */
export function printsTraffic(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment['NODE_DEBUG'] ?? '').split(',').some((section) => {
    const escaped = section.replace(/[|\\{}()[\]^$+?.]/g, String.raw`\$&`).replaceAll('*', '.*')
    const pattern = new RegExp(`^${escaped}$`, 'i')
    return tellingSections.some((name) => pattern.test(name))
  })
}

/** What to say about it. `next` is without a full stop. */
export const trafficIsPrinted = {
  what: 'NODE_DEBUG makes Node.js print everything that is sent, including tokens.',
  next: `Remove ${tellingSections.join(', ')} (and patterns that match them) from NODE_DEBUG`,
}

/**
 * Keeps certificate checks on, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says: otherwise anybody on the way could take the
 * credentials. Node.js reads it for every connection, even to a proxy, so it is removed.
 *
 * @param environment the process's own
 * @returns a warning, in whole sentences; `undefined` if it was not set to 0
 */
export function keepCertificatesChecked(environment: Record<string, string | undefined>): string | undefined {
  const isOff = environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
  delete environment['NODE_TLS_REJECT_UNAUTHORIZED']
  return isOff
    ? 'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always checked. To trust a CA of your own, set NODE_EXTRA_CA_CERTS to its certificate file.'
    : undefined
}
