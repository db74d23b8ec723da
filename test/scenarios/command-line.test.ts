/** What all commands of `box-token` have in common. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { recoveryText } from '../../src/journal/journal.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { Cli, hasTerminal, runCli, runtimes } from '../sandbox/cli.ts'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  version: string
}

describe.each(runtimes())('on Node.js %s', (_version, node) => {
  test.each([
    [['--help'], /^Usage: box-token <command>[^]*recover[^]*Exit codes: 0 done[^]*130 or 143/],
    [['--version'], new RegExp(`^${manifest.version}\\n$`)],
    [['login', '--help'], /^Usage: box-token login \[flags\][^]*BOX_SECRETS_TOKEN[^]*--no-browser[^]*--json/],
    [['recover', '--help'], /^Usage: box-token recover \[flags\][^]*BOX_CLIENT_SECRET[^]*--force[^]*--json/],
  ])('%s prints help, and nothing else', async (args, words) => {
    const result = await runCli({ args, node })
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.stdout).toMatch(words)
    for (const line of result.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test.each<[string, string[], RegExp]>([
    ['no command', [], /^box-token: give a command: login, doctor, recover\n$/],
    ['an unknown command', ['refresh'], /^box-token: unknown command; see box-token --help\n$/],
    [
      'a mistyped command',
      ['logn', '--repo', 'a/b'],
      /^box-token: unknown command \(did you mean login\?\); see box-token --help\n$/,
    ],
    [
      'a mistyped flag',
      ['login', '--rep', 'a/b'],
      /^box-token: unknown option '--rep' \(Did you mean --repo\?\)\n$/,
    ],
    ['a secret in place of a command', ['s3cret'], /^box-token: unknown command; see/],
    ['an unknown flag', ['recover', '--token'], /^box-token: unknown option '--token'\n$/],
    ['a missing value', ['recover', '--repo'], /^box-token: option '--repo <owner\/name>' .* missing\n$/],
    [
      'an address without TLS',
      ['recover', '--repo', 'a/b', '--github-api-url', 'http://example.com'],
      /^box-token: --github-api-url is not valid\n$/,
    ],
    ['an argument', ['recover', 's3cret'], /^box-token: a command takes only flags, and never credentials/],
    [
      'a secret as a flag',
      ['recover', '--client-secret=s3cret'],
      /^box-token: unknown option '--client-secret'\n$/,
    ],
    [
      'an invalid variable',
      ['recover', '--repo', 'a/b', '--state-variable', 'GITHUB_STATE'],
      /^box-token: --state-variable is not valid\n$/,
    ],
  ])('%s is reported in one line, on standard error', async (_what, args, words) => {
    const result = await runCli({ args, env: { BOX_CLIENT_ID: 'app' }, node })
    expect([result.exitCode, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(words)
    expect(result.stderr).not.toContain('s3cret')
    expect(result.stderr.trimEnd()).not.toContain('\n')
  })

  test.each(['0', '1'])('says so if it cannot use the proxy (NODE_USE_ENV_PROXY=%s)', async (useProxy) => {
    const knows = spawnSync(node, ['-p', "'setGlobalProxyFromEnv' in require('node:http')"], {
      encoding: 'utf8',
    })
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: useProxy }
    const { stderr } = await runCli({ args: ['--help'], env, node })
    // No release is tested here that knows the variable but not the function.
    if (knows.stdout === 'true\n') expect(stderr).toBe('')
    else
      expect(stderr).toMatch(/^Warning: This version of Node\.js \([\d.]+\) does not use proxies by itself/)
  })

  test('without a terminal it asks nothing, and names what is missing', async () => {
    const args = ['recover', '--repo', 'octo-org/nightly']
    for (const [env, missing] of [
      [{}, 'BOX_CLIENT_ID and BOX_CLIENT_SECRET'],
      [{ BOX_CLIENT_ID: 'app' }, 'BOX_CLIENT_SECRET'],
    ] as const) {
      const result = await runCli({ args, env, node })
      expect(result).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: `box-token: set ${missing} in the environment\n`,
      })
    }
  })
})

test('a recovery text of jobs that share a token is refused before any request', async () => {
  await sealingReady()
  const target = {
    clientId: 'app',
    githubApiUrl: 'http://127.0.0.1:9',
    owner: 'octo-org',
    repo: 'nightly',
    environment: undefined,
    organization: undefined,
    secretName: 'BOX_REFRESH_TOKEN',
    stateVariable: 'BOX_STATE',
  }
  const secrets = { clientSecret: 'app-secret', stateKey: undefined }
  const result = await runCli({
    args: ['recover', '--repo', 'octo-org/nightly'],
    env: { BOX_CLIENT_ID: 'app', BOX_CLIENT_SECRET: 'app-secret', GITHUB_TOKEN: 'github_pat_11' },
    input: recoveryText(secrets, {
      refreshToken: 'never-to-be-seen',
      baseline: 1,
      target,
      shared: undefined,
    }),
  })
  expect([result.exitCode, result.stdout]).toEqual([1, ''])
  expect(result.stderr).toMatch(
    /^box-token: this text comes from jobs that share a token .* BOX_STATE: give --state-variable BOX_STATE\n$/,
  )
})

describe.skipIf(!hasTerminal).each(runtimes())('at a terminal, on Node.js %s', (_version, node) => {
  const args = ['recover', '--repo', 'octo-org/nightly']

  test('missing values are asked for, a secret at a hidden prompt', async () => {
    const cli = await Cli.start({ args, node, terminal: true })
    await cli.until(/Client id/)
    cli.write('app-of-mine\r')
    await cli.until(/Client secret/)
    cli.write('with space\r')
    await cli.until(/This contains spaces/)
    cli.write('\u0015never-to-be-seen\r')
    await cli.until(/Recovery text/)
    cli.write('box-token-recovery.v1.AAAA\r')
    const result = await cli.done
    expect(result.exitCode).toBe(1)
    expect(result.stdout).toContain('app-of-mine')
    expect(result.stdout).toContain('the recovery text cannot be opened')
    expect(result.stdout).not.toMatch(/never-to-be|seen/)
    // The cursor is visible again.
    expect(result.stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(result.stdout.lastIndexOf('\u001b[?25l'))
  })

  test.each([
    ['typed', '\u0003'],
    ['sent', 'SIGINT'],
  ])('Ctrl-C (%s) ends a question with one line and 130', async (how, key) => {
    const cli = await Cli.start({ args, env: { BOX_CLIENT_ID: 'app' }, node, terminal: true })
    await cli.until(/Client secret/)
    if (how === 'typed') cli.write(key)
    else cli.kill('SIGINT')
    const result = await cli.done
    expect(result.stdout).toContain('box-token: interrupted. Nothing was written.')
    expect(result.exitCode).toBe(130)
  })

  test('NO_COLOR: no colors', async () => {
    // oxlint-disable-next-line no-control-regex
    const colours = /\u001b\[[\d;]*m/
    for (const [env, coloured] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const cli = await Cli.start({ args, env, node, terminal: true })
      await cli.until(/Client id/)
      cli.write('\u0003')
      const result = await cli.done
      expect(colours.test(result.stdout)).toBe(coloured)
    }
  })
})
