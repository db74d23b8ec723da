/** What the runner says about the workflow run, through `@actions/github`. */
import { context } from '@actions/github'
import type { Trigger } from './inputs.ts'
import { isRecord } from '../json.ts'

/** The run that this process belongs to. */
export interface WorkflowContext {
  /** `owner/name` of the repository whose workflow runs; `''` outside of a workflow. */
  readonly repository: string
  /** `NaN` outside of a workflow. */
  readonly runId: number
  /** 1 for the first attempt, higher for a re-run. */
  readonly runAttempt: number
  /** What started the run, if GitHub gives such runs no secrets. */
  readonly trigger: Trigger
}

/** Reads the context of this process from its environment variables and the event file. */
export function workflowContext(environment: Readonly<Record<string, string | undefined>>): WorkflowContext {
  const { runId, runAttempt } = context
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  return { repository, runId, runAttempt, trigger: triggerOf(repository) }
}

/** GitHub Docs: "Events that trigger workflows" (pull requests from forks), "Automating Dependabot with GitHub Actions". */
function triggerOf(repository: string): Trigger {
  if (context.actor === 'dependabot[bot]') return 'dependabot'
  // `pull_request_target` runs in the base repository, with its secrets.
  // Undefined outside of a workflow, whatever its type says.
  const event: unknown = context.eventName
  if (typeof event !== 'string' || !event.startsWith('pull_request') || event === 'pull_request_target')
    return undefined
  const pull: unknown = context.payload.pull_request
  const head = isRecord(pull) ? pull['head'] : undefined
  if (!isRecord(head)) return undefined
  // Null for a deleted fork.
  const name = isRecord(head['repo']) ? head['repo']['full_name'] : null
  return name === repository ? undefined : 'fork'
}
