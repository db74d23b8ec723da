/** What a workflow file says about the action, as far as can be told without running it. */
import { parse } from 'yaml'
import { isRecord } from '../../json.ts'
import type { SecretTarget } from '../../github/target.ts'

/** The `with:` block of one step that uses the action. */
export type StepInputs = Readonly<Record<string, string>>

/** One step that uses the action. */
export interface ActionStep {
  readonly inputs: StepInputs
  /** The `with:` block of the step in the same job that creates a GitHub App token for it. */
  readonly app: StepInputs | undefined
}

/** A workflow file. */
export interface WorkflowFile {
  /** Whether it has a schedule. */
  readonly isScheduled: boolean
  /** The steps that use the action. */
  readonly steps: readonly ActionStep[]
}

/** The action, whoever owns its repository: `owner/box-token-action@v1`. */
const actionReference = /^[^\s@]+\/box-token-action(?:\/[^\s@]*)?@/i

/** The action that creates a GitHub App token. */
const appTokenReference = /^actions\/create-github-app-token@/i

/**
 * Reads a workflow file.
 *
 * @returns `undefined` if it is not YAML; GitHub does not run such a file either
 */
export function readWorkflowFile(text: string): WorkflowFile | undefined {
  let root: unknown
  try {
    root = parse(text, { logLevel: 'error' })
  } catch {
    return undefined
  }
  if (!isRecord(root)) return undefined
  const { on: triggers, jobs } = root
  const schedule = isRecord(triggers) ? triggers['schedule'] : undefined
  const steps: ActionStep[] = []
  for (const job of isRecord(jobs) ? Object.values(jobs) : []) {
    const list: unknown = isRecord(job) ? job['steps'] : undefined
    const apps = new Map<string, StepInputs>()
    for (const step of Array.isArray(list) ? (list as unknown[]) : []) {
      if (!isRecord(step) || typeof step['uses'] !== 'string') continue
      const inputs = inputsOf(step['with'])
      if (appTokenReference.test(step['uses']) && typeof step['id'] === 'string') apps.set(step['id'], inputs)
      if (!actionReference.test(step['uses'])) continue
      const maker = /^\s*\$\{\{\s*steps\.([\w-]+)\.outputs\.token\s*\}\}\s*$/.exec(
        inputs['github-token'] ?? '',
      )?.[1]
      steps.push({ inputs, app: maker === undefined ? undefined : apps.get(maker) })
    }
  }
  return { isScheduled: Array.isArray(schedule) && schedule.length > 0, steps }
}

function inputsOf(block: unknown): StepInputs {
  const entries = Object.entries(isRecord(block) ? block : {})
  // Input names are case-insensitive.
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), scalarText(value)] as const))
}

function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

/**
 * Whether a step refreshes the token in a secret. An expression is not evaluated here: it counts as a match.
 *
 * @param repository `owner/name` of the repository that the workflow is in
 */
export function keepsAlive(step: StepInputs, target: SecretTarget, repository: string): boolean {
  if (/^(?:false|False|FALSE)$/.test(step['auto-refresh'] ?? '')) return false
  const fits = (name: string, wanted: string, preset = ''): boolean => {
    const given = step[name] ?? ''
    return given.includes('${{') || (given || preset).toLowerCase() === wanted.toLowerCase()
  }
  return (
    fits('secret-name', target.secretName, 'BOX_REFRESH_TOKEN') &&
    fits('organization', target.organization ?? '') &&
    fits('environment', target.environment ?? '') &&
    (target.organization !== undefined || fits('repository', repository, repository))
  )
}

/**
 * The secret that an input comes from: `${{ secrets.NAME }}`.
 *
 * @returns its name; `elsewhere` if the input is something else (a variable, the output of a step); `undefined` if it
 *   is not given
 */
export function sourceOf(
  step: StepInputs,
  input: string,
): { readonly secret: string } | 'elsewhere' | undefined {
  const value = step[input]
  if (value === undefined) return undefined
  const name = nameIn(value, 'secrets')
  return name === undefined ? 'elsewhere' : { secret: name }
}

/** The name in an expression that is nothing but a secret or a variable: `${{ vars.NAME }}`. */
export function nameIn(value: string | undefined, context: 'secrets' | 'vars'): string | undefined {
  const found = /^\s*\$\{\{\s*(secrets|vars)\.([A-Za-z_]\w*)\s*\}\}\s*$/.exec(value ?? '')
  return found?.[1] === context ? found[2] : undefined
}

/** Whether an input is the token that GitHub gives every run: it cannot write secrets, whatever its permissions. */
export function isTokenOfRun(step: StepInputs, input: string): boolean {
  return /^\s*\$\{\{\s*(?:secrets\.GITHUB_TOKEN|github\.token)\s*\}\}\s*$/i.test(step[input] ?? '')
}
