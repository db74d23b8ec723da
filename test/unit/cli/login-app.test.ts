/** Setting up an App when the person takes too long: under a virtual clock, against the model of GitHub. */
import { expect, test } from 'vitest'
import type { World } from '../../../src/cli/command-line.ts'
import { setUpApp, type AppWriter } from '../../../src/cli/login/app.ts'
import { CallbackServer } from '../../../src/cli/login/callback-server.ts'
import type { Plan } from '../../../src/cli/login/plan.ts'
import { GitHubClient } from '../../../src/github/client.ts'
import { Secret } from '../../../src/github/secret-store.ts'
import { repositorySecrets, repositoryVariables } from '../../../src/github/stores/repository.ts'
import { VariableStore } from '../../../src/github/variable-store.ts'
import { wireBody, wireHeaders } from '../../sandbox/exchange.ts'
import { GitHub } from '../../sandbox/github.ts'
import { freePort } from '../../sandbox/ports.ts'
import { silentTerminal } from './terminal.ts'

const apiUrl = 'https://api.github.com'
const minute = 60_000

/** The objects that `login` has when it sets up an App. */
async function stage(how: AppWriter['how']) {
  const time = { ms: 0 }
  const clock = {
    monotonic: () => time.ms,
    wall: () => Date.UTC(2026, 10, 23) + time.ms,
    // Time passes only when nothing else is pending: an answer arrives before its time-out.
    sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      if (!signal?.aborted) time.ms += ms
    },
  }
  const server = { now: () => clock.wall() }
  const github = new GitHub(server)
  github.addRepository('octo-org/nightly')
  github.addOrganization('octo-org')
  github.tokens.set('of-the-person', { kind: 'fine-grained', permissions: { secrets: 'write' } })
  const asked: string[] = []
  const network = {
    clock,
    proxies: [],
    fetch: (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
      const { pathname, search } = new URL(url instanceof Request ? url.url : url)
      const headers = Object.fromEntries(new Headers(init.headers))
      const body = typeof init.body === 'string' ? init.body : ''
      const request = { method: init.method ?? 'GET', target: pathname + search, headers, body }
      asked.push(github.label(request))
      const reply = github.handle(request)
      return Promise.resolve(
        new Response(wireBody(reply), { status: reply.status, headers: wireHeaders(reply, server) }),
      )
    },
  }
  const app = github.apps.add('octo-org', { secrets: 'write', actions: 'read' })
  const { terminal, told } = silentTerminal({
    BOX_APP_CLIENT_ID: app.clientId,
    BOX_APP_PRIVATE_KEY: app.privateKey,
  })
  const world: World = { network, clock, random: () => 0, platform: 'linux', version: () => '1.2.3' }
  const client = new GitHubClient({ network, apiUrl, token: 'of-the-person' })
  const key = {
    secret: new Secret(client, repositorySecrets('octo-org', 'nightly'), 'BOX_APP_PRIVATE_KEY'),
    metadata: undefined,
    settings: {},
  }
  const variables = new VariableStore(client, repositoryVariables('octo-org', 'nightly'))
  const plan: Plan = {
    target: {
      owner: 'octo-org',
      repo: 'nightly',
      environment: undefined,
      organization: undefined,
      secretName: 'BOX_REFRESH_TOKEN',
    },
    names: { clientId: 'BOX_CLIENT_ID', clientSecret: 'BOX_CLIENT_SECRET', writeToken: 'BOX_SECRETS_TOKEN' },
    apiUrl,
    boxApiUrl: 'https://api.box.com',
    accountUrl: 'https://account.box.com',
    port: await freePort(),
    browser: false,
    createEnvironment: false,
    visibility: undefined,
    stateVariable: undefined,
    gitHubApp: how === 'existing' ? 'existing' : 'any',
  }
  const callbackServer = await CallbackServer.listen(plan.port)
  const work = {
    environment: { clock, random: () => 0 },
    narrator: {
      mask: () => {},
      info: () => {},
      warning: () => {},
      waiting: () => {},
      foreign: (text: string) => terminal.redactor.foreign(text),
    },
    retryFor: 60,
    tokenName: 'GITHUB_TOKEN',
    soFar: () => terminal.interruption.aftermath,
    client,
  }
  const setUp = {
    plan,
    work,
    place: { key: { keyId: '1', publicKey: '' }, secrets: [key] },
    writer: {
      kind: 'app' as const,
      how,
      key,
      clientId: { store: variables, name: 'BOX_APP_CLIENT_ID', value: undefined },
    },
    server: callbackServer,
  }
  return {
    time,
    asked,
    told,
    run: () => setUpApp(terminal, world, setUp),
    [Symbol.dispose]: () => callbackServer.close(),
  }
}

test('if nobody creates the App, login gives up after 15 minutes, and names the alternatives', async () => {
  using at = await stage('new')
  await expect(at.run()).rejects.toThrow(
    /^no App was created within 15 minutes\. Nothing was written\. If GitHub has created the App in the meantime, delete it: https:\/\/github\.com\/organizations\/octo-org\/settings\/apps\. If GitHub does not let you create Apps for octo-org, ask one of its owners to run this, or use a personal access token/,
  )
  expect(at.time.ms).toBe(15 * minute)
  expect(at.asked).toEqual(['repository'])
})

test('if nobody installs the App, login polls every three seconds, and gives up after 15 minutes', async () => {
  using at = await stage('existing')
  await expect(at.run()).rejects.toThrow(
    /^the App was not installed within 15 minutes\. Nothing was written\.$/,
  )
  expect(at.time.ms).toBe(15 * minute)
  // The App's JWT is valid for ten minutes: new ones are signed along the way.
  expect(at.asked.filter((label) => label === 'app installation')).toHaveLength(302)
  expect(at.told).toContain('  https://github.com/apps/by-hand/installations/new')
})
