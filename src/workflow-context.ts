/** What the runner tells about the workflow run, through `@actions/github`. */
import { context } from '@actions/github'

/** The run that this process belongs to. */
export interface WorkflowContext {
  /** `owner/name` of the repository whose workflow runs; `''` outside of a workflow. */
  readonly repository: string
  /** `NaN` outside of a workflow. */
  readonly runId: number
  /** 1 for the first attempt, higher for a re-run. */
  readonly runAttempt: number
}

/** Reads the context of this process from its environment variables. */
export function workflowContext(environment: Readonly<Record<string, string | undefined>>): WorkflowContext {
  const { runId, runAttempt } = context
  return { repository: environment['GITHUB_REPOSITORY'] ?? '', runId, runAttempt }
}
