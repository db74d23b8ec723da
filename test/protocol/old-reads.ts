/** Runs and jobs with old reads, as tests; everything in one process, under a virtual clock. */
import { describe, expect, test } from 'vitest'
import { readings, type Reading } from '../sandbox/box.ts'
import { readsUpTo } from '../sandbox/lagging.ts'
import { seeded } from '../simulation/virtual.ts'
import { sharing, stateOf } from './shared-state.ts'
import { expectRotated, Stage, type StageOptions } from './support.ts'

/** How old reads may be, in seconds. */
const lags = [4, 30] as const

/** Defines tests that play each trial this many times, each time with another seed. */
export function testOldReads(rounds: number, firstSeed = 1): void {
  describe.each(readings)('Box read as %s', (reading) => {
    describe.each(lags)('reads up to %i s old', (lag) => {
      test('runs one after another, each with the newest secret: every one works', async () => {
        for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
          const stage = stageWith(reading, lag, seed)
          for (let run = 0; run < 8; run += 1) {
            expectRotated(stage, await stage.main({ with: { verify: 'true' } }))
            // The next run must be queued in another second: within the same one the guard could not tell.
            await stage.pass(1000)
          }
        }
      })

      test('jobs that share, one every 0.7 s, and again an hour later: Box is asked once each time', async () => {
        for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
          const stage = stageWith(reading, lag, seed)
          const job = stage.startJob()
          for (const windows of [1, 2]) {
            const steps = await stage.together(8, 700, { job, with: { ...sharing, verify: 'true' } })
            expect(steps.flatMap(({ errors }) => errors)).toEqual([])
            const tokens = new Set(steps.map(({ outputs }) => outputs['access-token']))
            expect([...tokens]).toEqual([stage.lastPair.accessToken])
            expect(stage.box.pairs).toHaveLength(1 + windows)
            expect(stage.box.takes(stateOf(stage)?.refreshToken ?? '')).toBe(true)
            await stage.pass(1.2 * 3_600_000)
          }
        }
      })
    })
  })
}

function stageWith(reading: Reading, lag: number, seed: number, options: StageOptions = {}): Stage {
  const stage = new Stage({ reading, ...options })
  stage.github.readAge = readsUpTo(lag * 1000, seeded(seed))
  return stage
}
