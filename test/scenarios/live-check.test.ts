/** scripts/live-check.ts, started as in its workflow, against the sandbox: it finds out which reading Box follows. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { repository, Sandbox, secretName, writeToken } from '../sandbox/sandbox.ts'
import { openStored, secretsOf } from './support.ts'

const script = join(import.meta.dirname, '..', '..', 'scripts', 'live-check.ts')
const environment = 'live-check'
const readToken = 'github_pat_11AAAAAAA0sandbox_mayReadOnly'

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(command: string, env: Readonly<Record<string, string>>): Promise<Finished> {
  const child = spawn(process.execPath, [script, command], { env: { PATH: process.env['PATH'], ...env } })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { code, stdout, stderr }
}

/** The environment of the job, with its inputs. */
function jobOf(sandbox: Sandbox, attempt: number): Record<string, string> {
  const { secrets } = sandbox.github.startJob(sandbox.github.queueRun(repository), environment)
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: '77',
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_JOB: 'measure',
    GITHUB_API_URL: sandbox.githubServer.url,
    BOX_API_URL: sandbox.boxServer.url,
    BOX_CLIENT_ID: sandbox.box.clientId,
    BOX_CLIENT_SECRET: sandbox.box.clientSecret,
    BOX_REFRESH_TOKEN: secrets[secretName] ?? '',
    WRITE_TOKEN: writeToken,
    READ_TOKEN: readToken,
    REPOSITORY_MARK: secrets['LIVE_CHECK_REPOSITORY_MARK'] ?? '',
    ENVIRONMENT_MARK: secrets['LIVE_CHECK_ENVIRONMENT_MARK'] ?? '',
    REPLAY_AFTER: '0',
  }
}

/** The answers in the table, by question. */
function answersIn(stdout: string): Map<string, string> {
  const rows = [...stdout.matchAll(/^\| (.*?) \| (.*) \|$/gm)]
  return new Map(rows.map(([, question = '', answer = '']) => [question, answer]))
}

/** The log as the runner would show it: without mask commands. */
function shown(stdout: string): string {
  return stdout
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}

describe.each(readings)('Box read as %s', (reading) => {
  test('it finds the reading, stores the live token, and shows no token', async () => {
    await using sandbox = await Sandbox.start({ reading, environment })
    sandbox.github.tokens.set(readToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'read', environments: 'read' },
    })
    const first = await run('measure', jobOf(sandbox, 1))
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    const answers = answersIn(first.stdout)
    expect(answers.get('so Box behaves as')).toBe(reading)
    expect(answers.get('the stored refresh token')).toBe('a pair')
    expect(sandbox.box.takes(openStored(sandbox))).toBe(reading !== 'family')
    for (const secret of secretsOf(sandbox)) expect(shown(first.stdout)).not.toContain(secret)

    // Empty writes, which have no effect; the token tells them apart.
    for (const place of ['repository', 'environment']) {
      const asked = (token: string): string =>
        answers.get(`empty write to a ${place} secret that is there, with a token that ${token}`) ?? ''
      expect(asked('may write')).toMatch(/^422 /)
      expect(asked('may read')).toMatch(/^403 /)
      expect(asked('is no token')).toMatch(/^401 /)
      expect(answers.get(`did the empty writes make a ${place} secret?`)).toBe('no')
    }

    // The next run is given what this one wrote.
    expect(answers.get("mark in the repository's secret, given to measure of run 77, attempt 1")).toBe('none')
    const later = await run('look', jobOf(sandbox, 2))
    expect([...answersIn(later.stdout).values()].slice(-2)).toEqual(
      Array(2).fill('that of run 77, attempt 1'),
    )
  })
})

test('the plan is shown without credentials, and uses nothing', async () => {
  const { code, stdout, stderr } = await run('plan', {})
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('Box may end everything that came from the same log-in')
})

test('a dead refresh token is reported, and nothing more is sent', async () => {
  await using sandbox = await Sandbox.start({ reading: 'strict', environment })
  sandbox.box.revokeAll()
  const { stdout } = await run('measure', jobOf(sandbox, 1))
  const answers = answersIn(stdout)
  expect(answers.get('the stored refresh token')).toMatch(/^refused: invalid_grant/)
  expect(answers.get('nothing more was asked')).toContain('log in again')
})
