/** The protocol's own code under a virtual clock and a seeded scheduler; see schedule.ts. */
import { describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readings } from '../sandbox/box.ts'
import { runCampaign } from './campaign.ts'
import { runSchedule, type Rule } from './schedule.ts'

/** Of each kind; `npm run simulate` plays more. */
const schedules = 600

describe.each(readings)('Box read as %s', (reading) => {
  test(
    `${schedules} schedules of runs that do not overlap: no chain is lost that anybody could have kept`,
    { timeout: 300_000 },
    async () => {
      const { figures, violations } = await runCampaign({ reading, overlap: false, schedules })
      expect(violations).toEqual([])
      expect(figures.lost).toBe(0)
      // The schedules are worth something: a good part of the runs met faults, crashes and cancellations.
      expect(figures.runs).toBeGreaterThan(schedules * 5)
      expect(figures.succeeded).toBeGreaterThan(figures.runs / 4)
      for (const what of ['faults', 'kills', 'machinesLost', 'answersLost', 'logIns'] as const) {
        expect(figures[what], what).toBeGreaterThan(schedules / 10)
      }
    },
  )

  test(
    'runs that overlap: nothing is used before it is stored, one annotation for a failure',
    { timeout: 300_000 },
    async () => {
      const { violations } = await runCampaign({ reading, overlap: true, schedules: 100 })
      expect(violations).toEqual([])
    },
  )
})

test('a schedule replays exactly', async () => {
  await sealingReady()
  for (const overlap of [false, true]) {
    const options = { seed: 4711, reading: 'siblings', overlap } as const
    expect(await runSchedule(options)).toEqual(await runSchedule(options))
  }
})

describe('a rule that is switched off is missed:', () => {
  test.each<Rule>([
    'prove before spending',
    'store before use',
    'journal at once',
    'never over a newer one',
    'never revoke',
    'time is the servers',
    'ask again for a lost answer',
    'a read may be old',
    'an issued token is never thrown away',
  ])('%s', { timeout: 300_000 }, async (without) => {
    const { violations } = await runCampaign({
      reading: 'strict',
      overlap: false,
      schedules: 300,
      without,
      untilViolation: true,
    })
    expect(violations.length).toBeGreaterThan(0)
  })
})
