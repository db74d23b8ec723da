/** Outages, limits and lost answers, at every request of a run. */
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import type { ModelReply } from '../sandbox/exchange.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { freePort } from '../sandbox/ports.ts'
import { expectFailure, expectNothingSpent, expectRotated, tokenRequests, startSandbox } from './support.ts'

const passing: [string, Fault][] = [
  ['status 500', { kind: 'reply', reply: replies.status(500) }],
  ['status 502 with HTML', { kind: 'reply', reply: replies.status(502) }],
  ['status 503 with Retry-After', { kind: 'reply', reply: replies.status(503, { 'retry-after': '1' }) }],
  ['status 429', { kind: 'reply', reply: replies.tooManyRequests() }],
  ['status 429 with Retry-After', { kind: 'reply', reply: replies.tooManyRequests('1') }],
  ['a reset before the server acts', { kind: 'reset-before' }],
  ['no answer in time', { kind: 'hang-before' }],
  ['a redirect', { kind: 'reply', reply: replies.redirect('http://127.0.0.1:9/elsewhere') }],
  [
    'a body that is not JSON',
    {
      kind: 'reply',
      reply: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"half":' },
    },
  ],
  ['a body of 5 MB', { kind: 'reply', reply: { status: 200, body: 'x'.repeat(5_000_000) } }],
]

describe.concurrent.each(['key', 'metadata', 'probe', 'run', 'write'])('GitHub, %s', (label) => {
  test.each(passing)('%s is overcome', async (_name, fault) => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add(label, fault, { times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { 'retry-for': '9' } }))
    expect(tokenRequests(sandbox)).toBe(1)
  })
})

describe.concurrent('Box', () => {
  test.each(passing)('%s is overcome', async (_name, fault) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add('token', fault, { times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { 'retry-for': '9' } }))
    expect(tokenRequests(sandbox)).toBe(2)
  })

  describe.each(readings)('read as %s', (reading) => {
    test.each<[string, Fault]>([
      ['reset', { kind: 'reset-after' }],
      ['timed out', { kind: 'hang-after' }],
      ['cut off', { kind: 'cut-off' }],
    ])('an answer that is %s is requested again', async (_name, fault) => {
      await using sandbox = await startSandbox({ reading })
      sandbox.boxServer.faults.add('token', fault, { times: 1 })
      const result = await sandbox.run({ with: { 'retry-for': '9' } })
      expect(tokenRequests(sandbox)).toBe(2)
      if (reading === 'grace' || reading === 'siblings') {
        expectRotated(sandbox, result)
        sandbox.clock.advance(5_000)
        expectRotated(sandbox, await sandbox.run())
      } else {
        // No client can do better: the pair was lost with the answer.
        expect(expectFailure(sandbox, result, 'reauthorize')).toContain('may have used the token')
      }
    })
  })

  test('429 until time runs out: rate-limited, nothing used', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: replies.tooManyRequests() })
    const message = expectFailure(sandbox, await sandbox.run({ with: { 'retry-for': '12' } }), 'rate-limited')
    expect(message).toMatch(/no pair within 12 s: it answered 429 \(too many requests\)\. Nothing was used/)
    expect(tokenRequests(sandbox)).toBeGreaterThan(1)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('a Retry-After longer than the time that is left ends the run at once', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: replies.tooManyRequests('3600') })
    const before = performance.now()
    const message = expectFailure(sandbox, await sandbox.run(), 'rate-limited')
    expect(message).toContain('it asks for a wait of 3600 s, but there are only 20 s for all tries')
    expect(performance.now() - before).toBeLessThan(10_000)
    expect(tokenRequests(sandbox)).toBe(1)
  })

  test('an outage until time runs out: box-unavailable, perhaps used', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: replies.status(503) })
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: { 'retry-for': '12' } }),
      'box-unavailable',
    )
    expect(message).toMatch(
      /within 12 s; last try: it answered 503\. Box may have invalidated the stored refresh token/,
    )
  })

  test('a server that cannot be reached: box-unavailable, nothing used', async () => {
    await using sandbox = await startSandbox()
    const closed = await freePort()
    const result = await sandbox.run({
      with: { 'retry-for': '12', 'box-api-url': `http://127.0.0.1:${closed}` },
    })
    const message = expectFailure(sandbox, result, 'box-unavailable')
    expect(message).toMatch(/no connection \(ECONNREFUSED\)\. Nothing was used/)
  })

  test("an address that is not Box's is reported at once", async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'box-api-url': `${sandbox.boxServer.url}/api` } })
    expect(expectFailure(sandbox, result, 'box-unavailable')).toMatch(
      /it answered 404\. Nothing was used.*`box-api-url`/,
    )
  })
})

describe.concurrent('a 200 that is not a token pair', () => {
  const pair = {
    access_token: 'a'.repeat(32),
    refresh_token: 'r'.repeat(64),
    expires_in: 3600,
    token_type: 'bearer',
  }

  test.each<[string, unknown]>([
    ['an empty object', {}],
    ['a list', []],
    ['HTML', '<html><body>Log in to this network</body></html>'],
    ['no refresh token', { ...pair, refresh_token: undefined }],
    ['a number as refresh token', { ...pair, refresh_token: 12345 }],
    ['a refresh token with a line break', { ...pair, refresh_token: 'abc\ndef' }],
  ])('%s: bad-response, perhaps used', async (_name, body) => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 200, body } })
    const message = expectFailure(sandbox, await sandbox.run(), 'bad-response')
    expect(message).toMatch(/its answer \(200\) is not a token pair.*may have invalidated/)
    expect(sandbox.stored).toBe(sandbox.firstPair.refreshToken)
    expect(tokenRequests(sandbox)).toBe(3)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['no access token', { access_token: undefined }, '"access_token"'],
    ['a number as access token', { access_token: 7 }, '"access_token"'],
    ['an access token with a line break', { access_token: 'abc\ndef' }, '"access_token"'],
    ['no expires_in', { expires_in: undefined }, '"expires_in"'],
    ['an expires_in that is not a number', { expires_in: 'soon' }, '"expires_in"'],
    ['an expires_in of zero', { expires_in: 0 }, '"expires_in"'],
    ['an expires_in beyond any date', { expires_in: 1e300 }, '"expires_in"'],
    ['another token type', { token_type: 'mac' }, '"token_type"'],
  ])('%s: the refresh token that came with it is still stored', async (_name, change, field) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add(
      'token',
      {
        kind: 'replace',
        replace: ({ status, body }) => ({ status, body: { ...(body as object), ...change } }),
      },
      { times: 1 },
    )
    const message = expectFailure(sandbox, await sandbox.run(), 'bad-response')
    expect(message).toContain(field)
    expect(message).toMatch(/the new one from that answer is stored/)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
  })
})

describe.concurrent('the store', () => {
  test.each<[string, Fault]>([
    ['reset', { kind: 'reset-after' }],
    ['timed out', { kind: 'hang-after' }],
    ['replaced by an outage page', { kind: 'replace', replace: () => replies.status(502) }],
  ])(
    'an answer to the write that is %s: it is not written twice, and nothing is handed out',
    async (_name, fault) => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      // Dates are whole seconds: a write in the second of the first look looks the same as one before it.
      sandbox.boxServer.onRequest = () => sandbox.clock.advance(2_000)
      sandbox.githubServer.faults.add('write', fault, { times: 1 })
      const { main, post } = await sandbox.runWithPost({ with: { 'retry-for': '12', verify: 'true' } })
      const message = expectFailure(sandbox, main, 'stale-secret')
      expect(message).toMatch(
        /by this run or by another one: GitHub's answer to this run got lost.*is stored, or superseded by a newer one/,
      )
      expect(sandbox.requests.filter((request) => request === 'github write')).toHaveLength(1)
      expect(sandbox.requests).not.toContain('box user')
      expect([post.exitCode, post.stdout]).toEqual([0, ''])
      expect(sandbox.stored).not.toBe(sandbox.firstPair.refreshToken)
      expect(sandbox.box.takes(sandbox.stored)).toBe(true)
      sandbox.clock.advance(5_000)
      expectRotated(sandbox, await sandbox.run())
    },
  )

  test.each<[string, Fault, string]>([
    ['an outage', { kind: 'reply', reply: replies.status(503) }, 'it answered 503'],
    [
      'a lost permission',
      { kind: 'reply', reply: { status: 403, body: { message: 'Resource not accessible' } } },
      'it answered 403 ("Resource not accessible")',
    ],
    [
      'a key that never fits',
      {
        kind: 'reply',
        reply: { status: 422, body: { message: 'Bad request - improperly encrypted secret' } },
      },
      'it answered 422',
    ],
    ['a reset', { kind: 'reset-before' }, 'the connection was interrupted'],
  ])('%s that does not end: secret-not-written, nothing handed out', async (_name, fault, reason) => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('write', fault)
    const result = await sandbox.run({ with: { 'retry-for': '12', verify: 'true' } })
    const message = expectFailure(sandbox, result, 'secret-not-written')
    expect(message).toContain(reason)
    expect(message).toMatch(/Nothing is handed out.*start a new run/)
    expect(sandbox.requests).not.toContain('box user')
    expect(sandbox.stored).toBe(sandbox.firstPair.refreshToken)
    // Under this reading the old token works until the new one is used, so a failed run costs nothing.
    sandbox.githubServer.faults.clear()
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
  })

  test('the check before the write fails: nothing is written', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('metadata', { kind: 'reply', reply: replies.status(500) }, { skip: 1 })
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: { 'retry-for': '12' } }),
      'secret-not-written',
    )
    expect(message).toContain('it answered 500')
    expect(sandbox.requests).not.toContain('github write')
  })

  test('the secret is checked again before every retry', async () => {
    await using sandbox = await startSandbox()
    sandbox.clock.advance(5_000)
    sandbox.githubServer.faults.add(
      'write',
      { kind: 'reply', reply: replies.tooManyRequests() },
      { times: 2 },
    )
    const result = await sandbox.run()
    expectRotated(sandbox, result)
    expect(sandbox.requests.slice(5)).toEqual([
      'github metadata',
      'github write',
      'github metadata',
      'github write',
      'github metadata',
      'github write',
    ])
  })

  test('another run stores between a refused write and its retry: it is not overwritten', async () => {
    await using sandbox = await startSandbox()
    const job = sandbox.startJob()
    sandbox.clock.advance(5_000)
    sandbox.githubServer.faults.add(
      'write',
      {
        kind: 'replace',
        replace: () => {
          sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', 'stored-by-another-run')
          return replies.tooManyRequests()
        },
      },
      { times: 1 },
    )
    expectFailure(sandbox, await sandbox.run({ job }), 'stale-secret')
    expect(sandbox.stored).toBe('stored-by-another-run')
  })

  test.each<[string, string, Fault]>([
    [
      'a look that is refused',
      'metadata',
      { kind: 'reply', reply: apiError(403, 'Resource not accessible') },
    ],
    ['a look that is not authorized', 'metadata', { kind: 'reply', reply: apiError(401, 'Bad credentials') }],
    ['a write that is refused', 'write', { kind: 'reply', reply: apiError(404, 'Not Found') }],
    [
      'a write that asks for a longer wait than there is time',
      'write',
      { kind: 'reply', reply: replies.status(503, { 'retry-after': '3600' }) },
    ],
    [
      'a look that asks for a longer wait than there is time',
      'metadata',
      { kind: 'reply', reply: replies.tooManyRequests('3600') },
    ],
  ])('%s, once: the token is still stored', async (_name, label, fault) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    // The first look is before the refresh.
    sandbox.githubServer.faults.add(label, fault, { times: 1, skip: label === 'metadata' ? 1 : 0 })
    expectRotated(sandbox, await sandbox.run({ with: { 'retry-for': '12' } }))
  })

  test('different faults in a row do not add up', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const bad: ModelReply[] = [
      apiError(422, 'Bad request - improperly encrypted secret'),
      apiError(422, 'Bad request - improperly encrypted secret'),
      apiError(403, 'Resource not accessible'),
      replies.status(503),
      apiError(404, 'Not Found'),
    ]
    for (const reply of bad) sandbox.githubServer.faults.add('write', { kind: 'reply', reply }, { times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { 'retry-for': '60' } }))
  })

  test('a lost answer, and then no look: the message does not say that nothing is stored', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reset-after' }, { times: 1 })
    sandbox.githubServer.faults.add('metadata', { kind: 'reply', reply: replies.status(500) }, { skip: 2 })
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: { 'retry-for': '12' } }),
      'secret-not-written',
    )
    expect(message).toContain('the new one may or may not be stored')
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('a lost answer at the very end of the time: a last look finds that the secret was written', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.onRequest = () => sandbox.clock.advance(2_000)
    const outage = replies.status(503, { 'retry-after': '3600' })
    sandbox.githubServer.faults.add('write', { kind: 'replace', replace: () => outage })
    expectFailure(sandbox, await sandbox.run({ with: { 'retry-for': '12' } }), 'stale-secret')
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('a write that gets another 2xx is looked up', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'replace', replace: () => ({ status: 200, body: {} }) })
    expectFailure(sandbox, await sandbox.run(), 'stale-secret')
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test("another run stores long after this run's write was lost: stale-secret, and nothing is used", async () => {
    await using sandbox = await startSandbox({ reading: 'siblings' })
    const job = sandbox.startJob()
    sandbox.clock.advance(5_000)
    sandbox.githubServer.faults.add('write', { kind: 'reset-before' }, { times: 1 })
    sandbox.githubServer.faults.add(
      'metadata',
      {
        kind: 'replace',
        replace: () => {
          sandbox.clock.advance(60_000)
          sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', 'stored-by-another-run')
          return replies.status(502)
        },
      },
      { times: 1, skip: 2 },
    )
    const message = expectFailure(
      sandbox,
      await sandbox.run({ job, with: { verify: 'true' } }),
      'stale-secret',
    )
    expect(message).toContain("by this run or by another one: GitHub's answer to this run got lost")
    expect(sandbox.requests).not.toContain('box user')
    expect(sandbox.stored).toBe('stored-by-another-run')
  })

  test('an older date from a server that lags behind is not a newer secret', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const older = {
      status: 200,
      body: {
        name: 'BOX_REFRESH_TOKEN',
        created_at: '2020-01-01T00:00:00Z',
        updated_at: '2020-01-01T00:00:00Z',
      },
    }
    sandbox.githubServer.faults.add(
      'metadata',
      { kind: 'replace', replace: () => older },
      { times: 1, skip: 1 },
    )
    expectRotated(sandbox, await sandbox.run())
  })

  test('a probe that touched the secret after all is not mistaken for another run', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const job = sandbox.startJob()
    const touch = (): ModelReply => {
      const { value } = sandbox.store.secrets.get('BOX_REFRESH_TOKEN') ?? { value: '' }
      sandbox.clock.advance(3_000)
      sandbox.github.setSecret(sandbox.store, 'BOX_REFRESH_TOKEN', value)
      return { status: 204 }
    }
    sandbox.githubServer.faults.add('probe', { kind: 'replace', replace: touch })
    sandbox.githubServer.faults.add('run', { kind: 'reply', reply: apiError(403, 'no') })
    expectRotated(sandbox, await sandbox.run({ job }))
  })

  test('a secret that was deleted meanwhile is written again, because this token is the last one', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', {
      kind: 'replace',
      replace: (reply) => {
        sandbox.store.secrets.delete('BOX_REFRESH_TOKEN')
        return reply
      },
    })
    expectRotated(sandbox, await sandbox.run())
  })
})

describe('a public key that cannot be sealed for', () => {
  const unusable = [
    'A'.repeat(43) + '=',
    'A'.repeat(42) + 'B=',
    Buffer.from([1, ...Array<number>(31).fill(0)]).toString('base64'),
  ]

  test.each(unusable)('%s before the refresh: no token is used', async (key) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('key', {
      kind: 'reply',
      reply: { status: 200, body: { key_id: '1', key } },
    })
    expect(expectFailure(sandbox, await sandbox.run(), 'github-unavailable')).toContain('unusable')
    expectNothingSpent(sandbox)
  })

  test.each(unusable)('%s as a rotated key: it is requested again', async (key) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add(
      'write',
      { kind: 'reply', reply: apiError(422, 'improperly encrypted') },
      { times: 1 },
    )
    sandbox.githubServer.faults.add(
      'key',
      { kind: 'reply', reply: { status: 200, body: { key_id: '1', key } } },
      { times: 1, skip: 1 },
    )
    expectRotated(sandbox, await sandbox.run())
  })
})

describe('Box answers with tokens and a wrong status', () => {
  test.each([203, 500, 503])('%d: the refresh token in it is stored', async (status) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add('token', { kind: 'replace', replace: (reply) => ({ ...reply, status }) })
    const message = expectFailure(sandbox, await sandbox.run(), 'bad-response')
    expect(message).toContain(`its status is ${status}`)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })
})

test('a gateway that words a time-out like an OAuth error is retried', async () => {
  await using sandbox = await startSandbox()
  const reply = { status: 408, body: { error: 'Request Timeout' } }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply }, { times: 1 })
  expectRotated(sandbox, await sandbox.run())
})

test('after a lost answer, even a long Retry-After does not end the tries early', async () => {
  await using sandbox = await startSandbox()
  const outage = replies.status(503, { 'retry-after': '3600' })
  sandbox.boxServer.faults.add('token', { kind: 'replace', replace: () => outage }, { times: 1 })
  expectRotated(sandbox, await sandbox.run({ with: { 'retry-for': '12' } }))
})

test('a date beyond any calendar is ignored', async () => {
  await using sandbox = await startSandbox()
  const headers = { date: 'Sat, 13 Sep 275760 00:00:00 GMT' }
  sandbox.boxServer.faults.add('token', { kind: 'replace', replace: (reply) => ({ ...reply, headers }) })
  const result = await sandbox.run()
  expectRotated(sandbox, result)
  expect(
    Math.abs(Date.parse(result.outputs['expires-at'] ?? '') - sandbox.clock.now() - 4_175_000),
  ).toBeLessThan(5_000)
})

describe.concurrent("GitHub's rate limits", () => {
  test.each<[string, Record<string, string>]>([
    ['retry-after', { 'retry-after': '1' }],
    [
      'x-ratelimit-remaining and x-ratelimit-reset',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' },
    ],
    ['only words', {}],
  ])('403 with %s is waited out, in every phase', async (_name, headers) => {
    await using sandbox = await startSandbox()
    const limited = (): ReturnType<typeof replies.secondaryRateLimit> =>
      replies.secondaryRateLimit({
        ...headers,
        ...('x-ratelimit-reset' in headers
          ? { 'x-ratelimit-reset': String(Math.ceil(sandbox.clock.now() / 1000) + 1) }
          : {}),
      })
    for (const label of ['key', 'probe', 'write']) {
      sandbox.githubServer.faults.add(label, { kind: 'reply', reply: limited() }, { times: 1 })
    }
    expectRotated(sandbox, await sandbox.run())
  })

  test('a reset too far in the future: github-unavailable, nothing used', async () => {
    await using sandbox = await startSandbox()
    const reset = String(Math.ceil(sandbox.clock.now() / 1000) + 1800)
    const reply = replies.secondaryRateLimit({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })
    sandbox.githubServer.faults.add('key', { kind: 'reply', reply })
    const before = performance.now()
    const message = expectFailure(sandbox, await sandbox.run(), 'github-unavailable')
    expect(message).toContain('secondary rate limit')
    expect(performance.now() - before).toBeLessThan(10_000)
    expectNothingSpent(sandbox)
  })
})

test('GitHub cannot be reached: github-unavailable, nothing used', async () => {
  await using sandbox = await startSandbox()
  const closed = await freePort()
  const result = await sandbox.run({
    with: { 'retry-for': '12', 'github-api-url': `http://127.0.0.1:${closed}` },
  })
  expect(expectFailure(sandbox, result, 'github-unavailable')).toContain('no connection (ECONNREFUSED)')
  expectNothingSpent(sandbox)
})

test('a request that hangs does not use up the time of all', async () => {
  await using sandbox = await startSandbox()
  sandbox.githubServer.faults.add('metadata', { kind: 'hang-before' })
  const before = performance.now()
  const result = await sandbox.run({ with: { 'retry-for': '6' } })
  expect(expectFailure(sandbox, result, 'github-unavailable')).toContain('no answer within 2 s')
  expect(sandbox.requests.filter((request) => request === 'github metadata').length).toBeGreaterThanOrEqual(2)
  // Each of them could have taken 6 s.
  expect(performance.now() - before).toBeLessThan(12_000)
  expectNothingSpent(sandbox)
})
