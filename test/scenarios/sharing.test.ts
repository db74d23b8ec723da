/** `state-variable`: one refresh for any number of jobs. */
import { describe, expect, test } from 'vitest'
import { OverTokens, sealState } from '../../src/sharing/state.ts'
import { replies } from '../sandbox/faults.ts'
import { runPostStep, runStep } from '../sandbox/runner.ts'
import { type Sandbox, secretName, writeToken } from '../sandbox/sandbox.ts'
import {
  expectTidy,
  hourMs,
  sealOf,
  setVariable,
  sharedRun,
  sharing,
  stateOf,
  stateVariable,
  variables,
} from './sharing-support.ts'
import {
  expectFailure,
  expectNoSecrets,
  expectNothingSpent,
  expectRotated,
  tokenRequests,
  startSandbox,
} from './support.ts'

describe.concurrent('a first run', () => {
  test('publishes the pair, stores it, and leaves a claim that is done', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const result = await sharedRun(sandbox)
    expectRotated(sandbox, result)
    expectTidy(sandbox)
    expect(sandbox.store.variables.get(stateVariable)?.value).toMatch(/^box-token-state\.v1\.[\w-]+$/)
    // Published before stored, stored before handed out, and nothing asked of Box before the claim exists.
    const order = ['create claim', 'probe', 'token', 'create state', 'write', 'update claim']
    const seen = sandbox.record.map(({ label }) => label).filter((label) => order.includes(label))
    expect(seen).toEqual(order)
  })

  test.each([
    ['an environment', { environment: 'box' }],
    ['an organization', { organization: { visibility: 'all' } }],
  ] as const)('keeps the state next to the secret of %s', async (_where, options) => {
    await using sandbox = await startSandbox({ reading: 'strict', ...options })
    const result = await sharedRun(sandbox)
    expectRotated(sandbox, result)
    expect(variables(sandbox).toSorted()).toEqual([stateVariable, `${stateVariable}_CLAIM_NEW_1`])
    expect(sandbox.violations).toEqual([])
    const again = await sharedRun(sandbox)
    expect(again.outputs).toMatchObject({
      refreshed: 'false',
      'access-token': result.outputs['access-token'],
    })
  })
})

describe.concurrent('a good token', () => {
  test('is handed out with one request, and nothing is used', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const first = await sharedRun(sandbox)
    sandbox.record.length = 0
    const second = await sharedRun(sandbox)
    expect(second.exitCode).toBe(0)
    expect(sandbox.requests).toEqual(['github state'])
    expect(second.outputs).toMatchObject({
      'access-token': first.outputs['access-token'],
      'expires-at': first.outputs['expires-at'],
      'refresh-token-expires-at': first.outputs['refresh-token-expires-at'],
      refreshed: 'false',
    })
    expect(second.masks).toContain(first.outputs['access-token'])
    expect(second.summary).toContain('not used')
    expectNoSecrets(sandbox, second)
  })

  test('is refreshed with less than minimum-validity left', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    await sharedRun(sandbox)
    sandbox.clock.advance(hourMs)
    // 4,175 s minus an hour: 9.5 min are left.
    expect((await sharedRun(sandbox)).outputs['refreshed']).toBe('false')
    const result = await sharedRun(sandbox, { with: { 'minimum-validity': '10' } })
    expectRotated(sandbox, result)
    expectTidy(sandbox)
  })

  test('is handed out with a warning if no longer one is possible', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const result = await sharedRun(sandbox, { with: { 'minimum-validity': '1440' } })
    expectRotated(sandbox, result)
    expect(result.warnings.map(({ message }) => message).join()).toContain('minimum-validity')
  })

  test('that Box no longer accepts is detected by verify, and refreshed', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    await sharedRun(sandbox)
    // As if a refresh happened elsewhere: the shared access token is over, the refresh token is not.
    const pair = sandbox.box.pairs.at(-1)
    const replacement = sandbox.box.logIn()
    const state = stateOf(sandbox)
    setVariable(
      sandbox,
      stateVariable,
      sealState(sealOf(sandbox), { ...state, refreshToken: replacement.refreshToken }),
    )
    if (pair) pair.dead = true
    const result = await sharedRun(sandbox, { with: { verify: 'true' } })
    expect(result.exitCode).toBe(0)
    expect(result.outputs['refreshed']).toBe('true')
    expect(sandbox.box.accepts(result.outputs['access-token'] ?? '')).toBe(true)
  })

  test('is narrowed for each job with scope', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    await sharedRun(sandbox)
    const result = await sharedRun(sandbox, { with: { scope: 'item_preview' } })
    expect(result.outputs['refreshed']).toBe('false')
    expect(sandbox.box.narrowed.map(({ accessToken }) => accessToken)).toContain(
      result.outputs['access-token'],
    )
  })
})

describe.concurrent('auto-refresh: false', () => {
  const consumer = { ...sharing, 'auto-refresh': 'false', 'refresh-token': '' }
  const readToken = 'github_pat_11AAAAAAA0sandbox_mayReadVariablesOnly'

  async function withReader(): Promise<Sandbox> {
    const sandbox = await startSandbox({ reading: 'strict' })
    sandbox.github.tokens.set(readToken, { kind: 'fine-grained', permissions: { variables: 'read' } })
    return sandbox
  }

  test('hands out the good token, with a token that may only read the variable', async () => {
    await using sandbox = await withReader()
    const first = await sharedRun(sandbox)
    sandbox.record.length = 0
    const result = await sandbox.run({ with: { ...consumer, 'github-token': readToken } })
    expect(result.exitCode).toBe(0)
    expect(result.outputs['access-token']).toBe(first.outputs['access-token'])
    expect(sandbox.requests).toEqual(['github state'])
  })

  test.each([
    ['there is no state', () => {}, 'no such variable'],
    ['it has expired', (sandbox: Sandbox) => sandbox.clock.advance(2 * hourMs), 'expires at'],
  ])('never refreshes if %s', async (_why, prepare, words) => {
    await using sandbox = await withReader()
    if (words !== 'no such variable') await sharedRun(sandbox)
    prepare(sandbox)
    const stored = sandbox.stored
    sandbox.record.length = 0
    const result = await sandbox.run({ with: { ...consumer, 'github-token': readToken, 'retry-for': '12' } })
    expect(expectFailure(sandbox, result, 'refresh-disabled')).toContain(words)
    // More than once, because GitHub's answer may be old, but at most once a second.
    expect(new Set(sandbox.requests)).toEqual(new Set(['github state']))
    expect(sandbox.requests.length).toBeGreaterThan(1)
    expect(sandbox.requests.length).toBeLessThanOrEqual(13)
    expect(sandbox.stored).toBe(stored)
  })

  test('needs a state variable', async () => {
    await using sandbox = await withReader()
    const result = await sandbox.run({ with: { 'auto-refresh': 'false' } })
    expect(expectFailure(sandbox, result, 'bad-input')).toContain('"auto-refresh"')
  })

  test('names the permission if the token may not even read', async () => {
    await using sandbox = await withReader()
    sandbox.github.tokens.set(readToken, { kind: 'workflow', permissions: {} })
    const result = await sandbox.run({ with: { ...consumer, 'github-token': readToken } })
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toContain('"Variables: Read and write"')
  })
})

describe.concurrent('a token that may not write variables', () => {
  test('is reported before any token is used', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', actions: 'read', variables: 'read' },
    })
    const result = await sharedRun(sandbox)
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toContain('"Variables: Read and write"')
    expectNothingSpent(sandbox)
  })

  test('or not the secret: the claim is given up at once', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'read', actions: 'read', variables: 'write' },
    })
    const result = await sharedRun(sandbox)
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toContain('"Secrets: Read and write"')
    expectNothingSpent(sandbox)
    // The next job does not have to wait for the end of its lease.
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', actions: 'read', variables: 'write' },
    })
    expectRotated(sandbox, await sharedRun(sandbox))
    expectTidy(sandbox, 2)
  })
})

describe.concurrent('a state that cannot be used', () => {
  test.each([
    ['is damaged', () => 'box-token-state.v1.AAAA'],
    ['is not a state', () => 'hello'],
    [
      'was sealed with another client secret',
      (sandbox: Sandbox) =>
        sealState(
          { ...sealOf(sandbox), secrets: { clientSecret: 'another', stateKey: undefined } },
          { refreshToken: 'x', access: undefined, secretUpdatedAt: 0, over: OverTokens.none },
        ),
    ],
    [
      'was copied from another variable',
      (sandbox: Sandbox) =>
        sealState(
          { ...sealOf(sandbox), name: 'OTHER' },
          { refreshToken: 'x', access: undefined, secretUpdatedAt: 0, over: OverTokens.none },
        ),
    ],
  ])('%s: it is put aside with a warning, and replaced', async (_what, value) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    setVariable(sandbox, stateVariable, value(sandbox))
    const result = await sharedRun(sandbox)
    expectRotated(sandbox, result)
    expect(result.warnings.map(({ message }) => message).join()).toContain('It is ignored')
    expectTidy(sandbox)
  })

  test('is from a newer version: no token is used, and the state stays', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    setVariable(sandbox, stateVariable, 'box-token-state.v2.AAAA')
    const result = await sharedRun(sandbox)
    expect(expectFailure(sandbox, result, 'bad-input')).toContain('newer version')
    expectNothingSpent(sandbox)
    expect(sandbox.store.variables.get(stateVariable)?.value).toBe('box-token-state.v2.AAAA')
    // The way back that the message names, if nothing newer wrote it.
    expect(result.errors[0]?.message).toContain(`delete the variable ${stateVariable} and start a new run`)
    sandbox.store.variables.delete(stateVariable)
    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await sharedRun(sandbox))
  })
})

describe.concurrent('sign-ins', () => {
  test('a new one takes precedence over the old state, even for jobs with old copies of the secret', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const queuedBefore = sandbox.startJob()
    await sharedRun(sandbox)
    sandbox.clock.advance(60_000)
    const { refreshToken } = sandbox.box.logIn()
    sandbox.github.setSecret(sandbox.store, secretName, refreshToken)
    sandbox.clock.advance(5_000)
    const after = await sharedRun(sandbox)
    expectRotated(sandbox, after)
    expectTidy(sandbox, 2)
    expect(sandbox.box.pairs.at(-1)?.grant).toBe(2)
    const old = await sharedRun(sandbox, { job: queuedBefore })
    expect(old.outputs).toMatchObject({ refreshed: 'false', 'access-token': after.outputs['access-token'] })
  })

  test('a secret that was set by hand is never overwritten by a run that uses the state', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const queuedBefore = sandbox.startJob()
    await sharedRun(sandbox)
    sandbox.clock.advance(2 * hourMs)
    const { refreshToken } = sandbox.box.logIn()
    sandbox.github.setSecret(sandbox.store, secretName, refreshToken)
    sandbox.clock.advance(5_000)
    const result = await sharedRun(sandbox, { job: queuedBefore })
    expect(result.exitCode).toBe(0)
    expect(sandbox.stored).toBe(refreshToken)
    expect(result.warnings.map(({ message }) => message).join()).toContain('left unchanged')
    // The next run was given the new token, which takes precedence.
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sharedRun(sandbox))
    expectTidy(sandbox, 2)
  })

  test('a given token that Box rejects leaves the state in force', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const first = await sharedRun(sandbox)
    sandbox.clock.advance(60_000)
    sandbox.github.setSecret(sandbox.store, secretName, 'neverIssuedByBox0123456789abcdef')
    sandbox.clock.advance(5_000)
    const job = sandbox.startJob()
    const result = await sharedRun(sandbox, { job })
    expect(result.outputs).toMatchObject({
      refreshed: 'false',
      'access-token': first.outputs['access-token'],
    })
    // Box is asked once: from then on the state knows that token.
    const asked = tokenRequests(sandbox)
    expect((await sharedRun(sandbox, { job })).outputs['refreshed']).toBe('false')
    expect(tokenRequests(sandbox)).toBe(asked)
  })

  test('if the state is dead as well, the failure says how to recover', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    await sharedRun(sandbox)
    sandbox.clock.advance(2 * hourMs)
    sandbox.box.revokeAll()
    const result = await sharedRun(sandbox, { with: { 'retry-for': '12' } })
    expectFailure(sandbox, result, 'reauthorize')
    const { refreshToken } = sandbox.box.logIn()
    sandbox.github.setSecret(sandbox.store, secretName, refreshToken)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sharedRun(sandbox))
    expectTidy(sandbox, 2)
  })
})

describe.concurrent(
  'an older state, put back by somebody who may write variables,',
  { timeout: 120_000 },
  () => {
    /** Two refreshes, and the state from between them. */
    async function rollBack(sandbox: Sandbox): Promise<void> {
      await sharedRun(sandbox)
      const older = sandbox.store.variables.get(stateVariable)?.value ?? ''
      sandbox.clock.advance(2 * hourMs)
      expectRotated(sandbox, await sharedRun(sandbox))
      sandbox.clock.advance(5_000)
      setVariable(sandbox, stateVariable, older)
    }

    test('loses nothing: a run with the newest token counts as newly authorized', async () => {
      await using sandbox = await startSandbox({ reading: 'family' })
      await rollBack(sandbox)
      expectRotated(sandbox, await sharedRun(sandbox))
      expectTidy(sandbox, 2)
    })

    test('makes a run with an old copy of the secret fail; the next run fixes it', async () => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      const old = sandbox.startJob()
      await rollBack(sandbox)
      expectFailure(
        sandbox,
        await sharedRun(sandbox, { job: old, with: { 'retry-for': '12' } }),
        'stale-secret',
      )
      sandbox.clock.advance(60_000)
      expectRotated(sandbox, await sharedRun(sandbox))
      expectTidy(sandbox, 3)
    })

    test('gives a consumer no token that has expired', async () => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      await rollBack(sandbox)
      const result = await sharedRun(sandbox, {
        with: { 'auto-refresh': 'false', 'refresh-token': '', 'retry-for': '12' },
      })
      expectFailure(sandbox, result, 'refresh-disabled')
    })

    test('loses nothing if it is deleted instead: the next run creates it again', async () => {
      await using sandbox = await startSandbox({ reading: 'family' })
      await rollBack(sandbox)
      sandbox.store.variables.delete(stateVariable)
      expectRotated(sandbox, await sharedRun(sandbox))
      expectTidy(sandbox, 2)
    })
  },
)

test.concurrent(
  'a variable with the name of a claim that is not one is reported, and does not block jobs forever',
  { timeout: 300_000 },
  async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const leaseEndsAt = '2020-01-01T00:00:00.000Z'
    setVariable(
      sandbox,
      'BOX_STATE_CLAIM_NEW_999999999',
      JSON.stringify({ nonce: '', 'lease-ends-at': leaseEndsAt }),
    )
    setVariable(sandbox, 'BOX_STATE_CLAIM_NEW_1000000000', 'nothing')
    const result = await sharedRun(sandbox)
    expect(expectFailure(sandbox, result, 'github-unavailable')).toContain('BOX_STATE_CLAIM_')
    expectNothingSpent(sandbox)
  },
)

describe.concurrent('outages', () => {
  test('if the pair cannot be published, nothing is handed out, and post publishes it', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('create state', { kind: 'reply', reply: replies.status(503) })
    const step = sandbox.step({ with: { ...sharing, 'retry-for': '12' } })
    const main = await runStep(step)
    expect(expectFailure(sandbox, main, 'secret-not-written')).toContain(
      'did not let this job publish the new pair',
    )
    sandbox.githubServer.faults.clear()
    const post = await runPostStep(step, main.state)
    expect(post.exitCode).toBe(0)
    expectTidy(sandbox, 2)
    const next = await sharedRun(sandbox)
    expect(next.outputs['refreshed']).toBe('false')
    expect(sandbox.box.accepts(next.outputs['access-token'] ?? '')).toBe(true)
  })

  test('if post cannot publish it either, it prints the recovery text', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('create state', { kind: 'reply', reply: replies.status(503) })
    const step = sandbox.step({ with: { ...sharing, 'retry-for': '12' } })
    const main = await runStep(step)
    const post = await runPostStep(step, main.state)
    expect(post.exitCode).toBe(1)
    expect(post.stdout).toMatch(/^box-token-recovery\.v1\.[\w-]+$/m)
    expectNoSecrets(sandbox, post)
  })

  test('if the secret cannot be written, the run fails, and the next one uses the state', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
    const step = sandbox.step({ with: { ...sharing, 'retry-for': '12' } })
    const main = await runStep(step)
    expect(expectFailure(sandbox, main, 'secret-not-written')).toContain('nothing is lost')
    const post = await runPostStep(step, main.state)
    expect(post.exitCode).toBe(0)
    expect(post.stdout).not.toContain('box-token-recovery')
    sandbox.githubServer.faults.clear()
    const next = await sharedRun(sandbox)
    expect(next.outputs['refreshed']).toBe('false')
    sandbox.clock.advance(1.2 * hourMs)
    expectRotated(sandbox, await sharedRun(sandbox))
    expectTidy(sandbox)
  })

  test.each([
    ['the answer to the claim', 'create claim'],
    ['the answer to the publication', 'create state'],
    ['the answer to the store', 'write'],
    ['the answer to marking the claim', 'update claim'],
  ])('%s is lost: the run continues', async (_what, label) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add(label, { kind: 'reset-after' }, { times: 1 })
    const result = await sharedRun(sandbox)
    expect(result.exitCode).toBe(0)
    expectTidy(sandbox)
  })
})
