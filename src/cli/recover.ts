/** `box-token recover`: stores the refresh token from a recovery text. */
import { Failure } from '../failure.ts'
import { githubUnavailable, subjectOf } from '../rotation/messages.ts'
import { GitHubClient, GitHubUnavailable } from '../github/client.ts'
import type { Secret } from '../github/secret-store.ts'
import { openRecovery, type JournalContent } from '../journal/journal.ts'
import { RetryBudget } from '../http/retry.ts'
import { Patience, stalenessMs } from '../rotation/patience.ts'
import { prove, type Proof } from '../rotation/prove.ts'
import { sealingReady } from '../sealing/sealed-box.ts'
import {
  leaseOverBeforeStore,
  secretLeftAlone,
  titleOf as stateTitle,
  writtenSince,
} from '../sharing/messages.ts'
import { replaceState } from '../sharing/replace.ts'
import type { Sharing } from '../sharing/shared-variables.ts'
import { store, tryToStore, type StoreBaseline, type Stored, type Storing } from '../rotation/store.ts'
import { secretOf, type SecretTarget } from '../github/target.ts'
import { atTerminal } from './at-terminal.ts'
import {
  narratorFor,
  readGitHubApiUrl,
  readTarget,
  UsageError,
  type Command,
  type Flags,
  type Terminal,
  type World,
} from './command-line.ts'
import { readBoxApp, readGitHubToken, readStateKey } from './credentials.ts'
import { readStateVariable, sharingFor } from './sharing.ts'

/** Seconds that the command keeps trying. */
const retryFor = 60

/** `box-token recover`. */
export const recoverCommand: Command = {
  name: 'recover',
  summary: 'stores the refresh token from a recovery text that the action printed',
  description: `Stores the refresh token from the recovery text that the action printed when it could not store that token itself. Reads the text from standard input, or asks for it.

  box-token recover < recovery-text

Needs, in the environment or entered at a hidden prompt: BOX_CLIENT_ID and BOX_CLIENT_SECRET of your Box app, and GITHUB_TOKEN (or gh) with the right to write the secret. If the workflow has a state-key, BOX_STATE_KEY must be in the environment. With the text on standard input, recover does not prompt: set everything in the environment.`,
  flags: [{ form: '--force', meaning: 'store it even if the secret has been written since' }],
  run: recover,
}

/**
 * Runs the command.
 *
 * @throws UsageError, Failure or Interrupted
 */
async function recover(terminal: Terminal, world: World, flags: Flags): Promise<void> {
  const { redactor } = terminal
  const target = await readTarget(terminal, flags)
  const givenApiUrl = readGitHubApiUrl(terminal, flags)
  const stateVariable = readStateVariable(flags)
  const { clientId, clientSecret } = await readBoxApp(terminal)
  const stateKey = readStateKey(terminal)

  const text = await readText(terminal)
  await sealingReady()
  const opened = openRecovery('recovery', { clientSecret, stateKey }, clientId, text)
  if ('problem' in opened) throw new UsageError(notOpened[opened.problem])
  redactor.add(opened.refreshToken)
  const sharedIn = opened.target.stateVariable
  if (sharedIn !== undefined && sharedIn.toUpperCase() !== stateVariable?.toUpperCase()) {
    throw new UsageError(
      `this text comes from jobs that share a token through the variable ${sharedIn}: give --state-variable ${sharedIn}`,
    )
  }
  if (!sameSecret(opened.target, target)) {
    throw new UsageError(
      `this text is for the ${titleOf(opened.target)}, but the flags name the ${titleOf(target)}: correct them`,
    )
  }

  const apiUrl = givenApiUrl ?? opened.target.githubApiUrl
  if (apiUrl !== opened.target.githubApiUrl) {
    throw new UsageError(
      `this text is for the GitHub server at ${opened.target.githubApiUrl}, not for the one at ${apiUrl}: correct --github-api-url`,
    )
  }
  const token = await readGitHubToken(terminal, apiUrl)

  const narrator = narratorFor(terminal)
  const client = new GitHubClient({ network: world.network, apiUrl, token })
  const secret = secretOf(client, target)
  const environment = { clock: world.clock, random: world.random }
  const proof = { environment, narrator, retryFor, secret, copies: [], sealingReady, run: undefined }
  const place = { target, clientId, secrets: { clientSecret, stateKey } }
  const sharing =
    stateVariable === undefined
      ? undefined
      : sharingFor(terminal, { environment, narrator, retryFor }, client, { ...place, stateVariable })
  const permission = [secret.place.permission, sharing?.variables.place.permission]
    .filter(Boolean)
    .join(' and ')
  const found = await look(proof, opened.baseline, permission)
  const force = flags['force'] === true
  const moved = !found.missing && found.baseline.updatedAt > opened.baseline
  if (moved && !force && stateVariable === undefined) throw movedOn(secret.title)
  // If it is missing, `prove` has already looked for that long (rule 8).
  if (!force && !sharing && !found.missing) await expectUnmoved(terminal, proof, opened.baseline)
  const secretWritten = { perhaps: false, forCertain: true, byAJob: false }
  const { interruption } = terminal
  interruption.aftermath = 'The recovery text still works.'
  const storing = { ...proof, aboutToWrite: () => (secretWritten.perhaps = true) }
  try {
    await interruption.hold(
      async () => {
        if (!sharing) await store(storing, found.baseline, opened.refreshToken)
        else {
          const where = stateTitle(sharing)
          // Until then, nothing is lost: the text still works, even if the state may hold its token.
          interruption.wayOut = { afterMs: 0, handOver: () => {} }
          const isPublished = (): void => {
            interruption.wayOut = undefined
            interruption.aftermath = `The refresh token is published in the ${where}, where jobs find it.`
          }
          // Rule 8: the only look at the secret may be an old one, so a write since the text was made is looked for again.
          const conflictAfter = force || found.missing ? found.baseline.conflictAfter : opened.baseline
          const baseline = { ...found.baseline, conflictAfter }
          const copy = { storing, baseline, force, moved, isPublished }
          const copied = await recoverShared(sharing, opened, copy)
          if (copied.kind === 'not-stored')
            throw copyNotStored(where, secret.title, permission, copied.problem)
          secretWritten.forCertain = copied.kind === 'stored'
          secretWritten.byAJob = copied.kind === 'followed'
        }
        if (secretWritten.forCertain)
          interruption.aftermath = `The refresh token is stored in the ${secret.title}.`
      },
      () => terminal.tell('Finishing the write before stopping.'),
    )
  } catch (error) {
    if (error instanceof Failure && error.code === 'stale-secret') {
      // With shared state, it is the state that has moved, and nothing is written yet.
      if (sharing) throw error
      throw secretWritten.perhaps ? perhapsStored(secret.title) : movedOn(secret.title)
    }
    const failure = error instanceof GitHubUnavailable ? githubUnavailable(subjectOf(storing), error) : error
    if (!(failure instanceof Failure)) throw failure
    throw new UsageError(atTerminal(failure, permission, 'The recovery text still works.'))
  }
  const isCopied = secretWritten.forCertain
  if (flags['json'] === true) {
    const overwrote = moved && isCopied
    const published = stateVariable === undefined ? {} : { published: stateVariable }
    terminal.print(
      JSON.stringify({
        stored: isCopied,
        ...published,
        ...(secretWritten.byAJob ? { followed: true } : {}),
        secret: secret.title,
        overwrote,
        created: found.missing,
      }),
    )
    return
  }
  if (secretWritten.byAJob) {
    terminal.print('Nothing is left to do: the recovery text is worthless now.')
    return
  }
  const places = [
    ...(sharing ? [`shared state (${stateTitle(sharing)})`] : []),
    ...(isCopied ? [secret.title] : []),
  ]
  const recreated = isCopied && found.missing ? ', which was missing and has been created again' : ''
  terminal.print(
    `The refresh token is stored in the ${places.join(' and its copy, the ')}${recreated}. Start the workflow now: its first run makes the recovery text worthless.`,
  )
}

/** What became of the secret, which is only a copy of the shared state. */
type Copied = Exclude<Stored, { readonly kind: 'moved' }> | { readonly kind: 'left-alone' }

/**
 * Publishes to the shared state first, which is the authority; then stores in the secret, unless somebody else has
 * written it since (rule 4).
 *
 * @returns what became of the secret; `followed`: a job has refreshed the token since it was published
 * @throws Failure or GitHubUnavailable if the state could not be published
 */
export async function recoverShared(
  sharing: Sharing,
  { refreshToken, baseline, shared }: Pick<JournalContent, 'refreshToken' | 'baseline' | 'shared'>,
  copy: {
    readonly storing: Storing
    readonly baseline: Found
    readonly force: boolean
    readonly moved: boolean
    readonly isPublished: () => void
  },
): Promise<Copied | { readonly kind: 'followed' }> {
  const { secret, narrator } = sharing
  let copied: Copied = { kind: 'left-alone' }
  const ended = await replaceState(sharing, {
    refreshToken,
    over: shared?.over ?? [],
    secretAccounted: copy.force ? 'now' : baseline,
    approve: ({ state }) => {
      const expected = state === undefined || [refreshToken, shared?.before].includes(state.refreshToken)
      if (!expected && !copy.force) throw movedOn(stateTitle(sharing))
    },
    storeSecret: async (fence) => {
      copy.isPublished()
      if (copy.moved && !copy.force) {
        narrator.warning(secretLeftAlone(secret.title, copy.baseline.updatedAt))
        return undefined
      }
      const outcome = await tryToStore({ ...copy.storing, fence }, copy.baseline, refreshToken)
      if (outcome.kind === 'moved') {
        if (outcome.writeLost) {
          narrator.info(writtenSince(secret.title))
          return 'perhaps'
        }
        narrator.warning(secretLeftAlone(secret.title, outcome.updatedAt))
        return undefined
      }
      copied = outcome
      if (outcome.kind === 'stored') return outcome.writtenAt
      return outcome.writeLost ? 'perhaps' : undefined
    },
  })
  if (ended !== 'done') copy.isPublished()
  if (ended === 'followed') return { kind: 'followed' }
  if (ended === 'lease-over') narrator.warning(leaseOverBeforeStore(secret.title))
  return copied
}

/** What was found of the secret: `updatedAt` as GitHub shows it. */
type Found = StoreBaseline & { readonly updatedAt: number }

/**
 * Whether the secret may be written, and over what. A secret that has been deleted holds nothing newer, so it is
 * created again if everything it needs is known.
 */
async function look(
  proof: Proof,
  before: number,
  permission: string,
): Promise<{ readonly missing: boolean; readonly baseline: Found }> {
  const { secret } = proof
  try {
    return { missing: false, baseline: await prove(proof) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // `bad-input` has only one cause here: the secret does not exist.
    if (error.code !== 'bad-input') {
      const spent = 'Nothing was written, and the recovery text still works.'
      throw new UsageError(atTerminal(error, permission, spent))
    }
    if (secret.place.settings) {
      throw new UsageError(
        `the ${secret.title} no longer exists, and neither does its list of repositories: create it on GitHub, with any value, for the repositories that need it, then run this again with --force`,
      )
    }
    return {
      missing: true,
      baseline: { key: undefined, settings: {}, conflictAfter: before, updatedAt: before },
    }
  }
}

/**
 * Rules 4 and 8: a newer token must not be overwritten, and what GitHub shows may be old. So keeps looking for as long
 * as an answer can be old.
 *
 * @throws Failure `stale-secret`
 */
async function expectUnmoved(
  terminal: Terminal,
  { secret, environment }: Proof,
  before: number,
): Promise<void> {
  terminal.tell(
    `Checking that nothing else has written the ${secret.title} (GitHub's answers can be ${stalenessMs / 1000} seconds old) …`,
  )
  const patience = new Patience(environment, retryFor)
  while (await patience.pause()) {
    const now = await lookOnce(secret, environment)
    if (now !== undefined && now > before) throw movedOn(secret.title)
  }
}

/** When the secret was written, as GitHub shows it. Whatever prevents this read will prevent the write, too. */
async function lookOnce(secret: Secret, environment: Proof['environment']): Promise<number | undefined> {
  try {
    const now = await secret.metadata(new RetryBudget(environment, retryFor))
    return 'updatedAt' in now ? now.updatedAt : undefined
  } catch (error) {
    if (error instanceof GitHubUnavailable) return undefined
    throw error
  }
}

const textPattern = /box-token-recovery\.v\d+\.[A-Za-z0-9_-]+/

/** The recovery text, which may be part of a longer log line. */
async function readText({ prompts, readStandardInput }: Terminal): Promise<string> {
  const given = prompts
    ? await prompts.text('Recovery text (box-token-recovery.v1.…)', (answer) =>
        textPattern.test(answer) ? undefined : 'That does not contain a recovery text.',
      )
    : await readStandardInput()
  const text = textPattern.exec(given)?.[0]
  if (text === undefined) {
    throw new UsageError('there is no recovery text (box-token-recovery.v1.…) on standard input')
  }
  return text
}

const notOpened = {
  'not-sealed': 'this is not a recovery text',
  'newer-version':
    'this recovery text was printed by a newer version of the action: use the command line of that version',
  'does-not-open':
    'the recovery text cannot be opened: it belongs to another app (BOX_CLIENT_ID), was encrypted with another BOX_CLIENT_SECRET or BOX_STATE_KEY, or is damaged',
}

function movedOn(title: string): Failure {
  return new Failure('stale-secret', {
    what: `The ${title} has been written since the recovery text was printed.`,
    spent: 'Nothing was written: the refresh token that is stored now is probably newer, and valid.',
    next: 'Start the workflow. Use --force only if that run fails with `reauthorize`.',
  })
}

/** The token is published, which is durable; only the copy in the secret is missing. */
function copyNotStored(where: string, title: string, permission: string, problem: string): UsageError {
  return new UsageError(
    `the refresh token is published in the ${where}, where jobs find it, but GitHub did not confirm that it is stored in the ${title}: ${problem}. Nothing is lost: start the workflow, whose next refresh updates the secret. If that fails too, the workflow's token needs ${permission} for this place.`,
  )
}

/** Usually this command's own write; GitHub does not say who wrote. */
function perhapsStored(title: string): Failure {
  return new Failure('stale-secret', {
    what: `The ${title} was written just now, either by this command, which did not get GitHub's answer, or by somebody else at the same time.`,
    spent: 'The token is stored, or superseded by a newer one.',
    next: 'Start the workflow. Run this again with --force only if that run fails with `reauthorize`.',
  })
}

function sameSecret(one: SecretTarget, other: SecretTarget): boolean {
  const key = (target: SecretTarget): string =>
    JSON.stringify([
      target.organization === undefined
        ? [target.owner, target.repo, target.environment]
        : [target.organization],
      target.secretName,
    ]).toLowerCase()
  return key(one) === key(other)
}

function titleOf(target: SecretTarget): string {
  const { owner, repo, environment, organization, secretName } = target
  if (organization !== undefined) return `secret ${secretName} of organization ${organization}`
  const where = environment === undefined ? 'repository' : `environment "${environment}" of`
  return `secret ${secretName} of ${where} ${owner}/${repo}`
}
