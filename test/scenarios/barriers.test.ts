/** A refusal that no permission can lift names its own remedy, in the action and in every command. */
import { describe, expect, test } from 'vitest'
import { runCli, type CliResult } from '../sandbox/cli.ts'
import type { ModelReply } from '../sandbox/exchange.ts'
import { apiError } from '../sandbox/github.ts'
import { repository, type Sandbox, writeToken } from '../sandbox/sandbox.ts'
import { emptySandbox, expectNothingLeaked, goThrough, loginToken, startLogin } from './login-support.ts'
import { expectFailure, expectNothingSpent, startSandbox } from './support.ts'

/** GitHub's answer and the remedy. */
interface Barrier {
  readonly reply: ModelReply
  readonly writesOnly?: boolean
  /** Whether the remedy is another token, whose permission has to be named. */
  readonly newToken?: boolean
  readonly next: RegExp
}

const signOn = 'https://github.com/orgs/octo-org/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWx'
const enforced =
  'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.'

const barriers: Readonly<Record<string, Barrier>> = {
  'single sign-on': {
    reply: {
      ...apiError(403, enforced),
      headers: { 'x-github-sso': `required; url=${signOn}` },
    },
    next: /single sign-on\b.*Authorize .*(?:token|TOKEN|gh).* for single sign-on at https:\/\/github\.com\/orgs\/octo-org\/sso\?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWx,/,
  },
  'single sign-on, without an address': {
    reply: apiError(403, enforced),
    next: /Authorize .* for the organization's single sign-on \("Configure SSO"/,
  },
  'an IP allow list': {
    reply: apiError(
      403,
      'Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
    ),
    next: /IP allow list .*Ask an owner of the organization to add the address of (?:the runner|this machine) to the IP allow list/,
  },
  "a limit on a token's lifetime": {
    reply: apiError(
      403,
      "The 'octo-org' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/1",
    ),
    next: /greater than 366 days.*lifetime is longer than the organization allows.*expiration date within that limit/,
  },
  'a kind of token that is not accepted': {
    reply: apiError(
      403,
      '`octo-org` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.',
    ),
    newToken: true,
    next: /does not accept this kind of token.*Replace .* with a kind of token that the organization accepts/,
  },
  'an archived repository': {
    reply: apiError(403, 'Repository was archived so is read-only.'),
    writesOnly: true,
    next: /repository is archived, which makes it read-only.*Unarchive the repository in its settings/,
  },
}

const askedForPermission = /"(?:Secrets|Environments|Actions|Contents|Metadata|Variables): Read/

/** The message does not ask for a permission that the token has. */
function expectRemedy(message: string, { next, newToken = false }: Barrier): void {
  expect(message).toMatch(next)
  if (!newToken) expect(message).not.toMatch(askedForPermission)
}

describe.concurrent.each(Object.entries(barriers))('%s', (_name, barrier) => {
  test('action', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.barrier = barrier
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expectRemedy(message, barrier)
    expectNothingSpent(sandbox)
  })

  test('action with a shared token', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.barrier = barrier
    const result = await sandbox.run({ with: { 'state-variable': 'BOX_STATE', 'retry-for': '12' } })
    expectRemedy(expectFailure(sandbox, result, 'cannot-write-secret'), barrier)
    expectNothingSpent(sandbox)
  })

  test('action after the refresh', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: barrier.reply })
    const { main, post } = await sandbox.runWithPost({ with: { 'retry-for': '12' } })
    const message = expectFailure(sandbox, main, 'secret-not-written')
    expect(message).toMatch(
      /single sign-on \(https:|single sign-on:|single sign-on\b|IP allow list blocks|lifetime is longer|this kind of token|is archived/,
    )
    expect(post.log).toContain('box-token-recovery.v1.')
  })

  test('action at a further secret', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('dependabot write', { kind: 'reply', reply: barrier.reply })
    const result = await sandbox.run({ with: { 'also-write-to': 'dependabot', 'retry-for': '12' } })
    expect(result.exitCode).toBe(0)
    const [warning] = result.warnings.map(({ message }) => message)
    expect(warning).toMatch(barrier.next)
    if (!barrier.newToken) expect(warning).not.toContain('Read and write')
  })

  test('login', async () => {
    await using sandbox = await emptySandbox()
    sandbox.github.barrier = barrier
    const logIn = await startLogin(sandbox)
    const result = await logIn.cli.done
    expect(result.exitCode).toBe(1)
    expectRemedy(result.stderr, barrier)
    expect(result.stderr).toContain('GITHUB_TOKEN')
    expectNothingLeaked(sandbox, result.stderr)
  })

  test('recover', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') })
    const { post } = await sandbox.runWithPost({ with: { 'retry-for': '12' } })
    const text = /^box-token-recovery\.v1\.[\w-]+$/m.exec(post.log)?.[0] ?? ''
    sandbox.githubServer.faults.clear()
    sandbox.github.barrier = barrier
    const result = await runCli({
      args: ['recover', '--repo', repository, '--github-api-url', sandbox.githubServer.url],
      env: {
        BOX_CLIENT_ID: sandbox.box.clientId,
        BOX_CLIENT_SECRET: sandbox.box.clientSecret,
        GITHUB_TOKEN: writeToken,
      },
      input: text,
    })
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expectRemedy(result.stderr, barrier)
    expectNothingLeaked(sandbox, result.stderr)
  })

  test('doctor', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.barrier = barrier
    const result = await doctor(sandbox)
    expect(result.exitCode).toBe(1)
    const told = result.stdout.split('\n').find((line) => barrier.next.test(line)) ?? result.stdout
    expectRemedy(told, barrier)
    expectNothingLeaked(sandbox, result.stdout, result.stderr)
  })
})

async function doctor(sandbox: Sandbox): Promise<CliResult> {
  return runCli({
    args: ['doctor', '--repo', repository, '--github-api-url', sandbox.githubServer.url],
    env: { GITHUB_TOKEN: writeToken, BOX_SECRETS_TOKEN: writeToken },
  })
}

describe.concurrent('a plain refusal asks for the permission', () => {
  test('and, for a personal token, for the approval that may be missing', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.tokens.set(writeToken, { kind: 'fine-grained', permissions: { secrets: 'read' } })
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toMatch(
      /"Secrets: Read and write".*ask an owner of the organization to approve the token/,
    )
  })

  test('if the reason is unknown', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.barrier = { reply: apiError(403, 'Must have admin rights to Repository.') }
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toMatch(/"Must have admin rights to Repository\.".*"Secrets: Read and write"/)
    expect(message).not.toContain('approve')
  })
})

describe.concurrent('the address for single sign-on', () => {
  test.each([
    ['with another scheme', 'required; url=javascript:alert(1)'],
    ['with credentials', 'required; url=https://user:password@github.com/sso'],
    ['with the token in it', `required; url=https://github.com/sso?token=${writeToken}`],
    ['too long to be shown in full', `required; url=https://github.com/sso?r=${'a'.repeat(200)}`],
    ['with a workflow command', 'required; url=https://github.com/##[add-mask]x'],
  ])('%s is not shown', async (_name, header) => {
    await using sandbox = await startSandbox()
    sandbox.github.barrier = { reply: { ...apiError(403, 'no'), headers: { 'x-github-sso': header } } }
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toContain('"Configure SSO"')
    expect(message).not.toMatch(/javascript|password@|aaaa|##/)
  })

  test('a list that is incomplete without it is not a refusal', async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('metadata', {
      kind: 'replace',
      replace: (reply) => ({
        ...reply,
        headers: { ...reply.headers, 'x-github-sso': 'partial-results; organizations=21955855' },
      }),
    })
    expect((await sandbox.run()).exitCode).toBe(0)
  })
})

describe.concurrent('a repository that was renamed', () => {
  async function renamed(to: string): Promise<Sandbox> {
    const sandbox = await startSandbox()
    const settings = sandbox.github.repositories.get(repository)?.settings
    if (settings) settings.renamedTo = to
    sandbox.github.tokens.set(loginToken, { kind: 'fine-grained', permissions: { secrets: 'write' } })
    return sandbox
  }

  test('action', async () => {
    await using sandbox = await renamed('octo-org/daily')
    const message = expectFailure(sandbox, await sandbox.run(), 'github-unavailable')
    expect(message).toMatch(
      /it answered 301, a redirect.*: the repository is now called octo-org\/daily\..*Set `repository: octo-org\/daily`/,
    )
    expectNothingSpent(sandbox)
  })

  test('login', async () => {
    await using sandbox = await renamed('octo-org/daily')
    const { stderr, exitCode } = await (await startLogin(sandbox)).cli.done
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/the repository is now called octo-org\/daily.*Use --repo octo-org\/daily/)
  })

  test.each([
    ['an invalid name', 'octo-org/daily ::add-mask::x'],
    ['the token', `octo-org/${writeToken}`],
  ])('GitHub answers with %s: it is not shown', async (_name, name) => {
    await using sandbox = await renamed(name)
    const message = expectFailure(sandbox, await sandbox.run(), 'github-unavailable')
    expect(message).toMatch(/it answered 301, a redirect.*If the repository was renamed, update `repository`/)
    expect(message).not.toContain('is now called')
  })
})

test.concurrent('an inactive Box user does not need to sign in again', async () => {
  await using sandbox = await startSandbox()
  for (const description of ['User is inactive', 'The user account has been deactivated.', 'Inactive user']) {
    const reply = { status: 400, body: { error: 'invalid_grant', error_description: description } }
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply }, { times: 1 })
    const result = await sandbox.run({ with: { 'retry-for': '12' } })
    const message = expectFailure(sandbox, result, 'reauthorize')
    expect(message).toMatch(
      /the Box user is not active.*the stored refresh token may work again.*Ask an admin of your Box enterprise/,
    )
  }
})

test.concurrent('login says so too if the user is inactive', async () => {
  await using sandbox = await emptySandbox()
  const body = { error: 'invalid_grant', error_description: 'User is inactive' }
  sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 400, body } })
  const logIn = await startLogin(sandbox)
  await goThrough(logIn)
  const { stderr, exitCode } = await logIn.cli.done
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/the Box user is not active.*Ask an admin of your Box enterprise/)
  expect(stderr).not.toContain('sign in again')
})
