/** What a step loads: the files of `dist`, as seen by Node.js's own module hooks. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replies } from '../sandbox/faults.ts'
import { runPostStep } from '../sandbox/runner.ts'
import { Sandbox } from '../sandbox/sandbox.ts'

/** The maximum of JavaScript that a run may load, in bytes (not minified). */
const budget = 800_000
const usage = new URL('../../scripts/bench/usage.mjs', import.meta.url).href
let folder = ''
let runs = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-token-footprint-'))
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

/** The environment of a step that is observed, and the files that it loaded, once it has ended. */
function watched(): {
  readonly env: Readonly<Record<string, string>>
  readonly loaded: () => Promise<string[]>
} {
  runs += 1
  const file = join(folder, `${runs}.json`)
  return {
    env: { NODE_OPTIONS: `--import ${usage}`, USAGE: file, USAGE_MODULES: '1' },
    loaded: async () => {
      const { modules } = JSON.parse(await readFile(file, 'utf8')) as { modules: Record<string, number> }
      const size = Object.values(modules).reduce((sum, bytes) => sum + bytes, 0)
      expect(size).toBeGreaterThan(0)
      expect(size).toBeLessThan(budget)
      return Object.keys(modules)
        .map((url) => basename(fileURLToPath(url)))
        .toSorted()
    },
  }
}

test('a run that refreshes loads main.js and libsodium.js, and its post step only post.js', async () => {
  await using sandbox = await Sandbox.start()
  const main = watched()
  const step = sandbox.step({ env: main.env })
  const result = await sandbox.run({ env: main.env })
  expect(result.exitCode).toBe(0)
  expect(await main.loaded()).toEqual(['libsodium.js', 'main.js'])
  expect(result.state).toMatchObject({ progress: 'settled' })

  const post = watched()
  expect((await runPostStep({ ...step, env: post.env }, result.state)).exitCode).toBe(0)
  expect(await post.loaded()).toEqual(['post.js'])
})

test('so does a run that uses a shared token', async () => {
  await using sandbox = await Sandbox.start()
  const sharing = { 'state-variable': 'BOX_STATE' }
  expect((await sandbox.run({ with: sharing })).exitCode).toBe(0)
  sandbox.record.length = 0
  const main = watched()
  const step = sandbox.step({ with: sharing })
  const result = await sandbox.run({ with: sharing, env: main.env })
  expect([result.exitCode, sandbox.requests]).toEqual([0, ['github state']])
  expect(await main.loaded()).toEqual(['libsodium.js', 'main.js'])

  const post = watched()
  expect((await runPostStep({ ...step, env: post.env }, result.state)).exitCode).toBe(0)
  expect(await post.loaded()).toEqual(['post.js'])
})

test('a run with an invalid input does not load libsodium', async () => {
  await using sandbox = await Sandbox.start()
  const main = watched()
  const result = await sandbox.run({ with: { 'retry-for': 'long' }, env: main.env })
  expect(result.outputs['error-code']).toBe('bad-input')
  expect(await main.loaded()).toEqual(['main.js'])
})

test('a post step with something to do loads the rest', async () => {
  await using sandbox = await Sandbox.start({ reading: 'strict' })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
  const step = sandbox.step({ with: { 'retry-for': '3' } })
  const result = await sandbox.run({ with: { 'retry-for': '3' }, job: step.job })
  expect(result.outputs['error-code']).toBe('secret-not-written')
  sandbox.githubServer.faults.clear()
  const post = watched()
  expect((await runPostStep({ ...step, env: post.env }, result.state)).exitCode).toBe(0)
  expect(await post.loaded()).toEqual(['finish.js', 'libsodium.js', 'post.js'])
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
})
