/**
 * Runs the action's own code, main and post, in this process against the models of Box and GitHub, without sockets and
 * under a virtual clock. A test sets the stage, defines what goes wrong and when, and looks at the result: a run takes
 * a few milliseconds, and an hour of waiting takes none.
 *
 * Every request takes 100 ms; the server acts after half of that. Random numbers are always 0.5: the pauses between
 * tries are 375, 750, 1,500, 3,000, 6,000 ms, and 11,250 ms from then on.
 */
import { expect } from 'vitest'
import { runMain, type World } from '../../src/action/main-step.ts'
import { stateNames } from '../../src/journal/step-state.ts'
import { runPost, type PostWorld } from '../../src/action/post-step.ts'
import { GitHubClient } from '../../src/github/client.ts'
import { NotConnected } from '../../src/http/exchange.ts'
import { RetryBudget, type RetryEnvironment } from '../../src/http/retry.ts'
import { Report, type Runner } from '../../src/action/outputs.ts'
import type { WorkflowContext } from '../../src/action/workflow-context.ts'
import { Box, type IssuedPair, type Reading } from '../sandbox/box.ts'
import { wireBody, wireHeaders, type Model, type ModelReply, type ModelRequest } from '../sandbox/exchange.ts'
import { FaultScript, type Fault } from '../sandbox/faults.ts'
import { GitHub, type Job, type SecretAccess, type SecretStore } from '../sandbox/github.ts'
import { readsUpTo } from '../sandbox/lagging.ts'
import { RunnerClock, Scheduler, seeded, settled } from '../simulation/virtual.ts'

export const repository = 'octo-org/nightly'
export const organization = 'octo-org'
export const secretName = 'BOX_REFRESH_TOKEN'
/** A token that may write every kind of secret and read the run. */
export const writeToken = 'github_pat_protocol_mayWrite01234567890'

/** When the secret was set by hand; the first run is three days later. */
const setUpAt = Date.UTC(2026, 10, 20, 6)
const latencyMs = 100
/** The offset of the runner's own clock. */
const wallOffMs = 600_000
/** More requests than any run under test sends: a step that sends more does not end. */
const mostRequests = 150

/** How the stage is set. */
export interface StageOptions {
  readonly reading?: Reading
  /** Keeps the secret in this environment instead of the repository. */
  readonly environment?: string
  /** Keeps the secret in the organization, for these repositories and this one. */
  readonly organization?: SecretAccess
  /** GitHub's reads may be up to this old, in milliseconds; each one has another age. */
  readonly lagMs?: number
}

/** A request as it was sent. */
export interface Sent extends ModelRequest {
  /** Service and label: `github probe`, `box token`, … */
  readonly label: string
  /** Virtual milliseconds since the step began. */
  readonly at: number
}

/** Events during a step, by request: `github write`, or `github metadata 2` for the second one. */
export type Happenings = Readonly<Record<string, (step: Step) => void>>

/** The options that a step is started with. */
export interface StepOptions {
  /** Inputs that differ from those of the stage. */
  readonly with?: Readonly<Record<string, string>>
  /** A job that was queued earlier; by default, a run is queued now. */
  readonly job?: Job
  readonly variables?: Readonly<Record<string, string>>
  /** After the request has arrived, before the server acts. */
  readonly before?: Happenings
  /** After the server has acted, before its answer arrives. */
  readonly after?: Happenings
  readonly context?: Partial<WorkflowContext>
  readonly world?: Partial<World & PostWorld>
}

/** A step and everything that it did. */
export class Step {
  /** What it did, in order: requests, masks, state values, outputs, signals held and released. */
  readonly events: string[] = []
  readonly requests: Sent[] = []
  readonly log: string[] = []
  readonly warnings: string[] = []
  /** The annotations: title and message. */
  readonly errors: { readonly title: string; readonly message: string }[] = []
  readonly masks: string[] = []
  readonly outputs: Record<string, string> = {}
  readonly exported: Record<string, string> = {}
  /** Headings and rows of the job summary. */
  readonly summary: string[][] = []
  readonly state = new Map<string, string>()
  readonly clock: RunnerClock
  readonly scheduler: Scheduler
  readonly interrupted = new AbortController()
  readonly death: Promise<void>
  readonly #startedAt: number
  #die: () => void = () => {}
  held = false
  /** `undefined` for a step that was killed. */
  exitCode: 0 | 1 | undefined

  constructor(scheduler: Scheduler, wallOffset: number) {
    this.scheduler = scheduler
    this.#startedAt = scheduler.now
    this.clock = new RunnerClock(scheduler, wallOffset)
    this.death = new Promise((resolve) => (this.#die = resolve))
  }

  /** Virtual milliseconds since the step began. */
  get now(): number {
    return this.scheduler.now - this.#startedAt
  }

  /** Requests in order, without their times. */
  get asked(): string[] {
    return this.requests.map(({ label }) => label)
  }

  /** Requests with the times at which they were sent: `100 box token`. */
  get timeline(): string[] {
    return this.requests.map(({ at, label }) => `${at} ${label}`)
  }

  /** The requests with a label. */
  sent(label: string): Sent[] {
    return this.requests.filter((request) => request.label === label)
  }

  /** The noted progress of the pair in main's journal. */
  get progress(): string | undefined {
    return this.state.get(stateNames.progress)
  }

  /** The process ends at once, and nothing in it continues. */
  kill(): void {
    this.clock.dead = true
    this.#die()
  }

  isDead(): boolean {
    return this.clock.dead
  }

  /** The job is cancelled: SIGINT, which ends a process unless it holds the signal off. */
  cancel(): void {
    if (this.held) this.interrupted.abort()
    else this.kill()
  }
}

/** The objects that a part of the action needs. */
export interface Parts {
  readonly client: GitHubClient
  readonly environment: RetryEnvironment
  readonly narrator: Report
  /** A budget of a minute. */
  readonly budget: RetryBudget
  readonly step: Step
}

/** A repository that is ready for a run, and the services around it. */
export class Stage {
  readonly scheduler = new Scheduler()
  readonly box: Box
  readonly github: GitHub
  readonly faults = { box: new FaultScript(), github: new FaultScript() }
  /** Requests that are never sent because there is no connection, with Node.js's error code. */
  readonly broken = new Map<string, string>()
  /** Services that accept no connection at all. */
  readonly down = new Set<'box' | 'github'>()
  /** Where the refresh token is kept. */
  readonly store: SecretStore
  /** Dependabot's secrets of the repository. */
  readonly dependabot: SecretStore
  readonly firstPair: IssuedPair
  readonly #options: StageOptions

  constructor(options: StageOptions = {}) {
    this.#options = options
    const clock = { now: () => this.now }
    this.box = new Box({ clock, reading: options.reading ?? 'strict', random: seeded(1) })
    this.github = new GitHub(clock)
    this.github.readAge = readsUpTo(options.lagMs ?? 0, seeded(7))
    const { id, secrets, dependabot } = this.github.addRepository(repository)
    const organizationStore = this.github.addOrganization(organization)
    this.dependabot = dependabot
    this.store = options.organization
      ? organizationStore
      : options.environment === undefined
        ? secrets
        : this.github.addEnvironment(repository, options.environment)
    this.firstPair = this.box.logIn()
    const access = options.organization
    this.github.setSecret(
      this.store,
      secretName,
      this.firstPair.refreshToken,
      access?.selected ? { ...access, selected: [id, ...access.selected] } : access,
    )
    this.mayWrite()
    this.scheduler.now = 3 * 24 * 3600 * 1000
  }

  /** The servers' time, in milliseconds since 1970 (UTC). */
  get now(): number {
    return setUpAt + this.scheduler.now
  }

  /** The refresh token that is stored now. */
  get stored(): string {
    return this.store.value(secretName) ?? ''
  }

  /** The pair that Box issued last. */
  get lastPair(): IssuedPair {
    return this.box.pairs.at(-1) ?? this.firstPair
  }

  /** Gives the write token all permissions. */
  mayWrite(expiresAt?: number): void {
    this.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: {
        secrets: 'write',
        variables: 'write',
        environments: 'write',
        actions: 'read',
        dependabot_secrets: 'write',
        organization_secrets: 'write',
        organization_variables: 'write',
      },
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })
  }

  /** Makes one request, or every one with a label, fail. Service and label are those of `Sent.label`. */
  fault(label: string, fault: Fault, count: { readonly times?: number; readonly skip?: number } = {}): void {
    const [service, ...rest] = label.split(' ')
    this.faults[service === 'box' ? 'box' : 'github'].add(rest.join(' '), fault, count)
  }

  /** Sets the answer to a request, instead of what the server would answer. */
  reply(
    label: string,
    reply: ModelReply,
    count: { readonly times?: number; readonly skip?: number } = {},
  ): void {
    this.fault(label, { kind: 'reply', reply }, count)
  }

  /** Somebody else writes the secret, now. */
  writeByHand(value = 'written-by-somebody-else'): void {
    this.github.setSecret(this.store, secretName, value)
  }

  /** A run is queued and its job starts, now. */
  startJob(): Job {
    return this.github.startJob(this.github.queueRun(repository), this.#options.environment)
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.#until(new Promise<void>((resolve) => this.scheduler.after(ms, resolve)))
  }

  /** Runs several main steps, each starting this many milliseconds after the previous one; they may overlap. */
  async together(count: number, apartMs: number, options: StepOptions = {}): Promise<Step[]> {
    const steps = Array.from({ length: count }, async (_, index) => {
      await new Promise<void>((resolve) => this.scheduler.after(index * apartMs, resolve))
      // Jobs differ only by their random numbers.
      return this.main({ ...options, world: { random: seeded(1000 + index), ...options.world } })
    })
    const all = Promise.all(steps)
    await this.#until(all)
    return all
  }

  /** Runs the main step to its end. */
  async main(options: StepOptions = {}): Promise<Step> {
    const job = options.job ?? this.startJob()
    const step = new Step(this.scheduler, setUpAt + wallOffMs)
    const inputs = this.#inputs(job, options)
    const running = runMain({
      runner: this.#runner(step),
      getInput: (name) => inputs[name] ?? '',
      context: () =>
        Promise.resolve({
          repository,
          runId: job.run.id,
          runAttempt: job.run.attempt,
          trigger: undefined,
          ...options.context,
        }),
      variables: { GITHUB_REPOSITORY: repository, ...options.variables },
      fetch: this.#fetch(step, options),
      proxies: [],
      proxySecrets: [],
      proxyProblems: [],
      clock: step.clock,
      random: () => 0.5,
      signals: {
        hold: () => {
          step.held = true
          step.events.push('signals held')
        },
        release: () => {
          step.held = false
          step.events.push('signals released')
        },
        interrupted: step.interrupted.signal,
      },
      saveState: (name, value) => {
        step.state.set(name, value)
        step.events.push(name === stateNames.journal ? 'state journal' : `state ${name}: ${value}`)
      },
      canWrite: () => true,
      ...options.world,
    })
    return this.#finish(step, running)
  }

  /** Runs a single part of the action. */
  async part<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
    const step = new Step(this.scheduler, setUpAt + wallOffMs)
    const environment = { clock: step.clock, random: () => 0.5 }
    const network = { fetch: this.#fetch(step, {}), clock: step.clock, proxies: [] }
    const client = new GitHubClient({ network, apiUrl: 'https://api.github.com', token: writeToken })
    const narrator = new Report(this.#runner(step))
    const working = work({ client, environment, narrator, step, budget: new RetryBudget(environment, 60) })
    await this.#until(working, step)
    return working
  }

  /** Runs the post step of a job whose main step left a state. */
  async post({ state }: Pick<Step, 'state'>, options: StepOptions = {}): Promise<Step> {
    const job = options.job ?? this.startJob()
    const step = new Step(this.scheduler, setUpAt + wallOffMs)
    step.held = true
    const inputs = this.#inputs(job, options)
    const running = runPost({
      runner: this.#runner(step),
      getInput: (name) => inputs[name] ?? '',
      getState: (name) => state.get(name) ?? '',
      interrupted: step.interrupted.signal,
      variables: options.variables ?? {},
      fetch: this.#fetch(step, options),
      proxies: [],
      proxySecrets: [],
      clock: step.clock,
      random: () => 0.5,
      ...options.world,
    })
    return this.#finish(step, running)
  }

  #inputs(job: Job, options: StepOptions): Readonly<Record<string, string>> {
    const { environment, organization: access } = this.#options
    return {
      'client-id': this.box.clientId,
      'client-secret': this.box.clientSecret,
      'refresh-token': job.secrets[secretName] ?? '',
      'github-token': writeToken,
      'retry-for': '60',
      ...(environment === undefined ? {} : { environment }),
      ...(access ? { organization } : {}),
      ...options.with,
    }
  }

  async #finish(step: Step, running: Promise<0 | 1>): Promise<Step> {
    await this.#until(Promise.race([running.then((code) => (step.exitCode = code)), step.death]), step)
    // A timer that is left over would keep the process from ending, unless the process was killed or cancelled.
    if (!step.isDead() && !step.interrupted.signal.aborted && step.clock.asleep > 0)
      throw new Error(`${step.clock.asleep} timers are left`)
    return step
  }

  /** Lets virtual time go on until a promise is settled. */
  async #until(done: Promise<unknown>, step?: Step): Promise<void> {
    const state = { over: false }
    const over = (): void => void (state.over = true)
    done.then(over, over)
    for (;;) {
      await settled()
      if (state.over) break
      if ((step?.requests.length ?? 0) > mostRequests) throw new Error('the step does not end')
      if (!this.scheduler.step()) throw new Error('nothing is left to happen, and the step has not ended')
    }
    await done
  }

  /** The name of a secret in the tests. */
  nameOf(secret: string): string {
    for (const [index, pair] of this.box.pairs.entries()) {
      if (pair.refreshToken === secret) return `refresh token ${index}`
      if (pair.accessToken === secret) return `access token ${index}`
    }
    if (this.box.narrowed.some(({ accessToken }) => accessToken === secret)) return 'narrowed token'
    if (secret === this.box.clientSecret) return 'client secret'
    return secret === writeToken ? 'write token' : secret
  }

  #runner(step: Step): Runner {
    const rows: string[][] = []
    const summary = {
      addHeading: (text: string) => rows.push([text]),
      addTable: (table: readonly (readonly (string | { readonly data: string })[])[]) =>
        rows.push(...table.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : cell.data)))),
      write: () => Promise.resolve(step.summary.push(...rows)),
    }
    return {
      setSecret: (secret) => {
        step.masks.push(this.nameOf(secret))
        step.events.push(`mask ${this.nameOf(secret)}`)
      },
      setOutput: (name: string, value: unknown) => {
        step.outputs[name] = String(value)
        step.events.push(`output ${name}`)
      },
      exportVariable: (name: string, value: unknown) => void (step.exported[name] = String(value)),
      info: (line: string) => void step.log.push(line),
      warning: (line: string | Error) => void step.warnings.push(String(line)),
      error: (message: string | Error, properties) =>
        void step.errors.push({ title: properties?.title ?? '', message: String(message) }),
      summary: summary as unknown as Runner['summary'],
    }
  }

  /** The network to both services, for one step. */
  #fetch(step: Step, { before = {}, after = {} }: StepOptions): typeof fetch {
    const seen = new Map<string, number>()
    return (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const service = url.hostname === 'api.box.com' ? 'box' : 'github'
      const model: Model = service === 'box' ? this.box : this.github
      const body =
        init?.body instanceof URLSearchParams || typeof init?.body === 'string' ? init.body.toString() : ''
      const headers = Object.fromEntries(new Headers(init?.headers).entries())
      const request = { method: init?.method ?? 'GET', target: `${url.pathname}${url.search}`, headers, body }
      const label = model.label(request)
      const name = `${service} ${label}`
      const nth = (seen.get(name) ?? 0) + 1
      seen.set(name, nth)
      step.requests.push({ ...request, label: name, at: step.now })
      step.events.push(name)
      const happen = (happenings: Happenings): void => {
        if (nth === 1) happenings[name]?.(step)
        happenings[`${name} ${nth}`]?.(step)
      }
      const signal = init?.signal ?? undefined
      return new Promise((resolve, reject) => {
        const fail = (code: string): void => {
          const cause = Object.assign(new Error(code), { code })
          if (!step.isDead()) reject(new TypeError('fetch failed', { cause }))
        }
        signal?.addEventListener('abort', () => fail('ABORTED'), { once: true })
        const broken = this.down.has(service) ? 'ECONNREFUSED' : this.broken.get(name)
        const fault = broken === undefined ? this.faults[service].next(label) : undefined
        this.scheduler.after(latencyMs / 2, () => {
          if (step.isDead()) return
          happen(before)
          if (step.isDead() || signal?.aborted) return
          const failLater = (code: string): void => this.scheduler.after(latencyMs / 2, () => fail(code))
          if (broken !== undefined) {
            const cause = Object.assign(new Error(broken), { code: broken })
            return this.scheduler.after(latencyMs / 2, () => {
              if (!step.isDead()) reject(new NotConnected(cause))
            })
          }
          if (fault?.kind === 'reset-before') return failLater('ECONNRESET')
          if (fault?.kind === 'hang-before') return
          let reply = fault?.kind === 'reply' ? givenReply(fault.reply, request) : model.handle(request)
          if (fault?.kind === 'replace') reply = fault.replace(reply)
          const isCutOff = fault?.kind === 'cut-off' && hasBody(reply)
          const answer = stamped(reply, { now: () => this.now }, isCutOff)
          happen(after)
          // An answer without a body is cut off in its head.
          if (fault?.kind === 'reset-after' || (fault?.kind === 'cut-off' && !isCutOff))
            return failLater('ECONNRESET')
          if (fault?.kind === 'hang-after') return
          const delay = fault?.kind === 'delay' ? fault.ms : 0
          this.scheduler.after(latencyMs / 2 + delay, () => {
            if (!step.isDead() && !signal?.aborted) resolve(answer)
          })
        })
      })
    }
  }
}

/** RFC 9110, section 15.3.5: a 204 ends with its head, whatever a server sends after it. */
function hasBody(reply: ModelReply): boolean {
  return reply.status !== 204 && wireBody(reply) !== ''
}

/** An answer as it leaves the server, dated at that moment. A header with an empty value is left out. */
function stamped(reply: ModelReply, clock: { now(): number }, cutOff: boolean): Response {
  const headers = Object.fromEntries(
    Object.entries(wireHeaders(reply, clock)).filter(([, value]) => value !== ''),
  )
  const body = wireBody(reply)
  const init = { status: reply.status, headers }
  if (!cutOff) return new Response(hasBody(reply) ? body : null, init)
  const half = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body.slice(0, 10).toString()))
      const cause = Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' })
      controller.error(new TypeError('terminated', { cause }))
    },
  })
  return new Response(half, init)
}

/** A fault that changes one part of the body that the GitHub model would answer with. */
export function changed(change: Readonly<Record<string, unknown>>): Fault {
  return {
    kind: 'replace',
    replace: (reply) => ({ ...reply, body: { ...(reply.body as object), ...change } }),
  }
}

/** The run worked: the stored token is live, and the token that was handed out is good. */
export function expectRotated(stage: Stage, step: Step): void {
  expect(step.errors).toEqual([])
  expect(step.exitCode).toBe(0)
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
  expect(stage.box.takes(stage.stored)).toBe(true)
  expect(step.outputs['access-token']).toBe(stage.lastPair.accessToken)
  expect(step.progress).toBe('settled')
}

/** The run failed with this code, in one annotation, and handed nothing out. Returns the message. */
export function expectFailed(step: Step, code: string): string {
  expect(step.errors.map(({ title }) => title)).toEqual([`Box token (${code})`])
  expect(step.outputs).toEqual({ 'error-code': code })
  expect(step.exitCode).toBe(1)
  return step.errors[0]?.message ?? ''
}

/** Box was not asked, and the secret is unchanged. */
export function expectNothingSpent(stage: Stage, step: Step): void {
  expect(step.asked.filter((label) => label.startsWith('box'))).toEqual([])
  expect(stage.stored).toBe(stage.firstPair.refreshToken)
  expect(step.state.size).toBe(0)
}

function givenReply(
  given: ModelReply | ((request: ModelRequest) => ModelReply),
  request: ModelRequest,
): ModelReply {
  return typeof given === 'function' ? given(request) : given
}
