/** Box and GitHub side by side, as local servers, with a repository that is ready for a run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Box, type IssuedPair, type Reading } from './box.ts'
import type { ServerClock } from './exchange.ts'
import { GitHub, type Job, type SecretAccess, type SecretStore } from './github.ts'
import { runPostStep, runStep, type Step, type StepResult } from './runner.ts'
import { readsUpTo } from './lagging.ts'
import { LocalServer, type Recorded, type ServerIdentity } from './server.ts'

/** The servers' clock: the machine's, but tests can move it. */
export class MovableClock implements ServerClock {
  #offset = 0
  #file: string | undefined
  #last = { pid: 0, skippedMs: 0 }
  readonly #ended = new Set<number>()

  now(): number {
    if (this.#file !== undefined) this.#catchUp(this.#file)
    return Date.now() + this.#offset
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#offset += ms
  }

  /** Follows a process that skips its pauses (skip-pauses.mjs), and the next one after it. */
  follow(file: string): void {
    this.#file = file
  }

  /** Stops following. */
  stay(): void {
    this.#file = undefined
  }

  get follows(): boolean {
    return this.#file !== undefined
  }

  #catchUp(file: string): void {
    const seen = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; skippedMs: number }
    const before = seen.pid === this.#last.pid ? this.#last.skippedMs : 0
    if (seen.pid !== this.#last.pid) this.#ended.add(this.#last.pid)
    if (this.#ended.has(seen.pid)) throw new Error('two processes skip their pauses at once')
    this.#offset += seen.skippedMs - before
    this.#last = seen
  }
}

/** How a sandbox is set up. */
export interface SandboxOptions {
  readonly reading?: Reading
  readonly latencyMs?: number
  /** GitHub's reads are of any age up to this, in milliseconds, different for each request. */
  readonly lagMs?: number
  /** `false` if the speed of the servers matters; see `ServerOptions`. */
  readonly checksDescriptions?: boolean
  /** Name of an environment that holds the secret instead of the repository. */
  readonly environment?: string
  /** Certificates for https under made-up names. */
  readonly tls?: { readonly box: ServerIdentity; readonly github: ServerIdentity }
  /** Keeps the secret in the organization, for these repositories. */
  readonly organization?: SecretAccess
  /** Whether all steps skip their pauses; see `Sandbox.skippingPauses`. Not if several run at once. */
  readonly skipsPauses?: boolean
}

/** A `with:` block and the rest of a step. */
export interface RunOptions {
  readonly with?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A job that was queued earlier; without it, a run is queued now. */
  readonly job?: Job
  readonly onStart?: (pid: number) => void
  readonly event?: unknown
}

export const organizationName = 'octo-org'
export const repository = `${organizationName}/nightly`
/** May write the secret and read the run. */
export const writeToken = 'github_pat_11AAAAAAA0sandbox_mayWriteSecretsAndReadRuns'
export const secretName = 'BOX_REFRESH_TOKEN'

/** The whole sandbox. Start it with `Sandbox.start`, end it with `stop`. */
export class Sandbox implements AsyncDisposable {
  readonly clock = new MovableClock()
  readonly box: Box
  readonly github: GitHub
  readonly boxServer: LocalServer
  readonly githubServer: LocalServer
  readonly record: Recorded[] = []
  readonly environment: string | undefined
  /** Whether the secret is the organization's. */
  readonly organization: boolean
  /** Where the refresh token is kept. */
  readonly store: SecretStore
  readonly firstPair: IssuedPair
  readonly #skipsPauses: boolean
  #folder: string | undefined

  private constructor(options: SandboxOptions) {
    const {
      reading = 'grace',
      latencyMs = 0,
      lagMs = 0,
      checksDescriptions = true,
      environment,
      organization,
      tls,
      skipsPauses = false,
    } = options
    const { clock, record } = this
    this.box = new Box({ clock, reading })
    this.github = new GitHub(clock)
    this.github.readAge = readsUpTo(lagMs, Math.random)
    this.boxServer = new LocalServer({
      service: 'box',
      model: this.box,
      clock,
      record,
      latencyMs,
      checksDescriptions,
      ...(tls ? { tls: tls.box } : {}),
    })
    this.githubServer = new LocalServer({
      service: 'github',
      model: this.github,
      clock,
      record,
      latencyMs,
      checksDescriptions,
      ...(tls ? { tls: tls.github } : {}),
    })
    this.environment = environment
    this.#skipsPauses = skipsPauses
    const { id, secrets } = this.github.addRepository(repository)
    const organizationStore = this.github.addOrganization(organizationName)
    this.organization = organization !== undefined
    if (organization) this.store = organizationStore
    else
      this.store = environment === undefined ? secrets : this.github.addEnvironment(repository, environment)
    this.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: {
        secrets: 'write',
        environments: 'write',
        actions: 'read',
        variables: 'write',
        organization_variables: 'write',
        dependabot_secrets: 'write',
        organization_secrets: 'write',
      },
    })
    this.firstPair = this.box.logIn()
    this.github.setSecret(secrets, 'BOX_CLIENT_ID', this.box.clientId)
    this.github.setSecret(secrets, 'BOX_CLIENT_SECRET', this.box.clientSecret)
    this.github.setSecret(secrets, 'BOX_SECRETS_TOKEN', writeToken)
    const access = organization?.selected
      ? { ...organization, selected: [id, ...organization.selected] }
      : organization
    this.github.setSecret(this.store, secretName, this.firstPair.refreshToken, access)
  }

  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const sandbox = new Sandbox(options)
    await Promise.all([sandbox.boxServer.start(), sandbox.githubServer.start()])
    // Set up by hand some days ago.
    sandbox.clock.advance(3 * 24 * 3600 * 1000)
    return sandbox
  }

  /** Queues a run now, and starts its job. */
  startJob(): Job {
    return this.github.startJob(this.github.queueRun(repository), this.environment)
  }

  /** Runs the action once, as the workflow in the README does. */
  async run(options: RunOptions = {}): Promise<StepResult> {
    return runStep(this.step(options))
  }

  /** Runs the main step and then, however it ended, the post step. */
  async runWithPost(options: RunOptions = {}): Promise<{ main: StepResult; post: StepResult }> {
    const step = this.step(options)
    const main = await runStep(step)
    return { main, post: await runPostStep(step, main.state) }
  }

  /** The step of the workflow in the README, for a job that is queued now unless one is given. */
  step(options: RunOptions = {}): Step {
    const job = options.job ?? this.startJob()
    const { secrets } = job
    return {
      job,
      apiUrl: this.githubServer.url,
      with: {
        'client-id': secrets['BOX_CLIENT_ID'] ?? '',
        'client-secret': secrets['BOX_CLIENT_SECRET'] ?? '',
        'refresh-token': secrets[secretName] ?? '',
        'github-token': secrets['BOX_SECRETS_TOKEN'] ?? '',
        'box-api-url': this.boxServer.url,
        // Long enough for every temporary fault, and shorter than a test may take with a permanent one.
        'retry-for': '20',
        ...(this.environment === undefined ? {} : { environment: this.environment }),
        ...(this.organization ? { organization: organizationName } : {}),
        ...options.with,
      },
      env: { ...(this.#skipsPauses ? this.skippingPauses : {}), ...options.env },
      event: options.event,
      ...(options.onStart ? { onStart: options.onStart } : {}),
    }
  }

  /**
   * The environment of a process that skips its pauses: where it would only wait for time to pass, its clock and that
   * of the servers jump. Only for one process at a time: several at once would each move the clock for all.
   */
  get skippingPauses(): { readonly NODE_OPTIONS: string; readonly SKIPPED_TIME_FILE: string } {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'box-token-clock-'))
    const file = join(this.#folder, 'skipped.json')
    const preload = pathToFileURL(join(import.meta.dirname, 'skip-pauses.mjs')).href
    if (!this.clock.follows) {
      writeFileSync(file, JSON.stringify({ pid: 0, skippedMs: 0 }))
      this.clock.follow(file)
    }
    return { NODE_OPTIONS: `--import=${preload}`, SKIPPED_TIME_FILE: file }
  }

  /** The refresh token that is stored now. */
  get stored(): string {
    return this.store.value(secretName) ?? ''
  }

  /** What was requested, in order: `github probe`, `box token`, … */
  get requests(): string[] {
    return this.record.map(({ service, label }) => `${service} ${label}`)
  }

  /** Differences from the servers' own API descriptions. */
  get violations(): string[] {
    return [...this.githubServer.violations, ...this.boxServer.violations]
  }

  async stop(): Promise<void> {
    await Promise.all([this.boxServer.stop(), this.githubServer.stop()])
    this.clock.stay()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
