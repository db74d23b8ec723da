/** Campaigns as tests. */
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { runCampaign } from './campaign.ts'

/** Defines tests of this many schedules of each kind, under each reading; `npm run simulate` plays more. */
export function testCampaigns({
  apart,
  overlap,
  firstSeed = 1,
}: {
  readonly apart: number
  readonly overlap: number
  readonly firstSeed?: number
}): void {
  describe.each(readings)('Box read as %s', (reading) => {
    test(
      `${apart} schedules of runs that do not overlap: no chain that anybody could have kept is lost`,
      { timeout: 300_000 },
      async () => {
        const { figures, violations } = await runCampaign({
          reading,
          overlap: false,
          firstSeed,
          schedules: apart,
        })
        expect(violations).toEqual([])
        expect(figures.lost).toBe(0)
        // The schedules are meaningful: a good part of the runs met faults, crashes and cancellations.
        expect(figures.runs).toBeGreaterThan(apart * 3)
        expect(figures.succeeded).toBeGreaterThan(figures.runs / 4)
        for (const what of ['faults', 'kills', 'machinesLost', 'answersLost', 'logIns'] as const) {
          expect(figures[what], what).toBeGreaterThan(apart / 10)
        }
      },
    )

    test(
      `${overlap} of runs that overlap: nothing is used before it is stored, one annotation per failure`,
      { timeout: 300_000 },
      async () => {
        const { violations } = await runCampaign({ reading, overlap: true, firstSeed, schedules: overlap })
        expect(violations).toEqual([])
      },
    )
  })
}
