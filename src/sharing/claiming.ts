/**
 * Taking the right to refresh, and giving it back. What decides is what the primary answers: a POST of a claim is 201 once
 * and 409 from then on. What GETs show may be old, and only tells how long to wait.
 */
import { isoSeconds, serverNow } from '../clock.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable, type GitHubOutcome, type GitHubReply } from '../github/client.ts'
import { refusal, type Refused } from '../github/secret-store.ts'
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

/** What is left behind is not waited for: seconds. */
const cleanUpSeconds = 15
/** Between two looks of a job that waits, in milliseconds: never more than one a second. */
const shortestPollMs = 1000
const longestPollMs = 3000
/** Every so often the look is at the claim instead of the state: its holder may have given up. */
const claimLookEvery = 3
/** An own claim that is over sooner than this, in milliseconds, is of no use any more. */
const leastMs = 2000
/** So often a name may be taken for which GitHub shows no variable, each time for as long as a read may be old. */
const mostBlocked = 3

/** What trying to claim came to. */
export type Claiming =
  | {
      readonly kind: 'held'
      readonly claim: HeldClaim
      /** Somebody held a claim of this token before, and did not say that nothing was spent. */
      readonly mayHaveSpent: boolean
    }
  /** The state is another one now, or its text is: start from that. */
  | { readonly kind: 'changed'; readonly view: View }
  /** The time was over. */
  | { readonly kind: 'too-late' }

/** How a claim is made. */
export interface ClaimOptions {
  /** Told of each claim before it is made: nobody else can, if this process is killed meanwhile. */
  readonly announce?: (claim: HeldClaim) => void
  /** A claim of before of this job's own: it is taken up again, or followed. */
  readonly own?: Pick<Claim, 'token' | 'epoch' | 'nonce'> | undefined
  /** When to give up waiting, by the monotonic clock (milliseconds). */
  readonly deadline?: number
}

/**
 * Claims the right to refresh the state's token; waits while somebody else has it. This is also the proof that the token
 * may write variables.
 *
 * The epochs are climbed: from the first on, whoever meets a claim of somebody else reads that very claim. It is done: the
 * state has moved, and is read until it shows that. It may be live: wait. It was given up, or is over for so long that
 * every read shows what its holder did: the next epoch.
 *
 * @throws Failure `cannot-write-secret`, or `github-unavailable` where a variable that is no claim is in the way
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
  const ownNonce = own?.token === token ? own.nonce : undefined
  const nonce = ownNonce ?? nonceFrom(random)
  let epoch = own?.token === token ? own.epoch : 1
  let mayHaveSpent = false
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
    // One that this job has marked as done is like anybody's: the state has moved.
    const isOwn = claim.nonce === nonce && claim.doneAt === undefined
    if (isOwn && statusAt(claim, serverNow(moment, clock)) === 'live') {
      // GitHub's answer to our own request was lost, or this job took it before. With too little left of it, it is followed.
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
    // A claim of a later epoch proves that those before it are over, however old the list is: not all need be asked for.
    if (!hasJumped && epoch > 2) {
      const list = await listClaims(sharing, budget)
      epoch = Math.max(epoch, ...list.claims.filter((one) => one.token === token).map((one) => one.epoch))
    }
    hasJumped ||= epoch > 2
  }
}

/** @returns whether it was created: `false` where there is a variable of that name already */
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

/** A claim that is there, as the primary says, once GitHub shows it; `undefined` where it never does. */
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
    if (environment.clock.monotonic() >= deadline || !(await patience.pause())) return undefined
  }
}

/**
 * Waits until somebody else's refresh is published, or cannot be any more. This is no outage, and does not count against
 * `retry-for`: it ends with the lease.
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
  // What is done shows in the state, once it is no old answer any more. If it does not, the state was damaged or put back.
  let doneSince: number | undefined
  for (let look = 1, pollMs = shortestPollMs; ; look += 1, pollMs = Math.min(longestPollMs, pollMs * 1.25)) {
    const now = serverNow(moment, clock)
    const status = statusAt(claim, now)
    if (status === 'given-up' || isLongOver(claim, now)) return { kind: 'over', claim, now }
    if (status === 'done') doneSince ??= clock.monotonic()
    if (doneSince !== undefined && clock.monotonic() >= doneSince + stalenessMs)
      return { kind: 'over', claim, now }
    if (clock.monotonic() >= deadline) return { kind: 'too-late' }
    // With jitter, so that not all of those who wait come at once; at the end as well.
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
      // What is not there is an old answer: nobody deletes a claim that may be live.
      if (there.claim) ({ claim } = there)
      moment = there.moment
      continue
    }
    const view = await readState(sharing, budget)
    moment = view.moment
    // A given token may have been noted as refused: the text differs, and the state has not moved.
    if (hasMoved(sharing, before, view) || isRewritten(before, view)) return { kind: 'changed', view }
  }
}

/** Whether the state was written again, with the same refresh token. */
function isRewritten(before: View, now: View): boolean {
  const token = now.state?.refreshToken
  return (
    token !== undefined &&
    token === before.state?.refreshToken &&
    (now.state?.over.size ?? 0) > before.state.over.size
  )
}

/**
 * Waits until a claim of another token is over: its holder may be about to write the secret.
 *
 * @throws GitHubUnavailable
 */
export async function waitForOther(sharing: Sharing, before: View, claim: Claim): Promise<void> {
  await untilOver(sharing, before, claim, Infinity)
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
export function nonceFrom(random: () => number): string {
  const half = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}

/**
 * Makes sure that nobody rotates a token that may or may not be published: whoever wants to needs this claim first.
 *
 * @returns the claim; `undefined` where somebody has it: then the token is published, for nobody else knows it
 * @throws GitHubUnavailable
 */
export async function barClaim(
  sharing: Sharing,
  refreshToken: string,
  view: View,
  nonce: string,
  budget: RetryBudget,
): Promise<HeldClaim | undefined> {
  const { seal, environment, retryFor } = sharing
  const token = claimToken(seal.secrets, refreshToken)
  const lease = { seconds: leaseSeconds(retryFor), nonce, moment: view.moment, askedAt: view.askedAt }
  const wanted = newClaim(seal.name, token, 1, lease, environment.clock)
  if (await create(sharing, wanted, budget)) return wanted
  const there = await readUntilShown(
    sharing,
    wanted.variable,
    environment.clock.monotonic() + budget.timeoutMs * 3,
  )
  return there?.claim.nonce === nonce ? heldClaim(there.claim, there.moment, there.askedAt) : undefined
}

/**
 * Ends the lease of an own claim under which nothing was spent: the next epoch may be taken at once. It is not deleted,
 * because a deletion that arrives late could take away a claim of the same name.
 */
export async function giveUpClaim(sharing: Sharing, claim: Claim): Promise<void> {
  await rewrite(sharing, { ...claim, leaseEndsAt: 0 })
}

/**
 * Marks an own claim as done: the state has moved. It stays, so that whoever still sees the state from before cannot get
 * it again.
 *
 * @param at milliseconds since 1970 (UTC), by GitHub's clock
 * @param secretWrittenAt up to when the holder wrote the secret, likewise
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
 * Deletes what may be deleted of the claims that a holder saw, and shortens what would grow otherwise.
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

/** Nothing rests on tidiness: what is left behind is over with its lease, and a later refresh takes it away. */
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
