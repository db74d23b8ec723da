/** The protocol's own code under a virtual clock and a seeded scheduler; see schedule.ts. */
import { describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { runCampaign } from './campaign.ts'
import { testCampaigns } from './campaigns.ts'
import { runSchedule, type Rule } from './schedule.ts'

testCampaigns({ apart: 150, overlap: 30 })

test('a schedule replays exactly', async () => {
  await sealingReady()
  for (const overlap of [false, true]) {
    const options = { seed: 4711, reading: 'siblings', overlap } as const
    expect(await runSchedule(options)).toEqual(await runSchedule(options))
  }
})

// GitHub carries a write out that a run had given up and sent again, after that run is over: it undoes a sign-in by hand,
// or looks like somebody else's write. No client can prevent that.
test.each([
  [76_845, 'family'],
  [85_758, 'strict'],
] as const)('a write that arrives late is not held against anybody: seed %s', async (seed, reading) => {
  await sealingReady()
  const { excused, violations } = await runSchedule({ seed, reading, overlap: false })
  expect(violations).toEqual([])
  expect(excused).toBe(2)
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
