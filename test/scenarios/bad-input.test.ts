/** Every invalid value is found before anything is sent. */
import { describe, expect, test } from 'vitest'
import { expectFailure, expectNothingSpent, startSandbox } from './support.ts'

const accepted = {
  boolean: '`true` or `false`',
  seconds: 'a whole number of seconds from 1 to 3600',
  secret: 'letters, digits and underscores, not starting with a digit or with GITHUB_',
  repository: 'owner/name of a repository',
  url: 'an https:// address (http:// on loopback only) without user name, query or fragment',
  environment: "an environment's name",
  variable: 'letters, digits and underscores, not starting with a digit, and not a name that changes',
  credential: 'visible ASCII characters without spaces or line breaks',
}

describe.concurrent('bad-input', () => {
  test.each<[string, string, string]>([
    ['verify', 'yes', accepted.boolean],
    ['verify', '1', accepted.boolean],
    ['verify', 'tRUE', accepted.boolean],
    ['summary', 'on', accepted.boolean],
    ['retry-for', '0', accepted.seconds],
    ['retry-for', '3601', accepted.seconds],
    ['retry-for', '-5', accepted.seconds],
    ['retry-for', '2.5', accepted.seconds],
    ['retry-for', '1e2', accepted.seconds],
    ['retry-for', '0x10', accepted.seconds],
    ['retry-for', '2 minutes', accepted.seconds],
    ['secret-name', 'BOX-TOKEN', accepted.secret],
    ['secret-name', '1BOX', accepted.secret],
    ['secret-name', 'GITHUB_BOX', accepted.secret],
    ['secret-name', 'github_box', accepted.secret],
    ['secret-name', 'BOX/../TOKEN', accepted.secret],
    ['secret-name', 'BOX\nTOKEN', accepted.secret],
    ['repository', 'nightly', accepted.repository],
    ['repository', 'octo-org/nightly/x', accepted.repository],
    ['repository', 'octo-org/..', accepted.repository],
    ['repository', 'octo org/nightly', accepted.repository],
    ['repository', 'https://github.com/octo-org/nightly', accepted.repository],
    ['environment', '..', accepted.environment],
    ['environment', 'a\nb', accepted.environment],
    ['environment', 'a/../b', accepted.environment],
    ['environment', 'a/..', accepted.environment],
    ['environment', './b', accepted.environment],
    ['environment', String.raw`a\..\b`, accepted.environment],
    ['environment', '%2e%2e', accepted.environment],
    ['environment', 'a%2F..%2fb', accepted.environment],
    ['environment', '%252e%252E/b', accepted.environment],
    ['environment', 'a%0ab', accepted.environment],
    ['environment', 'e'.repeat(256), accepted.environment],
    ['box-api-url', 'http://api.box.com', accepted.url],
    ['box-api-url', 'http://127.0.0.1.example.com', accepted.url],
    ['box-api-url', 'http://localhost.example.com', accepted.url],
    ['box-api-url', 'ftp://api.box.com', accepted.url],
    ['box-api-url', 'api.box.com', accepted.url],
    ['box-api-url', 'https://user:password@api.box.com', accepted.url],
    ['box-api-url', 'https://api.box.com/?a=b', accepted.url],
    ['box-api-url', 'https://api.box.com/#a', accepted.url],
    ['box-api-url', 'https://api.\nbox.com', accepted.url],
    ['box-api-url', 'https://api.box.com/a b', accepted.url],
    ['github-api-url', 'http://github.example.com/api/v3', accepted.url],
    ['github-api-url', 'not an address', accepted.url],
    ['organization', 'octo org', 'the name of an organization'],
    ['organization', '../octo-org', 'the name of an organization'],
    ['access-token-secret-name', 'BOX-ACCESS', accepted.secret],
    ['access-token-secret-name', 'github_token', accepted.secret],
    ['also-write-to', 'codespaces', '`dependabot`'],
    ['scope', 'item_preview "quoted"', 'one or more Box scopes'],
    ['resource', 'https://api.box.com/2.0/users/123', 'the address of one file or folder'],
    ['resource', 'http://api.box.com/2.0/folders/123', 'the address of one file or folder'],
    ['resource', '123456', 'the address of one file or folder'],
    ['resource', 'https://api.box.com/2.0/folders/123', 'used together with "scope"'],
    ['shared-link', 'app.box.com/s/abc', 'the https:// address of a shared link'],
    ['shared-link', 'https://app.box.com/s/abcdef', 'used together with "scope"'],
    ['state-key', 'k'.repeat(31), '32 characters or more, without line breaks'],
    ['state-key', '🔑'.repeat(31), '32 characters or more, without line breaks'],
    ['state-key', `${'k'.repeat(32)}\nk`, '32 characters or more, without line breaks'],
    ['export-variable', 'BOX-ACCESS-TOKEN', accepted.variable],
    ['export-variable', '1BOX', accepted.variable],
    ...[
      'PATH',
      'Path',
      'NODE_OPTIONS',
      'LD_PRELOAD',
      'LD_ANYTHING',
      'DYLD_INSERT_LIBRARIES',
      'GITHUB_TOKEN',
      'github_env',
      'RUNNER_TEMP',
      'ACTIONS_RUNTIME_TOKEN',
      'INPUT_X',
      'BASH_ENV',
      'ENV',
      'IFS',
      'HOME',
      'GIT_SSH_COMMAND',
      'PYTHONPATH',
      'PERL5OPT',
      'RUBYOPT',
      'JAVA_TOOL_OPTIONS',
      '_JAVA_OPTIONS',
      'NPM_CONFIG_REGISTRY',
      'HTTPS_PROXY',
      'no_proxy',
      'SSL_CERT_FILE',
      'CURL_CA_BUNDLE',
      'PROMPT_COMMAND',
      'GLIBC_TUNABLES',
      'SSLKEYLOGFILE',
      'PIP_INDEX_URL',
      'PYTHONWARNINGS',
      'CARGO_HOME',
      'GOPROXY',
      'XDG_CONFIG_HOME',
      'EDITOR',
      'PWD',
      'LC_ALL',
      'HOSTALIASES',
      'RES_OPTIONS',
      'KUBECONFIG',
      'kubeconfig',
      'AWS_CONFIG_FILE',
      'AWS_CA_BUNDLE',
      'TF_CLI_CONFIG_FILE',
      'TF_LOG',
      'RCLONE_CONFIG',
      'RCLONE_CONFIG_DIR',
      'ELECTRON_RUN_AS_NODE',
      'WGETRC',
      'PHPRC',
      'GREP_OPTIONS',
      'TAR_OPTIONS',
      'XZ_OPT',
      'DOCKER_HOST',
      'DOCKER_CONFIG',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'CLOUDSDK_CONFIG',
      'AZURE_CONFIG_DIR',
      'GNUPGHOME',
      'GH_HOST',
      'PGSERVICEFILE',
      'LESSOPEN',
      'LUA_INIT',
      'R_PROFILE_USER',
      'CMAKE_TOOLCHAIN_FILE',
      'CFLAGS',
      'ANSIBLE_CONFIG',
      'HELM_PLUGINS',
      'RSYNC_RSH',
      'RIPGREP_CONFIG_PATH',
      'MAVEN_ARGS',
      'SOME_TOOL_CONFIG',
      'SOME_TOOL_OPTS',
      'SOME_TOOL_HOME',
    ].map((name): [string, string, string] => ['export-variable', name, accepted.variable]),
    ['client-id', 'two words', accepted.credential],
    ['client-secret', 'half of it\nand the rest', accepted.credential],
    ['refresh-token', 'tokén', accepted.credential],
    ['github-token', 'a b', accepted.credential],
  ])('%s: %j', async (name, value, words) => {
    await using sandbox = await startSandbox()
    const message = expectFailure(sandbox, await sandbox.run({ with: { [name]: value } }), 'bad-input')
    expect(message).toContain(`Input "${name}" must be ${words}`)
    // The value itself is never repeated: it may be a secret in the wrong place.
    if (value.length > 12) expect(message).not.toContain(value)
    expect(message).toContain('Nothing was used')
    expect(sandbox.requests).toEqual([])
    expectNothingSpent(sandbox)
  })

  test('several at once are reported in one annotation', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { verify: 'maybe', 'retry-for': 'long', repository: 'x' } })
    const message = expectFailure(sandbox, result, 'bad-input')
    for (const name of ['verify', 'retry-for', 'repository'])
      expect(message).toContain(`Input "${name}" must be`)
    expect(sandbox.requests).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['environment', { environment: 'box', organization: 'octo-org' }],
    ['also-write-to', { 'also-write-to': 'dependabot', environment: 'box' }],
    ['also-write-to', { 'also-write-to': 'dependabot', organization: 'octo-org' }],
    [
      'resource',
      {
        scope: 'item_preview',
        resource: 'https://api.box.com/2.0/files/1',
        'shared-link': 'https://app.box.com/s/a',
      },
    ],
    ['access-token-secret-name', { 'access-token-secret-name': 'BOX_ACCESS_TOKEN', scope: 'item_preview' }],
  ])('%s excludes %j', async (name, inputs) => {
    await using sandbox = await startSandbox()
    const message = expectFailure(sandbox, await sandbox.run({ with: inputs }), 'bad-input')
    expect(message).toMatch(new RegExp(`Input "${name}" must be empty if "[a-z-]+" is given`))
    expect(sandbox.requests).toEqual([])
  })

  test('the access token needs a secret name of its own', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'access-token-secret-name': 'box_refresh_token' } })
    expect(expectFailure(sandbox, result, 'bad-input')).toContain('a different name from "secret-name"')
    expect(sandbox.requests).toEqual([])
  })

  test('a secret that was pasted with a trailing line break is accepted', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'refresh-token': `${sandbox.stored}\n` } })
    expect(result.exitCode).toBe(0)
  })

  test.each<[string, string]>([
    ['repository', ''],
    ['secret-name', ''],
    ['verify', ''],
    ['verify', 'FALSE'],
    ['retry-for', ''],
    ['summary', 'True'],
    ['environment', ''],
    ['github-api-url', ''],
    ['state-key', 'correct horse battery staple, ünd so weiter'],
  ])('%s: %j is accepted', async (name, value) => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { [name]: value } })
    expect(result.log).not.toContain('Error')
    expect(result.exitCode).toBe(0)
  })

  test('addresses may end with a slash', async () => {
    await using sandbox = await startSandbox()
    const urls = {
      'box-api-url': `${sandbox.boxServer.url}/`,
      'github-api-url': `${sandbox.githubServer.url}//`,
    }
    expect((await sandbox.run({ with: urls })).exitCode).toBe(0)
    expect(sandbox.violations).toEqual([])
  })
})

describe.concurrent('missing-secret', () => {
  test.each([['client-id'], ['client-secret'], ['refresh-token'], ['github-token']])('%s', async (name) => {
    await using sandbox = await startSandbox()
    const message = expectFailure(sandbox, await sandbox.run({ with: { [name]: '' } }), 'missing-secret')
    expect(message).toContain(`Input "${name}" is empty`)
    expect(sandbox.requests).toEqual([])
  })

  test('with the summary switched off, none is written', async () => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'refresh-token': '', summary: 'false' } })
    expectFailure(sandbox, result, 'missing-secret')
    expect(result.summary).toBe('')
  })

  test('all of them, as in a run from a fork', async () => {
    await using sandbox = await startSandbox()
    const nothing = { 'client-id': '', 'client-secret': '', 'refresh-token': ' ', 'github-token': '' }
    const message = expectFailure(sandbox, await sandbox.run({ with: nothing }), 'missing-secret')
    expect(message).toMatch(
      /Inputs "client-id", "client-secret", "refresh-token", "github-token" are empty\./,
    )
    expect(sandbox.requests).toEqual([])
  })

  test.each<[string, Record<string, string>, unknown, RegExp]>([
    [
      'a fork',
      { GITHUB_EVENT_NAME: 'pull_request' },
      { pull_request: { number: 1, head: { repo: { full_name: 'somebody/nightly', fork: true } } } },
      /because this run comes from a fork, and GitHub gives such runs no secrets/,
    ],
    [
      'a fork that was deleted',
      { GITHUB_EVENT_NAME: 'pull_request_review' },
      { pull_request: { number: 1, head: { repo: null } } },
      /because this run comes from a fork/,
    ],
    [
      'Dependabot',
      { GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'dependabot[bot]' },
      {},
      /because Dependabot started this run, which gets only Dependabot secrets.*`also-write-to: dependabot`/,
    ],
    [
      'a branch of the same repository',
      { GITHUB_EVENT_NAME: 'pull_request' },
      { pull_request: { number: 1, head: { repo: { full_name: 'octo-org/nightly', fork: false } } } },
      /Input "refresh-token" is empty\. Nothing was used/,
    ],
  ])('names the reason: %s', async (_name, env, event, words) => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ with: { 'refresh-token': '' }, env, event })
    expect(expectFailure(sandbox, result, 'missing-secret')).toMatch(words)
    expect(sandbox.requests).toEqual([])
  })
})

test.each([undefined, '/nowhere/output'])(
  'outside a workflow nothing is sent and no token is printed',
  async (file) => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ env: { GITHUB_OUTPUT: file } })
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toBe('')
    expect(result.errors).toHaveLength(1)
    expect(result.errors[0]?.message).toContain('GITHUB_OUTPUT does not name a writable file')
    expect(sandbox.requests).toEqual([])
  },
)

test.each([undefined, '/nowhere/env'])(
  'without a file for variables nothing is sent and no token is printed',
  async (file) => {
    await using sandbox = await startSandbox()
    const options = { with: { 'export-variable': 'BOX_ACCESS_TOKEN' }, env: { GITHUB_ENV: file } }
    const message = expectFailure(sandbox, await sandbox.run(options), 'bad-input')
    expect(message).toContain('GITHUB_ENV does not name a writable file')
    expect(sandbox.requests).toEqual([])
    // A run that exports nothing does not need the file.
    expect((await sandbox.run({ env: { GITHUB_ENV: file } })).exitCode).toBe(0)
  },
)
