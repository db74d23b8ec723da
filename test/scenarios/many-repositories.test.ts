/** One Box user for many repositories, as in docs/many-repositories.md, and jobs that run for longer than an hour. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { organizationName, repository, type Sandbox } from '../sandbox/sandbox.ts'
import { documentedSamples, workflowIn } from '../workflows/samples.ts'
import { appSandbox, makeAndInstall, runPrintedWithApp, startAppLogin, theApp } from './app-support.ts'
import { goThrough } from './login-support.ts'
import { expectGood, startSandbox, tokenRequests } from './support.ts'

const hour = 3_600_000
const other = `${organizationName}/exports`
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'many-repositories.md'), 'utf8')

/** A workflow on the page, for the sandbox's organization, without the steps after the action. */
function sampleOf(name: string): string {
  const text = new RegExp(`\`\`\`yaml\\n(name: ${name}\\n[^]*?)\`\`\``).exec(page)?.[1] ?? ''
  const workflow = parse(text.replaceAll('acme', organizationName)) as {
    jobs: Record<string, { steps: unknown[] }>
  }
  const [job] = Object.values(workflow.jobs)
  return JSON.stringify({ jobs: { box: { steps: job?.steps.slice(0, 2) } } })
}

/** The organization as the page sets it up: sign-in, App on both repositories, secrets and variable for both. */
async function organization(args: readonly string[], visibility: string): Promise<Sandbox> {
  const sandbox = await appSandbox({ reading: 'strict' })
  sandbox.github.addRepository(other)
  const logIn = await startAppLogin(sandbox, {
    args: ['--organization', organizationName, '--repo', repository, '--visibility', visibility, ...args],
  })
  await makeAndInstall(logIn)
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(result.exitCode, result.stderr).toBe(0)
  sandbox.clock.advance(60_000)
  return sandbox
}

/** A person adds the other repository on GitHub's settings pages. */
function addRepository(sandbox: Sandbox): void {
  const { github } = sandbox
  const store = github.organizations.get(organizationName)
  const ids = [...github.repositories.values()].map(({ id }) => id)
  if (!store) throw new Error('the organization is there')
  for (const [name, secret] of store.secrets) store.secrets.set(name, { ...secret, selected: ids })
  for (const [name, variable] of store.variables) store.variables.set(name, { ...variable, selected: ids })
  github.apps.install(theApp(sandbox), [repository, other])
}

test.concurrent('two repositories share one token through an organization secret and variable', async () => {
  await using sandbox = await organization(['--state-variable', 'BOX_TOKEN_STATE'], 'selected')
  addRepository(sandbox)
  const workflow = sampleOf('Export to Box')
  const before = tokenRequests(sandbox)

  // At the same time: one refreshes, the other uses its result.
  const both = await Promise.all(
    [repository, other].map((name) => runPrintedWithApp(sandbox, workflow, name)),
  )
  expect(both.map(({ errors }) => errors)).toEqual([[], []])
  const tokens = new Set(both.map(({ outputs }) => outputs['access-token']))
  expect(tokens.size).toBe(1)
  expect(both.filter(({ outputs }) => outputs['refreshed'] === 'true')).toHaveLength(1)
  expect(tokenRequests(sandbox)).toBe(before + 1)

  // Later, one by one: within the hour nothing is used; after that, the first job refreshes.
  sandbox.clock.advance(hour / 4)
  expectGood(sandbox, await runPrintedWithApp(sandbox, workflow, other), false)
  for (const name of [other, repository, other]) {
    sandbox.clock.advance(24 * hour)
    expectGood(sandbox, await runPrintedWithApp(sandbox, workflow, name), true)
  }
  expect(tokenRequests(sandbox)).toBe(before + 4)

  // The secret is still available to the repositories that the person chose.
  const store = sandbox.github.organizations.get(organizationName)
  expect(store?.secrets.get('BOX_REFRESH_TOKEN')?.selected).toHaveLength(2)
  expect(sandbox.box.takes(store?.value('BOX_REFRESH_TOKEN') ?? '')).toBe(true)
  expect(sandbox.violations).toEqual([])
})

test.concurrent('one rotator stores the access token for the others, which hold nothing else', async () => {
  await using sandbox = await organization([], 'selected')
  const store = sandbox.github.organizations.get(organizationName)
  if (!store) throw new Error('the organization is there')
  sandbox.github.setSecret(store, 'BOX_ACCESS_TOKEN', 'not-yet', { visibility: 'private' })
  for (let turn = 0; turn < 3; turn += 1) {
    expectGood(sandbox, await runPrintedWithApp(sandbox, sampleOf('Rotate the Box token')), true)
    const { secrets } = sandbox.github.startJob(sandbox.github.queueRun(other))
    expect(Object.keys(secrets)).toEqual(['BOX_ACCESS_TOKEN'])
    expect(sandbox.box.accepts(secrets['BOX_ACCESS_TOKEN'] ?? '')).toBe(true)
    sandbox.clock.advance(hour / 2)
  }
})

describe.concurrent(
  'a job that runs for longer than an hour, as shown in docs/using-the-token.md',
  async () => {
    const samples = await documentedSamples()
    const sample = samples.find(
      ({ title, text }) => title.startsWith('docs/using-the-token.md') && text.includes('id: again'),
    )
    const inputs = (id: string): Record<string, string> => {
      const { steps } = Object.values(sample ? workflowIn(sample).jobs : {})[0] ?? { steps: [] }
      const given = steps.find((step) => step.id === id)?.with ?? {}
      return Object.fromEntries(
        Object.entries(given)
          .filter(([, value]) => !String(value).includes('${{'))
          .map(([name, value]) => [name, String(value)]),
      )
    }
    const inMinutes = (sandbox: Sandbox, minutes: number): void => sandbox.clock.advance(minutes * 60_000)

    test('each part of the work has a token that lasts', async () => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      // It is one job: its copy of the secret is from its start.
      const job = sandbox.startJob()
      const first = await sandbox.run({ job, with: inputs('box') })
      expectGood(sandbox, first, true)
      inMinutes(sandbox, 49)
      expect(sandbox.box.accepts(first.outputs['access-token'] ?? '')).toBe(true)
      const second = await sandbox.run({ job, with: inputs('again') })
      expectGood(sandbox, second, true)
      inMinutes(sandbox, 49)
      expect(sandbox.box.accepts(second.outputs['access-token'] ?? '')).toBe(true)
      const third = await sandbox.run({ job, with: inputs('again') })
      expectGood(sandbox, third, true)
      expect(first.warnings.concat(second.warnings, third.warnings)).toEqual([])
      expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    })

    test('while enough time is left, the second use of the action refreshes nothing', async () => {
      await using sandbox = await startSandbox()
      const job = sandbox.startJob()
      const first = await sandbox.run({ job, with: inputs('box') })
      inMinutes(sandbox, 10)
      const second = await sandbox.run({ job, with: inputs('again') })
      expectGood(sandbox, second, false)
      expect(second.outputs['access-token']).toBe(first.outputs['access-token'])
    })

    test('a long job can end the token of a job that asks for less', async () => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      const long = sandbox.startJob()
      expectGood(sandbox, await sandbox.run({ job: long, with: inputs('box') }), true)
      inMinutes(sandbox, 25)
      const short = { ...inputs('box'), 'minimum-validity': '5' }
      const taken = await sandbox.run({ with: short })
      expectGood(sandbox, taken, false)
      expectGood(sandbox, await sandbox.run({ job: long, with: inputs('again') }), true)
      // It was to be valid for another 40 minutes; using the action again gives the job the new one.
      const again = await sandbox.run({ with: short })
      expectGood(sandbox, again, false)
      await sandbox.run({ with: { ...short, verify: 'true' } })
      expect(sandbox.box.accepts(taken.outputs['access-token'] ?? '')).toBe(false)
      expect(sandbox.box.accepts(again.outputs['access-token'] ?? '')).toBe(true)
    })

    test('a lifetime that Box never gives: the token comes with a warning, without a race of refreshes', async () => {
      await using sandbox = await startSandbox()
      const wish = { ...inputs('box'), 'minimum-validity': '120' }
      const jobs = await Promise.all([sandbox.run({ with: wish }), sandbox.run({ with: wish })])
      expect(jobs.map(({ errors }) => errors)).toEqual([[], []])
      expect(jobs.some(({ warnings }) => warnings.length > 0)).toBe(true)
      expect(tokenRequests(sandbox)).toBeLessThanOrEqual(2)
    })
  },
)
