/**
 * One schedule: several runs of the action's own protocol code in one process, against the sandbox's models, with a
 * virtual clock and a network that delays, loses and fails requests as the seed decides. A run may be cancelled, its
 * main step killed (then post runs, at any later time), or its machine lost (then nothing runs).
 */
import { openRecovery, type JournalContent } from '../../src/journal/journal.ts'
import { runMain } from '../../src/action/main-step.ts'
import { runPost } from '../../src/action/post-step.ts'
import type { Runner } from '../../src/action/outputs.ts'
import { Box, type Reading } from '../sandbox/box.ts'
import { wireBody, wireHeaders, type Model, type ModelReply, type ModelRequest } from '../sandbox/exchange.ts'
import { replies } from '../sandbox/faults.ts'
import { readsUpTo } from '../sandbox/lagging.ts'
import { GitHub, type Job, type SecretStore } from '../sandbox/github.ts'
import { SimulatedProcess } from './process.ts'
import { send } from './sent.ts'
import { RunnerClock, Scheduler, seeded, settled } from './virtual.ts'

/** A rule of the protocol that can be switched off, to check that the simulation notices. */
export type Rule =
  | 'prove before spending'
  | 'store before use'
  | 'journal at once'
  | 'never over a newer one'
  | 'never revoke'
  | 'time is the servers'
  | 'ask again for a lost answer'
  | 'a read may be old'
  | 'an issued token is never thrown away'

/** The options of a schedule. */
export interface ScheduleOptions {
  readonly seed: number
  readonly reading: Reading
  /** Whether runs may overlap. */
  readonly overlap: boolean
  /** How old GitHub's reads may be, in milliseconds; by default, the seed decides. */
  readonly lagMs?: number
  readonly without?: Rule
}

/** The greatest age of reads, in milliseconds: what the protocol is designed for. */
export const mostLagMs = 30_000

/** The result of a schedule. */
export interface ScheduleResult {
  readonly seed: number
  readonly runs: number
  readonly succeeded: number
  readonly faults: number
  readonly kills: number
  readonly machinesLost: number
  /** Answers from Box with a new pair that never reached a client. */
  readonly answersLost: number
  /** The chain ended because of a lost machine or a lost answer: no client could have kept it. */
  readonly excused: number
  /** The chain ended otherwise. */
  readonly lost: number
  /** Tokens that came back through a recovery text. */
  readonly recovered: number
  /** How often a person signed in during a run. */
  readonly logIns: number
  /** What must never happen but did, in words. */
  readonly violations: readonly string[]
}

const repository = 'octo-org/nightly'
const secretName = 'BOX_REFRESH_TOKEN'
const writeToken = 'github_pat_simulation_mayWrite0123456789'
const readToken = 'github_pat_simulation_mayRead01234567890'
const epoch = Date.UTC(2026, 10, 23)

/** Runs a schedule to its end. */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  return new Schedule(options).play()
}

export function refreshTokenIn({ body }: ModelReply): string {
  return (body as { refresh_token: string }).refresh_token
}

/** How bad a schedule's network is, from 0 (nothing fails) to 1. */
interface Weather {
  readonly fault: number
  readonly kill: number
  readonly loseMachine: number
  readonly cancel: number
}

class Schedule {
  readonly #options: ScheduleOptions
  readonly #random: () => number
  readonly #scheduler = new Scheduler()
  readonly #box: Box
  readonly #github: GitHub
  readonly #store: SecretStore
  readonly #weather: Weather
  readonly #violations: string[] = []
  /** How old the last read was, in milliseconds. */
  #lastAge = 0
  /** When the secret was last written, in virtual milliseconds. */
  #writtenAt = 0
  /** Every value that the secret ever had. */
  readonly #everStored = new Set<string>()
  readonly #count = {
    runs: 0,
    succeeded: 0,
    faults: 0,
    kills: 0,
    machinesLost: 0,
    answersLost: 0,
    excused: 0,
    lost: 0,
    recovered: 0,
    logIns: 0,
  }
  /** Whether something that no client can help has happened since the chain was last known to be alive. */
  #excuse = false

  constructor(options: ScheduleOptions) {
    this.#options = options
    this.#random = seeded(options.seed)
    const clock = { now: () => epoch + this.#scheduler.now }
    this.#box = new Box({ clock, reading: options.reading, random: seeded(options.seed ^ 0x5eed) })
    this.#github = new GitHub(clock)
    this.#store = this.#github.addRepository(repository).secrets
    this.#github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', actions: 'read' },
    })
    this.#github.tokens.set(readToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'read', actions: 'read' },
    })
    this.#logIn()
    const age = readsUpTo(options.lagMs ?? this.#random() * mostLagMs, this.#random)
    this.#github.readAge = () => (this.#lastAge = age())
    const calm = this.#random() < 0.2
    const level = (most: number): number => (calm ? 0 : this.#random() * most)
    this.#weather = { fault: level(0.35), kill: level(0.08), loseMachine: level(0.015), cancel: level(0.05) }
  }

  async play(): Promise<ScheduleResult> {
    // Some are long; most are short, so that many kinds of weather are seen.
    const runs = 1 + Math.floor(this.#random() ** 2 * 12)
    // Written by a person some time before the first run.
    await this.#pass(3_600_000)
    if (this.#options.overlap) {
      await this.#until(Promise.all(Array.from({ length: runs }, () => this.#later())))
    } else {
      for (let index = 0; index < runs; index += 1) {
        // Now and then, a run was queued before the previous one ended, and holds the older token.
        const job = this.#job()
        await this.#pass(this.#random() < 0.1 ? 5_000 : 1_000 + this.#random() * 86_400_000)
        await this.#run(this.#random() < 0.1 ? job : this.#job())
        this.#judge()
      }
    }
    this.#judge()
    return { seed: this.#options.seed, ...this.#count, violations: this.#violations }
  }

  #later(): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(this.#random() * 20_000, () => {
        const job = this.#job()
        this.#scheduler.after(this.#random() * 20_000, () => void this.#run(job).then(resolve))
      })
    })
  }

  #job(): Job {
    return this.#github.startJob(this.#github.queueRun(repository))
  }

  #logIn(): void {
    const { refreshToken } = this.#box.logIn()
    this.#github.setSecret(this.#store, secretName, refreshToken)
    this.#writtenAt = this.#scheduler.now
    this.#everStored.add(refreshToken)
  }

  /** Somebody signs in and sets the secret by hand during a run: that must not be overwritten. */
  #personLogsIn(): void {
    this.#count.logIns += 1
    this.#logIn()
  }

  get #stored(): string {
    return this.#store.value(secretName) ?? ''
  }

  /** Lets time pass while nothing runs. */
  async #pass(ms: number): Promise<void> {
    await this.#until(new Promise<void>((resolve) => this.#scheduler.after(ms, resolve)))
  }

  /** Lets everything happen until a promise is settled. */
  async #until(done: Promise<unknown>): Promise<void> {
    const state = { over: false }
    void done.finally(() => (state.over = true))
    for (;;) {
      // What has just begun has to get to its first request.
      await settled()
      if (state.over) return
      if (!this.#scheduler.step()) {
        throw new Error(`seed ${this.#options.seed}: nothing is left to happen, but the run has not ended`)
      }
    }
  }

  /** One run of the workflow: main, and post however that ended. */
  async #run(job: Job): Promise<void> {
    this.#count.runs += 1
    const mayWrite = this.#random() > 0.03
    const process = new SimulatedProcess()
    const state = new Map<string, string>()
    const given = job.secrets[secretName] ?? ''
    const main = this.#main(process, state, job, given, mayWrite)
    const { without } = this.#options
    let code: number | undefined
    const ended = Promise.race([main.then((result) => (code = result)), process.death])
    if (this.#options.overlap) await ended
    else await this.#until(ended)
    process.hasEnded = true
    if (code === 0) this.#count.succeeded += 1
    // It died of something else while the answer was on its way, which will arrive where nobody waits for it.
    if (process.isDead() && process.pairsUnderway > 0) this.#excuse = true
    process.isJudged = process.isDead()
    if (process.machineLost) {
      this.#count.machinesLost += 1
      this.#excuse = true
      return
    }
    if (!this.#options.overlap && this.#random() < 0.3) await this.#pass(this.#random() * 3_600_000)
    if (this.#random() < 0.03) this.#personLogsIn()
    const post = new SimulatedProcess()
    post.mortal = false
    post.firstLookAt = process.firstLookAt
    const finished = this.#post(post, state, job, mayWrite)
    if (this.#options.overlap) await finished
    else await this.#until(finished)
    post.hasEnded = true
    if (process.answerLost && process.tokenRequests === 1 && !process.isDead() && !process.cancelled) {
      this.#violations.push('a lost answer was not asked for again')
    }
    const annotations = process.errors.length + post.errors.length
    if (annotations > 1)
      this.#violations.push(
        `${annotations} annotations for one failure: ${[...process.errors, ...post.errors].join(' | ')}`,
      )
    if (without !== 'store before use') this.#expectKept(process, post)
    this.#recover(post)
  }

  /** Rule 9: every token that Box has issued and that arrived is stored, or in the hands of its owner. */
  #expectKept(main: SimulatedProcess, post: SimulatedProcess): void {
    const texts = [...main.lines, ...post.lines].filter((line) => line.startsWith('box-token-recovery.'))
    const handedOver = new Set(texts.map((text) => this.#opened(text)?.refreshToken))
    for (const token of main.received) {
      if (!this.#everStored.has(token) && !handedOver.has(token))
        this.#violations.push('a refresh token that Box had issued was thrown away')
    }
  }

  async #main(
    process: SimulatedProcess,
    state: Map<string, string>,
    job: Job,
    given: string,
    mayWrite: boolean,
  ): Promise<0 | 1> {
    const { without } = this.#options
    const clock = new RunnerClock(this.#scheduler, epoch + (this.#random() - 0.5) * 600_000)
    process.clock = clock
    const interrupted = new AbortController()
    process.cancel = () => {
      process.cancelled = true
      if (process.held) interrupted.abort()
      else process.kill()
    }
    const inputs: Record<string, string> = {
      'client-id': this.#box.clientId,
      'client-secret': this.#box.clientSecret,
      'refresh-token': given,
      'github-token': mayWrite ? writeToken : readToken,
      verify: 'true',
      'retry-for': '60',
      'box-api-url': 'https://api.box.com',
      'github-api-url': 'https://api.github.com',
    }
    const result = await runMain({
      runner: this.#runner(process),
      getInput: (name) => inputs[name] ?? '',
      context: () =>
        Promise.resolve({ repository, runId: job.run.id, runAttempt: job.run.attempt, trigger: undefined }),
      variables: { GITHUB_REPOSITORY: repository },
      fetch: this.#fetch(process, given, mayWrite),
      proxies: [],
      proxySecrets: [],
      proxyProblems: [],
      clock,
      random: this.#random,
      signals: {
        hold: () => (process.held = true),
        release: () => (process.held = false),
        interrupted: interrupted.signal,
      },
      saveState: (name, value) => {
        if (without !== 'journal at once') state.set(name, value)
      },
      canWrite: () => true,
    })
    return result
  }

  #post(
    process: SimulatedProcess,
    state: ReadonlyMap<string, string>,
    job: Job,
    mayWrite: boolean,
  ): Promise<0 | 1> {
    const clock = new RunnerClock(this.#scheduler, epoch)
    process.clock = clock
    const inputs: Record<string, string> = {
      'client-secret': this.#box.clientSecret,
      'github-token': mayWrite ? writeToken : readToken,
    }
    return runPost({
      runner: this.#runner(process),
      getInput: (name) => inputs[name] ?? '',
      getState: (name) => state.get(name) ?? '',
      interrupted: new AbortController().signal,
      variables: {},
      fetch: this.#fetch(process, job.secrets[secretName] ?? '', mayWrite),
      proxies: [],
      proxySecrets: [],
      clock,
      random: this.#random,
    })
  }

  /** What the runner gets to see. */
  #runner(process: SimulatedProcess): Runner {
    const { without } = this.#options
    const ignore = (): void => {}
    return {
      setSecret: (secret) => {
        process.masked.add(secret)
        // Used before it is stored: this is what switching that rule off means.
        if (without === 'store before use' && this.#box.accepts(secret)) this.#use(secret)
      },
      setOutput: (name: string, value: unknown) => {
        if (name === 'access-token') this.#handedOut(String(value))
        if (name === 'expires-at') this.#expiryTold(String(value))
        if (name === 'access-token' && without === 'never revoke') this.#box.revocations += 1
      },
      exportVariable: ignore,
      info: (line: string) => {
        const isText = line.startsWith('box-token-recovery.')
        if (!isText || without !== 'an issued token is never thrown away') process.lines.push(line)
      },
      warning: (line: string | Error) => process.lines.push(String(line)),
      error: (line: string | Error) => process.errors.push(String(line)),
      // There is no summary file, so this is never used.
      summary: undefined as never,
    }
  }

  #handedOut(accessToken: string): void {
    const pair = this.#box.pairs.find((one) => one.accessToken === accessToken)
    if (!pair || !this.#everStored.has(pair.refreshToken))
      this.#violations.push('a token was handed out before it was stored')
    if (this.#box.revocations > 0) this.#violations.push('a token was revoked')
  }

  #expiryTold(expiresAt: string): void {
    const told = Date.parse(expiresAt)
    if (!this.#box.pairs.some((pair) => Math.abs(pair.accessExpiresAt - told) <= 3_000)) {
      this.#violations.push('an expiry was reported that Box did not set')
    }
  }

  #use(accessToken: string): void {
    const pair = this.#box.pairs.find((one) => one.accessToken === accessToken)
    if (pair && !this.#everStored.has(pair.refreshToken))
      this.#violations.push('a token was used before it was stored')
  }

  /** A network between one process and both services. */
  #fetch(process: SimulatedProcess, given: string, mayWrite: boolean): typeof fetch {
    let looks = 0
    const { without } = this.#options
    return (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const model: Model = url.hostname === 'api.box.com' ? this.#box : this.#github
      const headers = Object.fromEntries(new Headers(init?.headers).entries())
      const body =
        init?.body instanceof URLSearchParams || typeof init?.body === 'string' ? init.body.toString() : ''
      const request = { method: init?.method ?? 'GET', target: `${url.pathname}${url.search}`, headers, body }
      const label = model.label(request)
      // It can only go by what it had seen when it sent this: a write may arrive much later.
      const seenAsOf = process.secretSeenAsOf
      const shown = { asOf: -Infinity }
      const act = (): ModelReply => {
        if (label === 'probe' && without === 'prove before spending') return { status: 422, body: {} }
        if (label === 'token') {
          if (!mayWrite) this.#violations.push('Box was asked with a token that may not write')
          // Before the check: in the moment between the check and the write, no client can prevent it.
          if (process.tokenRequests === 1 && this.#random() < 0.05) this.#personLogsIn()
        }
        if (label === 'user') this.#use((headers['authorization'] ?? '').replace('Bearer ', ''))
        const reply = this.#acted(process, model, request, label, given, seenAsOf)
        if (label === 'run' && without === 'a read may be old') return { status: 403, body: {} }
        if (label === 'metadata') shown.asOf = this.#scheduler.now - this.#lastAge
        if (label === 'metadata' && without === 'never over a newer one') {
          looks += 1
          // The check sees a secret that nobody has touched.
          if (looks > 1 || !process.mortal) {
            return { ...reply, body: { ...(reply.body as object), updated_at: '2020-01-01T00:00:00Z' } }
          }
        }
        return reply
      }
      if (label === 'token') {
        if (process.tokenRequests > 0 && without === 'ask again for a lost answer') {
          return Promise.resolve(new Response('{}', { status: 404 }))
        }
        process.tokenRequests += 1
      }
      return this.#deliver(process, label, act, shown, init?.signal ?? undefined)
    }
  }

  #acted(
    process: SimulatedProcess,
    model: Model,
    request: ModelRequest,
    label: string,
    given: string,
    seenAsOf: number,
  ): ModelReply {
    const before = this.#stored
    const reply = model.handle(request)
    if (label === 'write' && reply.status < 300) {
      // No client can know about a write that is so recent that not every read shows it; and in the same second as the
      // look before the refresh, it is undecided whose write it was.
      const second = (ms: number): number => Math.floor(ms / 1000)
      const couldKnow =
        this.#writtenAt <= seenAsOf && second(this.#writtenAt) !== second(process.firstLookAt ?? Infinity)
      this.#writtenAt = this.#scheduler.now
      const superseded = couldKnow && before !== given && before !== this.#stored
      if (superseded && !this.#options.overlap) this.#violations.push('a token was written over a newer one')
      this.#everStored.add(this.#stored)
    }
    return reply
  }

  /** Request and answer on their way, and what may happen to them. */
  #deliver(
    process: SimulatedProcess,
    label: string,
    act: () => ModelReply,
    shown: { readonly asOf: number },
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { fault, kill, loseMachine, cancel } = this.#weather
    return send(process, signal, (sent) => {
      const meddle = (): void => {
        if (!process.mortal || process.isDead()) return
        if (this.#random() < kill) {
          this.#count.kills += 1
          process.kill()
        } else if (this.#random() < loseMachine) {
          process.machineLost = true
          process.kill()
        } else if (this.#random() < cancel) process.cancel()
      }
      const delay = (): number => (this.#random() < 0.03 ? 25_000 * this.#random() : 5 + 300 * this.#random())
      /** Sends an answer; calls `lost` if it does not arrive. */
      const answer = (reply: ModelReply, lost: () => void = () => {}): void => {
        const response = this.#stamped(reply)
        const answeredAt = this.#scheduler.now
        this.#scheduler.after(delay(), () => {
          sent.forget()
          if (sent.isForNobody()) return lost()
          if (label === 'metadata' && reply.status === 200) process.secretSeenAsOf = shown.asOf
          // The look that counts is the one whose answer arrives before Box is asked.
          if (label === 'metadata' && process.mortal && process.tokenRequests === 0)
            process.firstLookAt = answeredAt
          if (label === 'token' && reply.status === 200) {
            process.pairsUnderway -= 1
            process.received.push(refreshTokenIn(reply))
          }
          sent.arrive(response())
        })
      }
      meddle()
      this.#scheduler.after(delay(), () => {
        if (process.isDead()) return sent.forget()
        const faulty = this.#random() < fault
        const kind = Math.floor(this.#random() * 6)
        if (faulty) this.#count.faults += 1
        if (faulty && kind === 0) return sent.fail('ECONNRESET')
        if (faulty && kind === 1) return answer(replies.status(503))
        if (faulty && kind === 2) return answer(replies.tooManyRequests('2'))
        const late = signal?.aborted === true
        const reply = act()
        const isPair = label === 'token' && reply.status === 200
        if (isPair) process.pairsUnderway += 1
        let told = false
        const lose = (): void => {
          if (told || !isPair) return
          told = true
          process.pairsUnderway -= 1
          process.answerLost = true
          this.#count.answersLost += 1
          if (!process.isJudged) this.#excuse = true
        }
        // The client has given this request up and sent it again, but the network still delivers it. If a replay kills
        // the chain, no client can prevent that.
        if (late && label === 'token') this.#excuse = true
        // The same for a write: once its run is over, it can undo what somebody else has written, or look like that.
        if (late && label === 'write' && process.hasEnded) this.#excuse = true
        sent.onGivenUp(lose)
        meddle()
        if (process.isDead()) return lose()
        if (!faulty) return answer(reply, lose)
        lose()
        if (kind === 3) this.#scheduler.after(delay(), () => sent.fail('ECONNRESET'))
        else if (kind === 4) answer(replies.status(502))
      })
    })
  }

  /** An answer as it leaves the server, with the date of that moment. */
  #stamped(reply: ModelReply): () => Response {
    const headers = wireHeaders(reply, { now: () => epoch + this.#scheduler.now })
    const { updated_at: updatedAt } = (reply.body ?? {}) as { updated_at?: string }
    // The baseline is what the look before the refresh shows, as if that were current.
    if (this.#options.without === 'a read may be old' && updatedAt !== undefined)
      headers['date'] = new Date(updatedAt).toUTCString()
    if (this.#options.without === 'time is the servers') delete headers['date']
    const body = wireBody(reply)
    return () => new Response(body === '' ? null : body, { status: reply.status, headers })
  }

  /** The owner reads the log, and does what it says. */
  #recover({ lines }: SimulatedProcess): void {
    const text = lines.find((line) => line.startsWith('box-token-recovery.'))
    const opened = text === undefined ? undefined : this.#opened(text)
    if (!opened) return
    const { updatedAt = 0 } = this.#store.secrets.get(secretName) ?? {}
    // `recover` refuses if the secret has been written since.
    if (updatedAt > opened.baseline) return
    this.#github.setSecret(this.#store, secretName, opened.refreshToken)
    this.#writtenAt = this.#scheduler.now
    this.#everStored.add(opened.refreshToken)
    this.#count.recovered += 1
  }

  #opened(text: string): JournalContent | undefined {
    const secrets = { clientSecret: this.#box.clientSecret, stateKey: undefined }
    const opened = openRecovery('recovery', secrets, this.#box.clientId, text)
    if (!('problem' in opened)) return opened
    this.#violations.push(`a recovery text does not open: ${opened.problem}`)
    return undefined
  }

  /** After a run: is the chain alive, and if not, could anybody have kept it? */
  #judge(): void {
    if (this.#box.takes(this.#stored)) {
      this.#excuse = false
      return
    }
    if (this.#excuse) this.#count.excused += 1
    else {
      this.#count.lost += 1
      if (!this.#options.overlap) this.#violations.push('the chain is lost')
    }
    this.#excuse = false
    this.#logIn()
  }
}
