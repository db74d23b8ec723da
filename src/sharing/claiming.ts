/**
 * The step "otherwise claim, then refresh": taking the right to refresh, waiting for whoever has it, and giving it back.
 *
 * - Claim: a POST of the claim's variable decides, since the primary answers it: 201 once, and 409 from then on.
 * - Rule 8: what a GET shows may be old, so it only tells how long to wait.
 * - Claims stay: they are marked as done or given up, and deleted only as tombstones.
 */
import { isoSeconds, serverNow } from '../clock.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable, type GitHubOutcome, type GitHubReply } from '../github/client.ts'
import { refusal, type Refused } from '../github/secret-store.ts'
import { fingerprintOf } from '../sealing/envelope.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience, stalenessMs } from '../rotation/patience.ts'
import {
  claimToken,
  claimValue,
  heldClaim,
  isLongOver,
  leaseSeconds,
  newClaim,
  shortcut,
  statusAt,
  tombstones,
  type Claim,
  type HeldClaim,
} from './claim.ts'
import * as explain from './messages.ts'
import { hasMoved, listClaims, readOneClaim, readState, type Sharing, type View } from './shared-variables.ts'

/** How long tidying up may take, in seconds: nothing depends on it. */
const cleanUpSeconds = 15
/** The pause between two looks of a waiting job, in milliseconds: it never asks more than once a second. */
const shortestPollMs = 1000
const longestPollMs = 3000
/** Every third look is at the claim instead of the state, because its holder may have given up. */
const claimLookEvery = 3
/** An own claim with less time left than this, in milliseconds, is of no use any more. */
const leastMs = 2000
/** How often a claim's name may be taken while GitHub shows no claim there, each time for as long as a read may be old. */
const mostBlocked = 3

/** The outcome of trying to claim. */
export type Claiming =
  | {
      readonly kind: 'held'
      readonly claim: HeldClaim
      /** Somebody held a claim for this token before, and did not say that nothing was spent. */
      readonly mayHaveSpent: boolean
    }
  /** The state has moved, or was written again: start from that. */
  | { readonly kind: 'changed'; readonly view: View }
  /** The deadline has passed. */
  | { readonly kind: 'too-late' }

/** Where a job goes on climbing. */
export type OwnEpoch = Pick<Claim, 'token' | 'epoch' | 'nonce'> & { readonly mayHaveSpent?: boolean }

/** How a claim is made. */
export interface ClaimOptions {
  /** Told of each claim before it is made: if this process is then killed, only its post step can give the claim up. */
  readonly announce?: (claim: HeldClaim) => void
  /** A claim that this job made before: it is taken up again, or followed by the next epoch. */
  readonly own?: OwnEpoch | undefined
  /** When to give up waiting, by the monotonic clock (milliseconds). */
  readonly deadline?: number
}

/**
 * Claims the right to refresh the state's token, and waits while somebody else has it. Rule 1: this also proves that the
 * token may write variables.
 *
 * Epochs are climbed, not looked up. Start at the first epoch and POST; on 409, read that very claim:
 *
 * - done: the state has moved, so read it until it shows that
 * - live, or not shown yet: wait
 * - given up, or over for so long that every read shows what its holder did: take the next epoch
 *
 * So no epoch is skipped because an old list does not show it.
 *
 * @throws Failure `cannot-write-secret`, or `github-unavailable` if a variable that is not a claim is in the way
 * @throws GitHubUnavailable
 */
export async function takeClaim(
  sharing: Sharing,
  before: View,
  options: ClaimOptions = {},
): Promise<Claiming> {
  const { seal, environment, retryFor } = sharing
  const { clock, random } = environment
  const { announce = () => {}, own, deadline = Infinity } = options
  const token = claimToken(seal.secrets, before.state?.refreshToken)
  const goesOn = own?.token === token ? own : undefined
  const nonce = goesOn?.nonce ?? nonceFrom(random)
  let epoch = goesOn?.epoch ?? 1
  let mayHaveSpent = goesOn?.mayHaveSpent ?? false
  let hasJumped = false
  for (let blocked = 0; ;) {
    const budget = new RetryBudget(environment, retryFor, deadline)
    const lease = { seconds: leaseSeconds(retryFor), nonce, moment: before.moment, askedAt: before.askedAt }
    const wanted = newClaim(seal.name, token, epoch, lease, clock)
    announce(wanted)
    if (await create(sharing, wanted, budget)) return { kind: 'held', claim: wanted, mayHaveSpent }
    const there = await readUntilShown(sharing, wanted.variable, deadline)
    if (!there) {
      blocked += 1
      if (clock.monotonic() >= deadline) return { kind: 'too-late' }
      if (blocked === mostBlocked) throw explain.blockedClaim(sharing)
      continue
    }
    const { moment, askedAt } = there
    let { claim } = there
    // If this job has marked it as done, it is like anybody's: the state has moved.
    const isOwn = claim.nonce === nonce && claim.doneAt === undefined
    if (isOwn && statusAt(claim, serverNow(moment, clock)) === 'live') {
      // GitHub's answer to our POST was lost, or this job made it before. With too little time left, go to the next epoch.
      const held = heldClaim(claim, moment, askedAt)
      if (held.fence > clock.monotonic() + leastMs) return { kind: 'held', claim: held, mayHaveSpent }
    }
    if (!isOwn) {
      const ended = await untilOver(sharing, before, claim, deadline)
      if (ended.kind !== 'over') return ended
      ;({ claim } = ended)
      mayHaveSpent ||= statusAt(claim, ended.now) !== 'given-up'
    }
    epoch = Math.max(epoch + 1, claim.next?.epoch ?? 0)
    // A later epoch proves that those before it are over, however old the list is: no need to read each one.
    if (!hasJumped && epoch > 2) {
      const list = await listClaims(sharing, budget)
      const same = list.claims.filter((one) => one.token === token)
      epoch = Math.max(epoch, ...same.map((one) => one.epoch))
      const now = serverNow(list.moment, clock)
      mayHaveSpent ||= same.some((one) => one.epoch < epoch && statusAt(one, now) !== 'given-up')
    }
    hasJumped ||= epoch > 2
  }
}

/** @returns whether the claim was created; `false` if there already is a variable of that name */
async function create(sharing: Sharing, claim: HeldClaim, budget: RetryBudget): Promise<boolean> {
  const { variables } = sharing
  const created = await untilAnswered(
    budget,
    () => variables.create(claim.variable, claimValue(claim), budget),
    (reply) => {
      if (reply.status === 201) return 'created'
      return reply.status === 409 ? 'exists' : refusal(reply)
    },
  )
  if (created === 'created') return true
  if (created === 'exists') return false
  throw explain.cannotUseVariable(sharing, 'write', created)
}

/** Rule 8: waits until a claim shows that exists according to a 409; `undefined` if it never does. */
async function readUntilShown(sharing: Sharing, variable: string, deadline: number) {
  const { environment, retryFor } = sharing
  const patience = new Patience(environment, stalenessMs / 1000)
  for (;;) {
    const { claim, ...rest } = await readOneClaim(
      sharing,
      variable,
      new RetryBudget(environment, retryFor, deadline),
    )
    if (claim) return { claim, ...rest }
    if (!(await patience.pause()) || environment.clock.monotonic() >= deadline) return undefined
  }
}

/**
 * Those who wait poll the state, with jitter, until it moves, or until the holder can no longer publish. Waiting is not an
 * outage: it ends with the lease, and does not count against `retry-for`.
 */
async function untilOver(
  sharing: Sharing,
  before: View,
  first: Claim,
  deadline: number,
): Promise<
  Exclude<Claiming, { kind: 'held' }> | { readonly kind: 'over'; readonly claim: Claim; readonly now: number }
> {
  const { environment, narrator, retryFor } = sharing
  const { clock, random } = environment
  let claim = first
  let { moment } = before
  if (statusAt(claim, serverNow(moment, clock)) === 'live') {
    narrator.info(
      `Another job is refreshing the shared token (${claim.variable}, until ${isoSeconds(claim.leaseEndsAt)} at the latest): waiting for it.`,
    )
  }
  // Once a claim is done, reads show the new state within `staleness`. If none does, the state was damaged or put back.
  let doneSince: number | undefined
  for (let look = 1, pollMs = shortestPollMs; ; look += 1, pollMs = Math.min(longestPollMs, pollMs * 1.25)) {
    const now = serverNow(moment, clock)
    const status = statusAt(claim, now)
    if (status === 'given-up' || isLongOver(claim, now)) return { kind: 'over', claim, now }
    if (status === 'done') doneSince ??= clock.monotonic()
    if (doneSince !== undefined && clock.monotonic() >= doneSince + stalenessMs)
      return { kind: 'over', claim, now }
    if (clock.monotonic() >= deadline) return { kind: 'too-late' }
    // With jitter, also at the end, so that waiting jobs do not all ask at once.
    const untilEnd =
      doneSince === undefined
        ? claim.leaseEndsAt + stalenessMs - now
        : doneSince + stalenessMs - clock.monotonic()
    const shortest = shortestPollMs * (1 + random())
    await clock.sleep(Math.max(shortest, Math.min(pollMs * (1 + random()), untilEnd + shortest)))
    if (clock.monotonic() >= deadline) return { kind: 'too-late' }
    const budget = new RetryBudget(environment, retryFor, deadline)
    if (doneSince === undefined && look % claimLookEvery === 0) {
      const there = await readOneClaim(sharing, claim.variable, budget)
      // If it does not show, that is an old read: nobody deletes a claim that may be live.
      if (there.claim) ({ claim } = there)
      moment = there.moment
      continue
    }
    const view = await readState(sharing, budget)
    moment = view.moment
    // The state may have been written again without moving, to note that a given token was refused.
    if (hasMoved(sharing, before, view) || isRewritten(before, view)) return { kind: 'changed', view }
  }
}

/** Whether the state was written again with the same refresh token. */
function isRewritten(before: View, now: View): boolean {
  const token = now.state?.refreshToken
  return (
    token !== undefined &&
    token === before.state?.refreshToken &&
    (now.state?.over.size ?? 0) > before.state.over.size
  )
}

/**
 * A live claim of another token is a reason to wait, too: its holder may be about to write the secret.
 *
 * @throws GitHubUnavailable
 */
export async function waitForOther(sharing: Sharing, before: View, claim: Claim): Promise<void> {
  await untilOver(sharing, before, claim, Infinity)
}

/** Sends a request until there is a usable answer. */
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

/** 64 random bits that tell claims apart; not a secret. */
export function nonceFrom(random: () => number): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}

/**
 * Keeps everybody from rotating a token that may or may not be published: to do so, they would need this claim.
 *
 * Its nonce comes from the token, so that whoever brings the same token to the state (a job, its post step, `recover`) knows
 * the claim for the same purpose; only one of them can hold the claim of the state's token. A claim that is seen here is
 * really held: it is only given up once the token is known to be published. If too little of its lease is left, the next
 * epoch is taken.
 *
 * @param until the claim must hold for as long, by the monotonic clock (milliseconds)
 * @returns the claim; `taken` if there is one for another purpose, which proves that the token was published: somebody has
 *   gone on from it; `not-shown` if there is one that GitHub does not show yet
 * @throws Failure or GitHubUnavailable
 */
export async function barClaim(
  sharing: Sharing,
  refreshToken: string,
  view: View,
  until: number,
  budget: RetryBudget,
): Promise<HeldClaim | 'taken' | 'not-shown'> {
  const { seal, environment, retryFor } = sharing
  const { clock } = environment
  const { token, nonce } = barOf(sharing, refreshToken)
  const lease = { seconds: leaseSeconds(retryFor), nonce, moment: view.moment, askedAt: view.askedAt }
  for (let epoch = 1; ; epoch += 1) {
    const wanted = newClaim(seal.name, token, epoch, lease, clock)
    if (await create(sharing, wanted, budget)) return wanted
    const there = await readUntilShown(sharing, wanted.variable, clock.monotonic() + budget.timeoutMs * 3)
    if (!there) return 'not-shown'
    if (there.claim.nonce !== nonce) return 'taken'
    const held = heldClaim(there.claim, there.moment, there.askedAt)
    if (statusAt(held, serverNow(there.moment, clock)) === 'live' && held.fence >= until) return held
  }
}

/** The first claim that keeps others from going on from a token. */
export function barOf({ seal }: Pick<Sharing, 'seal'>, refreshToken: string): OwnEpoch {
  const nonce = Buffer.from(fingerprintOf(seal.secrets, `bar ${refreshToken}`)).toString('hex')
  return { token: claimToken(seal.secrets, refreshToken), epoch: 1, nonce }
}

/**
 * Gives up an own claim under which nothing was spent, by ending its lease (in 1970): the next epoch may be taken at once.
 * Claims stay: a deletion that arrives late could take away a claim of the same name.
 */
export async function giveUpClaim(sharing: Sharing, claim: Claim): Promise<void> {
  await rewrite(sharing, { ...claim, leaseEndsAt: 0 })
}

/**
 * Marks an own claim as done: the state has moved. Claims stay, so that a job that still sees the old state cannot get this
 * one again.
 *
 * @param at milliseconds since 1970 (UTC), by GitHub's clock
 * @param secretWrittenAt when the holder wrote the secret at the latest; same unit and clock
 */
export async function markDone(
  sharing: Sharing,
  claim: Claim,
  at: number,
  secretWrittenAt?: number,
): Promise<void> {
  await rewrite(sharing, { ...claim, doneAt: at, secretWrittenAt: secretWrittenAt ?? claim.secretWrittenAt })
}

async function rewrite(sharing: Sharing, claim: Claim): Promise<void> {
  const { variables, environment } = sharing
  const budget = new RetryBudget(environment, cleanUpSeconds)
  await tidily(sharing, claim.variable, () =>
    untilAnswered(
      budget,
      () => variables.update(claim.variable, claimValue(claim), budget),
      (reply) => (reply.status === 204 || reply.status === 404 ? true : refusal(reply)),
    ),
  )
}

/**
 * Deletes the tombstones among the claims that a holder saw, and bounds the pile that a dead chain would leave.
 *
 * @param current the state's refresh token, before and after this refresh
 * @param now milliseconds since 1970 (UTC), by GitHub's clock
 */
export async function tidyClaims(
  sharing: Sharing,
  claims: readonly Claim[],
  own: Claim,
  current: readonly (string | undefined)[],
  now: number,
): Promise<void> {
  const tokens = current.map((refreshToken) => claimToken(sharing.seal.secrets, refreshToken))
  const { note, remove } = shortcut(claims, own, now)
  await Promise.all([
    ...tombstones(claims, [...tokens, own.token], now).map((claim) => deleteClaim(sharing, claim)),
    ...remove.map((claim) => deleteClaim(sharing, claim)),
    ...(note ? [rewrite(sharing, note)] : []),
  ])
}

async function deleteClaim(sharing: Sharing, { variable }: Claim): Promise<void> {
  const { variables, environment } = sharing
  const budget = new RetryBudget(environment, cleanUpSeconds)
  await tidily(sharing, variable, () =>
    untilAnswered(
      budget,
      () => variables.remove(variable, budget),
      (reply) => (reply.status === 204 || reply.status === 404 ? true : refusal(reply)),
    ),
  )
}

/** Nothing depends on tidying up: what is left behind ends with its lease, and a later refresh deletes it. */
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
  narrator.info(`GitHub: the claim ${variable} could not be tidied up; it ends with its lease.`)
}
