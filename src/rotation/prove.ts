/** Rule 1: no token is used before GitHub has shown that the new refresh token can be written, and over what. */
import type { Copy } from '../github/target.ts'
import { isoSeconds, serverNow, type ServerMoment } from '../clock.ts'
import * as explain from './messages.ts'
import { GitHubUnavailable } from '../github/client.ts'
import type { Refused, Secret, Settings, WriteProbe } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { Patience } from './patience.ts'
import { canSeal, type SealingKey } from '../sealing/sealed-box.ts'

/** Seconds to wait for the run's date at most: it only helps to name a failure. */
const longestRunReadSeconds = 15
/** Somebody has to replace the write token by hand, so the warning comes early. */
const tokenExpiryWarningDays = 14

/** What to prove, and with what. */
export interface Proof {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds. */
  readonly retryFor: number
  /** The secret that holds the refresh token. */
  readonly secret: Secret
  /** Further secrets, written once the chain is safe. */
  readonly copies: readonly Copy[]
  /** libsodium must be ready before anything is sealed. It starts while requests are under way. */
  readonly sealingReady: () => Promise<void>
  readonly run: WorkflowRun | undefined
}

/** What the protocol needs to know about the workflow run. */
export interface WorkflowRun {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** When it was queued, in milliseconds since 1970 (UTC); `undefined` if that can't be read. */
  createdAt(budget: RetryBudget): Promise<number | undefined>
}

/** How long reading the run may take. */
export function runBudget({ environment, retryFor }: Proof): RetryBudget {
  return new RetryBudget(environment, Math.min(retryFor, longestRunReadSeconds))
}

/** What was known before any token was used. */
export interface Baseline {
  readonly key: SealingKey
  /** The settings that a write of the secret must repeat. `copySettings`: those of its copies in the same place, by name. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly copySettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** When the secret was last written, as GitHub shows it; it may be an old read. */
  readonly updatedAt: number
  /** A write after this is somebody else's (milliseconds since 1970, UTC); see `conflictAfter`. */
  readonly conflictAfter: number
  /** GitHub's clock. */
  readonly moment: ServerMoment
  readonly runCreatedAt: number | undefined
}

/**
 * Until when a write of the secret is no conflict. This is not the `updated_at` from before the refresh: Rule 8, that may
 * be an old read, and then the write of the previous run, whose token this run holds, would look like somebody else's.
 *
 * - If the run's own date counts, it is certain: what was written before it is what this run was given.
 * - Otherwise it is GitHub's date of the read before the refresh: what was written before that was there then.
 *
 * Dates are whole seconds. Within the same second, Box's answer decides in this run's favor: a token that Box has just
 * accepted was the live one, under most readings of its rules.
 */
function conflictAfter(
  proof: Pick<Proof, 'secret' | 'run'>,
  { updatedAt, moment, runCreatedAt }: Omit<Baseline, 'conflictAfter'>,
): number {
  const queuedAt = dateOfToken({ ...proof, runCreatedAt })
  return queuedAt === undefined || updatedAt >= queuedAt ? Math.max(updatedAt, moment.date) : queuedAt
}

/**
 * When this run was given its token: when it was queued, if that is known and counts. It doesn't for a re-run, which may or
 * may not hold the newer value, nor for an environment secret, which is read later.
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
  // The same second may mean before or after. No token has been used yet, and a false alarm costs only a new run.
  return queuedAt !== undefined && updatedAt >= queuedAt
}

/**
 * Has GitHub show that the write will work, and when the secret was last written, before Box is asked for anything.
 *
 * @param signal aborts it, when it is no longer needed
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
  const allowed = <T extends object>(
    act: 'look up' | 'get the public key for',
    answer: T | Refused,
    of = secret,
  ): T => {
    if ('refused' in answer) throw explain.cannotWriteSecret({ ...subject, secret: of }, act, answer)
    return answer
  }
  const settled = (of: Secret, answer: Exclude<Settings, Refused>): Readonly<Record<string, unknown>> => {
    if ('incomplete' in answer) throw explain.settingsUnknown(of, answer.incomplete)
    return answer.body
  }
  /** A copy in the same place keeps its own settings. One that doesn't exist yet gets those of the secret. */
  const settingsOfCopies = async (
    settings: Readonly<Record<string, unknown>>,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> => {
    const known = new Map<string, Readonly<Record<string, unknown>>>()
    for (const copy of proof.copies) {
      if (copy.secret.place !== secret.place || !secret.place.settings) continue
      const answer = await copy.secret.metadata(budget)
      const own =
        'refused' in answer
          ? undefined
          : await whileMissing(proof, probing, () => copy.secret.settings(answer, budget))
      known.set(copy.secret.name, own ? settled(copy.secret, allowed('look up', own, copy.secret)) : settings)
    }
    return known
  }
  const probing = secret.place.probe ? secret.probeWrite(budget) : Promise.resolve(undefined)
  // If it fails, one of the others may fail first, and nobody would handle this.
  probing.catch(() => {})
  try {
    const [key, described, probe, runCreatedAt] = await Promise.all([
      whileMissing(proof, probing, () => secret.publicKey(budget)).then((answer) =>
        allowed('get the public key for', answer),
      ),
      whileMissing(proof, probing, () => secret.metadata(budget)).then(async (answer) => {
        if ('refused' in answer && answer.refused === 404) return undefined
        const metadata = allowed('look up', answer)
        const own = await whileMissing(proof, probing, () => secret.settings(metadata, budget))
        const settings = settled(secret, allowed('look up', own))
        return { metadata, settings, copySettings: await settingsOfCopies(settings) }
      }),
      probing,
      run?.createdAt(runTime),
      proof.sealingReady(),
    ])
    // A missing secret comes first: GitHub may answer 404 to its probe, too.
    const denied = probe?.answer === 'no' ? probe : undefined
    if (denied && denied.status !== 404) throw explain.cannotWriteSecret(subject, 'write', denied)
    if (!described) throw explain.noSuchSecret(subject)
    const { metadata, settings, copySettings } = described
    if (denied) throw explain.cannotWriteSecret(subject, 'write', denied)
    if (!canSeal(key)) throw explain.unusableKey(subject)
    // An empty write should never succeed. In case it did write, read the baseline again.
    const changed = probe !== undefined && probe.status < 300
    const { updatedAt, moment } = changed ? allowed('look up', await secret.metadata(budget)) : metadata
    const certain =
      probe?.answer === 'yes' ? 'this token can write it' : 'it is not certain that this token can write it'
    narrator.info(
      `GitHub: the secret exists, last written ${isoSeconds(updatedAt)}; ${certain}. No token has been used so far.`,
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
    // One answer may have decided it: abort what is still under way.
    giveUp()
    signal?.removeEventListener('abort', giveUp)
  }
}

/**
 * Rule 8: reads something that GitHub says is missing, again and again until that can no longer be an old read. The write
 * probe shows the present: if GitHub refuses that as well, there is nothing to wait for.
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
      narrator.waiting('GitHub answered 404, which may be out of date: checking again for a while.')
  }
}

/** Warns in good time before the write token expires. */
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

/** Only if GitHub sends no `Date`, although HTTP asks every server for it. */
function runnersClock({ narrator, environment }: Proof): ServerMoment {
  narrator.warning("GitHub sent no date: times come from the runner's own clock, which may be wrong.")
  return { date: environment.clock.wall(), at: environment.clock.monotonic() }
}
