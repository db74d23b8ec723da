/**
 * The sandbox of Box and GitHub in the background, for a job that uses the checked-out action (`uses: ./`).
 *
 * `node scripts/sandbox.ts start` starts it on loopback and prints what the action needs, as `name=value` lines. With
 * `--lag 4`, GitHub's reads show what was there up to four seconds ago.
 * `… check` asks it, at `CONTROL_URL`, whether the chain is alive and `ACCESS_TOKEN` is valid; exit code 1 if not.
 * `… stop` ends it; otherwise, it ends by itself after an hour.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { repository, Sandbox } from '../test/sandbox/sandbox.ts'

const lifetimeMs = 3_600_000

/** Starts the servers in a process of their own, and waits until they answer. */
async function start(): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', ...process.argv.slice(3)], {
    detached: true,
    // The caller waits for every stream that is held open by a process it started, however indirectly.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  })
  const [inputs] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [undefined]),
  ])) as [Readonly<Record<string, string>> | undefined]
  if (!inputs) throw new Error('The sandbox did not start; run `node scripts/sandbox.ts serve` to see why.')
  child.disconnect()
  child.unref()
  for (const [name, value] of Object.entries(inputs)) console.log(`${name}=${value}`)
}

/** The servers themselves, and one more that reports how things stand. */
async function serve(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { lag: { type: 'string', default: '0' } },
  })
  const sandbox = await Sandbox.start({ reading: 'strict', lagMs: Number(values.lag) * 1000 })
  const run = sandbox.github.queueRun(repository)
  const { GITHUB_REPOSITORY: realRepository, GITHUB_RUN_ID: realRun } = process.env
  if (realRepository !== undefined && realRun !== undefined) {
    // The run that this was started in, so that the action can see when it was queued.
    const id = Number(realRun)
    sandbox.github.addRepository(realRepository).runs.set(id, { ...run, id, repository: realRepository })
  }
  const end = setTimeout(() => process.exit(), lifetimeMs)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const accessToken = await text(request)
    if (request.url !== '/stop') {
      response.end(JSON.stringify(faultsOf(sandbox, accessToken)))
      return
    }
    clearTimeout(end)
    response.end()
    control.close()
    await sandbox.stop()
  }
  const control = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
  const { secrets } = sandbox.startJob()
  process.send?.({
    'client-id': secrets['BOX_CLIENT_ID'],
    'client-secret': secrets['BOX_CLIENT_SECRET'],
    'refresh-token': secrets['BOX_REFRESH_TOKEN'],
    'github-token': secrets['BOX_SECRETS_TOKEN'],
    repository,
    'box-api-url': sandbox.boxServer.url,
    'github-api-url': sandbox.githubServer.url,
    'control-url': `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
  })
}

/** What is not as it should be after a run with a refresh. */
function faultsOf(sandbox: Sandbox, accessToken: string): string[] {
  return [
    ...(sandbox.stored === sandbox.firstPair.refreshToken
      ? ['The secret still holds the first refresh token.']
      : []),
    ...(sandbox.box.takes(sandbox.stored) ? [] : ['Box does not accept the stored refresh token.']),
    ...(sandbox.box.accepts(accessToken)
      ? []
      : ['Box does not accept the access token that was handed out.']),
    ...sandbox.violations,
  ]
}

async function ask(path: '/check' | '/stop'): Promise<void> {
  const { CONTROL_URL: url = '', ACCESS_TOKEN: body = '' } = process.env
  const response = await fetch(`${url}${path}`, { method: 'POST', body })
  if (path === '/stop') return
  const faults = (await response.json()) as string[]
  for (const fault of faults) console.error(fault)
  if (faults.length === 0) console.log('The chain is alive, and the access token is valid.')
  process.exitCode = faults.length === 0 ? 0 : 1
}

const commands: Readonly<Record<string, () => Promise<void>>> = {
  start,
  serve,
  check: async () => ask('/check'),
  stop: async () => ask('/stop'),
}
const command = commands[process.argv[2] ?? '']
if (command) await command()
else {
  console.error('node scripts/sandbox.ts start | check | stop')
  process.exitCode = 1
}
