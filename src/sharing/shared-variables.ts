/** The state and the claims as GitHub keeps them: reading, claiming, releasing, cleaning up. */
import { serverNow, type ServerMoment } from '../clock.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable, type GitHubOutcome, type GitHubReply } from '../github/client.ts'
import { refusal, type Refused, type Secret } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import type { Narrator } from '../narrator.ts'
import { RetryBudget, type RetryEnvironment } from '../net/retry.ts'
import { sealingReady } from '../sealing/sodium.ts'
import {
  claimPrefix,
  claimToken,
  claimValue,
  leaseSeconds,
  liveClaim,
  nextClaim,
  readClaim,
  type Claim,
  type ClaimList,
  type HeldClaim,
} from './claim.ts'
import * as explain from './explain.ts'
import { openState, type SharedState, type StateSeal } from './state.ts'

/** What is left behind is not waited for: seconds. */
const cleanUpSeconds = 15

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
 * Whether the state holds another refresh token now: then everything that was meant for the old one is over. A state that
 * is gone, or does not open, is never trusted, and so is no move either.
 */
export function hasMoved(before: View, now: View): boolean {
  return now.state !== undefined && now.state.refreshToken !== before.state?.refreshToken
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

/** So often a claim may be refused for a variable that is no claim, before that is told: each time it may be somebody's that is gone. */
export const mostBlocked = 10

/** What trying to claim came to. */
export type Claiming =
  /** `others`: claims that are over, to be cleaned up. */
  | { readonly kind: 'held'; readonly claim: HeldClaim; readonly others: readonly Claim[] }
  /** Somebody else refreshes. */
  | { readonly kind: 'taken'; readonly by: Claim | undefined }

/**
 * Claims the right to refresh the state's token, unless any claim beside the state is within its lease. This is also the
 * proof that the token may write variables.
 *
 * @param announce told of the claim before it is made: nobody else can, if this process is killed meanwhile
 * @throws Failure `cannot-write-secret`
 * @throws GitHubUnavailable
 */
export async function takeClaim(
  sharing: Sharing,
  { state }: View,
  budget: RetryBudget,
  announce: (claim: HeldClaim) => void = () => {},
): Promise<Claiming> {
  const { variables, seal, environment, retryFor } = sharing
  const { clock, random } = environment
  const askedAt = clock.monotonic()
  const list = await listClaims(sharing, budget)
  const live = liveClaim(list, clock)
  if (live) return { kind: 'taken', by: live }
  const lease = { seconds: leaseSeconds(retryFor), nonce: nonceFrom(random), askedAt }
  const claim = nextClaim(seal.name, claimToken(seal.secrets, state?.refreshToken), list, lease, clock)
  announce(claim)
  const created = await untilAnswered(
    budget,
    () => variables.create(claim.variable, claimValue(claim), budget),
    (reply) => {
      if (reply.status === 201) return 'created'
      return reply.status === 409 ? 'exists' : refusal(reply)
    },
  )
  if (created === 'created') return { kind: 'held', claim, others: list.claims }
  if (created !== 'exists') throw explain.cannotUseVariable(sharing, 'write', created)
  const there = await variables.read(claim.variable, budget)
  if ('refused' in there) throw explain.cannotUseVariable(sharing, 'read', there)
  const by =
    there.value === undefined ? undefined : readClaim(seal.name, { name: claim.variable, value: there.value })
  // GitHub's answer to our own request was lost, and the request sent again.
  return by?.nonce === claim.nonce ? { kind: 'held', claim, others: list.claims } : { kind: 'taken', by }
}

/** Sends something again until there is an answer to work with. */
async function untilAnswered<T>(
  budget: RetryBudget,
  send: () => Promise<GitHubOutcome>,
  read: (reply: GitHubReply) => T | undefined,
): Promise<T> {
  for (;;) {
    const outcome = await send()
    const value = outcome.kind === 'answer' ? read(outcome.last) : undefined
    if (value !== undefined) return value
    if (!(await budget.pause(outcome.waitMs))) throw new GitHubUnavailable(outcome.last, outcome.waitMs)
  }
}

/** 64 bits, to tell claims apart; nothing secret. */
function nonceFrom(random: () => number): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}

/** Whether a claim is over: its lease, by GitHub's clock, or because it was released or is gone. */
export async function isOver(sharing: Sharing, claim: Claim, budget: RetryBudget): Promise<boolean> {
  const { variables, seal, environment } = sharing
  const reading = await variables.read(claim.variable, budget)
  if ('refused' in reading) throw explain.cannotUseVariable(sharing, 'read', reading)
  if (reading.value === undefined) return true
  const now = readClaim(seal.name, { name: claim.variable, value: reading.value })
  return (
    !now ||
    now.nonce !== claim.nonce ||
    now.leaseEndsAt <= serverNow(momentOr(sharing, reading.moment), environment.clock)
  )
}

/** Between two looks at a claim of somebody else, in milliseconds. */
const pollMs = 2000

/**
 * Waits until somebody else's claim is over.
 *
 * @param by `undefined`: it was gone already
 * @param deadline when to give up waiting, by the monotonic clock (milliseconds)
 * @returns whether it is over
 * @throws GitHubUnavailable
 */
export async function waitUntilOver(
  sharing: Sharing,
  by: Claim | undefined,
  deadline = Infinity,
): Promise<boolean> {
  const { clock, random } = sharing.environment
  for (;;) {
    await clock.sleep(pollMs * (0.5 + random()))
    // A look that has no time for an answer would be told as an outage of GitHub.
    if (clock.monotonic() >= deadline) return false
    if (
      !by ||
      (await isOver(sharing, by, new RetryBudget(sharing.environment, sharing.retryFor, deadline)))
    ) {
      return true
    }
  }
}

/**
 * Ends the lease of an own claim whose token is still the state's: whoever waits need not wait for its end. It is not
 * deleted, because a deletion that arrives late could take away a claim of the same name.
 */
export async function releaseClaim(
  sharing: Sharing,
  claim: Pick<Claim, 'variable' | 'nonce'>,
): Promise<void> {
  const { variables, environment } = sharing
  const budget = new RetryBudget(environment, cleanUpSeconds)
  await tidily(sharing, claim.variable, () =>
    untilAnswered(
      budget,
      () => variables.update(claim.variable, claimValue({ nonce: claim.nonce, leaseEndsAt: 0 }), budget),
      (reply) => (reply.status === 204 || reply.status === 404 ? true : refusal(reply)),
    ),
  )
}

/** Deletes claims, once the state has moved: of its new token they are none. */
export async function deleteClaims(
  sharing: Sharing,
  claims: readonly Pick<Claim, 'variable'>[],
): Promise<void> {
  const { variables, environment } = sharing
  const budget = new RetryBudget(environment, cleanUpSeconds)
  for (const { variable } of claims) {
    await tidily(sharing, variable, () =>
      untilAnswered(
        budget,
        () => variables.remove(variable, budget),
        (reply) => (reply.status === 204 || reply.status === 404 ? true : refusal(reply)),
      ),
    )
  }
}

/** Nothing rests on tidiness: what is left behind is over with its lease, and the next refresh takes it away. */
async function tidily(
  { narrator }: Sharing,
  variable: string,
  act: () => Promise<true | Refused>,
): Promise<void> {
  try {
    if ((await act()) === true) return
  } catch (error) {
    if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error
  }
  narrator.info(`GitHub: the claim ${variable} is left behind; it is over with its lease.`)
}
