/**
 * One run: prove, guard, refresh, check, store. What it holds on to, whatever Box's rules turn out to be:
 *
 * - nothing is sent to Box before GitHub has shown that the new refresh token can be written
 * - the new access token is not used before the new refresh token is stored
 * - a refresh token is only written over the one that it replaced
 * - an answer of Box that got lost is asked for again with the same refresh token
 * - expiry and age are told by the servers' clocks
 */
import type { TokenAnswer, TokenEndpoint } from './box/token-endpoint.ts'
import { isoSeconds, serverNow, type ServerMoment } from './clock.ts'
import * as explain from './explain.ts'
import type { Failure } from './failure.ts'
import { GitHubUnavailable } from './github/client.ts'
import type { Refused, Secret, SecretMetadata, Settings } from './github/secret-store.ts'
import { TransportError } from './net/exchange.ts'
import { RetryBudget, type RetryEnvironment } from './net/retry.ts'
import { canSeal, sealFor, type SealingKey } from './sealing/sealed-box.ts'
import type { SignalGuard } from './signals.ts'

/** Box's lifetime of an unused refresh token, in milliseconds. */
const refreshTokenLifetimeMs = 60 * 24 * 3600 * 1000
/** The run's date only helps to name a failure: it is not waited for longer than this, in seconds. */
const longestRunReadSeconds = 15
/** RFC 6749 has these for the authorization endpoint only; servers use them here as well. */
const passingOAuthErrors = new Set(['server_error', 'temporarily_unavailable', 'slow_down'])
/** A 200 without a token pair is asked for again, but hardly ever mends itself. */
const mostTriesWithoutPair = 3
/** A refusal of a copy (401, 403, 404) may pass, but the run does not wait for it long. */
const mostRefusedCopies = 3
/** A token that writes the secret is renewed by hand: that takes some notice. */
const tokenExpiryWarningDays = 14
/** GitHub's clock and its notes of when a secret was written agree to this much, in milliseconds. */
const clockToleranceMs = 2_000

/** Where the rotation tells its story and makes new secrets known. Implemented by the report. */
export interface Narrator {
  /** Hides a value from everything that is printed from now on. */
  mask(secret: string): void
  info(line: string): void
  warning(line: string): void
  /** One field of a server's answer, fit to print: scrubbed of secrets, one line, cut. */
  foreign(text: string): string
}

/** Everything one rotation works with. */
export interface Rotation {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds for each of: before the refresh, the refresh, the store. */
  readonly retryFor: number
  readonly box: TokenEndpoint
  readonly refreshToken: string
  /** The secret that holds the refresh token. */
  readonly secret: Secret
  /** Further secrets that are written once the chain is safe. */
  readonly copies: readonly Copy[]
  /** libsodium has to be there before anything is sealed; it starts while the network answers. */
  readonly sealingReady: () => Promise<void>
  readonly signals: SignalGuard
  readonly run: WorkflowRun | undefined
  /** When this process began, by the monotonic clock (milliseconds). */
  readonly startedAt: number
}

/** The workflow run, as far as the rotation asks about it. */
export interface WorkflowRun {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** When it was queued, in milliseconds since 1970 (UTC); `undefined` where that cannot be read. */
  createdAt(budget: RetryBudget): Promise<number | undefined>
}

/** A further secret for one of the new tokens. */
export interface Copy {
  readonly secret: Secret
  readonly holds: 'refresh-token' | 'access-token'
  /** Whether the run fails where this cannot be written; a warning otherwise. The chain is alive in both cases. */
  readonly required: boolean
}

/** A pair that is refreshed and stored. */
export interface StoredPair {
  readonly accessToken: string
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly expiresAt: number
  /** Milliseconds since 1970 (UTC), by Box's clock. */
  readonly refreshTokenExpiresAt: number
  /** Box's clock, to work out what is left. */
  readonly moment: ServerMoment
  /** Where the refresh token is stored now, in words. */
  readonly storedIn: readonly string[]
}

/** What was known before anything was spent. */
interface Baseline {
  readonly key: SealingKey
  /** What a write of the secret has to repeat; of its copies in the same place, by name. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly copySettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly updatedAt: number
  /** GitHub's clock. */
  readonly moment: ServerMoment
  readonly runCreatedAt: number | undefined
}

/** What Box gave: a new refresh token in any case, a usable access token as a rule. */
interface Refreshed {
  readonly refreshToken: string
  readonly access: { readonly token: string; readonly expiresIn: number } | undefined
  readonly moment: ServerMoment | undefined
  /** What is wrong with the answer, where `access` is missing. */
  readonly problem: string
}

/**
 * Rotates the pair once.
 *
 * @returns the new pair, stored
 * @throws Failure with one of the codes; nothing is handed out then
 */
export async function rotate(rotation: Rotation): Promise<StoredPair> {
  const baseline = await prove(rotation)
  guard(rotation, baseline)
  rotation.signals.hold()
  try {
    const refreshed = await refresh(rotation, baseline)
    const key = await store(rotation, baseline, refreshed)
    const copied = await storeCopies(rotation, baseline, key, refreshed)
    return release(rotation, baseline, refreshed, copied)
  } finally {
    rotation.signals.release()
  }
}

/** GitHub shows that the write will work, and when the secret was last written, before Box is asked for anything. */
async function prove(rotation: Rotation): Promise<Baseline> {
  const { secret, narrator, environment, retryFor, run } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const runBudget = new RetryBudget(environment, Math.min(retryFor, longestRunReadSeconds))
  const subject = subjectOf(rotation)
  const allowed = <T extends object>(act: 'look at' | 'read the public key for', answer: T | Refused): T => {
    if ('refused' in answer) throw explain.cannotWriteSecret(subject, act, answer.refused, answer.message)
    return answer
  }
  const settled = (answer: Exclude<Settings, Refused>): Readonly<Record<string, unknown>> => {
    if ('incomplete' in answer) throw explain.settingsUnknown(subject, answer.incomplete)
    return answer.body
  }
  /** A copy in the same place keeps its own settings; one that is not there yet gets those of the secret. */
  const settingsOfCopies = async (
    settings: Readonly<Record<string, unknown>>,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> => {
    const known = new Map<string, Readonly<Record<string, unknown>>>()
    for (const copy of rotation.copies) {
      if (copy.secret.place !== secret.place || !secret.place.settings) continue
      const answer = await copy.secret.metadata(budget)
      const own = 'refused' in answer ? undefined : await copy.secret.settings(answer, budget)
      known.set(copy.secret.name, own ? settled(allowed('look at', own)) : settings)
    }
    return known
  }
  try {
    const [key, described, probe, runCreatedAt] = await Promise.all([
      secret.publicKey(budget).then((answer) => allowed('read the public key for', answer)),
      secret.metadata(budget).then(async (answer) => {
        if ('refused' in answer && answer.refused === 404) return undefined
        const metadata = allowed('look at', answer)
        const settings = settled(allowed('look at', await secret.settings(metadata, budget)))
        return { metadata, settings, copySettings: await settingsOfCopies(settings) }
      }),
      secret.place.probe ? secret.probeWrite(budget) : undefined,
      run?.createdAt(runBudget),
      rotation.sealingReady(),
    ])
    // A missing secret is told first: GitHub may say 404 to the probe of one, too.
    const denied = probe?.answer === 'no' ? probe : undefined
    if (denied && denied.status !== 404)
      throw explain.cannotWriteSecret(subject, 'write', denied.status, denied.message)
    if (!described) throw explain.noSuchSecret(subject)
    const { metadata, settings, copySettings } = described
    if (denied) throw explain.cannotWriteSecret(subject, 'write', denied.status, denied.message)
    if (!canSeal(key)) throw explain.unusableKey(subject)
    // An answer that no empty write should get: if it was one that writes, the baseline is a new one.
    const changed = probe !== undefined && probe.status < 300
    const { updatedAt, moment } = changed ? allowed('look at', await secret.metadata(budget)) : metadata
    const certain =
      probe?.answer === 'yes' ? 'this token may write it' : 'whether this token may write it is not certain'
    narrator.info(
      `GitHub: the secret is there, last written ${isoSeconds(updatedAt)}; ${certain}. Nothing is spent so far.`,
    )
    const baseline = {
      key,
      settings,
      copySettings,
      updatedAt,
      moment: moment ?? runnersClock(rotation),
      runCreatedAt,
    }
    warnOfTokenExpiry(rotation, baseline, metadata.tokenExpiresAt)
    return baseline
  } catch (error) {
    if (error instanceof GitHubUnavailable) throw explain.githubUnavailable(subject, error)
    throw error
  } finally {
    // One answer can settle it: what is still under way for the others is given up.
    budget.end()
    runBudget.end()
  }
}

/** A run that was queued before the last rotation holds the token from before it: Box is not asked. */
function guard(rotation: Rotation, { updatedAt, runCreatedAt }: Baseline): void {
  const { secret, run } = rotation
  // A re-run may or may not hold the new value, and an environment's secret is read later: both are judged afterwards.
  if (secret.place.read !== 'when-queued' || run?.attempt !== 1 || runCreatedAt === undefined) return
  // GitHub tells whole seconds: the same second may be before or after, and a false alarm costs only a new run.
  if (updatedAt >= runCreatedAt)
    throw explain.queuedBeforeRotation(subjectOf(rotation), updatedAt, runCreatedAt)
}

/** Spends the refresh token. An answer that got lost is asked for again: the pair is out of reach otherwise. */
async function refresh(rotation: Rotation, baseline: Baseline): Promise<Refreshed> {
  const { box, narrator, environment, retryFor, refreshToken } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const subject = subjectOf(rotation)
  let answerLost = false
  let withoutPair = 0
  narrator.info('Box: asking for a new pair.')
  for (;;) {
    const answer = await box.refresh(refreshToken, budget)
    for (const token of answer.tokens) narrator.mask(token)
    switch (answer.kind) {
      case 'pair': {
        const { accessToken: token, refreshToken: next, expiresIn, moment } = answer.pair
        narrator.info('Box: a new pair is issued; from now on the old one may end at any moment.')
        return { refreshToken: next, access: { token, expiresIn }, moment, problem: '' }
      }
      case 'refresh-token-only':
        // The answer is faulty, yet its refresh token is all that keeps the chain alive: it is stored first.
        narrator.info('Box: the answer is faulty, but it has a new refresh token, which is kept.')
        return {
          refreshToken: answer.refreshToken,
          access: undefined,
          moment: undefined,
          problem: answer.problem,
        }
      case 'refused':
        if (answer.error === 'invalid_grant') throw await invalidGrant(rotation, baseline, answer, answerLost)
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
    if (rotation.signals.interrupted.aborted || hopeless || !(await budget.pause(waitMs, answerLost))) {
      throw explain.noPair(subject, answer, answerLost, budget.isUsedUp)
    }
    narrator.info(`Box: ${explain.describeBox(subject, answer)}; asking again.`)
  }
}

/** Whether a status without tokens leaves it open that Box has issued some. */
function mayHaveIssued(status: number): boolean {
  return status >= 500 || status < 300
}

/** Whether asking again can bring another answer: not where the certificate or the address is wrong. */
function mayPass(answer: TokenAnswer): boolean {
  if (answer.kind === 'no-answer') return answer.error.fault !== 'certificate'
  if (answer.kind !== 'unusable') return true
  const passing4xx = [408, 425]
  return answer.status < 400 || answer.status >= 500 || passing4xx.includes(answer.status)
}

/**
 * The refresh token is dead. If the stored secret is younger than what this run can know, another run has rotated it
 * and all is well with the chain; else somebody has to log in. A false "stale" costs a new run, a false
 * "reauthorize" a log-in.
 */
async function invalidGrant(
  rotation: Rotation,
  baseline: Baseline,
  answer: Extract<TokenAnswer, { kind: 'refused' }>,
  answerLost: boolean,
): Promise<Failure> {
  const { secret, run, environment, retryFor, startedAt } = rotation
  let { updatedAt, runCreatedAt } = baseline
  try {
    const now = await secret.metadata(new RetryBudget(environment, retryFor))
    if ('updatedAt' in now) updatedAt = now.updatedAt
  } catch (error) {
    // Then the look before the refresh has to do.
    if (!(error instanceof GitHubUnavailable)) throw error
  }
  runCreatedAt ??= await run?.createdAt(
    new RetryBudget(environment, Math.min(retryFor, longestRunReadSeconds)),
  )
  const started = baseline.moment.date - (baseline.moment.at - startedAt)
  const startedInSecond = Math.floor(started / 1000) * 1000
  const rotatedElsewhere =
    updatedAt > baseline.updatedAt ||
    (runCreatedAt !== undefined && updatedAt >= runCreatedAt) ||
    (secret.place.read === 'when-the-job-starts' && updatedAt >= startedInSecond)
  if (rotatedElsewhere) return explain.rotatedElsewhere(subjectOf(rotation), answer, updatedAt)
  const runUnreadable = run !== undefined && runCreatedAt === undefined
  return explain.reauthorize(subjectOf(rotation), answer, answerLost, runUnreadable)
}

/** GitHub's time between sending a write whose answer got lost and giving that answer up, in milliseconds. */
interface LostWrite {
  from: number
  to: number
}

/** Why the token could not be stored in one go, without a full stop. */
interface Obstacle {
  readonly problem: string
  readonly waitMs?: number | undefined
}

/**
 * Writes the new refresh token, and only over the one that it replaced. Nothing but the time that is left ends the
 * attempts: the token is nowhere else.
 *
 * @returns the key that is good now, if it is known, for what else goes to the same place
 */
async function store(
  rotation: Rotation,
  baseline: Baseline,
  refreshed: Refreshed,
): Promise<SealingKey | undefined> {
  const { secret, narrator, environment, retryFor } = rotation
  const budget = new RetryBudget(environment, retryFor)
  const subject = subjectOf(rotation)
  const lost: LostWrite = { from: Infinity, to: -Infinity }
  let key: SealingKey | undefined = baseline.key
  for (;;) {
    let obstacle: Obstacle | undefined
    if (!key) {
      const read = await freshKey(rotation, secret, budget)
      if ('problem' in read) obstacle = read
      else key = read
    }
    const look = await check(rotation, baseline, lost, budget)
    if (look === 'stored') return key
    if (look !== 'unmoved') obstacle = look
    if (!obstacle && key) {
      const sentAt = gitHubNow(rotation, baseline)
      const outcome = await secret.write(
        sealFor(key, refreshed.refreshToken),
        key.keyId,
        baseline.settings,
        budget,
      )
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) {
        narrator.info(
          'GitHub: nobody else wrote the secret meanwhile, and the new refresh token is stored in it, sealed.',
        )
        return key
      }
      if (outcome.mayHaveArrived && !(status !== undefined && status >= 400 && status < 500)) {
        lost.from = Math.min(lost.from, sentAt)
        lost.to = Math.max(lost.to, gitHubNow(rotation, baseline))
      }
      // Sealed for a key that GitHub has replaced meanwhile.
      if (status === 422) key = undefined
      obstacle = { problem: explain.describeGitHub(subject, outcome.last), waitMs: outcome.waitMs }
    }
    const problem = obstacle?.problem ?? ''
    if (!(await budget.pause(obstacle?.waitMs, true))) {
      if ((await check(rotation, baseline, lost, budget)) === 'stored') return key
      throw explain.secretNotWritten(subject, problem, lost.from <= lost.to)
    }
    narrator.info(`GitHub: ${problem}; trying again.`)
  }
}

/**
 * The conflict check. GitHub has no compare-and-swap: what is left is the moment between this look and the write.
 *
 * A secret that moved in the very seconds in which the answer to this run's write got lost was moved by that write.
 * (That another run wrote in the same seconds cannot be told apart; runs that may meet there should be serialised.)
 *
 * @throws Failure `stale-secret` where somebody else wrote the secret
 */
async function check(
  rotation: Rotation,
  baseline: Baseline,
  lost: LostWrite,
  budget: RetryBudget,
): Promise<'unmoved' | 'stored' | Obstacle> {
  const { secret, narrator } = rotation
  const subject = subjectOf(rotation)
  let now: SecretMetadata | Refused
  try {
    now = await secret.metadata(budget)
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    return { problem: explain.describeGitHub(subject, error.last), waitMs: error.waitMs }
  }
  if ('refused' in now) {
    // Deleted meanwhile: then there is nothing newer that could be overwritten, and this token is the last one.
    if (now.refused === 404) return 'unmoved'
    return { problem: explain.refusedLook(subject, 'the secret', now.refused, now.message) }
  }
  // An older date than the one before is a server that lags behind.
  if (now.updatedAt <= baseline.updatedAt) return 'unmoved'
  if (now.updatedAt >= lost.from - clockToleranceMs && now.updatedAt <= lost.to + clockToleranceMs) {
    const written = isoSeconds(now.updatedAt)
    narrator.info(
      `GitHub: its answer was lost, but the secret was written then (${written}): the new refresh token is stored.`,
    )
    return 'stored'
  }
  throw explain.overtaken(subject, now.updatedAt, lost.from <= lost.to)
}

async function freshKey(
  rotation: Rotation,
  secret: Secret,
  budget: RetryBudget,
): Promise<SealingKey | Obstacle> {
  const subject = subjectOf(rotation)
  try {
    const key = await secret.publicKey(budget)
    if ('refused' in key)
      return { problem: explain.refusedLook(subject, 'the public key', key.refused, key.message) }
    return canSeal(key) ? key : { problem: 'its public key is unusable' }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    return { problem: explain.describeGitHub(subject, error.last), waitMs: error.waitMs }
  }
}

/**
 * Writes the same tokens to further secrets. Nothing is checked before: they follow the secret that holds the chain.
 *
 * @returns those that are written
 * @throws Failure `secret-not-written` where a required one cannot be written
 */
async function storeCopies(
  rotation: Rotation,
  baseline: Baseline,
  key: SealingKey | undefined,
  refreshed: Refreshed,
): Promise<readonly Copy[]> {
  const { environment, retryFor, narrator } = rotation
  const stored: Copy[] = []
  const budget = new RetryBudget(environment, retryFor)
  for (const copy of rotation.copies) {
    const value = copy.holds === 'refresh-token' ? refreshed.refreshToken : refreshed.access?.token
    if (value === undefined) continue
    const sameKey = copy.secret.place === rotation.secret.place ? key : undefined
    const settings = baseline.copySettings.get(copy.secret.name) ?? {}
    const problem = await storeCopy(rotation, copy, value, sameKey, settings, budget)
    const subject = subjectOf(rotation)
    if (problem === undefined) {
      stored.push(copy)
      narrator.info(`GitHub: the ${explain.contentOf(copy)} is also stored in the ${copy.secret.title}.`)
    } else if (copy.required) {
      throw explain.copyNotWritten(subject, copy, problem)
    } else {
      narrator.warning(explain.copyNotWritten(subject, copy, problem).message)
    }
  }
  return stored
}

/** @returns `undefined` when it is stored, else why not, without a full stop */
async function storeCopy(
  rotation: Rotation,
  { secret }: Copy,
  value: string,
  knownKey: SealingKey | undefined,
  settings: Readonly<Record<string, unknown>>,
  budget: RetryBudget,
): Promise<string | undefined> {
  let key = knownKey
  for (let refusals = 0; ;) {
    let obstacle: Obstacle
    const read = key ?? (await freshKey(rotation, secret, budget))
    if ('problem' in read) {
      obstacle = read
      refusals += 1
    } else {
      const outcome = await secret.write(sealFor(read, value), read.keyId, settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204) return undefined
      if (status === 401 || status === 403 || status === 404) refusals += 1
      key = status === 422 ? undefined : read
      obstacle = {
        problem: explain.describeGitHub(subjectOf(rotation), outcome.last),
        waitMs: outcome.waitMs,
      }
    }
    // The chain is safe: a refusal that stays is not sat out.
    if (refusals >= mostRefusedCopies || !(await budget.pause(obstacle.waitMs))) return obstacle.problem
  }
}

/** Says it in time when the token that writes the secret is about to expire. */
function warnOfTokenExpiry(
  { narrator, environment }: Rotation,
  { moment }: Baseline,
  expiresAt: number | undefined,
): void {
  if (expiresAt === undefined) return
  const days = (expiresAt - serverNow(moment, environment.clock)) / 86_400_000
  if (days <= tokenExpiryWarningDays)
    narrator.warning(explain.tokenExpires(expiresAt, Math.max(0, Math.floor(days))))
}

/** GitHub's time, worked out from the moment that it told before the refresh; milliseconds since 1970 (UTC). */
function gitHubNow({ environment }: Rotation, { moment }: Baseline): number {
  return serverNow(moment, environment.clock)
}

function release(
  rotation: Rotation,
  baseline: Baseline,
  { access, moment, problem }: Refreshed,
  copied: readonly Copy[],
): StoredPair {
  if (!access) throw explain.storedWithoutAccess(subjectOf(rotation), problem)
  const { clock } = rotation.environment
  const issued = moment ?? { date: serverNow(baseline.moment, clock), at: clock.monotonic() }
  return {
    accessToken: access.token,
    expiresAt: issued.date + access.expiresIn * 1000,
    refreshTokenExpiresAt: issued.date + refreshTokenLifetimeMs,
    moment: issued,
    storedIn: [
      rotation.secret,
      ...copied.filter(({ holds }) => holds === 'refresh-token').map(({ secret }) => secret),
    ].map(({ title }) => title),
  }
}

/** Whom and what the failures speak of. */
export function subjectOf({ secret, retryFor, narrator }: Rotation): explain.Subject {
  return { secret, retryFor, foreign: (text) => narrator.foreign(text) }
}

/** Only where GitHub sends no `Date`, which HTTP asks of every server. */
function runnersClock({ narrator, environment }: Rotation): ServerMoment {
  narrator.warning("GitHub sent no date: times are by the runner's own clock, which may be off.")
  return { date: environment.clock.wall(), at: environment.clock.monotonic() }
}
