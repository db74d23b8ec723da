/**
 * A longer run of the simulation in test/simulation.
 *
 *     npm run simulate                         2,000 schedules of each kind
 *     npm run simulate -- --schedules 10000    more
 *     npm run simulate -- --seed 17 --reading strict [--overlap]   one schedule again
 *     npm run simulate -- --write              puts the figures into docs/reliability.md
 */
import { parseArgs } from 'node:util'
import { readings, type Reading } from '../test/sandbox/box.ts'
import { runCampaign, type Campaign } from '../test/simulation/campaign.ts'
import { table, writeGenerated } from './reliability-page.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    reading: { type: 'string' },
    overlap: { type: 'boolean', default: false },
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

if (values.seed !== undefined) {
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
  if (values.write) await writeGenerated('simulation', text)
  for (const violation of violations) console.error(violation)
  process.exitCode = violations.length === 0 ? 0 : 1
}
