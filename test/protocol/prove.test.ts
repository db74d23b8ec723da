/** Rule 1: before any token is used, GitHub has to show that the new one can be written, and where. */
import { describe, expect, test } from 'vitest'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { changed, expectFailed, expectNothingSpent, expectRotated, Stage, writeToken } from './support.ts'

const forbidden = apiError(403, 'Resource not accessible by personal access token')
const title = 'the secret BOX_REFRESH_TOKEN of repository octo-org/nightly'

describe('GitHub refuses, and Box is not asked', () => {
  test.each<[string, string, number, string]>([
    ['github key', 'get the public key for', 401, 'the token is not valid or has expired'],
    ['github key', 'get the public key for', 403, 'the token is not allowed to do that'],
    [
      'github key',
      'get the public key for',
      404,
      'the repository octo-org/nightly does not exist, or the token has no access to it',
    ],
    ['github metadata', 'look up', 401, 'the token is not valid or has expired'],
    ['github metadata', 'look up', 403, 'the token is not allowed to do that'],
    ['github probe', 'write', 401, 'the token is not valid or has expired'],
    ['github probe', 'write', 403, 'the token is not allowed to do that'],
    ['github probe', 'write', 404, 'the token is not allowed to do that'],
  ])('%s: the attempt to %s gets a %d', async (label, act, status, reason) => {
    const stage = new Stage()
    stage.reply(label, apiError(status, 'its own words'))
    const main = await stage.main()
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      `GitHub answered ${status} to a request to ${act} ${title} ("its own words"): ${reason}. Nothing was used`,
    )
    expectNothingSpent(stage, main)
    const first = ['0 github probe', '0 github key', '0 github metadata', '0 github run']
    expect(main.timeline.slice(0, 4)).toEqual(first)
    // Only a 404 for the key may be an old answer.
    const mayBeOld = label === 'github key' && status === 404
    expect([...new Set(main.asked.slice(4))]).toEqual(mayBeOld ? ['github key'] : [])
  })

  test.each(['github key', 'github metadata'])(
    '%s: a 404 may be an old answer, so it is checked again before anybody is sent away',
    async (label) => {
      const stage = new Stage()
      stage.reply(label, apiError(404, 'Not Found'), { times: 3 })
      const main = await stage.main()
      expectRotated(stage, main)
      expect(main.log).toContain('GitHub answered 404, which may be out of date: checking again for a while.')
      expect(
        main
          .sent(label)
          .slice(0, 3)
          .map(({ at }) => at),
      ).toEqual([0, 1_600, 3_575])
    },
  )

  test('a secret that does not exist, as the probe confirms, is reported at once', async () => {
    const stage = new Stage()
    stage.reply('github metadata', apiError(404, 'Not Found'))
    stage.reply('github probe', apiError(404, 'Not Found'))
    const main = await stage.main()
    expectFailed(main, 'bad-input')
    expect(main.asked).toHaveLength(4)
  })

  test('the failure names the missing permission', async () => {
    const stage = new Stage()
    stage.reply('github probe', forbidden)
    expect(expectFailed(await stage.main(), 'cannot-write-secret')).toContain(
      'with repository permission "Secrets: Read and write"',
    )
    const inEnvironment = new Stage({ environment: 'box' })
    inEnvironment.reply('github probe', forbidden)
    expect(expectFailed(await inEnvironment.main(), 'cannot-write-secret')).toContain(
      'with repository permission "Environments: Read and write"',
    )
    const inOrganization = new Stage({ organization: { visibility: 'all' } })
    inOrganization.reply('github probe', forbidden)
    expect(expectFailed(await inOrganization.main(), 'cannot-write-secret')).toContain(
      'with organization permission "Secrets: Read and write"',
    )
  })

  test('the failure says if the place does not exist', async () => {
    const inEnvironment = new Stage({ environment: 'box' })
    expect(
      expectFailed(await inEnvironment.main({ with: { environment: 'bx' } }), 'cannot-write-secret'),
    ).toContain('the environment "bx" does not exist in octo-org/nightly, or the token has no access to it')
    const inOrganization = new Stage({ organization: { visibility: 'all' } })
    expect(
      expectFailed(await inOrganization.main({ with: { organization: 'acme' } }), 'cannot-write-secret'),
    ).toContain('the organization acme does not exist, or the token has no access to it')
  })
})

describe('the secret does not exist', () => {
  test('the failure says so', async () => {
    const stage = new Stage()
    const main = await stage.main({ with: { 'secret-name': 'BOX_REFRESH' } })
    expect(expectFailed(main, 'bad-input')).toContain(
      'The secret BOX_REFRESH of repository octo-org/nightly does not exist.',
    )
    expectNothingSpent(stage, main)
  })

  test('also if the probe gets a 404', async () => {
    const stage = new Stage()
    stage.reply('github probe', apiError(404, 'Not Found'))
    const main = await stage.main({ with: { 'secret-name': 'BOX_REFRESH' } })
    expectFailed(main, 'bad-input')
  })

  test('but a token that cannot write is reported first', async () => {
    const stage = new Stage()
    stage.reply('github probe', forbidden)
    const main = await stage.main({ with: { 'secret-name': 'BOX_REFRESH' } })
    expectFailed(main, 'cannot-write-secret')
  })
})

test.each<[string, string]>([['is not a point on the curve', Buffer.alloc(32).toString('base64')]])(
  'a public key that %s: no token is used',
  async (_name, key) => {
    const stage = new Stage()
    stage.fault('github key', changed({ key }))
    const main = await stage.main()
    expect(expectFailed(main, 'github-unavailable')).toContain(
      `GitHub sent an unusable public key for ${title}.`,
    )
    expectNothingSpent(stage, main)
  },
)

describe('the probe gets an unusual answer', () => {
  test('500 three times: the run continues, and logs that it is not certain', async () => {
    const stage = new Stage()
    stage.reply('github probe', replies.status(500))
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github probe').map(({ at }) => at)).toEqual([0, 475, 1_325])
    expect(main.log[1]).toBe(
      'GitHub: the secret exists, last written 2026-11-20T06:00:00Z; it is not certain that this token can write it. No token has been used so far.',
    )
  })

  test('500 twice, then the usual answer', async () => {
    const stage = new Stage()
    stage.reply('github probe', replies.status(500), { times: 2 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.log[1]).toContain('; this token can write it.')
  })

  test('503 every time: that is an outage, which the run waits out', async () => {
    const stage = new Stage()
    stage.reply('github probe', replies.status(503))
    const main = await stage.main()
    expect(expectFailed(main, 'github-unavailable')).toContain('within 60 s; last try: it answered 503')
    expect(main.sent('github probe').at(-1)?.at).toBe(60_000)
    expectNothingSpent(stage, main)
  })

  test.each([400, 409, 300])('%d: the run continues', async (status) => {
    const stage = new Stage()
    stage.reply('github probe', { status, body: {} })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.log[1]).toContain('it is not certain that this token can write it')
    expect(main.sent('github metadata')).toHaveLength(2)
  })

  test('201, as if it had written: the secret is looked at again for the baseline', async () => {
    const stage = new Stage()
    await stage.pass(60_000)
    stage.reply('github probe', { status: 201, body: {} })
    const main = await stage.main({
      context: { runId: Number.NaN },
      before: { 'github probe': () => stage.writeByHand(stage.firstPair.refreshToken) },
    })
    expectRotated(stage, main)
    expect(main.timeline.slice(0, 5)).toEqual([
      '0 github probe',
      '0 github key',
      '0 github metadata',
      '100 github metadata',
      '200 box token',
    ])
    expect(main.log[1]).toContain('last written 2026-11-23T06:01:00Z')
  })

  test('201, and the second look is refused', async () => {
    const stage = new Stage()
    stage.reply('github probe', { status: 201, body: {} })
    stage.reply('github metadata', forbidden, { skip: 1 })
    const main = await stage.main()
    expect(expectFailed(main, 'cannot-write-secret')).toContain(`to a request to look up ${title}`)
    expectNothingSpent(stage, main)
  })
})

describe('GitHub does not answer', () => {
  test.each(['github key', 'github metadata', 'github probe'])(
    '%s, at first: the request is repeated',
    async (label) => {
      const stage = new Stage()
      stage.reply(label, replies.status(502), { times: 1 })
      const main = await stage.main()
      expectRotated(stage, main)
      expect(main.timeline).toContain(`475 ${label}`)
      expect(main.timeline).toContain('575 box token')
    },
  )

  test.each(['github key', 'github metadata'])('%s, until time runs out: the run fails', async (label) => {
    const stage = new Stage()
    stage.reply(label, replies.status(502))
    const main = await stage.main()
    const message = expectFailed(main, 'github-unavailable')
    expect(message).toContain('GitHub gave no usable answer within 60 s; last try: it answered 502')
    expect(main.sent(label).at(-1)?.at).toBe(60_000)
    expectNothingSpent(stage, main)
  })

  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['github key', 'no key', { key: undefined }],
    ['github key', 'a key of another length', { key: 'AAAA' }],
    ['github key', 'a list as key', { key: [Buffer.alloc(32, 9).toString('base64')] }],
    ['github key', 'no name for the key', { key_id: undefined }],
    ['github key', 'an empty name for the key', { key_id: '' }],
    ['github metadata', 'no date', { updated_at: undefined }],
    ['github metadata', 'a list as date', { updated_at: ['2026-11-20T06:00:00Z'] }],
    ['github metadata', 'a date that is none', { updated_at: 'yesterday' }],
  ])('%s with %s: the request is repeated', async (label, _name, change) => {
    const stage = new Stage()
    stage.fault(label, changed(change), { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline).toContain(`475 ${label}`)
  })

  test.each(['github key', 'github metadata'])(
    '%s with a status other than 200: the request is repeated',
    async (label) => {
      const stage = new Stage()
      stage.fault(label, { kind: 'replace', replace: (reply) => ({ ...reply, status: 203 }) }, { times: 1 })
      const main = await stage.main()
      expectRotated(stage, main)
      expect(main.timeline).toContain(`475 ${label}`)
    },
  )

  test.each(['github key', 'github metadata'])('%s with a text: the request is repeated', async (label) => {
    const stage = new Stage()
    stage.reply(label, { status: 200, body: 'key_id updated_at' }, { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline).toContain(`475 ${label}`)
  })

  test('one refusal is enough: the other requests are aborted', async () => {
    const stage = new Stage()
    stage.reply('github metadata', forbidden)
    stage.fault('github key', { kind: 'hang-before' })
    stage.reply('github run', replies.status(503))
    const main = await stage.main()
    expectFailed(main, 'cannot-write-secret')
    expect(main.now).toBe(100)
    await stage.pass(60_000)
    expect(main.requests).toHaveLength(4)
  })

  test('a certificate that is not trusted: the run fails at once, and sends nothing more', async () => {
    const stage = new Stage()
    stage.broken.set('github metadata', 'SELF_SIGNED_CERT_IN_CHAIN')
    stage.reply('github key', replies.status(503))
    stage.reply('github run', replies.status(503))
    const main = await stage.main()
    expect(expectFailed(main, 'github-unavailable')).toContain('SELF_SIGNED_CERT_IN_CHAIN')
    expect(main.now).toBe(100)
    await stage.pass(60_000)
    expect(main.requests).toHaveLength(4)
    expectNothingSpent(stage, main)
  })
})

test("a secret's date later than the answer's is no conflict: servers' clocks differ", async () => {
  const stage = new Stage()
  stage.fault('github metadata', changed({ updated_at: new Date(stage.now + 5_000).toISOString() }))
  stage.reply('github run', forbidden)
  expectRotated(stage, await stage.main())
})

describe('the request for the run', () => {
  test('is given up after 15 s', async () => {
    const stage = new Stage()
    stage.reply('github run', replies.status(503))
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github run').at(-1)?.at).toBe(15_000)
    expect(main.timeline).toContain('15100 box token')
  })

  test('or after `retry-for`', async () => {
    const stage = new Stage()
    stage.reply('github run', replies.status(503))
    const main = await stage.main({ with: { 'retry-for': '6' } })
    expectRotated(stage, main)
    expect(main.timeline).toContain('6100 box token')
  })

  test.each([400, 403, 404])('that gets a %d is not repeated', async (status) => {
    const stage = new Stage()
    stage.reply('github run', apiError(status, 'No'))
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github run')).toHaveLength(1)
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no date', { created_at: undefined }],
    ['a number as date', { created_at: 1_700_000_000 }],
  ])('with %s is repeated', async (_name, change) => {
    const stage = new Stage()
    stage.fault('github run', changed(change), { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github run').map(({ at }) => at)).toEqual([0, 475])
  })

  test('with a status other than 200, or a body that is not an object, is repeated', async () => {
    const stage = new Stage()
    stage.fault(
      'github run',
      { kind: 'replace', replace: (reply) => ({ ...reply, status: 203 }) },
      { times: 1 },
    )
    stage.reply('github run', { status: 200, body: '"created_at"' }, { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github run')).toHaveLength(3)
  })

  test('with an invalid date counts as unanswered', async () => {
    const stage = new Stage()
    stage.fault('github run', changed({ created_at: 'yesterday' }))
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github run')).toHaveLength(1)
  })
})

describe('the write token expires', () => {
  const day = 24 * 3600 * 1000
  const later = (stage: Stage, ms: number): void => stage.mayWrite(stage.now + ms)

  test.each<[string, number, string]>([
    ['in 14 days', 14 * day, 'expires on 2026-12-07T06:00:00Z, in 14 days. Create'],
    ['in a day', 1.5 * day, 'expires on 2026-11-24T18:00:00Z, in 1 day. Create'],
    ['within the hour', day / 24, 'expires on 2026-11-23T07:00:00Z, in 0 days. Create'],
  ])('%s: a warning', async (_name, ms, words) => {
    const stage = new Stage()
    later(stage, ms)
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.warnings).toHaveLength(1)
    expect(main.warnings[0]).toContain(`\`github-token\` ${words}`)
  })

  test('in more than 14 days: no warning', async () => {
    const stage = new Stage()
    later(stage, 14 * day + 1_000)
    expect((await stage.main()).warnings).toEqual([])
  })

  test('in the past, by a server whose clock is behind: 0 days', async () => {
    const stage = new Stage()
    const date = '2026-11-22 06:00:00 UTC'
    stage.fault('github metadata', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, headers: { 'github-authentication-token-expiration': date } }),
    })
    expect((await stage.main()).warnings[0]).toContain('in 0 days. Create')
  })

  test.each([
    ['2026-11-24 06:00:00 UTC', '2026-11-24T06:00:00Z'],
    ['2026-11-24T06:00:00Z', '2026-11-24T06:00:00Z'],
    ['2026-11-24 06:00:00 +0900', '2026-11-23T21:00:00Z'],
    ['2026-11-24 06:00:00 -03:30', '2026-11-24T09:30:00Z'],
  ])('%s is read correctly', async (date, iso) => {
    const stage = new Stage()
    stage.fault('github metadata', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, headers: { 'github-authentication-token-expiration': date } }),
    })
    expect((await stage.main()).warnings[0]).toContain(`expires on ${iso}`)
  })

  test.each([
    'tomorrow',
    '2026-11-24',
    'on 2026-11-24 06:00:00 UTC',
    '2026-11-24 06:00:00 UTC or so',
    '2026-13-24 06:00:00 UTC',
    '2026-11-24 06:00:00',
  ])('%s is not a date: no warning', async (date) => {
    const stage = new Stage()
    stage.fault('github metadata', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, headers: { 'github-authentication-token-expiration': date } }),
    })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.warnings).toEqual([])
  })
})

describe("an organization's secret", () => {
  const secrets = '/orgs/octo-org/actions/secrets'

  test.each(['all', 'private'] as const)('keeps its visibility: %s', async (visibility) => {
    const stage = new Stage({ organization: { visibility } })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')).toMatchObject({ visibility, selected: [] })
    expect(main.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `PUT ${secrets}/BOX_REFRESH_TOKEN`,
      `GET ${secrets}/public-key`,
      `GET ${secrets}/BOX_REFRESH_TOKEN`,
      'GET /repos/octo-org/nightly/actions/runs/1000',
      'POST /oauth2/token',
      `GET ${secrets}/BOX_REFRESH_TOKEN`,
      `PUT ${secrets}/BOX_REFRESH_TOKEN`,
    ])
    expect(main.log[0]).toContain('is in the secret BOX_REFRESH_TOKEN of organization octo-org.')
  })

  test('keeps its repositories, which GitHub lists a hundred per page', async () => {
    const selected = Array.from({ length: 230 }, (_, index) => index + 1)
    const stage = new Stage({ organization: { visibility: 'selected', selected } })
    const main = await stage.main()
    expectRotated(stage, main)
    const stored = stage.store.secrets.get('BOX_REFRESH_TOKEN')
    expect(stored?.visibility).toBe('selected')
    expect(stored?.selected).toEqual([1_296_269, ...selected])
    expect(
      main
        .sent('github repositories')
        .slice(0, 3)
        .map(({ target }) => target),
    ).toEqual([
      `${secrets}/BOX_REFRESH_TOKEN/repositories?per_page=100&page=1`,
      `${secrets}/BOX_REFRESH_TOKEN/repositories?per_page=100&page=2`,
      `${secrets}/BOX_REFRESH_TOKEN/repositories?per_page=100&page=3`,
    ])
    // Once before the refresh and, because others may change them, again before the write.
    expect(main.sent('github repositories')).toHaveLength(6)
  })

  test('whose repositories fill a page exactly needs no second page', async () => {
    const selected = Array.from({ length: 99 }, (_, index) => index + 1)
    const stage = new Stage({ organization: { visibility: 'selected', selected } })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github repositories')).toHaveLength(2)
  })

  test('keeps repository numbers beyond 2^53 exact', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [] } })
    stage.reply('github repositories', {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"total_count":1,"repositories":[{"id":9007199254740993}]}',
    })
    const main = await stage.main()
    expect(main.exitCode).toBe(0)
    expect(main.sent('github write')[0]?.body).toContain('"selected_repository_ids":[9007199254740993]')
  })

  test('whose visibility GitHub does not report cannot be written', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    stage.fault('github metadata', changed({ visibility: 'some' }))
    const main = await stage.main()
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      "The secret BOX_REFRESH_TOKEN of organization octo-org can't be written without changing who can use it: GitHub does not report its visibility. Nothing was used",
    )
    expectNothingSpent(stage, main)
  })

  test('with repositories that the token cannot see cannot be written', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1, 2] } })
    stage.fault('github repositories', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, body: { ...(reply.body as object), total_count: 5 } }),
    })
    const main = await stage.main()
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      'this token sees only 3 of the 5 repositories that may use it',
    )
    expect(main.sent('github repositories')).toHaveLength(2)
    expectNothingSpent(stage, main)
  })

  test('whose repositories the token is not allowed to list cannot be written', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [] } })
    stage.reply('github repositories', forbidden)
    const main = await stage.main()
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      'GitHub answered 403 to a request to look up the secret BOX_REFRESH_TOKEN of organization octo-org ("Resource not accessible',
    )
    expectNothingSpent(stage, main)
  })

  test('whose repositories an old answer does not show is looked at again: it was created seconds ago', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [7] } })
    stage.reply('github repositories', apiError(404, 'Not Found'), { times: 2 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.selected).toEqual([1_296_269, 7])
  })

  test("whose copy's repositories cannot be listed: the failure names the copy", async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    stage.github.setSecret(stage.store, 'BOX_ACCESS_TOKEN', 'old', { visibility: 'selected', selected: [7] })
    stage.reply('github repositories', apiError(404, 'Not Found'))
    const main = await stage.main({ with: { 'access-token-secret-name': 'BOX_ACCESS_TOKEN' } })
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      'to a request to look up the secret BOX_ACCESS_TOKEN of organization octo-org',
    )
    // Not before that can no longer be an old answer.
    expect(main.now).toBeGreaterThan(29_000)
  })

  test.each<[string, unknown]>([
    ['a text', 'total_count repositories'],
    ['no count', { repositories: [] }],
    ['a text as count', { total_count: '1', repositories: [] }],
    ['no list', { total_count: 0 }],
    ['a text as list', { total_count: 0, repositories: '1' }],
    ['repositories without numbers', { total_count: 1, repositories: [{ name: 'one' }] }],
    ['texts as repositories', { total_count: 1, repositories: ['one'] }],
  ])('with %s for its repositories: the request is repeated', async (_name, body) => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [7] } })
    stage.reply('github repositories', { status: 200, body }, { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline).toContain('575 github repositories')
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.selected).toEqual([1_296_269, 7])
  })

  test('with a status other than 200 for its repositories: the request is repeated', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [7] } })
    stage.fault(
      'github repositories',
      { kind: 'replace', replace: (reply) => ({ ...reply, status: 203 }) },
      { times: 1 },
    )
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline).toContain('575 github repositories')
  })
})

test("an environment's secret is found under its encoded name", async () => {
  const stage = new Stage({ environment: 'a/b c' })
  const main = await stage.main()
  expectRotated(stage, main)
  const secrets = '/repos/octo-org/nightly/environments/a%2Fb%20c/secrets'
  expect(
    main.requests
      .filter(({ label }) => label !== 'github run')
      .map(({ method, target }) => `${method} ${target}`),
  ).toEqual([
    `PUT ${secrets}/BOX_REFRESH_TOKEN`,
    `GET ${secrets}/public-key`,
    `GET ${secrets}/BOX_REFRESH_TOKEN`,
    'POST /oauth2/token',
    `GET ${secrets}/BOX_REFRESH_TOKEN`,
    `PUT ${secrets}/BOX_REFRESH_TOKEN`,
  ])
  expect(main.log[0]).toContain(
    'is in the secret BOX_REFRESH_TOKEN of environment "a/b c" of octo-org/nightly.',
  )
})

test('each credential is sent only to its own service', async () => {
  const stage = new Stage()
  const main = await stage.main()
  for (const { label, headers, body } of main.requests) {
    const sent = JSON.stringify([headers, body])
    expect(sent.includes(writeToken)).toBe(label.startsWith('github'))
    expect(sent.includes(stage.box.clientSecret)).toBe(label.startsWith('box'))
  }
})

test('a 404 that may be old is logged once', async () => {
  const stage = new Stage()
  stage.reply('github key', apiError(404, 'Not Found'), { times: 3 })
  const main = await stage.main()
  expectRotated(stage, main)
  expect(main.log.filter((line) => line.includes('404'))).toHaveLength(1)
})
