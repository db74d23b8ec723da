/** However long `retry-for` is, the post step prints the recovery text before GitHub ends a cancelled job. */
import { expect, test } from 'vitest'
import { StepJournal } from '../../../src/journal/journal.ts'
import { runPost } from '../../../src/action/post-step.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'
import { played, RunnerClock, Scheduler } from '../../simulation/virtual.ts'

/**
 * How long GitHub lets a cancelled job run, including its post steps ("Workflow cancellation reference"), in seconds.
 */
const cancelledJobSeconds = 300

/** A request to GitHub. */
interface Question {
  readonly what: 'key' | 'look' | 'write' | 'state' | 'publish' | 'claims' | 'claim' | 'delete'
  /** Seconds since the step began. */
  readonly at: number
}

/** How GitHub reacts: an answer after this many seconds, or none at all. */
type Behaviour = (
  question: Question,
) => { readonly afterSeconds: number; readonly status: number } | 'no answer'

const clientSecret = 'client-secret-of-thirty-two-chars'

/** The post step under a virtual clock: seconds until it ended, and what it printed. */
async function play(
  retryFor: number,
  behaviour: Behaviour,
  shared = false,
): Promise<{ seconds: number; lines: string[]; errors: string[] }> {
  await sealingReady()
  const scheduler = new Scheduler()
  const state = new Map<string, string>()
  const lines: string[] = []
  const errors: string[] = []
  const ignore = (): void => {}
  const journal = new StepJournal({
    save: (name, value) => state.set(name, value),
    secrets: { clientSecret, stateKey: undefined },
    target: {
      clientId: 'client-id',
      githubApiUrl: 'https://api.github.com',
      owner: 'octo-org',
      repo: 'nightly',
      environment: undefined,
      organization: undefined,
      secretName: 'BOX_REFRESH_TOKEN',
      stateVariable: shared ? 'BOX_STATE' : undefined,
    },
    retryFor,
    summary: false,
    printRecovery: ignore,
    narrator: { mask: ignore, info: ignore, warning: ignore, waiting: ignore, foreign: (text) => text },
  })
  const issued = { refreshToken: 'refresh-token', access: undefined, before: undefined, over: [] }
  if (shared) journal.issuedShared({ ...issued, secretUpdatedAt: 0, baseline: 0 })
  else journal.issued('refresh-token', { conflictAfter: 0 })
  const inputs: Record<string, string> = { 'client-secret': clientSecret, 'github-token': 'github-token' }
  const over = runPost({
    runner: {
      setSecret: ignore,
      setOutput: ignore,
      exportVariable: ignore,
      info: (line) => lines.push(line),
      warning: (line) => lines.push(String(line)),
      error: (line) => errors.push(String(line)),
      summary: undefined as never,
    },
    getInput: (name) => inputs[name] ?? '',
    getState: (name) => state.get(name) ?? '',
    variables: {},
    fetch: (input, init) =>
      new Promise((resolve) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input)
        const body = typeof init?.body === 'string' ? init.body : ''
        const what = questionIn(init?.method ?? 'GET', pathname, body)
        const answer = behaviour({ what, at: scheduler.now / 1000 })
        if (answer === 'no answer') return
        const { afterSeconds, status } = answer
        const reply = new Response(status === 204 ? null : JSON.stringify(bodyFor(what, status)), {
          status,
          headers: { 'content-type': 'application/json', date: new Date(scheduler.now).toUTCString() },
        })
        scheduler.after(afterSeconds * 1000, () => resolve(reply))
      }),
    proxies: [],
    proxySecrets: [],
    clock: new RunnerClock(scheduler, 0),
    random: () => 0.5,
    interrupted: new AbortController().signal,
  })
  await played(scheduler, over)
  return { seconds: scheduler.now / 1000, lines, errors }
}

function questionIn(method: string, path: string, body: string): Question['what'] {
  if (path.endsWith('/public-key')) return 'key'
  if (path.includes('/secrets/')) return method === 'PUT' ? 'write' : 'look'
  if (method === 'DELETE') return 'delete'
  if (method === 'GET') return path.endsWith('/variables') ? 'claims' : 'state'
  return body.includes('_CLAIM_') ? 'claim' : 'publish'
}

/** A secret that nobody has written, a key, no variables. */
function bodyFor(what: Question['what'], status: number): unknown {
  if (status >= 300) return { message: 'no' }
  if (what === 'claims') return { total_count: 0, variables: [] }
  return { updated_at: '1970-01-01T00:00:00Z', key_id: '1', key: Buffer.alloc(32, 9).toString('base64') }
}

const endings: readonly (readonly [string, Behaviour])[] = [
  ['never answers', () => 'no answer'],
  ['answers 503', () => ({ afterSeconds: 0.1, status: 503 })],
  ['answers 503 after 29 s each', () => ({ afterSeconds: 29, status: 503 })],
  [
    'rejects writes, and answers 19 s late',
    ({ what }) => ({ afterSeconds: 19, status: what === 'write' ? 503 : 200 }),
  ],
  [
    'answers only reads of the secret',
    ({ what }) => (what === 'look' ? { afterSeconds: 1, status: 200 } : 'no answer'),
  ],
  [
    'recovers late, and rejects writes',
    ({ what, at }) => ({ afterSeconds: 0.1, status: what === 'write' || at < 50 ? 503 : 200 }),
  ],
]

test.each(endings)('GitHub %s: the recovery text is printed in time', async (_name, behaviour) => {
  const { seconds, lines, errors } = await play(3600, behaviour)
  expect(lines).toContainEqual(expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/))
  expect(errors).toHaveLength(1)
  expect(seconds).toBeLessThan(cancelledJobSeconds - 20)
})

test.each(endings)(
  'GitHub %s: a shorter retry-for limits reads and writes together',
  async (_name, behaviour) => {
    const { seconds, lines } = await play(60, behaviour)
    expect(lines).toContainEqual(expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/))
    // One request that was sent in time may take its third of the time.
    expect(seconds).toBeLessThanOrEqual(60 + 20)
    expect(seconds).toBeGreaterThanOrEqual(60)
  },
)

const ready: Readonly<Partial<Record<Question['what'], number>>> = {
  state: 404,
  claims: 200,
  claim: 201,
  delete: 204,
}

test.each<readonly [string, Behaviour]>([
  ['never answers', () => 'no answer'],
  ['answers 503', () => ({ afterSeconds: 0.1, status: 503 })],
  ['rejects the state', ({ what }) => ({ afterSeconds: 0.1, status: ready[what] ?? 503 })],
  [
    'rejects the state, and answers 19 s late',
    ({ what }) => ({ afterSeconds: 19, status: ready[what] ?? 503 }),
  ],
  [
    'recovers late, and rejects the state',
    ({ what, at }) => ({ afterSeconds: 0.1, status: at < 200 ? 503 : (ready[what] ?? 503) }),
  ],
])('GitHub %s, with a shared state: the recovery text is printed in time', async (_name, behaviour) => {
  const { seconds, lines, errors } = await play(3600, behaviour, true)
  expect(lines).toContainEqual(expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/))
  expect(errors).toHaveLength(1)
  expect(seconds).toBeLessThan(cancelledJobSeconds - 20)
})
