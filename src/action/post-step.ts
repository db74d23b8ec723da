/**
 * The post step: stores the refresh token that the main step got from Box but could not store, because it was killed
 * or GitHub was down. If that fails too, the owner gets the token as a sealed recovery text.
 */
import { Failure } from '../failure.ts'
import type { Clock } from '../clock.ts'
import * as explain from '../rotation/messages.ts'
import { GitHubClient } from '../github/client.ts'
import { GitHubUnavailable } from '../github/client.ts'
import {
  openRecovery,
  readClaimEntry,
  readJournal,
  type ClaimEntry,
  type JournalEntry,
  type Target,
} from '../journal/journal.ts'
import { printsTraffic, trafficIsPrinted } from '../http/node-settings.ts'
import { RetryBudget } from '../http/retry.ts'
import { Report, type Runner } from './outputs.ts'
import { sealingReady } from '../sealing/sealed-box.ts'
import { store } from '../rotation/store.ts'
import { finishShared, giveUpOwn } from '../sharing/finish.ts'
import type { Sharing } from '../sharing/shared-variables.ts'
import type { EnvelopeSecrets } from '../sealing/envelope.ts'
import { isUnsettled, stateNames, type Progress } from '../journal/step-state.ts'
import { secretOf, variablesOf } from '../github/target.ts'

/**
 * Most seconds that the post step keeps trying, whatever `retry-for` says. A cancelled job is ended after five minutes,
 * post steps included (GitHub Docs, "Workflow cancellation reference"): the recovery text must be printed before that,
 * and other post steps take time, too.
 */
const longestRetrySeconds = 240

/** Everything the post step needs from outside. */
export interface PostWorld {
  readonly runner: Runner
  /** Text of an input, trimmed. In nested composite actions, it may be another action's. */
  readonly getInput: (name: string) => string
  /** A value of the step's state; `''` where there is none. */
  readonly getState: (name: string) => string
  /** The runner's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof fetch
  readonly proxies: readonly string[]
  /** Passwords in the addresses of proxies. */
  readonly proxySecrets: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  /** Aborted when the step is cancelled: the recovery text must be printed before the process is ended. */
  readonly interrupted: AbortSignal
}

/**
 * Runs the post step.
 *
 * @returns the exit code: 1 if the token could not be stored
 */
export async function runPost(world: PostWorld): Promise<0 | 1> {
  const text = world.getState(stateNames.journal)
  const progress = world.getState(stateNames.progress)
  const claim = readClaimEntry(world.getState(stateNames.claim))
  const done = !isUnsettled(world.getState)
  if (done && !claim) return 0

  const report = new Report(world.runner)
  for (const name of ['client-secret', 'github-token', 'state-key', 'refresh-token'])
    report.mask(world.getInput(name))
  for (const secret of world.proxySecrets) report.mask(secret)
  // Sending would print the token. The claim ends with its lease anyway.
  if (done && printsTraffic(world.variables)) return 0
  if (done) return claim ? giveUp(world, report, claim, text !== '') : 0
  const reported = world.getState(stateNames.reported) !== ''
  const entry = readJournal(text)
  if (!entry) {
    report.postFailed(
      'The state that the main step saved is not one that this version of the action can read.',
      undefined,
      reported,
    )
    return 1
  }
  let problem: string
  try {
    const cancelled = new Promise<string>((resolve) => {
      world.interrupted.addEventListener('abort', () =>
        resolve('The post step was cancelled before the token was stored.'),
      )
    })
    const outcome = await Promise.race([finish(world, report, entry, progress, claim), cancelled])
    if (outcome === undefined) return 0
    problem = outcome
  } catch (error) {
    if (error instanceof Failure && error.code === 'stale-secret') {
      report.info(`${error.what} Nothing is left to do.`)
      report.recovery(entry.recovery)
      return 0
    }
    // Even a bug in this action must not keep the token from its owner.
    const fault = error instanceof Error ? error.message : 'an unknown value was thrown'
    problem = error instanceof Failure ? error.what : `The post step has a bug: ${report.foreign(fault)}.`
  }
  report.postFailed(problem, entry.recovery, reported)
  if (entry.summary && world.variables['GITHUB_STEP_SUMMARY'])
    await report.summarizeRecovery(problem, entry.recovery)
  return 1
}

/** @returns `undefined` if nothing is left to do, otherwise why the token could not be stored, as a sentence */
async function finish(
  world: PostWorld,
  report: Report,
  entry: JournalEntry,
  progress: string,
  claim: ClaimEntry | undefined,
): Promise<string | undefined> {
  const { target } = entry
  const mayBeWritten = progress === ('about-to-store' satisfies Progress)
  const retryFor = Math.min(entry.retryFor, longestRetrySeconds)
  const clientSecret = world.getInput('client-secret')
  const token = world.getInput('github-token')
  if (printsTraffic(world.variables)) return `${trafficIsPrinted.what} So the post step sends nothing.`
  if (clientSecret === '' || token === '') {
    return 'The inputs of this step are no longer available (in nested composite actions, GitHub gives a post step those of another action).'
  }
  await sealingReady()
  const secrets = { clientSecret, stateKey: world.getInput('state-key') || undefined }
  const opened = openRecovery('journal', secrets, target.clientId, entry.sealed)
  if ('problem' in opened) {
    return 'The client secret (or `state-key`) does not decrypt what the main step saved: the inputs may be those of another action.'
  }
  report.mask(opened.refreshToken)
  if (opened.shared?.access) report.mask(opened.shared.access.token)

  const client = new GitHubClient({ network: world, apiUrl: target.githubApiUrl, token })
  const secret = secretOf(client, target)
  const storing = { environment: world, narrator: report, retryFor, secret, aboutToWrite: () => {} }
  const subject = explain.subjectOf(storing)
  const { shared, refreshToken, baseline: updatedAt } = opened
  if (shared) {
    const sharing = sharingOf(world, report, client, target, retryFor, secrets)
    if (!sharing) return 'What the main step saved does not name the variable that jobs share.'
    report.info(
      'The main step got a new pair from Box, but ended before it had finished. The post step goes on from there.',
    )
    return finishShared(sharing, {
      issued: { ...shared, refreshToken, baseline: updatedAt },
      claim: claim?.claim,
      isPublished: mayBeWritten || progress === ('published' satisfies Progress),
      mayBeWritten,
      deadline: world.clock.monotonic() + retryFor * 1000,
      handOver: () => report.recovery(entry.recovery),
    })
  }
  report.info(
    `The main step got a new refresh token from Box, but ended before it was stored in the ${secret.title}.`,
  )
  const budget = new RetryBudget(world, retryFor)
  const done = new AbortController()
  // A request that was sent in time may still be answered; no other is sent after it.
  void world.clock.sleep(retryFor * 1000 + budget.timeoutMs, done.signal).then(() => budget.end())
  try {
    const now = await secret.metadata(budget)
    if ('refused' in now && secret.place.settings) {
      return sentence(explain.refusedLook(subject, 'the secret', now))
    }
    if ('updatedAt' in now && now.updatedAt > opened.baseline) {
      report.info(
        mayBeWritten
          ? 'The secret has been written since then: the new refresh token is stored, or superseded by a newer one. Nothing is left to do.'
          : 'Another run has written the secret since then: the token is superseded. Nothing is written.',
      )
      report.recovery(entry.recovery)
      return undefined
    }
    // A refusal may be temporary, and a deleted secret is written again: `store` handles both.
    const settings = 'refused' in now ? { body: {} } : await secret.settings(now, budget)
    if ('refused' in settings) return sentence(explain.refusedLook(subject, 'the secret', settings))
    if ('incomplete' in settings) return sentence(settings.incomplete)
    const baseline = { key: undefined, settings: settings.body, conflictAfter: opened.baseline }
    await store(storing, baseline, opened.refreshToken, budget)
    report.info('The post step has stored the new refresh token: the chain is alive.')
    return undefined
  } catch (error) {
    if (error instanceof GitHubUnavailable) return sentence(explain.describeGitHub(subject, error.last))
    throw error
  } finally {
    done.abort()
  }
}

/** What the work on the shared state needs; `undefined` if there is none. */
function sharingOf(
  world: PostWorld,
  report: Report,
  client: GitHubClient,
  target: Target,
  retryFor: number,
  secrets: EnvelopeSecrets,
): Sharing | undefined {
  const { stateVariable: name, clientId } = target
  if (name === undefined) return undefined
  const variables = variablesOf(client, target)
  const seal = { secrets, clientId, place: variables.place, name }
  return { environment: world, narrator: report, retryFor, secret: secretOf(client, target), variables, seal }
}

/** The main step ended with a claim but without a pair to save: nobody needs to wait until the lease ends. */
async function giveUp(
  world: PostWorld,
  report: Report,
  { target, retryFor, claim }: ClaimEntry,
  hasMoved: boolean,
): Promise<0 | 1> {
  const token = world.getInput('github-token')
  // In nested composite actions, the input may be another action's. The lease ends by itself.
  if (token === '') return 0
  const client = new GitHubClient({ network: world, apiUrl: target.githubApiUrl, token })
  const sharing = sharingOf(world, report, client, target, retryFor, {
    clientSecret: '',
    stateKey: undefined,
  })
  if (!sharing) return 0
  try {
    if (!(await giveUpOwn(sharing, claim, hasMoved))) return 0
    report.info(
      hasMoved
        ? 'The main step ended before it had marked its claim as done. The claim is marked now.'
        : 'The main step ended without a new pair from Box. Its claim is given up.',
    )
  } catch (error) {
    // Nothing depends on this. But a bug in this action is reported, with secrets removed.
    if (error instanceof GitHubUnavailable || error instanceof Failure) return 0
    report.failUnexpectedly(error, "Nothing is lost: this job's claim ends with its lease.")
    return 1
  }
  return 0
}

function sentence(problem: string): string {
  return `The new refresh token could not be stored on GitHub: ${problem}.`
}
