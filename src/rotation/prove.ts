/** Rule 1: nothing is spent before GitHub has shown that the new refresh token can be written, and over what. */
import type { Copy } from '../github/target.ts'
import { isoSeconds, serverNow, type ServerMoment } from '../clock.ts'
import * as explain from './messages.ts'
import { GitHubUnavailable } from '../github/client.ts'
import type { Refused, Secret, Settings, WriteProbe } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { Patience } from './patience.ts'
import { canSeal, type SealingKey } from '../sealing/sealed-box.ts'

/** The run's date only helps to name a failure: it is not waited for longer than this, in seconds. */
const longestRunReadSeconds = 15
/** A token that writes the secret is renewed by hand: that takes some notice. */
const tokenExpiryWarningDays = 14

/** What is proven, and with what. */
export interface Proof {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  /** The secret that holds the refresh token. */
  readonly secret: Secret
  /** Further secrets that are written once the chain is safe. */
  readonly copies: readonly Copy[]
  /** libsodium has to be there before anything is sealed; it starts while the network answers. */
  readonly sealingReady: () => Promise<void>
  readonly run: WorkflowRun | undefined
}

/** The workflow run, as far as the protocol asks about it. */
export interface WorkflowRun {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** When it was queued, in milliseconds since 1970 (UTC); `undefined` where that cannot be read. */
  createdAt(budget: RetryBudget): Promise<number | undefined>
}

/** How long a look at the run may take. */
export function runBudget({ environment, retryFor }: Proof): RetryBudget {
  return new RetryBudget(environment, Math.min(retryFor, longestRunReadSeconds))
}

/** What was known before anything was spent. */
export interface Baseline {
  readonly key: SealingKey
  /** What a write of the secret has to repeat; of its copies in the same place, by name. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly copySettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** When the secret was last written, as far as GitHub shows: that may be an old answer. */
  readonly updatedAt: number
  /** A write after this is somebody else's (milliseconds since 1970, UTC); see `conflictAfter`. */
  readonly conflictAfter: number
  /** GitHub's clock. */
  readonly moment: ServerMoment
  readonly runCreatedAt: number | undefined
}

/**
 * Until when writes of the secret are no conflict. Not `updated_at` as it was read before the refresh: that may be an old
 * answer, and then the write of the run before this one, whose token this run holds, would look like somebody else's.
 *
 * - Where the run's own date counts, it tells for certain: what was written before it is what this run was given.
 * - Else it is GitHub's date of the look before the refresh. What was written before that is as it was then.
 *
 * Dates are whole seconds. In the same second Box's answer decides, for us: a token that it has just accepted was the live
 * one, in most readings of its rules.
 */
function conflictAfter(
  proof: Pick<Proof, 'secret' | 'run'>,
  { updatedAt, moment, runCreatedAt }: Omit<Baseline, 'conflictAfter'>,
): number {
  const queuedAt = dateOfToken({ ...proof, runCreatedAt })
  return queuedAt === undefined || updatedAt >= queuedAt ? Math.max(updatedAt, moment.date) : queuedAt
}

/**
 * When this run was given its token: when it was queued, where that is known and counts. A re-run may or may not hold the
 * newer value, and an environment's secret is read later.
 */
function dateOfToken({
  secret,
  run,
  runCreatedAt,
}: Pick<Proof, 'secret' | 'run'> & Pick<Baseline, 'runCreatedAt'>): number | undefined {
  return secret.place.read === 'when-queued' && run?.attempt === 1 ? runCreatedAt : undefined
}

/** Whether the dates show that a run was queued before the secret was last written. */
export function isStale(
  proof: Pick<Proof, 'secret' | 'run'>,
  { updatedAt, runCreatedAt }: Pick<Baseline, 'updatedAt' | 'runCreatedAt'>,
): boolean {
  const queuedAt = dateOfToken({ ...proof, runCreatedAt })
  // The same second may be before or after. Nothing is spent yet, and a false alarm costs only a new run.
  return queuedAt !== undefined && updatedAt >= queuedAt
}

/**
 * GitHub shows that the write will work, and when the secret was last written, before Box is asked for anything.
 *
 * @param signal gives it up where what it is for has failed otherwise
 */
export async function prove(proof: Proof, signal?: AbortSignal): Promise<Baseline> {
  const { secret, narrator, environment, retryFor, run } = proof
  const budget = new RetryBudget(environment, retryFor)
  const runTime = runBudget(proof)
  const giveUp = (): void => {
    budget.end()
    runTime.end()
  }
  signal?.addEventListener('abort', giveUp, { once: true })
  const subject = explain.subjectOf(proof)
  const allowed = <T extends object>(act: 'look at' | 'read the public key for', answer: T | Refused): T => {
    if ('refused' in answer) throw explain.cannotWriteSecret(subject, act, answer)
    return answer
  }
  const settled = (of: Secret, answer: Exclude<Settings, Refused>): Readonly<Record<string, unknown>> => {
    if ('incomplete' in answer) throw explain.settingsUnknown(of, answer.incomplete)
    return answer.body
  }
  /** A copy in the same place keeps its own settings; one that is not there yet gets those of the secret. */
  const settingsOfCopies = async (
    settings: Readonly<Record<string, unknown>>,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> => {
    const known = new Map<string, Readonly<Record<string, unknown>>>()
    for (const copy of proof.copies) {
      if (copy.secret.place !== secret.place || !secret.place.settings) continue
      const answer = await copy.secret.metadata(budget)
      const own = 'refused' in answer ? undefined : await copy.secret.settings(answer, budget)
      known.set(copy.secret.name, own ? settled(copy.secret, allowed('look at', own)) : settings)
    }
    return known
  }
  const probing = secret.place.probe ? secret.probeWrite(budget) : Promise.resolve(undefined)
  // Where that fails, one of the others may fail first.
  probing.catch(() => {})
  try {
    const [key, described, probe, runCreatedAt] = await Promise.all([
      whileMissing(proof, probing, () => secret.publicKey(budget)).then((answer) =>
        allowed('read the public key for', answer),
      ),
      whileMissing(proof, probing, () => secret.metadata(budget)).then(async (answer) => {
        if ('refused' in answer && answer.refused === 404) return undefined
        const metadata = allowed('look at', answer)
        const settings = settled(secret, allowed('look at', await secret.settings(metadata, budget)))
        return { metadata, settings, copySettings: await settingsOfCopies(settings) }
      }),
      probing,
      run?.createdAt(runTime),
      proof.sealingReady(),
    ])
    // A missing secret is told first: GitHub may say 404 to the probe of one, too.
    const denied = probe?.answer === 'no' ? probe : undefined
    if (denied && denied.status !== 404) throw explain.cannotWriteSecret(subject, 'write', denied)
    if (!described) throw explain.noSuchSecret(subject)
    const { metadata, settings, copySettings } = described
    if (denied) throw explain.cannotWriteSecret(subject, 'write', denied)
    if (!canSeal(key)) throw explain.unusableKey(subject)
    // An answer that no empty write should get: if it was one that writes, the baseline is a new one.
    const changed = probe !== undefined && probe.status < 300
    const { updatedAt, moment } = changed ? allowed('look at', await secret.metadata(budget)) : metadata
    const certain =
      probe?.answer === 'yes' ? 'this token may write it' : 'whether this token may write it is not certain'
    narrator.info(
      `GitHub: the secret is there, last written ${isoSeconds(updatedAt)}; ${certain}. Nothing is spent so far.`,
    )
    const found = {
      key,
      settings,
      copySettings,
      updatedAt,
      moment: moment ?? runnersClock(proof),
      runCreatedAt,
    }
    const baseline = { ...found, conflictAfter: conflictAfter(proof, found) }
    warnOfTokenExpiry(proof, baseline, metadata.tokenExpiresAt)
    return baseline
  } catch (error) {
    if (error instanceof GitHubUnavailable) throw explain.githubUnavailable(subject, error)
    throw error
  } finally {
    // One answer can settle it: what is still under way for the others is given up.
    giveUp()
    signal?.removeEventListener('abort', giveUp)
  }
}

/**
 * Looks at something that GitHub says is not there, again until that answer cannot be an old one any more. The write probe
 * is the present: where GitHub refuses that as well, there is nothing to wait for.
 */
async function whileMissing<T extends object>(
  { narrator, environment, retryFor }: Proof,
  probing: Promise<WriteProbe | undefined>,
  look: () => Promise<T | Refused>,
): Promise<T | Refused> {
  const patience = new Patience(environment, retryFor)
  for (let looks = 1; ; looks += 1) {
    const answer = await look()
    if (!('refused' in answer) || answer.refused !== 404) return answer
    if ((await probing)?.answer === 'no' || !(await patience.pause())) return answer
    if (looks === 1)
      narrator.waiting('GitHub answered 404; that may be an old answer: looking again for a while.')
  }
}

/** Says it in time when the token that writes the secret is about to expire. */
function warnOfTokenExpiry(
  { narrator, environment }: Proof,
  { moment }: Baseline,
  expiresAt: number | undefined,
): void {
  if (expiresAt === undefined) return
  const days = (expiresAt - serverNow(moment, environment.clock)) / 86_400_000
  if (days <= tokenExpiryWarningDays)
    narrator.warning(explain.tokenExpires(expiresAt, Math.max(0, Math.floor(days))))
}

/** Only where GitHub sends no `Date`, which HTTP asks of every server. */
function runnersClock({ narrator, environment }: Proof): ServerMoment {
  narrator.warning("GitHub sent no date: times are by the runner's own clock, which may be off.")
  return { date: environment.clock.wall(), at: environment.clock.monotonic() }
}
