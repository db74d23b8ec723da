/** `login` and `recover` where jobs share a token: they respect the claim, like every job. */
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { claimToken } from '../../src/sharing/claim.ts'
import { sealState } from '../../src/sharing/state.ts'
import { Cli, runCli, type CliOptions } from '../sandbox/cli.ts'
import { replies } from '../sandbox/faults.ts'
import { runPostStep, runStep } from '../sandbox/runner.ts'
import { repository, type Sandbox, secretName, writeToken } from '../sandbox/sandbox.ts'
import { emptySandbox, expectNothingLeaked, goThrough, loginToken, startLogin } from './login-support.ts'
import {
  expectTidy,
  sealOf,
  setVariable,
  sharing,
  stateOf,
  stateVariable,
  variables,
} from './sharing-support.ts'
import { expectRotated, startSandbox } from './support.ts'

const flags = ['--state-variable', stateVariable]

describe.concurrent('login', () => {
  test('creates the state, and the printed workflow shares it', async () => {
    await using sandbox = await emptySandbox({ reading: 'strict' })
    const logIn = await startLogin(sandbox, { args: flags })
    expect((await goThrough(logIn)).status).toBe(200)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain(`state-variable: ${stateVariable}`)
    expectTidy(sandbox)
    expectNothingLeaked(sandbox, result.stdout, result.stderr)
    expect(sandbox.violations).toEqual([])
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run({ with: sharing }))
  })

  test('replaces the state, and jobs with old copies of the secret use the new sign-in', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.github.tokens.set(loginToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', variables: 'write', actions: 'read', administration: 'write' },
    })
    const queuedBefore = sandbox.startJob()
    await sandbox.run({ with: sharing })
    const logIn = await startLogin(sandbox, { args: flags })
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
    expectTidy(sandbox, 2)
    sandbox.clock.advance(5_000)
    const result = await sandbox.run({ job: queuedBefore, with: sharing })
    expectRotated(sandbox, result)
    expect(sandbox.box.pairs.at(-1)?.grant).toBe(2)
    expect(stateOf(sandbox).refreshToken).toBe(sandbox.stored)
  })

  test('waits for a job that is refreshing', { timeout: 60_000 }, async () => {
    await using sandbox = await emptySandbox({ reading: 'strict' })
    const leaseEndsAt = new Date(sandbox.clock.now() + 300_000).toISOString()
    const value = JSON.stringify({ nonce: 'somebody', 'lease-ends-at': leaseEndsAt })
    const now = sandbox.clock.now()
    const claim = `${stateVariable}_CLAIM_NEW_1`
    sandbox.store.variables.set(claim, { value, createdAt: now, updatedAt: now })
    const logIn = await startLogin(sandbox, { args: flags })
    const wentThrough = goThrough(logIn)
    await logIn.cli.until(/waiting for it/)
    expect(variables(sandbox)).toEqual([claim])
    // That job gets no pair, and gives its claim up.
    const givenUp = JSON.stringify({ nonce: 'somebody', 'lease-ends-at': new Date(0).toISOString() })
    sandbox.store.variables.set(claim, { value: givenUp, createdAt: now, updatedAt: sandbox.clock.now() })
    expect((await wentThrough).status).toBe(200)
    expect((await logIn.cli.done).exitCode).toBe(0)
    expectTidy(sandbox, 2)
  })
})

/** Somebody's claim that is live for five minutes. */
function putLiveClaim(sandbox: Sandbox, token = 'NEW'): void {
  const leaseEndsAt = new Date(sandbox.clock.now() + 300_000).toISOString()
  const value = JSON.stringify({ nonce: 'somebody', 'lease-ends-at': leaseEndsAt })
  setVariable(sandbox, `${stateVariable}_CLAIM_${token}_1`, value)
}

describe.skipIf(process.platform === 'win32').concurrent('Ctrl-C while it waits for another job', () => {
  test('`login` hands the token over, and ends after five seconds', async () => {
    await using sandbox = await emptySandbox({ reading: 'strict' })
    putLiveClaim(sandbox)
    const logIn = await startLogin(sandbox, { args: flags })
    void goThrough(logIn).catch(() => {})
    await logIn.cli.until(/waiting for it/)
    logIn.cli.kill('SIGINT')
    const { exitCode, stdout, stderr } = await logIn.cli.done
    expect(exitCode).toBe(130)
    const text = /^box-token-recovery\.v1\.[\w-]+$/m.exec(stdout)?.[0] ?? ''
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'box-token: interrupted. Box has issued a refresh token, which is in the recovery text on standard output, encrypted so that only this app can open it. Pass it to `box-token recover --state-variable BOX_STATE`, which stores it.',
    )
    expectNothingLeaked(sandbox, stdout, stderr)
    // Once that job is done, it is stored.
    sandbox.clock.advance(400_000)
    const recovered = await recover(sandbox, text, flags)
    expect([recovered.exitCode, recovered.stderr]).toEqual([0, expect.any(String)])
    expect(stateOf(sandbox).refreshToken).toBe(sandbox.box.pairs.at(-1)?.refreshToken)
  })

  test('`recover` ends at once, and its text still works', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    putLiveClaim(sandbox, claimToken(sealOf(sandbox).secrets, stateOf(sandbox).refreshToken))
    const cli = await Cli.start(recovering(sandbox, text, flags))
    await cli.until(/waiting for it/)
    cli.kill('SIGINT')
    const { exitCode, stdout, stderr } = await cli.done
    expect([exitCode, stdout]).toEqual([130, ''])
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('box-token: interrupted. The recovery text still works.')
    sandbox.clock.advance(400_000)
    expect((await recover(sandbox, text, flags)).exitCode).toBe(0)
    expect(stateOf(sandbox).refreshToken).toBe(sandbox.box.pairs.at(-1)?.refreshToken)
  })
})

function recover(sandbox: Sandbox, text: string, args: readonly string[]) {
  return runCli(recovering(sandbox, text, args))
}

/** How `recover` is started. */
function recovering(sandbox: Sandbox, text: string, args: readonly string[]): CliOptions {
  return {
    args: ['recover', '--repo', repository, '--github-api-url', sandbox.githubServer.url, ...args],
    env: {
      BOX_CLIENT_ID: sandbox.box.clientId,
      BOX_CLIENT_SECRET: sandbox.box.clientSecret,
      GITHUB_TOKEN: writeToken,
      ...sandbox.skippingPauses,
    },
    input: text,
  }
}

/** A job whose pair could not be published, and its recovery text. */
async function lostPair(sandbox: Sandbox): Promise<string> {
  await sandbox.run({ with: sharing })
  sandbox.clock.advance(2 * 3_600_000)
  sandbox.githubServer.faults.add('update state', { kind: 'reply', reply: replies.status(503) })
  const step = sandbox.step({ with: { ...sharing, 'retry-for': '12' } })
  const main = await runStep(step)
  const post = await runPostStep(step, main.state)
  sandbox.githubServer.faults.clear()
  // The job's claim is over, or was given up.
  sandbox.clock.advance(60_000)
  return /^box-token-recovery\.v1\.[\w-]+$/m.exec(post.stdout)?.[0] ?? ''
}

describe.concurrent('recover', () => {
  test('publishes and stores the token, and holds no claim afterwards', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('shared state')
    expectTidy(sandbox, 3)
    // A later refresh deletes the claims that are over.
    sandbox.clock.advance(700_000)
    expectRotated(sandbox, await sandbox.run({ with: sharing }))
    sandbox.clock.advance(2 * 3_600_000)
    expectRotated(sandbox, await sandbox.run({ with: sharing }))
    expectTidy(sandbox, 2)
  })

  test('leaves a secret alone that somebody has written since, and does not say that it stored there', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    sandbox.github.setSecret(sandbox.store, secretName, 'somebody-s')
    const result = await recover(sandbox, text, [...flags, '--json'])
    expect(result.exitCode).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      stored: false,
      published: stateVariable,
      overwrote: false,
    })
    expect(result.stderr).toContain('it is left unchanged')
    expect(sandbox.stored).toBe('somebody-s')
    expect(sandbox.box.takes(stateOf(sandbox).refreshToken)).toBe(true)
  })

  test('leaves a secret alone that was written just before, even if its only look is an old one', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    const updatedAt = new Date(sandbox.store.secrets.get(secretName)?.updatedAt ?? 0).toISOString()
    sandbox.github.setSecret(sandbox.store, secretName, 'somebody-s')
    sandbox.clock.advance(5_000)
    sandbox.githubServer.faults.add(
      'metadata',
      {
        kind: 'replace',
        replace: (reply) => ({ ...reply, body: { ...(reply.body as object), updated_at: updatedAt } }),
      },
      { times: 1 },
    )
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(0)
    expect(result.stderr).toContain('it is left unchanged')
    expect(sandbox.stored).toBe('somebody-s')
    expect(sandbox.box.takes(stateOf(sandbox).refreshToken)).toBe(true)
  })

  test('says that a job has gone on from the token since: nothing is left to do', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    // GitHub writes the state, but its answer gets lost; before the next look, a job refreshes.
    const goOn = () => {
      const brought = stateOf(sandbox)
      const { refreshToken } = sandbox.box.logIn()
      const fingerprint = fingerprintOf(sealOf(sandbox).secrets, brought.refreshToken)
      const over = brought.over.with(fingerprint, sandbox.clock.now())
      setVariable(sandbox, stateVariable, sealState(sealOf(sandbox), { ...brought, refreshToken, over }))
      return replies.status(502)
    }
    sandbox.githubServer.faults.add('update state', { kind: 'replace', replace: goOn }, { times: 1 })
    const stored = sandbox.stored
    const result = await recover(sandbox, text, [...flags, '--json'])
    expect(result.exitCode).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      stored: false,
      published: stateVariable,
      followed: true,
    })
    expect(result.stderr).toContain('a job has refreshed it since: that job stores the new one')
    expect(sandbox.stored).toBe(stored)
    expect(stateOf(sandbox).refreshToken).toBe(sandbox.box.pairs.at(-1)?.refreshToken)
  })

  test('asks for the variable if the text is from jobs that share a token', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    const stored = sandbox.stored
    const result = await recover(sandbox, text, [])
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain(`give --state-variable ${stateVariable}`)
    expect(sandbox.stored).toBe(stored)
  })

  test('names the permission if the token may not write variables', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    sandbox.github.tokens.set(writeToken, { kind: 'fine-grained', permissions: { secrets: 'write' } })
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('"Variables: Read and write"')
    expect(result.stderr).toContain('The recovery text still works.')
  })

  test('refuses if the state has moved on', async () => {
    await using sandbox = await startSandbox({ reading: 'grace' })
    const text = await lostPair(sandbox)
    expect((await sandbox.run({ with: { ...sharing, verify: 'true' } })).exitCode).toBe(0)
    sandbox.clock.advance(2 * 3_600_000)
    expect((await sandbox.run({ with: { ...sharing, verify: 'true' } })).exitCode).toBe(0)
    const { refreshToken } = stateOf(sandbox)
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(
      /The variable BOX_STATE of repository \S+ has been written since the recovery text was printed\./,
    )
    expect(stateOf(sandbox).refreshToken).toBe(refreshToken)
    expect(sandbox.store.value(secretName)).toBe(refreshToken)
  })
})

// These keep trying for a minute.
describe.concurrent('if GitHub fails', { timeout: 180_000 }, () => {
  test('login: if the state cannot be published, the recovery text gets it there', async () => {
    await using sandbox = await emptySandbox({ reading: 'strict' })
    // The first two are the proofs before the browser opens.
    sandbox.githubServer.faults.add(
      'create state',
      { kind: 'reply', reply: replies.status(403) },
      { skip: 2 },
    )
    const logIn = await startLogin(sandbox, { args: flags })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(1)
    const recovery = /box-token-recovery\.v1\.[\w-]+/.exec(result.stdout)?.[0] ?? ''
    expect(recovery).not.toBe('')
    sandbox.githubServer.faults.clear()
    const recovered = await recover(sandbox, recovery, flags)
    expect(recovered.exitCode).toBe(0)
    expect(stateOf(sandbox).refreshToken).toBe(sandbox.stored)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('recover: an outage before anything is written is reported as one', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    sandbox.githubServer.faults.add('state', { kind: 'reply', reply: replies.status(503) })
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('GitHub gave no usable answer within 60 s; last try: it answered 503')
    expect(result.stderr).toContain('The recovery text still works.')
    expect(result.stderr).not.toContain('internal error')
    sandbox.githubServer.faults.clear()
    expect((await recover(sandbox, text, flags)).exitCode).toBe(0)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('recover: if a copy cannot be stored, the message says what holds the token', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const text = await lostPair(sandbox)
    const { stored } = sandbox
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) })
    const result = await recover(sandbox, text, flags)
    expect(result.exitCode).toBe(1)
    expect(result.stdout).toBe('')
    expect(result.stderr).toMatch(
      /the refresh token is published in the variable BOX_STATE of repository \S+, where jobs find it, but GitHub did not confirm that it is stored in the secret BOX_REFRESH_TOKEN of repository \S+: it answered 503/,
    )
    expect(result.stderr).not.toContain('still works')
    expect(sandbox.stored).toBe(stored)
    expect(sandbox.box.takes(stateOf(sandbox).refreshToken)).toBe(true)
    sandbox.githubServer.faults.clear()
    expectRotated(sandbox, await sandbox.run({ with: sharing }))
    expect(sandbox.stored).toBe(stateOf(sandbox).refreshToken)
  })
})
