/** The main step: inputs in, one rotation, outputs out. */
import { TokenEndpoint } from './box/token-endpoint.ts'
import { serverNow, type Clock } from './clock.ts'
import { Failure, nothingSpent } from './failure.ts'
import { GitHubClient } from './github/client.ts'
import { Secret } from './github/secret-store.ts'
import { environmentSecrets } from './github/stores/environment.ts'
import { repositorySecrets } from './github/stores/repository.ts'
import { readRunCreatedAt } from './github/workflow-run.ts'
import { loadInputs, secretInputs, type Inputs } from './inputs.ts'
import { Report, type Runner } from './report.ts'
import { rotate, subjectOf, type Rotation, type WorkflowRun } from './rotation.ts'
import { sealingReady } from './sealing/sealed-box.ts'
import type { SignalGuard } from './signals.ts'
import { verify } from './verification.ts'
import type { WorkflowContext } from './workflow-context.ts'

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
  readonly clock: Clock
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number
  readonly signals: SignalGuard
  /** Whether the file for outputs is there and can be written. */
  readonly hasOutputFile: () => boolean
}

/**
 * Runs the action's main step.
 *
 * @returns the exit code: 0, or 1 after a failure that has been reported
 */
export async function runMain(world: World): Promise<0 | 1> {
  const report = new Report(world.runner)
  // Before anything else can print.
  for (const name of secretInputs) report.mask(world.getInput(name))

  const summaryFile = world.variables['GITHUB_STEP_SUMMARY']
  let inputs: Inputs | undefined
  let progress = nothingSpent
  try {
    if (!world.hasOutputFile()) throw notInAWorkflow()
    inputs = loadInputs(world.getInput, world.variables)
    const rotation = prepare(world, report, inputs, await world.context())
    const { secret, narrator, retryFor, environment } = rotation
    narrator.info(
      `Refreshing the Box token pair. Its refresh token, good for one use, is the ${secret.title}.`,
    )
    progress = 'How far the run came, the lines above tell.'
    const pair = await rotate(rotation)
    progress = `The pair is refreshed and stored in the ${secret.title}: nothing is lost.`
    if (world.signals.interrupted.aborted) {
      narrator.info(
        'This run was cancelled while it was refreshing: the pair is stored, and nothing is handed out.',
      )
      return 1
    }

    const { boxApiUrl } = inputs
    const owner = inputs.verify
      ? await verify(
          { environment, network: world, narrator, retryFor, boxApiUrl, subject: subjectOf(rotation) },
          pair.accessToken,
        )
      : undefined
    const left = (pair.expiresAt - serverNow(pair.moment, world.clock)) / 1000
    const result = {
      ...pair,
      expiresIn: Math.max(0, Math.round(left)),
      refreshed: true,
      storedIn: secret.title,
      owner,
    }
    report.handOut(result)
    if (inputs.summary && summaryFile) await report.summarize(result)
    return 0
  } catch (error) {
    if (error instanceof Failure) {
      report.fail(error)
      if (summaryFile && (inputs?.summary ?? true)) await report.summarizeFailure(error)
    } else {
      report.failUnexpectedly(error, progress)
    }
    return 1
  }
}

/** Puts the parts of a run together. */
function prepare(world: World, report: Report, inputs: Inputs, context: WorkflowContext): Rotation {
  const { owner, repo } = inputs.repository
  const client = new GitHubClient({ network: world, apiUrl: inputs.githubApiUrl, token: inputs.githubToken })
  const place =
    inputs.environment === undefined
      ? repositorySecrets(owner, repo)
      : environmentSecrets(owner, repo, inputs.environment)
  return {
    environment: world,
    narrator: report,
    retryFor: inputs.retryFor,
    box: new TokenEndpoint(world, inputs.boxApiUrl, inputs),
    refreshToken: inputs.refreshToken,
    secret: new Secret(client, place, inputs.secretName),
    sealingReady,
    signals: world.signals,
    run: workflowRun(context, client),
    startedAt: 0,
  }
}

/** The run of this job, which need not be a run of the repository that holds the secret. */
function workflowRun(
  { repository, runId, runAttempt }: WorkflowContext,
  client: GitHubClient,
): WorkflowRun | undefined {
  const [owner, repo] = repository.split('/')
  if (!owner || !repo || !Number.isSafeInteger(runId) || runId <= 0) return undefined
  return {
    attempt: runAttempt,
    createdAt: (budget) => readRunCreatedAt(client, { owner, repo, runId }, budget),
  }
}

/** Without its output file a token would have to be printed to be handed out. */
function notInAWorkflow(): Failure {
  return new Failure('bad-input', {
    what: 'GITHUB_OUTPUT does not name a file that can be written: this was not started as a step of a workflow.',
    spent: nothingSpent,
    next: 'Use it with `uses:` in a workflow; to try it here, `npm run demo` runs it against a sandbox.',
  })
}
