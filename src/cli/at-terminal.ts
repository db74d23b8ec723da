/** Failures of the protocol's parts for a person at a terminal: their own remedies speak of inputs and workflow runs. */
import type { Failure } from '../failure.ts'

/**
 * What happened, and what to do about it at a terminal.
 *
 * @param permission what the token for GitHub needs, as GitHub names it
 * @param spent what became of the token, as a sentence
 * @returns sentences in one line
 */
export function atTerminal({ code, what }: Failure, permission: string, spent: string): string {
  return `${what} ${spent} ${remedy(code, permission)}`
}

function remedy(code: Failure['code'], permission: string): string {
  if (code === 'cannot-write-secret') {
    return `The token (GITHUB_TOKEN, or that of gh) needs ${permission} for this place; check the flags that name it, too.`
  }
  if (code === 'github-unavailable') {
    return 'Check --github-api-url and what stands between here and GitHub (NODE_EXTRA_CA_CERTS names a certificate authority of your own), or run this again later; https://www.githubstatus.com tells about outages.'
  }
  return 'Run this again.'
}
