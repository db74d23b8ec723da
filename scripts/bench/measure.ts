/** Starts programs and measures them. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Counted, Scenario, Servers, Started } from './servers-client.ts'

/** A program to measure. */
export interface Subject {
  readonly name: string
  readonly scenario: Scenario
  /** Milliseconds that each request takes at the server. */
  readonly latencyMs: number
  /** Node's arguments. */
  readonly args: (started: Started) => readonly string[]
  /** Added to its environment; `undefined` removes a variable. */
  readonly env?: (started: Started) => Readonly<Record<string, string | undefined>>
  /** 0 by default. */
  readonly exitCode?: number
}

/** What one program took, over all rounds. */
export interface Measured {
  readonly subject: Subject
  /** Milliseconds from its start to its end, one for each round. */
  readonly times: number[]
  /** Peak memory in bytes. */
  readonly peaks: number[]
  counted: Counted | undefined
  /** Bytes of JavaScript, by file. */
  modules: Readonly<Record<string, number>>
}

/** Memory needs fewer rounds: it hardly varies. */
const memoryRounds = 5

/**
 * Measures programs in turn, so that if the machine is slow for a while, it is slow for all of them.
 *
 * @param rounds how often each is timed, after one warm-up round
 */
export async function measure(
  servers: Servers,
  subjects: readonly Subject[],
  rounds: number,
): Promise<Measured[]> {
  const all = subjects.map((subject): Measured => ({
    subject,
    times: [],
    peaks: [],
    counted: undefined,
    modules: {},
  }))
  for (let round = -1; round < rounds; round += 1) {
    for (const measured of all) {
      const { ms, counted } = await once(servers, measured.subject)
      if (round >= 0) measured.times.push(ms)
      measured.counted = counted
    }
  }
  for (let round = 0; round < memoryRounds; round += 1) {
    for (const measured of all)
      measured.peaks.push((await once(servers, measured.subject, 'memory')).usage.peak)
  }
  for (const measured of all)
    measured.modules = (await once(servers, measured.subject, 'modules')).usage.modules
  return all
}

interface Usage {
  readonly peak: number
  readonly modules: Readonly<Record<string, number>>
}

/** Runs a program once. When its time is measured, it runs without instrumentation. */
async function once(
  servers: Servers,
  subject: Subject,
  look?: 'memory' | 'modules',
): Promise<{ readonly ms: number; readonly counted: Counted; readonly usage: Usage }> {
  const started = await servers.ready(subject.scenario, subject.latencyMs)
  const file = join(started.cwd, 'usage.json')
  const watched = look ? ['--import', new URL('usage.mjs', import.meta.url).href] : []
  const env = {
    ...started.env,
    ...subject.env?.(started),
    ...(look ? { USAGE: file, ...(look === 'modules' ? { USAGE_MODULES: '1' } : {}) } : {}),
  }
  const before = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [...watched, ...subject.args(started)], {
    cwd: started.cwd,
    env,
    encoding: 'utf8',
  })
  const ms = performance.now() - before
  const ended = status === (subject.exitCode ?? 0)
  const usage = look && ended ? (JSON.parse(readFileSync(file, 'utf8')) as Usage) : { peak: 0, modules: {} }
  const counted = await servers.done(started)
  if (!ended) throw new Error(`${subject.name} ended with ${status}:\n${stdout}${stderr}`)
  if (!counted.alive) throw new Error(`after "${subject.name}", the stored refresh token is not valid`)
  return { ms, counted, usage }
}

/** The median of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1)
  return (low + high) / 2
}

/** The median of the ratios of two programs, round by round. */
export function ratio(one: Measured, other: Measured): number {
  return median(one.times.map((ms, round) => ms / (other.times[round] ?? NaN)))
}
