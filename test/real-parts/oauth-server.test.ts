/**
 * A real OAuth server instead of Box: `oidc-provider`, with rotation, and revocation of the whole grant if a refresh
 * token is used twice. It knows nothing about this project's models.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sandbox, secretName } from '../sandbox/sandbox.ts'
import { openStored } from '../scenarios/support.ts'

let server: Server
let url: string
let provider: Provider
const client = { client_id: 'realclient', client_secret: 'realSecretOfThirtyTwoCharacters1' }

beforeAll(async () => {
  let handle: ReturnType<Provider['callback']> | undefined
  server = createServer((request, response) => void handle?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  provider = new Provider(url, {
    clients: [
      {
        ...client,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://example.com/callback'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    routes: { token: '/oauth2/token' },
    rotateRefreshToken: true,
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    ttl: { AccessToken: 3600, RefreshToken: 60 * 24 * 3600, Grant: 90 * 24 * 3600, IdToken: 3600 },
  })
  handle = provider.callback()
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** The refresh token that a sign-in in the browser would give. */
async function logIn(): Promise<string> {
  const grant = new provider.Grant({ accountId: 'aaron', clientId: client.client_id })
  grant.addOIDCScope('openid offline_access')
  const found = await provider.Client.find(client.client_id)
  if (!found) throw new Error('no client')
  const token = new provider.RefreshToken({
    accountId: 'aaron',
    client: found,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: 'openid offline_access',
  })
  return token.save()
}

test('ten rotations in a row; a queued run does no harm; a token that was used twice is reported', async () => {
  await using sandbox = await Sandbox.start({ skipsPauses: true })
  const inputs = { 'client-id': client.client_id, 'client-secret': client.client_secret, 'box-api-url': url }
  // The server uses the machine's clock.
  sandbox.clock.advance(-3 * 24 * 3_600_000 - 60_000)
  sandbox.github.setSecret(sandbox.store, secretName, await logIn())
  sandbox.clock.advance(60_000)
  const seen = new Set([sandbox.stored])
  const queued = sandbox.startJob()
  for (let round = 1; round <= 10; round += 1) {
    sandbox.clock.advance(5_000)
    const result = await sandbox.run({ with: inputs })
    expect(result.log).not.toContain('Error: ')
    expect(result.exitCode).toBe(0)
    expect(openStored(sandbox)).toBe(sandbox.stored)
    expect(seen.has(sandbox.stored)).toBe(false)
    seen.add(sandbox.stored)
    expect(await provider.AccessToken.find(result.outputs['access-token'] ?? '')).toBeDefined()
  }

  // Queued before all the others, with the very first token: using that would make the server revoke everything.
  const late = await sandbox.run({ job: queued, with: inputs })
  expect(late.outputs).toEqual({ 'error-code': 'stale-secret' })
  sandbox.clock.advance(5_000)
  expect((await sandbox.run({ with: inputs })).exitCode).toBe(0)

  // A re-run may hold the old value, so the server decides. This server revokes the grant; no client can prevent that.
  const again = sandbox.github.startJob(sandbox.github.reRun(queued.run, 'old-values'))
  expect((await sandbox.run({ job: again, with: inputs })).outputs).toEqual({ 'error-code': 'stale-secret' })
  sandbox.clock.advance(5_000)
  const dead = await sandbox.run({ with: inputs })
  expect(dead.outputs).toEqual({ 'error-code': 'reauthorize' })

  sandbox.github.setSecret(sandbox.store, secretName, await logIn())
  sandbox.clock.advance(5_000)
  expect((await sandbox.run({ with: inputs })).exitCode).toBe(0)
})
