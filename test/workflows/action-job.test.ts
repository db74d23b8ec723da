/** Plays the job of test.yml that uses the action as it is: its scripts with bash, its `uses: ./` with the bundle. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Job as SandboxJob } from '../sandbox/github.ts'
import {
  parseFileCommand,
  readManifest,
  runPostStep,
  runStep,
  type Step,
  type StepResult,
} from '../sandbox/runner.ts'
import type { Job } from './samples.ts'

const root = join(import.meta.dirname, '..', '..')

/** A step in the workflow. */
interface WorkflowStep {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, string>>
  readonly 'continue-on-error'?: boolean
}

/** The result of a step that has run. */
interface Done {
  readonly outputs: Readonly<Record<string, string>>
  readonly outcome: 'success' | 'failure'
}

const job: SandboxJob = {
  run: { id: 77, repository: 'owner/box-token-action', createdAt: Date.now(), attempt: 1, secrets: {} },
  secrets: {},
}

test.skipIf(process.platform === 'win32')('the job "action" of test.yml passes', async () => {
  const text = await readFile(join(root, '.github/workflows/test.yml'), 'utf8')
  const { jobs } = parse(text) as { jobs: Record<string, Omit<Job, 'steps'> & { steps: WorkflowStep[] }> }
  const steps = jobs['action']?.steps ?? []
  const from = steps.findIndex(({ id }) => id === 'sandbox')
  expect(from).toBeGreaterThan(0)
  // The steps before it check out and install.
  expect(steps.slice(0, from).map(({ uses, run }) => uses?.split('@')[0] ?? run)).toEqual([
    'actions/checkout',
    'actions/setup-node',
    'npm ci --ignore-scripts --no-audit --no-fund',
  ])

  const done = new Map<string, Done>()
  const exported: Record<string, string> = {}
  const used: { step: Step; result: StepResult }[] = []
  const valueOf = (value: string | number | boolean): string =>
    String(value).replaceAll(
      /\$\{\{ steps\.(\w+)\.(outcome|outputs\.([\w-]+)) \}\}/g,
      (_all, id: string, what: string, output = '') => {
        const step = done.get(id)
        return (what === 'outcome' ? step?.outcome : step?.outputs[String(output)]) ?? ''
      },
    )

  const script = async (step: WorkflowStep): Promise<Done> => {
    const folder = await mkdtemp(join(tmpdir(), 'box-token-script-'))
    try {
      const output = join(folder, 'output')
      await writeFile(output, '')
      const env = Object.entries(step.env ?? {}).map(([name, value]) => [name, valueOf(value)])
      const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-e', '-c', step.run ?? ''], {
        cwd: root,
        encoding: 'utf8',
        timeout: 30_000,
        env: {
          PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
          GITHUB_OUTPUT: output,
          GITHUB_REPOSITORY: job.run.repository,
          GITHUB_RUN_ID: String(job.run.id),
          ...exported,
          ...(Object.fromEntries(env) as Record<string, string>),
        },
      })
      expect(`${step.name}: ${status}`, stderr).toBe(`${step.name}: 0`)
      return { outputs: parseFileCommand(await readFile(output, 'utf8')), outcome: 'success' }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  const action = async (step: WorkflowStep): Promise<Done> => {
    const inputs = Object.entries(step.with ?? {}).map(([name, value]) => [name, valueOf(value)])
    const started: Step = {
      job,
      apiUrl: 'http://127.0.0.1:9',
      with: Object.fromEntries(inputs) as Record<string, string>,
    }
    const result = await runStep(started)
    used.push({ step: started, result })
    Object.assign(exported, result.exported)
    const outcome = result.exitCode === 0 ? 'success' : 'failure'
    if (!step['continue-on-error']) expect(`${step.id}: ${outcome}`, result.log).toBe(`${step.id}: success`)
    return { outputs: result.outputs, outcome }
  }

  const last = steps.length - 1
  try {
    for (const step of steps.slice(from, last)) {
      const result = step.uses === './' ? await action(step) : await script(step)
      if (step.id !== undefined) done.set(step.id, result)
    }
    // The runner runs the post steps in reverse order.
    for (const { step, result } of used.toReversed()) {
      const post = await runPostStep(step, result.state)
      expect(post.exitCode, post.log).toBe(0)
    }
  } finally {
    if (done.has('sandbox')) await script(steps[last] ?? {})
  }
  expect(used).toHaveLength(3)
  expect((await readManifest()).runs.post).toBeDefined()
})
