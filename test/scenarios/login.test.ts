/** `box-token login`, from nothing to a successful run, with requests for a browser. */
import { spawnSync } from 'node:child_process'
import { createServer, request as httpRequest } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { replies } from '../sandbox/faults.ts'
import { Cli, hasTerminal, runCli, runtimes } from '../sandbox/cli.ts'
import { apiError } from '../sandbox/github.ts'
import { freePort } from '../sandbox/ports.ts'
import { organizationName, repository, Sandbox, secretName, writeToken } from '../sandbox/sandbox.ts'
import { expectFailure, expectRotated } from './support.ts'
import {
  decide,
  emptySandbox,
  expectNothingLeaked,
  expectRefused,
  fakeOpener,
  goThrough,
  loginToken,
  startLogin,
  temporaryFolder,
  written,
} from './login-support.ts'

/** Runs the printed workflow: its step, with the secrets that its job has access to. */
async function runPrinted(sandbox: Sandbox, text: string, environment?: string): ReturnType<Sandbox['run']> {
  const workflow = parse(text) as {
    jobs: { box: { environment?: string; steps: { uses: string; with: Record<string, string | boolean> }[] } }
  }
  const { box } = workflow.jobs
  expect(box.environment).toBe(environment)
  const job = sandbox.github.startJob(sandbox.github.queueRun(repository), box.environment)
  const step = box.steps[0]
  expect(step?.uses).toMatch(/^[\w-]+\/box-token-action@v\d+$/)
  const values = Object.entries(step?.with ?? {}).map(([name, value]) => {
    const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(String(value))?.[1]
    return [name, secret === undefined ? String(value) : (job.secrets[secret] ?? '')]
  })
  return sandbox.run({ job, with: Object.fromEntries(values) as Record<string, string> })
}

describe.concurrent.each(runtimes())('on Node.js %s', (_version, node) => {
  test('from an empty repository to a successful run of the printed workflow', async () => {
    await using sandbox = await emptySandbox({ reading: 'strict' })
    const logIn = await startLogin(sandbox, { node })
    const page = await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain('Signed in to Box as Aaron Levie (ceo@example.com).')
    expect(result.exitCode).toBe(0)

    // The refresh token comes first; and it is the pair's own, unused.
    expect(written(sandbox)).toEqual([
      'BOX_REFRESH_TOKEN',
      'BOX_CLIENT_ID',
      'BOX_CLIENT_SECRET',
      'BOX_SECRETS_TOKEN',
    ])
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    expect(sandbox.store.value('BOX_CLIENT_ID')).toBe(sandbox.box.clientId)
    expect(sandbox.store.value('BOX_CLIENT_SECRET')).toBe(sandbox.box.clientSecret)
    expect(sandbox.store.value('BOX_SECRETS_TOKEN')).toBe(writeToken)

    // GitHub first, then the browser; the access token is used only once everything is stored.
    const { requests } = sandbox
    const proofs = requests.filter((request) => request === 'github probe').length
    expect(proofs).toBe(5)
    expect(requests.lastIndexOf('github probe')).toBeLessThan(requests.indexOf('box authorize'))
    expect(requests.indexOf('box user')).toBeGreaterThan(requests.lastIndexOf('github write'))
    expect(requests.filter((request) => request === 'box token')).toHaveLength(1)

    expect(page.status).toBe(200)
    expect(page.text).toContain('Signed in to Box')
    expect(page.text).toContain('Aaron Levie (ceo@example.com)')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expectNothingLeaked(sandbox, result.stdout, result.stderr, page.text)

    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await runPrinted(sandbox, result.stdout))
    expect(sandbox.violations).toEqual([])
  })
})

test.concurrent('all tokens are revoked: the failure names login, and login fixes it', async () => {
  await using sandbox = await Sandbox.start()
  sandbox.github.tokens.set(loginToken, { kind: 'fine-grained', permissions: { secrets: 'write' } })
  sandbox.box.revokeAll()
  expect(expectFailure(sandbox, await sandbox.run(), 'reauthorize')).toContain('`box-token login`')
  sandbox.clock.advance(60_000)
  // The write token is already stored: nobody has to give it again.
  const logIn = await startLogin(sandbox, { env: { BOX_SECRETS_TOKEN: undefined } })
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(result.stderr).toContain('BOX_SECRETS_TOKEN exists already and stays as it is')
  expect(result.exitCode).toBe(0)
  expect(written(sandbox)).not.toContain('BOX_SECRETS_TOKEN')
  sandbox.clock.advance(60_000)
  expectRotated(sandbox, await sandbox.run())
})

test.concurrent('a short proxy password does not garble the address', async () => {
  await using sandbox = await emptySandbox()
  const logIn = await startLogin(sandbox, { env: { HTTPS_PROXY: 'http://user:http@127.0.0.1:9' } })
  await goThrough(logIn)
  expect((await logIn.cli.done).exitCode).toBe(0)
})

test.concurrent('--json: prints the result and nothing else on standard output', async () => {
  await using sandbox = await emptySandbox()
  const logIn = await startLogin(sandbox, { args: ['--json'] })
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(JSON.parse(result.stdout)).toEqual({
    stored: ['BOX_REFRESH_TOKEN', 'BOX_CLIENT_ID', 'BOX_CLIENT_SECRET', 'BOX_SECRETS_TOKEN'],
    place: `repository ${repository}`,
    user: { id: '11446498', name: 'Aaron Levie', login: 'ceo@example.com' },
    writeToken: 'stored',
    workflow: {
      path: '.github/workflows/box-token.yml',
      content: expect.stringContaining('refresh-token: ${{ secrets.BOX_REFRESH_TOKEN }}') as string,
    },
  })
})

test.concurrent('without a write token, login stores the rest and explains how to create one', async () => {
  await using sandbox = await emptySandbox()
  const logIn = await startLogin(sandbox, { env: { BOX_SECRETS_TOKEN: undefined } })
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(result.exitCode).toBe(0)
  expect(result.stderr).toContain('BOX_SECRETS_TOKEN is still missing.')
  expect(result.stderr).toContain(
    'only octo-org/nightly. Repository permissions "Secrets: Read and write" and "Actions: Read"',
  )
  expect(written(sandbox)).toEqual(['BOX_REFRESH_TOKEN', 'BOX_CLIENT_ID', 'BOX_CLIENT_SECRET'])
})

test.concurrent('a second app gets its own secrets and workflow', async () => {
  await using sandbox = await emptySandbox()
  const logIn = await startLogin(sandbox, { args: ['--prefix', 'REPORTS'] })
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(result.exitCode).toBe(0)
  expect(written(sandbox)).toEqual([
    'REPORTS_REFRESH_TOKEN',
    'REPORTS_CLIENT_ID',
    'REPORTS_CLIENT_SECRET',
    'BOX_SECRETS_TOKEN',
  ])
  expect(result.stderr).toContain('.github/workflows/box-token-reports-refresh-token.yml')
  sandbox.clock.advance(60_000)
  const run = await runPrinted(sandbox, result.stdout)
  expect(run.outputs['refreshed']).toBe('true')
  expect(sandbox.box.takes(sandbox.store.value('REPORTS_REFRESH_TOKEN') ?? '')).toBe(true)
})

describe.concurrent('requests to the port', () => {
  test('access denied: login ends with that message, in the browser too', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox)
    const page = await goThrough(logIn, 'deny')
    expect(page.status).toBe(400)
    expect(page.text).toContain('Box did not grant access')
    expect(page.text).toContain('The user denied access to your application')
    expectRefused(
      sandbox,
      await logIn.cli.done,
      /access to Box was denied \("The user denied.*Nothing was written/,
    )
    expect(sandbox.requests).not.toContain('box token')
    expect(written(sandbox)).toEqual([])
  })

  /** A request that a browser would not make by itself. */
  async function ask(
    port: number,
    path: string,
    options: { method?: string; host?: string; address?: string } = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          host: options.address ?? '127.0.0.1',
          port,
          path,
          method: options.method ?? 'GET',
          headers: { host: options.host ?? `localhost:${port}` },
        },
        (reply) => {
          let text = ''
          reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }))
        },
      )
      sent.on('error', reject)
      sent.end()
    })
  }

  test('anything but the answer is refused, and login keeps waiting for the answer', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox)
    const { port } = logIn
    const address = await logIn.address
    const state = new URL(address).searchParams.get('state') ?? ''
    expect(Buffer.from(state, 'base64url').length).toBeGreaterThanOrEqual(16)
    const forged = `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`
    const good = new URL(await decide(address))
    const right = good.pathname + good.search

    const tries: [number, string, Parameters<typeof ask>[2]?][] = [
      [404, '/favicon.ico'],
      [404, '/'],
      [404, '/callback/'],
      [404, `/callback%3f${good.search.slice(1)}`],
      [404, '//callback'],
      [400, '/callback'],
      [400, '/callback?code=abc'],
      [400, '/callback?code=abc&state='],
      [400, `/callback?code=abc&state=${forged}`],
      [400, `/callback?code=abc&state=${state}&state=${state}`],
      [400, `/callback?code=abc&state=${forged}&state=${state}`],
      [400, '/callback?error=access_denied'],
      [400, `/callback?error=access_denied&state=${forged}`],
      [400, `/callback?state=${state}`],
      [400, `/callback?code=&state=${state}`],
      [405, right, { method: 'HEAD' }],
      [405, right, { method: 'POST' }],
      [405, right, { method: 'OPTIONS' }],
      [421, right, { host: `box.evil.example:${port}` }],
      [421, right, { host: 'localhost' }],
      [421, right, { host: `localhost:${port + 1}` }],
      [421, right, { host: `localhost.evil.example:${port}` }],
    ]
    for (const [status, path, options] of tries) {
      const reply = await ask(port, path, options)
      expect([path, options, reply.status]).toEqual([path, options, status])
      expect(reply.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      })
      expect(reply.text).not.toContain('abc')
    }
    expect(sandbox.requests).not.toContain('box token')

    // IPv6 works too, if the machine has it.
    const ipv6 = Object.values(networkInterfaces())
      .flat()
      .some((one) => one?.address === '::1')
    const end = await ask(port, right, ipv6 ? { address: '::1', host: `LOCALHOST:${port}` } : {})
    expect(end.status).toBe(200)
    expect((await logIn.cli.done).exitCode).toBe(0)
    // The server is closed.
    await expect(ask(port, right)).rejects.toThrow('ECONNREFUSED')
  })

  test('the port cannot be reached from another machine', async (context) => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one && !one.internal && one.family === 'IPv4')
    context.skip(!outside, 'this machine has no other address')
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox)
    await logIn.address
    await expect(ask(logIn.port, '/callback', { address: outside?.address ?? '' })).rejects.toThrow(
      'ECONNREFUSED',
    )
    logIn.cli.kill('SIGTERM')
    expect((await logIn.cli.done).exitCode).toBe(143)
  })

  test.each(['127.0.0.1', '::1'])('the port is taken on %s: one line that names --port', async (address) => {
    await using sandbox = await emptySandbox()
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve, reject) => {
      taken.once('error', reject)
      taken.listen(port, address, resolve)
    })
    try {
      const logIn = await startLogin(sandbox, { port })
      expectRefused(
        sandbox,
        await logIn.cli.done,
        /cannot listen on port \d+ \(another program is using it\).*--port/,
      )
      expect(sandbox.requests).toEqual([])
    } finally {
      await new Promise((resolve) => taken.close(resolve))
    }
  })
})

describe.concurrent('the browser is on another machine', () => {
  test('the final address is pasted; anything else is reported, and login keeps waiting', async () => {
    await using sandbox = await emptySandbox()
    const { cli, address, callback } = await startLogin(sandbox, { args: ['--no-browser'] })
    const good = await decide(await address)
    cli.write('\nhello\n')
    await cli.until(/That is not an address/)
    cli.write(`${callback}?code=abc&state=forged\n`)
    await cli.until(/does not belong to this sign-in/)
    cli.write(`${good.replace(/code=\w+&/, '')}\n`)
    await cli.until(/neither a code nor an error/)
    cli.write(`  ${good}  \r\n`)
    const result = await cli.done
    expect(result.exitCode).toBe(0)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    expectNothingLeaked(sandbox, result.stdout, result.stderr)
  })

  test('a denial can be pasted as well', async () => {
    await using sandbox = await emptySandbox()
    const { cli, address } = await startLogin(sandbox)
    cli.write(`${await decide(await address, 'deny')}\n`)
    expectRefused(sandbox, await cli.done, /access to Box was denied/)
  })

  test('login keeps waiting even if standard input has ended', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox, { input: '' })
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
  })
})

describe.skipIf(process.platform !== 'linux').concurrent('the browser on this machine', () => {
  test('is opened at the address, without the credentials in its environment', async () => {
    await using sandbox = await emptySandbox()
    const opener = await fakeOpener()
    const logIn = await startLogin(sandbox, { env: opener.env })
    const address = await logIn.address
    await expect.poll(opener.opened).toContain(`${address}\n`)
    expectNothingLeaked(sandbox, await opener.opened())
    await goThrough(logIn)
    expect((await logIn.cli.done).stderr).toContain('Your browser is opening Box.')
  })

  test.each<[string, string[], Record<string, string>]>([
    ['--no-browser', ['--no-browser'], {}],
    ['no screen', [], { DISPLAY: '' }],
  ])('is not opened: %s', async (_why, args, env) => {
    await using sandbox = await emptySandbox()
    const opener = await fakeOpener()
    const logIn = await startLogin(sandbox, { args, env: { ...opener.env, ...env } })
    await goThrough(logIn)
    expect((await logIn.cli.done).stderr).toContain('Open this address in a browser')
    expect(await opener.opened()).toBe('')
  })
})

describe.concurrent('no browser is opened before GitHub has shown that the secrets can be written', () => {
  test.each<[string, (sandbox: Sandbox) => void, { args?: string[]; env?: Record<string, string> }, RegExp]>([
    [
      'a token that may only read',
      ({ github }) =>
        github.tokens.set(loginToken, { kind: 'fine-grained', permissions: { secrets: 'read' } }),
      {},
      /GitHub answered 403 when GITHUB_TOKEN tried to write the secret BOX_\w+ of repository octo-org\/nightly.*is not allowed to do that\. Nothing was written\. Use .*"Secrets: Read and write" as GITHUB_TOKEN/,
    ],
    [
      'the token of a workflow run',
      ({ github }) => github.tokens.set(loginToken, { kind: 'workflow', permissions: {} }),
      {},
      /GitHub answered 403 .*"Resource not accessible by integration"/,
    ],
    [
      'a token that is not valid',
      ({ github }) => github.tokens.delete(loginToken),
      {},
      /GitHub answered 401 .*not valid or has expired/,
    ],
    [
      'a repository that does not exist',
      () => {},
      { args: ['--repo', 'octo-org/nowhere'] },
      /GitHub answered 404 .*octo-org\/nowhere does not exist, or the token has no access to it/,
    ],
    [
      'an outage that does not end',
      ({ githubServer }) =>
        githubServer.faults.add('key', {
          kind: 'reply',
          reply: { status: 503, headers: { 'retry-after': '3600' } },
        }),
      {},
      /GitHub gave no usable answer: it answered 503/,
    ],
    [
      'a write token that may only read',
      ({ github }) =>
        github.tokens.set(writeToken, { kind: 'fine-grained', permissions: { secrets: 'read' } }),
      {},
      /BOX_SECRETS_TOKEN tried to write the secret BOX_REFRESH_TOKEN/,
    ],
    [
      'a write token that has expired',
      ({ github, clock }) =>
        github.tokens.set(writeToken, {
          kind: 'fine-grained',
          permissions: { secrets: 'write' },
          expiresAt: clock.now() - 1,
        }),
      {},
      /GitHub answered 401 when BOX_SECRETS_TOKEN/,
    ],
    [
      'a write token that lives for an hour',
      () => {},
      { env: { BOX_SECRETS_TOKEN: 'ghs_0123456789abcdef0123456789abcdef0123' } },
      /BOX_SECRETS_TOKEN is a GitHub App token/,
    ],
    [
      'a write token with a line break',
      () => {},
      { env: { BOX_SECRETS_TOKEN: 'github_pat_11\nAAA' } },
      /BOX_SECRETS_TOKEN contains spaces, line breaks/,
    ],
    [
      'a shared state, and a token that may not write variables',
      (sandbox: Sandbox) => {
        const grant = sandbox.github.tokens.get(loginToken)
        if (grant) {
          const permissions = { ...grant.permissions, variables: 'read' as const }
          sandbox.github.tokens.set(loginToken, { ...grant, permissions })
        }
      },
      { args: ['--state-variable', 'BOX_STATE'] },
      /write variables next to the variable BOX_STATE.*"Variables: Read and write"/,
    ],
    [
      'a shared state, and a place that is full of variables',
      ({ githubServer }) =>
        githubServer.faults.add('create state', {
          kind: 'reply',
          reply: apiError(422, 'You have reached the maximum number of variables'),
        }),
      { args: ['--state-variable', 'BOX_STATE'] },
      /GitHub answered 422 .*write a variable beside the variable BOX_STATE.*maximum number of variables.*delete variables that nobody needs/,
    ],
  ])('%s', async (_what, prepare, options, words) => {
    await using sandbox = await emptySandbox()
    prepare(sandbox)
    const opener = await fakeOpener()
    const logIn = await startLogin(sandbox, { ...options, env: { ...opener.env, ...options.env } })
    expectRefused(sandbox, await logIn.cli.done, words)
    expect(sandbox.requests.filter((request) => request.startsWith('box '))).toEqual([])
    expect(written(sandbox)).toEqual([])
    expect(await opener.opened()).toBe('')
  })
})

describe.concurrent('an environment', () => {
  const args = ['--environment', 'box tokens']

  test('that exists holds the secrets', async () => {
    await using sandbox = await emptySandbox({ environment: 'box tokens' })
    const logIn = await startLogin(sandbox, { args })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(0)
    expect(sandbox.requests).not.toContain('github create environment')
    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await runPrinted(sandbox, result.stdout, 'box tokens'))
  })

  test('that does not exist is created with --create-environment', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox, { args: [...args, '--create-environment'] })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain(
      'Created the environment "box tokens" in octo-org/nightly, without protection rules.',
    )
    const store = sandbox.github.repositories.get(repository)?.environments.get('box tokens')
    expect([...(store?.secrets.keys() ?? [])]).toEqual([
      'BOX_REFRESH_TOKEN',
      'BOX_CLIENT_ID',
      'BOX_CLIENT_SECRET',
      'BOX_SECRETS_TOKEN',
    ])
    expect(sandbox.violations).toEqual([])
  })

  test.each<[string, string[], (sandbox: Sandbox) => void, RegExp]>([
    [
      'nobody can be asked',
      [],
      () => {},
      /the environment "box tokens" does not exist in octo-org\/nightly: .*--create-environment/,
    ],
    [
      'the repository does not exist either',
      ['--repo', 'octo-org/nowhere', '--create-environment'],
      () => {},
      /octo-org\/nowhere, or the token has no access to it/,
    ],
    [
      'the token may not create it',
      ['--create-environment'],
      ({ github }) =>
        github.tokens.set(loginToken, {
          kind: 'fine-grained',
          permissions: { environments: 'write', actions: 'read' },
        }),
      /GitHub answered 403 when GITHUB_TOKEN tried to create the environment .*"Administration: Read and write"/,
    ],
    [
      'the token may create it, but not write there',
      ['--create-environment'],
      ({ github }) =>
        github.tokens.set(loginToken, {
          kind: 'fine-grained',
          permissions: { environments: 'read', actions: 'read', administration: 'write' },
        }),
      /GitHub answered 403 .*The environment "box tokens" was created; nothing else was written\./,
    ],
    [
      'the plan does not include environments',
      ['--create-environment'],
      ({ githubServer }) =>
        githubServer.faults.add('create environment', {
          kind: 'reply',
          reply: apiError(422, 'Failed to create the environment'),
        }),
      /GitHub answered 422 .*need a paid GitHub plan/,
    ],
  ])('that does not exist, and %s', async (_why, more, prepare, words) => {
    await using sandbox = await emptySandbox()
    prepare(sandbox)
    const { cli } = await startLogin(sandbox, { args: [...args, ...more] })
    expectRefused(sandbox, await cli.done, words)
    expect(sandbox.requests).not.toContain('box authorize')
  })
})

describe.concurrent('an organization', () => {
  const args = ['--organization', organizationName]
  const access = (sandbox: Sandbox): unknown[] =>
    [...sandbox.store.secrets.values()].map(({ visibility, selected }) => [visibility, selected])

  test('requires --visibility for new secrets', async () => {
    await using sandbox = await emptySandbox({ organization: { visibility: 'all' } })
    const { cli } = await startLogin(sandbox, { args })
    expectRefused(sandbox, await cli.done, /give --visibility \(all, private or selected\)/)
  })

  test.each<[string, string[], unknown]>([
    ['private', [], ['private', []]],
    ['selected', ['--repo', repository], ['selected', [1_296_269]]],
  ])('--visibility %s', async (visibility, more, expected) => {
    await using sandbox = await emptySandbox({ organization: { visibility: 'all' } })
    const logIn = await startLogin(sandbox, { args: [...args, '--visibility', visibility, ...more] })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(0)
    expect(access(sandbox)).toEqual([expected, expected, expected, expected])
    expect(result.stdout).toContain(`organization: ${organizationName}`)
    expect(sandbox.violations).toEqual([])
  })

  test('existing secrets keep theirs, and new ones get that of the refresh token', async () => {
    await using sandbox = await emptySandbox({ organization: { visibility: 'all' } })
    const selected = { visibility: 'selected', selected: [7, 8, 9] } as const
    sandbox.github.setSecret(sandbox.store, secretName, 'dead', selected)
    sandbox.github.setSecret(sandbox.store, 'BOX_CLIENT_ID', 'old', { visibility: 'private' })
    const logIn = await startLogin(sandbox, { args })
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
    const theirs = ['selected', [7, 8, 9]]
    expect(access(sandbox)).toEqual([theirs, ['private', []], theirs, theirs])
  })
})

describe.concurrent('the exchange of the code', () => {
  test.each<[string, (sandbox: Sandbox) => void, Record<string, string>, RegExp]>([
    [
      'the code is older than 30 seconds',
      ({ clock }) => clock.advance(31_000),
      {},
      /"invalid_grant" \("The authorization code has expired"\).*valid for 30 seconds.*Nothing was written\. What was stored before is not affected\. Run this again/,
    ],
    [
      'a wrong client secret',
      () => {},
      { BOX_CLIENT_SECRET: 'another-secret-of-thirty-two-char' },
      /"invalid_client".*does not accept the client id and client secret.*Configuration page/,
    ],
    [
      'an app that is disabled',
      ({ box }) => (box.appDisabled = true),
      {},
      /"unauthorized_client".*not allowed to sign users in/,
    ],
    [
      'a lost answer',
      ({ boxServer }) => boxServer.faults.add('token', { kind: 'reset-after' }, { times: 1 }),
      {},
      /"invalid_grant".*gave no usable answer before, and the authorization code works only once/,
    ],
    [
      'an answer that is not a pair',
      ({ boxServer }) =>
        boxServer.faults.add('token', {
          kind: 'reply',
          reply: { status: 200, body: { token_type: 'bearer' } },
        }),
      {},
      /is not a token pair/,
    ],
    [
      'an outage with a long wait',
      ({ boxServer }) =>
        boxServer.faults.add('token', {
          kind: 'reply',
          reply: { status: 503, headers: { 'retry-after': '120' } },
        }),
      {},
      /did not exchange the authorization code within the 30 seconds for which it is valid: it answered 503/,
    ],
  ])('%s: reported in terminal and browser, nothing written', async (_what, prepare, env, words) => {
    await using sandbox = await emptySandbox()
    sandbox.github.setSecret(sandbox.store, secretName, sandbox.firstPair.refreshToken)
    const logIn = await startLogin(sandbox, { env })
    const back = await decide(await logIn.address)
    prepare(sandbox)
    const page = await fetch(back)
    const text = await page.text()
    expect(page.status).toBe(400)
    expect(text).toContain('The sign-in did not work')
    const plain = text.replaceAll('</p>\n<p>', ' ').replaceAll('&quot;', '"')
    expect(plain.replaceAll(/<\/?code>/g, '`')).toMatch(words)
    expectRefused(sandbox, await logIn.cli.done, words)
    expectNothingLeaked(sandbox, text)
    expect(written(sandbox)).toEqual([])
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test.each<[string, Parameters<Sandbox['boxServer']['faults']['add']>[1]]>([
    ['a connection that was lost before Box acted', { kind: 'reset-before' }],
    ['a short outage', { kind: 'reply', reply: { status: 503 } }],
    ['a rate limit', { kind: 'reply', reply: { status: 429, headers: { 'retry-after': '1' } } }],
  ])('%s is overcome', async (_what, fault) => {
    await using sandbox = await emptySandbox()
    sandbox.boxServer.faults.add('token', fault, { times: 1 })
    const logIn = await startLogin(sandbox)
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('an answer with only a refresh token is enough', async () => {
    await using sandbox = await emptySandbox()
    sandbox.boxServer.faults.add('token', {
      kind: 'replace',
      replace: (reply) => ({ ...reply, body: { ...(reply.body as object), access_token: undefined } }),
    })
    const logIn = await startLogin(sandbox)
    const page = await goThrough(logIn)
    expect(page.text).toContain('You are signed in to Box')
    expect((await logIn.cli.done).exitCode).toBe(0)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('it is not a failure if Box does not say who signed in', async () => {
    await using sandbox = await emptySandbox()
    sandbox.box.mayReadUser = false
    const logIn = await startLogin(sandbox)
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain('Everything is stored, but Box did not say who signed in.')
    expect(result.exitCode).toBe(0)
  })
})

describe.concurrent('GitHub rejects a write after all', () => {
  test.each<[string, (sandbox: Sandbox) => void]>([
    ['the first set-up', () => {}],
    ['a new sign-in', (sandbox) => sandbox.github.setSecret(sandbox.store, secretName, 'dead')],
  ])('of the refresh token, at %s: prints a recovery text that recover accepts', async (_when, prepare) => {
    await using sandbox = await emptySandbox()
    prepare(sandbox)
    sandbox.githubServer.faults.add(
      'write',
      { kind: 'reply', reply: apiError(403, 'Resource not accessible') },
      { times: 3 },
    )
    const logIn = await startLogin(sandbox, {
      env: { BOX_STATE_KEY: 'a-state-key-of-more-than-32-characters' },
    })
    const page = await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(1)
    expect(result.stdout).toMatch(/^box-token-recovery\.v1\.[\w-]+\n$/)
    expect(result.stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^box-token: Box has issued a refresh token, but it could not be stored in the secret BOX_REFRESH_TOKEN.*answered 403.*in the recovery text on standard output, encrypted.*`box-token recover`/,
    )
    expect(page.text).toContain('The sign-in did not work')
    expectNothingLeaked(sandbox, result.stdout, result.stderr, page.text)
    sandbox.clock.advance(60_000)
    const recovered = await runCli({
      args: ['recover', '--repo', repository],
      env: {
        BOX_CLIENT_ID: sandbox.box.clientId,
        BOX_CLIENT_SECRET: sandbox.box.clientSecret,
        BOX_STATE_KEY: 'a-state-key-of-more-than-32-characters',
        GITHUB_TOKEN: loginToken,
        ...sandbox.skippingPauses,
      },
      input: result.stdout,
    })
    expect(recovered.stderr).toMatch(
      /^(?:Checking that nothing else has written the secret|GitHub answered 404, which may be out of date)[^\n]+\n$/,
    )
    expect(recovered.exitCode).toBe(0)
    expect(sandbox.stored).toBe(sandbox.box.pairs.at(-1)?.refreshToken)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('after a lost answer: says that the token may be stored', async () => {
    await using sandbox = await emptySandbox()
    const { faults } = sandbox.githubServer
    faults.add('write', { kind: 'reset-after' }, { times: 1 })
    faults.add('write', { kind: 'reply', reply: replies.status(503, { 'retry-after': '3600' }) })
    const logIn = await startLogin(sandbox)
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/GitHub did not confirm that it is stored in the secret BOX_REFRESH_TOKEN/)
    expect(result.stdout).toMatch(/^box-token-recovery\.v1\./)
  })

  test('--json also contains the recovery text', async () => {
    await using sandbox = await emptySandbox()
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
    const logIn = await startLogin(sandbox, { args: ['--json'] })
    await goThrough(logIn)
    expect(JSON.parse((await logIn.cli.done).stdout)).toEqual({
      stored: [],
      recovery: expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/) as string,
    })
  })

  test('of another secret: says what is stored and what is not, and the token is safe', async () => {
    await using sandbox = await emptySandbox()
    sandbox.githubServer.faults.add(
      'write',
      { kind: 'reply', reply: apiError(403, 'no') },
      { skip: 1, times: 3 },
    )
    const logIn = await startLogin(sandbox)
    await goThrough(logIn)
    expectRefused(
      sandbox,
      await logIn.cli.done,
      /Not everything could be stored in repository octo-org\/nightly: BOX_CLIENT_ID \(it answered 403 \("no"\).*Stored: BOX_REFRESH_TOKEN, BOX_CLIENT_SECRET, BOX_SECRETS_TOKEN\. The new refresh token is safe/,
    )
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('only for a moment, and with another key: login succeeds', async () => {
    await using sandbox = await emptySandbox()
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: replies.status(503) }, { times: 1 })
    const logIn = await startLogin(sandbox)
    const back = await decide(await logIn.address)
    sandbox.store.rotateKey()
    await fetch(back)
    expect((await logIn.cli.done).exitCode).toBe(0)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })
})

describe.skipIf(process.platform === 'win32').each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', (signal, exitCode) => {
  test('while login waits for the browser: ends at once, with nothing written', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox)
    await logIn.cli.until(/Waiting for Box/)
    logIn.cli.kill(signal)
    const result = await logIn.cli.done
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ''])
    expect(result.stderr).toMatch(/\nbox-token: interrupted\. Nothing was written\.\n$/)
    expect(written(sandbox)).toEqual([])
  })

  test('while GitHub is asked: ends at once', async () => {
    await using sandbox = await emptySandbox()
    sandbox.githubServer.faults.add('key', { kind: 'delay', ms: 3_000 })
    const logIn = await startLogin(sandbox)
    sandbox.githubServer.onRequest = () => logIn.cli.kill(signal)
    const result = await logIn.cli.done
    expect([result.exitCode, result.stderr]).toEqual([
      exitCode,
      'box-token: interrupted. Nothing was written.\n',
    ])
  })

  test('with an environment that was just created: says so', async () => {
    await using sandbox = await emptySandbox()
    const logIn = await startLogin(sandbox, { args: ['--environment', 'box', '--create-environment'] })
    await logIn.cli.until(/Waiting for Box/)
    logIn.cli.kill(signal)
    expect((await logIn.cli.done).stderr).toContain(
      'interrupted. The environment "box" was created; nothing else was written.',
    )
  })

  test.each(['token', 'write'])('during the %s: everything is stored first', async (label) => {
    await using sandbox = await emptySandbox()
    const server = label === 'token' ? sandbox.boxServer : sandbox.githubServer
    server.faults.add(label, { kind: 'delay', ms: 500 })
    const logIn = await startLogin(sandbox)
    server.onRequest = (asked) => {
      if (asked === label) setTimeout(() => logIn.cli.kill(signal), 100)
    }
    const page = await goThrough(logIn)
    const result = await logIn.cli.done
    expect(page.status).toBe(200)
    expect(result.stderr.match(/Not stopping yet/g)).toHaveLength(1)
    expect(result.stderr).toMatch(
      /box-token: interrupted\. Stored in repository octo-org\/nightly: BOX_REFRESH_TOKEN, .*BOX_SECRETS_TOKEN\.\n$/,
    )
    expect(result.exitCode).toBe(exitCode)
    expect(written(sandbox)).toHaveLength(4)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  test('during a store that fails: reports the failure, and prints the recovery text', async () => {
    await using sandbox = await emptySandbox()
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
    const logIn = await startLogin(sandbox)
    sandbox.githubServer.onRequest = (asked) => {
      if (asked === 'write') logIn.cli.kill(signal)
    }
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stdout).toMatch(/^box-token-recovery\.v1\./)
    expect(result.stderr).toContain('could not be stored')
    expect(result.exitCode).toBe(1)
  })
})

test.concurrent('without a terminal nothing is asked, and what is missing is named', async () => {
  await using sandbox = await emptySandbox()
  for (const [env, words] of [
    [{ BOX_CLIENT_ID: '' }, /set BOX_CLIENT_ID in the environment/],
    [
      { BOX_CLIENT_ID: ' ', BOX_CLIENT_SECRET: undefined },
      /set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment/,
    ],
    [
      { GITHUB_TOKEN: undefined, PATH: '/nonexistent' },
      /set GITHUB_TOKEN in the environment, or sign in with `gh auth login`/,
    ],
  ] as const) {
    const { cli } = await startLogin(sandbox, { env, input: '' })
    expectRefused(sandbox, await cli.done, words)
  }
  expect(sandbox.requests).toEqual([])
})

describe.skipIf(!hasTerminal).each(runtimes())('at a terminal, on Node.js %s', (_version, node) => {
  test('a person is asked for everything, creates the environment, and pastes the address', async () => {
    await using sandbox = await emptySandbox()
    const env = { BOX_CLIENT_ID: '', BOX_CLIENT_SECRET: '', BOX_SECRETS_TOKEN: '', GITHUB_TOKEN: '' }
    const { cli, address } = await startLogin(sandbox, {
      args: ['--environment', 'box'],
      env,
      node,
      terminal: true,
    })
    const answer = async (question: RegExp, text: string): Promise<void> => {
      await cli.until(question)
      cli.write(text)
    }
    await answer(/Client id/, `${sandbox.box.clientId}\r`)
    await answer(/Client secret/, `${sandbox.box.clientSecret}\r`)
    await answer(/A GitHub token that can write/, `${loginToken}\r`)
    await answer(/Create it, without protection rules\?/, '\r')
    // The App comes first; this person moves one down.
    await answer(
      /What should the workflow write the secret with\?[^]*GitHub App[^]*personal access/,
      '\u001b[B\r',
    )
    await cli.until(/"Environments: Read and write" and "Actions: Read"/)
    await answer(/The token that the workflow will write with/, `${writeToken}\r`)
    const back = await decide(await address)
    await answer(/Waiting for Box/, `${back}\r`)
    const result = await cli.done
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('Signed in to Box as Aaron Levie (ceo@example.com).')
    const store = sandbox.github.repositories.get(repository)?.environments.get('box')
    expect(store?.value('BOX_SECRETS_TOKEN')).toBe(writeToken)
    expect(sandbox.box.takes(store?.value(secretName) ?? '')).toBe(true)
    expectNothingLeaked(sandbox, result.stdout)
  })

  test('Ctrl-C while login waits leaves nothing', async () => {
    await using sandbox = await emptySandbox()
    const { cli } = await startLogin(sandbox, { node, terminal: true })
    await cli.until(/Waiting for Box/)
    cli.write('\u0003')
    const result = await cli.done
    expect(result.stdout).toContain('box-token: interrupted. Nothing was written.')
    expect(result.exitCode).toBe(130)
    expect(written(sandbox)).toEqual([])
  })
})

/** A folder with a git remote; returns the variables that make git use it. */
async function gitFolder(remote: string): Promise<Record<string, string>> {
  const folder = await temporaryFolder('git')
  const git = { GIT_DIR: join(folder, '.git'), GIT_CONFIG_GLOBAL: join(folder, 'none') }
  for (const args of [
    ['init', '--quiet'],
    ['remote', 'add', 'origin', remote],
  ]) {
    const done = spawnSync('git', args, { cwd: folder, env: { ...process.env, ...git } })
    expect(done.status).toBe(0)
  }
  return git
}

describe.skipIf(!hasTerminal)('a repository from the git remote is confirmed at a terminal', () => {
  /** Only the servers are given: nobody names the repository. */
  async function start(sandbox: Sandbox, more: readonly string[] = []): Promise<Cli> {
    const { boxServer, githubServer, box } = sandbox
    return Cli.start({
      args: [
        'login',
        '--no-browser',
        `--port=${await freePort()}`,
        `--box-api-url=${boxServer.url}`,
        `--box-account-url=${boxServer.url}`,
        `--github-api-url=${githubServer.url}`,
        ...more,
      ],
      env: {
        BOX_CLIENT_ID: box.clientId,
        BOX_CLIENT_SECRET: box.clientSecret,
        BOX_SECRETS_TOKEN: writeToken,
        GITHUB_TOKEN: loginToken,
        ...(await gitFolder(`https://github.com/${repository}.git`)),
      },
      terminal: true,
    })
  }

  test('yes: login goes on', async () => {
    await using sandbox = await emptySandbox()
    const cli = await start(sandbox)
    await cli.until(/Set up octo-org\/nightly \(the git remote "origin" of this folder\)\?/)
    expect(sandbox.requests).toEqual([])
    cli.write('\r')
    await cli.until(/GitHub allows the secrets of repository octo-org\/nightly/)
    cli.write('\u0003')
    expect((await cli.done).exitCode).toBe(130)
  })

  test('no: GitHub is not asked anything, and --repo is named', async () => {
    await using sandbox = await emptySandbox()
    const cli = await start(sandbox)
    await cli.until(/Set up octo-org\/nightly/)
    cli.write('n')
    const result = await cli.done
    expect(result.stdout).toMatch(/box-token: give the right repository with --repo owner\/name/)
    expect([result.exitCode, sandbox.requests]).toEqual([1, []])
  })

  test('a repository that was given is not confirmed', async () => {
    await using sandbox = await emptySandbox()
    const cli = await start(sandbox, ['--repo', repository])
    await cli.until(/GitHub allows the secrets of repository octo-org\/nightly/)
    expect(cli.output).not.toContain('Set up')
    cli.kill('SIGTERM')
    expect((await cli.done).exitCode).toBe(143)
  })
})

test.concurrent.each([
  'git@github.com:octo-org/nightly.git',
  'https://github.com/octo-org/nightly',
  'ssh://git@ssh.github.com:443/octo-org/nightly.git',
])('the git remote %s names the repository', async (remote) => {
  await using sandbox = await emptySandbox()
  const git = await gitFolder(remote)
  const logIn = await startLogin(sandbox, { args: ['--repo', ''], env: git })
  await goThrough(logIn)
  expect((await logIn.cli.done).stderr).toContain(`Stored in repository ${repository}: `)
})

test.concurrent('without a git remote the repository has to be given', async () => {
  await using sandbox = await emptySandbox()
  const { cli } = await startLogin(sandbox, { args: ['--repo', ''] })
  expectRefused(sandbox, await cli.done, /give --repo owner\/name/)
})
