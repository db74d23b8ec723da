/** The sandbox's model of GitHub Apps refuses what GitHub refuses. */
import { generateKeyPairSync } from 'node:crypto'
import appJwt from 'universal-github-app-jwt'
import { describe, expect, test } from 'vitest'
import type { ModelReply } from '../../sandbox/exchange.ts'
import { GitHub } from '../../sandbox/github.ts'

const manifest = JSON.stringify({
  name: 'Box token of nightly',
  url: 'https://github.com/octo-org/nightly',
  redirect_url: 'http://localhost:3000/github-app',
  public: false,
  default_permissions: { secrets: 'write', actions: 'read', metadata: 'read' },
})

/** GitHub with a test clock, an organization and its repository. */
function world(): {
  readonly github: GitHub
  readonly clock: { ms: number }
  readonly ask: (
    method: string,
    target: string,
    body?: string | Record<string, string>,
    token?: string,
  ) => ModelReply
} {
  const clock = { ms: Date.UTC(2026, 10, 23) }
  const github = new GitHub({ now: () => clock.ms })
  github.addRepository('octo-org/nightly')
  github.addOrganization('octo-org')
  const ask: ReturnType<typeof world>['ask'] = (method, target, body = '', token) => {
    const headers = {
      'user-agent': 'test',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const text = typeof body === 'string' ? body : new URLSearchParams(body).toString()
    return github.handle({ method, target, headers, body: text })
  }
  return { github, clock, ask }
}

/** Creates the App on its page, as a person does; returns the code. */
function create(ask: ReturnType<typeof world>['ask']): string {
  const at = '/organizations/octo-org/settings/apps'
  expect(ask('POST', `${at}/new?state=S`, { manifest }).status).toBe(200)
  const reply = ask('POST', `${at}/manifests`, { manifest, name: 'Box token of nightly', state: 'S' })
  const address = new URL(reply.headers?.['location'] ?? '')
  expect(address.origin + address.pathname).toBe('http://localhost:3000/github-app')
  expect(address.searchParams.get('state')).toBe('S')
  return address.searchParams.get('code') ?? ''
}

describe('a manifest', () => {
  test.each([
    ['text that is not JSON', '{'],
    [
      'an unknown permission',
      JSON.stringify({ ...JSON.parse(manifest), default_permissions: { variables: 'write' } }),
    ],
    ['a name that is too long', JSON.stringify({ ...JSON.parse(manifest), name: 'x'.repeat(35) })],
    [
      'a webhook without an address',
      JSON.stringify({ ...JSON.parse(manifest), hook_attributes: { active: false } }),
    ],
  ])('%s is refused', (_what, text) => {
    const { ask } = world()
    expect(ask('POST', '/organizations/octo-org/settings/apps/new', { manifest: text }).status).toBe(422)
  })

  test('an organization that forbids Apps shows no form', () => {
    const { github, ask } = world()
    github.apps.forbidding.add('octo-org')
    expect(ask('POST', '/organizations/octo-org/settings/apps/new', { manifest }).status).toBe(403)
  })
})

describe('a code', () => {
  test('can be exchanged once, without a token', () => {
    const { ask } = world()
    const code = create(ask)
    const reply = ask('POST', `/app-manifests/${code}/conversions`)
    expect(reply.status).toBe(201)
    expect(reply.body).toMatchObject({
      slug: 'box-token-of-nightly',
      owner: { login: 'octo-org' },
      pem: expect.stringContaining('-----BEGIN RSA PRIVATE KEY-----') as string,
    })
    expect(ask('POST', `/app-manifests/${code}/conversions`).status).toBe(404)
  })

  test('expires after an hour', () => {
    const { ask, clock } = world()
    const code = create(ask)
    clock.ms += 3_600_001
    expect(ask('POST', `/app-manifests/${code}/conversions`).status).toBe(404)
  })
})

describe('a JSON Web Token', () => {
  const installation = '/repos/octo-org/nightly/installation'
  const permissions = { secrets: 'write', actions: 'read', metadata: 'read' } as const

  test('shows where the App is installed, once it is', async () => {
    const { github, clock, ask } = world()
    const app = github.apps.add('octo-org', permissions)
    const now = clock.ms / 1000
    const { token } = await appJwt({ id: app.clientId, privateKey: app.privateKey, now })
    expect(ask('GET', '/app', '', token)).toMatchObject({ status: 200, body: { slug: app.slug } })
    expect(ask('GET', installation, '', token).status).toBe(404)
    github.apps.install(app, ['octo-org/nightly'])
    expect(ask('GET', installation, '', token)).toMatchObject({ status: 200, body: { permissions } })
  })

  test('with another key, a wrong time or an unknown App is refused', async () => {
    const { github, clock, ask } = world()
    const app = github.apps.add('octo-org', permissions)
    github.apps.install(app, 'all')
    const now = clock.ms / 1000
    const { privateKey: other } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const own = { id: app.clientId, privateKey: app.privateKey, now }
    for (const wrong of [
      { ...own, privateKey: other },
      { ...own, id: 'Iv23liNobody' },
      { ...own, now: now - 700 },
      { ...own, now: now + 100 },
    ]) {
      const { token } = await appJwt(wrong)
      expect(ask('GET', installation, '', token).status).toBe(401)
    }
  })

  test('gets tokens with at most the granted permissions, valid for an hour', async () => {
    const { github, clock, ask } = world()
    const app = github.apps.add('octo-org', permissions)
    const { id } = github.apps.install(app, ['octo-org/nightly'])
    const { token } = await appJwt({ id: app.clientId, privateKey: app.privateKey, now: clock.ms / 1000 })
    const issue = (wanted: object): ModelReply =>
      ask('POST', `/app/installations/${id}/access_tokens`, JSON.stringify({ permissions: wanted }), token)
    expect(issue({ contents: 'write' }).status).toBe(422)
    const reply = issue({ secrets: 'write' })
    expect(reply.status).toBe(201)
    const { token: issued } = reply.body as { token: string }
    expect(ask('GET', '/repos/octo-org/nightly/actions/secrets/public-key', '', issued).status).toBe(200)
    expect(ask('GET', '/repos/octo-org/nightly/actions/workflows', '', issued).status).toBe(403)
    clock.ms += 3_600_000
    expect(ask('GET', '/repos/octo-org/nightly/actions/secrets/public-key', '', issued).status).toBe(401)
  })
})
