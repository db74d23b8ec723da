/**
 * Settings of Node.js that an earlier step, an image or a shell may have left in the environment, and that would give away
 * what is sent. Both are read by Node.js itself: one whenever a connection is made, the other before any line of ours.
 */

/** Sections of `NODE_DEBUG` that print requests, answers or bytes of them; `stream` in a form that no mask covers. */
const tellingSections = ['http', 'https', 'http2', 'net', 'tls', 'stream']

/**
 * Whether `NODE_DEBUG` makes Node.js print what is sent. Reads it as Node.js does: sections between commas, `*` for
 * anything, in any case of letters, no spaces.
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

/** What to say about it, in two sentences. */
export const trafficIsPrinted = {
  what: 'NODE_DEBUG is set to a section that makes Node.js print what is sent, tokens included.',
  next: `Remove ${tellingSections.join(', ')} (and patterns that match them) from NODE_DEBUG`,
}

/**
 * Keeps certificates checked, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says: without that, anybody on the way could have the
 * credentials. Node.js reads it at every connection, those to a proxy included, so it is taken out.
 *
 * @param environment the process's own
 * @returns what to tell about it, in whole sentences; `undefined` where it was not set
 */
export function keepCertificatesChecked(environment: Record<string, string | undefined>): string | undefined {
  const isOff = environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
  delete environment['NODE_TLS_REJECT_UNAUTHORIZED']
  return isOff
    ? 'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are checked. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its file.'
    : undefined
}
