/** `box-token login --github-app`: an App is created, installed and used, with requests for a browser. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { hasTerminal, runtimes } from '../sandbox/cli.ts'
import { organizationName, repository, writeToken, type Sandbox } from '../sandbox/sandbox.ts'
import {
  appSandbox,
  createApp,
  expectNoKey,
  formIn,
  installApp,
  makeAndInstall,
  manifestIn,
  runPrintedWithApp,
  startAppLogin,
  theApp,
  type AppLogIn,
  type PageForm,
} from './app-support.ts'
import {
  decide,
  expectNothingLeaked,
  expectRefused,
  fakeOpener,
  goThrough,
  loginToken,
  startLogin,
  written,
} from './login-support.ts'
import { expectRotated } from './support.ts'

/** The form on the page of this machine. */
async function formOf(logIn: AppLogIn): Promise<PageForm> {
  const address = await logIn.appPage
  return formIn(await (await fetch(address)).text(), address)
}

describe.concurrent.each(runtimes())('on Node.js %s', (_version, node) => {
  test('from an empty repository to a successful run of the printed workflow', async () => {
    await using sandbox = await appSandbox({ reading: 'strict' })
    const logIn = await startAppLogin(sandbox, { node })
    const page = await makeAndInstall(logIn)
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain('Signed in to Box as Aaron Levie (ceo@example.com).')
    expect(result.exitCode).toBe(0)

    const app = theApp(sandbox)
    expect(app.owner).toBe(organizationName)
    expect(written(sandbox)).toEqual([
      'BOX_APP_PRIVATE_KEY',
      'BOX_REFRESH_TOKEN',
      'BOX_CLIENT_ID',
      'BOX_CLIENT_SECRET',
    ])
    expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(app.privateKey)
    expect([...sandbox.store.variables.keys()]).toEqual(['BOX_APP_CLIENT_ID'])
    expect(sandbox.store.variables.get('BOX_APP_CLIENT_ID')?.value).toBe(app.clientId)
    expect(sandbox.store.value('BOX_SECRETS_TOKEN')).toBeUndefined()
    expectNoKey(sandbox, result.stdout, result.stderr, page)
    expectNothingLeaked(sandbox, result.stdout, result.stderr, page)
    expect(sandbox.violations).toEqual([])

    sandbox.clock.advance(60_000)
    const run = await runPrintedWithApp(sandbox, result.stdout)
    expectRotated(sandbox, run)
    expect(run.log).not.toContain('Warning')
    expectNoKey(sandbox, run.log, run.stdout, run.summary)
  })
})

/** The same address with another state; a fixed first character would sometimes be the right one. */
function forged(address: string): string {
  return address.replace(/state=(.)/, (_, first: string) => `state=${first === '_' ? 'A' : '_'}`)
}

describe.concurrent('the least permissions for the chosen place', () => {
  const metadata = { actions: 'read', metadata: 'read' }
  const organization = ['--organization', organizationName, '--repo', repository, '--visibility', 'selected']

  test.each<[string, string[], { environment?: string }, Record<string, string>]>([
    ['a repository', [], {}, { secrets: 'write', ...metadata }],
    [
      'jobs that share a token',
      ['--state-variable', 'BOX_STATE'],
      {},
      { secrets: 'write', actions_variables: 'write', ...metadata },
    ],
    [
      'an environment',
      ['--environment', 'box', '--state-variable', 'BOX_STATE'],
      { environment: 'box' },
      { environments: 'write', ...metadata },
    ],
    ['an organization', organization, {}, { organization_secrets: 'write', ...metadata }],
    [
      'jobs of an organization that share a token',
      [...organization, '--state-variable', 'BOX_STATE'],
      {},
      { organization_secrets: 'write', organization_actions_variables: 'write', ...metadata },
    ],
  ])('%s: they are enough for the printed workflow', async (_place, args, options, permissions) => {
    await using sandbox = await appSandbox(options)
    const logIn = await startAppLogin(sandbox, { args })
    const form = await formOf(logIn)
    const manifest = manifestIn(form)
    expect(manifest).toEqual({
      name: expect.stringMatching(/^Box token of nightly [0-9a-f]{6}$/) as string,
      url: `${sandbox.githubServer.url}/${repository}`,
      description: expect.any(String) as string,
      redirect_url: `http://localhost:${logIn.port}/github-app`,
      public: false,
      default_permissions: permissions,
    })
    expect(form.action).toMatch(
      new RegExp(
        `^${sandbox.githubServer.url}/organizations/${organizationName}/settings/apps/new\\?state=[\\w-]{43}$`,
      ),
    )
    await makeAndInstall(logIn)
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode, result.stderr).toBe(0)
    sandbox.clock.advance(60_000)
    const run = await runPrintedWithApp(sandbox, result.stdout)
    expect(run.errors).toEqual([])
    expect(run.outputs['refreshed']).toBe('true')
    expectNoKey(sandbox, result.stdout, result.stderr)
  })
})

test.concurrent("a user's repository, on a GitHub Enterprise Server", async () => {
  await using sandbox = await appSandbox()
  sandbox.github.addRepository('octocat/notes')
  sandbox.githubServer.basePath = '/api/v3'
  const { url } = sandbox.githubServer
  const logIn = await startAppLogin(sandbox, {
    args: ['--repo', 'octocat/notes', `--github-api-url=${url}/api/v3`],
  })
  const form = await formOf(logIn)
  expect(form.action.split('?')[0]).toBe(`${url}/settings/apps/new`)
  await makeAndInstall(logIn, 'octocat/notes')
  expect(await logIn.installPage).toMatch(`${url}/github-apps/`)
  await goThrough(logIn)
  expect((await logIn.cli.done).exitCode).toBe(0)
  expect(theApp(sandbox).owner).toBe('octocat')
})

test.concurrent('--json: prints what was set up, without the key', async () => {
  await using sandbox = await appSandbox()
  const logIn = await startAppLogin(sandbox, { args: ['--json'] })
  await makeAndInstall(logIn)
  await goThrough(logIn)
  const { stdout } = await logIn.cli.done
  const { clientId, slug } = theApp(sandbox)
  expect(JSON.parse(stdout)).toMatchObject({
    writeToken: 'not-needed',
    gitHubApp: { clientId, slug, how: 'new' },
  })
  expectNoKey(sandbox, stdout)
})

describe.concurrent('requests to the port', () => {
  test('a page at an unguessable address, whose form goes only to GitHub', async () => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    const address = await logIn.appPage
    const page = await fetch(address)
    expect(page.headers.get('content-security-policy')).toContain(`form-action ${sandbox.githubServer.url};`)
    expect(page.headers.get('referrer-policy')).toBe('origin')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect((await fetch(`${address.slice(0, -1)}x`)).status).toBe(404)
    expect((await fetch(address, { method: 'POST' })).status).toBe(405)
    // Box's redirect is not expected yet.
    expect((await fetch(`${logIn.callback}?code=abc&state=x`)).status).toBe(404)
    logIn.cli.kill('SIGTERM')
    expect((await logIn.cli.done).exitCode).toBe(143)
  })

  test('a forged or missing state is refused, and login keeps waiting for the right one', async () => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    const good = await createApp(await formOf(logIn))
    for (const wrong of [
      good.replace(/&state=.*/, ''),
      forged(good),
      good.replace(/code=\w+&/, ''),
      `${good}&state=twice`,
    ]) {
      expect([wrong, (await fetch(wrong)).status]).toEqual([wrong, 400])
    }
    expect(sandbox.requests).not.toContain('github app conversion')
    expect((await fetch(good)).status).toBe(200)
    expect((await fetch(good)).status).toBe(410)
    await installApp(await logIn.installPage)
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
    expect(sandbox.requests.filter((one) => one === 'github app conversion')).toHaveLength(1)
  })

  test.each<[string, (sandbox: Sandbox, code: string) => void | Promise<void>, RegExp]>([
    [
      'that is older than an hour',
      ({ clock }) => clock.advance(3_600_001),
      /it answered 404, "Not Found"\): it was used already, is unknown, or is older than an hour/,
    ],
    [
      'that was already used',
      async ({ githubServer }, code) => {
        const headers = { 'user-agent': 'thief' }
        await fetch(`${githubServer.url}/app-manifests/${code}/conversions`, { method: 'POST', headers })
      },
      /older than an hour\. Nothing was written\. Run this again, and delete the App "Box token of nightly/,
    ],
    [
      'whose answer was lost',
      ({ githubServer }) => githubServer.faults.add('app conversion', { kind: 'reset-after' }, { times: 1 }),
      /an earlier answer was lost, and the code works only once\. Nothing was written/,
    ],
  ])('a code %s: one line, and nothing is stored', async (_what, spoil, words) => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    const back = await createApp(await formOf(logIn))
    await spoil(sandbox, new URL(back).searchParams.get('code') ?? '')
    const page = await fetch(back)
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('The GitHub App was not set up')
    const result = await logIn.cli.done
    expectRefused(sandbox, result, words)
    expectNoKey(sandbox, result.stderr)
    expect(written(sandbox)).toEqual([])
    expect([...sandbox.store.variables.keys()]).toEqual([])
  })

  test('an answer with the key that was cut off: nothing of it is shown', async () => {
    await using sandbox = await appSandbox()
    sandbox.githubServer.faults.add('app conversion', { kind: 'cut-off' }, { times: 1 })
    const logIn = await startAppLogin(sandbox)
    const page = await (await fetch(await createApp(await formOf(logIn)))).text()
    const result = await logIn.cli.done
    expectRefused(sandbox, result, /an earlier answer was lost/)
    expectNoKey(sandbox, result.stderr, page)
  })

  test('an outage of GitHub is waited out', async () => {
    await using sandbox = await appSandbox()
    sandbox.githubServer.faults.add(
      'app conversion',
      { kind: 'reply', reply: replies.status(502) },
      { times: 2 },
    )
    sandbox.githubServer.faults.add('app installation', { kind: 'reset-before' }, { times: 2 })
    const logIn = await startAppLogin(sandbox)
    await makeAndInstall(logIn)
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
  })
})

describe.concurrent('the browser is on another machine', () => {
  test('a page as a data: address, and a pasted address', async () => {
    await using sandbox = await appSandbox()
    const opener = await fakeOpener()
    const logIn = await startAppLogin(sandbox, { args: ['--no-browser'], env: opener.env })
    const [, base64 = ''] = await logIn.cli.until(/data:text\/html;base64,([\w+/=]+)/)
    const form = formIn(Buffer.from(base64, 'base64').toString('utf8'), 'http://nowhere')
    const good = await createApp(form)
    logIn.cli.write('hello\n')
    await logIn.cli.until(/That is not an address/)
    logIn.cli.write(`${forged(good)}\n`)
    await logIn.cli.until(/does not belong to this set-up/)
    logIn.cli.write(`${good}\n`)
    await installApp(await logIn.installPage)
    logIn.cli.write(`${await decide(await logIn.address)}\n`)
    const result = await logIn.cli.done
    expect(result.exitCode, result.stderr).toBe(0)
    expect(await opener.opened()).toBe('')
    expectNoKey(sandbox, result.stdout, result.stderr)
  })
})

test.concurrent(
  'the browser on this machine is opened, without the credentials in its environment',
  async () => {
    await using sandbox = await appSandbox()
    const opener = await fakeOpener()
    const logIn = await startAppLogin(sandbox, { env: opener.env })
    const address = await logIn.appPage
    await expect.poll(opener.opened).toContain(`${address}\n`)
    expectNothingLeaked(sandbox, await opener.opened())
    const page = await makeAndInstall(logIn)
    // The browser that created the App is forwarded automatically.
    expect(page).toContain(`url=${await logIn.installPage}`)
    await expect.poll(opener.opened).toContain(`${await logIn.address}\n`)
    expectNoKey(sandbox, await opener.opened())
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
  },
)

describe.concurrent(
  'no App is created before GitHub has shown that its key and client id can be stored',
  () => {
    test.each<[string, Parameters<Sandbox['github']['tokens']['set']>[1]['permissions'], RegExp]>([
      [
        'a token that may not write variables',
        { secrets: 'write', actions: 'read' },
        /GitHub answered 403 when GITHUB_TOKEN tried to read the variable BOX_APP_CLIENT_ID.*Nothing was written\. Also give GITHUB_TOKEN repository permission "Variables: Read and write"/,
      ],
      [
        'a token that may only read them',
        { secrets: 'write', variables: 'read' },
        /to write the variable BOX_APP_CLIENT_ID of repository octo-org\/nightly/,
      ],
      ['a token that may not write secrets', { variables: 'write' }, /to read the public key for the secret/],
    ])('%s', async (_what, permissions, words) => {
      await using sandbox = await appSandbox()
      sandbox.github.tokens.set(loginToken, { kind: 'fine-grained', permissions })
      const logIn = await startAppLogin(sandbox)
      expectRefused(sandbox, await logIn.cli.done, words)
      expect(sandbox.github.apps.made).toEqual([])
      expect([...sandbox.store.variables.keys()]).toEqual([])
    })
  },
)

describe.concurrent('the variable that tests the token', () => {
  test("does not fit in the place: GitHub's words, and what to do; no App is created", async () => {
    await using sandbox = await appSandbox()
    const full = apiError(422, 'You have reached the maximum number of variables')
    sandbox.githubServer.faults.add('create state', { kind: 'reply', reply: full })
    const logIn = await startAppLogin(sandbox)
    expectRefused(
      sandbox,
      await logIn.cli.done,
      /GitHub answered 422 .*to write the variable BOX_APP_CLIENT_ID.*\("You have reached the maximum number of variables"\)\. Nothing was written\. .*delete variables that nobody needs/,
    )
    expect(sandbox.github.apps.made).toEqual([])
  })

  test('is created once if an answer is lost; if it cannot be deleted, its name is shown', async () => {
    await using sandbox = await appSandbox()
    sandbox.githubServer.faults.add('create state', { kind: 'reset-after' }, { times: 1 })
    sandbox.githubServer.faults.add(
      'delete state',
      { kind: 'reply', reply: apiError(403, 'No') },
      { times: 1 },
    )
    const logIn = await startAppLogin(sandbox)
    await logIn.appPage
    const [left = ''] = sandbox.store.variables.keys()
    expect(left).toMatch(/^BOX_APP_CLIENT_ID_PROBE_\d+$/)
    logIn.cli.kill('SIGINT')
    expect((await logIn.cli.done).stderr).toContain(
      `The variable ${left} was created to test the token and could not be deleted: please delete it.`,
    )
  })
})

describe.concurrent('an App that was created but cannot be used', () => {
  test('never installed, then Ctrl-C: says what exists, and how to go on or delete it', async () => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    await fetch(await createApp(await formOf(logIn)))
    const address = await logIn.installPage
    logIn.cli.kill('SIGINT')
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(130)
    const { slug, privateKey } = theApp(sandbox)
    const settings = `${sandbox.githubServer.url}/organizations/octo-org/settings/apps/${slug}`
    expect(result.stderr.trimEnd().split('\n').at(-1)).toBe(
      `box-token: interrupted. The GitHub App was created. Stored in repository octo-org/nightly: the secret BOX_APP_PRIVATE_KEY and the variable BOX_APP_CLIENT_ID. To go on, install it on octo-org/nightly (${address}) and run this again, or delete it (${settings}/advanced).`,
    )
    expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(privateKey)

    // The same command continues where this one stopped.
    await installApp(address)
    const again = await startAppLogin(sandbox)
    await goThrough(again)
    const second = await again.cli.done
    expect(second.stderr).toContain('is set up already')
    expect(second.exitCode).toBe(0)
    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await runPrintedWithApp(sandbox, second.stdout))
  })

  test('Ctrl-C before GitHub has answered: nothing was written', async () => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    await logIn.appPage
    await logIn.cli.until(/Waiting for GitHub/)
    logIn.cli.kill('SIGINT')
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(130)
    expect(result.stderr).toMatch(
      /box-token: interrupted\. Nothing was written\. If GitHub has created the App in the meantime, delete it: \S+\/organizations\/octo-org\/settings\/apps\n$/,
    )
  })

  test('an organization that forbids Apps: the alternatives were named', async () => {
    await using sandbox = await appSandbox()
    sandbox.github.apps.forbidding.add(organizationName)
    const logIn = await startAppLogin(sandbox)
    await expect(createApp(await formOf(logIn))).rejects.toThrow('You do not have permission to register')
    await logIn.cli.until(/does not let you create Apps for octo-org, ask one of its owners/)
    logIn.cli.kill('SIGINT')
    expect((await logIn.cli.done).exitCode).toBe(130)
    expect(written(sandbox)).toEqual([])
  })

  test('in the wrong account: says which one it has to be', async () => {
    await using sandbox = await appSandbox()
    sandbox.github.addRepository('hubot/notes')
    const logIn = await startAppLogin(sandbox, { args: ['--repo', 'hubot/notes'] })
    const page = await fetch(await createApp(await formOf(logIn)))
    expect(page.status).toBe(400)
    expectRefused(
      sandbox,
      await logIn.cli.done,
      /the App was created for octocat, but only an App that hubot owns can be installed on hubot\/notes\. Nothing was written\. Delete it \(\S+\/settings\/apps\/\S+\/advanced\), sign in to GitHub as hubot/,
    )
    expect(written(sandbox)).toEqual([])
  })

  test.each([
    [
      'the key',
      'write',
      /The key of the GitHub App could not be stored.*it answered 403.*Nothing was written\. Delete the App, whose key nobody has/,
    ],
    [
      'the client id',
      'create state',
      /The client id of the GitHub App could not be stored in the variable BOX_APP_CLIENT_ID.*Set the variable to Iv23li\w+/,
    ],
  ])('GitHub rejects %s after all', async (_what, label, words) => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox)
    const back = await createApp(await formOf(logIn))
    sandbox.githubServer.faults.add(label, {
      kind: 'reply',
      reply: { status: 403, body: { message: 'Resource not accessible' } },
    })
    await fetch(back)
    const result = await logIn.cli.done
    expectRefused(sandbox, result, words)
    expectNoKey(sandbox, result.stderr)
  })
})

describe.concurrent('an existing App (--github-app existing)', () => {
  const permissions = { secrets: 'write', actions: 'read', metadata: 'read' } as const

  test('is used with the key and client id from the environment, and stored', async () => {
    await using sandbox = await appSandbox()
    const app = sandbox.github.apps.add(organizationName, permissions)
    sandbox.github.apps.install(app, [repository])
    const logIn = await startAppLogin(sandbox, {
      args: ['--github-app', 'existing'],
      // In one line, as keys are often stored.
      env: { BOX_APP_CLIENT_ID: app.clientId, BOX_APP_PRIVATE_KEY: app.privateKey.replaceAll('\n', '\\n') },
    })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.exitCode, result.stderr).toBe(0)
    expectNoKey(sandbox, result.stdout, result.stderr)
    expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(app.privateKey)
    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await runPrintedWithApp(sandbox, result.stdout))
  })

  test('is waited for if it is not installed yet', async () => {
    await using sandbox = await appSandbox()
    const app = sandbox.github.apps.add(organizationName, permissions)
    const logIn = await startAppLogin(sandbox, {
      args: ['--github-app', 'existing'],
      env: { BOX_APP_CLIENT_ID: app.clientId, BOX_APP_PRIVATE_KEY: app.privateKey },
    })
    const address = await logIn.installPage
    expect(written(sandbox)).toEqual([])
    await installApp(address)
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
  })

  const other = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey

  test.each<
    [string, (sandbox: Sandbox, app: ReturnType<typeof theApp>) => Record<string, string> | undefined, RegExp]
  >([
    ['no client id', () => ({ BOX_APP_CLIENT_ID: '' }), /set BOX_APP_CLIENT_ID in the environment/],
    [
      'no credentials',
      () => ({ BOX_APP_CLIENT_ID: '', BOX_APP_PRIVATE_KEY: '' }),
      /set BOX_APP_CLIENT_ID and BOX_APP_PRIVATE_KEY in the environment/,
    ],
    ['an invalid client id', () => ({ BOX_APP_CLIENT_ID: 'a b' }), /BOX_APP_CLIENT_ID is not the client id/],
    [
      'an invalid key',
      () => ({ BOX_APP_PRIVATE_KEY: 'hello' }),
      /BOX_APP_PRIVATE_KEY is not the private key of a GitHub App/,
    ],
    [
      'half a key',
      (_sandbox, { privateKey }) => ({ BOX_APP_PRIVATE_KEY: privateKey.slice(0, 600) }),
      /BOX_APP_PRIVATE_KEY is not the private key of a GitHub App/,
    ],
    [
      'the key of another App',
      () => ({ BOX_APP_PRIVATE_KEY: other }),
      /GitHub does not accept the key of the App Iv23li\w+ \(it answered 401.*\)\. Nothing was written\. Check that .* belong to the same App/,
    ],
    [
      'an App of another account',
      (sandbox) => {
        const { clientId, privateKey } = sandbox.github.apps.add('hubot', permissions)
        return { BOX_APP_CLIENT_ID: clientId, BOX_APP_PRIVATE_KEY: privateKey }
      },
      /the App belongs to hubot, but only an App that octo-org owns can be installed/,
    ],
    [
      'a machine that the IP allow list blocks',
      ({ githubServer }) => {
        const message =
          'Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.'
        githubServer.faults.add('app', { kind: 'reply', reply: { status: 403, body: { message } } })
        return undefined
      },
      /GitHub does not accept the key of the App .*it answered 403.*IP allow list/,
    ],
    [
      'an App that is suspended',
      (_sandbox, { installation }) => {
        if (installation) installation.suspended = true
        return undefined
      },
      /the App is suspended for octo-org\/nightly: unsuspend it/,
    ],
    [
      'an App without the permissions',
      (_sandbox, { installation }) => {
        if (installation) installation.permissions = { metadata: 'read', secrets: 'read' }
        return undefined
      },
      /the App lacks repository permission "Secrets: Read and write", repository permission "Actions: Read-only": add that on \S+\/organizations\/octo-org\/settings\/apps\/by-hand\/permissions/,
    ],
  ])('%s: one line, and nothing is stored', async (_what, spoil, words) => {
    await using sandbox = await appSandbox()
    const app = sandbox.github.apps.add(organizationName, permissions)
    sandbox.github.apps.install(app, [repository])
    const env = {
      BOX_APP_CLIENT_ID: app.clientId,
      BOX_APP_PRIVATE_KEY: app.privateKey,
      ...spoil(sandbox, app),
    }
    const logIn = await startAppLogin(sandbox, { args: ['--github-app', 'existing'], env })
    const result = await logIn.cli.done
    expectRefused(sandbox, result, words)
    expectNoKey(sandbox, result.stderr)
    expect(result.stderr).not.toContain(other.split('\n')[3])
    expect(written(sandbox)).toEqual([])
    expect([...sandbox.store.variables.keys()]).toEqual([])
  })

  test("works even if this machine's clock is wrong", async () => {
    await using sandbox = await appSandbox()
    // GitHub's clock is three days ahead in every sandbox; here it is some hours less.
    sandbox.clock.advance(-7 * 3_600_000)
    const app = sandbox.github.apps.add(organizationName, permissions)
    sandbox.github.apps.install(app, 'all')
    const logIn = await startAppLogin(sandbox, {
      args: ['--github-app', 'existing'],
      env: { BOX_APP_CLIENT_ID: app.clientId, BOX_APP_PRIVATE_KEY: app.privateKey },
    })
    await goThrough(logIn)
    expect((await logIn.cli.done).exitCode).toBe(0)
  })
})

test.concurrent('a new App replaces the one that is set up (--github-app new)', async () => {
  await using sandbox = await appSandbox()
  sandbox.github.setSecret(sandbox.store, 'BOX_APP_PRIVATE_KEY', 'an older key')
  sandbox.store.variables.set('BOX_APP_CLIENT_ID', { value: 'Iv23liOld', createdAt: 0, updatedAt: 0 })
  const logIn = await startAppLogin(sandbox, { args: ['--github-app', 'new'] })
  await makeAndInstall(logIn)
  await goThrough(logIn)
  const result = await logIn.cli.done
  expect(result.exitCode, result.stderr).toBe(0)
  expect(sandbox.store.variables.get('BOX_APP_CLIENT_ID')?.value).toBe(theApp(sandbox).clientId)
  sandbox.clock.advance(60_000)
  expectRotated(sandbox, await runPrintedWithApp(sandbox, result.stdout))
})

test.concurrent(
  'an App that is set up is kept when signing in again, even without --github-app',
  async () => {
    await using sandbox = await appSandbox()
    const first = await startAppLogin(sandbox)
    await makeAndInstall(first)
    await goThrough(first)
    expect((await first.cli.done).exitCode).toBe(0)
    sandbox.box.revokeAll()
    sandbox.clock.advance(60_000)
    const logIn = await startLogin(sandbox, { env: { BOX_SECRETS_TOKEN: undefined } })
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain('is set up already')
    expect(result.stderr).not.toContain('BOX_SECRETS_TOKEN')
    sandbox.clock.advance(60_000)
    expectRotated(sandbox, await runPrintedWithApp(sandbox, result.stdout))
  },
)

test.concurrent('another value for the flag is refused, and not repeated', async () => {
  await using sandbox = await appSandbox()
  const logIn = await startAppLogin(sandbox, { args: ['--github-app', 's3cret'] })
  const result = await logIn.cli.done
  expectRefused(sandbox, result, /--github-app takes no value, "new" or "existing"/)
  expect(result.stderr).not.toContain('s3cret')
})

describe.skipIf(!hasTerminal).each(runtimes())('at a terminal, on Node.js %s', (_version, node) => {
  test('login asks which of the two to use, the App first', async () => {
    await using sandbox = await appSandbox()
    const logIn = await startAppLogin(sandbox, {
      args: ['--github-app', '--no-browser'],
      node,
      terminal: true,
    })
    await logIn.appPage
    logIn.cli.kill('SIGINT')
    await logIn.cli.done

    const asked = await startLogin(sandbox, {
      args: ['--no-browser'],
      env: { BOX_SECRETS_TOKEN: '' },
      node,
      terminal: true,
    })
    await asked.cli.until(/What should the workflow write the secret with\?/)
    asked.cli.write('\r')
    await asked.cli.until(/http:\/\/localhost:\d+\/github-app\/[\w-]+/)
    asked.cli.write('\u0003')
    expect((await asked.cli.done).exitCode).toBe(130)
  })

  test('the key of an App is pasted with all its lines, and not shown', async () => {
    await using sandbox = await appSandbox()
    const app = sandbox.github.apps.add(organizationName, { secrets: 'write', actions: 'read' })
    sandbox.github.apps.install(app, [repository])
    const logIn = await startLogin(sandbox, {
      args: ['--github-app', 'existing', '--no-browser'],
      env: { BOX_SECRETS_TOKEN: '' },
      node,
      terminal: true,
    })
    await logIn.cli.until(/Client id of the GitHub App/)
    logIn.cli.write(`${app.clientId}\r`)
    await logIn.cli.until(/Private key of the GitHub App/)
    logIn.cli.write(app.privateKey.replaceAll('\n', '\r'))
    const back = await decide(await logIn.address)
    await logIn.cli.until(/Waiting for Box/)
    logIn.cli.write(`${back}\r`)
    const result = await logIn.cli.done
    expect(result.exitCode, result.stdout).toBe(0)
    expectNoKey(sandbox, result.stdout)
    expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(app.privateKey)
  })
})

test.concurrent('a given write token answers the question, even with a terminal', async () => {
  await using sandbox = await appSandbox()
  const logIn = await startLogin(sandbox, { args: ['--no-browser'], terminal: hasTerminal })
  await goThrough(logIn)
  expect((await logIn.cli.done).exitCode).toBe(0)
  expect(sandbox.store.value('BOX_SECRETS_TOKEN')).toBe(writeToken)
})
