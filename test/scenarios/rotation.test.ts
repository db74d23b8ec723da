import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { expectRotated, openStored, startSandbox } from './support.ts'

describe.concurrent.each(readings)('a run, Box read as %s', (reading) => {
  test('rotates the pair, and the next runs continue from there', async () => {
    await using sandbox = await startSandbox({ reading })
    const seen = new Set([sandbox.stored])
    for (let round = 1; round <= 3; round += 1) {
      const result = await sandbox.run()
      expectRotated(sandbox, result)
      expect(seen.has(sandbox.stored), 'a new token each time').toBe(false)
      seen.add(sandbox.stored)
      sandbox.clock.advance(3_600_000)
    }
    expect(sandbox.box.pairs).toHaveLength(4)
    expect(sandbox.box.revocations).toBe(0)
    expect(sandbox.violations).toEqual([])
  })

  test('continues from the stored token if the access token was used in between', async () => {
    await using sandbox = await startSandbox({ reading })
    for (let round = 1; round <= 2; round += 1) {
      const result = await sandbox.run({ with: { verify: 'true' } })
      expectRotated(sandbox, result)
      expect(result.log).toContain('belongs to Aaron Levie (ceo@example.com, user 11446498)')
      sandbox.clock.advance(3_600_000)
    }
    expect(sandbox.violations).toEqual([])
  })

  test('keeps an environment secret alive the same way', async () => {
    await using sandbox = await startSandbox({ reading, environment: 'box / production #1' })
    for (let round = 1; round <= 2; round += 1) {
      expectRotated(sandbox, await sandbox.run())
      sandbox.clock.advance(3_600_000)
    }
    const paths = sandbox.record
      .map(({ request }) => request.target)
      .filter((target) => target.includes('secrets'))
    expect(new Set(paths)).toEqual(
      new Set([
        '/repos/octo-org/nightly/environments/box%20%2F%20production%20%231/secrets/public-key',
        '/repos/octo-org/nightly/environments/box%20%2F%20production%20%231/secrets/BOX_REFRESH_TOKEN',
      ]),
    )
    const repositoryStore = sandbox.github.repositories.get('octo-org/nightly')?.secrets
    expect(repositoryStore?.value('BOX_REFRESH_TOKEN')).toBeUndefined()
    expect(sandbox.violations).toEqual([])
  })
})

test('the order of masks, requests, log lines and outputs', async () => {
  await using sandbox = await startSandbox()
  const result = await sandbox.run({ with: { verify: 'true' } })
  expectRotated(sandbox, result)
  const names: Record<string, string> = {
    [sandbox.box.clientSecret]: 'client secret',
    [sandbox.firstPair.refreshToken]: 'old refresh token',
    [sandbox.stored]: 'new refresh token',
    [result.outputs['access-token'] ?? '']: 'new access token',
  }
  const lines = result.stdout
    .trim()
    .split('\n')
    .map((line) => {
      const mask = line.startsWith('::add-mask::') ? line.slice('::add-mask::'.length) : undefined
      return mask === undefined
        ? line.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, '<date>')
        : `(mask) ${names[mask] ?? 'github token'}`
    })
  expect(lines).toMatchInlineSnapshot(`
    [
      "(mask) client secret",
      "(mask) old refresh token",
      "(mask) github token",
      "Refreshing the Box token pair. Its refresh token, which works once, is in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly.",
      "GitHub: the secret exists, last written <date>; this token can write it. No token has been used so far.",
      "Box: asking for a new pair.",
      "(mask) new refresh token",
      "(mask) new access token",
      "Box: issued a new pair. From now on, the old one may stop working at any moment.",
      "GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.",
      "Box: the token belongs to Aaron Levie (ceo@example.com, user 11446498).",
      "Handed out the access token, masked, as output "access-token". It is valid until <date> (69 min).",
      "The stored refresh token works once, until <date>. If no run refreshes the pair before then, somebody has to sign in to Box again.",
    ]
  `)
  expect(sandbox.requests.slice(0, 4).toSorted()).toEqual([
    'github key',
    'github metadata',
    'github probe',
    'github run',
  ])
  expect(sandbox.requests.slice(4)).toEqual(['box token', 'github metadata', 'github write', 'box user'])
  expect(Object.keys(result.outputs)).toEqual([
    'access-token',
    'expires-at',
    'expires-in',
    'refreshed',
    'refresh-token-expires-at',
  ])
  expect(Object.keys(result.state)).toEqual(['journal', 'progress'])
  expect(result.exported).toEqual({})
})

test.concurrent("reports times by Box's clock, whatever the runner's clock says", async () => {
  await using sandbox = await startSandbox()
  sandbox.clock.advance(-7 * 24 * 3_600_000)
  sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', sandbox.stored)
  sandbox.clock.advance(60_000)
  const before = Math.floor(sandbox.clock.now() / 1000) * 1000
  const result = await sandbox.run()
  const after = sandbox.clock.now()
  expectRotated(sandbox, result)
  const expiresAt = Date.parse(result.outputs['expires-at'] ?? '')
  expect(expiresAt).toBeGreaterThanOrEqual(before + 4_175_000)
  expect(expiresAt).toBeLessThanOrEqual(after + 4_175_000)
  expect(Number(result.outputs['expires-in'])).toBeGreaterThanOrEqual(4_170)
  expect(Number(result.outputs['expires-in'])).toBeLessThanOrEqual(4_175)
  const refreshExpiresAt = Date.parse(result.outputs['refresh-token-expires-at'] ?? '')
  expect(refreshExpiresAt - expiresAt).toBe((60 * 24 * 3600 - 4175) * 1000)
})

test.concurrent('takes four round trips from start to stored', async () => {
  const latencyMs = 1_000
  await using sandbox = await startSandbox({ latencyMs })
  const result = await sandbox.run()
  expectRotated(sandbox, result)
  const first = Math.min(...sandbox.record.map(({ arrivedAt }) => arrivedAt))
  const stored = sandbox.record.find(({ label }) => label === 'write')?.answeredAt ?? 0
  expect(stored - first).toBeGreaterThan(4 * latencyMs - 10)
  // A fifth would exceed this.
  expect(stored - first).toBeLessThan(5 * latencyMs)
})

test.concurrent('every request names its sender, and asks for JSON', async () => {
  await using sandbox = await startSandbox()
  expectRotated(sandbox, await sandbox.run({ with: { verify: 'true', 'state-variable': 'BOX_STATE' } }))
  const headers = sandbox.record.map(({ request }) => request.headers)
  expect(
    headers.filter((sent) => !/^(?:box-token-action|oauth4webapi)\b/.test(sent['user-agent'] ?? '')),
  ).toEqual([])
  expect(
    headers.filter(({ accept }) => !/^application\/(?:vnd\.github\.v3\+)?json$/.test(accept ?? '')),
  ).toEqual([])
})

test('the job summary says what was done, and is not written if it is switched off', async () => {
  await using sandbox = await startSandbox()
  const result = await sandbox.run({ with: { verify: 'true' } })
  expect(result.summary.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, '<date>')).toMatchInlineSnapshot(`
    "<h3>Box token refreshed</h3>
    <table><tr><th>Refresh token</th><td>rotated and stored in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly</td></tr><tr><th>Access token valid until</th><td><date> (69 min)</td></tr><tr><th>Refresh token valid until</th><td><date>, for one refresh</td></tr><tr><th>Belongs to</th><td>Aaron Levie (ceo@example.com, user 11446498)</td></tr></table>
    "
  `)
  sandbox.clock.advance(60_000)
  expect((await sandbox.run({ with: { summary: 'false' } })).summary).toBe('')
  sandbox.box.revokeAll()
  sandbox.clock.advance(60_000)
  expect((await sandbox.run({ with: { summary: 'false' } })).summary).toBe('')
})

test.concurrent(
  'a rotated key of the store is fetched again, and the token sealed for the new one',
  async () => {
    await using sandbox = await startSandbox()
    const before = sandbox.store.key.id
    sandbox.boxServer.faults.add('token', {
      kind: 'replace',
      replace: (reply) => {
        sandbox.store.rotateKey()
        return reply
      },
    })
    const result = await sandbox.run()
    expect(sandbox.store.key.id).not.toBe(before)
    expectRotated(sandbox, result)
    expect(openStored(sandbox)).toBe(sandbox.box.pairs.at(-1)?.refreshToken)
    expect(sandbox.requests.slice(4)).toEqual([
      'box token',
      'github metadata',
      'github write',
      'github key',
      'github metadata',
      'github write',
    ])
  },
)
