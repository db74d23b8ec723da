/** The post step finishes what the main step could not, or hands the token to its owner. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import type { ModelReply } from '../sandbox/exchange.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { runPostStep, runStep, type StepResult } from '../sandbox/runner.ts'
import {
  organizationName,
  repository,
  type Sandbox,
  secretName,
  writeToken,
  type SandboxOptions,
} from '../sandbox/sandbox.ts'
import { expectFailure, expectNoSecrets, expectRotated, secretsOf, startSandbox } from './support.ts'

/** Runs main, and kills it as a crash or a lost job would when the given request arrives for the nth time. */
async function killedAt(sandbox: Sandbox, label: string, nth: number, act: boolean): Promise<StepResult> {
  let pid = 0
  let seen = 0
  const { faults } = sandbox.githubServer
  faults.add(label, act ? { kind: 'hang-after' } : { kind: 'hang-before' }, { skip: nth - 1, times: 1 })
  sandbox.githubServer.onRequest = (asked) => {
    if (asked === label && (seen += 1) === nth) setTimeout(() => process.kill(pid, 'SIGKILL'), 100)
  }
  return runStep(sandbox.step({ onStart: (started) => (pid = started) }))
}

/** The chain is alive at the end: the stored token is live, and nothing leaked. */
function expectAlive(sandbox: Sandbox, ...results: StepResult[]): void {
  expect(sandbox.stored).not.toBe(sandbox.firstPair.refreshToken)
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  for (const result of results) {
    expect(result.stderr).toBe('')
    expectNoSecrets(sandbox, result)
  }
}

test.concurrent('after a run that worked there is nothing to do, and nothing is sent', async () => {
  await using sandbox = await startSandbox()
  const { main, post } = await sandbox.runWithPost()
  expectRotated(sandbox, main)
  expect(main.state['progress']).toBe('settled')
  expect([post.exitCode, post.stdout, post.stderr, post.summary]).toEqual([0, '', '', ''])
  expect(sandbox.requests).toHaveLength(7)
})

test.concurrent('a step that did not get as far as a refresh has nothing to do either', async () => {
  await using sandbox = await startSandbox()
  const { main, post } = await sandbox.runWithPost({ with: { 'refresh-token': '' } })
  expectFailure(sandbox, main, 'missing-secret')
  expect([post.exitCode, post.stdout]).toEqual([0, ''])
})

describe.skipIf(process.platform === 'win32').each<[string, SandboxOptions]>([
  ['a repository', {}],
  ['an environment', { environment: 'box' }],
  ['an organization', { organization: { visibility: 'selected', selected: [1, 2, 3] } }],
])('main is killed, with the secret in %s', (_name, options) => {
  test.each<[string, string, number, boolean]>([
    ['at the check', 'metadata', 2, false],
    ['before its write arrived', 'write', 1, false],
    ['after its write arrived', 'write', 1, true],
  ])('%s: after post, the secret holds the live token', async (_when, label, nth, act) => {
    await using sandbox = await startSandbox({ ...options, reading: 'strict' })
    const step = sandbox.step()
    // Dates are whole seconds: a write in the second of the first look looks the same as one before it.
    sandbox.boxServer.onRequest = () => sandbox.clock.advance(2_000)
    const main = await killedAt(sandbox, label, nth, act)
    expect(main.signal).toBe('SIGKILL')
    sandbox.clock.advance(30_000)
    const post = await runPostStep(step, main.state)
    expect(post.exitCode).toBe(0)
    expect(post.log).toContain(
      act ? 'stored, or superseded by a newer one' : 'The post step has stored the new refresh token',
    )
    expectAlive(sandbox, main, post)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
  })
})

describe.skipIf(process.platform === 'win32').concurrent('main is killed, and', () => {
  test('another run has rotated since: post writes nothing', async () => {
    await using sandbox = await startSandbox({ reading: 'siblings' })
    const step = sandbox.step()
    const main = await killedAt(sandbox, 'metadata', 2, false)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run({ with: { verify: 'true' } }))
    const { stored } = sandbox
    const post = await runPostStep(step, main.state)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.log).toContain('Another run has written the secret since')
    expect(sandbox.stored).toBe(stored)
    expect(sandbox.box.takes(stored)).toBe(true)
  })

  test('another run writes while post is running: it is not overwritten', async () => {
    await using sandbox = await startSandbox({ reading: 'siblings' })
    const step = sandbox.step()
    const main = await killedAt(sandbox, 'metadata', 2, false)
    sandbox.clock.advance(5_000)
    const { faults } = sandbox.githubServer
    faults.clear()
    faults.add(
      'key',
      {
        kind: 'replace',
        replace: (reply) => {
          sandbox.github.setSecret(sandbox.store, secretName, 'stored-by-another-run')
          return reply
        },
      },
      { times: 1 },
    )
    const post = await runPostStep(step, main.state)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.log).toContain('Somebody else wrote the secret BOX_REFRESH_TOKEN')
    expect(sandbox.stored).toBe('stored-by-another-run')
  })

  test('post waits through an outage', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const step = sandbox.step()
    const main = await killedAt(sandbox, 'write', 1, false)
    for (const label of ['metadata', 'key', 'write']) {
      sandbox.githubServer.faults.add(label, { kind: 'reply', reply: replies.status(502) }, { times: 1 })
    }
    const post = await runPostStep(step, main.state)
    expect(post.exitCode).toBe(0)
    expectAlive(sandbox, main, post)
  })

  test('the state contains no secret, in any form', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const main = await killedAt(sandbox, 'write', 1, false)
    const state = JSON.stringify(main.state)
    expect(state).toContain('box-token-journal.v1.')
    for (const secret of secretsOf(sandbox)) {
      for (const form of encodedForms(secret)) expect(state.includes(form)).toBe(false)
    }
  })
})

test.concurrent('after stale-secret, post is silent', async () => {
  await using sandbox = await startSandbox({ reading: 'siblings' })
  const job = sandbox.startJob()
  sandbox.clock.advance(2_000)
  sandbox.boxServer.faults.add('token', {
    kind: 'replace',
    replace: (reply) => {
      sandbox.github.setSecret(sandbox.store, secretName, 'stored-by-another-run')
      return reply
    },
  })
  const { main, post } = await sandbox.runWithPost({ job })
  expectFailure(sandbox, main, 'stale-secret')
  expect([post.exitCode, post.stdout]).toEqual([0, ''])
  expect(sandbox.stored).toBe('stored-by-another-run')
})

test.concurrent('a store that failed in main works in post: the chain is alive', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  const step = sandbox.step({ with: { 'retry-for': '12' } })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
  const main = await runStep(step)
  expect(expectFailure(sandbox, main, 'secret-not-written')).toContain("the log of this action's post step")
  sandbox.githubServer.faults.clear()
  const post = await runPostStep(step, main.state)
  expect([post.exitCode, post.errors]).toEqual([0, []])
  expectAlive(sandbox, main, post)
})

/** Main and post, with GitHub rejecting every write. */
async function lostToBoth(
  sandbox: Sandbox,
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ main: StepResult; post: StepResult; recovery: string }> {
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'Resource not accessible') })
  const { main, post } = await sandbox.runWithPost({ with: { 'retry-for': '12', ...inputs } })
  sandbox.githubServer.faults.clear()
  const recovery = /^box-token-recovery\.v1\.[\w-]+$/m.exec(post.log)?.[0] ?? ''
  return { main, post, recovery }
}

test.concurrent(
  'GitHub rejects every write: one annotation, and a recovery text in log and summary',
  async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { main, post, recovery } = await lostToBoth(sandbox)
    expectFailure(sandbox, main, 'secret-not-written')
    expect([post.exitCode, post.errors]).toEqual([1, []])
    expect(recovery).not.toBe('')
    expect(post.log).toMatch(/Pass the recovery text above to `box-token recover`.*start a new run at once/)
    expect(post.summary).toContain(recovery)
    expectNoSecrets(sandbox, post)
    expect((await sandbox.runWithPost({ with: { summary: 'false' } })).post.summary).toBe('')
  },
)

test.concurrent('the state cannot be written: main prints the recovery text itself', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
  const result = await sandbox.run({ with: { 'retry-for': '12' }, env: { GITHUB_STATE: '/nowhere/state' } })
  expectFailure(sandbox, result, 'secret-not-written')
  const recovery = /^box-token-recovery\.v1\.[\w-]+$/m.exec(result.log)?.[0] ?? ''
  sandbox.githubServer.faults.clear()
  expect((await recover(sandbox, recovery)).exitCode).toBe(0)
  expectAlive(sandbox)
})

test.concurrent('a short proxy password does not garble the recovery text', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
  const env = { https_proxy: 'http://u:7@127.0.0.1:9' }
  const { post } = await sandbox.runWithPost({ with: { 'retry-for': '12' }, env })
  const recovery = /^box-token-recovery\.v1\.[\w-]+$/m.exec(post.log)?.[0] ?? ''
  expect(post.summary).toContain(recovery)
  sandbox.githubServer.faults.clear()
  expect((await recover(sandbox, recovery)).exitCode).toBe(0)
})

test.skipIf(process.platform === 'win32').concurrent.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in post: the recovery text is printed at once',
  async (signal) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const step = sandbox.step({ with: { 'retry-for': '12' } })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
    const main = await runStep(step)
    let pid = 0
    sandbox.githubServer.onRequest = (label) => {
      if (label === 'write') process.kill(pid, signal)
    }
    const before = performance.now()
    const post = await runPostStep({ ...step, onStart: (started) => (pid = started) }, main.state)
    // Before the rest of the 12 s has passed.
    expect(performance.now() - before).toBeLessThan(10_000)
    expect([post.exitCode, post.signal]).toEqual([1, null])
    expect(post.log).toMatch(/^box-token-recovery\.v1\.[\w-]+$/m)
    expect(post.summary).toContain('box-token-recovery.v1.')
  },
)

test.concurrent('a refused look in post is retried', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  const step = sandbox.step({ with: { 'retry-for': '12' } })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
  const main = await runStep(step)
  sandbox.githubServer.faults.clear()
  sandbox.githubServer.faults.add(
    'metadata',
    { kind: 'reply', reply: apiError(401, 'Bad credentials') },
    { times: 1 },
  )
  const post = await runPostStep(step, main.state)
  expect(post.exitCode).toBe(0)
  expectAlive(sandbox, main, post)
})

test.concurrent('a recovery text from another GitHub is refused', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  await using other = await startSandbox()
  const { recovery } = await lostToBoth(sandbox)
  const result = await recover(sandbox, recovery, { args: ['--github-api-url', other.githubServer.url] })
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toContain('this text is for the GitHub server at')
  expect(other.requests).toEqual([])
})

describe.concurrent('post without its own inputs, as in nested composite actions', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['none', { 'client-secret': '', 'github-token': '' }, /The inputs of this step are no longer available/],
    [
      'those of another action',
      { 'client-secret': 'another-secret-of-thirty-two-char' },
      /does not decrypt what the main step saved/,
    ],
    ['a token that may not write', { 'github-token': 'github_pat_other' }, /it answered 401/],
  ])('%s: prints the recovery text and says why', async (_name, inputs, words) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
    const step = sandbox.step({ with: { 'retry-for': '12' } })
    const main = await runStep(step)
    sandbox.githubServer.faults.clear()
    const post = await runPostStep({ ...step, with: { ...step.with, ...inputs } }, main.state)
    expect(post.exitCode).toBe(1)
    expect(post.log).toMatch(words)
    expect(post.log).toMatch(/^box-token-recovery\.v1\.[\w-]+$/m)
    expect(post.stderr).toBe('')
    expectNoSecrets(sandbox, post)
  })

  test('other names of places do not matter: the journal has the right ones', async () => {
    await using sandbox = await startSandbox({ reading: 'strict', environment: 'box' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
    const step = sandbox.step({ with: { 'retry-for': '12' } })
    const main = await runStep(step)
    sandbox.githubServer.faults.clear()
    const { environment: _, ...inputs } = step.with
    const post = await runPostStep({ ...step, with: { ...inputs, 'secret-name': 'OTHER' } }, main.state)
    expect(post.exitCode).toBe(0)
    expectAlive(sandbox, post)
  })
})

interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the bundled command line as a person does. */
async function recover(
  sandbox: Sandbox,
  input: string,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Finished> {
  const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
  const args = [
    'recover',
    '--repo',
    repository,
    '--github-api-url',
    sandbox.githubServer.url,
    ...(options.args ?? []),
  ]
  const env = {
    PATH: process.env['PATH'],
    BOX_CLIENT_ID: sandbox.box.clientId,
    BOX_CLIENT_SECRET: sandbox.box.clientSecret,
    GITHUB_TOKEN: writeToken,
    ...sandbox.skippingPauses,
    ...options.env,
  }
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([readAll(child.stdout), readAll(child.stderr), ended])
  for (const secret of secretsOf(sandbox)) {
    for (const form of encodedForms(secret)) expect((stdout + stderr).includes(form)).toBe(false)
  }
  return { exitCode, stdout, stderr }
}

/** What `recover` says while it waits: an old answer must not make it overwrite a newer token. */
function waitsFor(secret: string): string {
  return `Checking that nothing else has written the ${secret} (GitHub's answers can be 30 seconds old) …\n`
}

describe.concurrent('box-token recover', { timeout: 120_000 }, () => {
  test('stores the token from the text, wherever that is in the pasted input', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    const result = await recover(sandbox, `2026-11-23T06:00:00Z ${recovery}\n`)
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toMatch(
      /^The refresh token is stored in the secret BOX_REFRESH_TOKEN of repository octo-org\/nightly\. Start the workflow now/,
    )
    expectAlive(sandbox)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())

    const again = await recover(sandbox, recovery)
    expect(again.exitCode).toBe(1)
    expect(again.stderr).toMatch(
      /^box-token: The secret .* has been written since the recovery text was printed\. Nothing was written.*--force/s,
    )
    expect(again.stdout).toBe('')
  })

  test('--json prints the result and nothing else; --force overwrites', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    sandbox.clock.advance(60_000)
    sandbox.github.setSecret(sandbox.store, secretName, 'pasted-by-mistake')
    expect((await recover(sandbox, recovery)).exitCode).toBe(1)
    const result = await recover(sandbox, recovery, { args: ['--force', '--json'] })
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(JSON.parse(result.stdout)).toEqual({
      stored: true,
      secret: 'secret BOX_REFRESH_TOKEN of repository octo-org/nightly',
      overwrote: true,
      created: false,
    })
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('a secret of an organization keeps its access', async () => {
    const organization = { visibility: 'selected', selected: [1, 2, 3] } as const
    await using sandbox = await startSandbox({ reading: 'strict', organization })
    const access = sandbox.store.secrets.get(secretName)
    const { recovery } = await lostToBoth(sandbox)
    const elsewhere = await recover(sandbox, recovery)
    expect(elsewhere.stderr).toContain(
      'this text is for the secret BOX_REFRESH_TOKEN of organization octo-org',
    )
    const result = await recover(sandbox, recovery, { args: ['--organization', organizationName] })
    expect([result.exitCode, result.stderr]).toEqual([
      0,
      waitsFor('secret BOX_REFRESH_TOKEN of organization octo-org'),
    ])
    expectAlive(sandbox)
    const { visibility, selected } = sandbox.store.secrets.get(secretName) ?? {}
    expect([visibility, selected]).toEqual([access?.visibility, access?.selected])
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
  })

  test.each<[string, SandboxOptions, string[]]>([
    ['a repository', {}, []],
    ['an environment', { environment: 'box' }, ['--environment', 'box']],
  ])('a secret of %s that was deleted meanwhile is created again', async (_name, options, args) => {
    await using sandbox = await startSandbox({ ...options, reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    sandbox.store.secrets.delete(secretName)
    const result = await recover(sandbox, recovery, { args })
    expect([result.exitCode, result.stderr]).toEqual([
      0,
      'GitHub answered 404, which may be out of date: checking again for a while.\n',
    ])
    expect(result.stdout).toMatch(
      /^The refresh token is stored in the secret .*, which was missing and has been created again\./,
    )
    expectAlive(sandbox)
    sandbox.store.secrets.delete(secretName)
    const again = await recover(sandbox, recovery, { args: [...args, '--json'] })
    expect(JSON.parse(again.stdout)).toMatchObject({ stored: true, overwrote: false, created: true })
  })

  test('a deleted secret of an organization is not, because nobody knows who could use it', async () => {
    await using sandbox = await startSandbox({ reading: 'strict', organization: { visibility: 'private' } })
    const { recovery } = await lostToBoth(sandbox)
    sandbox.store.secrets.delete(secretName)
    const args = ['--organization', organizationName]
    const result = await recover(sandbox, recovery, { args })
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(
      /^GitHub answered 404[^\n]+\nbox-token: the secret BOX_REFRESH_TOKEN of organization octo-org no longer exists, .*list of repositories: .*--force\n$/,
    )
    expect(sandbox.store.secrets.has(secretName)).toBe(false)
    // What the message says to do works.
    sandbox.clock.advance(60_000)
    sandbox.github.setSecret(sandbox.store, secretName, 'any value', { visibility: 'private' })
    expect((await recover(sandbox, recovery, { args: [...args, '--force'] })).exitCode).toBe(0)
    expectAlive(sandbox)
  })

  test.each<[string, string, ModelReply, RegExp]>([
    [
      'a token that may only read',
      'probe',
      apiError(403, 'Resource not accessible by personal access token'),
      /the token is not allowed to do that\. .*GITHUB_TOKEN, or the one from gh.* needs repository permission "Secrets: Read and write"/,
    ],
    [
      'a place that does not exist',
      'key',
      apiError(404, 'Not Found'),
      /does not exist, or .*check the flags/,
    ],
    [
      'a limit longer than anybody would wait',
      'key',
      replies.tooManyRequests('3600'),
      /it asks for a wait of 3600 s, but there are only 60 s for all tries\. .*run this again later/,
    ],
  ])('%s: addresses a person, not the author of a workflow', async (_name, label, reply, words) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    sandbox.githubServer.faults.add(label, { kind: 'reply', reply })
    const result = await recover(sandbox, recovery)
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(/^(?:GitHub answered 404[^\n]+\n)?box-token: [^\n]+\n$/)
    expect(result.stderr).toMatch(words)
    expect(result.stderr).toContain('Nothing was written, and the recovery text still works.')
    expect(result.stderr).not.toMatch(
      /`github-token`|`with:`|new run|Re-run|this run|retry-for|`secret-name`/,
    )
  })

  test('recover does not warn about a token that expires soon', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    const grant = sandbox.github.tokens.get(writeToken)
    if (grant)
      sandbox.github.tokens.set(writeToken, { ...grant, expiresAt: sandbox.clock.now() + 86_400_000 })
    const result = await recover(sandbox, recovery)
    expect([result.exitCode, result.stderr]).toEqual([
      0,
      waitsFor('secret BOX_REFRESH_TOKEN of repository octo-org/nightly'),
    ])
  })

  test.each([
    ['by somebody else', 1, /has been written since the recovery text was printed\. Nothing was written/],
    ['after a lost answer', 2, /was written just now, either by this command, .* or by somebody else/],
  ])('the secret is written meanwhile %s', async (_name, tries, words) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    sandbox.clock.advance(5_000)
    if (tries === 1) {
      const write = (reply: ModelReply): ModelReply => {
        sandbox.github.setSecret(sandbox.store, secretName, 'stored-by-another')
        return reply
      }
      // Between the look at the beginning and the check before the write.
      sandbox.githubServer.faults.add('probe', { kind: 'delay', ms: 300 })
      sandbox.githubServer.faults.add('metadata', { kind: 'replace', replace: write }, { times: 1 })
    } else {
      sandbox.githubServer.faults.add('write', { kind: 'reset-after' }, { times: 1 })
    }
    const result = await recover(sandbox, recovery)
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(words)
    expect(result.stderr).not.toMatch(/this run|concurrency|refreshing/)
  })

  test('an environment and a state key', async () => {
    const stateKey = 'state-key-of-more-than-thirty-two-characters'
    await using sandbox = await startSandbox({ reading: 'strict', environment: 'box' })
    const { recovery } = await lostToBoth(sandbox, { 'state-key': stateKey })
    const without = await recover(sandbox, recovery, { args: ['--environment', 'box'] })
    expect(without.stderr).toContain('the recovery text cannot be opened')
    const result = await recover(sandbox, recovery, {
      args: ['--environment', 'box'],
      env: { BOX_STATE_KEY: stateKey },
    })
    expect(result.exitCode).toBe(0)
    expectAlive(sandbox)
  })

  test.each<[string, (text: string) => string, string[], Record<string, string>, string]>([
    [
      'another app',
      (text) => text,
      [],
      { BOX_CLIENT_ID: 'another' },
      'the recovery text cannot be opened: it belongs to another app',
    ],
    [
      'another client secret',
      (text) => text,
      [],
      { BOX_CLIENT_SECRET: 'another' },
      'the recovery text cannot be opened',
    ],
    [
      'a damaged text',
      (text) => `${text.slice(0, -8)}AAAAAAAA`,
      [],
      {},
      'the recovery text cannot be opened',
    ],
    [
      'another repository',
      (text) => text,
      ['--repo', 'octo-org/other'],
      {},
      'this text is for the secret BOX_REFRESH_TOKEN of repository octo-org/nightly, but the flags name',
    ],
    [
      'another place',
      (text) => text,
      ['--environment', 'box'],
      {},
      'but the flags name the secret BOX_REFRESH_TOKEN of environment "box" of octo-org/nightly',
    ],
    ['a journal', (text) => text.replace('recovery', 'journal'), [], {}, 'there is no recovery text'],
    [
      'a newer version',
      (text) => text.replace('.v1.', '.v2.'),
      [],
      {},
      'was printed by a newer version of the action',
    ],
    ['nothing', () => '', [], {}, 'there is no recovery text (box-token-recovery.v1.…) on standard input'],
    [
      'no credentials',
      (text) => text,
      [],
      { BOX_CLIENT_SECRET: '' },
      'set BOX_CLIENT_SECRET in the environment',
    ],
    [
      'a token that may not write',
      (text) => text,
      [],
      { GITHUB_TOKEN: 'github_pat_other' },
      'the token is not valid or has expired',
    ],
    ['an unknown flag', (text) => text, ['--froce'], {}, "unknown option '--froce'"],
    [
      'two places',
      (text) => text,
      ['--environment', 'box', '--organization', 'octo-org'],
      {},
      'give --environment or --organization, not both',
    ],
  ])('%s: one clear line, and nothing is written', async (_name, change, args, env, words) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { recovery } = await lostToBoth(sandbox)
    const result = await recover(sandbox, change(recovery), { args, env })
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(/^box-token: [^\n]+\n$/)
    expect(result.stderr).toContain(words)
    expect(sandbox.stored).toBe(sandbox.firstPair.refreshToken)
  })

  test('--help needs nothing', async () => {
    await using sandbox = await startSandbox()
    const result = await recover(sandbox, '', { args: ['--help'], env: { BOX_CLIENT_ID: '' } })
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('Usage: box-token recover')
  })
})
