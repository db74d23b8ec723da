/** Whether a workflow keeps the token alive: it uses the action on a schedule, is enabled, and its runs succeed. */
import {
  readFileText,
  readLastRun,
  readWorkflows,
  type FinishedRun,
  type Workflow,
} from '../../github/workflows.ts'
import type { Refused } from '../../github/secret-store.ts'
import {
  agoInWords,
  daysInWords,
  ok,
  problem,
  refusedInWords,
  remedyOr,
  warning,
  wholeDays,
  type Examination,
  type Finding,
} from './finding.ts'
import { keepsAlive, readWorkflowFile, type ActionStep } from './workflow-file.ts'

/** Days without activity after which GitHub disables the schedules of a public repository (GitHub Docs, "schedule"). */
const inactiveDays = 60
/** Days without a push after which that is worth a warning. */
const quietDays = 30
/** How many files to read at a time: GitHub limits concurrent requests. */
const atATime = 10

/** A workflow that refreshes the token of the examined secret. */
export interface KeepAlive {
  readonly workflow: Workflow
  readonly isScheduled: boolean
  /** Its step. */
  readonly step: ActionStep
}

/** What was found among the workflows. */
export interface WorkflowsReport {
  readonly keepAlives: readonly KeepAlive[]
  /** Workflows that use the action, but for another secret. */
  readonly others: readonly Workflow[]
  /** GitHub's refusal of the list, or of the first file that could not be read. */
  readonly refused: Refused | undefined
  /** How many files could not be read. */
  readonly unread: number
}

/**
 * Looks for the workflows that use the action.
 *
 * @throws GitHubUnavailable
 */
export async function findWorkflows(examination: Examination): Promise<WorkflowsReport> {
  const { client, repository, target, budget } = examination
  const keepAlives: KeepAlive[] = []
  const others: Workflow[] = []
  const nothing = { keepAlives, others, refused: undefined, unread: 0 }
  if (!repository) return nothing
  const list = await readWorkflows(client, repository, budget)
  if ('refused' in list) return { ...nothing, refused: list }
  // GitHub also lists workflows of its own (Pages, CodeQL), under paths that are not files.
  const files = list.filter(({ path, state }) => path.startsWith('.github/workflows/') && state !== 'deleted')
  const slug = `${repository.owner}/${repository.repo}`
  let refused: Refused | undefined
  let unread = 0
  for (let from = 0; from < files.length; from += atATime) {
    const some = files.slice(from, from + atATime)
    const read = await Promise.all(
      some.map(async (workflow) => ({
        workflow,
        content: await readFileText(client, repository, workflow.path, budget),
      })),
    )
    for (const { workflow, content } of read) {
      if ('text' in content) {
        const file = readWorkflowFile(content.text)
        const step = file?.steps.find(({ inputs }) => keepsAlive(inputs, target, slug))
        if (file && step) keepAlives.push({ workflow, isScheduled: file.isScheduled, step })
        else if (file && file.steps.length > 0) others.push(workflow)
      } else if (!('refused' in content)) {
        unread += 1
      } else if (content.refused !== 404) {
        // 404: the file is not on the default branch, and then its schedule does not run.
        refused ??= content
        unread += 1
      }
    }
  }
  return { keepAlives, others, refused, unread }
}

/**
 * Turns what was found into findings.
 *
 * @param storedAt when the refresh token was last stored, in milliseconds since 1970 (UTC)
 * @throws GitHubUnavailable
 */
export async function examineKeepAlive(
  examination: Examination,
  report: WorkflowsReport,
  storedAt: number | undefined,
): Promise<readonly Finding[]> {
  const { repository } = examination
  if (!repository) {
    return [
      warning(
        'Could not look for a keep-alive workflow: no repository was given.',
        'Give --repo owner/name as well as --organization.',
      ),
    ]
  }
  const scheduled = report.keepAlives.filter(({ isScheduled }) => isScheduled)
  if (scheduled.length === 0) return [noKeepAlive(examination, report)]
  const someEnabled = scheduled.some(({ workflow }) => workflow.state === 'active')
  const findings: Finding[] = []
  for (const { workflow } of scheduled) {
    findings.push(
      workflow.state === 'active'
        ? await examineRuns(examination, workflow, repository.defaultBranch, storedAt)
        : disabled(examination, workflow, someEnabled),
    )
  }
  if (!repository.isPrivate && someEnabled) findings.push(scheduleTrap(examination))
  return findings
}

function noKeepAlive(
  examination: Examination,
  { keepAlives, others, refused, unread }: WorkflowsReport,
): Finding {
  const { reader, foreign } = examination
  if (unread > 0 || refused) {
    const answer = refused ? ` ${refusedInWords(examination, refused)}` : ''
    const what =
      unread > 0 ? `${unread} of the workflow files could not be read` : 'the workflows could not be read'
    const permissions = '"Actions: Read" and "Contents: Read"'
    const give = `The token from ${reader} needs ${permissions}.`
    return warning(
      `Could not check whether a workflow keeps the token alive: ${what}${answer}.`,
      refused ? remedyOr(refused, reader, give) : give,
    )
  }
  const paths = (workflows: readonly Workflow[]): string =>
    workflows.map(({ path }) => foreign(path)).join(', ')
  const unscheduled = keepAlives.map(({ workflow }) => workflow)
  const besides = [
    ...(unscheduled.length === 0 ? [] : [`used without a schedule: ${paths(unscheduled)}`]),
    ...(others.length === 0 ? [] : [`used for another secret: ${paths(others)}`]),
  ]
  return warning(
    `No keep-alive workflow: no workflow on the default branch uses box-token-action on a schedule for this secret${besides.length === 0 ? '' : ` (${besides.join('; ')})`}.`,
    'Copy the workflow from the README: the refresh token expires after 60 days without a run.',
  )
}

const whyDisabled: Readonly<Record<string, string>> = {
  disabled_inactivity:
    'GitHub disabled it, as it does with scheduled workflows in a public repository after 60 days without activity',
  disabled_manually: 'somebody disabled it by hand',
  disabled_fork: 'GitHub disables scheduled workflows in forks',
}

function disabled(examination: Examination, { path, state }: Workflow, anotherIsEnabled: boolean): Finding {
  const { foreign } = examination
  const why = whyDisabled[state] ?? `its state on GitHub is "${foreign(state)}"`
  const what = `The keep-alive workflow ${foreign(path)} is disabled: ${why}.`
  const page = pageOf(examination, path)
  return anotherIsEnabled
    ? warning(what, `Enable it on ${page} if you want it to run as well as the other one.`)
    : problem(what, `Enable it on ${page} ("Enable workflow"), then run it there once.`)
}

/** A workflow's page on GitHub, where a person enables and starts it. */
function pageOf({ repository, foreign }: Examination, path: string): string {
  return foreign(`${repository?.page ?? ''}/actions/workflows/${path.split('/').at(-1) ?? ''}`)
}

/** Conclusions of a run that need nobody's attention by themselves. */
const harmless = new Set(['neutral', 'skipped'])

async function examineRuns(
  examination: Examination,
  workflow: Workflow,
  branch: string,
  storedAt: number | undefined,
): Promise<Finding> {
  const { client, repository, budget, foreign, reader } = examination
  const its = `The keep-alive workflow ${foreign(workflow.path)} is enabled`
  const start = `Start it on ${pageOf(examination, workflow.path)} ("Run workflow")`
  if (!repository) return ok(`${its}.`)
  const run = await readLastRun(client, repository, workflow.id, branch, budget)
  if (run === undefined) return warning(`${its}, but has not run yet.`, `${start} to check that it works.`)
  if ('refused' in run) {
    return warning(
      `${its}, but its runs could not be checked ${refusedInWords(examination, run)}.`,
      remedyOr(run, reader, `The token from ${reader} needs "Actions: Read".`),
    )
  }
  return judgeRun(examination, its, start, run, storedAt)
}

function judgeRun(
  examination: Examination,
  its: string,
  start: string,
  { conclusion, createdAt, page }: FinishedRun,
  storedAt: number | undefined,
): Finding {
  const { foreign } = examination
  const when = agoInWords(examination, createdAt)
  if (conclusion === 'success') return ok(`${its}; its last run, ${when}, succeeded.`)
  const ended = `${its}, but its last run, ${when}, ended with "${foreign(conclusion)}": ${foreign(page)}`
  if (conclusion === 'cancelled' || harmless.has(conclusion)) return warning(`${ended}.`, `${start}.`)
  if (storedAt !== undefined && storedAt >= createdAt) {
    return warning(
      `${ended}; the refresh token has been stored since that run was queued.`,
      `${start}. If it fails again, its error annotation says what to do.`,
    )
  }
  return problem(`${ended}.`, 'Open that run: its error annotation says what to do.')
}

/** The second of the two 60-day limits; the first is Box's. */
function scheduleTrap({ repository, now }: Examination): Finding {
  const rule = `The repository is public: GitHub disables its scheduled workflows after ${inactiveDays} days without activity`
  const pushedAt = repository?.pushedAt
  if (now === undefined || pushedAt === undefined) {
    return warning(
      `${rule}.`,
      'From time to time, check on the Actions page that the workflow is still enabled.',
    )
  }
  const days = Math.max(0, wholeDays(now - pushedAt))
  const last = `${rule}; the last push was ${days === 0 ? 'today' : `${daysInWords(days)} ago`}`
  return days < quietDays
    ? ok(`${last}.`)
    : warning(
        `${last}.`,
        'Check that the workflow is still enabled after those 60 days. In a private repository, GitHub does not disable it.',
      )
}
