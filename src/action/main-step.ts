/** The main step: inputs in, one rotation, outputs out. */
import { TokenEndpoint, type NarrowToken } from '../box/token-endpoint.ts'
import { serverNow, type Clock } from '../clock.ts'
import { Failure, nothingSpent, RejectedToken } from '../failure.ts'
import { GitHubClient } from '../github/client.ts'
import { Secret, type SecretPlace } from '../github/secret-store.ts'
import { StepJournal, type SaveState, type Target } from '../journal/journal.ts'
import { secretOf, variablesOf } from '../github/target.ts'
import { dependabotSecrets } from '../github/stores/dependabot.ts'
import { readRunCreatedAt } from '../github/workflow-run.ts'
import { inputDefaults, loadInputs, secretInputs, type Inputs } from './inputs.ts'
import { parseBoolean } from '../names.ts'
import { narrow } from '../rotation/narrow.ts'
import { printsTraffic, trafficIsPrinted } from '../http/node-settings.ts'
import { Report, type HandOut, type Runner } from './outputs.ts'
import { titleOf as stateTitle } from '../sharing/messages.ts'
import { share } from '../sharing/share.ts'
import type { SharedPair, SharedRotation } from '../sharing/shared-rotation.ts'
import type { Copy } from '../github/target.ts'
import { subjectOf } from '../rotation/messages.ts'
import type { WorkflowRun } from '../rotation/prove.ts'
import { rotate, type Rotation, type StoredPair } from '../rotation/rotate.ts'
import { sealingReady } from '../sealing/sealed-box.ts'
import { Cancelled, type SignalGuard } from '../signals.ts'
import { verify } from '../rotation/verify.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** If Box keeps rejecting the shared token, another refresh won't help. */
const mostRejections = 3

/** Everything the action needs from outside. */
export interface World {
  readonly runner: Runner
  /** Text of an input, trimmed; `''` when it is not given. */
  readonly getInput: (name: string) => string
  /** The workflow run and what triggered it; read only once the secrets are masked. */
  readonly context: () => Promise<WorkflowContext>
  /** The runner's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof fetch
  /** The proxies that requests go through, as `host:port`, to name them in a fault. */
  readonly proxies: readonly string[]
  /** Passwords in the addresses of proxies. */
  readonly proxySecrets: readonly string[]
  /** What is wrong with the proxies, or other network settings, in the environment. */
  readonly proxyProblems: readonly string[]
  readonly clock: Clock
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number
  readonly signals: SignalGuard
  /** Writes one value of the step's state, synchronously. */
  readonly saveState: SaveState
  /** Whether the runner's file for outputs (or for later steps' variables) exists and is writable. */
  readonly canWrite: (name: 'GITHUB_OUTPUT' | 'GITHUB_ENV') => boolean
}

/**
 * Runs the action's main step.
 *
 * @returns the exit code: 0, or 1 after a failure that has been reported
 */
export async function runMain(world: World): Promise<0 | 1> {
  const report = new Report(world.runner)
  // Before anything else can print them.
  for (const name of secretInputs) report.mask(world.getInput(name))
  for (const secret of world.proxySecrets) report.mask(secret)

  const summaryFile = world.variables['GITHUB_STEP_SUMMARY']
  let inputs: Inputs | undefined
  let progress = nothingSpent
  let journal: StepJournal | undefined
  try {
    if (!world.canWrite('GITHUB_OUTPUT')) throw notInAWorkflow('GITHUB_OUTPUT')
    if (printsTraffic(world.variables)) throw printed()
    const context = await world.context()
    inputs = loadInputs(world.getInput, world.variables, context.trigger)
    if (inputs.exportVariable !== undefined && !world.canWrite('GITHUB_ENV'))
      throw notInAWorkflow('GITHUB_ENV')
    for (const problem of world.proxyProblems) report.warning(problem)
    const work = prepare(world, report, inputs, context)
    journal = work.journal
    progress = 'The log above shows how far the run got.'
    for (let rejected: string | undefined, tries = 1; ; tries += 1) {
      const pair = await obtain(work, report, rejected)
      progress = pair.refreshed
        ? `The pair is refreshed and stored in the ${pair.storedIn.join(' and the ')}: nothing is lost.`
        : 'No refresh token was used: the access token is the shared one.'
      try {
        if (world.signals.interrupted.aborted) {
          report.info(
            'This run was cancelled during the refresh. The pair is stored, and nothing is handed out.',
          )
          return 1
        }
        const result = await use(world, report, inputs, work, pair)
        report.handOut(result)
        if (inputs.summary && summaryFile) await report.summarize(result)
        return 0
      } catch (error) {
        // Something has ended the shared token. This job refreshes it, unless another one noticed first.
        if (!(error instanceof RejectedToken) || pair.refreshed || tries === mostRejections) throw error
        report.info(`${error.what} It is treated as expired.`)
        rejected = pair.accessToken
      } finally {
        await pair.cleanUp()
      }
    }
  } catch (error) {
    if (error instanceof Cancelled) {
      report.info(`This run was cancelled before it had a token. ${error.spent}`)
    } else if (error instanceof Failure) {
      report.fail(error)
      if (error.code === 'secret-not-written') journal?.reported()
      const recovery = error.code === 'secret-not-written' ? journal?.unsavedRecovery : undefined
      if (recovery !== undefined)
        report.postFailed('The post step cannot try again: it has no saved state.', recovery, true)
      if (summaryFile && wantsSummary(world)) await report.summarizeFailure(error, journal?.handedOver)
    } else {
      report.failUnexpectedly(error, progress)
    }
    return 1
  }
}

/** The parts of a run. */
interface Work {
  readonly journal: StepJournal
  readonly rotation: Rotation
  /** With `state-variable`. */
  readonly sharing: SharedRotation | undefined
}

/** A pair to hand out. Call `cleanUp` afterwards. */
type Pair = StoredPair & Pick<SharedPair, 'refreshed' | 'cleanUp'>

/** Refreshes this run's own pair, or gets the shared one. */
async function obtain(
  { rotation, sharing }: Work,
  report: Report,
  rejected: string | undefined,
): Promise<Pair> {
  const { title } = rotation.secret
  if (sharing) {
    report.info(`Jobs share the Box token through the ${stateTitle(sharing)}, with a copy in the ${title}.`)
    return share(sharing, rejected)
  }
  report.info(`Refreshing the Box token pair. Its refresh token, which works once, is in the ${title}.`)
  return { ...(await rotate(rotation)), refreshed: true, cleanUp: () => Promise.resolve() }
}

/** Rule 2: the first use of the new access token. The pair is stored by now. */
async function use(
  world: World,
  report: Report,
  { boxApiUrl, narrowing, exportVariable, verify: asked }: Inputs,
  { rotation }: Work,
  pair: Pair,
): Promise<HandOut> {
  const { retryFor, box } = rotation
  const subject = {
    ...subjectOf(rotation),
    storedIn: pair.storedIn.join(' and the '),
    reused: !pair.refreshed,
  }
  const common = { environment: world, narrator: report, retryFor, subject }
  const owner = asked ? await verify({ ...common, network: world, boxApiUrl }, pair.accessToken) : undefined
  const token = narrowing
    ? narrowed(await narrow({ ...common, box }, pair.accessToken, narrowing), pair)
    : pair
  const left = (token.expiresAt - serverNow(token.moment, world.clock)) / 1000
  return {
    accessToken: token.accessToken,
    expiresAt: token.expiresAt,
    expiresIn: Math.max(0, Math.round(left)),
    refreshed: pair.refreshed,
    refreshTokenExpiresAt: pair.refreshTokenExpiresAt,
    storedIn: pair.storedIn,
    narrowedTo: narrowing,
    exportVariable,
    owner,
  }
}

/** Puts the parts of a run together. */
function prepare(world: World, report: Report, inputs: Inputs, context: WorkflowContext): Work {
  const client = new GitHubClient({ network: world, apiUrl: inputs.githubApiUrl, token: inputs.githubToken })
  const target = { ...inputs, ...inputs.repository }
  const secret = secretOf(client, target)
  const journal = new StepJournal({
    save: world.saveState,
    secrets: inputs,
    target: journalTarget(inputs),
    retryFor: inputs.retryFor,
    summary: inputs.summary,
    narrator: report,
    printRecovery: (text) => report.recovery(text),
  })
  const isFromSecret = context.trigger !== 'dependabot' || secret.place.read !== 'when-queued'
  const rotation: Rotation = {
    environment: world,
    narrator: report,
    retryFor: inputs.retryFor,
    box: new TokenEndpoint(world, inputs.boxApiUrl, inputs),
    refreshToken: inputs.refreshToken,
    secret,
    copies: copiesOf(inputs, client, secret.place),
    source:
      !isFromSecret && inputs.organization === undefined
        ? new Secret(client, dependabotSecrets(target.owner, target.repo), inputs.secretName)
        : undefined,
    journal,
    sealingReady,
    signals: world.signals,
    run: workflowRun(context, client),
    startedAt: 0,
  }
  const { stateVariable, autoRefresh, minimumValidity, clientId } = inputs
  if (stateVariable === undefined) return { journal, rotation, sharing: undefined }
  const variables = variablesOf(client, target)
  const sharing: SharedRotation = {
    ...rotation,
    refreshToken: inputs.refreshToken || undefined,
    isFromSecret,
    journal,
    variables,
    seal: { secrets: inputs, clientId, place: variables.place, name: stateVariable },
    autoRefresh,
    minimumValidity,
  }
  return { journal, rotation, sharing }
}

/** Whether the author wants a summary. Works even if the other inputs are invalid. */
function wantsSummary({ getInput }: World): boolean {
  return parseBoolean(getInput('summary') || inputDefaults.summary) ?? true
}

/** Where the token belongs, for the step that finishes this one's work. */
function journalTarget(inputs: Inputs): Target {
  const { clientId, githubApiUrl, environment, organization, secretName, stateVariable } = inputs
  return {
    ...inputs.repository,
    clientId,
    githubApiUrl,
    environment,
    organization,
    secretName,
    stateVariable,
  }
}

/** The copies: further secrets that get the new tokens. */
function copiesOf(inputs: Inputs, client: GitHubClient, place: SecretPlace): Copy[] {
  const { secretName, accessTokenSecretName, alsoWriteTo, repository } = inputs
  const there =
    alsoWriteTo === 'dependabot' ? dependabotSecrets(repository.owner, repository.repo) : undefined
  const copies: Copy[] = []
  // Refresh tokens first: an old refresh token no longer works; an old access token only expires sooner.
  if (there)
    copies.push({ secret: new Secret(client, there, secretName), holds: 'refresh-token', required: false })
  if (accessTokenSecretName === undefined) return copies
  copies.push({
    secret: new Secret(client, place, accessTokenSecretName),
    holds: 'access-token',
    required: true,
  })
  if (there) {
    copies.push({
      secret: new Secret(client, there, accessTokenSecretName),
      holds: 'access-token',
      required: false,
    })
  }
  return copies
}

/** Rule 6: a narrowed token's own expiry, by Box's clock. */
function narrowed(
  { accessToken, expiresIn, moment }: NarrowToken,
  { moment: issued }: StoredPair,
): Pick<StoredPair, 'accessToken' | 'expiresAt' | 'moment'> {
  const from = moment ?? issued
  return { accessToken, expiresAt: from.date + expiresIn * 1000, moment: from }
}

/** This job's run. It may belong to another repository than the secret. */
function workflowRun(
  { repository, runId, runAttempt }: WorkflowContext,
  client: GitHubClient,
): WorkflowRun | undefined {
  const [owner, repo] = repository.split('/')
  if (!owner || !repo || !Number.isSafeInteger(runId) || runId <= 0) return undefined
  // It never changes, so one read is enough.
  let known: number | undefined
  return {
    attempt: runAttempt,
    createdAt: async (budget) => (known ??= await readRunCreatedAt(client, { owner, repo, runId }, budget)),
  }
}

/** Node.js itself would print the tokens, in forms that masks don't cover. */
function printed(): Failure {
  const { what, next } = trafficIsPrinted
  return new Failure('bad-input', { what, spent: nothingSpent, next: `${next}, then start a new run.` })
}

/** Without the runner's file, the only way to hand out a token would be to print it. */
function notInAWorkflow(file: string): Failure {
  return new Failure('bad-input', {
    what: `${file} does not name a writable file: this is not running as a step of a workflow.`,
    spent: nothingSpent,
    next: 'Use the action in a workflow, with `uses:`. To try it here, run `npm run demo`, which uses a sandbox.',
  })
}
