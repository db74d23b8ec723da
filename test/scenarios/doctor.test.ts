/** `box-token doctor` names every condition, with what to do, and uses and writes nothing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { claimValue } from '../../src/sharing/claim.ts'
import { OverTokens, sealState } from '../../src/sharing/state.ts'
import { environmentVariables } from '../../src/github/stores/environment.ts'
import { encodedForms } from '../../src/encodings.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { runCli, type CliResult } from '../sandbox/cli.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import type { ModelReply } from '../sandbox/exchange.ts'
import { apiError, type TokenGrant } from '../sandbox/github.ts'
import {
  organizationName,
  repository,
  Sandbox,
  secretName,
  writeToken,
  type SandboxOptions,
} from '../sandbox/sandbox.ts'
import type { ModelWorkflow } from '../sandbox/workflows.ts'
import { secretsOf } from './support.ts'

await sealingReady()

const readToken = 'github_pat_11AAAAAAA0sandbox_mayReadAndNothingElse'
const dayMs = 24 * 3600 * 1000
const path = '.github/workflows/box.yml'
const page = `https://github.com/${repository}/actions/workflows/box.yml`

/** The workflow that people copy if they write with a personal access token. */
const withToken = readFileSync(
  join(import.meta.dirname, '..', '..', '.github', 'examples', 'personal-token.yml'),
  'utf8',
)

const readOnly: TokenGrant = {
  kind: 'fine-grained',
  permissions: {
    secrets: 'read',
    environments: 'read',
    actions: 'read',
    contents: 'read',
    variables: 'read',
    organization_secrets: 'read',
  },
}

/** A sandbox in which all is well: secrets stored 3 days ago, and a keep-alive workflow that ran then. */
async function healthy(
  options: SandboxOptions = {},
  text = withToken,
): Promise<{ sandbox: Sandbox; workflow: ModelWorkflow }> {
  const sandbox = await Sandbox.start(options)
  sandbox.github.tokens.set(readToken, readOnly)
  const workflow: ModelWorkflow = {
    path,
    text,
    state: 'active',
    runs: [{ id: 77, conclusion: 'success', createdAt: sandbox.clock.now() - 3 * dayMs }],
  }
  repositoryOf(sandbox).workflows.push(workflow)
  return { sandbox, workflow }
}

function repositoryOf(sandbox: Sandbox): ReturnType<Sandbox['github']['addRepository']> {
  const found = sandbox.github.repositories.get(repository)
  if (!found) throw new Error('the sandbox has its repository')
  return found
}

interface Examined extends CliResult {
  /** The lines of the result, with every date as DATE. */
  readonly lines: readonly string[]
}

/** Runs the command, and checks that it has changed nothing, whatever it found. */
async function examine(
  sandbox: Sandbox,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Examined> {
  const before = sandbox.record.length
  const stored = JSON.stringify([...sandbox.store.secrets])
  const result = await runCli({
    args: ['doctor', '--repo', repository, '--github-api-url', sandbox.githubServer.url, ...args],
    env: { GITHUB_TOKEN: readToken, BOX_SECRETS_TOKEN: writeToken, ...env },
  })
  for (const { service, label, request } of sandbox.record.slice(before)) {
    expect(service).toBe('github')
    if (label === 'probe') expect([request.method, request.body]).toEqual(['PUT', '{}'])
    else expect([request.method, request.body]).toEqual(['GET', ''])
  }
  expect(JSON.stringify([...sandbox.store.secrets])).toBe(stored)
  expect(sandbox.violations).toEqual([])
  for (const secret of [...secretsOf(sandbox), readToken]) {
    for (const form of encodedForms(secret))
      expect((result.stdout + result.stderr).includes(form)).toBe(false)
  }
  const lines = result.stdout
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'DATE')
    .split('\n')
    .filter((line) => line !== '')
  for (const line of lines) expect(line).toMatch(/^(?:ok {7}|warning {2}|problem {2})[A-Z`0-9].*\.$/)
  return { ...result, lines }
}

/** The findings other than `ok`. */
function bad({ lines }: Examined): readonly string[] {
  return lines.filter((line) => !line.startsWith('ok '))
}

/** A further possible reason for a plain refusal of a personal token, besides a missing permission. */
const approval =
  ' If the token already has that permission, ask an owner of the organization to approve the token.'

const login = (sandbox: Sandbox, flags = '', more = ''): string =>
  `\`box-token login --repo ${repository}${flags} --github-api-url '${sandbox.githubServer.url}'${more}\``

test.concurrent('all is well: one line each, exit code 0', async () => {
  const { sandbox } = await healthy()
  await using _ = sandbox
  const result = await examine(sandbox)
  expect(result.lines).toEqual([
    `ok       The private repository ${repository} exists. The checks below use the token from GITHUB_TOKEN.`,
    `ok       The refresh token (secret BOX_REFRESH_TOKEN of repository ${repository}) was stored 3 days ago (DATE); unless it has been used or revoked since, it is valid until DATE (56 days left).`,
    `ok       The client id is stored in the secret BOX_CLIENT_ID of repository ${repository}.`,
    `ok       The client secret is stored in the secret BOX_CLIENT_SECRET of repository ${repository}.`,
    `ok       The write token is stored in the secret BOX_SECRETS_TOKEN of repository ${repository}.`,
    `ok       The write token (BOX_SECRETS_TOKEN) can write the secret BOX_REFRESH_TOKEN of repository ${repository}; GitHub names no date on which it expires.`,
    `ok       The keep-alive workflow ${path} is enabled; its last run, 3 days ago (DATE), succeeded.`,
  ])
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(sandbox.requests.filter((request) => request === 'github probe')).toHaveLength(1)
})

describe.concurrent('the refresh token', () => {
  test('does not exist', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.store.secrets.delete(secretName)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `problem  There is no secret BOX_REFRESH_TOKEN of repository ${repository}, so no refresh token is stored. Run ${login(sandbox)}, which signs in to Box and stores one.`,
    ])
    expect([result.exitCode, result.stderr]).toEqual([1, 'box-token: found 1 problem that you need to fix\n'])
  })

  test('does not exist here, but in an environment', async () => {
    const { sandbox } = await healthy({ environment: 'box' }, keepAliveFor('environment: box'))
    await using _ = sandbox
    const result = await examine(sandbox)
    expect(bad(result)[0]).toBe(
      `problem  There is no secret BOX_REFRESH_TOKEN of repository ${repository}, so no refresh token is stored there. There is a secret of that name in environment "box" of ${repository}. If your workflow uses that one, run this again with --environment box. Otherwise run ${login(sandbox)}, which signs in to Box and stores one.`,
    )
    expect(bad(result)[1]).toContain(`(used for another secret: ${path})`)
    expect(result.exitCode).toBe(1)
    expect((await examine(sandbox, ['--environment', 'box'])).exitCode).toBe(0)
  })

  test.each<[number, string, number]>([
    [
      49,
      `ok       The refresh token (secret BOX_REFRESH_TOKEN of repository ${repository}) was stored 49 days ago (DATE); unless it has been used or revoked since, it is valid until DATE (10 days left).`,
      0,
    ],
    [
      50,
      `warning  The refresh token (secret BOX_REFRESH_TOKEN of repository ${repository}) was stored 50 days ago (DATE); unless it has been used or revoked since, it is valid until DATE (only 9 days left). Run the keep-alive workflow now, and find out why it has not run. After that date, only \`box-token login\` helps.`,
      0,
    ],
  ])('is %i days old', async (days, line, exitCode) => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.clock.advance((days - 3) * dayMs)
    const result = await examine(sandbox)
    expect(result.lines).toContain(line)
    expect(result.exitCode).toBe(exitCode)
  })

  test('is 61 days old', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.clock.advance(58 * dayMs)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `problem  The refresh token (secret BOX_REFRESH_TOKEN of repository ${repository}) was stored 61 days ago (DATE): it expired on DATE, 60 days after it was issued. Run ${login(sandbox)}, which signs in to Box again and stores a new one.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test("without a date from GitHub: its age is not judged by this machine's clock", async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const undated: Fault = {
      kind: 'replace',
      replace: (reply) => ({ ...reply, headers: { date: 'today' } }),
    }
    sandbox.githubServer.faults.add('repository', undated)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  The refresh token (secret BOX_REFRESH_TOKEN of repository ${repository}) was stored on DATE; its age is unknown, because GitHub sent no date. Unless it has been used or revoked since, it is valid until DATE: run the workflow before then.`,
    ])
    expect(result.exitCode).toBe(0)
  })
})

/** The README's workflow with further inputs. */
function keepAliveFor(...inputs: readonly string[]): string {
  return withToken.replace('verify: true', ['verify: true', ...inputs].join('\n          '))
}

describe.concurrent('the other secrets', () => {
  test.each([
    ['BOX_CLIENT_ID', 'client id'],
    ['BOX_CLIENT_SECRET', 'client secret'],
  ])('%s is missing', async (name, holds) => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.store.secrets.delete(name)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `problem  The secret ${name} (${holds}) is missing: jobs look for it in repository ${repository}, then organization ${organizationName}. Run ${login(sandbox)}, which stores it. You find it on the app's Configuration page in the Box Developer Console.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test('the write token is missing, but the workflow needs it', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.store.secrets.delete('BOX_SECRETS_TOKEN')
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `problem  The secret BOX_SECRETS_TOKEN (write token) is missing: jobs look for it in repository ${repository}, then organization ${organizationName}. Run ${login(sandbox, '', ' --github-app')} and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with repository permission "Secrets: Read and write", and run ${login(sandbox)} with it as BOX_SECRETS_TOKEN in the environment.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test("the workflow uses a GitHub App's token: there is no secret and no token to check", async () => {
    const text = withToken.replace('secrets.BOX_SECRETS_TOKEN', 'steps.app.outputs.token')
    const { sandbox } = await healthy({}, text)
    await using _ = sandbox
    sandbox.store.secrets.delete('BOX_SECRETS_TOKEN')
    const result = await examine(sandbox, [], { BOX_SECRETS_TOKEN: '' })
    expect(bad(result)).toEqual([])
    expect(result.lines).toContain(
      'ok       The workflow does not take its write token from a secret: not checked.',
    )
  })

  test.each(['secrets.GITHUB_TOKEN', 'github.token'])(
    'the workflow writes with %s, which can never write secrets',
    async (token) => {
      const { sandbox } = await healthy({}, withToken.replace('secrets.BOX_SECRETS_TOKEN', token))
      await using _ = sandbox
      const result = await examine(sandbox)
      expect(bad(result)).toEqual([
        `problem  The workflow passes GITHUB_TOKEN as \`github-token\`, but GITHUB_TOKEN cannot write secrets, whatever its permissions. Run ${login(sandbox, '', ' --github-app')} and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with repository permission "Secrets: Read and write", run ${login(sandbox)} with it as BOX_SECRETS_TOKEN in the environment, and set \`github-token\` to \`\${{ secrets.BOX_SECRETS_TOKEN }}\`.`,
      ])
      expect(result.exitCode).toBe(1)
    },
  )

  test('the workflow reads another secret than it writes', async () => {
    const { sandbox } = await healthy({}, withToken.replace('secrets.BOX_REFRESH_TOKEN', 'secrets.BOX_TOKEN'))
    await using _ = sandbox
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      'problem  The workflow reads the refresh token from the secret BOX_TOKEN, but the action writes it to BOX_REFRESH_TOKEN: the stored token is never used. In the workflow, set `secret-name: BOX_TOKEN`, or set `refresh-token` to `${{ secrets.BOX_REFRESH_TOKEN }}`.',
    ])
    expect(result.exitCode).toBe(1)
  })

  test('they are found where the job finds them: in its environment, or in the organization', async () => {
    const { sandbox } = await healthy({ environment: 'box' }, keepAliveFor('environment: box'))
    await using _ = sandbox
    const { secrets } = repositoryOf(sandbox)
    const ofOrganization = sandbox.github.organizations.get(organizationName)
    if (!ofOrganization) throw new Error('the sandbox has its organization')
    for (const name of ['BOX_CLIENT_ID', 'BOX_CLIENT_SECRET']) secrets.secrets.delete(name)
    sandbox.github.setSecret(sandbox.store, 'BOX_CLIENT_ID', sandbox.box.clientId)
    sandbox.github.setSecret(ofOrganization, 'BOX_CLIENT_SECRET', sandbox.box.clientSecret, {
      visibility: 'all',
    })
    const result = await examine(sandbox, ['--environment', 'box'])
    expect(bad(result)).toEqual([])
    expect(result.lines).toContain(
      `ok       The client id is stored in the secret BOX_CLIENT_ID of environment "box" of ${repository}.`,
    )
    expect(result.lines).toContain(
      `ok       The client secret is stored in the secret BOX_CLIENT_SECRET of organization ${organizationName}.`,
    )
  })

  test('the names are taken from the workflow, or else from --prefix', async () => {
    const renamed = withToken.replaceAll('secrets.BOX_', 'secrets.ARCHIVE_')
    const { sandbox } = await healthy(
      {},
      renamed.replace('verify: true', 'secret-name: ARCHIVE_REFRESH_TOKEN'),
    )
    await using _ = sandbox
    const { store, github } = sandbox
    for (const name of ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN', 'SECRETS_TOKEN']) {
      github.setSecret(store, `ARCHIVE_${name}`, store.value(`BOX_${name}`) ?? '')
      store.secrets.delete(`BOX_${name}`)
    }
    const result = await examine(sandbox, ['--prefix', 'ARCHIVE'])
    expect(bad(result)).toEqual([])
    repositoryOf(sandbox).workflows.length = 0
    expect(bad(await examine(sandbox, ['--prefix', 'ARCHIVE'])).map((line) => line.slice(0, 62))).toEqual(
      [
        'warning  The secret BOX_SECRETS_TOKEN (write token) is missing: jobs look for it in',
        'warning  No keep-alive workflow: no workflow on the default branch uses',
      ].map((line) => line.slice(0, 62)),
    )
  })

  test('the same name exists in the environment and the repository', async () => {
    const { sandbox } = await healthy({ environment: 'box' }, keepAliveFor('environment: box'))
    await using _ = sandbox
    sandbox.github.setSecret(repositoryOf(sandbox).secrets, secretName, 'an-old-one')
    const inEnvironment = await examine(sandbox, ['--environment', 'box'])
    expect(bad(inEnvironment)).toEqual([
      `warning  BOX_REFRESH_TOKEN also exists in repository ${repository}. Jobs with \`environment: box\` read the environment's secret; all other jobs read that one. Name the environment in every job that uses the action, then delete the other secret: \`gh secret delete BOX_REFRESH_TOKEN --repo ${repository}\`.`,
    ])
    expect(inEnvironment.exitCode).toBe(0)
    const inRepository = await examine(sandbox)
    expect(bad(inRepository)[0]).toBe(
      `warning  BOX_REFRESH_TOKEN also exists in environment "box" of ${repository}. Jobs with \`environment: box\` read that secret; all other jobs read the repository's. If your jobs name that environment, run this again with --environment box. Otherwise delete the environment's secret: \`gh secret delete BOX_REFRESH_TOKEN --repo ${repository} --env box\`.`,
    )
  })

  test("a repository's secret hides an organization's secret of the same name", async () => {
    const options = { organization: { visibility: 'selected', selected: [1] } } as const
    const { sandbox } = await healthy(options, keepAliveFor(`organization: ${organizationName}`))
    await using _ = sandbox
    const flags = ['--organization', organizationName]
    expect(bad(await examine(sandbox, flags))).toEqual([])
    sandbox.github.setSecret(repositoryOf(sandbox).secrets, secretName, 'an-old-one')
    const result = await examine(sandbox, flags)
    expect(bad(result)).toEqual([
      `problem  BOX_REFRESH_TOKEN also exists in repository ${repository}: its jobs read that secret, never the organization's, which the action writes. Delete the repository's secret: \`gh secret delete BOX_REFRESH_TOKEN --repo ${repository}\`.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test("an organization's secret is not available to the repository", async () => {
    const { sandbox } = await healthy(
      { organization: { visibility: 'all' } },
      keepAliveFor(`organization: ${organizationName}`),
    )
    await using _ = sandbox
    sandbox.github.setSecret(sandbox.store, secretName, sandbox.stored, {
      visibility: 'selected',
      selected: [1],
    })
    const result = await examine(sandbox, ['--organization', organizationName])
    expect(bad(result)).toEqual([
      `problem  The organization's secret BOX_REFRESH_TOKEN is not available to ${repository}: its jobs do not get it. Add the repository on the secret's page in the organization's settings.`,
    ])
    expect(result.exitCode).toBe(1)
  })
})

describe.concurrent('the places', () => {
  test('the environment is missing', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const result = await examine(sandbox, ['--environment', 'box'])
    expect(bad(result).slice(0, 2)).toEqual([
      `problem  Not found: the environment "box" does not exist in ${repository}, or the token has no access to it (GitHub answered 404, "Not Found"). Correct --environment, or run ${login(sandbox, ' --environment box')}, which offers to create it.`,
      `warning  Could not check what the write token (BOX_SECRETS_TOKEN) is allowed to write: there is no environment "box" of ${repository}. Fix that first, then run this again.`,
    ])
    expect(result.exitCode).toBe(1)
    expect(sandbox.requests).not.toContain('github probe')
  })

  test('the repository is missing, renamed or archived', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const missing = await examine(sandbox, ['--repo', 'octo-org/nigthly'])
    expect(missing.lines).toEqual([
      'problem  The repository octo-org/nigthly does not exist, or the token from GITHUB_TOKEN has no access to it (GitHub answered 404, "Not Found"). Correct --repo, or set GITHUB_TOKEN in the environment to a token that has access to this repository.',
    ])
    expect(missing.exitCode).toBe(1)
    const { settings } = repositoryOf(sandbox)
    settings.isArchived = true
    expect(bad(await examine(sandbox))).toEqual([
      `problem  The private repository ${repository} is archived: its workflows do not run, and nothing can be stored. Unarchive it in its settings, or move the workflow and the secrets to another repository.`,
    ])
    settings.renamedTo = 'octo-org/daily'
    expect((await examine(sandbox)).lines).toEqual([
      `problem  The repository ${repository} is now called octo-org/daily: GitHub answers with a redirect, which is not followed. Use --repo octo-org/daily, set \`repository: octo-org/daily\` in every workflow that names it, and update the git remote.`,
    ])
    sandbox.githubServer.faults.add('repository by id', { kind: 'reply', reply: apiError(404, 'Not Found') })
    expect((await examine(sandbox)).lines).toEqual([
      `problem  The repository ${repository} has been renamed or moved: GitHub answers with a redirect, which is not followed. Give its current name with --repo, and update the git remote.`,
    ])
  })

  test.each<[string, string, ModelReply]>([
    ['a repository without its fields', 'repository', { status: 200, body: { message: 'welcome' } }],
    ['a sign-in page', 'repository', replies.status(200)],
    ['a list that is not one', 'workflows', { status: 200, body: [] }],
    ['a key that is not one', 'key', { status: 200, body: {} }],
  ])('the server is not GitHub: %s is reported at once', async (_name, label, reply) => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.githubServer.faults.add(label, { kind: 'reply', reply })
    const result = await examine(sandbox)
    expect(bad(result).join('\n')).toMatch(
      /^problem {2}GitHub gave no usable answer about .*: it answered 200, which is unexpected here.* Check --github-api-url \(http:.*\)\. A proxy or a sign-in page/m,
    )
    expect(sandbox.requests.filter((request) => request === `github ${label}`)).toHaveLength(1)
    expect(result.exitCode).toBe(1)
  })

  test('only an organization', async () => {
    const { sandbox } = await healthy({ organization: { visibility: 'all' } })
    await using _ = sandbox
    const args = ['doctor', '--organization', organizationName, '--github-api-url', sandbox.githubServer.url]
    const result = await runCli({ args, env: { GITHUB_TOKEN: readToken } })
    expect(result.stdout).toContain(
      `ok       The refresh token (secret BOX_REFRESH_TOKEN of organization ${organizationName}) was stored 3 days ago`,
    )
    expect(result.stdout).toContain(
      'problem  The secret BOX_CLIENT_ID (client id) is missing: jobs look for it in ',
    )
    expect(result.stdout).toContain('Give --repo owner/name as well as --organization.')
    expect(result.exitCode).toBe(1)
  })
})

describe.concurrent('the tokens', () => {
  const renew = `Create a new one (a fine-grained personal access token with repository permission "Secrets: Read and write") and store it: \`gh secret set BOX_SECRETS_TOKEN --repo ${repository}\`.`

  async function withWriteToken(grant: Partial<TokenGrant>, endsInDays?: number): Promise<Examined> {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write' },
      ...grant,
      ...(endsInDays === undefined ? {} : { expiresAt: sandbox.clock.now() + endsInDays * dayMs + 60_000 }),
    })
    return await examine(sandbox)
  }

  test('the write token may only read', async () => {
    const result = await withWriteToken({ permissions: { secrets: 'read' } })
    expect(bad(result)).toEqual([
      `problem  The write token (BOX_SECRETS_TOKEN) can read, but not write, the secret BOX_REFRESH_TOKEN of repository ${repository} (GitHub answered 403, "Resource not accessible by personal access token"). Give that token repository permission "Secrets: Read and write" in its settings on GitHub.${approval} If you create another one instead, store it: \`gh secret set BOX_SECRETS_TOKEN --repo ${repository}\`.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test('the write token is GITHUB_TOKEN of a run', async () => {
    const result = await withWriteToken({ kind: 'workflow', permissions: {} })
    expect(bad(result)[0]).toMatch(
      /is not allowed to write .* \(GitHub answered 403, "Resource not accessible by integration"\)/,
    )
    expect(result.exitCode).toBe(1)
  })

  test('the write token has expired', async () => {
    const result = await withWriteToken({}, -1)
    expect(bad(result)).toEqual([
      `problem  The write token (BOX_SECRETS_TOKEN) is not valid or has expired (GitHub answered 401, "Bad credentials"). ${renew}`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test('the write token expires in 5 days', async () => {
    const result = await withWriteToken({}, 5)
    expect(bad(result)).toEqual([
      `warning  The write token (BOX_SECRETS_TOKEN) can write the secret BOX_REFRESH_TOKEN of repository ${repository} until it expires on DATE (only 5 days left). ${renew} After that date, no run can store a token.`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('the write token expires in 90 days', async () => {
    const result = await withWriteToken({}, 90)
    expect(bad(result)).toEqual([])
    expect(result.lines.join('\n')).toContain(`${repository} until it expires on DATE (90 days left).`)
  })

  test("GitHub's answer to the empty write says nothing", async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.githubServer.faults.add('probe', { kind: 'reply', reply: apiError(400, 'Bad request') })
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  It is not certain that the write token (BOX_SECRETS_TOKEN) can write the secret BOX_REFRESH_TOKEN of repository ${repository}: GitHub answered 400 to an empty write. Run the workflow to find out for certain.`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('the write token is not available: nothing is written with the other token', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const result = await examine(sandbox, [], { BOX_SECRETS_TOKEN: '' })
    expect(bad(result)).toEqual([
      "warning  Could not check what the write token is allowed to do: GitHub does not reveal the value of the secret BOX_SECRETS_TOKEN. Set BOX_SECRETS_TOKEN in the environment to the token's value and run this again.",
    ])
    expect(result.exitCode).toBe(0)
    expect(sandbox.record.map(({ request }) => request.method)).not.toContain('PUT')
  })

  test('GITHUB_TOKEN is not valid', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const result = await examine(sandbox, [], { GITHUB_TOKEN: 'github_pat_unknown' })
    expect(result.lines).toEqual([
      'problem  GitHub does not accept the token from GITHUB_TOKEN (GitHub answered 401, "Bad credentials"). Set GITHUB_TOKEN in the environment to a valid token, or sign in with `gh auth login`.',
    ])
    expect(result.exitCode).toBe(1)
  })

  test('GITHUB_TOKEN is not allowed to read anything', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    sandbox.github.tokens.set(readToken, { kind: 'fine-grained', permissions: {} })
    const result = await examine(sandbox)
    const refused = '(GitHub answered 403, "Resource not accessible by personal access token")'
    expect(bad(result)).toEqual([
      `problem  Could not check the secrets of repository ${repository} ${refused}. The token from GITHUB_TOKEN needs repository permission "Secrets: Read".${approval}`,
      ...[
        ['BOX_CLIENT_ID', 'client id'],
        ['BOX_CLIENT_SECRET', 'client secret'],
        ['BOX_SECRETS_TOKEN', 'write token'],
      ].map(
        ([name, holds]) =>
          `warning  Could not check whether the secret ${name} (${holds}) exists: the secrets of repository ${repository} could not be read ${refused}. The token from GITHUB_TOKEN must be allowed to read them.${approval}`,
      ),
      `warning  Could not check whether a workflow keeps the token alive: the workflows could not be read ${refused}. The token from GITHUB_TOKEN needs "Actions: Read" and "Contents: Read".${approval}`,
    ])
    expect(result.exitCode).toBe(1)
  })
})

describe.concurrent('the keep-alive workflow', () => {
  test('is missing: a warning, exit code 0', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    repositoryOf(sandbox).workflows.length = 0
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      'warning  No keep-alive workflow: no workflow on the default branch uses box-token-action on a schedule for this secret. Copy the workflow from the README: the refresh token expires after 60 days without a run.',
    ])
    expect(result.exitCode).toBe(0)
  })

  test.each<[string, (text: string) => string | undefined, string]>([
    [
      'has no schedule',
      (text) => text.replace(/ {2}schedule:\n.*\n/, ''),
      ` (used without a schedule: ${path})`,
    ],
    [
      'is for another secret',
      (text) => text.replace('verify: true', 'secret-name: OTHER'),
      ` (used for another secret: ${path})`,
    ],
    [
      'never refreshes',
      (text) => text.replace('verify: true', 'auto-refresh: false'),
      ` (used for another secret: ${path})`,
    ],
    ['uses another action', (text) => text.replace('box-token-action@v1', 'box-token-action-fork@v1'), ''],
    ['is on another branch only', () => undefined, ''],
    ['is not YAML', () => 'on: [', ''],
  ])('one that %s does not count', async (_name, change, besides) => {
    const { sandbox } = await healthy({}, withToken)
    await using _ = sandbox
    const [workflow] = repositoryOf(sandbox).workflows
    if (workflow) workflow.text = change(withToken)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  No keep-alive workflow: no workflow on the default branch uses box-token-action on a schedule for this secret${besides}. Copy the workflow from the README: the refresh token expires after 60 days without a run.`,
    ])
  })

  test.each<[ModelWorkflow['state'], string]>([
    [
      'disabled_inactivity',
      'GitHub disabled it, as it does with scheduled workflows in a public repository after 60 days without activity',
    ],
    ['disabled_manually', 'somebody disabled it by hand'],
    ['disabled_fork', 'GitHub disables scheduled workflows in forks'],
  ])('is %s', async (state, why) => {
    const { sandbox, workflow } = await healthy()
    await using _ = sandbox
    repositoryOf(sandbox).settings.isPrivate = false
    workflow.state = state
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `problem  The keep-alive workflow ${path} is disabled: ${why}. Enable it on ${page} ("Enable workflow"), then run it there once.`,
    ])
    expect(result.exitCode).toBe(1)
    repositoryOf(sandbox).workflows.push({ ...workflow, path: path.replace('box', 'other'), state: 'active' })
    const beside = await examine(sandbox)
    expect(bad(beside)).toEqual([
      `warning  The keep-alive workflow ${path} is disabled: ${why}. Enable it on ${page} if you want it to run as well as the other one.`,
    ])
    expect(beside.exitCode).toBe(0)
  })

  test('failed in its last run', async () => {
    const { sandbox, workflow } = await healthy()
    await using _ = sandbox
    const { runs } = workflow
    const now = sandbox.clock.now()
    // Runs on another branch, or still in progress, do not count.
    runs.unshift({ id: 80, conclusion: undefined, createdAt: now })
    runs.unshift({ id: 79, conclusion: 'success', createdAt: now, branch: 'feature' })
    runs.splice(2, 0, { id: 78, conclusion: 'failure', createdAt: now - dayMs - 60_000 })
    const said = `The keep-alive workflow ${path} is enabled, but its last run, 1 day ago (DATE), ended with "failure": https://github.com/${repository}/actions/runs/78`
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([`problem  ${said}. Open that run: its error annotation says what to do.`])
    expect(result.exitCode).toBe(1)

    sandbox.github.setSecret(sandbox.store, secretName, sandbox.stored)
    const mended = await examine(sandbox)
    expect(bad(mended)).toEqual([
      `warning  ${said}; the refresh token has been stored since that run was queued. Start it on ${page} ("Run workflow"). If it fails again, its error annotation says what to do.`,
    ])
    expect(mended.exitCode).toBe(0)
  })

  test('was cancelled in its last run; has not run yet', async () => {
    const { sandbox, workflow } = await healthy()
    await using _ = sandbox
    const { runs } = workflow
    runs.unshift({ id: 78, conclusion: 'cancelled', createdAt: sandbox.clock.now() })
    expect(bad(await examine(sandbox))).toEqual([
      `warning  The keep-alive workflow ${path} is enabled, but its last run, today (DATE), ended with "cancelled": https://github.com/${repository}/actions/runs/78. Start it on ${page} ("Run workflow").`,
    ])
    runs.length = 0
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  The keep-alive workflow ${path} is enabled, but has not run yet. Start it on ${page} ("Run workflow") to check that it works.`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('in a public repository: schedules end after 60 days without activity', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const { settings } = repositoryOf(sandbox)
    settings.isPrivate = false
    const rule =
      'The repository is public: GitHub disables its scheduled workflows after 60 days without activity; the last push was'
    expect((await examine(sandbox)).lines).toContain(`ok       ${rule} 3 days ago.`)
    settings.pushedAt -= 28 * dayMs
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  ${rule} 31 days ago. Check that the workflow is still enabled after those 60 days. In a private repository, GitHub does not disable it.`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('cannot be read', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const { contents: _contents, ...permissions } = readOnly.permissions
    sandbox.github.tokens.set(readToken, { ...readOnly, permissions })
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      `warning  Could not check whether a workflow keeps the token alive: 1 of the workflow files could not be read (GitHub answered 403, "Resource not accessible by personal access token"). The token from GITHUB_TOKEN needs "Actions: Read" and "Contents: Read".${approval}`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('is found among more workflows than fit on a page', async () => {
    const { sandbox, workflow } = await healthy()
    await using _ = sandbox
    const others = Array.from({ length: 104 }, (_none, index) => ({
      ...workflow,
      path: `.github/workflows/ci-${index}.yml`,
      text: 'on: push\njobs: { test: { runs-on: ubuntu-latest, steps: [{ run: make }] } }\n',
    }))
    // GitHub's own workflows have no file.
    const own = { ...workflow, path: 'dynamic/github-code-scanning/codeql', text: undefined }
    repositoryOf(sandbox).workflows.unshift(own, ...others)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([])
    expect(sandbox.requests.filter((request) => request === 'github workflows')).toHaveLength(2)
    expect(sandbox.requests.filter((request) => request === 'github file')).toHaveLength(105)
  })
})

describe.concurrent('the shared state', () => {
  const its = `The shared state (variable BOX_STATE of repository ${repository})`
  const flags = ['--state-variable', 'BOX_STATE']

  function put(sandbox: Sandbox, name: string, value: string, at = sandbox.clock.now()): void {
    sandbox.store.variables.set(name, { value, createdAt: at, updatedAt: at })
  }

  /** All is well, and a run has shared its token. */
  async function shared(): Promise<{
    sandbox: Sandbox
    look: (env?: Record<string, string>) => Promise<Examined>
  }> {
    const { sandbox } = await healthy({}, keepAliveFor('state-variable: BOX_STATE'))
    const result = await sandbox.run({ with: { 'state-variable': 'BOX_STATE' } })
    expect(result.exitCode).toBe(0)
    sandbox.clock.advance(dayMs)
    const app = { BOX_CLIENT_ID: sandbox.box.clientId, BOX_CLIENT_SECRET: sandbox.box.clientSecret }
    return { sandbox, look: (env = {}) => examine(sandbox, flags, { ...app, ...env }) }
  }

  test('opens; is not opened without credentials', async () => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    const result = await look()
    expect(bad(result)).toEqual([])
    expect(result.lines).toContain(
      `ok       ${its} can be opened: the pair was refreshed 1 day ago (DATE), its access token expired on DATE.`,
    )
    const closed = await look({ BOX_CLIENT_SECRET: '' })
    expect(bad(closed)).toEqual([
      `warning  ${its} exists, but was not opened: that needs the app's credentials. Set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment (and BOX_STATE_KEY, if the workflow has a state-key), then run this again.`,
    ])
    expect(closed.exitCode).toBe(0)
  })

  test.each<[string, Record<string, string>]>([
    ['another client secret', { BOX_CLIENT_SECRET: 'another-client-secret' }],
    ['another client id', { BOX_CLIENT_ID: 'another' }],
    [
      'a state key that it was not sealed with',
      { BOX_STATE_KEY: 'state-key-of-more-than-thirty-two-characters' },
    ],
  ])('does not open with %s', async (_name, env) => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    const result = await look(env)
    expect(bad(result)).toEqual([
      `problem  ${its} cannot be opened with BOX_CLIENT_ID, BOX_CLIENT_SECRET and BOX_STATE_KEY from the environment: one of them is not what it was encrypted with, or the state is damaged. Compare them with what the workflow passes to the action. If they are the same, its runs cannot open it either: run ${login(sandbox, ' --state-variable BOX_STATE')}, which replaces it.`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test('is from a newer version', async () => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    put(sandbox, 'BOX_STATE', 'box-token-state.v2.AAAA')
    expect(bad(await look())).toEqual([
      `problem  ${its} is marked as written by a newer version of the action. Use the command line of that version, and the same version of the action in all workflows that share this variable. If none of them is newer, delete the variable BOX_STATE and start a new run: it uses the refresh token in the secret. If that run fails with \`reauthorize\`, run \`box-token login --state-variable BOX_STATE\`.`,
    ])
  })

  test('does not exist yet', async () => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    sandbox.store.variables.delete('BOX_STATE')
    const result = await look()
    expect(bad(result)).toEqual([
      `warning  There is no shared state yet: there is no variable BOX_STATE of repository ${repository}. Run the workflow: its first run with \`state-variable\` creates it. If it has run already, correct --state-variable.`,
    ])
    expect(result.exitCode).toBe(0)
  })

  test('cannot be read', async () => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    const { variables: _variables, ...permissions } = readOnly.permissions
    sandbox.github.tokens.set(readToken, { ...readOnly, permissions })
    const result = await look()
    expect(bad(result)).toEqual([
      `problem  ${its.replace(')', ') could not be read')} (GitHub answered 403, "Resource not accessible by personal access token"). The token from GITHUB_TOKEN needs repository permission "Variables: Read". Also check that the place exists.${approval}`,
    ])
    expect(result.exitCode).toBe(1)
  })

  test('counts if the secret, its copy, is older', async () => {
    const { sandbox } = await healthy({ environment: 'box' }, keepAliveFor('environment: box'))
    await using _ = sandbox
    sandbox.clock.advance(60 * dayMs)
    const [owner = '', repo = ''] = repository.split('/')
    const { clientId, clientSecret } = sandbox.box
    const secrets = { clientSecret, stateKey: undefined }
    const sealing = { secrets, clientId, place: environmentVariables(owner, repo, 'box'), name: 'BOX_STATE' }
    const refreshedAt = sandbox.clock.now() - 2 * dayMs - 60_000
    const state = { refreshToken: 'a-token', secretUpdatedAt: 0, over: OverTokens.none }
    const access = { token: 'another-token', refreshedAt, expiresAt: refreshedAt + 3_600_000 }
    put(sandbox, 'BOX_STATE', sealState(sealing, { ...state, access }))
    const env = { BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret }
    const result = await examine(sandbox, ['--environment', 'box', ...flags], env)
    expect(result.lines).toContain(
      `ok       The refresh token (secret BOX_REFRESH_TOKEN of environment "box" of ${repository}) was refreshed, according to the shared state, 2 days ago (DATE); unless it has been used or revoked since, it is valid until DATE (57 days left).`,
    )
    expect([bad(result), result.exitCode]).toEqual([[], 0])

    // Somebody has used `recover` a day ago, and no run has used that token yet. The state accounts for older writes only.
    const secretUpdatedAt = sandbox.clock.now() - 30 * dayMs
    const value = sealState(sealing, { ...state, access: undefined, secretUpdatedAt })
    put(sandbox, 'BOX_STATE', value, sandbox.clock.now() - dayMs - 60_000)
    expect((await examine(sandbox, ['--environment', 'box', ...flags], env)).lines).toContain(
      `ok       The shared state (variable BOX_STATE of environment "box" of ${repository}) can be opened: its refresh token was stored 1 day ago (DATE), and has not been used yet.`,
    )
  })

  test('an abandoned claim is a warning, a held one is not, and other variables are ignored', async () => {
    const { sandbox, look } = await shared()
    await using _ = sandbox
    const now = sandbox.clock.now()
    const value = (leaseEndsAt: number, doneAt?: number): string =>
      claimValue({
        nonce: '0123456789abcdef',
        leaseEndsAt,
        doneAt,
        secretWrittenAt: undefined,
        next: undefined,
      })
    for (let index = 0; index < 45; index += 1) put(sandbox, `BOX_STAT_${index}`, 'x')
    put(sandbox, 'BOX_STATE_2_CLAIM_NEW_1', value(now - 3 * dayMs))
    put(sandbox, 'BOX_STATE_CLAIM_NEW_', value(now - 3 * dayMs))
    put(sandbox, 'BOX_STATE_CLAIM_0A1B2C3D_1', value(now - 3 * dayMs - 60_000))
    put(sandbox, 'BOX_STATE_CLAIM_0A1B2C3D_2', value(now + 60_000))
    put(sandbox, 'BOX_STATE_CLAIM_NEW_5', value(now - dayMs, now - dayMs))
    put(sandbox, 'BOX_STATE_CLAIM_NEW_6', value(0))
    put(sandbox, 'BOX_STATE_CLAIM_NEW_7', 'damaged')
    put(sandbox, 'BOX_STATE_CLAIM_NEW_8', value(now + dayMs))
    const result = await look()
    const unknown = (name: string): string =>
      `warning  The variable ${name} is named like a claim, but this version does not understand it. It does not hold up any run for long. If nobody knows what it is for, delete it while no run is in progress: \`gh variable delete ${name} --repo ${repository}\`.`
    expect(bad(result)).toEqual([
      `warning  The claim BOX_STATE_CLAIM_0A1B2C3D_1 was left behind by a run that ended before it was done. The claim ended 3 days ago (DATE). You do not have to do anything: the next refresh takes over, and a later one deletes it.`,
      ...['BOX_STATE_CLAIM_NEW_', 'BOX_STATE_CLAIM_NEW_7', 'BOX_STATE_CLAIM_NEW_8'].map(unknown),
    ])
    expect(result.lines).toContain(
      'ok       A run is refreshing the pair: it holds the claim BOX_STATE_CLAIM_0A1B2C3D_2 until DATE at the latest.',
    )
    expect(result.lines).toContain(
      'ok       The claim BOX_STATE_CLAIM_NEW_6 was given up by a run that got no new pair. A later refresh deletes it.',
    )
    expect(result.lines).toContain(
      'ok       The claim BOX_STATE_CLAIM_NEW_5 belongs to a refresh that is done. A later refresh deletes it.',
    )
    expect(result.exitCode).toBe(0)
  })
})

describe.concurrent('the command', () => {
  test('--json prints the findings and nothing else', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const args = ['doctor', '--repo', repository, '--github-api-url', sandbox.githubServer.url, '--json']
    const env = { GITHUB_TOKEN: readToken, BOX_SECRETS_TOKEN: writeToken }
    const well = await runCli({ args, env })
    const result = JSON.parse(well.stdout) as { ok: boolean; findings: { level: string }[] }
    expect([well.exitCode, well.stderr, result.ok]).toEqual([0, '', true])
    expect(result.findings.map(({ level }) => level)).toEqual(Array.from({ length: 7 }, () => 'ok'))
    sandbox.store.secrets.delete('BOX_CLIENT_ID')
    const ill = await runCli({ args, env })
    expect([ill.exitCode, ill.stderr]).toEqual([1, 'box-token: found 1 problem that you need to fix\n'])
    const told = JSON.parse(ill.stdout) as { ok: boolean; findings: unknown[] }
    expect([told.ok, told.findings.length]).toEqual([false, 7])
    expect(told.findings[2]).toEqual({
      level: 'problem',
      what: `The secret BOX_CLIENT_ID (client id) is missing: jobs look for it in repository ${repository}, then organization ${organizationName}.`,
      next: `Run ${login(sandbox)}, which stores it. You find it on the app's Configuration page in the Box Developer Console.`,
    })
  })

  test('if GitHub does not answer one question, the others are still asked', async () => {
    const { sandbox } = await healthy()
    await using _ = sandbox
    const away = { kind: 'reply', reply: replies.status(503, { 'retry-after': '3600' }) } as const
    sandbox.githubServer.faults.add('workflows', away)
    const result = await examine(sandbox)
    expect(bad(result)).toEqual([
      'problem  GitHub gave no usable answer about the workflows: it answered 503. Run this again later. For outages, see https://www.githubstatus.com.',
    ])
    expect(result.lines).toHaveLength(7)
    expect(result.exitCode).toBe(1)
    sandbox.githubServer.faults.add('repository', away)
    expect((await examine(sandbox)).lines).toEqual([
      'problem  GitHub gave no usable answer about the repository: it answered 503. Run this again later. For outages, see https://www.githubstatus.com.',
    ])
  })

  test('names from GitHub cannot start a new line', async () => {
    const { sandbox, workflow } = await healthy()
    await using _ = sandbox
    const name = `.github/workflows/x\n##[error]${writeToken}.yml`
    repositoryOf(sandbox).workflows.push({ ...workflow, path: name, state: 'disabled_manually' })
    const result = await examine(sandbox)
    expect(bad(result)).toHaveLength(1)
    expect(result.stdout).not.toContain('##[')
  })

  test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    [
      'no token',
      ['--repo', repository],
      {},
      'box-token: set GITHUB_TOKEN in the environment, or sign in with `gh auth login`',
    ],
    ['no repository', [], { GITHUB_TOKEN: readToken }, 'box-token: give --repo owner/name'],
    ['a bad prefix', ['--prefix', 'a-b'], { GITHUB_TOKEN: readToken }, 'box-token: --prefix is not valid'],
    ['an unknown flag', ['--fix'], { GITHUB_TOKEN: readToken }, "box-token: unknown option '--fix'"],
  ])('%s: one clear line', async (_name, args, env, words) => {
    const result = await runCli({ args: ['doctor', ...args], env: { PATH: '/nowhere', ...env } })
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(/^[^\n]+\n$/)
    expect(result.stderr).toContain(words)
  })

  test('--help needs nothing, and mentions the empty write', async () => {
    const result = await runCli({ args: ['doctor', '--help'] })
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.stdout).toContain('Usage: box-token doctor')
    expect(result.stdout).toContain('empty write')
  })
})
