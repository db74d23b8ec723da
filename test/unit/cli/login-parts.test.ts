/** The parts of `login` that need no process of their own. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { authorizationUrl, newState, readAuthorizationResponse } from '../../../src/box/authorization.ts'
import { awaitLogIn } from '../../../src/cli/login/await-login.ts'
import { openerOf } from '../../../src/cli/login/browser.ts'
import { contentSecurityPolicy, renderPage } from '../../../src/cli/login/callback-page.ts'
import { CallbackServer } from '../../../src/cli/login/callback-server.ts'
import type { World } from '../../../src/cli/command-line.ts'
import { Interrupted, Interruption, type EndingSignal } from '../../../src/cli/interruption.ts'
import { keepAliveWorkflow } from '../../../src/cli/login/workflow.ts'
import { freePort } from '../../sandbox/ports.ts'
import { readManifest } from '../../sandbox/runner.ts'
import { silentTerminal } from './terminal.ts'

const request = {
  accountUrl: 'https://account.box.com',
  clientId: 'app id&more',
  redirectUri: 'http://localhost:3000/callback',
  state: newState(),
}

test('the address has exactly the parameters that Box requires', () => {
  const url = new URL(authorizationUrl(request))
  expect(url.origin + url.pathname).toBe('https://account.box.com/api/oauth2/authorize')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: 'code',
    client_id: 'app id&more',
    redirect_uri: 'http://localhost:3000/callback',
    state: request.state,
  })
})

test('a state has 256 bits, and is different each time', () => {
  expect(Buffer.from(newState(), 'base64url')).toHaveLength(32)
  expect(newState()).not.toBe(newState())
})

test.each([
  ['code=abc&state=S', { kind: 'code', code: 'abc' }],
  ['error=access_denied&state=S', { kind: 'refused', error: 'access_denied', description: '' }],
  [
    'error=server_error&error_description=x&code=abc&state=S',
    { kind: 'refused', error: 'server_error', description: 'x' },
  ],
  ['code=abc', { kind: 'forged' }],
  ['code=abc&state=', { kind: 'forged' }],
  ['code=abc&state=s', { kind: 'forged' }],
  ['code=abc&state=SS', { kind: 'forged' }],
  ['code=abc&state=S&state=S', { kind: 'forged' }],
  ['error=access_denied', { kind: 'forged' }],
  ['state=S', { kind: 'incomplete' }],
  ['code=abc&code=def&state=S', { kind: 'incomplete' }],
  ['code=a%0Ab&state=S', { kind: 'incomplete' }],
])('%s', (query, expected) => {
  expect(readAuthorizationResponse(new URLSearchParams(query), 'S')).toEqual(expected)
})

test('an empty state matches nothing', () => {
  expect(readAuthorizationResponse(new URLSearchParams('code=abc'), '').kind).toBe('forged')
})

describe('the page', () => {
  const page = renderPage({ mood: 'bad', title: '<b>&', paragraphs: ['<script>"x"</script>', 'run `a <b>`'] })

  test('escapes all text', () => {
    expect(page).toContain('<h1>&lt;b&gt;&amp;</h1>')
    expect(page).toContain('<p>&lt;script&gt;&quot;x&quot;&lt;/script&gt;</p>')
    expect(page).toContain('<p>run <code>a &lt;b&gt;</code></p>')
  })

  test('loads nothing, and its policy contains the hash of its style', () => {
    expect(page).not.toMatch(/<script|<link|<img|\ssrc=|url\(|@import|\sstyle=|\son\w+=/)
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`)
  })
})

test.each([
  ['darwin', {}, ['open']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', {}, undefined],
] as const)('a browser on %s, with %o, is opened by %o', (platform, variables, expected) => {
  expect(openerOf(platform, variables)).toEqual(expected)
})

describe('the workflow', () => {
  const names = {
    clientId: 'BOX_CLIENT_ID',
    clientSecret: 'BOX_CLIENT_SECRET',
    writeToken: 'BOX_SECRETS_TOKEN',
  }
  const target = {
    owner: 'octo-org',
    repo: 'nightly',
    environment: undefined,
    organization: undefined,
    secretName: 'BOX_REFRESH_TOKEN',
  }
  const filled = (
    changes: Partial<Record<'environment' | 'organization' | 'secretName', string>>,
    boxApiUrl?: string,
  ): { jobs: { box: { environment?: string; steps: { with: Record<string, unknown> }[] } } } =>
    parse(
      keepAliveWorkflow({
        stateVariable: undefined,
        target: { ...target, ...changes },
        names,
        boxApiUrl,
        writesWith: 'token',
      }),
    ) as ReturnType<typeof filled>

  test.each([
    "it's",
    'a: b',
    '#1',
    ' x ',
    '- x',
    '{x}',
    'true',
    '1e3',
    'null',
    '~',
    '"q"',
    '日本語',
    '*a',
    '%x',
    '@x',
    '!x',
    'no',
  ])('names the environment %j in valid YAML', (environment) => {
    const { box } = filled({ environment }).jobs
    expect([box.environment, box.steps[0]?.with['environment']]).toEqual([environment, environment])
  })

  test('uses only inputs that the action has, and only where needed', async () => {
    const { inputs } = await readManifest()
    const all = filled({ organization: 'acme', secretName: 'OTHER_TOKEN' }, 'https://box.example.com')
    const given = all.jobs.box.steps[0]?.with ?? {}
    expect(Object.keys(given).filter((name) => !(name in inputs))).toEqual([])
    expect(given).toMatchObject({
      organization: 'acme',
      'secret-name': 'OTHER_TOKEN',
      'refresh-token': '${{ secrets.OTHER_TOKEN }}',
      'box-api-url': 'https://box.example.com',
    })
    expect(Object.keys(filled({}).jobs.box.steps[0]?.with ?? {})).toEqual([
      'client-id',
      'client-secret',
      'refresh-token',
      'github-token',
      'verify',
    ])
  })
})

test('if nobody signs in, login gives up after 15 minutes', async () => {
  const slept: number[] = []
  const port = await freePort()
  const server = await CallbackServer.listen(port)
  const { terminal, told } = silentTerminal()
  const clock = {
    monotonic: () => 0,
    wall: () => 0,
    sleep: (ms: number): Promise<void> => {
      slept.push(ms)
      return Promise.resolve()
    },
  }
  const network = { fetch, clock, proxies: [] }
  const world: World = { network, clock, random: () => 0, platform: 'linux', version: () => '1.2.3' }
  try {
    await expect(awaitLogIn(terminal, world, { request, server, port, browser: true })).rejects.toThrow(
      /nobody signed in within 15 minutes\. Nothing was written\./,
    )
    expect(slept).toEqual([900_000])
    expect(told.join('\n')).toContain(
      'add http://localhost:3000/callback to the redirect URIs of your Box app',
    )
  } finally {
    server.close()
  }
})

describe('an interruption', () => {
  function source(): {
    on: (signal: EndingSignal, listener: () => void) => void
    send: (signal: EndingSignal) => void
  } {
    const listeners = new Map<EndingSignal, () => void>()
    return {
      on: (signal, listener) => void listeners.set(signal, listener),
      send: (signal) => listeners.get(signal)?.(),
    }
  }

  test('ends any wait, with the exit code of its signal', async () => {
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const process = source()
      const interruption = new Interruption(process)
      const waiting = interruption.orInterrupted(new Promise(() => {}))
      process.send(signal)
      await expect(waiting).rejects.toMatchObject({ exitCode })
      await expect(interruption.orInterrupted(Promise.resolve(1))).rejects.toBeInstanceOf(Interrupted)
    }
  })

  test('waits for work that is held, says so once, and takes effect afterwards', async () => {
    const process = source()
    const interruption = new Interruption(process)
    let told = 0
    const held = interruption.hold(
      async () => {
        process.send('SIGINT')
        process.send('SIGTERM')
        await Promise.resolve()
        expect(interruption.signal.aborted).toBe(false)
        return 'done'
      },
      () => (told += 1),
    )
    await expect(held).resolves.toBe('done')
    expect([told, interruption.signal.aborted]).toEqual([1, true])
    await expect(interruption.orInterrupted(new Promise(() => {}))).rejects.toMatchObject({ exitCode: 130 })
  })

  test('does not hide the failure of held work', async () => {
    const process = source()
    const interruption = new Interruption(process)
    const work = interruption.hold(
      () => {
        process.send('SIGINT')
        return Promise.reject(new Error('not stored'))
      },
      () => {},
    )
    await expect(interruption.orInterrupted(work)).rejects.toThrow('not stored')
  })
})
