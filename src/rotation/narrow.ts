/** `scope`: hands out a narrowed token instead of the full one. Rule 2: the exchange comes after the store. */
import {
  passingOAuthErrors,
  type ExchangeAnswer,
  type Narrowing,
  type NarrowToken,
  type TokenEndpoint,
} from '../box/token-endpoint.ts'
import * as explain from './messages.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import type { Narrator } from '../narrator.ts'

/** What a narrowing works with. */
export interface Exchange {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  readonly box: TokenEndpoint
  readonly subject: explain.Subject
}

/**
 * Exchanges the full access token for a narrowed one.
 *
 * @returns the narrowed token, masked
 * @throws Failure, which says that the pair is stored
 */
export async function narrow(exchange: Exchange, accessToken: string, to: Narrowing): Promise<NarrowToken> {
  const { environment, narrator, retryFor, box, subject } = exchange
  const budget = new RetryBudget(environment, retryFor)
  for (;;) {
    const answer = await box.exchange(accessToken, to, budget)
    for (const token of answer.tokens) narrator.mask(token)
    if (answer.kind === 'narrow') {
      narrator.info('Box: exchanged the access token for a narrowed one, which is handed out instead.')
      return answer.token
    }
    if (!mayPass(answer) || !(await budget.pause('waitMs' in answer ? answer.waitMs : undefined))) {
      throw explain.notNarrowed(subject, answer, budget.isUsedUp)
    }
    narrator.info(`Box: ${explain.describeBox(subject, answer)}; asking again for a narrowed token.`)
  }
}

function mayPass(answer: ExchangeAnswer): boolean {
  if (answer.kind === 'no-answer') return answer.error.fault !== 'certificate'
  if (answer.kind === 'refused') return passingOAuthErrors.has(answer.error)
  return (
    answer.kind === 'rate-limited' ||
    (answer.kind === 'unusable' && (answer.status < 400 || answer.status >= 500))
  )
}
