/**
 * A longer run of the simulation in test/simulation.
 *
 *     npm run simulate                         2,000 schedules of each kind
 *     npm run simulate -- --schedules 10000    more
 *     npm run simulate -- --seed 17 --reading strict [--overlap]   one schedule again
 *     npm run simulate -- --sharing            only what is about shared tokens, a tenth as many schedules
 *     npm run simulate -- --sharing --seed 17 --reading strict     one of these again
 *     npm run simulate -- --write              puts the figures into docs/reliability.md
 */
import { parseArgs } from 'node:util'
import { readings, type Reading } from '../test/sandbox/box.ts'
import { sealingReady } from '../src/sealing/sealed-box.ts'
import { runCampaign, type Campaign } from '../test/simulation/campaign.ts'
import { runSharing, type SharingResult } from '../test/simulation/sharing.ts'
import { table, writeGenerated } from './generated.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    reading: { type: 'string' },
    overlap: { type: 'boolean', default: false },
    sharing: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

const violations: string[] = []

async function campaign(
  reading: Reading,
  overlap: boolean,
  schedules: number,
  withoutCheck = false,
): Promise<Campaign> {
  const result = await runCampaign({
    reading,
    overlap,
    schedules,
    ...(withoutCheck ? { without: 'never over a newer one' as const } : {}),
  })
  if (!withoutCheck) violations.push(...result.violations)
  return result
}

/** What a rough schedule of shared tokens is like. */
const days = { jobs: 150, days: 2, weather: 'rough' } as const
const burst = { seed: 1, jobs: 1000, days: 1, weather: 'calm', burstMs: 5000 } as const

async function sharingTables(schedules: number): Promise<string> {
  await sealingReady()
  const share = (part: number, whole: number): string => ((100 * part) / whole).toFixed(1)
  const bursts = []
  const rough = []
  for (const reading of readings) {
    const shared = await runSharing({ ...burst, reading })
    violations.push(...shared.violations.map((one) => `sharing, ${reading}, burst: ${one}`))
    const naive = await runSharing({ ...burst, reading, naive: true })
    const row = ({ jobs, succeeded, refreshes, requests }: SharingResult): (string | number)[] => [
      jobs,
      `${succeeded.toLocaleString('en')} (${share(succeeded, jobs)} %)`,
      refreshes,
      (requests / jobs).toFixed(2),
    ]
    const longest = `${(shared.longestWaitMs / 1000).toFixed(1)} s`
    bursts.push([reading, 'shared', ...row(shared), longest], [reading, 'each for itself', ...row(naive), ''])
    const sums = new Map<string, number>()
    for (let seed = 1; seed <= schedules; seed += 1) {
      const result = await runSharing({ ...days, seed, reading })
      violations.push(...result.violations.map((one) => `sharing, ${reading}, seed ${seed}: ${one}`))
      for (const [name, value] of Object.entries(result)) {
        if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value)
      }
    }
    const sum = (name: keyof SharingResult): number => sums.get(name) ?? 0
    rough.push([
      reading,
      schedules,
      sum('jobs'),
      sum('succeeded'),
      sum('refreshes'),
      (sum('requests') / sum('jobs')).toFixed(2),
      sum('killed'),
      sum('machinesLost'),
      sum('outages'),
      sum('logIns'),
      sum('failed'),
      sum('excused'),
    ])
  }
  return [
    'A thousand jobs at once, all with the same old copy of the secret, and again two hours later, still with that copy:',
    table(
      [
        'reading',
        'jobs are',
        'jobs',
        'succeeded',
        'refreshes',
        'requests per job',
        'from publishing to the last waiter',
      ],
      bursts,
    ),
    'Jobs over two days and more, alone and many at once, a tenth of them with copies that are up to three days old:',
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
        'log-ins by hand',
        'failed, for an outage or a dead chain',
        'chain ended with a lost answer',
      ],
      rough,
    ),
  ].join('\n\n')
}

if (values.sharing && values.seed !== undefined) {
  await sealingReady()
  const reading = readings.find((one) => one === values.reading) ?? 'strict'
  console.log(await runSharing({ ...days, seed: Number(values.seed), reading }))
} else if (values.sharing) {
  const text = await sharingTables(Math.ceil(Number(values.schedules) / 10))
  console.log(text)
  if (values.write) await writeGenerated('reliability.md', 'sharing', text)
} else if (values.seed !== undefined) {
  const reading = readings.find((one) => one === values.reading) ?? 'strict'
  console.log(
    await runCampaign({ reading, overlap: values.overlap, schedules: 1, firstSeed: Number(values.seed) }),
  )
} else {
  const schedules = Number(values.schedules)
  const alone = []
  for (const reading of readings) {
    const { figures: f } = await campaign(reading, false, schedules)
    alone.push([
      reading,
      f.schedules,
      f.runs,
      f.succeeded,
      f.faults,
      f.kills,
      f.logIns,
      f.machinesLost,
      f.answersLost,
      f.recovered,
      f.excused,
      f.lost,
    ])
  }
  const together = []
  for (const reading of readings) {
    const { figures: f } = await campaign(reading, true, schedules)
    const { figures: g } = await campaign(reading, true, schedules, true)
    const share = ({ lost }: { lost: number }): string =>
      `${lost.toLocaleString('en')} (${((100 * lost) / schedules).toFixed(1)} %)`
    together.push([reading, f.schedules, f.runs, share(f), share(g)])
  }
  const text = [
    '**Runs that do not overlap**, one after another, some of them queued before the one before them ended:',
    table(
      [
        'reading',
        'schedules',
        'runs',
        'succeeded',
        'faults',
        'main killed',
        'log-ins meanwhile',
        'machines lost',
        'answers of Box lost',
        'recovered by hand',
        'chain ended, nobody could help',
        'chain lost',
      ],
      alone,
    ),
    '**Runs that overlap** without sharing or a `concurrency` group, up to 20 within seconds. The share is of schedules in which the chain was lost:',
    table(['reading', 'schedules', 'runs', 'chain lost', 'without the conflict check'], together),
  ].join('\n\n')
  console.log(text)
  if (values.write) await writeGenerated('reliability.md', 'simulation', text)
  const sharing = await sharingTables(Math.ceil(schedules / 10))
  console.log(sharing)
  if (values.write) await writeGenerated('reliability.md', 'sharing', sharing)
}
for (const violation of violations) console.error(violation)
process.exitCode = violations.length === 0 ? 0 : 1
