/** Shared by the tests of `box-token login`: an empty repository, and a person with a browser. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import { Cli, type CliOptions, type CliResult } from '../sandbox/cli.ts'
import { freePort } from '../sandbox/ports.ts'
import { repository, Sandbox, writeToken, type SandboxOptions } from '../sandbox/sandbox.ts'
import { secretsOf } from './support.ts'

/** The token of the person who sets things up. */
export const loginToken = 'github_pat_11BBBBBBB0sandbox_mayDoEverythingThatALogInNeeds'

/** A sandbox whose repository has no secrets yet. */
export async function emptySandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await Sandbox.start({ skipsPauses: true, ...options })
  sandbox.store.secrets.clear()
  for (const { secrets } of sandbox.github.repositories.values()) secrets.secrets.clear()
  sandbox.github.tokens.set(loginToken, {
    kind: 'fine-grained',
    permissions: {
      secrets: 'write',
      environments: 'write',
      actions: 'read',
      administration: 'write',
      organization_secrets: 'write',
      variables: 'write',
      organization_variables: 'write',
    },
  })
  return sandbox
}

/** A `login` that is in progress. */
export interface LogIn {
  readonly cli: Cli
  readonly port: number
  /** The redirect URI. */
  readonly callback: string
  /** Resolves with the address to sign in at. */
  readonly address: Promise<string>
}

/** Starts `box-token login` against a sandbox, with a port that is registered for the app. */
export async function startLogin(
  sandbox: Sandbox,
  { args = [], env = {}, ...options }: Partial<CliOptions> & { readonly port?: number } = {},
): Promise<LogIn> {
  const port = options.port ?? (await freePort())
  const callback = `http://localhost:${port}/callback`
  sandbox.box.redirectUris.add(callback)
  const cli = await Cli.start({
    args: [
      'login',
      ...(args.includes('--organization') ? [] : ['--repo', repository]),
      `--port=${port}`,
      `--box-api-url=${sandbox.boxServer.url}`,
      `--box-account-url=${sandbox.boxServer.url}`,
      `--github-api-url=${sandbox.githubServer.url}`,
      ...args,
    ],
    env: {
      BOX_CLIENT_ID: sandbox.box.clientId,
      BOX_CLIENT_SECRET: sandbox.box.clientSecret,
      BOX_SECRETS_TOKEN: writeToken,
      GITHUB_TOKEN: loginToken,
      // While a person sets up a GitHub App, GitHub is polled every other second, for minutes: pauses must be real.
      ...(args.some((arg) => arg.startsWith('--github-app')) ? {} : sandbox.skippingPauses),
      ...env,
    },
    ...options,
  })
  // The command may end without ever showing an address.
  const address = cli.until(/http\S+\/api\/oauth2\/authorize\?[\w%.&=-]+/).then(([found]) => found)
  address.catch(() => {})
  return { cli, port, callback, address }
}

/** The person presses a button on Box's page; returns the address that Box sends the browser to. */
export async function decide(address: string, decision: 'grant' | 'deny' = 'grant'): Promise<string> {
  const page = await (await fetch(address)).text()
  const form = new URLSearchParams({ decision })
  for (const [, name = '', value = ''] of page.matchAll(/name="(\w+)" value="([^"]*)">/g)) {
    if (!form.has(name)) form.set(name, value)
  }
  const reply = await fetch(address.split('?')[0] ?? '', { method: 'POST', body: form, redirect: 'manual' })
  const location = reply.headers.get('location')
  if (location === null) throw new Error(`Box did not send the browser back: ${await reply.text()}`)
  return location
}

/** The whole way of a browser; returns the page that it ends on. */
export async function goThrough(
  logIn: LogIn,
  decision: 'grant' | 'deny' = 'grant',
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const reply = await fetch(await decide(await logIn.address, decision))
  return { status: reply.status, text: await reply.text(), headers: reply.headers }
}

/** There is no secret in anything that a person or a script sees. */
export function expectNothingLeaked(sandbox: Sandbox, ...texts: readonly string[]): void {
  for (const secret of [...secretsOf(sandbox), loginToken]) {
    for (const form of encodedForms(secret)) {
      for (const text of texts) expect(text.includes(form), text).toBe(false)
    }
  }
}

/** The command failed: exit code 1, one line of its own at the end, nothing on standard output. */
export function expectRefused(sandbox: Sandbox, result: CliResult, words: RegExp): void {
  const last = result.stderr.trimEnd().split('\n').at(-1) ?? ''
  expect(last).toMatch(/^box-token: /)
  expect(last).toMatch(words)
  expect([result.exitCode, result.stdout]).toEqual([1, ''])
  expectNothingLeaked(sandbox, result.stderr)
}

/** What was written, in order: the last parts of the paths. */
export function written(sandbox: Sandbox): string[] {
  return sandbox.record
    .filter(({ label }) => label === 'write' || label === 'create environment')
    .map(({ request }) => request.target.replace(/^.*\//, ''))
}

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** A folder that is deleted after the tests of this file. */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `box-token-${name}-`))
  folders.push(folder)
  return folder
}

/** A program that replaces the browser's opener, and records its arguments and environment. */
export async function fakeOpener(): Promise<{ env: Record<string, string>; opened: () => Promise<string> }> {
  const folder = await temporaryFolder('opener')
  const note = join(folder, 'opened')
  const file = join(folder, 'xdg-open')
  await writeFile(
    file,
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${note}.part"\nenv >> "${note}.part"\nmv "${note}.part" "${note}"\n`,
  )
  await chmod(file, 0o755)
  const opened = async (): Promise<string> => {
    try {
      return await readFile(note, 'utf8')
    } catch {
      return ''
    }
  }
  return { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, DISPLAY: ':0' }, opened }
}
