/** Box's refusals, and what they mean for the stored token. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { apiError } from '../sandbox/github.ts'
import { replies } from '../sandbox/faults.ts'
import type { StepResult } from '../sandbox/runner.ts'
import { secretName, writeToken } from '../sandbox/sandbox.ts'
import { expectFailure, expectNoSecrets, expectRotated, tokenRequests, startSandbox } from './support.ts'

test.concurrent('invalid_client: bad-client', async () => {
  await using sandbox = await startSandbox()
  const result = await sandbox.run({ with: { 'client-id': 'anotherclient0123456789abcdefghi' } })
  expect(expectFailure(sandbox, result, 'bad-client')).toMatch(
    /"invalid_client" \("The client credentials are invalid"\).*Nothing was used.*Configuration page/,
  )
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  expect(tokenRequests(sandbox)).toBe(1)
})

test.concurrent('unauthorized_client: unauthorized-app', async () => {
  await using sandbox = await startSandbox()
  sandbox.box.appDisabled = true
  const message = expectFailure(sandbox, await sandbox.run(), 'unauthorized-app')
  expect(message).toMatch(/"unauthorized_client".*Nothing was used.*OAuth 2\.0/)
  sandbox.box.appDisabled = false
  sandbox.clock.advance(1_000)
  expectRotated(sandbox, await sandbox.run())
})

test.concurrent('password_reset_required: the token works again afterwards', async () => {
  await using sandbox = await startSandbox()
  sandbox.box.passwordResetRequired = true
  const message = expectFailure(sandbox, await sandbox.run(), 'password-reset-required')
  expect(message).toMatch(/set a new password.*works again once the password is set/)
  sandbox.box.passwordResetRequired = false
  sandbox.clock.advance(1_000)
  expectRotated(sandbox, await sandbox.run())
})

test.concurrent("an OAuth error without a code of its own is reported once, in Box's words", async () => {
  await using sandbox = await startSandbox()
  const body = { error: 'unsupported_grant_type', error_description: 'The grant type is invalid or missing' }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 400, body } })
  const message = expectFailure(sandbox, await sandbox.run(), 'box-unavailable')
  expect(message).toMatch(
    /"unsupported_grant_type" \("The grant type is invalid or missing"\).*Nothing was used/,
  )
  expect(tokenRequests(sandbox)).toBe(1)
})

test.concurrent('an OAuth error that may be temporary is retried', async () => {
  await using sandbox = await startSandbox()
  const reply = { status: 400, body: { error: 'temporarily_unavailable' } }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply }, { times: 2 })
  expectRotated(sandbox, await sandbox.run())
  expect(tokenRequests(sandbox)).toBe(3)
})

describe.concurrent('invalid_grant', () => {
  test('no other run appears to have rotated the token: reauthorize', async () => {
    await using sandbox = await startSandbox()
    sandbox.box.revokeAll()
    const message = expectFailure(sandbox, await sandbox.run(), 'reauthorize')
    expect(message).toMatch(/"invalid_grant".*This run did not invalidate it.*Run `box-token login`/)
    expect(message).not.toContain('Actions: Read')
    expect(sandbox.stored).toBe(sandbox.firstPair.refreshToken)
  })

  test('unused for 60 days: reauthorize', async () => {
    await using sandbox = await startSandbox()
    sandbox.clock.advance(58 * 24 * 3_600_000)
    expect(expectFailure(sandbox, await sandbox.run(), 'reauthorize')).toContain('Refresh token has expired')
  })

  test('if the run cannot be read, the message names the permission that would tell more', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.tokens.set(writeToken, { kind: 'fine-grained', permissions: { secrets: 'write' } })
    sandbox.box.revokeAll()
    expect(expectFailure(sandbox, await sandbox.run(), 'reauthorize')).toContain('"Actions: Read"')
  })

  test('after a lost answer, the message says that it may have used the token', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add('token', { kind: 'reset-after' }, { times: 1 })
    const message = expectFailure(sandbox, await sandbox.run(), 'reauthorize')
    expect(message).toMatch(/An earlier answer from Box got lost, and may have used the token/)
    expect(tokenRequests(sandbox)).toBe(2)
  })

  test('the secret was written while Box was asked: stale-secret', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const job = sandbox.startJob()
    sandbox.box.revokeAll()
    const fresh = sandbox.box.logIn()
    sandbox.boxServer.faults.add('token', {
      kind: 'replace',
      replace: (reply) => {
        sandbox.clock.advance(2_000)
        sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', fresh.refreshToken)
        return reply
      },
    })
    const message = expectFailure(sandbox, await sandbox.run({ job }), 'stale-secret')
    expect(message).toMatch(/another run has probably rotated the token\. This run wrote nothing/)
    expect(message).toMatch(/a `concurrency` group, or let them share one token through `state-variable`\.$/)
    expect(sandbox.stored).toBe(fresh.refreshToken)
  })
})

describe.concurrent('stale secrets', () => {
  test('a run that was queued before the last rotation stops before it asks Box', async () => {
    await using sandbox = await startSandbox({ reading: 'family' })
    const queued = sandbox.startJob()
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
    const stored = sandbox.stored
    const asked = tokenRequests(sandbox)
    const result = await sandbox.run({ job: queued })
    expect(expectFailure(sandbox, result, 'stale-secret')).toMatch(
      /This run holds an older refresh token: it was queued .* was written .* Nothing was used.*Start a new run/,
    )
    expect(tokenRequests(sandbox)).toBe(asked)
    expect(sandbox.stored).toBe(stored)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
  })

  test('a write in the same second counts as later', async () => {
    await using sandbox = await startSandbox()
    const job = sandbox.startJob()
    sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', 'something-newer')
    const { updatedAt } = sandbox.store.secrets.get('BOX_REFRESH_TOKEN') ?? { updatedAt: 0 }
    const run = { ...job.run, createdAt: updatedAt }
    sandbox.github.repositories.get('octo-org/nightly')?.runs.set(run.id, run)
    expectFailure(sandbox, await sandbox.run({ job: { ...job, run } }), 'stale-secret')
    expect(tokenRequests(sandbox)).toBe(0)
  })

  test.each(['old-values', 'new-values'] as const)('a re-run that sees the %s', async (sees) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const first = sandbox.startJob()
    expectRotated(sandbox, await sandbox.run({ job: first }))
    sandbox.clock.advance(60_000)
    const job = sandbox.github.startJob(sandbox.github.reRun(first.run, sees))
    const stored = sandbox.stored
    const result = await sandbox.run({ job })
    if (sees === 'new-values') {
      expectRotated(sandbox, result)
    } else {
      expectFailure(sandbox, result, 'stale-secret')
      expect(sandbox.stored).toBe(stored)
    }
    // In both cases, the decision was left to Box.
    expect(tokenRequests(sandbox)).toBe(2)
  })

  test('an environment secret is read when the job starts: a run that waited continues', async () => {
    await using sandbox = await startSandbox({ reading: 'strict', environment: 'box' })
    const queued = sandbox.github.queueRun('octo-org/nightly')
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run({ job: sandbox.github.startJob(queued, 'box') }))
  })

  test('an environment secret that was written after the job started: stale-secret, even without the run', async () => {
    for (const permissions of [
      { environments: 'write', actions: 'read' },
      { environments: 'write' },
    ] as const) {
      await using sandbox = await startSandbox({ reading: 'strict', environment: 'box' })
      sandbox.github.tokens.set(writeToken, { kind: 'fine-grained', permissions })
      const job = sandbox.startJob()
      sandbox.clock.advance(5_000)
      // The job is held up after its secrets were read. Meanwhile another one rotates the token, and its write arrives
      // in a second in which this step is already running.
      expectRotated(sandbox, await sandbox.run())
      const { stored } = sandbox
      sandbox.githubServer.onRequest = () => {
        sandbox.githubServer.onRequest = () => {}
        sandbox.github.setSecret(sandbox.store, secretName, stored)
      }
      const result = await sandbox.run({ job })
      expectFailure(sandbox, result, 'stale-secret')
      expect(sandbox.stored).toBe(stored)
    }
  })

  test('another run stores while this one refreshes: nothing is overwritten', async () => {
    await using sandbox = await startSandbox({ reading: 'siblings' })
    const job = sandbox.startJob()
    sandbox.clock.advance(2_000)
    sandbox.boxServer.faults.add('token', {
      kind: 'replace',
      replace: (reply) => {
        sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', 'stored-by-another-run')
        return reply
      },
    })
    const message = expectFailure(sandbox, await sandbox.run({ job }), 'stale-secret')
    expect(message).toMatch(/Somebody else wrote .*while this run was refreshing.*overwrites nothing/)
    expect(sandbox.stored).toBe('stored-by-another-run')
    expect(sandbox.requests).not.toContain('github write')
  })
})

describe.concurrent('verify', () => {
  test('a token that may not read its user works, with a warning', async () => {
    await using sandbox = await startSandbox()
    sandbox.box.mayReadUser = false
    const result = await sandbox.run({ with: { verify: 'true' } })
    expectRotated(sandbox, result)
    expect(result.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        'does not let the app read its user (status 403 ("The request requires higher privileges',
      ),
    ])
  })

  test('a token that Box rejects: the pair is stored, and nothing is handed out', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('user', { kind: 'reply', reply: { status: 401, body: '' } })
    const message = expectFailure(sandbox, await sandbox.run({ with: { verify: 'true' } }), 'bad-response')
    expect(message).toMatch(/rejects its access token.*is stored in the secret/)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('waits through an outage, and says what is safe if it does not end', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('user', { kind: 'reply', reply: replies.status(502) }, { times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { verify: 'true' } }))
    sandbox.clock.advance(5_000)
    sandbox.boxServer.faults.add('user', { kind: 'reply', reply: replies.status(502) })
    const result = await sandbox.run({ with: { verify: 'true', 'retry-for': '12' } })
    const message = expectFailure(sandbox, result, 'box-unavailable')
    expect(message).toMatch(/did not say within 12 s.*is stored in the secret .*Nothing is lost/)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })
})

test.concurrent('secrets that a server echoes are removed before its words are printed', async () => {
  await using sandbox = await startSandbox()
  const { refreshToken } = sandbox.firstPair
  const echo = [
    refreshToken,
    Buffer.from(`x${sandbox.box.clientSecret}`).toString('base64'),
    '\n::set-output name=access-token::stolen\r\n::add-mask::x%0A::error::y',
    'z'.repeat(400),
  ].join(' ')
  const body = { error: `invalid_client`, error_description: echo }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 401, body } })
  const result = await sandbox.run({ env: { RUNNER_DEBUG: '1' } })
  const message = expectFailure(sandbox, result, 'bad-client')
  expect(message).toContain('*** ')
  expect(message.length).toBeLessThan(800)
  expect(result.commands.map(({ name }) => name)).toEqual(['add-mask', 'add-mask', 'add-mask', 'error'])

  sandbox.boxServer.faults.clear()
  const leak = apiError(403, `token ${writeToken} \u2028::warning::may not`)
  sandbox.githubServer.faults.add('probe', { kind: 'reply', reply: leak })
  const second = await sandbox.run({ env: { RUNNER_DEBUG: '1' } })
  expect(expectFailure(sandbox, second, 'cannot-write-secret')).toContain('"token *** ::warning::may not"')
  expectNoSecrets(sandbox, second)
})

describe.concurrent("workflow commands in servers' words", () => {
  // The runner executes `##[command]` anywhere in a line; the sandbox reads both forms in the same way.
  test('cannot stop the masking of the tokens that follow', async () => {
    await using sandbox = await startSandbox()
    const body = { error: 'slow_down', error_description: '##[stop-commands]x' }
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 400, body } }, { times: 1 })
    const result = await sandbox.run()
    expectRotated(sandbox, result)
    expect(result.commands.map(({ name }) => name)).toEqual(Array<string>(5).fill('add-mask'))
  })

  test("cannot set an output through a user's name or a message", async () => {
    await using sandbox = await startSandbox()
    const user = {
      ...sandbox.box.user,
      name: '##[set-output name=access-token]evil',
      login: '<img src=x> `code`',
    }
    sandbox.boxServer.faults.add('user', { kind: 'reply', reply: { status: 200, body: user } })
    sandbox.githubServer.faults.add(
      'write',
      { kind: 'reply', reply: apiError(500, '##[set-output name=x]y') },
      { times: 1 },
    )
    const result = await sandbox.run({ with: { verify: 'true' } })
    expectRotated(sandbox, result)
    expect(result.commands.map(({ name }) => name)).toEqual(Array<string>(5).fill('add-mask'))
    expect(result.summary).toContain('&lt;img src=x&gt;')
    expect(result.summary).not.toContain('<code>')
  })
})

test.concurrent('a token in a faulty answer is also masked', async () => {
  await using sandbox = await startSandbox()
  const issued = 'accessTokenThatCameAlone0123456789'
  const alone = { status: 200, body: { access_token: issued, expires_in: 100, token_type: 'bearer' } }
  const echo = { status: 400, body: { error: 'invalid_client', error_description: `you have ${issued}` } }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply: alone }, { times: 1 })
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply: echo })
  const result = await sandbox.run()
  expect(expectFailure(sandbox, result, 'bad-client')).toContain('you have ***')
  expect(result.masks).toContain(issued)
})

/** The secrets are masked before anything else is printed. */
function expectMasksFirst({ stdout }: StepResult): void {
  const lines = stdout.split('\n').slice(0, 3)
  expect(lines.every((line) => line.startsWith('::add-mask::'))).toBe(true)
}

test.concurrent('a missing event file does not stop the run', async () => {
  await using sandbox = await startSandbox()
  const result = await sandbox.run({ env: { GITHUB_EVENT_PATH: '/nowhere/event.json' } })
  expectRotated(sandbox, result)
  expectMasksFirst(result)
})

test.concurrent.each(['', 'null', '{"pull_request": '])(
  'an event file with %j in it does not stop the run',
  async (content) => {
    const folder = await mkdtemp(join(tmpdir(), 'box-token-event-'))
    try {
      const file = join(folder, 'event.json')
      await writeFile(file, content)
      await using sandbox = await startSandbox()
      const env = { GITHUB_EVENT_PATH: file, GITHUB_EVENT_NAME: 'pull_request' }
      const result = await sandbox.run({ env })
      expectRotated(sandbox, result)
      expectMasksFirst(result)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
