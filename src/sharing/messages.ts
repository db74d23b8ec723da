/** Every failure (in three sentences) and warning about a shared token. The decisions are made in the other files. */
import { isoSeconds } from '../clock.ts'
import { askerOfAction, RefusedByGitHub } from '../rotation/messages.ts'
import { Failure, nothingSpent } from '../failure.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import type { Refused } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import type { Narrator } from '../narrator.ts'

/** What the sentences are about. */
export interface SharedSubject {
  readonly narrator: Narrator
  readonly variables: VariableStore
  readonly seal: { readonly name: string }
}

/** The state variable in words. */
export function titleOf({ variables, seal }: SharedSubject): string {
  return `variable ${seal.name} of ${variables.place.name}`
}

/** GitHub refuses to let the token read or write the state or its claims. */
export function cannotUseVariable(
  subject: SharedSubject,
  act: 'read' | 'list' | 'write',
  answer: Refused,
): Failure {
  const { refused, message } = answer
  const { permission } = subject.variables.place
  const words = subject.narrator.foreign(message)
  const tried = {
    read: `read the ${titleOf(subject)}`,
    list: `list the claims next to the ${titleOf(subject)}`,
    write: `write variables next to the ${titleOf(subject)}`,
  }[act]
  const wanted =
    act === 'write' ? permission : `${permission} (with \`auto-refresh: false\`, "Read-only" is enough)`
  const asker = askerOfAction(wanted)
  const remedy = remedyFor(answer, asker)
  const reason = {
    401: 'the token is not valid or has expired',
    403: 'the token is not allowed to do that',
    404: 'the place does not exist, or the token has no access to it',
  }[refused]
  return new RefusedByGitHub(
    {
      what: `GitHub answered ${refused} when asked to ${tried} (\`state-variable\`)${words === '' ? '' : ` ("${words}")`}: ${remedy?.reason ?? reason}.`,
      spent: nothingSpent,
      next:
        remedy?.next ??
        `Set ${asker.token} to ${asker.wanted}. GITHUB_TOKEN cannot write variables, whatever its permissions.${besidesPermission(answer)}`,
    },
    answer,
  )
}

/** The state was written by a newer version of this action. */
export function newerState(subject: SharedSubject): Failure {
  return new Failure('bad-input', {
    what: `The shared state in the ${titleOf(subject)} was written by a newer version of this action, or somebody marked it that way.`,
    spent: nothingSpent,
    next: `Use the same version of the action in all workflows that share this variable. ${withoutNewer(subject.seal.name)}`,
  })
}

/** The way out if a state is marked as newer although no newer version wrote it: the mark itself is not sealed. */
export function withoutNewer(name: string): string {
  return `If none of them is newer, delete the variable ${name} and start a new run: it uses the refresh token in the secret. If that run fails with \`reauthorize\`, run \`box-token login --state-variable ${name}\`.`
}

/** Which refresh token is used next. */
export function refreshingWith(source: 'state' | 'given', hasState: boolean): string {
  if (source === 'state') return 'Refreshing the token in the shared state.'
  return hasState
    ? 'The shared state does not know the refresh token given to this job: refreshing with that one.'
    : 'There is no shared state to go by yet: refreshing with the refresh token given to this job.'
}

/** A warning: the state does not open. */
export function putAside(subject: SharedSubject): string {
  return `The shared state in the ${titleOf(subject)} cannot be decrypted with this client secret (and \`state-key\`), or is damaged. It is ignored: a job that refreshes uses the refresh token in the secret. If another app uses this variable, give each app its own \`state-variable\`.`
}

/** A variable that is not a claim has the name that a claim needs. `what` names the remedy too: `post` prints only that. */
export function blockedClaim(subject: SharedSubject): Failure {
  return new Failure('github-unavailable', {
    what: `The right to refresh the shared token cannot be claimed: next to the ${titleOf(subject)}, there is a variable that has the name of a claim but is not one. The variables whose names begin with ${subject.seal.name.toUpperCase()}_CLAIM_ must be deleted.`,
    spent: nothingSpent,
    next: 'Delete them, then start a new run.',
  })
}

/**
 * With `auto-refresh: false`, there is nothing to hand out.
 *
 * @param reason without a full stop
 * @param isUnreadable there is a state, which does not open
 */
export function refreshDisabled(subject: SharedSubject, reason: string, isUnreadable: boolean): Failure {
  return new Failure('refresh-disabled', {
    what: `There is no usable shared access token in the ${titleOf(subject)}: ${reason}. With \`auto-refresh: false\`, this job does not refresh it.`,
    spent: nothingSpent,
    next: isUnreadable
      ? 'Give this job and the workflow that refreshes the token the same `client-secret` and `state-key`. If one of them has changed, run that workflow first: it writes the variable anew.'
      : 'Run the workflow that refreshes the token (one with this `state-variable` and without `auto-refresh: false`), then run this job again.',
  })
}

/** Why a state is of no use with `auto-refresh: false`; without a full stop. */
export function notGood(expiresAt: number, minimumValidity: number): string {
  return `it expires at ${isoSeconds(expiresAt)}, but \`minimum-validity\` requires ${minimumValidity} min`
}

/** The new pair could not be published. `problem` has no full stop. */
export function notPublished(subject: SharedSubject, retryFor: number, problem: string): Failure {
  return new Failure('secret-not-written', {
    what: `GitHub did not let this job publish the new pair in the ${titleOf(subject)} within ${retryFor} s: ${problem}.`,
    spent:
      'The old refresh token has been used (invalidated) and, as far as this job can tell, the new one is not stored. No access token is handed out.',
    next: `Check the log of the post step of this action: it tries once more, and prints a recovery text if it cannot store the token either. If it did neither, start a new run once GitHub is available again: Box may still accept the old refresh token. If that run fails with \`reauthorize\`, sign in to Box again with \`box-token login --state-variable ${subject.seal.name}\`.`,
  })
}

/** For a job that got only a refresh token, published it, and then failed: what that means for the token. */
export function publishedSoFar(subject: SharedSubject): string {
  return `This job refreshed the token and published the new refresh token in the ${titleOf(subject)}: nothing is lost.`
}

/** For a job that failed after another one published a newer pair: what that means for the token. */
export function supersededSoFar(subject: SharedSubject): string {
  return `This job refreshed the token, but the ${titleOf(subject)} already holds a newer pair: nothing is lost.`
}

/** For a person who brings a token: GitHub's answer to publishing it got lost, and a job has refreshed it meanwhile. */
export function followed(subject: SharedSubject): string {
  return `The refresh token was published in the ${titleOf(subject)}, and a job has refreshed it since: that job stores the new one.`
}

/** The pair is published, but the secret could not be brought up to date. `problem` has no full stop. */
export function copyBehindState(subject: SharedSubject, secretTitle: string, problem: string): Failure {
  return new Failure('secret-not-written', {
    what: `GitHub did not let this job store the new refresh token in the ${secretTitle}: ${problem}.`,
    spent: `The new pair is published in the ${titleOf(subject)}, where other jobs find it: nothing is lost.`,
    next: 'Start a new run: it uses the shared state, and the next refresh updates the secret. If this happens again, check the permissions of `github-token`.',
  })
}

/** This job began to write the secret, which has changed since: GitHub's answer got lost, or somebody else wrote it. */
export function writtenSince(secretTitle: string): string {
  return `The ${secretTitle} has since been written: it holds the new refresh token, or a newer one.`
}

/** A warning: the secret holds something that the state does not account for. */
export function secretLeftAlone(secretTitle: string, updatedAt: number): string {
  return `The ${secretTitle} was written at ${isoSeconds(updatedAt)}, by somebody else as far as the shared state shows, so it is left unchanged. The new refresh token is in the shared state, which jobs use unless the secret holds a token from a new sign-in.`
}

/** A warning: time ran out (usually the claim's lease) before the secret was written. `problem` has no full stop. */
export function leaseOverBeforeStore(secretTitle: string, problem?: string): string {
  const last = problem === undefined ? '' : ` (last try: ${problem})`
  return `Time ran out before the ${secretTitle} was written${last}, so it is left unchanged. The new refresh token is in the shared state, where jobs find it, and the next refresh updates the secret.`
}

/** A warning: the token that is handed out has less time left than `minimum-validity` requires. */
export function shorterThanAsked(expiresAt: number, minimumValidity: number): string {
  return `The access token is valid only until ${isoSeconds(expiresAt)}, less than the ${minimumValidity} min that \`minimum-validity\` requires. It was issued after this job started, and Box issues none that are valid for longer. Use a smaller \`minimum-validity\`, so that jobs do not invalidate each other's token.`
}
