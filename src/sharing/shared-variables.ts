/** The state and the claims as GitHub shows them. Rule 8: any of these reads may be old. */
import type { ServerMoment } from '../clock.ts'
import type { Secret } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import type { Narrator } from '../narrator.ts'
import type { RetryBudget, RetryEnvironment } from '../http/retry.ts'
import { sealingReady } from '../sealing/sodium.ts'
import { claimPrefix, readClaim, type Claim, type ClaimList } from './claim.ts'
import * as explain from './messages.ts'
import { accountsFor, openState, type SharedState, type StateSeal } from './state.ts'

/** What everything that works on the shared state needs. */
export interface Sharing {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  /** The secret, which is the state's copy. */
  readonly secret: Secret
  /** The place of the state and its claims. */
  readonly variables: VariableStore
  readonly seal: StateSeal
}

/** The state as it was read from its variable. */
export interface View {
  /** The variable's value; `undefined`: there is no such variable. */
  readonly text: string | undefined
  /** `undefined`: there is no state, or it does not open. */
  readonly state: SharedState | undefined
  /** GitHub's clock. */
  readonly moment: ServerMoment
  /** When it was asked for, by the monotonic clock (milliseconds): GitHub's date was stamped some time after that. */
  readonly askedAt: number
}

/** Rule 6: GitHub's clock; the runner's only if GitHub sends no `Date`, which HTTP requires of every server. */
function momentOr({ environment }: Sharing, moment: ServerMoment | undefined): ServerMoment {
  return moment ?? { date: environment.clock.wall(), at: environment.clock.monotonic() }
}

/**
 * Reads and opens the state, and masks its tokens before anything else happens.
 *
 * @throws Failure `bad-input` if a newer version of the action wrote it, `cannot-write-secret` if the token is not allowed
 *   to read it
 * @throws GitHubUnavailable
 */
export async function readState(sharing: Sharing, budget: RetryBudget): Promise<View> {
  const { variables, seal, narrator } = sharing
  const [reading] = await Promise.all([variables.read(seal.name, budget), sealingReady()])
  if ('refused' in reading) throw explain.cannotUseVariable(sharing, 'read', reading)
  const moment = momentOr(sharing, reading.moment)
  const { value: text, askedAt } = reading
  if (text === undefined) return { text, state: undefined, moment, askedAt }
  const opened = openState(seal, text)
  if ('problem' in opened) {
    if (opened.problem === 'newer-version') throw explain.newerState(sharing)
    return { text, state: undefined, moment, askedAt }
  }
  narrator.mask(opened.refreshToken)
  if (opened.access) narrator.mask(opened.access.token)
  return { text, state: opened, moment, askedAt }
}

/**
 * Whether the state has moved: it holds a newer refresh token than before, so whatever was planned with the old one is off.
 * A state that is gone, does not open, or came earlier has not moved: that is an old read (rule 8), or damage.
 */
export function hasMoved({ seal }: Sharing, before: View, now: View): boolean {
  if (now.state === undefined) return false
  return before.state === undefined || !accountsFor(seal, before.state, now.state.refreshToken)
}

/** Rule 8: the newer of two views, whichever came first; with the time of the later answer. */
export function newerOf({ seal }: Sharing, before: View | undefined, now: View): View {
  if (!before?.state) return now
  const isNewer =
    now.state !== undefined &&
    (now.state.refreshToken === before.state.refreshToken
      ? now.state.over.size >= before.state.over.size
      : !accountsFor(seal, before.state, now.state.refreshToken))
  return isNewer ? now : { ...before, moment: now.moment, askedAt: now.askedAt }
}

/** Reads one claim; `claim` is `undefined` if GitHub shows no such variable. */
export async function readOneClaim(
  sharing: Sharing,
  variable: string,
  budget: RetryBudget,
): Promise<{ readonly claim: Claim | undefined; readonly moment: ServerMoment; readonly askedAt: number }> {
  const { variables, seal } = sharing
  const reading = await variables.read(variable, budget)
  if ('refused' in reading) throw explain.cannotUseVariable(sharing, 'read', reading)
  const { value, updatedAt, askedAt } = reading
  const claim = value === undefined ? undefined : readClaim(seal.name, { name: variable, value, updatedAt })
  return { claim, moment: momentOr(sharing, reading.moment), askedAt }
}

/** Reads all claims for the state, of any token. */
export async function listClaims(sharing: Sharing, budget: RetryBudget): Promise<ClaimList> {
  const { variables, seal } = sharing
  const answer = await variables.list(claimPrefix(seal.name), budget)
  if ('refused' in answer) throw explain.cannotUseVariable(sharing, 'list', answer)
  const claims = answer.variables
    .map((variable) => readClaim(seal.name, variable))
    .filter((claim) => claim !== undefined)
  return { claims, moment: momentOr(sharing, answer.moment) }
}
