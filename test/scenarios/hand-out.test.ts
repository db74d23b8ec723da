/** What the action hands out: narrowed tokens and exported variables. */
import { describe, expect, test } from 'vitest'
import { replies } from '../sandbox/faults.ts'
import { expectFailure, expectRotated, startSandbox } from './support.ts'

const folder = 'https://api.box.com/2.0/folders/123456'
const link = 'https://acme.app.box.com/s/abcdef0123456789'

describe('scope', () => {
  test.each<[string, Record<string, string>, string | null, string | null]>([
    ['alone', {}, null, null],
    ['with a folder', { resource: folder }, folder, null],
    ['with a shared link', { 'shared-link': link }, null, link],
  ])('%s: hands out a narrowed token, after the store', async (_name, more, resource, sharedLink) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const result = await sandbox.run({ with: { scope: ' item_preview  item_download ', ...more } })
    expectRotated(sandbox, result)
    const [narrowed] = sandbox.box.narrowed
    expect(result.outputs['access-token']).toBe(narrowed?.accessToken)
    expect(narrowed).toMatchObject({ scope: 'item_preview item_download', resource, sharedLink })
    // What is left when it is handed out: a slow machine takes a moment.
    expect(Number(result.outputs['expires-in'])).toBeGreaterThanOrEqual(3_595)
    expect(Number(result.outputs['expires-in'])).toBeLessThanOrEqual(3_600)
    // In whole seconds, and the answer is dated a moment after the token was made.
    const told = Date.parse(result.outputs['expires-at'] ?? '')
    expect(Math.abs(told - (narrowed?.expiresAt ?? 0))).toBeLessThanOrEqual(1_000)
    const full = sandbox.box.pairs.at(-1)?.accessToken ?? ''
    expect(result.masks).toContain(full)
    expect(result.stdout.split(full)).toHaveLength(2)
    expect(sandbox.requests.slice(-2)).toEqual(['github write', 'box token'])
    expect(sandbox.violations).toEqual([])
    expect(result.summary).toContain('item_preview item_download')
  })

  test('with verify: the full token is looked up before it is narrowed', async () => {
    await using sandbox = await startSandbox()
    expectRotated(sandbox, await sandbox.run({ with: { scope: 'base_explorer', verify: 'true' } }))
    expect(sandbox.requests.slice(-2)).toEqual(['box user', 'box token'])
  })

  test.each<[string, string, { error: string; error_description: string }]>([
    [
      'bad-input',
      '`scope`, `resource` or `shared-link`',
      { error: 'invalid_scope', error_description: 'Requested scopes are invalid' },
    ],
    [
      'bad-input',
      '`scope`, `resource` or `shared-link`',
      { error: 'invalid_resource', error_description: 'The requested resource is invalid' },
    ],
    ['unauthorized-app', 'downscope', { error: 'unauthorized_client', error_description: 'Not allowed' }],
  ])('%s: a refusal says that the pair is safely stored', async (code, words, body) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 400, body } }, { skip: 1 })
    const message = expectFailure(sandbox, await sandbox.run({ with: { scope: 'item_preview' } }), code)
    expect(message).toContain(`"${body.error}" ("${body.error_description}")`)
    expect(message).toMatch(/is stored in the secret .*Nothing is lost/)
    expect(message).toContain(words)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test.each([
    ['invalid_client', 'bad-client'],
    ['password_reset_required', 'password-reset-required'],
    ['invalid_grant', 'bad-response'],
  ])('%s is not blamed on the scope', async (error, code) => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.boxServer.faults.add(
      'token',
      { kind: 'reply', reply: { status: 400, body: { error } } },
      { skip: 1 },
    )
    const message = expectFailure(sandbox, await sandbox.run({ with: { scope: 'item_preview' } }), code)
    expect(message).not.toContain('Fix `scope`')
    expect(message).toContain('Nothing is lost')
  })

  test('an OAuth error that may be temporary is retried', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const reply = { status: 400, body: { error: 'temporarily_unavailable' } }
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply }, { skip: 1, times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { scope: 'item_preview' } }))
  })

  test('a scope that Box does not know is bad-input', async () => {
    await using sandbox = await startSandbox()
    const message = expectFailure(sandbox, await sandbox.run({ with: { scope: 'everything' } }), 'bad-input')
    expect(message).toContain('"invalid_scope"')
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('outages are waited out; permanent failures are reported, with the pair stored', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { faults } = sandbox.boxServer
    faults.add('token', { kind: 'reply', reply: replies.status(502) }, { skip: 1, times: 1 })
    faults.add('token', { kind: 'reset-before' }, { skip: 1, times: 1 })
    expectRotated(sandbox, await sandbox.run({ with: { scope: 'item_preview' } }))
    faults.clear()
    for (const [reply, code] of [
      [replies.tooManyRequests(), 'rate-limited'],
      [replies.status(503), 'box-unavailable'],
      [replies.status(404), 'box-unavailable'],
      [{ status: 200, body: { access_token: 5, expires_in: 3600, token_type: 'bearer' } }, 'bad-response'],
    ] as const) {
      sandbox.clock.advance(5_000)
      faults.clear()
      faults.add('token', { kind: 'reply', reply }, { skip: 1 })
      const result = await sandbox.run({ with: { scope: 'item_preview', 'retry-for': '12' } })
      expect(expectFailure(sandbox, result, code)).toContain('Nothing is lost')
      expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    }
  })
})

describe('export-variable', () => {
  test('exports the token that is handed out', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({
      with: { 'export-variable': 'BOX_ACCESS_TOKEN', scope: 'item_preview' },
    })
    expect(result.exported).toEqual({ BOX_ACCESS_TOKEN: result.outputs['access-token'] })
    expect(result.outputs['access-token']).toBe(sandbox.box.narrowed[0]?.accessToken)
    expect(result.log).toContain('environment variable BOX_ACCESS_TOKEN')
    expect(result.stdout).not.toContain(`\n${result.outputs['access-token']}`)
  })

  test('exports nothing if the run fails', async () => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('user', { kind: 'reply', reply: { status: 401 } })
    const result = await sandbox.run({ with: { 'export-variable': 'BOX_ACCESS_TOKEN', verify: 'true' } })
    expectFailure(sandbox, result, 'bad-response')
  })
})
