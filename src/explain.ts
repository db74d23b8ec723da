/**
 * What the servers' answers mean to the person who reads the log: every failure of a rotation in three sentences.
 * The words are here, the decisions in rotation.ts.
 */
import type { TokenAnswer } from './box/token-endpoint.ts'
import { isoSeconds } from './clock.ts'
import { Failure, nothingSpent } from './failure.ts'
import type { GitHubUnavailable } from './github/client.ts'
import type { Secret } from './github/secret-store.ts'
import { TransportError } from './net/exchange.ts'

/** What the sentences speak of. */
export interface Subject {
  readonly secret: Secret
  /** The `retry-for` input, in seconds. */
  readonly retryFor: number
  /** One field of a server's answer, fit to print: scrubbed of secrets, one line, cut. */
  readonly foreign: (text: string) => string
}

type OAuthRefusal = Extract<TokenAnswer, { kind: 'refused' }>

const logInAgain = 'log in to Box again and store the new refresh token'
const certificateRemedy =
  'If a proxy or a server of your own stands there, set NODE_EXTRA_CA_CERTS to the file of its certificate authority for this step; do not switch certificate checks off.'
const afterLostAnswer = `An answer of Box was lost, so the stored refresh token may be spent: if the next run fails with \`reauthorize\`, ${logInAgain}.`

function spentSoFar(answerLost: boolean): string {
  return answerLost ? afterLostAnswer : nothingSpent
}

/** A server's words in brackets, or nothing. */
function quoted(subject: Subject, words: string): string {
  const clean = subject.foreign(words)
  return clean === '' ? '' : ` ("${clean}")`
}

// GitHub -------------------------------------------------------------------------------------------------------

/** A faulty answer of GitHub in words, without a full stop. */
export function describeGitHub(subject: Subject, last: GitHubUnavailable['last']): string {
  if (last instanceof TransportError) return last.message
  const { status } = last
  const requestId = last.headers.get('x-github-request-id')
  const id = requestId === null ? '' : `, request ${subject.foreign(requestId)}`
  const kind =
    status < 300
      ? ', which makes no sense here'
      : status < 400
        ? ', a redirect, which is not followed: has the repository been renamed?'
        : ''
  return `it answered ${status}${kind}${quoted(subject, last.message)}${id}`
}

/** GitHub did not answer usefully before the refresh. */
export function githubUnavailable(subject: Subject, { last }: GitHubUnavailable): Failure {
  const tls = last instanceof TransportError && last.fault === 'tls'
  return new Failure('github-unavailable', {
    what: tls
      ? `GitHub: ${last.message}; the certificate of \`github-api-url\` is not trusted.`
      : `GitHub did not answer usefully within ${subject.retryFor} s; the last try: ${describeGitHub(subject, last)}.`,
    spent: nothingSpent,
    next: tls
      ? certificateRemedy
      : 'Start a new run later; https://www.githubstatus.com tells about outages.',
  })
}

/** GitHub refused a read or the write probe before the refresh. */
export function cannotWriteSecret(
  subject: Subject,
  act: 'write' | 'look at' | 'read the public key for',
  status: 401 | 403 | 404,
  message: string,
): Failure {
  const { place } = subject.secret
  const reason =
    status === 401
      ? 'the token is not valid or has expired'
      : status === 404 && act !== 'write'
        ? place.absent
        : 'the token may not do that'
  return new Failure('cannot-write-secret', {
    what: `GitHub answered ${status} to the attempt to ${act} the ${subject.secret.title}${quoted(subject, message)}: ${reason}.`,
    spent: nothingSpent,
    next: `Give \`github-token\` a fine-grained personal access token or a GitHub App token for this place with ${place.permission}; GITHUB_TOKEN cannot write secrets, whatever its permissions.`,
  })
}

/** The place is there, the secret is not. */
export function noSuchSecret({ secret }: Subject): Failure {
  return new Failure('bad-input', {
    what: `There is no ${secret.title}.`,
    spent: nothingSpent,
    next: 'Correct `secret-name`, `environment` or `repository`: they must name the very secret that `refresh-token` comes from.',
  })
}

/** GitHub did not let the new refresh token be stored. `problem` is without a full stop. */
export function secretNotWritten(subject: Subject, problem: string): Failure {
  return new Failure('secret-not-written', {
    what: `Box issued a new pair, but GitHub did not let it be stored in the ${subject.secret.title}: ${problem}.`,
    spent: 'The old refresh token is spent, the new one is not stored, and nothing is handed out.',
    next: `Start a new run: as long as the new access token was never used, Box may still take the old refresh token. If that run fails with \`reauthorize\`, ${logInAgain}.`,
  })
}

/** The reason for `secretNotWritten` where a look before the write was refused. */
export function refusedLook(subject: Subject, at: string, status: number, message: string): string {
  return `it answered ${status} to a look at ${at}${quoted(subject, message)}`
}

// Stale secrets ------------------------------------------------------------------------------------------------

function staleSecret(what: string, spent: string): Failure {
  return new Failure('stale-secret', {
    what,
    spent,
    next: 'Start a new run (a re-run may still hold the old value), and keep runs from overlapping with a `concurrency` group.',
  })
}

/** Told by the dates, before Box was asked. */
export function queuedBeforeRotation({ secret }: Subject, updatedAt: number, queuedAt: number): Failure {
  return staleSecret(
    `The ${secret.title} was written at ${isoSeconds(updatedAt)}, not before this run was queued (${isoSeconds(queuedAt)}): this run holds an older refresh token.`,
    nothingSpent,
  )
}

/** The secret was written while this run was refreshing. */
export function overtaken({ secret }: Subject, updatedAt: number): Failure {
  return staleSecret(
    `The ${secret.title} was written by somebody else at ${isoSeconds(updatedAt)}, while this run was refreshing.`,
    'This run spent the refresh token that it held, discards the pair that it got, and overwrites nothing: the newer token stays.',
  )
}

/** Box refuses the refresh token, and the stored one is younger than what this run holds. */
export function rotatedElsewhere(subject: Subject, answer: OAuthRefusal, updatedAt: number): Failure {
  return staleSecret(
    `${inBoxWords(subject, answer)}; the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}, after this run got its value: another run has rotated the token.`,
    'Nothing was written; the newer token stays.',
  )
}

// Box ----------------------------------------------------------------------------------------------------------

function inBoxWords(subject: Subject, { error, description }: OAuthRefusal): string {
  return `Box answered "${subject.foreign(error)}"${quoted(subject, description)}`
}

/** A faulty answer of Box in words, without a full stop. */
export function describeBox(subject: Subject, answer: TokenAnswer): string {
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
    case 'refused':
      return `it answered "${subject.foreign(answer.error)}"${quoted(subject, answer.description)}`
    case 'pair':
      return 'it answered with a token pair'
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
  if (answer.kind === 'rate-limited') {
    const asked = answer.waitMs === undefined ? '' : ` It asks to wait ${Math.ceil(answer.waitMs / 1000)} s.`
    return new Failure('rate-limited', {
      what: `Box answers 429, too many requests, and \`retry-for\` is ${subject.retryFor} s.${asked}`,
      spent,
      next: 'Start a new run later, or raise `retry-for`.',
    })
  }
  const checkTheWay = 'Check `box-api-url` and what stands between the runner and Box, then start a new run.'
  if (answer.kind === 'no-pair') {
    return new Failure('bad-response', {
      what: `Box: ${describeBox(subject, answer)}.`,
      spent,
      next: checkTheWay,
    })
  }
  if (answer.kind === 'no-answer' && answer.error.fault === 'tls') {
    return new Failure('box-unavailable', {
      what: `Box: ${answer.error.message}; the certificate of \`box-api-url\` is not trusted.`,
      spent,
      next: certificateRemedy,
    })
  }
  return new Failure('box-unavailable', {
    what: timeIsUp
      ? `Box did not answer usefully within ${subject.retryFor} s; the last try: ${describeBox(subject, answer)}.`
      : `Box: ${describeBox(subject, answer)}.`,
    spent,
    next: timeIsUp ? 'Start a new run later; https://status.box.com tells about outages.' : checkTheWay,
  })
}

/** The answer held a refresh token, which is stored, and no usable access token. */
export function storedWithoutAccess({ secret }: Subject, problem: string): Failure {
  return new Failure('bad-response', {
    what: `Box answered 200, but that is no token pair: ${problem}.`,
    spent: `The old refresh token is spent, and the new one that came with it is stored in the ${secret.title}: nothing is lost. No access token is handed out.`,
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
  const unread = runUnreadable
    ? ' (Whether this run was queued before the last rotation could not be told: "Actions: Read" would let `github-token` read the run.)'
    : ''
  return new Failure('reauthorize', {
    what: `${inBoxWords(subject, answer)}: the refresh token is expired, used or revoked, and nothing says that another run rotated it.${unread}`,
    spent: answerLost
      ? 'An answer of Box was lost before that: it probably held the new pair, which is out of reach. Nothing was written.'
      : 'Nothing was spent by this run and nothing was written.',
    next: `${logInAgain.replace('log', 'Log')} as the ${subject.secret.title}.`,
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
        spent: answerLost ? afterLostAnswer : `${nothingSpent} It can be used again after that.`,
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

/** The pair is stored, but Box did not tell who it belongs to. `problem` is without a full stop. */
export function notVerified(subject: Subject, problem: string, timeIsUp: boolean): Failure {
  return new Failure(timeIsUp ? 'box-unavailable' : 'bad-response', {
    what: timeIsUp
      ? `Box did not tell within ${subject.retryFor} s who the new token belongs to (\`verify\`); the last try: ${problem}.`
      : `Box issued a new pair, but does not accept its access token (\`verify\`): ${problem}.`,
    spent: `The pair was refreshed and the new refresh token is stored in the ${subject.secret.title}: nothing is lost. No access token is handed out.`,
    next: timeIsUp
      ? 'Start a new run later; https://status.box.com tells about outages.'
      : 'Start a new run; if this happens again, check in the Box Admin Console that the user is active and the app is enabled.',
  })
}
