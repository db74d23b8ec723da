/**
 * The benchmark's sandboxes, in a process of their own, so that they don't share a thread with what measures. Talks to
 * `Servers` over the channel between the two processes.
 */
import { rm } from 'node:fs/promises'
import { readyStep } from '../../test/sandbox/runner.ts'
import { repository, Sandbox, writeToken } from '../../test/sandbox/sandbox.ts'
import type { Asked, Counted, Started } from './servers-client.ts'

const hourMs = 3_600_000
const sharing = { 'state-variable': 'BOX_STATE' }

/** One sandbox is for jobs that share a token, the other for jobs that do not. */
const options = { reading: 'strict', checksDescriptions: false } as const
const alone = await Sandbox.start(options)
const shared = await Sandbox.start(options)
let sandbox = alone
/** The state that the last run without sharing left for its post step. */
let state: Readonly<Record<string, string>> = {}

async function ready({ scenario, latencyMs }: Extract<Asked, { ask: 'ready' }>): Promise<Started> {
  sandbox = scenario === 'refresh' || scenario === 'post' || scenario === 'floor' ? alone : shared
  // Past the second of the last write (GitHub's times are in whole seconds); past expiry if the token has to be old.
  sandbox.clock.advance(scenario === 'shared refresh' ? 2 * hourMs : 2_000)
  for (const server of [sandbox.boxServer, sandbox.githubServer]) server.latencyMs = latencyMs
  if (scenario === 'post' && Object.keys(state).length === 0) {
    const { exitCode, state: left } = await sandbox.run()
    if (exitCode !== 0) throw new Error('the run whose post step is measured failed')
    state = left
  }
  const step = sandbox.step({ with: sandbox === shared ? sharing : {} })
  const made = await readyStep(scenario === 'post' ? 'post' : 'main', step, scenario === 'post' ? state : {})
  sandbox.record.length = 0
  const env = Object.fromEntries(
    Object.entries(made.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const [owner, name] = repository.split('/')
  const url = `${sandbox.githubServer.url}/repos/${owner}/${name}/actions/secrets/public-key`
  return { file: made.file, cwd: made.cwd, env, floor: { FLOOR_URL: url, FLOOR_TOKEN: writeToken } }
}

function counted(): Counted {
  const { record } = sandbox
  // In a row: each of these was sent after the one before was answered.
  let inARow = 0
  let answeredAt = -Infinity
  const byEnd = record.toSorted((one, other) => (one.answeredAt ?? Infinity) - (other.answeredAt ?? Infinity))
  for (const request of byEnd) {
    if (request.arrivedAt < answeredAt) continue
    inARow += 1
    answeredAt = request.answeredAt ?? Infinity
  }
  const underWay = (moment: number): number =>
    record.filter((one) => one.arrivedAt <= moment && moment < (one.answeredAt ?? Infinity)).length
  const atOnce = Math.max(0, ...record.map(({ arrivedAt }) => underWay(arrivedAt)))
  const requests = record.map(({ service, label, request: { method } }) => ({ service, label, method }))
  return { requests, inARow, atOnce, alive: sandbox.box.takes(sandbox.stored) }
}

process.on('message', (asked: Asked) => {
  const answer = async (): Promise<Started | Counted> => {
    if (asked.ask === 'ready') return ready(asked)
    await rm(asked.cwd, { recursive: true, force: true })
    return counted()
  }
  answer().then(
    (message) => process.send?.(message),
    (error: unknown) => {
      process.send?.({ problem: String(error) })
    },
  )
})
process.once('disconnect', () => void Promise.all([alone.stop(), shared.stop()]))
process.send?.('listening')
