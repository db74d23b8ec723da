/** Exchanges an authorization code for tokens, at once: the code is valid for 30 seconds, and works only once. */
import { passingOAuthErrors, type TokenAnswer, type TokenEndpoint } from '../../box/token-endpoint.ts'
import { activateUser, isOfInactiveUser } from '../../rotation/messages.ts'
import { Failure } from '../../failure.ts'
import type { Narrator } from '../../narrator.ts'
import { RetryBudget, type RetryEnvironment } from '../../http/retry.ts'

/** Seconds to keep trying: less than the code is valid. */
const retryFor = 25

/** What Box issued. */
export interface IssuedTokens {
  readonly refreshToken: string
  /** `undefined`: the answer had no usable one, and `login` can do without it. */
  readonly accessToken: string | undefined
}

/** What redeeming needs. */
export interface Redeeming {
  readonly endpoint: TokenEndpoint
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  readonly redirectUri: string
  /** What holds so far, in whole sentences, for failures. */
  readonly soFar: string
}

/**
 * Exchanges a code for tokens. Rule 7: if Box gave no usable answer, it asks again. At worst the code was used by then and
 * is refused, but its tokens were out of reach anyway.
 *
 * @throws Failure
 */
export async function redeemCode(redeeming: Redeeming, code: string): Promise<IssuedTokens> {
  const { endpoint, environment, narrator, redirectUri, soFar } = redeeming
  const budget = new RetryBudget(environment, retryFor)
  let answerLost = false
  for (;;) {
    const answer = await endpoint.redeem(code, redirectUri, budget)
    for (const token of answer.tokens) narrator.mask(token)
    const failed = (failure: Failure['code'], what: string, next: string): Failure =>
      new Failure(failure, { what, spent: soFar, next })
    switch (answer.kind) {
      case 'pair':
        return { refreshToken: answer.pair.refreshToken, accessToken: answer.pair.accessToken }
      case 'refresh-token-only':
        return { refreshToken: answer.refreshToken, accessToken: undefined }
      case 'no-pair':
        throw failed(
          'bad-response',
          `Box answered 200, but the answer is not a token pair: ${answer.problem}.`,
          'Check --box-api-url and any proxy or firewall between this machine and Box, then run this again.',
        )
      case 'refused':
        if (!passingOAuthErrors.has(answer.error)) throw refusedCode(redeeming, answer, answerLost)
        break
      case 'no-answer':
        if (answer.error.fault === 'certificate') {
          throw failed(
            'box-unavailable',
            `Box (--box-api-url): ${answer.error.message}.`,
            'If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS to the certificate file of its CA, then run this again.',
          )
        }
        answerLost ||= answer.error.mayHaveArrived
        break
      case 'unusable':
        answerLost = true
        break
      case 'rate-limited':
        break
    }
    if (!(await budget.pause('waitMs' in answer ? answer.waitMs : undefined))) {
      throw failed(
        'box-unavailable',
        `Box did not exchange the authorization code within the 30 seconds for which it is valid: ${described(narrator, answer)}.`,
        'Run this again to sign in again. For outages, see https://status.box.com.',
      )
    }
  }
}

function described(narrator: Narrator, answer: TokenAnswer): string {
  switch (answer.kind) {
    case 'no-answer':
      return answer.error.message
    case 'rate-limited':
      return 'it answered 429, too many requests'
    case 'unusable':
      return `it answered ${answer.status}`
    case 'refused':
      return `it answered "${narrator.foreign(answer.error)}"`
    case 'pair':
    case 'refresh-token-only':
    case 'no-pair':
      return 'it answered 200'
  }
}

function refusedCode(
  { narrator, redirectUri, soFar }: Redeeming,
  { error, description }: Extract<TokenAnswer, { kind: 'refused' }>,
  answerLost: boolean,
): Failure {
  const quoted = description === '' ? '' : ` ("${narrator.foreign(description)}")`
  const words = `Box answered "${narrator.foreign(error)}"${quoted}`
  const refused = (code: Failure['code'], why: string, next: string): Failure =>
    new Failure(code, { what: `${words}: ${why}.`, spent: soFar, next })
  switch (error) {
    case 'invalid_client':
      return refused(
        'bad-client',
        'it does not accept the client id and client secret',
        "Copy both again from the app's Configuration page in the Box Developer Console, then run this again.",
      )
    case 'unauthorized_client':
      return refused(
        'unauthorized-app',
        'this app is not allowed to sign users in',
        'In the Box Developer Console, make sure that the app uses "User Authentication (OAuth 2.0)" and is enabled; if your enterprise approves apps, ask an admin to authorize this one.',
      )
    case 'redirect_uri_mismatch':
      return refused(
        'bad-input',
        'it does not know this redirect URI',
        `Add ${redirectUri} to the redirect URIs of the app in the Box Developer Console, then run this again.`,
      )
    case 'invalid_grant':
      if (isOfInactiveUser({ description }))
        return refused(
          'reauthorize',
          'this suggests that the Box user is not active, so Box would refuse a new sign-in as well',
          `${activateUser}, then run this again.`,
        )
      return refused(
        'reauthorize',
        answerLost
          ? 'it gave no usable answer before, and the authorization code works only once'
          : 'the authorization code has expired (it is valid for 30 seconds), was used already, or belongs to another redirect URI',
        'Run this again to sign in again.',
      )
    default:
      return refused(
        'box-unavailable',
        'it issued no tokens for the authorization code',
        'Check --box-api-url and the app in the Box Developer Console, then run this again.',
      )
  }
}
