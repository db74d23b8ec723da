/**
 * Many jobs that share one token over days of virtual time: the action's own code in one process, against the sandbox's
 * models. Claim holders are killed, machines and answers are lost, Box and GitHub have outages, runners' clocks are
 * minutes off, and jobs hold copies of the secret that are days old.
 */
import { runMain } from '../../src/action/main-step.ts'
import { runPost } from '../../src/action/post-step.ts'
import type { Runner } from '../../src/action/outputs.ts'
import { recoverShared } from '../../src/cli/recover.ts'
import { Failure } from '../../src/failure.ts'
import { storeRefreshToken } from '../../src/cli/login/store.ts'
import { GitHubClient, GitHubUnavailable } from '../../src/github/client.ts'
import { Secret } from '../../src/github/secret-store.ts'
import { repositorySecrets, repositoryVariables } from '../../src/github/stores/repository.ts'
import { VariableStore } from '../../src/github/variable-store.ts'
import { openRecovery, type JournalContent } from '../../src/journal/journal.ts'
import { prove } from '../../src/rotation/prove.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import type { Sharing } from '../../src/sharing/shared-variables.ts'
import { accountsFor, openState, OverTokens, sealState, type StateSeal } from '../../src/sharing/state.ts'
import { Box, type IssuedPair, type Reading } from '../sandbox/box.ts'
import { wireBody, wireHeaders, type Model, type ModelReply, type ModelRequest } from '../sandbox/exchange.ts'
import { readClaim, statusAt } from '../../src/sharing/claim.ts'
import { replies } from '../sandbox/faults.ts'
import { readsUpTo } from '../sandbox/lagging.ts'
import { mostLagMs, refreshTokenIn } from './schedule.ts'
import { GitHub, type Job, type SecretStore } from '../sandbox/github.ts'
import { SimulatedProcess } from './process.ts'
import { send } from './sent.ts'
import { RunnerClock, Scheduler, seeded, settled } from './virtual.ts'

/** A rule of sharing that can be switched off, to check that the simulation notices. */
export type SharingRule =
  | 'one claim at a time'
  | 'read the state again under the claim'
  | 'publish'
  | 'old copies go by the state'
  | 'claims stay'

/** The options of a schedule with sharing. */
export interface SharingOptions {
  readonly seed: number
  readonly reading: Reading
  readonly jobs: number
  readonly days: number
  /** Whether anything fails, is killed or lost, or somebody signs in meanwhile. */
  readonly weather: 'calm' | 'rough'
  /** Every job refreshes for itself, without a shared state. */
  readonly naive?: boolean
  /**
   * All jobs are queued at once, before the first of them starts, and start within this many milliseconds, instead of
   * over the days; two hours later, they all run again, with the same old secrets.
   */
  readonly burstMs?: number
  /** How old GitHub's reads may be, in milliseconds; by default, the seed decides. */
  readonly lagMs?: number
  readonly without?: SharingRule
}

/** The result of a schedule. */
export interface SharingResult {
  readonly jobs: number
  readonly succeeded: number
  readonly failed: number
  /** Pairs that Box issued for a refresh token. */
  readonly refreshes: number
  /** Requests to GitHub and Box. */
  readonly requests: number
  readonly killed: number
  readonly machinesLost: number
  readonly outages: number
  readonly logIns: number
  /** The chain ended because of a lost machine or a lost answer: no client could have kept it. */
  readonly excused: number
  /** Pairs that their owner published from a recovery text. */
  readonly recovered: number
  /** The longest time from publishing a pair until a job that waited had it, in milliseconds. */
  readonly longestWaitMs: number
  readonly violations: readonly string[]
}

const repository = 'octo-org/nightly'
const secretName = 'BOX_REFRESH_TOKEN'
const stateVariable = 'BOX_STATE'
const writeToken = 'github_pat_simulation_mayWrite0123456789'
const epoch = Date.UTC(2026, 10, 23)
const dayMs = 86_400_000
const minimumValidity = 5
/** How many variables may be next to the state when all is calm. */
const mostTombstones = 3
const retryFor = 60

/** Runs a schedule to its end. */
export async function runSharing(options: SharingOptions): Promise<SharingResult> {
  return new Schedule(options).play()
}

interface Outage {
  readonly service: 'box' | 'github'
  readonly from: number
  to: number
}

class Schedule {
  readonly #options: SharingOptions
  readonly #random: () => number
  readonly #scheduler = new Scheduler()
  readonly #box: Box
  readonly #github: GitHub
  readonly #store: SecretStore
  readonly #violations: string[] = []
  readonly #outages: Outage[] = []
  /** The refresh token of every published state, and when it was published. */
  readonly #published = new Map<string, number>()
  /** Until when something that happened may cost another refresh, or a job. */
  #excusedUntil = -Infinity
  #brokenChain = false
  #isLoginPlanned = false
  /** Whether the token has "Actions: Read", so that a job knows when its run was queued. */
  readonly #readsRuns: boolean
  /** Every value that a person has set the secret to, but the first. */
  readonly #setByHand = new Set<string>()
  /** Whether things go wrong, from now on. */
  #isRough = false
  #lastIssue: { at: number; goodUntil: number; grant: number } | undefined
  readonly #count = {
    jobs: 0,
    succeeded: 0,
    failed: 0,
    refreshes: 0,
    requests: 0,
    killed: 0,
    machinesLost: 0,
    logIns: 0,
    excused: 0,
    recovered: 0,
    longestWaitMs: 0,
  }

  constructor(options: SharingOptions) {
    this.#options = options
    this.#random = seeded(options.seed)
    const clock = { now: () => epoch + this.#scheduler.now }
    this.#box = new Box({
      clock,
      reading: options.reading,
      random: seeded(options.seed ^ 0x5eed),
      expiresIn: 3600 + Math.floor(this.#random() * 576),
    })
    this.#github = new GitHub(clock)
    this.#github.readAge = readsUpTo(options.lagMs ?? this.#random() * mostLagMs, this.#random)
    this.#store = this.#github.addRepository(repository).secrets
    this.#readsRuns = seeded(options.seed ^ 0xac7)() < 0.5
    this.#github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', variables: 'write', ...(this.#readsRuns ? { actions: 'read' } : {}) },
    })
    this.#logIn()
  }

  async play(): Promise<SharingResult> {
    await this.#pass(3_600_000)
    if (this.#options.burstMs === undefined) await this.#playDays()
    else await this.#playBursts(this.#options.burstMs)
    return { ...this.#count, outages: this.#outages.length, violations: this.#violations }
  }

  async #playBursts(burstMs: number): Promise<void> {
    const queued = Array.from({ length: this.#options.jobs }, () => this.#startJob())
    for (let burst = 0; burst < 2; burst += 1) {
      // The secret is written in one second, and the next run is queued in another.
      await this.#pass(burst === 0 ? 5_000 : 7_200_000)
      await this.#until(
        Promise.all(
          queued.map(
            (job) =>
              new Promise<void>((resolve) => {
                this.#scheduler.after(
                  this.#random() * burstMs,
                  () => void this.#job(job, false).then(resolve),
                )
              }),
          ),
        ),
      )
      const expected = burst + 1
      if (!this.#options.naive && this.#count.refreshes !== expected) {
        this.#violations.push(`${this.#count.refreshes} refreshes after ${expected} bursts`)
      }
    }
    if (!this.#options.naive) this.#expectTidy()
  }

  async #playDays(): Promise<void> {
    const { jobs, days, weather, naive = false } = this.#options
    const rough = weather === 'rough'
    this.#isRough = rough
    // The very first run creates the state.
    if (!naive) await this.#until(this.#job(this.#startJob(), false))
    const span = days * dayMs
    if (rough) {
      for (let index = 0; index < days * 2; index += 1) {
        const from = this.#scheduler.now + this.#random() * span
        const service = this.#random() < 0.5 ? 'box' : 'github'
        this.#outages.push({ service, from, to: from + 5_000 + this.#random() * retryFor * 2_000 })
      }
    }
    const all: Promise<void>[] = []
    while (all.length < jobs) {
      // Several at once, as in a matrix or on a busy afternoon.
      const together = Math.min(jobs - all.length, 1 + Math.floor(this.#random() ** 3 * 40))
      const at = this.#random() * span
      for (let one = 0; one < together; one += 1) {
        // Now and then, a job waits hours for a runner, or days for an approval.
        const waits = this.#random() < 0.1 ? this.#random() * dayMs * 3 : 2_000
        all.push(this.#later(at + this.#random() * 10_000, waits, rough))
      }
    }
    if (rough && this.#random() < 0.5) {
      const byHand = this.#random() < 0.5
      all.push(
        this.#once(this.#random() * span, () => {
          this.#count.logIns += 1
          this.#excuse(7_200_000)
          if (!byHand) return this.#logInByCommand()
          this.#logIn()
          return Promise.resolve()
        }),
      )
    }
    if (rough && this.#random() < 0.3) {
      all.push(
        this.#once(this.#random() * span, () => {
          // Until the state's token is stored again, jobs are given this.
          this.#setSecret('a-slip-of-the-hand')
          return Promise.resolve()
        }),
      )
    }
    await this.#until(Promise.all(all))
    if (!naive) await this.#last()
  }

  /** A day later, in fine weather: the chain is alive, and everything is tidy. */
  async #last(): Promise<void> {
    const { now } = this.#scheduler
    this.#isRough = false
    for (const outage of this.#outages) outage.to = Math.min(outage.to, now)
    await this.#pass(dayMs)
    if (this.#isBroken()) {
      this.#logIn()
      await this.#pass(dayMs)
    }
    const failed = this.#count.failed
    // The first finishes what is left of a dead chain or a lost note; the second deletes the claims for that.
    for (let last = 0; last < 2; last += 1) {
      const job = this.#startJob()
      // By then, every read shows the run.
      await this.#pass(mostLagMs)
      await this.#until(this.#job(job, false))
      await this.#pass(dayMs)
    }
    if (this.#count.failed > failed) this.#violations.push('the last job failed')
    this.#expectTidy()
  }

  /** Nothing is left behind, and state and secret hold the same live token. */
  #expectTidy(): void {
    // Claims that are done stay for a while, one for each refresh; everything else is gone.
    const claims = [...this.#store.variables]
      .filter(([name]) => name !== stateVariable)
      .map(([name, { value, updatedAt }]) => readClaim(stateVariable, { name, value, updatedAt }))
    const now = epoch + this.#scheduler.now
    const isTidy =
      claims.length <= mostTombstones && claims.every((one) => one && statusAt(one, now) !== 'live')
    if (!isTidy) this.#violations.push(`left behind: ${[...this.#store.variables.keys()].join(', ')}`)
    const state = this.#state()
    if (state === undefined || !this.#box.takes(state)) this.#violations.push('the state holds a dead token')
    const secret = this.#store.value(secretName) ?? ''
    // Without the date of its run, a job that was given a bad token cannot tell whether the secret still holds that one.
    const mayDiffer = !this.#readsRuns && this.#setByHand.has(secret) && !this.#box.takes(secret)
    if (secret !== state && !mayDiffer) this.#violations.push('the secret is not what the state says')
  }

  #later(queuedAt: number, waits: number, rough: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(queuedAt, () => {
        const job = this.#startJob()
        this.#scheduler.after(waits, () => void this.#job(job, rough).then(resolve))
      })
    })
  }

  #once(ms: number, act: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => this.#scheduler.after(ms, () => void act().then(resolve)))
  }

  #startJob(): Job {
    return this.#github.startJob(this.#github.queueRun(repository))
  }

  #logIn(): void {
    const { refreshToken } = this.#box.logIn()
    this.#setSecret(refreshToken)
    this.#brokenChain = false
  }

  #setSecret(value: string): void {
    if (this.#store.value(secretName) !== undefined) this.#setByHand.add(value)
    this.#github.setSecret(this.#store, secretName, value)
  }

  /** What `login --state-variable` does once Box has issued the tokens; it may be killed, too. */
  async #logInByCommand(): Promise<void> {
    const { refreshToken, grant } = this.#box.logIn()
    const process = new SimulatedProcess()
    const sharing = this.#command(process)
    const { secret, environment, narrator } = sharing
    const { id: keyId, publicKey } = this.#store.key
    const key = { keyId, publicKey: Buffer.from(publicKey).toString('base64') }
    const proven = { secret, metadata: undefined, settings: {} }
    const stored = storeRefreshToken(
      {
        work: { environment, narrator, retryFor, tokenName: 'GITHUB_TOKEN', soFar: () => '' },
        prepared: {
          place: { key, secrets: [proven] },
          refreshToken: proven,
          clientId: proven,
          clientSecret: proven,
          writer: { kind: 'token' as const, secret: proven, newToken: undefined },
          sharing,
        },
      },
      refreshToken,
    )
    const result = await Promise.race([stored, process.death])
    if (!result?.isPublished) return
    this.#brokenChain = false
    if ((this.#pairOf(this.#state())?.grant ?? 0) < grant) this.#violations.push('a sign-in was undone')
  }

  /** Ten minutes later, unless the chain lives by then. */
  #logInSoon(): void {
    if (this.#isLoginPlanned) return
    this.#isLoginPlanned = true
    this.#scheduler.after(600_000, () => {
      this.#isLoginPlanned = false
      if (this.#isBroken()) this.#logIn()
    })
  }

  /** What `recover --state-variable` does with the recovery text that a job printed. */
  async #recover(opened: JournalContent): Promise<void> {
    const process = new SimulatedProcess()
    const sharing = this.#command(process)
    const recovered = prove({ ...sharing, copies: [], sealingReady, run: undefined }).then((found) =>
      recoverShared(sharing, opened, {
        storing: { ...sharing, aboutToWrite: () => {} },
        baseline: { ...found, conflictAfter: opened.baseline },
        force: false,
        moved: found.updatedAt > opened.baseline,
        isPublished: () => {},
      }),
    )
    const refused = (error: unknown): void => {
      if (!(error instanceof Failure) && !(error instanceof GitHubUnavailable)) throw error
    }
    const outcome = await Promise.race([recovered.catch(refused), process.death])
    if (!outcome) return
    this.#count.recovered += 1
    // A recovery text holds no access token: the next job refreshes.
    this.#lastIssue = undefined
  }

  /** A command that a person starts. */
  #command(process: SimulatedProcess): Sharing {
    const clock = new RunnerClock(this.#scheduler, epoch)
    process.clock = clock
    const network = { fetch: this.#fetch(process), clock, proxies: [] }
    const client = new GitHubClient({ network, apiUrl: 'https://api.github.com', token: writeToken })
    const say = (line: string): void => void process.lines.push(line)
    return {
      environment: { clock, random: this.#random },
      narrator: { mask: () => {}, info: say, warning: say, waiting: say, foreign: (text: string) => text },
      retryFor,
      secret: new Secret(client, repositorySecrets('octo-org', 'nightly'), secretName),
      variables: new VariableStore(client, this.#seal.place),
      seal: this.#seal,
    }
  }

  #pairOf(refreshToken: string | undefined): IssuedPair | undefined {
    return this.#box.pairs.find((one) => one.refreshToken === refreshToken)
  }

  /** Something no client can help: for a while, a job may fail because of it, or another refresh may be needed. */
  #excuse(ms: number): void {
    this.#excusedUntil = Math.max(this.#excusedUntil, this.#scheduler.now + ms)
  }

  get #isExcused(): boolean {
    return this.#scheduler.now <= this.#excusedUntil
  }

  get #seal(): StateSeal {
    return {
      secrets: { clientSecret: this.#box.clientSecret, stateKey: undefined },
      clientId: this.#box.clientId,
      place: repositoryVariables('octo-org', 'nightly'),
      name: stateVariable,
    }
  }

  /** The refresh token of the current state. */
  #state(): string | undefined {
    const text = this.#store.variables.get(stateVariable)?.value
    const opened = text === undefined ? undefined : openState(this.#seal, text)
    return opened === undefined || 'problem' in opened ? undefined : opened.refreshToken
  }

  #withoutFingerprints(reply: ModelReply): ModelReply {
    const { body } = reply
    if (typeof body !== 'object' || body === null || !('value' in body)) return reply
    const opened = openState(this.#seal, String(body.value))
    if ('problem' in opened) return reply
    return { ...reply, body: { ...body, value: sealState(this.#seal, { ...opened, over: OverTokens.none }) } }
  }

  #isStateAlive(): boolean {
    const state = this.#state()
    return state === undefined ? this.#box.takes(this.#store.value(secretName) ?? '') : this.#box.takes(state)
  }

  /** Neither the state holds a token that Box accepts, nor the secret one that jobs would prefer to the state's. */
  #isBroken(): boolean {
    const text = this.#store.variables.get(stateVariable)?.value
    const opened = text === undefined ? undefined : openState(this.#seal, text)
    const state = opened === undefined || 'problem' in opened ? undefined : opened
    const secret = this.#store.value(secretName) ?? ''
    if (state !== undefined && this.#box.takes(state.refreshToken)) return false
    return !this.#box.takes(secret) || (state !== undefined && accountsFor(this.#seal, state, secret))
  }

  async #pass(ms: number): Promise<void> {
    await this.#until(new Promise<void>((resolve) => this.#scheduler.after(ms, resolve)))
  }

  async #until(done: Promise<unknown>): Promise<void> {
    const state = { over: false }
    void done.finally(() => (state.over = true))
    for (;;) {
      await settled()
      if (state.over) return
      if (!this.#scheduler.step()) {
        throw new Error(`seed ${this.#options.seed}: nothing is left to happen, but jobs have not ended`)
      }
    }
  }

  /** One job: main, and post however that ended. */
  async #job(job: Job, rough: boolean): Promise<void> {
    this.#count.jobs += 1
    const process = new SimulatedProcess()
    process.mortal = rough
    const state = new Map<string, string>()
    const startedAt = this.#scheduler.now
    const deadAtStart = !this.#isStateAlive()
    let code: number | undefined
    const main = this.#main(process, state, job, startedAt)
    await Promise.race([main.then((result) => (code = result)), process.death])
    if (code === 0) this.#count.succeeded += 1
    if (process.machineLost) {
      this.#count.machinesLost += 1
      return
    }
    if (process.isDead()) {
      this.#count.killed += 1
      // The runner cleans up before it starts the post step.
      await new Promise<void>((resolve) => this.#scheduler.after(this.#random() * 5_000, resolve))
    }
    const post = new SimulatedProcess()
    post.mortal = false
    await this.#post(post, state, job)
    if (code === 1) this.#judgeFailure(process, startedAt, deadAtStart)
    const texts = this.#recoveryTexts(process, post)
    this.#expectKept(process, texts)
    const annotations = process.errors.length + post.errors.length
    if (annotations > 1) this.#violations.push(`${annotations} annotations: ${process.errors.join(' | ')}`)
    const [text] = texts
    // Its pair was not published, so somebody has to refresh once more.
    if (text) this.#lastIssue = undefined
    // The owner reads the log, and usually does what it says.
    if (text && this.#random() < 0.7) await this.#once(this.#random() * 600_000, () => this.#recover(text))
  }

  /** What the job printed for its owner. */
  #recoveryTexts(main: SimulatedProcess, post: SimulatedProcess): JournalContent[] {
    const secrets = { clientSecret: this.#box.clientSecret, stateKey: undefined }
    return [...main.lines, ...post.lines]
      .filter((line) => line.startsWith('box-token-recovery.'))
      .map((text) => openRecovery('recovery', secrets, this.#box.clientId, text))
      .filter((opened): opened is JournalContent => !('problem' in opened))
  }

  /** Rule 9: every token that Box has issued and that arrived was published, or is in the hands of its owner. */
  #expectKept({ received }: SimulatedProcess, texts: readonly JournalContent[]): void {
    if (this.#options.naive || this.#options.without === 'publish') return
    for (const token of received) {
      if (!this.#published.has(token) && !texts.some(({ refreshToken }) => refreshToken === token))
        this.#violations.push('a refresh token that Box had issued was thrown away')
    }
  }

  #judgeFailure(process: SimulatedProcess, startedAt: number, deadAtStart: boolean): void {
    this.#count.failed += 1
    if (this.#options.naive) return
    if (this.#isBroken()) this.#logInSoon()
    const now = this.#scheduler.now
    const duringOutage = this.#outages.some(({ from, to }) => from <= now && to + 30_000 >= startedAt)
    // While the chain is dead, somebody has to sign in, and then a job has to be given that token.
    if (this.#isExcused || duringOutage || deadAtStart || !this.#isStateAlive()) return
    this.#violations.push(`a job failed: ${process.errors.join(' | ')}`)
  }

  #main(process: SimulatedProcess, state: Map<string, string>, job: Job, startedAt: number): Promise<0 | 1> {
    const clock = new RunnerClock(this.#scheduler, epoch + (this.#random() - 0.5) * 600_000)
    process.clock = clock
    const interrupted = new AbortController()
    const inputs = { ...this.#inputs(), 'refresh-token': job.secrets[secretName] ?? '' }
    return runMain({
      runner: this.#runner(process, startedAt),
      getInput: (name) => (inputs as Record<string, string>)[name] ?? '',
      context: () =>
        Promise.resolve({ repository, runId: job.run.id, runAttempt: job.run.attempt, trigger: undefined }),
      variables: { GITHUB_REPOSITORY: repository },
      fetch: this.#fetch(process),
      proxies: [],
      proxySecrets: [],
      proxyProblems: [],
      clock,
      random: this.#random,
      signals: { hold: () => {}, release: () => {}, interrupted: interrupted.signal },
      saveState: (name, value) => void state.set(name, value),
      canWrite: () => true,
    })
  }

  #post(process: SimulatedProcess, state: ReadonlyMap<string, string>, job: Job): Promise<0 | 1> {
    const clock = new RunnerClock(this.#scheduler, epoch)
    process.clock = clock
    const inputs: Record<string, string> = {
      ...this.#inputs(),
      'refresh-token': job.secrets[secretName] ?? '',
    }
    return runPost({
      runner: this.#runner(process, this.#scheduler.now),
      getInput: (name) => inputs[name] ?? '',
      getState: (name) => state.get(name) ?? '',
      interrupted: new AbortController().signal,
      variables: {},
      fetch: this.#fetch(process),
      proxies: [],
      proxySecrets: [],
      clock,
      random: this.#random,
    })
  }

  #inputs(): Record<string, string> {
    const sharing = { 'state-variable': stateVariable, 'minimum-validity': String(minimumValidity) }
    return {
      'client-id': this.#box.clientId,
      'client-secret': this.#box.clientSecret,
      'github-token': writeToken,
      'retry-for': String(retryFor),
      'box-api-url': 'https://api.box.com',
      'github-api-url': 'https://api.github.com',
      ...(this.#options.naive ? {} : sharing),
    }
  }

  #runner(process: SimulatedProcess, startedAt: number): Runner {
    const ignore = (): void => {}
    return {
      setSecret: ignore,
      setOutput: (name: string, value: unknown) => {
        if (name === 'access-token') this.#handedOut(String(value), startedAt)
      },
      exportVariable: ignore,
      info: (line: string) => process.lines.push(line),
      warning: (line: string | Error) => process.lines.push(String(line)),
      error: (line: string | Error) => process.errors.push(String(line)),
      // There is no summary file, so this is never used.
      summary: undefined as never,
    }
  }

  #handedOut(accessToken: string, startedAt: number): void {
    const pair = this.#box.pairs.find((one) => one.accessToken === accessToken)
    if (!pair) {
      this.#violations.push('a token was handed out that Box never issued')
      return
    }
    if (this.#options.naive) return
    // With less time left than jobs ask for, others may refresh: Box may repeat an old answer, with what is left of it.
    const isDue = pair.accessExpiresAt - epoch - this.#scheduler.now < minimumValidity * 60_000
    if (!this.#box.accepts(accessToken) && !this.#isExcused && !isDue)
      this.#violations.push('a dead token was handed out')
    const publishedAt = this.#published.get(pair.refreshToken)
    if (publishedAt === undefined) {
      this.#violations.push('a token was handed out before it was published')
    } else if (startedAt < publishedAt) {
      this.#count.longestWaitMs = Math.max(this.#count.longestWaitMs, this.#scheduler.now - publishedAt)
    }
    // The job uses it, which ends its predecessors.
    this.#box.handle({
      method: 'GET',
      target: '/2.0/users/me',
      headers: { authorization: `Bearer ${accessToken}` },
      body: '',
    })
  }

  #fetch(process: SimulatedProcess): typeof fetch {
    return (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const service = url.hostname === 'api.box.com' ? 'box' : 'github'
      const model: Model = service === 'box' ? this.#box : this.#github
      const headers = Object.fromEntries(new Headers(init?.headers).entries())
      const body =
        init?.body instanceof URLSearchParams || typeof init?.body === 'string' ? init.body.toString() : ''
      const request = { method: init?.method ?? 'GET', target: `${url.pathname}${url.search}`, headers, body }
      return this.#deliver(process, service, model, request, init?.signal ?? undefined)
    }
  }

  /** What the server does; a rule that is switched off is switched off here. */
  #act(process: SimulatedProcess, model: Model, request: ModelRequest, label: string): ModelReply {
    const { without } = this.#options
    if (without === 'one claim at a time') {
      if (label === 'claims') return { status: 200, body: { total_count: 0, variables: [] } }
      if (label === 'create claim') return { status: 201, body: {} }
    }
    if (without === 'publish' && (label === 'create state' || label === 'update state'))
      return { status: 204 }
    if (without === 'claims stay' && label === 'update claim' && request.body.includes('done-at')) {
      return model.handle({ ...request, method: 'DELETE', body: '' })
    }
    if (without === 'read the state again under the claim' && label === 'state') {
      process.firstState ??= model.handle(request)
      return process.firstState
    }
    if (without === 'old copies go by the state') {
      // Neither the fingerprints nor the dates show that a copy is old.
      if (label === 'run') return { status: 403, body: { message: 'Resource not accessible' } }
      if (label === 'state') return this.#withoutFingerprints(model.handle(request))
    }
    const issued = this.#box.pairs.length
    const isPublishing = label === 'create state' || label === 'update state'
    const before = isPublishing ? this.#state() : undefined
    const reply = model.handle(request)
    if (this.#box.pairs.length > issued) this.#issued(this.#box.pairs.at(-1))
    if (isPublishing && reply.status < 300) {
      const token = this.#state()
      this.#expectNewer(before, token)
      if (token !== undefined && !this.#published.has(token)) this.#published.set(token, this.#scheduler.now)
    }
    return reply
  }

  /** Rule 4: a pair is only replaced by one that came of it, or from a later sign-in. */
  #expectNewer(before: string | undefined, after: string | undefined): void {
    const [old, now] = [this.#pairOf(before), this.#pairOf(after)]
    if (!old || !now || this.#options.naive) return
    const { pairs } = this.#box
    // Without the date of its run, a job cannot tell that the token of a sign-in, which nobody has used, is from before
    // another sign-in.
    if (old.grant !== now.grant && !this.#readsRuns) return
    const isOlder = old.grant === now.grant ? pairs.indexOf(now) < pairs.indexOf(old) : now.grant < old.grant
    if (isOlder) this.#violations.push('an older pair was published over a newer one')
  }

  /** At most one refresh in the time that a token is valid. */
  #issued(pair: IssuedPair | undefined): void {
    if (!pair?.parent) return
    this.#count.refreshes += 1
    const now = this.#scheduler.now
    // At the worst moment, and perhaps for longer than main and post together keep trying.
    if (this.#isRough && this.#random() < 0.02)
      this.#outages.push({ service: 'github', from: now, to: now + this.#random() * retryFor * 5_000 })
    const last = this.#lastIssue
    // A newer sign-in wins, whenever the first job that was given its token comes.
    const sameLogIn = last?.grant === pair.grant
    if (
      !this.#options.naive &&
      last &&
      sameLogIn &&
      now < last.goodUntil - minimumValidity * 60_000 &&
      !this.#isExcused
    ) {
      this.#violations.push(`refreshed twice within ${Math.round((now - last.at) / 1000)} s`)
    }
    this.#lastIssue = { at: now, goodUntil: pair.accessExpiresAt - epoch, grant: pair.grant }
  }

  #deliver(
    process: SimulatedProcess,
    service: 'box' | 'github',
    model: Model,
    request: ModelRequest,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const label = model.label(request)
    if (process.mortal || !process.isDead()) this.#count.requests += 1
    const rough = process.mortal
    return send(process, signal, (sent) => {
      const delay = (): number =>
        rough && this.#random() < 0.02 ? 15_000 * this.#random() : 5 + 300 * this.#random()
      const answer = (reply: ModelReply, lost: () => void): void => {
        const headers = wireHeaders(reply, { now: () => epoch + this.#scheduler.now })
        const text = wireBody(reply)
        this.#scheduler.after(delay(), () => {
          sent.forget()
          if (sent.isForNobody()) return lost()
          if (label === 'token' && reply.status === 200) process.received.push(refreshTokenIn(reply))
          sent.arrive(new Response(text === '' ? null : text, { status: reply.status, headers }))
        })
      }
      const meddle = (): void => {
        if (!rough || process.isDead()) return
        // Only a job that is refreshing is worth hitting: jobs that wait hold nothing.
        const holds = label !== 'state' && label !== 'claim'
        if (holds && this.#random() < 0.01) {
          this.#excuse(7_200_000)
          if (this.#random() < 0.15) process.machineLost = true
          process.kill()
        }
      }
      meddle()
      this.#scheduler.after(delay(), () => {
        if (process.isDead()) return sent.forget()
        const now = this.#scheduler.now
        const out = this.#outages.some((one) => one.service === service && one.from <= now && now < one.to)
        if (out) return this.#random() < 0.5 ? answer(replies.status(503), () => {}) : sent.fail('ECONNRESET')
        const faulty = rough && this.#random() < 0.03
        if (faulty && this.#random() < 0.5) return sent.fail('ECONNRESET')
        const reply = this.#act(process, model, request, label)
        let told = false
        const lose = (): void => {
          if (told || label !== 'token' || reply.status !== 200) return
          told = true
          // If Box ends the old pair at once, this is the end of the chain.
          this.#excuse(7_200_000)
          if (this.#isBroken()) {
            if (!this.#brokenChain) this.#count.excused += 1
            this.#brokenChain = true
            this.#logInSoon()
          }
        }
        // Given up by the client, which will ask again before this one is over.
        if (signal?.aborted) lose()
        else sent.onGivenUp(lose)
        meddle()
        if (process.isDead()) return lose()
        if (!faulty) return answer(reply, lose)
        lose()
        this.#scheduler.after(delay(), () => sent.fail('ECONNRESET'))
      })
    })
  }
}
