/** Words the protocol's failures for a person at a terminal: their own remedies are about inputs and workflow runs. */
import { RefusedByGitHub } from '../rotation/messages.ts'
import type { Failure } from '../failure.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import { askerAtTerminal } from './secrets.ts'

/** What the commands write with, in words. */
const ownToken = 'your GitHub token (GITHUB_TOKEN, or the one from gh)'

/**
 * What happened, and what to do about it at a terminal.
 *
 * @param permission what the token for GitHub needs, as GitHub names it
 * @param spent what it means for the token, as a sentence
 * @returns all sentences, in one line
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
    return `Your GitHub token (GITHUB_TOKEN, or the one from gh) needs ${permission} for this place. Also check the flags that name the place.${refused ? besidesPermission(refused) : ''}`
  }
  if (code === 'github-unavailable') {
    return 'Check --github-api-url and any proxy or firewall between this machine and GitHub (to trust a CA of your own, set NODE_EXTRA_CA_CERTS to its certificate file), or run this again later. For outages, see https://www.githubstatus.com.'
  }
  return 'Run this again.'
}
