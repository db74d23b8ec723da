/**
 * What the servers' answers mean to the person who reads the log: each failure of a rotation, in three sentences.
 * This file has the words; the decisions are made in rotate.ts and its neighbors.
 */
import { passingOAuthErrors, type ExchangeAnswer, type TokenAnswer } from '../box/token-endpoint.ts'
import { isoSeconds } from '../clock.ts'
import { Failure, nothingSpent, RejectedToken } from '../failure.ts'
import { isRedirect, type GitHubUnavailable } from '../github/client.ts'
import { barrierInWords, besidesPermission, remedyFor, type Asker, type Barrier } from '../github/remedy.ts'
import type { Refused, Secret } from '../github/secret-store.ts'
import { TransportError } from '../http/exchange.ts'
import type { Copy } from '../github/target.ts'
import type { Narrator } from '../narrator.ts'

/** What the sentences are about. */
export interface Subject {
  readonly secret: Secret
  /** The `retry-for` input, in seconds. */
  readonly retryFor: number
  /** Makes one field of a server's answer fit to print: without secrets, on one line, shortened. */
  readonly foreign: (text: string) => string
  /** Where the new refresh token is stored, in words, if not in the secret. */
  readonly storedIn?: string
  /** Whether this run hands out the shared token without having refreshed it. */
  readonly reused?: boolean
  /** The variable through which jobs share the token, if they do. */
  readonly stateVariable?: string | undefined
}

/** GitHub refused before any token was used. What helps depends on why, and on who reads it. */
export class RefusedByGitHub extends Failure {
  readonly answer: Refused

  constructor(text: { what: string; spent: string; next: string }, answer: Refused) {
    super('cannot-write-secret', text)
    this.answer = answer
  }
}

/** What the failures of a piece of work are about. */
export function subjectOf(work: {
  readonly secret: Secret
  readonly retryFor: number
  readonly narrator: Narrator
  /** Where jobs share a token: the state variable. */
  readonly seal?: { readonly name: string }
}): Subject {
  const { secret, retryFor, narrator, seal } = work
  return { secret, retryFor, foreign: (text) => narrator.foreign(text), stateVariable: seal?.name }
}

type OAuthRefusal = Extract<TokenAnswer, { kind: 'refused' }>

/** A command of `box-token`, in backticks, with the flag that it needs if jobs share the token. */
function command(words: string, { stateVariable }: Pick<Subject, 'stateVariable'> = {}): string {
  return `\`box-token ${words}${stateVariable === undefined ? '' : ` --state-variable ${stateVariable}`}\``
}

function signInAgain(subject?: Subject): string {
  return `sign in to Box again with ${command('login', subject)} (see "Quick start" in this action's README)`
}

const newRun = 'Start a new run ("Run workflow", not "Re-run jobs")'
const afterOutage = `${newRun} later. For outages, see https://status.box.com.`
const checkTheWay =
  'Check `box-api-url` and any proxy or firewall between the runner and Box, then start a new run.'
const setNewPassword =
  'Sign in to https://app.box.com as that user, set a new password, then start a new run.'
/** The kinds of token that can write secrets. */
export const writingTokens = 'a fine-grained personal access token or a GitHub App token'
const certificateRemedy =
  "If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS for this step to the certificate file of its CA. Don't turn certificate checks off."
/** An answer from Box got lost, perhaps with a new pair in it. */
export const perhapsSpent = `Box may have invalidated the stored refresh token. If the next run fails with \`reauthorize\`, ${signInAgain()}.`

function spentSoFar(answerLost: boolean): string {
  return answerLost ? perhapsSpent : nothingSpent
}

/** A server's own words in brackets, or nothing. */
function quoted(subject: Subject, words: string): string {
  const clean = subject.foreign(words)
  return clean === '' ? '' : ` ("${clean}")`
}

/** What a server asks for, if that is more time than is left. */
function longerThanAllowed({ retryFor }: Subject, waitMs: number): string {
  return `it asks for a wait of ${Math.ceil(waitMs / 1000)} s, but there are only ${retryFor} s for all tries`
}

// GitHub -------------------------------------------------------------------------------------------------------

/** A faulty answer from GitHub in words, without a full stop. */
export function describeGitHub(subject: Subject, last: GitHubUnavailable['last']): string {
  if (last instanceof TransportError) return last.message
  const { status, requestId } = last
  const id = requestId === '' ? '' : `, request ${subject.foreign(requestId)}`
  const kind =
    status < 300
      ? ', which is unexpected here'
      : isRedirect(status)
        ? ', a redirect, which is not followed'
        : ''
  const barrier = barrierInWords(last.barrier)
  const because = barrier === undefined ? '' : `: ${barrier}`
  return `it answered ${status}${kind}${quoted(subject, last.message)}${id}${presentName(subject, last.movedTo)}${because}`
}

/** Where a redirect leads, in words. */
function presentName(subject: Subject, movedTo: string | undefined): string {
  return movedTo === undefined ? '' : `: the repository is now called ${subject.foreign(movedTo)}`
}

/** The action's own token, as the remedies for a refusal call it. */
export function askerOfAction(permission: string): Asker {
  return {
    token: '`github-token`',
    wanted: `${writingTokens} for this place with ${permission}`,
    machine: 'the runner',
    again: 'start a new run',
  }
}

/** GitHub gave no usable answer before the refresh. */
export function githubUnavailable(subject: Subject, { last, waitMs }: GitHubUnavailable): Failure {
  const described = describeGitHub(subject, last)
  const unavailable = (what: string, next: string): Failure =>
    new Failure('github-unavailable', { what, spent: nothingSpent, next })
  if (last instanceof TransportError && last.fault === 'certificate') {
    return unavailable(
      `There is no connection to GitHub (\`github-api-url\`): ${described}.`,
      certificateRemedy,
    )
  }
  if (!(last instanceof TransportError) && isRedirect(last.status)) {
    const { movedTo } = last
    return unavailable(
      `GitHub gave no usable answer: ${described}.`,
      movedTo === undefined
        ? 'If the repository was renamed, update `repository`; check `github-api-url`, too. Then start a new run.'
        : `Set \`repository: ${subject.foreign(movedTo)}\`, then start a new run.`,
    )
  }
  if (waitMs !== undefined && waitMs > subject.retryFor * 1000) {
    return unavailable(
      `GitHub gave no usable answer: ${described}; ${longerThanAllowed(subject, waitMs)}.`,
      `${newRun} after that time, or raise \`retry-for\`.`,
    )
  }
  return unavailable(
    `GitHub gave no usable answer within ${subject.retryFor} s; last try: ${described}.`,
    `${newRun} later. For outages, see https://www.githubstatus.com.`,
  )
}

/** GitHub sent a public key that nothing can be encrypted with. */
export function unusableKey({ secret }: Subject): Failure {
  return new Failure('github-unavailable', {
    what: `GitHub sent an unusable public key for the ${secret.title}.`,
    spent: nothingSpent,
    next: 'Check `github-api-url` and any proxy or firewall between the runner and GitHub, then start a new run.',
  })
}

/** GitHub refused a read, or the write probe, before the refresh. */
export function cannotWriteSecret(
  subject: Subject,
  act: 'write' | 'look up' | 'get the public key for',
  answer: Refused,
): Failure {
  const { place, title } = subject.secret
  const { refused: status, message } = answer
  const what = `GitHub answered ${status} to a request to ${act} the ${title}${quoted(subject, message)}`
  const kinds = writingTokens
  const refused = (reason: string, next: string): Failure =>
    new RefusedByGitHub({ what: `${what}: ${reason}.`, spent: nothingSpent, next }, answer)
  const remedy = remedyFor(answer, askerOfAction(place.permission))
  if (remedy) return refused(remedy.reason, remedy.next)
  if (status === 401) {
    return refused(
      'the token is not valid or has expired',
      `Create a new one, ${kinds} with ${place.permission}, and store it in the secret that \`github-token\` comes from.`,
    )
  }
  if (status === 404 && act !== 'write') {
    return refused(
      place.absent,
      `Check the names in the \`with:\` block, and \`github-api-url\`. \`github-token\` must be ${kinds} for this place with ${place.permission}.`,
    )
  }
  return refused(
    'the token is not allowed to do that',
    `Set \`github-token\` to ${kinds} for this place with ${place.permission}. GITHUB_TOKEN can't write secrets, whatever its permissions.${besidesPermission(answer)}`,
  )
}

/** A write would reset settings that are not fully known. `problem` is without a full stop. */
export function settingsUnknown(secret: Secret, problem: string): Failure {
  return new Failure('cannot-write-secret', {
    what: `The ${secret.title} can't be written without changing who can use it: ${problem}.`,
    spent: nothingSpent,
    next: `Give \`github-token\` access to all repositories of the organization, with ${secret.place.permission}, or make the secret available to all repositories or to all private ones.`,
  })
}

/** What a copy holds, in words. */
export function contentOf({ holds }: Copy): string {
  return holds === 'refresh-token' ? 'refresh token' : 'access token'
}

/** A copy could not be written; the chain is safe. `problem` is without a full stop. */
export function copyNotWritten(subject: Subject, copy: Copy, problem: string, barrier?: Barrier): Failure {
  const { permission } = copy.secret.place
  return new Failure('secret-not-written', {
    what: `The new ${contentOf(copy)} could not be stored in the ${copy.secret.title}: ${problem}.`,
    spent: `The pair is refreshed, and the new refresh token is stored in the ${subject.secret.title}. Nothing is lost, but the ${copy.secret.title} still holds an old token.`,
    next:
      remedyFor({ barrier }, askerOfAction(permission))?.next ??
      `Start a new run: the next refresh updates it. If this happens again, make sure that \`github-token\` has ${permission}.`,
  })
}

/** The lease of a job that shares its token ended before a copy was written: a warning. */
export function noTimeForCopy(copy: Copy): string {
  return `This job's claim expired before the ${contentOf(copy)} was stored in the ${copy.secret.title}. That secret stays as it is until the next refresh updates it.`
}

/** The write token expires soon. */
export function tokenExpires(expiresAt: number, days: number): string {
  return `\`github-token\` expires on ${isoSeconds(expiresAt)}, in ${days} ${days === 1 ? 'day' : 'days'}. Create a new one and store it in the secret that \`github-token\` comes from: after that date, no run can store a token.`
}

/** The place exists, but the secret doesn't. */
export function noSuchSecret({ secret }: Subject): Failure {
  return new Failure('bad-input', {
    what: `The ${secret.title} does not exist.`,
    spent: 'Nothing was used or written.',
    next: 'Fix `secret-name`, `repository`, `environment` or `organization`: they must name the same secret that `refresh-token` comes from.',
  })
}

/**
 * The new refresh token could not be stored on GitHub.
 *
 * @param problem without a full stop
 * @param mayBeStored an answer to a write got lost, so the token may be stored after all
 */
export function secretNotWritten(subject: Subject, problem: string, mayBeStored: boolean): Failure {
  const { title } = subject.secret
  return new Failure('secret-not-written', {
    what: mayBeStored
      ? `Box issued a new pair, but GitHub did not confirm within ${subject.retryFor} s that the refresh token is stored in the ${title}: ${problem}.`
      : `Box issued a new pair, but the refresh token could not be stored in the ${title} within ${subject.retryFor} s: ${problem}.`,
    spent: mayBeStored
      ? 'The old refresh token has been used, and the new one may or may not be stored. Nothing is handed out.'
      : 'The old refresh token has been used, and the new one is not stored. Nothing is handed out.',
    next: `Read the log of this action's post step: it tries again, and if it can't store the token either, it prints a recovery text. If it did neither, start a new run ("Run workflow", not "Re-run jobs") once GitHub accepts writes again: Box may still accept the old refresh token, since the new access token was never used. If that run fails with \`reauthorize\`, ${signInAgain(subject)}.`,
  })
}

/** The reason for `secretNotWritten` if GitHub refused the check before the write. */
export function refusedLook(subject: Subject, at: string, { refused, message, barrier }: Refused): string {
  const why = barrierInWords(barrier)
  return `it answered ${refused} to a request for ${at}${quoted(subject, message)}${why === undefined ? '' : `: ${why}`}`
}

// Stale secrets ------------------------------------------------------------------------------------------------

function staleSecret({ stateVariable }: Subject, what: string, spent: string): Failure {
  return new Failure('stale-secret', {
    what,
    spent,
    next: stateVariable
      ? `${newRun}.`
      : `${newRun}. To keep runs from overlapping, use a \`concurrency\` group, or let them share one token through \`state-variable\`.`,
  })
}

/** The dates show it, before Box was asked. */
export function queuedBeforeRotation(subject: Subject, updatedAt: number, queuedAt: number): Failure {
  return staleSecret(
    subject,
    `This run holds an older refresh token: it was queued at ${isoSeconds(queuedAt)}, and the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}.`,
    nothingSpent,
  )
}

/** Rule 9: a token that Box has issued but that must not be stored is never thrown away. */
function handedOver(subject: Subject): string {
  return `The refresh token that Box issued to this run is in the recovery text above, encrypted. If the next run fails with \`reauthorize\`, store it with ${command('recover --force', subject)}.`
}

/** The secret was written while this run was refreshing. `writeLost`: GitHub's answer to this run's own write got lost. */
export function overtaken(subject: Subject, updatedAt: number, writeLost: boolean): Failure {
  const { title } = subject.secret
  const when = isoSeconds(updatedAt)
  return writeLost
    ? staleSecret(
        subject,
        `The ${title} was written at ${when}, by this run or by another one: GitHub's answer to this run got lost, so there is no telling which.`,
        `The new refresh token is stored, or superseded by a newer one. To be safe, no access token is handed out. ${handedOver(subject)}`,
      )
    : staleSecret(
        subject,
        `Somebody else wrote the ${title} at ${when}, while this run was refreshing.`,
        `This run has used its refresh token, and overwrites nothing: the stored token stays. Nothing is handed out. ${handedOver(subject)}`,
      )
}

/** Box rejects the refresh token, and the stored one is newer than the one this run holds. */
export function rotatedElsewhere(subject: Subject, answer: OAuthRefusal, updatedAt: number): Failure {
  return staleSecret(
    subject,
    `${inBoxWords(subject, answer)}, and the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}, since this run was queued or started: another run has probably rotated the token.`,
    'This run wrote nothing: the newer token stays.',
  )
}

/** The token comes from Dependabot's copy of the secret, which is older than the secret. */
export function copyBehind(subject: Subject, answer: OAuthRefusal): Failure {
  return new Failure('stale-secret', {
    what: `${inBoxWords(subject, answer)}. Dependabot started this run, so it got Dependabot's copy of the token, which is older than the ${subject.secret.title}, or can't be checked.`,
    spent: 'This run wrote nothing: the newer token stays.',
    next: 'Start a new run yourself ("Run workflow"), with `also-write-to: dependabot`: it updates the copy. Set that input in all workflows that refresh the token.',
  })
}

// Box ----------------------------------------------------------------------------------------------------------

function inBoxWords(subject: Subject, { error, description }: OAuthRefusal): string {
  return `Box answered "${subject.foreign(error)}"${quoted(subject, description)}`
}

/** A faulty answer from Box in words, without a full stop. */
export function describeBox(subject: Subject, answer: TokenAnswer | ExchangeAnswer): string {
  switch (answer.kind) {
    case 'no-answer':
      return answer.error.message
    case 'rate-limited':
      return 'it answered 429 (too many requests)'
    case 'unusable':
      return `it answered ${answer.status}${answer.status >= 300 && answer.status < 400 ? ', a redirect, which is not followed' : ''}`
    case 'no-pair':
    case 'refresh-token-only':
      return `its answer (200) is not a token pair: ${answer.problem}`
    case 'no-token':
      return `its answer (200) has no usable token: ${answer.problem}`
    case 'refused':
      return `it answered "${subject.foreign(answer.error)}"${quoted(subject, answer.description)}`
    case 'pair':
    case 'narrow':
      return 'it answered with tokens'
  }
}

/** Box gave no pair, and asking again won't help, or the time is up. */
export function noPair(
  subject: Subject,
  answer: TokenAnswer,
  answerLost: boolean,
  timeIsUp: boolean,
): Failure {
  const spent = spentSoFar(answerLost)
  const described = describeBox(subject, answer)
  const waitMs = 'waitMs' in answer ? answer.waitMs : undefined
  const asked = waitMs === undefined || timeIsUp ? '' : `; ${longerThanAllowed(subject, waitMs)}`
  if (answer.kind === 'rate-limited') {
    const what = timeIsUp
      ? `Box gave no pair within ${subject.retryFor} s: ${described}.`
      : `Box gave no pair: ${described}${asked}.`
    return new Failure('rate-limited', { what, spent, next: `${newRun} later, or raise \`retry-for\`.` })
  }
  if (answer.kind === 'no-pair') {
    return new Failure('bad-response', {
      what: `Box gave no usable answer: ${described}.`,
      spent,
      next: checkTheWay,
    })
  }
  if (answer.kind === 'no-answer' && answer.error.fault === 'certificate') {
    return new Failure('box-unavailable', {
      what: `There is no connection to Box (\`box-api-url\`): ${described}.`,
      spent,
      next: certificateRemedy,
    })
  }
  const passes = timeIsUp || waitMs !== undefined
  return new Failure('box-unavailable', {
    what: timeIsUp
      ? `Box gave no usable answer within ${subject.retryFor} s; last try: ${described}.`
      : `Box gave no usable answer: ${described}${asked}.`,
    spent,
    next: passes ? afterOutage : checkTheWay,
  })
}

/** The answer had a refresh token, which is now stored, but no usable access token. */
export function storedWithoutAccess({ secret, storedIn = secret.title }: Subject, problem: string): Failure {
  return new Failure('bad-response', {
    what: `Box's answer is not a token pair: ${problem}.`,
    spent: `The old refresh token has been used, and the new one from that answer is stored in the ${storedIn}. Nothing is lost, but no access token is handed out.`,
    next: 'Start a new run. If this happens again, check `box-api-url` and any proxy or firewall between the runner and Box.',
  })
}

/** Box rejects the refresh token, and no other run appears to have rotated it. */
export function reauthorize(
  subject: Subject,
  answer: OAuthRefusal,
  answerLost: boolean,
  runUnreadable: boolean,
): Failure {
  if (isOfInactiveUser(answer)) return inactiveUser(subject, answer, answerLost)
  const unread = runUnreadable
    ? ' (Whether this run was queued before the last rotation is unknown: `github-token` needs "Actions: Read" to tell.)'
    : ''
  return new Failure('reauthorize', {
    what: `${inBoxWords(subject, answer)}: the refresh token is expired, used or revoked, and no other run appears to have rotated it.${unread}`,
    spent: answerLost
      ? 'An earlier answer from Box got lost, and may have used the token: a new pair in it is out of reach. Nothing was written.'
      : 'This run did not invalidate it, and wrote nothing.',
    next: `Run ${command('login', subject)} (see "Quick start" in this action's README). It signs in to Box and stores a new refresh token in the ${subject.secret.title}.`,
  })
}

/** Words for an account that is switched off: Box doesn't document how it says that a user can't sign in. */
const inactiveWords =
  /\b(?:user|account)\b[^.]*\b(?:inactive|not active|deactivated|disabled|suspended|locked|deleted)\b|\b(?:inactive|deactivated|disabled|suspended|locked|deleted)\s+(?:user|account)\b/i

/** Whether Box's words suggest that it rejects the grant because of the user: it would reject a new sign-in, too. */
export function isOfInactiveUser({ description }: Pick<OAuthRefusal, 'description'>): boolean {
  return inactiveWords.test(description)
}

/** What helps a user whom Box doesn't let in. */
export const activateUser =
  'Ask an admin of your Box enterprise to reactivate the user (Admin Console, Users & Groups)'

/** The token may be valid; the user is not active. */
function inactiveUser(subject: Subject, answer: OAuthRefusal, answerLost: boolean): Failure {
  return new Failure('reauthorize', {
    what: `${inBoxWords(subject, answer)}: it seems that the Box user is not active, so signing in again would fail, too.`,
    spent: answerLost
      ? perhapsSpent
      : 'This run used and wrote nothing: the stored refresh token may work again once the user is active.',
    next: `${activateUser}, then start a new run. To switch to another user, ${signInAgain(subject)}.`,
  })
}

/** Any other OAuth error. */
export function boxRefused(subject: Subject, answer: OAuthRefusal, answerLost: boolean): Failure {
  const words = inBoxWords(subject, answer)
  const spent = spentSoFar(answerLost)
  switch (answer.error) {
    case 'invalid_client':
      return new Failure('bad-client', {
        what: `${words}: it rejects the client ID and client secret.`,
        spent,
        next: "Copy both again from the app's Configuration page in the Box Developer Console into the secrets that `client-id` and `client-secret` come from.",
      })
    case 'unauthorized_client':
      return new Failure('unauthorized-app', {
        what: `${words}: this app is not allowed to refresh tokens.`,
        spent,
        next: 'In the Box Developer Console, check that the app uses "User Authentication (OAuth 2.0)" and is enabled. If your enterprise approves apps, ask an admin to authorize this one.',
      })
    case 'password_reset_required':
      return new Failure('password-reset-required', {
        what: `${words}: the Box user must set a new password.`,
        spent: answerLost
          ? perhapsSpent
          : 'Nothing was used or written: the stored refresh token works again once the password is set.',
        next: setNewPassword,
      })
    default:
      return new Failure('box-unavailable', {
        what: `${words}.`,
        spent,
        next: 'Check `box-api-url` and the app in the Box Developer Console, then start a new run.',
      })
  }
}

/** What all failures after the store have in common. */
function safelyStored({ secret, storedIn = secret.title, reused = false }: Subject): string {
  if (reused) return 'This run used no refresh token and wrote nothing. No access token is handed out.'
  return `The pair was refreshed, and the new refresh token is stored in the ${storedIn}. Nothing is lost, but no access token is handed out.`
}

/** Code and remedy for a token exchange that Box refuses. */
function refusedExchange(error: string): [Failure['code'], string] {
  switch (error) {
    case 'unauthorized_client':
      return [
        'unauthorized-app',
        'In the Box Developer Console, allow the app to downscope tokens, then start a new run.',
      ]
    case 'invalid_client':
      return [
        'bad-client',
        "Compare client ID and client secret with the app's Configuration page in the Box Developer Console, then start a new run.",
      ]
    case 'password_reset_required':
      return ['password-reset-required', setNewPassword]
    default:
      return ['bad-input', 'Fix `scope`, `resource` or `shared-link`, then start a new run.']
  }
}

/** The pair is stored, but Box did not narrow the access token. */
export function notNarrowed(subject: Subject, answer: ExchangeAnswer, timeIsUp: boolean): Failure {
  const what = `Box did not narrow the access token (\`scope\`): ${describeBox(subject, answer)}.`
  const failure = (code: Failure['code'], next: string): Failure =>
    new Failure(code, { what, spent: safelyStored(subject), next })
  switch (answer.kind) {
    case 'refused':
      if (answer.error === 'invalid_grant') {
        const next = 'Start a new run: Box rejects the access token that was to be narrowed.'
        return new RejectedToken('bad-response', { what, spent: safelyStored(subject), next })
      }
      return passingOAuthErrors.has(answer.error)
        ? failure('box-unavailable', afterOutage)
        : failure(...refusedExchange(answer.error))
    case 'rate-limited':
      return failure('rate-limited', `${newRun} later, or raise \`retry-for\`.`)
    case 'no-token':
    case 'narrow':
      return failure('bad-response', checkTheWay)
    case 'no-answer':
    case 'unusable':
      return failure('box-unavailable', timeIsUp ? afterOutage : checkTheWay)
  }
}

/** The pair is stored, but Box did not say in time who it belongs to. `problem` is without a full stop. */
export function notVerified(subject: Subject, problem: string): Failure {
  return new Failure('box-unavailable', {
    what: `Box did not say within ${subject.retryFor} s who the token belongs to (\`verify\`); last try: ${problem}.`,
    spent: safelyStored(subject),
    next: afterOutage,
  })
}

/** Box rejects an access token that should be valid. `problem` is without a full stop. */
export function rejectedToken(subject: Subject, problem: string): RejectedToken {
  const { reused = false } = subject
  return new RejectedToken('bad-response', {
    what: reused
      ? `Box rejects the shared access token (\`verify\`): ${problem}.`
      : `Box issued a new pair, but rejects its access token (\`verify\`): ${problem}.`,
    spent: safelyStored(subject),
    next: 'Start a new run. If this happens again, check in the Box Admin Console that the user is active and the app is enabled.',
  })
}
