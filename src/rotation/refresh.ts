/** Asks Box for a new pair until there is an answer or no time is left. */
import { passingOAuthErrors, type TokenAnswer, type TokenEndpoint } from '../box/token-endpoint.ts'
import type { ServerMoment } from '../clock.ts'
import * as explain from './messages.ts'
import type { Secret } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import type { SignalGuard } from '../signals.ts'

/** After a 200 without a token pair, asking again hardly ever helps. */
const mostTriesWithoutPair = 3

/** What a refresh works with. */
export interface Refreshing {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  readonly box: TokenEndpoint
  /** The secret that the refresh token belongs to. */
  readonly secret: Secret
  readonly signals: SignalGuard
}

/** What Box gave: always a new refresh token, nearly always a usable access token. */
export interface Refreshed {
  readonly refreshToken: string
  readonly access: { readonly token: string; readonly expiresIn: number } | undefined
  readonly moment: ServerMoment | undefined
  /** What is wrong with the answer, if `access` is missing. */
  readonly problem: string
}

/** Box rejects the refresh token. */
export interface InvalidGrant {
  readonly invalidGrant: Extract<TokenAnswer, { kind: 'refused' }>
  /** An earlier answer got lost, and may have used the token. */
  readonly answerLost: boolean
}

/** The claim under which a token is used. */
export interface UnderClaim {
  /**
   * When everything must be over, by the monotonic clock (milliseconds). No request is sent whose answer could come later:
   * the result is `Fenced`.
   */
  readonly fence: number
  /** Whether an answer for this token got lost under an earlier claim. */
  readonly answerLost: boolean
}

/** The claim's lease was too short for an answer. */
export interface Fenced {
  readonly fenced: true
  /** An answer got lost, and may have used the token. */
  readonly answerLost: boolean
}

/**
 * Uses a refresh token. Rule 7: a lost answer is asked for again, since its pair is out of reach otherwise.
 *
 * @throws Failure for everything but a pair and `invalid_grant`
 */
export async function refresh(refreshing: Refreshing, refreshToken: string): Promise<Refreshed | InvalidGrant>
export async function refresh(
  refreshing: Refreshing,
  refreshToken: string,
  claim: UnderClaim,
): Promise<Refreshed | InvalidGrant | Fenced>
export async function refresh(
  refreshing: Refreshing,
  refreshToken: string,
  claim?: UnderClaim,
): Promise<Refreshed | InvalidGrant | Fenced> {
  const { box, narrator, environment, retryFor, signals } = refreshing
  const budget = new RetryBudget(environment, retryFor, claim?.fence)
  const subject = explain.subjectOf(refreshing)
  let answerLost = claim?.answerLost ?? false
  let withoutPair = 0
  narrator.info('Box: asking for a new pair.')
  for (;;) {
    // A request that is cut short may lose a pair: better to start again with a full lease.
    if (budget.isShort) return { fenced: true, answerLost }
    const answer = await box.refresh(refreshToken, budget)
    for (const token of answer.tokens) narrator.mask(token)
    switch (answer.kind) {
      case 'pair': {
        const { accessToken: token, refreshToken: next, expiresIn, moment } = answer.pair
        narrator.info('Box: issued a new pair. From now on, the old one may stop working at any moment.')
        return { refreshToken: next, access: { token, expiresIn }, moment, problem: '' }
      }
      case 'refresh-token-only':
        // The answer is faulty, but its refresh token is all that keeps the chain alive: store that first.
        narrator.info('Box: the answer is faulty, but it has a new refresh token, which the action keeps.')
        return {
          refreshToken: answer.refreshToken,
          access: undefined,
          moment: undefined,
          problem: answer.problem,
        }
      case 'refused':
        if (answer.error === 'invalid_grant') return { invalidGrant: answer, answerLost }
        if (!passingOAuthErrors.has(answer.error)) throw explain.boxRefused(subject, answer, answerLost)
        break
      case 'no-pair':
        answerLost = true
        withoutPair += 1
        break
      case 'unusable':
        answerLost ||= mayHaveIssued(answer.status)
        break
      case 'no-answer':
        answerLost ||= answer.error.mayHaveArrived
        break
      case 'rate-limited':
        break
    }
    const waitMs = 'waitMs' in answer ? answer.waitMs : undefined
    const hopeless = withoutPair >= mostTriesWithoutPair || (!answerLost && !mayPass(answer))
    if (signals.interrupted.aborted || hopeless || !(await budget.pause(waitMs, answerLost))) {
      if (budget.isFenced() && !hopeless) return { fenced: true, answerLost }
      throw explain.noPair(subject, answer, answerLost, budget.isUsedUp)
    }
    narrator.info(`Box: ${explain.describeBox(subject, answer)}; asking again.`)
  }
}

/** Whether Box may have issued tokens, despite an answer of this status without any. */
function mayHaveIssued(status: number): boolean {
  return status >= 500 || status < 300
}

/** Whether asking again may bring a different answer. It won't if the certificate or the address is wrong. */
function mayPass(answer: TokenAnswer): boolean {
  if (answer.kind === 'no-answer') return answer.error.fault !== 'certificate'
  if (answer.kind !== 'unusable') return true
  const passing4xx = [408, 425]
  return answer.status < 400 || answer.status >= 500 || passing4xx.includes(answer.status)
}
