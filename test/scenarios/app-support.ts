/** Shared by the tests of `box-token login --github-app`: a person who creates an App, with requests for a browser. */
import appJwt from 'universal-github-app-jwt'
import { parse } from 'yaml'
import { expect } from 'vitest'
import type { StepResult } from '../sandbox/runner.ts'
import type { Manifest, ModelApp } from '../sandbox/apps.ts'
import { repository, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts'
import { emptySandbox, startLogin, type LogIn } from './login-support.ts'
import type { CliOptions } from '../sandbox/cli.ts'

/** A sandbox without secrets, in which a person may do everything that setting up an App takes. */
export async function appSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await emptySandbox(options)
  // An owner of the organization is signed in.
  sandbox.github.apps.signedIn = 'octocat'
  return sandbox
}

/** A `login` with an App that is in progress. */
export interface AppLogIn extends LogIn {
  /** Resolves with the address of the page that creates the App. */
  readonly appPage: Promise<string>
  /** Resolves with the address of GitHub's page that installs it. */
  readonly installPage: Promise<string>
}

/** Starts `box-token login --github-app`, without a write token. */
export async function startAppLogin(
  sandbox: Sandbox,
  { args = [], env = {}, ...options }: Partial<CliOptions> & { readonly port?: number } = {},
): Promise<AppLogIn> {
  const logIn = await startLogin(sandbox, {
    args: [...(args.some((arg) => arg.startsWith('--github-app')) ? [] : ['--github-app']), ...args],
    env: { BOX_SECRETS_TOKEN: undefined, ...env },
    ...options,
  })
  const found = (pattern: RegExp): Promise<string> => {
    const address = logIn.cli.until(pattern).then(([, one = '']) => one)
    address.catch(() => {})
    return address
  }
  return {
    ...logIn,
    appPage: found(/(http:\/\/localhost:\d+\/github-app\/[\w-]+)/),
    installPage: found(/(http:\S+apps\/[\w-]+\/installations\/new)/),
  }
}

/** A form on a page: its address and fields. */
export interface PageForm {
  readonly action: string
  readonly fields: URLSearchParams
}

/** The form of a page. */
export function formIn(html: string, base: string): PageForm {
  const action = unescaped(/<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? '')
  const fields = new URLSearchParams()
  for (const [, name = '', value = ''] of html.matchAll(/name="(\w+)" value="([^"]*)"/g)) {
    fields.append(name, unescaped(value))
  }
  return { action: new URL(action, base).href, fields }
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** The manifest in a form. */
export function manifestIn({ fields }: PageForm): Manifest {
  return JSON.parse(fields.get('manifest') ?? '') as Manifest
}

/** The person presses both buttons; returns the address that GitHub sends the browser to. */
export async function createApp(form: PageForm): Promise<string> {
  const headers = { 'user-agent': 'browser' }
  const page = await fetch(form.action, { method: 'POST', body: form.fields, headers })
  const second = formIn(await page.text(), form.action)
  const reply = await fetch(second.action, {
    method: 'POST',
    body: second.fields,
    headers,
    redirect: 'manual',
  })
  const location = reply.headers.get('location')
  if (location === null) throw new Error(`GitHub did not send the browser back: ${await reply.text()}`)
  return location
}

/** The person installs an App on GitHub's page. */
export async function installApp(address: string, on = repository): Promise<void> {
  const reply = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams({ repository: on }),
    headers: { 'user-agent': 'browser' },
  })
  if (!reply.ok) throw new Error(`the App could not be installed: ${await reply.text()}`)
}

/** The whole way up to Box: creates and installs the App; returns the page that follows its creation. */
export async function makeAndInstall(logIn: AppLogIn, on = repository): Promise<string> {
  const address = await logIn.appPage
  const form = formIn(await (await fetch(address)).text(), address)
  const page = await fetch(await createApp(form))
  const text = await page.text()
  expect(page.status, text).toBe(200)
  await installApp(await logIn.installPage, on)
  return text
}

interface PrintedJob {
  readonly environment?: string
  readonly steps: readonly {
    readonly id?: string
    readonly uses: string
    readonly with: Readonly<Record<string, string | boolean>>
  }[]
}

/**
 * Runs the workflow that was printed, as GitHub would: `actions/create-github-app-token` with what the job has access
 * to, then the action with the token from that, which ends with the job.
 */
export async function runPrintedWithApp(
  sandbox: Sandbox,
  text: string,
  name = repository,
): Promise<StepResult> {
  const { box } = (parse(text) as { jobs: { box: PrintedJob } }).jobs
  const job = sandbox.github.startJob(sandbox.github.queueRun(name), box.environment)
  const variables = sandbox.github.variablesOf(name, box.environment)
  const outputs = new Map<string, string>()
  const value = (given: string | boolean): string =>
    String(given).replace(
      /^\$\{\{ (secrets|vars|steps)\.([\w.]+) \}\}$/,
      (_all, kind: string, key: string) => {
        if (kind === 'secrets') return job.secrets[key] ?? ''
        return (kind === 'vars' ? variables[key] : outputs.get(key)) ?? ''
      },
    )
  const [first, second] = box.steps
  expect(first?.uses).toMatch(/^actions\/create-github-app-token@[0-9a-f]{40}$/)
  const token = await appToken(sandbox, name, (input) => value(first?.with[input] ?? ''), first?.with ?? {})
  outputs.set(`${first?.id}.outputs.token`, token)
  const inputs = Object.entries(second?.with ?? {}).map(([input, given]) => [input, value(given)])
  const result = await sandbox.run({
    job,
    with: { 'github-token': '', ...Object.fromEntries(inputs) } as Record<string, string>,
  })
  // The post step of `actions/create-github-app-token` revokes the token.
  await ask(sandbox, 'DELETE', '/installation/token', token)
  return result
}

/** What `actions/create-github-app-token` does with its inputs. */
async function appToken(
  sandbox: Sandbox,
  name: string,
  input: (name: string) => string,
  given: Readonly<Record<string, string | boolean>>,
): Promise<string> {
  const { token: jwt } = await appJwt({
    id: input('client-id'),
    privateKey: input('private-key'),
    now: Math.floor(sandbox.clock.now() / 1000),
  })
  const owner = input('owner')
  const where = owner === '' ? `/repos/${name}/installation` : `/orgs/${owner}/installation`
  const { id } = (await ask(sandbox, 'GET', where, jwt)) as { id: number }
  const asked = Object.entries(given)
    .filter(([key]) => key.startsWith('permission-'))
    .map(([key, level]) => [key.slice('permission-'.length).replaceAll('-', '_'), level])
  const permissions = asked.length === 0 ? undefined : (Object.fromEntries(asked) as Record<string, unknown>)
  const issued = await ask(sandbox, 'POST', `/app/installations/${id}/access_tokens`, jwt, { permissions })
  return (issued as { token: string }).token
}

async function ask(
  sandbox: Sandbox,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<unknown> {
  const reply = await fetch(`${sandbox.githubServer.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'actions/create-github-app-token' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** The only App that exists. */
export function theApp(sandbox: Sandbox): ModelApp {
  const [app, ...others] = sandbox.github.apps.made
  if (!app || others.length > 0) throw new Error('there is not exactly one App')
  return app
}

/** The texts contain no line of the App's key. */
export function expectNoKey(sandbox: Sandbox, ...texts: readonly string[]): void {
  for (const { privateKey, clientSecret } of sandbox.github.apps.made) {
    const lines = privateKey.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))
    for (const text of texts) {
      for (const line of [...lines, clientSecret]) expect(text.includes(line), text).toBe(false)
    }
  }
}
