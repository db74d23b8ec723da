/**
 * What the servers' answers mean to the person who reads the log: every failure of a rotation in three sentences.
 * The words are here, the decisions in rotation.ts.
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

/** What the sentences speak of. */
export interface Subject {
  readonly secret: Secret
  /** The `retry-for` input, in seconds. */
  readonly retryFor: number
  /** One field of a server's answer, fit to print: scrubbed of secrets, one line, cut. */
  readonly foreign: (text: string) => string
  /** Where the new refresh token is stored, in words, if not in the secret. */
  readonly storedIn?: string
  /** Whether the token is one that jobs share, and this run has not refreshed it. */
  readonly reused?: boolean
}

/** GitHub's no before anything was spent; what helps depends on why, and on who is told. */
export class RefusedByGitHub extends Failure {
  readonly answer: Refused

  constructor(text: { what: string; spent: string; next: string }, answer: Refused) {
    super('cannot-write-secret', text)
    this.answer = answer
  }
}

/** Whom and what the failures speak of. */
export function subjectOf(work: {
  readonly secret: Secret
  readonly retryFor: number
  readonly narrator: Narrator
}): Subject {
  return { secret: work.secret, retryFor: work.retryFor, foreign: (text) => work.narrator.foreign(text) }
}

type OAuthRefusal = Extract<TokenAnswer, { kind: 'refused' }>

const logInAgain = 'log in to Box again with `box-token login` ("Log in" in the README of this action)'
const newRun = 'Start a new run ("Run workflow", not "Re-run jobs")'
/** Kinds of tokens that can write secrets. */
export const writingTokens = 'a fine-grained personal access token or a GitHub App token'
const certificateRemedy =
  'If a proxy or a server of your own stands there, set NODE_EXTRA_CA_CERTS to the file of its certificate authority for this step; do not switch certificate checks off.'
/** An answer of Box got lost, and with it perhaps a pair. */
export const perhapsSpent = `Box may have spent the stored refresh token in answering: if the next run fails with \`reauthorize\`, ${logInAgain}.`

function spentSoFar(answerLost: boolean): string {
  return answerLost ? perhapsSpent : nothingSpent
}

/** A server's words in brackets, or nothing. */
function quoted(subject: Subject, words: string): string {
  const clean = subject.foreign(words)
  return clean === '' ? '' : ` ("${clean}")`
}

/** What a server asks for, where it asks for more than there is. */
function longerThanAllowed({ retryFor }: Subject, waitMs: number): string {
  return `it asks to wait ${Math.ceil(waitMs / 1000)} s, and only ${retryFor} s are tried in all`
}

// GitHub -------------------------------------------------------------------------------------------------------

/** A faulty answer of GitHub in words, without a full stop. */
export function describeGitHub(subject: Subject, last: GitHubUnavailable['last']): string {
  if (last instanceof TransportError) return last.message
  const { status, requestId } = last
  const id = requestId === '' ? '' : `, request ${subject.foreign(requestId)}`
  const kind =
    status < 300
      ? ', which makes no sense here'
      : isRedirect(status)
        ? ', a redirect, which is not followed'
        : ''
  const barrier = barrierInWords(last.barrier)
  const because = barrier === undefined ? '' : `: ${barrier}`
  return `it answered ${status}${kind}${quoted(subject, last.message)}${id}${presentName(subject, last.movedTo)}${because}`
}

/** What a redirect says, in words. */
function presentName(subject: Subject, movedTo: string | undefined): string {
  return movedTo === undefined ? '' : `: the repository is called ${subject.foreign(movedTo)} now`
}

/** The action's own token, for the remedies against a refusal. */
export function askerOfAction(permission: string): Asker {
  return {
    token: '`github-token`',
    wanted: `${writingTokens} for this place with ${permission}`,
    machine: 'the runner',
    again: 'start a new run',
  }
}

/** GitHub did not answer usefully before the refresh. */
export function githubUnavailable(subject: Subject, { last, waitMs }: GitHubUnavailable): Failure {
  const described = describeGitHub(subject, last)
  const unavailable = (what: string, next: string): Failure =>
    new Failure('github-unavailable', { what, spent: nothingSpent, next })
  if (last instanceof TransportError && last.fault === 'certificate') {
    return unavailable(`GitHub (\`github-api-url\`): ${described}.`, certificateRemedy)
  }
  if (!(last instanceof TransportError) && isRedirect(last.status)) {
    const { movedTo } = last
    return unavailable(
      `GitHub: ${described}.`,
      movedTo === undefined
        ? 'Correct `repository` if it has been renamed, and check `github-api-url`, then start a new run.'
        : `Set \`repository: ${subject.foreign(movedTo)}\`, then start a new run.`,
    )
  }
  if (waitMs !== undefined && waitMs > subject.retryFor * 1000) {
    return unavailable(
      `GitHub: ${described}; ${longerThanAllowed(subject, waitMs)}.`,
      `${newRun} after that time, or raise \`retry-for\`.`,
    )
  }
  return unavailable(
    `GitHub did not answer usefully within ${subject.retryFor} s; the last try: ${described}.`,
    `${newRun} later; https://www.githubstatus.com tells about outages.`,
  )
}

/** GitHub gave a public key that nothing can be sealed for. */
export function unusableKey({ secret }: Subject): Failure {
  return new Failure('github-unavailable', {
    what: `The public key that GitHub gave for the ${secret.title} is unusable.`,
    spent: nothingSpent,
    next: `Check \`github-api-url\` and what stands between the runner and GitHub, then start a new run.`,
  })
}

/** GitHub refused a read or the write probe before the refresh. */
export function cannotWriteSecret(
  subject: Subject,
  act: 'write' | 'look at' | 'read the public key for',
  answer: Refused,
): Failure {
  const { place, title } = subject.secret
  const { refused: status, message } = answer
  const what = `GitHub answered ${status} to the attempt to ${act} the ${title}${quoted(subject, message)}`
  const kinds = writingTokens
  const refused = (reason: string, next: string): Failure =>
    new RefusedByGitHub({ what: `${what}: ${reason}.`, spent: nothingSpent, next }, answer)
  const remedy = remedyFor(answer, askerOfAction(place.permission))
  if (remedy) return refused(remedy.reason, remedy.next)
  if (status === 401) {
    return refused(
      'the token is not valid or has expired',
      `Make a new one, ${kinds} with ${place.permission}, and store it in the secret that \`github-token\` comes from.`,
    )
  }
  if (status === 404 && act !== 'write') {
    return refused(
      place.absent,
      `Check the names in the \`with:\` block and \`github-api-url\`; \`github-token\` must be ${kinds} for this place with ${place.permission}.`,
    )
  }
  return refused(
    'the token may not do that',
    `Give \`github-token\` ${kinds} for this place with ${place.permission}; GITHUB_TOKEN cannot write secrets, whatever its permissions.${besidesPermission(answer)}`,
  )
}

/** A write would reset something that is not wholly known. `problem` is without a full stop. */
export function settingsUnknown(secret: Secret, problem: string): Failure {
  return new Failure('cannot-write-secret', {
    what: `The ${secret.title} cannot be written without changing who may use it: ${problem}.`,
    spent: nothingSpent,
    next: `Let \`github-token\` see all repositories of the organization, with ${secret.place.permission}, or make the secret visible to all or to all private repositories.`,
  })
}

/** What a further secret holds, in words. */
export function contentOf({ holds }: Copy): string {
  return holds === 'refresh-token' ? 'refresh token' : 'access token'
}

/** A further secret could not be written; the chain is safe. `problem` is without a full stop. */
export function copyNotWritten(subject: Subject, copy: Copy, problem: string, barrier?: Barrier): Failure {
  const { permission } = copy.secret.place
  return new Failure('secret-not-written', {
    what: `The new ${contentOf(copy)} could not be stored in the ${copy.secret.title}: ${problem}.`,
    spent: `The pair is refreshed, and the new refresh token is safely stored in the ${subject.secret.title}: nothing is lost, but the ${copy.secret.title} still holds an old token.`,
    next:
      remedyFor({ barrier }, askerOfAction(permission))?.next ??
      `Make sure that \`github-token\` has ${permission}, then start a new run.`,
  })
}

/** The claim of a job that shares its token was over before a further secret was written: a warning. */
export function noTimeForCopy(copy: Copy): string {
  return `The claim of this job was over before the ${contentOf(copy)} was stored in the ${copy.secret.title}: it is left as it is, and the next refresh brings it up to date.`
}

/** The write token expires soon. */
export function tokenExpires(expiresAt: number, days: number): string {
  return `\`github-token\` expires on ${isoSeconds(expiresAt)}, in ${days} ${days === 1 ? 'day' : 'days'}: make a new one and store it in the secret that \`github-token\` comes from. After that date no run can store a token any more.`
}

/** The place is there, the secret is not. */
export function noSuchSecret({ secret }: Subject): Failure {
  return new Failure('bad-input', {
    what: `There is no ${secret.title}.`,
    spent: nothingSpent,
    next: 'Correct `secret-name`, or `repository`, `environment` or `organization`: they must name the very secret that `refresh-token` comes from.',
  })
}

/**
 * GitHub did not let the new refresh token be stored.
 *
 * @param problem without a full stop
 * @param mayBeStored an answer to a write got lost, so the token may be there all the same
 */
export function secretNotWritten(subject: Subject, problem: string, mayBeStored: boolean): Failure {
  const { title } = subject.secret
  return new Failure('secret-not-written', {
    what: mayBeStored
      ? `Box issued a new pair, and GitHub did not confirm within ${subject.retryFor} s that it is stored in the ${title}: ${problem}.`
      : `Box issued a new pair, and GitHub did not let it be stored in the ${title} within ${subject.retryFor} s: ${problem}.`,
    spent: mayBeStored
      ? 'The old refresh token is spent; whether the new one is stored is not known. Nothing is handed out.'
      : 'The old refresh token is spent, and the new one is not stored. Nothing is handed out.',
    next: `See the log of the post step of this action: it tries once more, and prints a recovery text where it cannot store the token either. Without both, start a new run ("Run workflow", not "Re-run jobs") once GitHub lets this token write again: Box may still take the old refresh token, since the new access token was never used. If that run fails with \`reauthorize\`, ${logInAgain}.`,
  })
}

/** The reason for `secretNotWritten` where a look before the write was refused. */
export function refusedLook(subject: Subject, at: string, { refused, message, barrier }: Refused): string {
  const why = barrierInWords(barrier)
  return `it answered ${refused} to a look at ${at}${quoted(subject, message)}${why === undefined ? '' : `: ${why}`}`
}

// Stale secrets ------------------------------------------------------------------------------------------------

function staleSecret(what: string, spent: string): Failure {
  return new Failure('stale-secret', {
    what,
    spent,
    next: `${newRun}, and keep runs from overlapping with a \`concurrency\` group, or let all of them share one token through \`state-variable\`.`,
  })
}

/** Told by the dates, before Box was asked. */
export function queuedBeforeRotation({ secret }: Subject, updatedAt: number, queuedAt: number): Failure {
  return staleSecret(
    `The ${secret.title} was written at ${isoSeconds(updatedAt)}, not before this run was queued (${isoSeconds(queuedAt)}): this run holds an older refresh token.`,
    nothingSpent,
  )
}

/** Rule 9: what Box has issued and must not be stored is not thrown away. */
const handedOver =
  'The refresh token that Box issued to this run is in the recovery text above, sealed: if the next run fails with `reauthorize`, `box-token recover --force` can store it.'

/** The secret was written while this run was refreshing. `writeLost`: an answer to this run's own write got lost. */
export function overtaken({ secret }: Subject, updatedAt: number, writeLost: boolean): Failure {
  const when = isoSeconds(updatedAt)
  return writeLost
    ? staleSecret(
        `The ${secret.title} was written at ${when}: by this run, whose answer from GitHub got lost, or by another one at the same time; GitHub does not tell which.`,
        `The new refresh token is stored, or superseded by a newer one. To be safe, no access token is handed out. ${handedOver}`,
      )
    : staleSecret(
        `The ${secret.title} was written by somebody else at ${when}, while this run was refreshing.`,
        `This run used the refresh token that it held, and overwrites nothing: what is stored now stays. Nothing is handed out. ${handedOver}`,
      )
}

/** Box refuses the refresh token, and the stored one is younger than what this run holds. */
export function rotatedElsewhere(subject: Subject, answer: OAuthRefusal, updatedAt: number): Failure {
  return staleSecret(
    `${inBoxWords(subject, answer)}; the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}, not before this run was queued or started: another run has probably rotated the token.`,
    'Nothing was written; the newer token stays.',
  )
}

/** The given token comes from Dependabot's copy of the secret, which is older than the secret. */
export function copyBehind(subject: Subject, answer: OAuthRefusal): Failure {
  return new Failure('stale-secret', {
    what: `${inBoxWords(subject, answer)}; this run was started by Dependabot and got Dependabot's copy of the token, which is older than the ${subject.secret.title}, or cannot be looked at.`,
    spent: 'Nothing was written; the newer token stays.',
    next: 'Start a run of the workflow that is not started by Dependabot, with `also-write-to: dependabot`: it brings the copy up to date. Give all runs that input.',
  })
}

// Box ----------------------------------------------------------------------------------------------------------

function inBoxWords(subject: Subject, { error, description }: OAuthRefusal): string {
  return `Box answered "${subject.foreign(error)}"${quoted(subject, description)}`
}

/** A faulty answer of Box in words, without a full stop. */
export function describeBox(subject: Subject, answer: TokenAnswer | ExchangeAnswer): string {
  switch (answer.kind) {
    case 'no-answer':
      return answer.error.message
    case 'rate-limited':
      return 'it answered 429, too many requests'
    case 'unusable':
      return `it answered ${answer.status}${answer.status >= 300 && answer.status < 400 ? ', a redirect, which is not followed' : ''}`
    case 'no-pair':
    case 'refresh-token-only':
      return `it answered 200, but that is no token pair: ${answer.problem}`
    case 'no-token':
      return `it answered 200, but that is no token: ${answer.problem}`
    case 'refused':
      return `it answered "${subject.foreign(answer.error)}"${quoted(subject, answer.description)}`
    case 'pair':
    case 'narrow':
      return 'it answered with tokens'
  }
}

/** Box gave no pair, and asking again does not help or the time is up. */
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
      ? `Box: ${described}, and did not stop within ${subject.retryFor} s.`
      : `Box: ${described}${asked}.`
    return new Failure('rate-limited', { what, spent, next: `${newRun} later, or raise \`retry-for\`.` })
  }
  const checkTheWay = 'Check `box-api-url` and what stands between the runner and Box, then start a new run.'
  if (answer.kind === 'no-pair') {
    return new Failure('bad-response', { what: `Box: ${described}.`, spent, next: checkTheWay })
  }
  if (answer.kind === 'no-answer' && answer.error.fault === 'certificate') {
    return new Failure('box-unavailable', {
      what: `Box (\`box-api-url\`): ${described}.`,
      spent,
      next: certificateRemedy,
    })
  }
  const passes = timeIsUp || waitMs !== undefined
  return new Failure('box-unavailable', {
    what: timeIsUp
      ? `Box did not answer usefully within ${subject.retryFor} s; the last try: ${described}.`
      : `Box: ${described}${asked}.`,
    spent,
    next: passes ? `${newRun} later; https://status.box.com tells about outages.` : checkTheWay,
  })
}

/** The answer held a refresh token, which is stored, and no usable access token. */
export function storedWithoutAccess({ secret, storedIn = secret.title }: Subject, problem: string): Failure {
  return new Failure('bad-response', {
    what: `Box answered, but that is no token pair: ${problem}.`,
    spent: `The old refresh token is spent, and the new one that came with it is stored in the ${storedIn}: nothing is lost. No access token is handed out.`,
    next: 'Start a new run; if this happens again, check `box-api-url` and what stands between the runner and Box.',
  })
}

/** Box refuses the refresh token, and nothing says that another run rotated it. */
export function reauthorize(
  subject: Subject,
  answer: OAuthRefusal,
  answerLost: boolean,
  runUnreadable: boolean,
): Failure {
  if (isOfInactiveUser(answer)) return inactiveUser(subject, answer, answerLost)
  const unread = runUnreadable
    ? ' (Whether this run was queued before the last rotation could not be told: "Actions: Read" would let `github-token` read the run.)'
    : ''
  return new Failure('reauthorize', {
    what: `${inBoxWords(subject, answer)}: the refresh token is expired, used or revoked, and nothing says that another run rotated it.${unread}`,
    spent: answerLost
      ? 'Before that Box did not answer properly, and may have spent the token then: a new pair would be out of reach. Nothing was written.'
      : 'Nothing was spent by this run and nothing was written.',
    next: `Log in to Box again with \`box-token login\` ("Log in" in the README of this action tells how): it stores a new refresh token as the ${subject.secret.title}.`,
  })
}

/** Words for a user who may not log in at all, which Box documents nowhere: an account, and that it is switched off. */
const inactiveWords =
  /\b(?:user|account)\b[^.]*\b(?:inactive|not active|deactivated|disabled|suspended|locked|deleted)\b|\b(?:inactive|deactivated|disabled|suspended|locked|deleted)\s+(?:user|account)\b/i

/** Whether Box refuses a grant because of the user, as far as its words tell: then a new log-in is refused as well. */
export function isOfInactiveUser({ description }: Pick<OAuthRefusal, 'description'>): boolean {
  return inactiveWords.test(description)
}

/** What helps a user whom Box does not let in. */
export const activateUser =
  'Ask an administrator of your Box enterprise to make the user active again (Admin Console, Users & Groups)'

/** The token may be good; the user is not. */
function inactiveUser(subject: Subject, answer: OAuthRefusal, answerLost: boolean): Failure {
  return new Failure('reauthorize', {
    what: `${inBoxWords(subject, answer)}: by its words the Box user is not active, so that a new log-in would be refused as well.`,
    spent: answerLost
      ? perhapsSpent
      : 'Nothing was spent by this run and nothing was written: the stored refresh token may work again once the user is active.',
    next: `${activateUser}, then start a new run. If another user is to take over, ${logInAgain}.`,
  })
}

/** Any other OAuth error. */
export function boxRefused(subject: Subject, answer: OAuthRefusal, answerLost: boolean): Failure {
  const words = inBoxWords(subject, answer)
  const spent = spentSoFar(answerLost)
  switch (answer.error) {
    case 'invalid_client':
      return new Failure('bad-client', {
        what: `${words}: it does not accept the client id and client secret.`,
        spent,
        next: "Copy both again from the app's Configuration page in the Box Developer Console into the secrets that `client-id` and `client-secret` come from.",
      })
    case 'unauthorized_client':
      return new Failure('unauthorized-app', {
        what: `${words}: this app may not refresh tokens.`,
        spent,
        next: 'In the Box Developer Console, make sure that the app uses "User Authentication (OAuth 2.0)" and is enabled; if your enterprise approves apps, have its administrator authorize this one.',
      })
    case 'password_reset_required':
      return new Failure('password-reset-required', {
        what: `${words}: the Box user must set a new password first.`,
        spent: answerLost
          ? perhapsSpent
          : 'Nothing was spent and nothing was written: the stored refresh token works again once the password is set.',
        next: 'Log in at https://app.box.com as that user, set a new password, then start a new run.',
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
  if (reused) return 'This run spent and wrote nothing. No access token is handed out.'
  return `The pair was refreshed and the new refresh token is stored in the ${storedIn}: nothing is lost. No access token is handed out.`
}

/** Code and remedy for an exchange that Box refuses. */
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
        "Compare both with the app's Configuration page in the Box Developer Console, then start a new run.",
      ]
    case 'password_reset_required':
      return [
        'password-reset-required',
        'Log in at https://app.box.com as that user, set a new password, then start a new run.',
      ]
    default:
      return ['bad-input', 'Correct `scope`, `resource` or `shared-link`, then start a new run.']
  }
}

/** The pair is stored, but Box gave no narrowed token. */
export function notNarrowed(subject: Subject, answer: ExchangeAnswer, timeIsUp: boolean): Failure {
  const what = `Box gave no narrowed token (\`scope\`): ${describeBox(subject, answer)}.`
  const failure = (code: Failure['code'], next: string): Failure =>
    new Failure(code, { what, spent: safelyStored(subject), next })
  switch (answer.kind) {
    case 'refused':
      if (answer.error === 'invalid_grant') {
        const next = 'Box does not accept the access token that is to be exchanged: start a new run.'
        return new RejectedToken('bad-response', { what, spent: safelyStored(subject), next })
      }
      return passingOAuthErrors.has(answer.error)
        ? failure('box-unavailable', `${newRun} later; https://status.box.com tells about outages.`)
        : failure(...refusedExchange(answer.error))
    case 'rate-limited':
      return failure('rate-limited', `${newRun} later, or raise \`retry-for\`.`)
    case 'no-token':
    case 'narrow':
      return failure(
        'bad-response',
        'Check `box-api-url` and what stands between the runner and Box, then start a new run.',
      )
    case 'no-answer':
    case 'unusable':
      return failure(
        'box-unavailable',
        timeIsUp
          ? `${newRun} later; https://status.box.com tells about outages.`
          : 'Check `box-api-url` and what stands between the runner and Box, then start a new run.',
      )
  }
}

/** The pair is stored, but Box did not tell in time who it belongs to. `problem` is without a full stop. */
export function notVerified(subject: Subject, problem: string): Failure {
  return new Failure('box-unavailable', {
    what: `Box did not tell within ${subject.retryFor} s who the token belongs to (\`verify\`); the last try: ${problem}.`,
    spent: safelyStored(subject),
    next: `${newRun} later; https://status.box.com tells about outages.`,
  })
}

/** Box does not accept an access token that should be good. `problem` is without a full stop. */
export function rejectedToken(subject: Subject, problem: string): RejectedToken {
  const { reused = false } = subject
  return new RejectedToken('bad-response', {
    what: reused
      ? `Box does not accept the shared access token (\`verify\`): ${problem}.`
      : `Box issued a new pair, but does not accept its access token (\`verify\`): ${problem}.`,
    spent: safelyStored(subject),
    next: 'Start a new run; if this happens again, check in the Box Admin Console that the user is active and the app is enabled.',
  })
}
