/** Further secrets for the new tokens: written once the chain is safe, and never in its way. */
import { describe, expect, test } from 'vitest'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { changed, expectFailed, expectRotated, Stage } from './support.ts'

const both = { 'access-token-secret-name': 'BOX_ACCESS_TOKEN', 'also-write-to': 'dependabot' }

test('all copies are written: refresh tokens first, each sealed for its place', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: both })
  expectRotated(stage, main)
  const { accessToken, refreshToken } = stage.lastPair
  expect(stage.dependabot.value('BOX_REFRESH_TOKEN')).toBe(refreshToken)
  expect(stage.store.value('BOX_ACCESS_TOKEN')).toBe(accessToken)
  expect(stage.dependabot.value('BOX_ACCESS_TOKEN')).toBe(accessToken)
  expect(main.requests.slice(7).map(({ method, target }) => `${method} ${target}`)).toEqual([
    'GET /repos/octo-org/nightly/dependabot/secrets/public-key',
    'PUT /repos/octo-org/nightly/dependabot/secrets/BOX_REFRESH_TOKEN',
    // The repository's key is already known.
    'PUT /repos/octo-org/nightly/actions/secrets/BOX_ACCESS_TOKEN',
    'GET /repos/octo-org/nightly/dependabot/secrets/public-key',
    'PUT /repos/octo-org/nightly/dependabot/secrets/BOX_ACCESS_TOKEN',
  ])
  expect(main.log.slice(5, 8)).toEqual([
    'GitHub: the refresh token is also stored in the secret BOX_REFRESH_TOKEN of Dependabot in octo-org/nightly.',
    'GitHub: the access token is also stored in the secret BOX_ACCESS_TOKEN of repository octo-org/nightly.',
    'GitHub: the access token is also stored in the secret BOX_ACCESS_TOKEN of Dependabot in octo-org/nightly.',
  ])
  // The chain is settled before the copies are written, and a signal does not stop them.
  expect(main.events.indexOf('state progress: settled')).toBeLessThan(
    main.events.indexOf('github dependabot write'),
  )
  expect(main.events.lastIndexOf('github dependabot write')).toBeLessThan(
    main.events.indexOf('signals released'),
  )
})

test('the summary names every secret that holds the refresh token', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: both, variables: { GITHUB_STEP_SUMMARY: 'summary.md' } })
  expect(main.summary[1]).toEqual([
    'Refresh token',
    'rotated and stored in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly and the secret BOX_REFRESH_TOKEN of Dependabot in octo-org/nightly',
  ])
})

describe('an optional copy that cannot be written', () => {
  test.each<[string, string, number[]]>([
    ['github dependabot key', 'it answered 403 to a request for the public key ("No")', [400, 875, 1_725]],
    ['github dependabot write', 'it answered 403 ("No"), request C0DE:1234:5678:9ABC', [500, 975, 1_825]],
  ])('%s: three tries, then a warning', async (label, problem, at) => {
    const stage = new Stage()
    stage.reply(label, { ...apiError(403, 'No'), headers: { 'x-github-request-id': 'C0DE:1234:5678:9ABC' } })
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expectRotated(stage, main)
    expect(main.warnings).toHaveLength(1)
    expect(main.warnings[0]).toContain(
      `The new refresh token could not be stored in the secret BOX_REFRESH_TOKEN of Dependabot in octo-org/nightly: ${problem}. The pair is refreshed`,
    )
    expect(main.warnings[0]).toContain('repository permission "Dependabot secrets: Read and write"')
    expect(main.sent(label).map((sent) => sent.at)).toEqual(at)
  })

  test.each([400, 499])('%d: it is tried three times', async (status) => {
    const stage = new Stage()
    stage.reply('github dependabot write', apiError(status, 'No'))
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expectRotated(stage, main)
    expect(main.sent('github dependabot write')).toHaveLength(3)
  })

  test('in an outage: it is tried until time runs out', async () => {
    const stage = new Stage()
    stage.reply('github dependabot write', replies.status(503))
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expectRotated(stage, main)
    expect(main.warnings[0]).toContain('it answered 503')
    expect(main.sent('github dependabot write').at(-1)?.at).toBe(60_400)
  })

  test('at a rate limit, which is not a refusal: it is tried until time runs out', async () => {
    const stage = new Stage()
    stage.reply('github dependabot write', replies.tooManyRequests())
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expect(main.sent('github dependabot write').at(-1)?.at).toBe(60_400)
  })

  test('if its key is not available: it is tried until time runs out', async () => {
    const stage = new Stage()
    stage.reply('github dependabot key', replies.status(503))
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expectRotated(stage, main)
    expect(main.warnings[0]).toContain('it answered 503')
  })
})

describe('a temporary failure', () => {
  test.each<[string, Fault]>([
    ['503', { kind: 'reply', reply: replies.status(503) }],
    ['400', { kind: 'reply', reply: apiError(400, 'No') }],
    ['499', { kind: 'reply', reply: apiError(499, 'No') }],
    ['200', { kind: 'reply', reply: { status: 200, body: {} } }],
    ['a reset', { kind: 'reset-before' }],
  ])('%s: the write is retried with the same key', async (_name, fault) => {
    const stage = new Stage()
    stage.fault('github dependabot write', fault, { times: 2 })
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expectRotated(stage, main)
    expect(main.warnings).toEqual([])
    expect(stage.dependabot.value('BOX_REFRESH_TOKEN')).toBe(stage.stored)
    expect(main.timeline.slice(7)).toEqual([
      '400 github dependabot key',
      '500 github dependabot write',
      '975 github dependabot write',
      '1825 github dependabot write',
    ])
  })

  test.each([301, 503, 200])('%d: it is retried more often than a refusal', async (status) => {
    const stage = new Stage()
    stage.reply('github dependabot write', { status, body: {} }, { times: 4 })
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expect(main.warnings).toEqual([])
    expect(main.sent('github dependabot write')).toHaveLength(5)
  })

  test('a replaced key: it is read again', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: { 'also-write-to': 'dependabot' },
      before: { 'github dependabot write': () => stage.dependabot.rotateKey() },
    })
    expect(main.warnings).toEqual([])
    expect(main.asked.slice(7)).toEqual([
      'github dependabot key',
      'github dependabot write',
      'github dependabot key',
      'github dependabot write',
    ])
  })

  test('a pause that GitHub asks for is kept', async () => {
    const stage = new Stage()
    stage.reply('github dependabot write', replies.tooManyRequests('30'), { times: 1 })
    const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
    expect(main.sent('github dependabot write').map(({ at }) => at)).toEqual([500, 30_600])
  })
})

describe('a required copy that cannot be written', () => {
  test('fails the run; the chain is alive, and the other copies are written', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'No'), { skip: 1 })
    const main = await stage.main({ with: both })
    expect(expectFailed(main, 'secret-not-written')).toContain(
      'The new access token could not be stored in the secret BOX_ACCESS_TOKEN of repository octo-org/nightly: it answered 403 ("No")',
    )
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(main.progress).toBe('settled')
    expect(stage.dependabot.value('BOX_ACCESS_TOKEN')).toBe(stage.lastPair.accessToken)
    expect(main.warnings).toEqual([])
  })
})

test('an access token that is not valid is not stored', async () => {
  const stage = new Stage()
  stage.fault('box token', changed({ expires_in: -1 }))
  const main = await stage.main({ with: both })
  expectFailed(main, 'bad-response')
  expect(stage.dependabot.value('BOX_REFRESH_TOKEN')).toBe(stage.stored)
  expect(main.requests.at(-1)?.target).toBe('/repos/octo-org/nightly/dependabot/secrets/BOX_REFRESH_TOKEN')
})

test('a key that was read again for the secret is also used for the copies in the same place', async () => {
  const stage = new Stage()
  const main = await stage.main({
    with: { 'access-token-secret-name': 'BOX_ACCESS_TOKEN' },
    before: { 'box token': () => stage.store.rotateKey() },
  })
  expectRotated(stage, main)
  expect(main.sent('github key')).toHaveLength(2)
  expect(stage.store.value('BOX_ACCESS_TOKEN')).toBe(stage.lastPair.accessToken)
})

describe('a copy in an organization', () => {
  const withCopy = { 'access-token-secret-name': 'BOX_ACCESS_TOKEN' }

  test('keeps its own settings', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1] } })
    stage.github.setSecret(stage.store, 'BOX_ACCESS_TOKEN', 'old', { visibility: 'selected', selected: [7] })
    const main = await stage.main({ with: withCopy })
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_ACCESS_TOKEN')).toMatchObject({
      value: stage.lastPair.accessToken,
      visibility: 'selected',
      selected: [7],
    })
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.selected).toEqual([1_296_269, 1])
    expect(main.timeline.filter((line) => line.endsWith('metadata'))).toHaveLength(3)
  })

  test('that does not exist yet gets the settings of the secret', async () => {
    const stage = new Stage({ organization: { visibility: 'private' } })
    const main = await stage.main({ with: withCopy })
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_ACCESS_TOKEN')?.visibility).toBe('private')
  })

  test('whose visibility GitHub does not report fails the run before any token is used', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    stage.github.setSecret(stage.store, 'BOX_ACCESS_TOKEN', 'old', { visibility: 'all' })
    stage.fault('github metadata', changed({ visibility: 'some' }), { skip: 1 })
    const main = await stage.main({ with: withCopy })
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      "The secret BOX_ACCESS_TOKEN of organization octo-org can't be written without changing who can use it",
    )
    expect(main.asked).not.toContain('box token')
  })

  test('whose repositories cannot be listed fails the run before any token is used', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    stage.github.setSecret(stage.store, 'BOX_ACCESS_TOKEN', 'old', { visibility: 'selected', selected: [7] })
    stage.reply('github repositories', apiError(403, 'No'))
    const main = await stage.main({ with: withCopy })
    expect(expectFailed(main, 'cannot-write-secret')).toContain('answered 403 to a request to look up')
    expect(main.asked).not.toContain('box token')
  })
})

test('a copy in a repository is not looked up before it is written', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: { 'access-token-secret-name': 'BOX_ACCESS_TOKEN' } })
  expect(main.sent('github metadata').map(({ target }) => target.split('/').at(-1))).toEqual([
    'BOX_REFRESH_TOKEN',
    'BOX_REFRESH_TOKEN',
  ])
})

test('a replaced key that GitHub keeps showing for a while is read again, and is not a refusal', async () => {
  const stage = new Stage()
  stage.reply('github dependabot write', apiError(422, 'Wrong key'), { times: 5 })
  const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
  expectRotated(stage, main)
  expect(main.warnings).toEqual([])
  expect(main.sent('github dependabot key')).toHaveLength(6)
  expect(stage.dependabot.value('BOX_REFRESH_TOKEN')).toBe(stage.stored)
})

test('a copy that needs single sign-on: the warning has the address', async () => {
  const stage = new Stage()
  const address = 'https://github.com/orgs/octo-org/sso?authorization_request=A1'
  const headers = { 'x-github-sso': `required; url=${address}` }
  stage.reply('github dependabot write', { ...apiError(403, 'Resource protected by SAML'), headers })
  const main = await stage.main({ with: { 'also-write-to': 'dependabot' } })
  expectRotated(stage, main)
  expect(main.warnings).toHaveLength(1)
  expect(main.warnings[0]).toContain(address)
  // It is not a missing permission.
  expect(main.warnings[0]).not.toContain('Read and write')
})
