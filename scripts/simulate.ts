/**
 * A longer run of the simulation in test/simulation, on all cores.
 *
 *     npm run simulate                            2,000 schedules, a tenth as many with shared tokens,
 *                                                 a five-hundredth with overlapping runs
 *     npm run simulate -- --schedules 10000       more
 *     npm run simulate -- --first-seed 5000001    schedules that have not been played before
 *     npm run simulate -- --only apart,overlap    some kinds of the three: apart, overlap and sharing
 *     npm run simulate -- --seed 17 --reading strict [--only overlap|sharing]   repeats one schedule
 *     npm run simulate -- --write                 writes the figures to docs/simulation.md
 *     npm run simulate -- --record FILE           keeps what was played in a file, and goes on from there
 *
 * Ctrl-C ends it with the figures so far. Exit code 1: something happened that must never happen.
 */
import { availableParallelism } from 'node:os'
import { stderr } from 'node:process'
import { parseArgs } from 'node:util'
import { Tinypool } from 'tinypool'
import { sealingReady } from '../src/sealing/sealed-box.ts'
import { readings, type Reading } from '../test/sandbox/box.ts'
import { runSchedule } from '../test/simulation/schedule.ts'
import { runSharing } from '../test/simulation/sharing.ts'
import { table, writeGenerated } from './generated.ts'
import { PlayRecord } from './simulate/record.ts'
import { sharingKinds, type Kind, type Part, type PartResult } from './simulate/worker.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    'first-seed': { type: 'string', default: '1' },
    only: { type: 'string' },
    seed: { type: 'string' },
    reading: { type: 'string' },
    write: { type: 'boolean', default: false },
    record: { type: 'string' },
  },
})

/** In bytes: a worker that uses more is replaced. */
const mostMemory = 1_000_000_000

/** This limits roughly how long a part takes, so that all cores have something to do until the end. */
const schedulesInPart = {
  apart: 100,
  overlap: 20,
  'overlap-unchecked': 20,
  sharing: 40,
  burst: 1,
  'burst-naive': 1,
}

/** Whether a kind is to be played. */
function isWanted(kind: 'apart' | 'overlap' | 'sharing'): boolean {
  return values.only?.split(',').includes(kind) ?? true
}

/** Repeats one schedule, from its seed. */
async function replay(seed: number): Promise<void> {
  const reading = readings.find((one) => one === values.reading) ?? 'strict'
  await sealingReady()
  const result =
    values.only === 'sharing'
      ? await runSharing({ ...sharingKinds.sharing, seed, reading })
      : await runSchedule({ seed, reading, overlap: values.only === 'overlap' })
  console.log(result)
  process.exitCode = result.violations.length === 0 ? 0 : 1
}

async function campaign(): Promise<void> {
  const parts = allParts(Number(values.schedules), Number(values['first-seed']))
  const { sums, violations } = await playAll(parts)
  const sections: [name: string, text: string, complete: boolean][] = []
  if (isWanted('apart') || isWanted('overlap'))
    sections.push(['simulation', apartTables(sums), isWanted('apart') && isWanted('overlap')])
  if (isWanted('sharing')) sections.push(['sharing', sharingTables(sums), true])
  for (const [name, text, isComplete] of sections) {
    console.log(text)
    if (values.write && isComplete) await writeGenerated('simulation.md', name, text)
  }
  process.exitCode = violations.length === 0 ? 0 : 1
}

/** Everything there is to play, with the kinds interleaved, so that ending it early gives figures of every kind. */
function allParts(schedules: number, firstSeed: number): Part[] {
  const kinds: [Kind, number][] = []
  if (isWanted('apart')) kinds.push(['apart', schedules])
  if (isWanted('overlap'))
    kinds.push(['overlap', Math.ceil(schedules / 500)], ['overlap-unchecked', Math.ceil(schedules / 500)])
  if (isWanted('sharing'))
    kinds.push(['burst', 1], ['burst-naive', 1], ['sharing', Math.ceil(schedules / 10)])
  const parts: { readonly part: Part; readonly turn: number }[] = []
  for (const [kind, all] of kinds) {
    for (let from = 0; from < all; from += schedulesInPart[kind]) {
      const some = Math.min(schedulesInPart[kind], all - from)
      for (const reading of readings) {
        const part = { kind, reading, firstSeed: firstSeed + from, schedules: some }
        parts.push({ part, turn: from / all })
      }
    }
  }
  return parts.toSorted((one, other) => one.turn - other.turn).map(({ part }) => part)
}

type Sums = (kind: Kind, reading: Reading) => (name: string) => number

/** Plays all parts on all cores, and reports its progress on standard error. */
async function playAll(
  parts: readonly Part[],
): Promise<{ readonly sums: Sums; readonly violations: readonly string[] }> {
  const pool = new Tinypool({
    filename: new URL('./simulate/worker.ts', import.meta.url).href,
    runtime: 'worker_threads',
    minThreads: availableParallelism(),
    maxThreads: availableParallelism(),
    // A worker's memory grows with every schedule.
    maxMemoryLimitBeforeRecycle: mostMemory,
  })
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const record = new PlayRecord(values.record)
  const found: string[] = []
  const left = parts.filter((part) => !record.has(part))
  const progress = new Progress(left.length)
  await Promise.all(
    left.map(async (part) => {
      try {
        const result = (await pool.run(part, { signal: interrupted.signal })) as PartResult
        for (const violation of result.violations) stderr.write(`\n${violation}\n`)
        found.push(...result.violations)
        // What has to be played again is not kept.
        if (result.violations.length === 0) record.add(part, result)
        progress.done(found.length)
      } catch (error) {
        if (!interrupted.signal.aborted) throw error
      }
    }),
  )
  await pool.destroy()
  record.write()
  return { sums: (kind, reading) => (name) => record.sum(kind, reading, name), violations: found }
}

/** Progress and time left: on a terminal, one line that is overwritten; otherwise, a line every five per cent. */
class Progress {
  readonly #all: number
  readonly #startedAt = performance.now()
  #done = 0
  #told = 0

  constructor(all: number) {
    this.#all = all
  }

  done(violations: number): void {
    this.#done += 1
    const share = this.#done / this.#all
    const left = ((performance.now() - this.#startedAt) / share) * (1 - share)
    const failures = violations === 0 ? 'no violation' : `${violations} VIOLATIONS`
    const line = `${Math.floor(share * 100)} % played, ${failures}, about ${inWords(left)} left`
    if (stderr.isTTY) stderr.write(`\r\u001b[K${line}${share === 1 ? '\n' : ''}`)
    else if (share === 1 || share - this.#told >= 0.05) {
      this.#told = share
      stderr.write(`${line}\n`)
    }
  }
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
}

function apartTables(sums: Sums): string {
  const columns = [
    'runs',
    'succeeded',
    'faults',
    'kills',
    'logIns',
    'machinesLost',
    'answersLost',
    'recovered',
    'excused',
    'lost',
  ]
  const apart = readings.map((reading) => {
    const sum = sums('apart', reading)
    return [reading, sum('schedules'), ...columns.map(sum)]
  })
  const together = readings.map((reading) => {
    const checked = sums('overlap', reading)
    const unchecked = sums('overlap-unchecked', reading)
    const share = (sum: (name: string) => number): string =>
      `${sum('lost').toLocaleString('en')} (${percent(sum('lost'), sum('schedules'))})`
    return [reading, checked('schedules'), checked('runs'), share(checked), share(unchecked)]
  })
  return [
    "**Runs that don't overlap**, one after another. Some are queued before the previous run ends. GitHub's reads are up to 30 s old, with another bound in each schedule:",
    table(
      [
        'reading',
        'schedules',
        'runs',
        'succeeded',
        'faults',
        'main killed',
        'sign-ins meanwhile',
        'machines lost',
        'answers from Box lost',
        'recovered by hand',
        'chain ended, no client could help',
        'chain lost',
      ],
      apart,
    ),
    '**Runs that overlap**, up to 12 within seconds, without sharing or a `concurrency` group. The percentage is the share of schedules that lost the chain:',
    table(['reading', 'schedules', 'runs', 'chain lost', 'without the conflict check'], together),
  ].join('\n\n')
}

function sharingTables(sums: Sums): string {
  const bursts = readings.flatMap((reading) => {
    const row = (kind: Kind, name: string, longest: string): (string | number)[] => {
      const sum = sums(kind, reading)
      return [
        reading,
        name,
        sum('jobs'),
        `${sum('succeeded').toLocaleString('en')} (${percent(sum('succeeded'), sum('jobs'))})`,
        sum('refreshes'),
        (sum('requests') / Math.max(1, sum('jobs'))).toFixed(2),
        longest,
      ]
    }
    const longest = `${(sums('burst', reading)('longestWaitMs') / 1000).toFixed(1)} s`
    return [row('burst', 'shared', longest), row('burst-naive', 'separate', '')]
  })
  const columns = ['killed', 'machinesLost', 'outages', 'logIns', 'failed', 'excused']
  const rough = readings.map((reading) => {
    const sum = sums('sharing', reading)
    return [
      reading,
      sum('schedules'),
      sum('jobs'),
      sum('succeeded'),
      sum('refreshes'),
      (sum('requests') / Math.max(1, sum('jobs'))).toFixed(2),
      ...columns.map(sum),
    ]
  })
  return [
    'A thousand jobs at once, all with the same old refresh token, and again two hours later, still with that token:',
    table(
      [
        'reading',
        'tokens',
        'jobs',
        'succeeded',
        'refreshes',
        'requests per job',
        'from publishing until the last job has it',
      ],
      bursts,
    ),
    'Jobs over six hours and more, alone and many at once; a tenth of them wait up to three days and hold an old refresh token:',
    table(
      [
        'reading',
        'schedules',
        'jobs',
        'succeeded',
        'refreshes',
        'requests per job',
        'killed',
        'machines lost',
        'outages',
        'sign-ins',
        'failed (outage or dead chain)',
        'chain ended, no client could help',
      ],
      rough,
    ),
  ].join('\n\n')
}

if (values.seed !== undefined) await replay(Number(values.seed))
else await campaign()
