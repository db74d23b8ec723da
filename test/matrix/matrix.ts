/**
 * Every request of a run, with every fault for as long as the main step runs, under every reading of Box's rules: what
 * becomes of the token? On the bundle, in child processes.
 */
import { openRecovery } from '../../src/journal/journal.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readings, type Reading } from '../sandbox/box.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { runPostStep, runStep, type StepResult } from '../sandbox/runner.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import type { LocalServer } from '../sandbox/server.ts'

/** A request of a run: which server, which of its requests with that label. */
export interface Asked {
  readonly name: string
  readonly server: 'box' | 'github'
  readonly label: string
  /** How many requests with this label come before it. */
  readonly skip: number
  /**
   * The requests that arrive before it, in this order, in main and in post; none: it is among the first, which are sent
   * together. A server that refuses connections goes down while the last of these is being answered.
   */
  readonly after?: { readonly main?: readonly string[]; readonly post?: readonly string[] }
}

/** The requests of a run, in order. */
export const requests: readonly Asked[] = [
  {
    name: 'GitHub: public key',
    server: 'github',
    label: 'key',
    skip: 0,
    after: { post: ['github metadata'] },
  },
  { name: 'GitHub: look at the secret', server: 'github', label: 'metadata', skip: 0 },
  { name: 'GitHub: write probe', server: 'github', label: 'probe', skip: 0 },
  { name: 'GitHub: look at the run', server: 'github', label: 'run', skip: 0 },
  { name: 'Box: refresh', server: 'box', label: 'token', skip: 0 },
  {
    name: 'GitHub: check before the write',
    server: 'github',
    label: 'metadata',
    skip: 1,
    after: { main: ['box token'] },
  },
  {
    name: 'GitHub: write',
    server: 'github',
    label: 'write',
    skip: 0,
    after: { main: ['box token', 'github metadata'], post: ['github key', 'github metadata'] },
  },
  { name: 'Box: verify', server: 'box', label: 'user', skip: 0, after: { main: ['github write'] } },
]

/** What goes wrong with a request; `refuse`: its server no longer accepts connections. */
export type MatrixFault = Fault | { readonly kind: 'refuse' }

/** What goes wrong. */
export const faults: Readonly<Record<string, MatrixFault>> = {
  'connection refused': { kind: 'refuse' },
  'reset before the server acts': { kind: 'reset-before' },
  'reset after it acted': { kind: 'reset-after' },
  'no answer, nothing done': { kind: 'hang-before' },
  'no answer, but done': { kind: 'hang-after' },
  '500': { kind: 'reply', reply: replies.status(500) },
  '502 with HTML': { kind: 'reply', reply: replies.status(502) },
  '503': { kind: 'reply', reply: replies.status(503) },
  '503 after it acted': { kind: 'replace', replace: () => replies.status(503) },
  '429': { kind: 'reply', reply: replies.tooManyRequests() },
  '429 with Retry-After': { kind: 'reply', reply: replies.tooManyRequests('1') },
  '403 rate limit': { kind: 'reply', reply: replies.secondaryRateLimit({ 'retry-after': '1' }) },
  'answer cut off': { kind: 'cut-off' },
  'wrong JSON types': {
    kind: 'replace',
    replace: ({ status }) => ({
      status,
      body: {
        access_token: 1,
        refresh_token: 2,
        expires_in: 'x',
        key: 3,
        key_id: 4,
        updated_at: 5,
        created_at: 6,
        id: 7,
      },
    }),
  },
  'huge answer': { kind: 'replace', replace: () => ({ status: 200, body: 'x'.repeat(3_000_000) }) },
  redirect: { kind: 'reply', reply: replies.redirect('http://127.0.0.1:9/elsewhere') },
}

/** What became of the token. */
export type Outcome =
  | 'run succeeded'
  | 'nothing spent'
  | 'old pair still good'
  | 'stored, run failed'
  | 'post: stored'
  | 'post: recovery text'
  | 'gone with the answer'
  | 'LOST'

/** One cell: main with the fault, then post while the fault lasts, then post when it is over. */
export interface Cell {
  readonly request: string
  readonly fault: string
  readonly reading: Reading
  /** After main, and a post step that meets the same fault. */
  readonly whileItLasts: Outcome
  /** After a post step once the fault is over. */
  readonly onceItIsOver: Outcome
  readonly results: readonly StepResult[]
  /** What reached the servers in main once connections were refused; `undefined`: none were. */
  readonly afterRefusal: readonly string[] | undefined
  readonly secrets: readonly string[]
  /** The machine was too slow for the short time-outs: the fault did not occur, or another request got no answer. */
  readonly disturbed: boolean
}

/** Plays one cell. */
export async function playCell(
  asked: Asked,
  faultName: string,
  fault: MatrixFault,
  reading: Reading,
): Promise<Cell> {
  await sealingReady()
  await using sandbox = await Sandbox.start({ reading })
  const step = sandbox.step({ with: { 'retry-for': '1', verify: 'true' }, env: { RUNNER_DEBUG: '1' } })
  const refusal = startFault(sandbox, asked, fault, 'main')
  const main = await runStep(step)
  const met =
    fault.kind === 'refuse'
      ? refusal.since !== undefined
      : sandbox.record.some((request) => request.fault === fault.kind)
  const afterRefusal = refusal.since === undefined ? undefined : sandbox.requests.slice(refusal.since)
  await endFault(sandbox, asked)
  startFault(sandbox, asked, fault, 'post')
  const post = await runPostStep(step, main.state)
  const ended = { exitCode: main.exitCode, hasJournal: main.state['journal'] !== undefined }
  const whileItLasts = outcome(sandbox, ended, post.log)
  await endFault(sandbox, asked)
  const later = await runPostStep(step, main.state)
  const onceItIsOver = outcome(sandbox, ended, later.log)
  const tokens = sandbox.box.pairs.flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])
  const hangs = fault.kind === 'hang-before' || fault.kind === 'hang-after'
  const slow = !hangs && [main, post, later].some(({ log }) => log.includes('no answer within'))
  return {
    request: asked.name,
    fault: faultName,
    reading,
    whileItLasts,
    onceItIsOver,
    results: [main, post, later],
    afterRefusal,
    secrets: [sandbox.box.clientSecret, ...tokens],
    disturbed: slow || !met,
  }
}

function serverOf({ boxServer, githubServer }: Sandbox, server: Asked['server']): LocalServer {
  return server === 'box' ? boxServer : githubServer
}

/**
 * From now on, the request meets the fault every time.
 *
 * @returns how many requests had arrived when connections began to be refused, as soon as they are
 */
function startFault(
  sandbox: Sandbox,
  asked: Asked,
  fault: MatrixFault,
  step: 'main' | 'post',
): { readonly since: number | undefined } {
  const server = serverOf(sandbox, asked.server)
  const refusal: { since: number | undefined } = { since: undefined }
  if (fault.kind !== 'refuse') {
    // In post, the check before the write is the first look at the secret that matters.
    server.faults.add(asked.label, fault, { skip: step === 'main' ? asked.skip : 0 })
    return refusal
  }
  const refuse = (): void => {
    server.refuse()
    refusal.since = sandbox.requests.length
  }
  server.keepsConnections = false
  const awaited = [...(asked.after?.[step] ?? [])]
  if (awaited.length === 0) refuse()
  for (const name of ['box', 'github'] as const) {
    serverOf(sandbox, name).onRequest = (label) => {
      if (awaited[0] !== `${name} ${label}`) return
      awaited.shift()
      if (awaited.length === 0) refuse()
    }
  }
  return refusal
}

async function endFault(sandbox: Sandbox, asked: Asked): Promise<void> {
  const server = serverOf(sandbox, asked.server)
  server.faults.clear()
  for (const one of [sandbox.boxServer, sandbox.githubServer]) one.onRequest = () => {}
  await server.accept()
}

/** What became of the token, with or without the bundle, after a main step and a post step. */
export function outcome(
  { box, stored, firstPair }: Pick<Sandbox, 'box' | 'stored' | 'firstPair'>,
  main: { readonly exitCode: number | null | undefined; readonly hasJournal: boolean },
  postLog: string,
): Outcome {
  const alive = box.takes(stored)
  if (main.exitCode === 0) return alive ? 'run succeeded' : 'LOST'
  const rotated = stored !== firstPair.refreshToken
  if (alive && rotated) return postLog === '' ? 'stored, run failed' : 'post: stored'
  const text = /^box-token-recovery\.[\w.-]+$/m.exec(postLog)?.[0]
  if (text !== undefined) {
    const secrets = { clientSecret: box.clientSecret, stateKey: undefined }
    const opened = openRecovery('recovery', secrets, box.clientId, text)
    if (!('problem' in opened) && box.takes(opened.refreshToken)) return 'post: recovery text'
  }
  if (alive) return box.pairs.length === 1 ? 'nothing spent' : 'old pair still good'
  // A journal is written as soon as an answer from Box has arrived.
  return !main.hasJournal && box.pairs.length > 1 ? 'gone with the answer' : 'LOST'
}

/** How often to replay a cell in which the machine was too slow. */
const mostReplays = 20

async function playUndisturbed(...[asked, name, fault, reading]: Parameters<typeof playCell>): Promise<Cell> {
  for (let replays = 0; ; replays += 1) {
    const cell = await playCell(asked, name, fault, reading)
    if (!cell.disturbed) return cell
    if (replays === mostReplays) throw new Error(`this machine is too slow for ${asked.name}, ${name}`)
  }
}

/** Plays all cells, several at a time. */
export async function playMatrix(atOnce = 8): Promise<Cell[]> {
  const jobs = requests.flatMap((asked) =>
    Object.entries(faults).flatMap(([name, fault]) =>
      readings.map((reading) => () => playUndisturbed(asked, name, fault, reading)),
    ),
  )
  const cells: Cell[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const cell = await jobs[index]?.()
      if (cell) cells[index] = cell
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return cells
}

/** The matrix as tables, one for each request. */
export function matrixAsMarkdown(cells: readonly Cell[]): string {
  const line = (parts: readonly string[]): string => `| ${parts.join(' | ')} |`
  return requests
    .map(({ name }) => {
      const rows = Object.keys(faults).map((fault) => {
        const columns = readings.map((reading) => {
          const cell = cells.find(
            (one) => one.request === name && one.fault === fault && one.reading === reading,
          )
          if (!cell) return '?'
          const { whileItLasts, onceItIsOver } = cell
          return whileItLasts === onceItIsOver ? whileItLasts : `${whileItLasts}; later ${onceItIsOver}`
        })
        return line([fault, ...columns])
      })
      return [
        `### ${name}`,
        '',
        line(['fault', ...readings]),
        line(['---', ...readings.map(() => '---')]),
        ...rows,
      ].join('\n')
    })
    .join('\n\n')
}
