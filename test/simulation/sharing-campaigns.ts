/** Simulations of shared tokens as tests. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readings } from '../sandbox/box.ts'
import { runSharing } from './sharing.ts'

/** Defines tests of a burst of that many jobs, and of that many rough schedules, under each reading. */
export function testSharing({ burst, rough }: { readonly burst: number; readonly rough: number }): void {
  beforeAll(sealingReady)

  describe.each(readings)('Box read as %s', (reading) => {
    test(
      `${burst} jobs at once with the same old secret, and again two hours later: two refreshes, all succeed`,
      { timeout: 120_000 },
      async () => {
        const result = await runSharing({
          seed: 1,
          reading,
          jobs: burst,
          days: 1,
          weather: 'calm',
          burstMs: 5000,
        })
        expect(result.violations).toEqual([])
        expect(result).toMatchObject({ jobs: 2 * burst, succeeded: 2 * burst, failed: 0, refreshes: 2 })
      },
    )

    test(
      'jobs over two days, with crashes, lost machines and answers, outages and sign-ins: only those that are hit fail',
      { timeout: 300_000 },
      async () => {
        const sums = { killed: 0, machinesLost: 0, outages: 0, logIns: 0, jobs: 0, succeeded: 0 }
        for (let seed = 1; seed <= rough; seed += 1) {
          const result = await runSharing({ seed, reading, jobs: 120, days: 2, weather: 'rough' })
          expect(result.violations, `seed ${seed}`).toEqual([])
          for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name]
        }
        // The schedules are meaningful.
        expect(sums.killed).toBeGreaterThan(rough)
        expect(sums.machinesLost).toBeGreaterThan(rough / 6)
        expect(sums.outages).toBeGreaterThan(rough)
        expect(sums.logIns).toBeGreaterThan(rough / 6)
        expect(sums.succeeded).toBeGreaterThan(sums.jobs * 0.8)
      },
    )
  })
}
