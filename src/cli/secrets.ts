/**
 * The secrets that a command writes, all in one place: first proves that it can write them (rule 1), then writes them one
 * by one. A command is not a workflow run, so it words its failures itself.
 */
import * as explain from '../rotation/messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { besidesPermission, remedyFor, type Asker } from '../github/remedy.ts'
import type { Refused, Secret, SecretMetadata } from '../github/secret-store.ts'
import type { Narrator } from '../narrator.ts'
import { TransportError } from '../http/exchange.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { Patience } from '../rotation/patience.ts'
import { canSeal, sealFor, sealingReady, type SealingKey } from '../sealing/sealed-box.ts'

/** How many refusals (4xx) to accept: they may pass, but a person does not want to wait long. */
const mostRefusals = 3

/** What working on secrets needs. */
export interface SecretWork {
  readonly environment: RetryEnvironment
  readonly narrator: Narrator
  /** Seconds that each step keeps trying. */
  readonly retryFor: number
  /** Name of the token that is used: `GITHUB_TOKEN`. */
  readonly tokenName: string
  /** What has been written so far, in whole sentences, for failures. */
  readonly soFar: () => string
}

/** A secret that we have proven we can write. */
export interface ProvenSecret {
  readonly secret: Secret
  /** `undefined`: it does not exist yet. */
  readonly metadata: SecretMetadata | undefined
  /** What a write has to send along; nothing for a secret that does not exist. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Why a secret could not be written. */
export interface NotWritten {
  /** Without a full stop. */
  readonly problem: string
  /** The answer to a write was lost, so it may be stored after all. */
  readonly mayBeStored: boolean
}

/** A secret has been stored. */
export interface Written {
  /** Its `updated_at` is no later than this (milliseconds since 1970, UTC); `undefined` if GitHub sent no date. */
  readonly writtenAt: number | undefined
}

/** A place whose secrets we have proven we can write. */
export interface ProvenPlace {
  readonly key: SealingKey
  /** In the order in which they were given. */
  readonly secrets: readonly ProvenSecret[]
}

/**
 * Proves that a token may write secrets of one place, whether or not they exist: the public key can be read, each secret
 * can be looked at, and an empty write is refused because it is empty, and not because of who sent it.
 *
 * @throws Failure `cannot-write-secret` or `github-unavailable`
 */
export async function proveSecrets(
  work: SecretWork,
  secrets: readonly [Secret, ...Secret[]],
): Promise<ProvenPlace> {
  const [first] = secrets
  const { environment, retryFor } = work
  const budget = new RetryBudget(environment, retryFor)
  try {
    // The key shows first what is wrong with the place as a whole.
    const key = await keyOf(work, first, budget)
    if ('refused' in key) throw refusedBy(work, first, 'read the public key for', key)
    await sealingReady()
    if (!canSeal(key)) throw unusableKey(work, first)
    return { key, secrets: await Promise.all(secrets.map((secret) => proveSecret(work, secret, budget))) }
  } catch (error) {
    throw inWords(work, first, error)
  } finally {
    budget.end()
  }
}

/** The public key of a place. Rule 8: a place created just now may not be visible yet; a write probe is always current. */
async function keyOf(
  { environment, retryFor }: SecretWork,
  secret: Secret,
  budget: RetryBudget,
): Promise<SealingKey | Refused> {
  const patience = new Patience(environment, retryFor)
  for (let isThere: boolean | undefined; ;) {
    const key = await secret.publicKey(budget)
    if (!('refused' in key) || key.refused !== 404) return key
    isThere ??= (await secret.probeWrite(budget)).answer !== 'no'
    if (!isThere || !(await patience.pause())) return key
  }
}

async function proveSecret(work: SecretWork, secret: Secret, budget: RetryBudget): Promise<ProvenSecret> {
  const [answer, probe] = await Promise.all([secret.metadata(budget), secret.probeWrite(budget)])
  if (probe.answer === 'no') throw refusedBy(work, secret, 'write', probe)
  // No empty write should succeed. If it wrote something after all, the secret has a new date.
  const now = probe.status < 300 ? await secret.metadata(budget) : answer
  if ('refused' in now) {
    if (now.refused === 404) return { secret, metadata: undefined, settings: {} }
    throw refusedBy(work, secret, 'look at', now)
  }
  const settings = await secret.settings(now, budget)
  if ('refused' in settings) throw refusedBy(work, secret, 'look at', settings)
  if ('incomplete' in settings) {
    throw new Failure('cannot-write-secret', {
      what: `The ${secret.title} cannot be written without changing who may use it: ${settings.incomplete}.`,
      spent: work.soFar(),
      next: `Give ${work.tokenName} access to all repositories of the organization, or make the secret available to all repositories or to all private ones.`,
    })
  }
  return { secret, metadata: now, settings: settings.body }
}

/**
 * Writes one proven secret, whatever it holds now, and retries for as long as that may help.
 *
 * @param fence the time, by the monotonic clock (milliseconds), after which nothing may be written
 * @returns `Written` if it is stored
 */
export async function writeSecret(
  work: SecretWork,
  place: ProvenPlace,
  { secret, settings }: ProvenSecret,
  value: string,
  fence?: number,
): Promise<NotWritten | Written> {
  const { environment, narrator, retryFor } = work
  const budget = new RetryBudget(environment, retryFor, fence)
  const subject = explain.subjectOf({ secret, retryFor, narrator })
  let key: SealingKey | undefined = place.key
  let mayBeStored = false
  const keys = new Patience(environment, retryFor)
  for (let refusals = 0; ;) {
    let problem: string
    let waitMs: number | undefined
    key ??= await freshKey(secret, budget)
    if (budget.isFenced()) return { problem: 'there was no time left', mayBeStored }
    if (key === undefined) {
      problem = 'its public key can no longer be read'
      refusals += 1
    } else {
      const outcome = await secret.write(sealFor(key, value), key.keyId, settings, budget)
      const status = outcome.last instanceof TransportError ? undefined : outcome.last.status
      if (status === 201 || status === 204)
        return { writtenAt: outcome.kind === 'answer' ? outcome.last.moment?.date : undefined }
      // GitHub has replaced the key that we sealed for; the next one it shows may still be the old one (rule 8).
      if (status === 422) key = undefined
      if (status === 422 && !budget.isFenced() && (await keys.pause())) continue
      if (status !== undefined && status >= 400 && status < 500 && outcome.kind === 'answer') refusals += 1
      mayBeStored ||= outcome.mayHaveArrived && !(status !== undefined && status >= 400 && status < 500)
      problem = explain.describeGitHub(subject, outcome.last)
      waitMs = outcome.waitMs
    }
    if (refusals >= mostRefusals || !(await budget.pause(waitMs))) return { problem, mayBeStored }
  }
}

async function freshKey(secret: Secret, budget: RetryBudget): Promise<SealingKey | undefined> {
  try {
    const key = await secret.publicKey(budget)
    return 'refused' in key || !canSeal(key) ? undefined : key
  } catch (error) {
    if (error instanceof GitHubUnavailable) return undefined
    throw error
  }
}

/**
 * Asks GitHub something else that is part of the proof.
 *
 * @throws Failure `github-unavailable`
 */
export async function askGitHub<T>(
  work: SecretWork,
  secret: Secret,
  ask: (budget: RetryBudget) => Promise<T>,
): Promise<T> {
  try {
    return await ask(new RetryBudget(work.environment, work.retryFor))
  } catch (error) {
    throw inWords(work, secret, error)
  }
}

function inWords(work: SecretWork, secret: Secret, error: unknown): unknown {
  if (!(error instanceof GitHubUnavailable)) return error
  const subject = explain.subjectOf({ secret, retryFor: work.retryFor, narrator: work.narrator })
  const { last } = error
  const movedTo = last instanceof TransportError ? undefined : last.movedTo
  const described = explain.describeGitHub(subject, last)
  const certificate = last instanceof TransportError && last.fault === 'certificate'
  return new Failure('github-unavailable', {
    what: `GitHub gave no usable answer: ${described}.`,
    spent: work.soFar(),
    next: certificate
      ? 'If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS to the certificate file of its CA, then run this again.'
      : movedTo === undefined
        ? 'Check --repo and --github-api-url, and run this again later. For outages, see https://www.githubstatus.com.'
        : `Use --repo ${work.narrator.foreign(movedTo)}, and update the git remote.`,
  })
}

function unusableKey(work: SecretWork, { title }: Secret): Failure {
  return new Failure('github-unavailable', {
    what: `The public key that GitHub sent for the ${title} cannot be used.`,
    spent: work.soFar(),
    next: 'Check --github-api-url and any proxy or firewall between this machine and GitHub.',
  })
}

/** A command's token, for the remedies for a refusal. */
export function askerAtTerminal(tokenName: string, permission: string): Asker {
  return {
    token: tokenName,
    wanted: `${explain.writingTokens} for this place with ${permission}`,
    machine: 'this machine',
    again: 'run this again',
  }
}

/** GitHub's refusal, in words. */
export function refusedBy(
  { narrator, tokenName, soFar }: SecretWork,
  { place, title }: Secret,
  act: 'write' | 'look at' | 'read the public key for',
  answer: Refused,
): Failure {
  const { refused, message } = answer
  const words = narrator.foreign(message)
  const quoted = words === '' ? '' : ` ("${words}")`
  const what = `GitHub answered ${refused} when ${tokenName} tried to ${act} the ${title}${quoted}`
  const asker = askerAtTerminal(tokenName, place.permission)
  const failure = (reason: string, next: string): Failure =>
    new Failure('cannot-write-secret', { what: `${what}: ${reason}.`, spent: soFar(), next })
  const remedy = remedyFor(answer, asker)
  if (remedy) return failure(remedy.reason, remedy.next)
  if (refused === 401) {
    return failure(
      'the token is not valid or has expired',
      `Create a new one: ${explain.writingTokens} with ${place.permission}.`,
    )
  }
  if (refused === 404 && act !== 'write') {
    return failure(
      place.absent,
      `Check the name, and that ${tokenName} has access to this place, with ${place.permission}.`,
    )
  }
  return failure(
    'the token is not allowed to do that',
    `Use ${asker.wanted} as ${tokenName}.${besidesPermission(answer)}`,
  )
}
