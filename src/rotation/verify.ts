/** `verify`: who does the new access token belong to? Rule 2: Box is asked only after the pair is stored. */
import { currentUser, type BoxUser, type UserAnswer } from '../box/users.ts'
import * as explain from './messages.ts'
import type { Narrator } from '../narrator.ts'
import type { Network } from '../http/exchange.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'

/** What a verification works with. */
export interface Verification {
  readonly environment: RetryEnvironment
  readonly network: Network
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  readonly boxApiUrl: string
  readonly subject: explain.Subject
}

/**
 * Asks Box who an access token belongs to.
 *
 * @returns the user, or `undefined` if the token is valid but not allowed to read its user
 * @throws Failure if Box rejects the token (`bad-response`) or gives no usable answer (`box-unavailable`)
 */
export async function verify(verification: Verification, accessToken: string): Promise<BoxUser | undefined> {
  const { environment, network, narrator, retryFor, boxApiUrl, subject } = verification
  const budget = new RetryBudget(environment, retryFor)
  for (;;) {
    const answer = await currentUser(network, boxApiUrl, accessToken, budget)
    if (answer.kind === 'user') return answer.user
    if (answer.kind === 'refused') {
      const words = narrator.foreign(answer.message)
      const problem = `status ${answer.status}${words === '' ? '' : ` ("${words}")`}`
      if (answer.status === 401) throw explain.rejectedToken(subject, problem)
      narrator.warning(
        `Box accepts the new access token, but does not let the app read its user (${problem}).`,
      )
      return undefined
    }
    if (!(await budget.pause(answer.kind === 'passing' ? answer.waitMs : undefined))) {
      throw explain.notVerified(subject, problemOf(answer))
    }
  }
}

function problemOf(answer: Extract<UserAnswer, { kind: 'passing' | 'no-answer' }>): string {
  return answer.kind === 'passing' ? answer.problem : answer.error.message
}
