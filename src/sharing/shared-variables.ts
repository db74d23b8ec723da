/** The state and the claims as GitHub shows them. Any of these answers may be an old one. */
import type { ServerMoment } from '../clock.ts'
import type { Secret } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import type { Narrator } from '../narrator.ts'
import type { RetryBudget, RetryEnvironment } from '../http/retry.ts'
import { sealingReady } from '../sealing/sodium.ts'
import { claimPrefix, readClaim, type Claim, type ClaimList } from './claim.ts'
import * as explain from './messages.ts'
import { accountsFor, openState, type SharedState, type StateSeal } from './state.ts'

/** What everything that works on a shared state needs. */
export interface Sharing {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  /** The secret that is the state's copy. */
  readonly secret: Secret
  /** The place of the state and its claims. */
  readonly variables: VariableStore
  readonly seal: StateSeal
}

/** The state as it stands in its variable. */
export interface View {
  /** The variable's value; `undefined`: there is no such variable. */
  readonly text: string | undefined
  /** `undefined`: there is none, or it does not open. */
  readonly state: SharedState | undefined
  /** GitHub's clock. */
  readonly moment: ServerMoment
  /** When it was asked for, by the monotonic clock (milliseconds): what is seen was so at some time after that. */
  readonly askedAt: number
}

/** GitHub's clock; the runner's own only where GitHub sends no `Date`, which HTTP asks of every server. */
function momentOr({ environment }: Sharing, moment: ServerMoment | undefined): ServerMoment {
  return moment ?? { date: environment.clock.wall(), at: environment.clock.monotonic() }
}

/**
 * Reads and opens the state. Its tokens are masked before anything else happens.
 *
 * @throws Failure `bad-input` where a newer version of the action wrote it, `cannot-write-secret` where the token may
 *   not read it
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
 * Whether the state holds a newer refresh token now than one that was seen before: then everything that was meant for the
 * old one is over. What is gone, does not open, or came before it is an old answer, or damage, and no move.
 */
export function hasMoved({ seal }: Sharing, before: View, now: View): boolean {
  if (now.state === undefined) return false
  return before.state === undefined || !accountsFor(seal, before.state, now.state.refreshToken)
}

/** The newer one of two views, however old the answers were; with the later answer's time. */
export function newerOf({ seal }: Sharing, before: View | undefined, now: View): View {
  if (!before?.state) return now
  const isNewer =
    now.state !== undefined &&
    (now.state.refreshToken === before.state.refreshToken
      ? now.state.over.size >= before.state.over.size
      : !accountsFor(seal, before.state, now.state.refreshToken))
  return isNewer ? now : { ...before, moment: now.moment, askedAt: now.askedAt }
}

/** One claim as it stands in its variable; `undefined`: GitHub shows no such variable. */
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

/** All claims beside the state, of whatever token. */
export async function listClaims(sharing: Sharing, budget: RetryBudget): Promise<ClaimList> {
  const { variables, seal } = sharing
  const answer = await variables.list(claimPrefix(seal.name), budget)
  if ('refused' in answer) throw explain.cannotUseVariable(sharing, 'list', answer)
  const claims = answer.variables
    .map((variable) => readClaim(seal.name, variable))
    .filter((claim) => claim !== undefined)
  return { claims, moment: momentOr(sharing, answer.moment) }
}
