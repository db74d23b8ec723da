/** One run from its first request to its last: the order of everything, the refresh, and how Box may answer. */
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { changed, expectFailed, expectNothingSpent, expectRotated, Stage, writeToken } from './support.ts'

const perhapsSpent = 'Box may have invalidated the stored refresh token'
const nothingSpent = 'Nothing was used or written'
const preflight = ['github probe', 'github key', 'github metadata', 'github run']

test('a run does everything in order, in four round trips', async () => {
  const stage = new Stage()
  const main = await stage.main()
  expectRotated(stage, main)
  expect(main.events).toEqual([
    'mask client secret',
    'mask refresh token 0',
    'mask write token',
    ...preflight,
    'signals held',
    'box token',
    'mask refresh token 1',
    'mask access token 1',
    'state journal',
    'github metadata',
    'state progress: about-to-store',
    'github write',
    'state progress: settled',
    'signals released',
    'output access-token',
    'output expires-at',
    'output expires-in',
    'output refreshed',
    'output refresh-token-expires-at',
  ])
  expect(main.timeline).toEqual([
    '0 github probe',
    '0 github key',
    '0 github metadata',
    '0 github run',
    '100 box token',
    '200 github metadata',
    '300 github write',
  ])
  expect(main.log.slice(0, 5)).toEqual([
    'Refreshing the Box token pair. Its refresh token, which works once, is in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly.',
    'GitHub: the secret exists, last written 2026-11-20T06:00:00Z; this token can write it. No token has been used so far.',
    'Box: asking for a new pair.',
    'Box: issued a new pair. From now on, the old one may stop working at any moment.',
    'GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.',
  ])
  expect(main.warnings).toEqual([])
  expect(main.outputs).toMatchObject({
    'expires-at': '2026-11-23T07:09:35Z',
    'expires-in': '4175',
    refreshed: 'true',
    'refresh-token-expires-at': '2027-01-22T06:00:00Z',
  })
})

test('the requests follow the documented APIs', async () => {
  const stage = new Stage()
  const main = await stage.main()
  const secrets = '/repos/octo-org/nightly/actions/secrets'
  expect(main.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
    `PUT ${secrets}/BOX_REFRESH_TOKEN`,
    `GET ${secrets}/public-key`,
    `GET ${secrets}/BOX_REFRESH_TOKEN`,
    'GET /repos/octo-org/nightly/actions/runs/1000',
    'POST /oauth2/token',
    `GET ${secrets}/BOX_REFRESH_TOKEN`,
    `PUT ${secrets}/BOX_REFRESH_TOKEN`,
  ])
  for (const { label, headers } of main.requests) {
    if (label.startsWith('github')) expect(headers['authorization']).toBe(`Bearer ${writeToken}`)
  }
  expect(main.sent('github probe')[0]?.body).toBe('{}')
  expect(Object.keys(JSON.parse(main.sent('github write')[0]?.body ?? '') as object)).toEqual([
    'encrypted_value',
    'key_id',
  ])
})

test.each(readings)('two runs in a row work, under %s', async (reading) => {
  const stage = new Stage({ reading })
  expectRotated(stage, await stage.main())
  await stage.pass(5_000)
  expectRotated(stage, await stage.main())
  expect(stage.lastPair.generation).toBe(2)
})

describe('a run that was queued before the last rotation', () => {
  test('holds the older token: Box is not asked', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5_000)
    const { stored } = stage
    stage.writeByHand()
    await stage.pass(1_000)
    const main = await stage.main({ job })
    expect(expectFailed(main, 'stale-secret')).toContain(
      'This run holds an older refresh token: it was queued at 2026-11-23T06:00:00Z, and the secret BOX_REFRESH_TOKEN of repository octo-org/nightly was written at 2026-11-23T06:00:05Z. Nothing was used',
    )
    expect(main.asked).toEqual(preflight)
    expect(stage.box.takes(stored)).toBe(true)
    expect(main.events).not.toContain('signals held')
  })

  test('or in the same second, may hold the older token: Box is not asked', async () => {
    const stage = new Stage()
    stage.writeByHand()
    const job = stage.startJob()
    await stage.pass(2_000)
    const main = await stage.main({ job })
    expectFailed(main, 'stale-secret')
    expect(main.asked).toEqual(preflight)
  })

  test('holds the older token of an organization: Box is not asked', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    const job = stage.startJob()
    stage.github.setSecret(stage.store, 'BOX_REFRESH_TOKEN', 'newer', { visibility: 'all' })
    await stage.pass(1_000)
    const main = await stage.main({ job })
    expectFailed(main, 'stale-secret')
    expect(main.asked).toEqual(preflight)
  })

  test('if queued in the second after it, holds the new token: Box is asked', async () => {
    const stage = new Stage()
    stage.writeByHand(stage.firstPair.refreshToken)
    await stage.pass(1_000)
    expectRotated(stage, await stage.main())
  })

  test('may hold the new one in a re-run: Box is asked', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5_000)
    stage.writeByHand(stage.firstPair.refreshToken)
    await stage.pass(1_000)
    expectRotated(stage, await stage.main({ job, context: { runAttempt: 2 } }))
  })

  test('holds the new one in an environment, whose secrets are read when the job starts', async () => {
    const stage = new Stage({ environment: 'box' })
    const job = stage.startJob()
    await stage.pass(5_000)
    stage.writeByHand(stage.firstPair.refreshToken)
    await stage.pass(1_000)
    expectRotated(stage, await stage.main({ job }))
  })

  test('is not recognized if the token is not allowed to read the run: Box is asked', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5_000)
    stage.writeByHand(stage.firstPair.refreshToken)
    stage.reply('github run', apiError(403, 'Resource not accessible'))
    expectRotated(stage, await stage.main({ job }))
  })
})

describe('expiry times are based on', () => {
  test("Box's clock, not on that of GitHub or the runner", async () => {
    const stage = new Stage()
    stage.fault('box token', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, headers: { date: 'Mon, 23 Nov 2026 08:00:00 GMT' } }),
    })
    const { outputs } = await stage.main()
    expect(outputs).toMatchObject({
      'expires-at': '2026-11-23T09:09:35Z',
      'expires-in': '4175',
      'refresh-token-expires-at': '2027-01-22T08:00:00Z',
    })
  })

  test("GitHub's clock, if Box sends no date", async () => {
    const stage = new Stage()
    await stage.pass(500)
    stage.reply('box token', replies.status(503, { 'retry-after': '20' }), { times: 1 })
    stage.fault('box token', { kind: 'replace', replace: (reply) => ({ ...reply, headers: { date: '' } }) })
    stage.fault('github write', { kind: 'delay', ms: 5_000 })
    const { outputs, timeline } = await stage.main()
    // Box answers the second try, after 20 s: GitHub's date of 06:00:00, and 20.2 s since then.
    expect(timeline).toContain('20200 box token')
    expect(outputs).toMatchObject({
      'expires-at': '2026-11-23T07:09:55Z',
      'expires-in': '4170',
      'refresh-token-expires-at': '2027-01-22T06:00:20Z',
    })
  })

  test("the runner's clock, if no server sends a date, and that is logged", async () => {
    const stage = new Stage()
    for (const label of ['github metadata', 'box token']) {
      stage.fault(label, { kind: 'replace', replace: (reply) => ({ ...reply, headers: { date: '' } }) })
    }
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.warnings).toEqual([
      "GitHub sent no date: times come from the runner's own clock, which may be wrong.",
    ])
    // The runner is ten minutes ahead.
    expect(main.outputs['expires-at']).toBe('2026-11-23T07:19:35Z')
  })
})

describe('Box does not answer with a pair at first', () => {
  test.each<[string, Parameters<Stage['fault']>[1]]>([
    ['503', { kind: 'reply', reply: replies.status(503) }],
    ['a redirect', { kind: 'reply', reply: replies.redirect('https://example.org') }],
    ['408', { kind: 'reply', reply: replies.status(408) }],
    ['425', { kind: 'reply', reply: replies.status(425) }],
    ['429', { kind: 'reply', reply: replies.tooManyRequests() }],
    ['a temporary error', { kind: 'reply', reply: { status: 400, body: { error: 'slow_down' } } }],
    ['no pair', { kind: 'reply', reply: { status: 200, body: {} } }],
    ['a reset', { kind: 'reset-before' }],
  ])('%s: the request is repeated after a pause', async (_name, fault) => {
    const stage = new Stage()
    stage.fault('box token', fault, { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline.slice(4)).toEqual([
      '100 box token',
      '575 box token',
      '675 github metadata',
      '775 github write',
    ])
    expect(main.log[3]).toMatch(/^Box: .*; asking again\.$/)
  })

  test('its error description is logged', async () => {
    const stage = new Stage()
    stage.reply('box token', replies.status(503), { times: 1 })
    const main = await stage.main()
    expect(main.log[3]).toBe('Box: it answered 503; asking again.')
  })

  test('it asks for a pause: the run waits', async () => {
    const stage = new Stage()
    stage.reply('box token', replies.tooManyRequests('30'), { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('box token').map(({ at }) => at)).toEqual([100, 30_200])
  })

  test.each(['grace', 'siblings'] as const)(
    'the answer is lost, under %s: the pair is sent again',
    async (reading) => {
      const stage = new Stage({ reading })
      stage.fault('box token', { kind: 'cut-off' }, { times: 1 })
      const main = await stage.main()
      expectRotated(stage, main)
      expect(main.sent('box token')).toHaveLength(2)
    },
  )
})

/** The times of the tries at Box within 60 s, the last one at the end of the budget. */
const triesOfAMinute = [100, 575, 1_425, 3_025, 6_125, 12_225, 23_575, 34_925, 46_275, 57_625, 60_100]

describe('Box never answers with a pair', () => {
  test.each<[string, Parameters<Stage['fault']>[1], string, string]>([
    ['503', { kind: 'reply', reply: replies.status(503) }, 'box-unavailable', perhapsSpent],
    ['204', { kind: 'reply', reply: { status: 204 } }, 'box-unavailable', perhapsSpent],
    ['300', { kind: 'reply', reply: { status: 300 } }, 'box-unavailable', nothingSpent],
    ['408', { kind: 'reply', reply: replies.status(408) }, 'box-unavailable', nothingSpent],
    ['429', { kind: 'reply', reply: replies.tooManyRequests() }, 'rate-limited', nothingSpent],
    ['resets', { kind: 'reset-before' }, 'box-unavailable', perhapsSpent],
  ])('%s: the run tries until time runs out', async (_name, fault, code, spent) => {
    const stage = new Stage()
    stage.fault('box token', fault)
    const main = await stage.main()
    const message = expectFailed(main, code)
    expect(message).toContain('within 60 s')
    expect(message).toContain(spent)
    expect(main.sent('box token').map(({ at }) => at)).toEqual(triesOfAMinute)
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
    expect(main.state.size).toBe(0)
    expect(main.events.slice(-2)).toEqual(['signals released', 'output error-code'])
  })

  test('refused connections: nothing can have been used', async () => {
    const stage = new Stage()
    stage.broken.set('box token', 'ECONNREFUSED')
    const main = await stage.main()
    expect(expectFailed(main, 'box-unavailable')).toContain(`no connection (ECONNREFUSED). ${nothingSpent}`)
    expect(main.sent('box token')).toHaveLength(triesOfAMinute.length)
  })

  test('no answer at all: each try takes a third of the time', async () => {
    const stage = new Stage()
    stage.fault('box token', { kind: 'hang-after' })
    const main = await stage.main()
    expect(expectFailed(main, 'box-unavailable')).toContain(perhapsSpent)
    expect(
      main
        .sent('box token')
        .map(({ at }) => at)
        .slice(0, 2),
    ).toEqual([100, 20_475])
  })

  test('200 without a pair: three tries are enough', async () => {
    const stage = new Stage()
    stage.reply('box token', { status: 200, body: { token_type: 'bearer' } })
    const main = await stage.main()
    expect(expectFailed(main, 'bad-response')).toContain(perhapsSpent)
    expect(main.sent('box token').map(({ at }) => at)).toEqual([100, 575, 1_425])
  })

  test.each([400, 401, 404, 405, 499])('%d, which is permanent: the run fails at once', async (status) => {
    const stage = new Stage()
    stage.reply('box token', replies.status(status))
    const main = await stage.main()
    const message = expectFailed(main, 'box-unavailable')
    expect(message).toContain(`Box gave no usable answer: it answered ${status}. ${nothingSpent}`)
    expect(main.sent('box token')).toHaveLength(1)
  })

  test.each([500, 200])(
    '404 after a %d: a pair may have been issued, so the run tries until time runs out',
    async (status) => {
      const stage = new Stage()
      stage.reply('box token', { status, body: {} }, { times: 1 })
      stage.reply('box token', replies.status(404))
      const main = await stage.main()
      expect(expectFailed(main, 'box-unavailable')).toContain(perhapsSpent)
      expect(main.sent('box token').map(({ at }) => at)).toEqual(triesOfAMinute)
    },
  )

  test('a certificate that is not trusted: the run fails at once', async () => {
    const stage = new Stage()
    stage.broken.set('box token', 'CERT_HAS_EXPIRED')
    const main = await stage.main()
    const message = expectFailed(main, 'box-unavailable')
    expect(message).toContain('is not trusted (CERT_HAS_EXPIRED)')
    expect(message).toContain(nothingSpent)
    expect(main.sent('box token')).toHaveLength(1)
  })

  test('it asks for a longer pause than there is time: the run fails at once', async () => {
    const stage = new Stage()
    stage.reply('box token', replies.tooManyRequests('61'))
    const main = await stage.main()
    expect(expectFailed(main, 'rate-limited')).toContain(
      'it asks for a wait of 61 s, but there are only 60 s for all tries',
    )
    expect(main.sent('box token')).toHaveLength(1)
  })

  test('it asks for a longer pause than there is time, after a lost answer: one last try at the end', async () => {
    const stage = new Stage()
    stage.fault('box token', { kind: 'reset-before' }, { times: 1 })
    stage.reply('box token', replies.tooManyRequests('61'))
    const main = await stage.main()
    expect(expectFailed(main, 'rate-limited')).toContain(perhapsSpent)
    expect(main.sent('box token').map(({ at }) => at)).toEqual([100, 575, 60_100])
  })
})

describe('Box refuses', () => {
  test.each<[string, string, (stage: Stage) => void]>([
    [
      'bad-client',
      'invalid_client',
      (stage) => stage.reply('box token', { status: 401, body: { error: 'invalid_client' } }),
    ],
    ['unauthorized-app', 'unauthorized_client', (stage) => (stage.box.appDisabled = true)],
    [
      'password-reset-required',
      'password_reset_required',
      (stage) => (stage.box.passwordResetRequired = true),
    ],
    [
      'box-unavailable',
      'invalid_request',
      (stage) => stage.reply('box token', { status: 400, body: { error: 'invalid_request' } }),
    ],
  ])('%s', async (code, error, arrange) => {
    const stage = new Stage()
    arrange(stage)
    const main = await stage.main()
    const message = expectFailed(main, code)
    expect(message).toContain(`Box answered "${error}"`)
    expect(message).toContain('Nothing was used')
    expect(main.sent('box token')).toHaveLength(1)
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })

  test('after an answer that may have contained a pair: the failure says so', async () => {
    const stage = new Stage()
    stage.reply('box token', replies.status(500), { times: 1 })
    stage.reply('box token', { status: 400, body: { error: 'unauthorized_client' } })
    expect(expectFailed(await stage.main(), 'unauthorized-app')).toContain(perhapsSpent)
  })
})

describe('Box says invalid_grant', () => {
  test('and nobody has rotated the token: somebody has to sign in again', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const main = await stage.main()
    const message = expectFailed(main, 'reauthorize')
    expect(message).toContain('This run did not invalidate it, and wrote nothing.')
    expect(message).not.toContain('Actions: Read')
    // The secret is polled for as long as an answer may be old, and no longer.
    expect([...new Set(main.asked.slice(5))]).toEqual(['github metadata'])
    const looks = main.sent('github metadata').slice(1)
    expect(looks.at(-1)?.at).toBe(30_200)
    expect(looks.length).toBeLessThan(12)
  })

  test('and `retry-for` is shorter than an answer may be old: polling ends with it', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const main = await stage.main({ with: { 'retry-for': '5' } })
    expectFailed(main, 'reauthorize')
    expect(main.sent('github metadata').at(-1)?.at).toBe(5_200)
  })

  test('and GitHub shows only later that another run has rotated the token: this run waits for that', async () => {
    const stage = new Stage()
    await stage.pass(60_000)
    const job = stage.startJob()
    await stage.pass(5_000)
    stage.box.revokeAll()
    stage.writeByHand()
    await stage.pass(5_000)
    // At first, the looks show the secret from before that write.
    stage.github.readAge = () => (stage.now < queuedBefore + 25_000 ? 30_000 : 0)
    const queuedBefore = stage.now
    const main = await stage.main({ job })
    expect(expectFailed(main, 'stale-secret')).toContain('was written at 2026-11-23T06:01:05Z')
    expect(main.sent('github metadata').length).toBeGreaterThan(5)
  })

  test('after a lost answer: the pair may be lost', async () => {
    const stage = new Stage()
    stage.fault('box token', { kind: 'reset-after' }, { times: 1 })
    expect(expectFailed(await stage.main(), 'reauthorize')).toContain(
      'An earlier answer from Box got lost, and may have used the token',
    )
  })

  test('and the secret was written meanwhile: another run has rotated the token', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    await stage.pass(1_000)
    const main = await stage.main({
      context: { runId: Number.NaN },
      before: { 'box token': () => stage.writeByHand() },
    })
    expect(expectFailed(main, 'stale-secret')).toContain(
      'was written at 2026-11-23T06:00:01Z, since this run was queued or started',
    )
    expect(stage.stored).toBe('written-by-somebody-else')
  })

  test.each([
    ['in the second in which the run was queued', 0, 'stale-secret'],
    ['after it', 3_000, 'stale-secret'],
    ['before it', -1_000, 'reauthorize'],
  ])('in a re-run, and the secret was written %s', async (_name, ms, code) => {
    const stage = new Stage()
    stage.box.revokeAll()
    await stage.pass(10_000)
    const { stored } = stage
    if (ms < 0) {
      stage.writeByHand(stored)
      await stage.pass(-ms)
    }
    const job = stage.startJob()
    if (ms >= 0) {
      await stage.pass(ms)
      stage.writeByHand(stored)
    }
    await stage.pass(10_000)
    expectFailed(await stage.main({ job, context: { runAttempt: 2 } }), code)
  })

  test.each([
    ['in the second in which the job started', 1_000, 'box', 'stale-secret'],
    ['before that', 2_000, 'box', 'reauthorize'],
    ['in that second, in the repository', 0, undefined, 'stale-secret'],
    ['before that, in the repository', 1_000, undefined, 'reauthorize'],
  ])('and the secret of an environment was written %s', async (_name, ms, environment, code) => {
    const stage = new Stage(environment === undefined ? {} : { environment })
    const job = stage.startJob()
    stage.box.revokeAll()
    await stage.pass(10_000)
    stage.writeByHand()
    // Dates are whole seconds: by GitHub's date, a job that starts 0.9 s into one may have started in the one before.
    await stage.pass(900 + ms)
    expectFailed(await stage.main({ job, context: { runId: Number.NaN } }), code)
  })

  test('and the run could not be read before: it is read now', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5_000)
    stage.writeByHand()
    stage.box.revokeAll()
    stage.reply('github run', apiError(403, 'Resource not accessible'), { times: 1 })
    await stage.pass(1_000)
    const main = await stage.main({ job })
    expectFailed(main, 'stale-secret')
    expect(main.asked).toEqual([...preflight, 'box token', 'github run', 'github metadata'])
  })

  test('and the run cannot be read at all: the failure names the permission that would help', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    stage.reply('github run', apiError(403, 'Resource not accessible'))
    expect(expectFailed(await stage.main(), 'reauthorize')).toContain(
      '`github-token` needs "Actions: Read" to tell',
    )
  })

  test('and the secret cannot be read any more: the look from before the refresh is used', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    stage.reply('github metadata', replies.status(503), { skip: 1 })
    const main = await stage.main()
    expectFailed(main, 'reauthorize')
    expect(main.sent('github metadata').at(-1)?.at).toBe(60_200)
  })

  test('and the look is refused: the look from before the refresh is used', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    stage.reply('github metadata', apiError(403, 'Forbidden'), { skip: 1 })
    expectFailed(await stage.main(), 'reauthorize')
  })

  test('and the look is refused in a re-run: the one before the refresh shows that another run rotated', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const job = stage.startJob()
    stage.writeByHand()
    await stage.pass(5_000)
    stage.reply('github metadata', apiError(403, 'Forbidden'), { skip: 1 })
    const main = await stage.main({ job, context: { runAttempt: 2 } })
    expect(expectFailed(main, 'stale-secret')).toContain('was written at 2026-11-23T06:00:00Z')
  })

  test('outside of any run', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const main = await stage.main({ context: { repository: '' } })
    const message = expectFailed(main, 'reauthorize')
    expect(message).not.toContain('Actions: Read')
    expect(main.asked).not.toContain('github run')
  })
})

describe("Box says invalid_grant to Dependabot's copy of the token", () => {
  const dependabot = { trigger: 'dependabot' } as const

  /** The copy is written two seconds after the secret, plus the given time, which may be negative. */
  async function withCopy(ms: number): Promise<Stage> {
    const stage = new Stage()
    stage.box.revokeAll()
    if (ms < 0) stage.github.setSecret(stage.dependabot, 'BOX_REFRESH_TOKEN', 'copy')
    await stage.pass(Math.abs(ms))
    stage.writeByHand()
    if (ms >= 0) stage.github.setSecret(stage.dependabot, 'BOX_REFRESH_TOKEN', 'copy')
    await stage.pass(5_000)
    return stage
  }

  test('which is older than the secret: a run that Dependabot did not start will update it', async () => {
    const stage = await withCopy(-1_000)
    const main = await stage.main({ context: dependabot })
    expect(expectFailed(main, 'stale-secret')).toContain(
      "got Dependabot's copy of the token, which is older than",
    )
    expect(main.asked.slice(4)).toEqual(['box token', 'github metadata', 'github dependabot metadata'])
    expect(main.requests.at(-1)?.target).toBe('/repos/octo-org/nightly/dependabot/secrets/BOX_REFRESH_TOKEN')
  })

  test('which is as new as the secret: somebody has to sign in again', async () => {
    const stage = await withCopy(0)
    expectFailed(await stage.main({ context: dependabot }), 'reauthorize')
  })

  test('which the token is not allowed to read', async () => {
    const stage = await withCopy(0)
    stage.reply('github dependabot metadata', apiError(403, 'Forbidden'))
    expectFailed(await stage.main({ context: dependabot }), 'stale-secret')
  })

  test('which GitHub does not answer about', async () => {
    const stage = await withCopy(0)
    stage.reply('github dependabot metadata', replies.status(503))
    const main = await stage.main({ context: dependabot })
    expectFailed(main, 'stale-secret')
    expect(main.sent('github dependabot metadata').at(-1)?.at).toBe(60_300)
  })

  test('and the secret was written meanwhile: another run rotated, and the copy is not looked at', async () => {
    const stage = await withCopy(-1_000)
    const main = await stage.main({ context: dependabot, before: { 'box token': () => stage.writeByHand() } })
    expect(expectFailed(main, 'stale-secret')).toContain('another run has probably rotated the token')
    expect(main.asked).not.toContain('github dependabot metadata')
  })
})

describe('an answer with a refresh token but no usable access token', () => {
  test('is stored anyway, and nothing is handed out', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ expires_in: 'soon' }))
    const main = await stage.main()
    const message = expectFailed(main, 'bad-response')
    expect(message).toContain('it has no valid "expires_in"')
    expect(message).toContain(
      'is stored in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly. Nothing is lost',
    )
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(stage.box.takes(stage.stored)).toBe(true)
    expect(main.progress).toBe('settled')
    expect(main.masks).toContain('access token 1')
    expect(main.log[3]).toBe(
      'Box: the answer is faulty, but it has a new refresh token, which the action keeps.',
    )
  })
})

describe('a run that is cancelled', () => {
  test('before Box is asked ends at once, and uses no token', async () => {
    const stage = new Stage()
    const main = await stage.main({ before: { 'github probe': (step) => step.cancel() } })
    expect(main.exitCode).toBeUndefined()
    expectNothingSpent(stage, main)
  })

  test.each(['box token', 'github metadata 2', 'github write'])(
    'at %s still finishes the store',
    async (label) => {
      const stage = new Stage()
      const main = await stage.main({ before: { [label]: (step) => step.cancel() } })
      expect(main.exitCode).toBe(1)
      expect(main.outputs).toEqual({})
      expect(main.errors).toEqual([])
      expect(stage.stored).toBe(stage.lastPair.refreshToken)
      expect(main.progress).toBe('settled')
      expect(main.log.at(-1)).toBe(
        'This run was cancelled during the refresh. The pair is stored, and nothing is handed out.',
      )
    },
  )

  test('while Box is out does not ask Box again', async () => {
    const stage = new Stage()
    stage.reply('box token', replies.status(503))
    const main = await stage.main({ before: { 'box token 2': (step) => step.cancel() } })
    expectFailed(main, 'box-unavailable')
    expect(main.sent('box token')).toHaveLength(2)
  })
})

describe('while checking whether another run has rotated the token', () => {
  test('the run logs that once', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const main = await stage.main()
    expectFailed(main, 'reauthorize')
    expect(main.sent('github metadata').length).toBeGreaterThan(3)
    const at = main.log.indexOf('Box: asking for a new pair.')
    expect(main.log.slice(at + 1)).toEqual([expect.stringContaining('refresh token')])
  })

  test('a bug in the action is reported, and nobody is asked to sign in again', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    stage.reply('github metadata', replies.status(503), { skip: 1 })
    let pauses = 0
    const random = (): number => {
      pauses += 1
      if (pauses === 1) throw new Error('no more chance')
      return 0.5
    }
    const main = await stage.main({ world: { random } })
    expect(main.exitCode).toBe(1)
    expect(main.errors[0]?.message).toContain('no more chance')
  })
})
