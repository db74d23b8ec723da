/** The whole examination: all checks, in the order in which a person would make them. */
import { serverNow, type Clock } from '../../clock.ts'
import { describeGitHub } from '../../rotation/messages.ts'
import { GitHubClient, GitHubUnavailable } from '../../github/client.ts'
import { readRepository } from '../../github/repository.ts'
import { TransportError, type Network } from '../../http/exchange.ts'
import { RetryBudget } from '../../http/retry.ts'
import { sealingReady } from '../../sealing/sealed-box.ts'
import { secretOf, type SecretTarget } from '../../github/target.ts'
import { writeTokenName } from '../write-token.ts'
import { examineApp, findApp, unusedApp, type AppAtHand, type AppParts } from './app.ts'
import { ok, problem, refusedInWords, remedyOr, type Examination, type Finding } from './finding.ts'
import { examineKeepAlive, findWorkflows, type WorkflowsReport } from './keep-alive.ts'
import { examineRefreshToken, examineSecret, examineVisibility, type NeededSecret } from './secrets.ts'
import { examineSharedState, type StateKeys } from './shared-state.ts'
import { isTokenOfRun, sourceOf, type ActionStep, type StepInputs } from './workflow-file.ts'
import { examineWriteToken } from './write-token.ts'
import { levelsOfJob, search } from './levels.ts'

/** What the examination needs from outside. */
export interface ExaminationWorld {
  readonly network: Network
  readonly clock: Clock
  readonly random: () => number
}

/** What is examined, and by what means. */
export interface Patient {
  readonly target: SecretTarget
  /** Prefix of the names of the app's secrets: `BOX`. */
  readonly prefix: string
  readonly stateVariable: string | undefined
  /** GitHub's API, without a final slash. */
  readonly apiUrl: string
  /** `box-token login` with the flags that name the same secret. */
  readonly login: string
  /** The token to look with, and where it is from. */
  readonly token: string
  readonly reader: string
  /** The token that the workflow writes with, if it is at hand. */
  readonly writeToken: string | undefined
  /** The GitHub App that it writes with, as far as it is at hand. */
  readonly gitHubApp: AppAtHand
  /** What opens the shared state, if it is at hand. */
  readonly keys: StateKeys | undefined
  /** Makes one field of a server's answer safe to print. */
  readonly foreign: (text: string) => string
}

/** For how many seconds the examination keeps trying if GitHub does not answer. */
const retryFor = 60
/** An answer that makes no sense is reported at once: it rarely goes away by itself, and a person is waiting. */
const mostSenseless = 1

/** Runs all checks. Only reads, except for the empty write that shows what the write token may do. */
export async function examine(world: ExaminationWorld, patient: Patient): Promise<readonly Finding[]> {
  const { target, apiUrl, token, reader, login, foreign, writeToken, keys, stateVariable } = patient
  const connection = { network: world.network, apiUrl, mostSenseless }
  const client = new GitHubClient({ ...connection, token })
  const budget = new RetryBudget(world, retryFor)
  const findings: Finding[] = []
  /** If GitHub cannot answer one question, that is a finding, and the other checks go on. */
  const attempt = async <T>(subject: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof GitHubUnavailable)) throw error
      const secret = secretOf(client, target)
      const answer = describeGitHub({ secret, retryFor, foreign }, error.last)
      const { last } = error
      const status = last instanceof TransportError ? undefined : last.status
      const movedTo = last instanceof TransportError ? undefined : last.movedTo
      const next =
        movedTo !== undefined
          ? present(foreign(movedTo))
          : status !== undefined && status < 400
            ? `Check --github-api-url (${apiUrl}). A proxy or a sign-in page between this machine and GitHub may have answered instead.`
            : 'Run this again later. For outages, see https://www.githubstatus.com.'
      findings.push(problem(`GitHub gave no usable answer about ${subject}: ${answer}.`, next))
      return undefined
    }
  }

  const base = { client, reader, target, budget, login, foreign }
  const start = await attempt('the repository', () => lookAround(base, world.clock))
  if (!start) return findings
  findings.push(...start.findings)
  const { examination } = start
  if (!examination) return findings

  const workflows = await attempt('the workflows', () => findWorkflows(examination))
  const state =
    stateVariable === undefined
      ? undefined
      : await attempt('the shared state', async () => {
          await sealingReady()
          return examineSharedState(examination, stateVariable, keys)
        })
  const stored = await attempt('the refresh token', () =>
    examineRefreshToken(examination, state?.refreshedAt),
  )
  findings.push(...(stored?.findings ?? []))
  findings.push(...((await attempt('the secret', () => examineVisibility(examination))) ?? []))

  const { inputs: step, app: appStep } = stepOf(workflows)
  const app = await attempt('the GitHub App', () => findApp(examination, appStep))
  const byApp =
    app !== undefined &&
    ((await attempt('what the workflow writes with', () =>
      writesWithApp(examination, { step, appStep, app }),
    )) ??
      false)
  for (const needed of neededSecrets(examination, patient.prefix, step, byApp)) {
    const finding =
      'name' in needed
        ? await attempt(`the secret ${needed.name}`, () => examineSecret(examination, needed))
        : needed
    if (finding) findings.push(finding)
  }
  const source = sourceOf(step, 'github-token')
  if (app && byApp) {
    const found = await attempt('the GitHub App', () =>
      examineApp(examination, { parts: app, atHand: patient.gitHubApp, connection, stateVariable }),
    )
    findings.push(...(found ?? []))
  } else if (source !== 'elsewhere' || writeToken !== undefined) {
    const named = typeof source === 'object' && !isTokenOfRun(step, 'github-token')
    const storedAs = named ? source.secret : writeTokenName
    const finding = await attempt('the write token', () =>
      examineWriteToken(examination, connection, writeToken, storedAs, stored?.placeExists ?? true),
    )
    if (finding) findings.push(finding)
    const unused = app && unusedApp(app)
    if (unused) findings.push(unused)
  }
  if (workflows) {
    const found = await attempt('the runs of the keep-alive workflow', () =>
      examineKeepAlive(examination, workflows, stored?.storedAt),
    )
    findings.push(...(found ?? []))
  }
  findings.push(...(state?.findings ?? []))
  return findings
}

/** What to do about a repository that has been renamed. */
function present(name: string): string {
  return `Use --repo ${name}, set \`repository: ${name}\` in every workflow that names it, and update the git remote.`
}

/** Looks at the repository and at GitHub's clock. Without an `examination`, there is nothing more to check. */
async function lookAround(
  base: Omit<Examination, 'repository' | 'now'>,
  clock: Clock,
): Promise<{ readonly findings: readonly Finding[]; readonly examination: Examination | undefined }> {
  const { client, target, budget, reader, foreign } = base
  const { owner, repo } = target
  if (owner === '') {
    const metadata = await secretOf(client, target).metadata(budget)
    const moment = 'refused' in metadata ? undefined : metadata.moment
    const now = moment && serverNow(moment, clock)
    return { findings: [], examination: { ...base, repository: undefined, now } }
  }
  const repository = await readRepository(client, { owner, repo }, budget)
  if ('renamed' in repository) {
    const to = repository.to === undefined ? undefined : foreign(repository.to)
    const what = `The repository ${owner}/${repo} ${to === undefined ? 'has been renamed or moved' : `is now called ${to}`}: GitHub answers with a redirect, which is not followed.`
    const next =
      to === undefined ? 'Give its current name with --repo, and update the git remote.' : present(to)
    return {
      findings: [problem(what, next)],
      examination: undefined,
    }
  }
  if ('refused' in repository) {
    const answer = refusedInWords(base, repository)
    const finding =
      repository.refused === 401
        ? problem(
            `GitHub does not accept the token from ${reader} ${answer}.`,
            'Set GITHUB_TOKEN in the environment to a valid token, or sign in with `gh auth login`.',
          )
        : problem(
            `The repository ${owner}/${repo} does not exist, or the token from ${reader} has no access to it ${answer}.`,
            remedyOr(
              repository,
              reader,
              'Correct --repo, or set GITHUB_TOKEN in the environment to a token that has access to this repository.',
            ),
          )
    return { findings: [finding], examination: undefined }
  }
  const { moment, isPrivate, isArchived } = repository
  const now = moment && serverNow(moment, clock)
  const examination: Examination = { ...base, repository: { owner, repo, ...repository }, now }
  const its = `The ${isPrivate ? 'private' : 'public'} repository ${foreign(`${owner}/${repo}`)}`
  const finding = isArchived
    ? problem(
        `${its} is archived: its workflows do not run, and nothing can be stored.`,
        'Unarchive it in its settings, or move the workflow and the secrets to another repository.',
      )
    : ok(`${its} exists. The checks below use the token from ${reader}.`)
  return { findings: [finding], examination }
}

/** The step that keeps the token alive, or the one that comes closest. */
function stepOf(workflows: WorkflowsReport | undefined): ActionStep {
  const { keepAlives = [] } = workflows ?? {}
  const step = (keepAlives.find(({ isScheduled }) => isScheduled) ?? keepAlives[0])?.step
  return step ?? { inputs: {}, app: undefined }
}

/** Whether the workflow writes with a GitHub App; if no workflow can be read, whether an App is what is set up. */
async function writesWithApp(
  examination: Examination,
  {
    step,
    appStep,
    app,
  }: { readonly step: StepInputs; readonly appStep: StepInputs | undefined; readonly app: AppParts },
): Promise<boolean> {
  if (appStep) return true
  if (sourceOf(step, 'github-token') !== undefined) return false
  if (!app.hasKey && typeof app.clientId !== 'string') return false
  return (await search(levelsOfJob(examination), writeTokenName)).holder === undefined
}

/** The other secrets that the workflow needs, by the names it uses, or else by the names that `login` gives them. */
function neededSecrets(
  { client, login, target }: Examination,
  prefix: string,
  step: StepInputs,
  byApp: boolean,
): readonly (NeededSecret | Finding)[] {
  const needed: (NeededSecret | Finding)[] = []
  const add = (input: string, preset: string, holds: string, next: string): void => {
    const source = sourceOf(step, input)
    if (source === 'elsewhere') {
      needed.push(ok(`The workflow does not take its ${holds} from a secret: not checked.`))
      return
    }
    // A workflow that can be read needs what it names. Without one, the run may create its own write token.
    const missing = source || input !== 'github-token' ? 'problem' : 'warning'
    needed.push({ name: source?.secret ?? preset, holds, missing, next })
  }
  const fromBox = `Run \`${login}\`, which stores it. You find it on the app's Configuration page in the Box Developer Console.`
  add('client-id', `${prefix}_CLIENT_ID`, 'client id', fromBox)
  add('client-secret', `${prefix}_CLIENT_SECRET`, 'client secret', fromBox)
  const read = sourceOf(step, 'refresh-token')
  if (typeof read === 'object' && read.secret.toUpperCase() !== target.secretName.toUpperCase()) {
    needed.push(
      problem(
        `The workflow reads the refresh token from the secret ${read.secret}, but the action writes it to ${target.secretName}: the stored token is never used.`,
        `In the workflow, set \`secret-name: ${read.secret}\`, or set \`refresh-token\` to \`\${{ secrets.${target.secretName} }}\`.`,
      ),
    )
  }
  // The App's parts are examined separately.
  if (byApp) return needed
  const { place } = secretOf(client, target)
  if (isTokenOfRun(step, 'github-token')) {
    needed.push(
      problem(
        'The workflow passes GITHUB_TOKEN as `github-token`, but GITHUB_TOKEN cannot write secrets, whatever its permissions.',
        `Run \`${login} --github-app\` and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with ${place.permission}, run \`${login}\` with it as ${writeTokenName} in the environment, and set \`github-token\` to \`\${{ secrets.${writeTokenName} }}\`.`,
      ),
    )
    return needed
  }
  add(
    'github-token',
    writeTokenName,
    'write token',
    `Run \`${login} --github-app\` and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with ${place.permission}, and run \`${login}\` with it as ${writeTokenName} in the environment.`,
  )
  return needed
}
