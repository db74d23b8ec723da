/** Before any token is used, GitHub has to show that the write will work. */
import { describe, expect, test } from 'vitest'
import type { TokenGrant } from '../sandbox/github.ts'
import { apiError } from '../sandbox/github.ts'
import { replies } from '../sandbox/faults.ts'
import { writeToken } from '../sandbox/sandbox.ts'
import { expectFailure, expectNothingSpent, expectRotated, startSandbox } from './support.ts'

const otherToken = 'github_pat_11AAAAAAA0sandbox_otherToken'

describe.concurrent('a token that cannot write stops the run', () => {
  test.each<[string, TokenGrant, string | undefined, RegExp]>([
    [
      'read-only, repository secret',
      { kind: 'fine-grained', permissions: { secrets: 'read', actions: 'read' } },
      undefined,
      /answered 403 .*write the secret BOX_REFRESH_TOKEN of repository octo-org\/nightly \("Resource not accessible by personal access token"\).*"Secrets: Read and write"/,
    ],
    [
      'read-only, environment secret',
      { kind: 'fine-grained', permissions: { environments: 'read' } },
      'production',
      /answered 403 .*environment "production".*"Environments: Read and write"/,
    ],
    [
      'GITHUB_TOKEN',
      { kind: 'workflow', permissions: { actions: 'write' } },
      undefined,
      /"Resource not accessible by integration".*GITHUB_TOKEN can't write secrets/,
    ],
    [
      'expired',
      { kind: 'fine-grained', permissions: { secrets: 'write' }, expiresAt: 1_000 },
      undefined,
      /answered 401 .*\("Bad credentials"\): the token is not valid or has expired/,
    ],
  ])('%s', async (_name, grant, environment, message) => {
    await using sandbox = await startSandbox(environment === undefined ? {} : { environment })
    sandbox.github.tokens.set(otherToken, grant)
    const result = await sandbox.run({ with: { 'github-token': otherToken } })
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toMatch(message)
    expectNothingSpent(sandbox)
  })

  test('unknown to GitHub', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'github-token': otherToken } })
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toMatch(/answered 401/)
    expectNothingSpent(sandbox)
  })

  test('a token that fails only the probe, with 404', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('probe', { kind: 'reply', reply: apiError(404, 'Not Found') })
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toMatch(/answered 404 to a request to write/)
    expectNothingSpent(sandbox)
  })
})

describe.concurrent('a place or secret that does not exist', () => {
  test('a repository that the token cannot access', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { repository: 'octo-org/elsewhere' } })
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toMatch(
      /the repository octo-org\/elsewhere does not exist, or the token has no access to it/,
    )
    expectNothingSpent(sandbox)
  })

  test('an environment that does not exist', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { environment: 'prodution' } })
    expect(expectFailure(sandbox, result, 'cannot-write-secret')).toMatch(
      /the environment "prodution" does not exist in octo-org\/nightly/,
    )
    expectNothingSpent(sandbox)
  })

  test('a secret that does not exist, whatever its probe gets', async () => {
    await using sandbox = await startSandbox()
    const first = await sandbox.run({ with: { 'secret-name': 'BOX_TOKEN' } })
    expect(expectFailure(sandbox, first, 'bad-input')).toMatch(
      /The secret BOX_TOKEN of repository octo-org\/nightly does not exist\..*secret-name/,
    )
    sandbox.githubServer.faults.add('probe', { kind: 'reply', reply: apiError(404, 'Not Found') })
    expectFailure(sandbox, await sandbox.run({ with: { 'secret-name': 'BOX_TOKEN' } }), 'bad-input')
    expectNothingSpent(sandbox)
  })
})

describe.concurrent('a probe that says neither yes nor no', () => {
  test.each([
    ['400', apiError(400, 'Problems parsing JSON'), 1],
    ['204', { status: 204 }, 1],
    ['a steady 500', apiError(500, 'Server Error'), 3],
  ])('%s: the run continues', async (_name, reply, probes) => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('probe', { kind: 'reply', reply })
    const result = await sandbox.run()
    expectRotated(sandbox, result)
    expect(result.log).toContain('it is not certain that this token can write it')
    expect(sandbox.requests.filter((request) => request === 'github probe')).toHaveLength(probes)
  })

  test('an outage is not an answer: no token is used', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('probe', { kind: 'reply', reply: replies.status(503) })
    const result = await sandbox.run({ with: { 'retry-for': '12' } })
    expect(expectFailure(sandbox, result, 'github-unavailable')).toMatch(
      /within 12 s; last try: it answered 503/,
    )
    expectNothingSpent(sandbox)
  })
})

test.concurrent('a token that may not read the run is good enough', async () => {
  await using sandbox = await startSandbox()
  sandbox.github.tokens.set(writeToken, { kind: 'fine-grained', permissions: { secrets: 'write' } })
  expectRotated(sandbox, await sandbox.run())
})

test.concurrent('the probe changes nothing', async () => {
  await using sandbox = await startSandbox()
  const before = sandbox.store.secrets.get('BOX_REFRESH_TOKEN')
  sandbox.box.appDisabled = true
  expectFailure(sandbox, await sandbox.run(), 'unauthorized-app')
  expect(sandbox.requests).toContain('github probe')
  expect(sandbox.store.secrets.get('BOX_REFRESH_TOKEN')).toBe(before)
})
