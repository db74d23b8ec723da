/** All other tests depend on the sandbox, so its readings of Box's rules are tested on their own. */
import { describe, expect, test } from 'vitest'
import { Box, readings, type Reading } from '../../sandbox/box.ts'
import type { ModelReply } from '../../sandbox/exchange.ts'

const hour = 3_600_000

class World {
  time = Date.UTC(2026, 10, 23)
  readonly box: Box

  constructor(reading: Reading) {
    this.box = new Box({ clock: { now: () => this.time }, reading })
  }

  refresh(refreshToken: string): ModelReply {
    const { clientId, clientSecret } = this.box
    const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret }
    return this.box.handle({
      method: 'POST',
      target: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, refresh_token: refreshToken }).toString(),
    })
  }

  pair(refreshToken: string): { access: string; refresh: string } {
    const reply = this.refresh(refreshToken)
    if (reply.status !== 200) throw new Error(`refused: ${JSON.stringify(reply.body)}`)
    const { access_token: access = '', refresh_token: refresh = '' } = reply.body as Record<string, string>
    return { access, refresh }
  }

  use(accessToken: string): number {
    const headers = { authorization: `Bearer ${accessToken}` }
    return this.box.handle({ method: 'GET', target: '/2.0/users/me', headers, body: '' }).status
  }
}

function errorOf(reply: ModelReply): unknown {
  return (reply.body as Record<string, unknown>)['error']
}

describe.each(readings)('%s', (reading) => {
  test('a chain of refreshes continues, using each token once', () => {
    const world = new World(reading)
    let { refreshToken } = world.box.logIn()
    for (let round = 0; round < 5; round += 1) {
      const { access, refresh } = world.pair(refreshToken)
      expect(world.use(access)).toBe(200)
      refreshToken = refresh
    }
  })

  test('the first use of the new access token ends the old pair', () => {
    const world = new World(reading)
    const old = world.box.logIn()
    const { access } = world.pair(old.refreshToken)
    world.use(access)
    expect(world.box.accepts(old.accessToken)).toBe(false)
    expect(errorOf(world.refresh(old.refreshToken))).toBe('invalid_grant')
  })

  test('tokens expire, refresh tokens after 60 days', () => {
    const world = new World(reading)
    const { accessToken, refreshToken } = world.box.logIn()
    world.time += 2 * hour
    expect(world.use(accessToken)).toBe(401)
    world.time += 60 * 24 * hour
    expect(errorOf(world.refresh(refreshToken))).toBe('invalid_grant')
  })

  test('two sign-ins are independent of each other', () => {
    const world = new World(reading)
    const one = world.box.logIn()
    const other = world.box.logIn()
    world.use(world.pair(one.refreshToken).access)
    world.refresh(one.refreshToken)
    expect(world.box.takes(other.refreshToken)).toBe(true)
  })
})

test('grace: a replay returns the same pair, until the new one is used', () => {
  const world = new World('grace')
  const old = world.box.logIn()
  const first = world.pair(old.refreshToken)
  expect(world.pair(old.refreshToken)).toEqual(first)
  expect(world.box.accepts(old.accessToken)).toBe(true)
  // Refreshing with the new refresh token counts as using it.
  world.pair(first.refresh)
  expect(errorOf(world.refresh(old.refreshToken))).toBe('invalid_grant')
})

test('strict: a replay is refused, and does no harm', () => {
  const world = new World('strict')
  const old = world.box.logIn()
  const { refresh } = world.pair(old.refreshToken)
  expect(world.box.accepts(old.accessToken)).toBe(false)
  expect(errorOf(world.refresh(old.refreshToken))).toBe('invalid_grant')
  expect(world.box.takes(refresh)).toBe(true)
})

test('siblings: a replay returns another pair, and the first use of one ends the other', () => {
  const world = new World('siblings')
  const old = world.box.logIn()
  const one = world.pair(old.refreshToken)
  const other = world.pair(old.refreshToken)
  expect(other).not.toEqual(one)
  expect(world.box.takes(one.refresh)).toBe(true)
  world.use(other.access)
  expect(world.box.takes(one.refresh)).toBe(false)
  expect(world.box.accepts(one.access)).toBe(false)
  expect(world.box.takes(other.refresh)).toBe(true)
})

test('family: a replay ends the whole chain', () => {
  const world = new World('family')
  const old = world.box.logIn()
  const { access, refresh } = world.pair(old.refreshToken)
  expect(errorOf(world.refresh(old.refreshToken))).toBe('invalid_grant')
  expect(world.box.takes(refresh)).toBe(false)
  expect(world.use(access)).toBe(401)
})

test('credentials are accepted only in the body', () => {
  const world = new World('grace')
  const { refreshToken } = world.box.logIn()
  const basic = Buffer.from(`${world.box.clientId}:${world.box.clientSecret}`).toString('base64')
  const reply = world.box.handle({
    method: 'POST',
    target: '/oauth2/token',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }).toString(),
  })
  expect(errorOf(reply)).toBe('invalid_client')
})

describe('an authorization code', () => {
  const redirectUri = 'http://localhost:3000/callback'

  function decide(world: World, form: Record<string, string>): string {
    const reply = world.box.handle({
      method: 'POST',
      target: '/api/oauth2/authorize',
      headers: {},
      body: new URLSearchParams({ redirect_uri: redirectUri, state: 'S', ...form }).toString(),
    })
    return reply.headers?.['location'] ?? ''
  }

  function redeem(world: World, code: string, uri = redirectUri): ModelReply {
    const { clientId, clientSecret } = world.box
    const form = { grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret }
    return world.box.handle({
      method: 'POST',
      target: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, code, redirect_uri: uri }).toString(),
    })
  }

  const granted = (world: World): string =>
    new URL(decide(world, { decision: 'grant' })).searchParams.get('code') ?? ''

  test('returns a pair, once', () => {
    const world = new World('strict')
    const code = granted(world)
    const { refresh_token: refreshToken = '' } = redeem(world, code).body as Record<string, string>
    expect(world.box.takes(refreshToken)).toBe(true)
    expect(errorOf(redeem(world, code))).toBe('invalid_grant')
  })

  test('is valid for 30 seconds, for its own redirect URI', () => {
    const world = new World('strict')
    const code = granted(world)
    expect(errorOf(redeem(world, code, 'http://localhost:3001/callback'))).toBe('redirect_uri_mismatch')
    world.time += 30_000
    expect(errorOf(redeem(world, code))).toBe('invalid_grant')
  })

  test('is issued only for a registered redirect URI, and not if access is denied', () => {
    const world = new World('strict')
    expect(decide(world, { decision: 'grant', redirect_uri: 'https://evil.example' })).toBe('')
    const denied = new URL(decide(world, { decision: 'deny' })).searchParams
    expect([denied.get('error'), denied.get('code'), denied.get('state')]).toEqual([
      'access_denied',
      null,
      'S',
    ])
  })
})
