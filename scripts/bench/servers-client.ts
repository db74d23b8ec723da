/** The process with the sandboxes, as the benchmark sees it. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Service } from '../../test/sandbox/descriptions.ts'

/** The situation that a run finds. */
export type Scenario =
  /** Nothing special: for the plain script, which sends one request. */
  | 'floor'
  /** The pair is refreshed and stored. */
  | 'refresh'
  /** Jobs share a token: it is valid for longer than this job needs. */
  | 'reuse'
  /** Jobs share a token: it has expired, and this job refreshes it. */
  | 'shared refresh'
  /** The post step of a run that left it nothing to do. */
  | 'post'

/** What the process is asked to do. `done`: the run in that folder is over. */
export type Asked =
  | { readonly ask: 'ready'; readonly scenario: Scenario; readonly latencyMs: number }
  | { readonly ask: 'done'; readonly cwd: string }

/** A run that is ready to start. */
export interface Started {
  readonly file: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Where the floor sends its one request, and with which token. */
  readonly floor: Readonly<Record<string, string>>
}

/** One request that a run sent. */
export interface Sent {
  readonly service: Service
  readonly label: string
  readonly method: string
}

/** What a run sent. */
export interface Counted {
  readonly requests: readonly Sent[]
  /** The length of the longest series of requests that each waited for the one before. */
  readonly inARow: number
  /** The most requests that were in flight at once. */
  readonly atOnce: number
  /** Whether Box would accept the stored refresh token. */
  readonly alive: boolean
}

/** Starts the process, talks to it, and ends it. */
export class Servers implements AsyncDisposable {
  readonly #process: ChildProcess

  private constructor(child: ChildProcess) {
    this.#process = child
  }

  static async start(): Promise<Servers> {
    const child = fork(join(import.meta.dirname, 'servers.ts'))
    await Promise.race([once(child, 'message'), once(child, 'exit').then(ended)])
    return new Servers(child)
  }

  /** Sets up a run. */
  async ready(scenario: Scenario, latencyMs: number): Promise<Started> {
    return this.#ask<Started>({ ask: 'ready', scenario, latencyMs })
  }

  /** Deletes the folder of a run, and returns what the run sent. */
  async done({ cwd }: Started): Promise<Counted> {
    return this.#ask<Counted>({ ask: 'done', cwd })
  }

  async #ask<T extends object>(asked: Asked): Promise<T> {
    const given = new AbortController()
    const { signal } = given
    this.#process.send(asked)
    try {
      const [answer] = (await Promise.race([
        once(this.#process, 'message', { signal }),
        once(this.#process, 'exit', { signal }).then(ended),
      ])) as [T | { readonly problem: string }]
      if ('problem' in answer) throw new Error(answer.problem)
      return answer
    } finally {
      given.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.disconnect()
    await exit
  }
}

function ended(): never {
  throw new Error('the process with the sandboxes has ended')
}
