/** `box-token doctor` if the workflow writes with a GitHub App, and if it could. */
import { describe, expect, test } from 'vitest'
import { keepAliveWorkflow } from '../../src/cli/login/workflow.ts'
import type { ModelApp } from '../sandbox/apps.ts'
import { runCli } from '../sandbox/cli.ts'
import { organizationName, repository, Sandbox, secretName, writeToken } from '../sandbox/sandbox.ts'
import { expectNoKey } from './app-support.ts'

const readToken = 'github_pat_11AAAAAAA0sandbox_mayReadAndNothingElse'
const permissions = { secrets: 'write', actions: 'read', metadata: 'read' } as const
const path = '.github/workflows/box-token.yml'

function workflow(writesWith: 'app' | 'token'): string {
  return keepAliveWorkflow({
    target: {
      owner: organizationName,
      repo: 'nightly',
      environment: undefined,
      organization: undefined,
      secretName,
    },
    names: { clientId: 'BOX_CLIENT_ID', clientSecret: 'BOX_CLIENT_SECRET', writeToken: 'BOX_SECRETS_TOKEN' },
    boxApiUrl: undefined,
    stateVariable: undefined,
    writesWith,
  })
}

interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly app: ModelApp
  /** Runs the command; returns the findings as printed, without those that are always the same. */
  readonly examine: (
    env?: Record<string, string>,
    args?: readonly string[],
  ) => Promise<{ readonly lines: readonly string[]; readonly exitCode: number | null }>
}

/** A repository whose workflow writes with an App that is installed. */
async function stage(text = workflow('app')): Promise<Stage> {
  const sandbox = await Sandbox.start()
  const { github, store } = sandbox
  github.tokens.set(readToken, {
    kind: 'fine-grained',
    permissions: {
      secrets: 'read',
      environments: 'read',
      actions: 'read',
      contents: 'read',
      variables: 'read',
    },
  })
  const app = github.apps.add(organizationName, permissions)
  github.apps.install(app, [repository])
  github.setSecret(store, 'BOX_APP_PRIVATE_KEY', app.privateKey)
  store.variables.set('BOX_APP_CLIENT_ID', { value: app.clientId, createdAt: 0, updatedAt: 0 })
  store.secrets.delete('BOX_SECRETS_TOKEN')
  const runs = [{ id: 77, conclusion: 'success', createdAt: sandbox.clock.now() }]
  github.repositories.get(repository)?.workflows.push({ path, text, state: 'active', runs })
  const examine: Stage['examine'] = async (env = {}, args = []) => {
    const before = JSON.stringify([[...store.secrets], [...store.variables]])
    const result = await runCli({
      args: ['doctor', '--repo', repository, '--github-api-url', sandbox.githubServer.url, ...args],
      env: { GITHUB_TOKEN: readToken, ...env },
    })
    expect(JSON.stringify([[...store.secrets], [...store.variables]])).toBe(before)
    expectNoKey(sandbox, result.stdout, result.stderr)
    expect(sandbox.violations).toEqual([])
    const lines = result.stdout.split('\n').filter((line) => /App|write token|SECRETS_TOKEN/.test(line))
    return { lines, exitCode: result.exitCode }
  }
  return { sandbox, app, examine, [Symbol.asyncDispose]: () => sandbox.stop() }
}

const own = ({ clientId, privateKey }: ModelApp): Record<string, string> => ({
  BOX_APP_CLIENT_ID: clientId,
  BOX_APP_PRIVATE_KEY: privateKey,
})

test.concurrent(
  'all is well: nothing asks for BOX_SECRETS_TOKEN, and the App itself shows that it is installed',
  async () => {
    await using here = await stage()
    const { lines, exitCode } = await here.examine(own(here.app))
    expect(lines).toEqual([
      `ok       The client id of the GitHub App is stored in the variable BOX_APP_CLIENT_ID of repository ${repository}.`,
      `ok       The private key of the GitHub App is stored in the secret BOX_APP_PRIVATE_KEY of repository ${repository}.`,
      `ok       The GitHub App ${here.app.clientId} is installed on ${repository}, with the permissions it needs.`,
    ])
    expect(exitCode).toBe(0)
  },
)

test.concurrent.each<[string, (at: Stage) => void, RegExp]>([
  [
    'the variable is missing',
    ({ sandbox }) => void sandbox.store.variables.delete('BOX_APP_CLIENT_ID'),
    /^problem  The variable BOX_APP_CLIENT_ID .* is missing: jobs look for it in repository octo-org\/nightly, then organization octo-org\. Set it to the client id .*--github-app new`/,
  ],
  [
    'the key is missing',
    ({ sandbox }) => void sandbox.store.secrets.delete('BOX_APP_PRIVATE_KEY'),
    /^problem  The secret BOX_APP_PRIVATE_KEY \(private key of the GitHub App\).*--github-app existing`/,
  ],
  [
    'it is not installed',
    ({ app }) => void (app.installation = undefined),
    /^problem  The GitHub App Iv23li\w+ is not installed on octo-org\/nightly \(GitHub answered 404, "Not Found"\)\. Install it: .*\/organizations\/octo-org\/settings\/apps/,
  ],
  [
    'it is installed elsewhere',
    ({ app }) => void (app.installation && (app.installation.repositories = ['octo-org/other'])),
    /^problem  The GitHub App Iv23li\w+ is not installed on octo-org\/nightly/,
  ],
  [
    'it is suspended',
    ({ app }) => void (app.installation && (app.installation.suspended = true)),
    /^problem  The GitHub App Iv23li\w+ is suspended\. Unsuspend it/,
  ],
  [
    'it lacks a permission',
    ({ app }) =>
      void (app.installation && (app.installation.permissions = { metadata: 'read', actions: 'read' })),
    /^problem  The GitHub App Iv23li\w+ lacks repository permission "Secrets: Read and write"\. Add that on \S+\/by-hand\/permissions/,
  ],
])('%s', async (_what, spoil, words) => {
  await using here = await stage()
  spoil(here)
  const { lines, exitCode } = await here.examine(own(here.app))
  const bad = lines.filter((line) => !line.startsWith('ok '))
  expect(bad).toEqual([expect.stringMatching(words)])
  expect(exitCode).toBe(1)
})

test.concurrent('the key in the environment belongs to another App', async () => {
  await using here = await stage()
  const other = here.sandbox.github.apps.add(organizationName, permissions)
  const { lines, exitCode } = await here.examine({ BOX_APP_PRIVATE_KEY: other.privateKey })
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^problem  GitHub does not accept the key of the GitHub App Iv23li\w+ \(GitHub answered 401/,
    ),
  )
  expect(exitCode).toBe(1)
})

describe.concurrent('without the key', () => {
  test("a token that may not see the organization's Apps: a warning", async () => {
    await using here = await stage()
    const { lines, exitCode } = await here.examine()
    expect(lines.at(-1)).toMatch(
      /^warning  Could not check whether the GitHub App Iv23li\w+ is installed on octo-org\/nightly: only an owner's token can see that .*403.*Set BOX_APP_PRIVATE_KEY in the environment/,
    )
    expect(exitCode).toBe(0)
  })

  test("an owner's token may see them", async () => {
    await using here = await stage()
    const grant = here.sandbox.github.tokens.get(readToken)
    if (!grant) throw new Error('the token is there')
    here.sandbox.github.tokens.set(readToken, {
      ...grant,
      permissions: { ...grant.permissions, organization_administration: 'read' },
    })
    expect((await here.examine()).lines.at(-1)).toMatch(
      /^ok {7}The GitHub App Iv23li\w+ is installed on some repositories of octo-org, with the permissions/,
    )
    if (here.app.installation) here.app.installation.suspended = true
    expect((await here.examine()).lines.at(-1)).toMatch(/^problem  The GitHub App Iv23li\w+ is suspended/)
    here.app.installation = undefined
    expect((await here.examine()).lines.at(-1)).toMatch(
      /^problem  The GitHub App Iv23li\w+ is not installed in the organization octo-org\./,
    )
  })
})

describe.concurrent('a mixture', () => {
  test('the workflow writes with the App, and an old token is left', async () => {
    await using here = await stage()
    here.sandbox.github.setSecret(here.sandbox.store, 'BOX_SECRETS_TOKEN', writeToken)
    const { lines, exitCode } = await here.examine(own(here.app))
    expect(lines.at(-1)).toMatch(
      /^warning  The secret BOX_SECRETS_TOKEN of repository octo-org\/nightly is no longer needed: the workflow writes with the GitHub App\. Delete the secret/,
    )
    expect(exitCode).toBe(0)
  })

  test('the workflow writes with the token, but an App is set up', async () => {
    await using here = await stage(workflow('token'))
    here.sandbox.github.setSecret(here.sandbox.store, 'BOX_SECRETS_TOKEN', writeToken)
    const { lines, exitCode } = await here.examine({ BOX_SECRETS_TOKEN: writeToken })
    expect(lines.at(-1)).toMatch(
      /^warning  A GitHub App is set up \(the variable BOX_APP_CLIENT_ID, the secret BOX_APP_PRIVATE_KEY\), but the workflow writes with a stored token\./,
    )
    expect(exitCode).toBe(0)
  })

  test('the workflow writes with a missing token, and an App is half set up', async () => {
    await using here = await stage(workflow('token'))
    here.sandbox.store.variables.delete('BOX_APP_CLIENT_ID')
    const { lines, exitCode } = await here.examine()
    expect(lines).toContainEqual(
      expect.stringMatching(/^problem  The secret BOX_SECRETS_TOKEN .*--github-app`/),
    )
    expect(lines.at(-1)).toMatch(/^warning  A GitHub App is set up \(the secret BOX_APP_PRIVATE_KEY\)/)
    expect(exitCode).toBe(1)
  })

  test('no workflow yet: the existing set-up is examined', async () => {
    await using here = await stage()
    here.sandbox.github.repositories.get(repository)?.workflows.splice(0)
    here.sandbox.store.variables.delete('BOX_APP_CLIENT_ID')
    const { lines } = await here.examine()
    expect(lines).toContainEqual(expect.stringMatching(/^problem  The variable BOX_APP_CLIENT_ID/))
    expect(lines.join('\n')).not.toContain('BOX_SECRETS_TOKEN')
  })
})

test.concurrent("the organization's variable and secret count as well", async () => {
  await using here = await stage()
  const { github, store } = here.sandbox
  const organization = github.organizations.get(organizationName)
  if (!organization) throw new Error('the organization is there')
  github.setSecret(organization, 'BOX_APP_PRIVATE_KEY', here.app.privateKey, { visibility: 'all' })
  organization.variables.set('BOX_APP_CLIENT_ID', { value: here.app.clientId, createdAt: 0, updatedAt: 0 })
  store.secrets.delete('BOX_APP_PRIVATE_KEY')
  store.variables.delete('BOX_APP_CLIENT_ID')
  const { lines, exitCode } = await here.examine(own(here.app))
  expect(lines.slice(0, 2)).toEqual([
    'ok       The client id of the GitHub App is stored in the variable BOX_APP_CLIENT_ID of organization octo-org.',
    'ok       The private key of the GitHub App is stored in the secret BOX_APP_PRIVATE_KEY of organization octo-org.',
  ])
  expect(exitCode).toBe(0)
})
