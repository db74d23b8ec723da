/** What can go wrong with a shared token, in three sentences each. The decisions are in the other files. */
import { isoSeconds } from '../clock.ts'
import { askerOfAction, RefusedByGitHub } from '../rotation/messages.ts'
import { Failure, nothingSpent } from '../failure.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import type { Refused } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import type { Narrator } from '../narrator.ts'

/** What the sentences speak of. */
export interface SharedSubject {
  readonly narrator: Narrator
  readonly variables: VariableStore
  readonly seal: { readonly name: string }
}

/** The state variable in words. */
export function titleOf({ variables, seal }: SharedSubject): string {
  return `variable ${seal.name} of ${variables.place.name}`
}

/** GitHub does not let the token read or write the state or its claims. */
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
    list: `list the claims beside the ${titleOf(subject)}`,
    write: `write variables beside the ${titleOf(subject)}`,
  }[act]
  const wanted =
    act === 'write' ? permission : `${permission} (with \`auto-refresh: false\`, "Read" is enough)`
  const asker = askerOfAction(wanted)
  const remedy = remedyFor(answer, asker)
  const reason = {
    401: 'the token is not valid or has expired',
    403: 'the token may not do that',
    404: 'the place does not exist, or the token does not reach it',
  }[refused]
  return new RefusedByGitHub(
    {
      what: `GitHub answered ${refused} to the attempt to ${tried} (\`state-variable\`)${words === '' ? '' : ` ("${words}")`}: ${remedy?.reason ?? reason}.`,
      spent: nothingSpent,
      next:
        remedy?.next ??
        `Give ${asker.token} ${asker.wanted}; GITHUB_TOKEN cannot write variables, whatever its permissions.${besidesPermission(answer)}`,
    },
    answer,
  )
}

/** The state was written by a later version of this action. */
export function newerState(subject: SharedSubject): Failure {
  return new Failure('bad-input', {
    what: `The shared state in the ${titleOf(subject)} was written by a newer version of this action, or somebody has marked it so.`,
    spent: nothingSpent,
    next: `Use the same version of the action in all workflows that share this variable. ${withoutNewer(subject.seal.name)}`,
  })
}

/** The way back where a state is marked with a newer version, and none has written it: the mark is not sealed. */
export function withoutNewer(name: string): string {
  return `If none of them is newer, delete the variable ${name} and start a new run, which goes by the refresh token in the secret; if that one is refused (\`reauthorize\`), run \`box-token login --state-variable ${name}\`.`
}

/** The state does not open: a warning. */
export function putAside(subject: SharedSubject): string {
  return `The shared state in the ${titleOf(subject)} does not open with this client secret (and \`state-key\`), or is damaged: it is put aside, and the refresh token in the secret counts. If another app uses this variable, give each its own \`state-variable\`.`
}

/** GitHub has a variable of the name that a claim needs, and it is none. */
export function blockedClaim(subject: SharedSubject): Failure {
  return new Failure('github-unavailable', {
    what: `GitHub does not let the right to refresh be claimed: beside the ${titleOf(subject)} there is a variable that is no claim, and has the name of one. The variables whose names begin with ${subject.seal.name.toUpperCase()}_CLAIM_ have to be deleted.`,
    spent: nothingSpent,
    next: 'Delete them, then start a new run.',
  })
}

/** `auto-refresh: false`, and nothing good to hand out. `reason` is without a full stop. */
export function refreshDisabled(subject: SharedSubject, reason: string): Failure {
  return new Failure('refresh-disabled', {
    what: `There is no good shared access token in the ${titleOf(subject)}: ${reason}. With \`auto-refresh: false\` this job does not refresh it.`,
    spent: nothingSpent,
    next: 'Run the workflow that refreshes the token (one with this `state-variable` and without `auto-refresh: false`), then this job again.',
  })
}

/** Why a state is not good for `auto-refresh: false`. */
export function notGood(expiresAt: number, minimumValidity: number): string {
  return `it expires at ${isoSeconds(expiresAt)}, and \`minimum-validity\` asks for ${minimumValidity} min`
}

/** The new pair could not be published. `problem` is without a full stop. */
export function notPublished(subject: SharedSubject, retryFor: number, problem: string): Failure {
  return new Failure('secret-not-written', {
    what: `GitHub did not let the new pair be published in the ${titleOf(subject)} within ${retryFor} s: ${problem}.`,
    spent:
      'The old refresh token is spent, and the new one is not stored as far as is known. Nothing is handed out.',
    next: 'See the log of the post step of this action: it tries once more, and prints a recovery text where it cannot store the token either. Without both, start a new run once GitHub is well again: Box may still take the old refresh token. If that run fails with `reauthorize`, log in to Box again with `box-token login`.',
  })
}

/** What this job has spent, where it got a refresh token only, and fails before it has more. */
export function publishedSoFar(subject: SharedSubject): string {
  return `This job refreshed the token, and the new refresh token is published in the ${titleOf(subject)}: nothing is lost.`
}

/** What this job has spent, where another one was faster. */
export function supersededSoFar(subject: SharedSubject): string {
  return `This job refreshed the token, and the ${titleOf(subject)} holds a newer pair: nothing is lost.`
}

/** The pair is published, but its copy in the secret could not be written. `problem` is without a full stop. */
export function copyBehindState(subject: SharedSubject, secretTitle: string, problem: string): Failure {
  return new Failure('secret-not-written', {
    what: `The new refresh token could not be stored in the ${secretTitle}: ${problem}.`,
    spent: `The pair is refreshed and published in the ${titleOf(subject)}: nothing is lost, and other jobs go by that.`,
    next: 'Start a new run: it goes by the shared state, and brings the secret up to date with its next refresh. If this stays, look at the permissions of `github-token`.',
  })
}

/** The secret holds something that the state does not account for: a warning. */
export function secretLeftAlone(secretTitle: string, updatedAt: number): string {
  return `The ${secretTitle} was written at ${isoSeconds(updatedAt)}, by somebody else as far as the shared state knows: it is left as it is. The new refresh token is in the shared state, which counts.`
}

/** The time was over, that of the claim as a rule, before the secret was written: a warning. `problem` is without a full stop. */
export function leaseOverBeforeStore(secretTitle: string, problem?: string): string {
  const last = problem === undefined ? '' : ` (${problem})`
  return `The time was over before the ${secretTitle} was written${last}: it is left as it is. The new refresh token is in the shared state, which counts, and the next refresh brings the secret up to date.`
}

/** A token that is handed out with less left than was asked for: a warning. */
export function shorterThanAsked(expiresAt: number, minimumValidity: number): string {
  return `The access token is good until ${isoSeconds(expiresAt)}, less than the ${minimumValidity} min that \`minimum-validity\` asks for: it was issued after this job had started, and Box gives no longer ones. Ask for less, so that jobs do not end each other's token.`
}
