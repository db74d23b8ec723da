/** Failures of the protocol's parts for a person at a terminal: their own remedies speak of inputs and workflow runs. */
import { RefusedByGitHub } from '../rotation/messages.ts'
import type { Failure } from '../failure.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import { askerAtTerminal } from './secrets.ts'

/** What the commands write with. */
const ownToken = 'the token of this command (GITHUB_TOKEN, or that of gh)'

/**
 * What happened, and what to do about it at a terminal.
 *
 * @param permission what the token for GitHub needs, as GitHub names it
 * @param spent what became of the token, as a sentence
 * @returns sentences in one line
 */
export function atTerminal(failure: Failure, permission: string, spent: string): string {
  return `${failure.what} ${spent} ${remedy(failure, permission)}`
}

function remedy(failure: Failure, permission: string): string {
  const { code } = failure
  const refused = failure instanceof RefusedByGitHub ? failure.answer : undefined
  const known = refused && remedyFor(refused, askerAtTerminal(ownToken, permission))
  if (known) return known.next
  if (code === 'cannot-write-secret') {
    return `The token (GITHUB_TOKEN, or that of gh) needs ${permission} for this place; check the flags that name it, too.${refused ? besidesPermission(refused) : ''}`
  }
  if (code === 'github-unavailable') {
    return 'Check --github-api-url and what stands between here and GitHub (NODE_EXTRA_CA_CERTS names a certificate authority of your own), or run this again later; https://www.githubstatus.com tells about outages.'
  }
  return 'Run this again.'
}
