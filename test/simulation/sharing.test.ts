/** Many jobs that share one token, under a virtual clock and a seeded scheduler; see sharing.ts. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readings } from '../sandbox/box.ts'
import { runSharing, type SharingRule } from './sharing.ts'

beforeAll(sealingReady)

describe.each(readings)('Box read as %s', (reading) => {
  test(
    'a thousand jobs at once with the same old copy of the secret, and again two hours later: two refreshes, nobody fails',
    { timeout: 120_000 },
    async () => {
      const result = await runSharing({
        seed: 1,
        reading,
        jobs: 1000,
        days: 1,
        weather: 'calm',
        burstMs: 5000,
      })
      expect(result.violations).toEqual([])
      expect(result).toMatchObject({ jobs: 2000, succeeded: 2000, failed: 0, refreshes: 2 })
    },
  )

  test(
    'jobs over two days, with crashes, lost machines and answers, outages and log-ins: nobody fails for it but those hit',
    { timeout: 300_000 },
    async () => {
      const sums = { killed: 0, machinesLost: 0, outages: 0, logIns: 0, jobs: 0, succeeded: 0 }
      for (let seed = 1; seed <= 12; seed += 1) {
        const result = await runSharing({ seed, reading, jobs: 120, days: 2, weather: 'rough' })
        expect(result.violations, `seed ${seed}`).toEqual([])
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name]
      }
      // The schedules are worth something.
      expect(sums.killed).toBeGreaterThan(12)
      expect(sums.machinesLost).toBeGreaterThan(2)
      expect(sums.outages).toBeGreaterThan(20)
      expect(sums.logIns).toBeGreaterThan(2)
      expect(sums.succeeded).toBeGreaterThan(sums.jobs * 0.9)
    },
  )
})

test('jobs over two days in calm weather: one refresh for each time that a token is good for', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const result = await runSharing({ seed, reading: 'strict', jobs: 100, days: 2, weather: 'calm' })
    expect(result.violations, `seed ${seed}`).toEqual([])
    expect(result.failed).toBe(0)
  }
})

test('a schedule replays exactly', async () => {
  const options = { seed: 7, reading: 'siblings', jobs: 60, days: 1, weather: 'rough' } as const
  expect(await runSharing(options)).toEqual(await runSharing(options))
})

describe('a rule that is switched off is missed:', () => {
  test.each<SharingRule>([
    'one claim at a time',
    'read the state again under the claim',
    'publish',
    'old copies go by the state',
    'claims stay',
  ])('%s', { timeout: 120_000 }, async (without) => {
    const violations: string[] = []
    for (let seed = 1; seed <= 20 && violations.length === 0; seed += 1) {
      const result = await runSharing({
        seed,
        reading: 'family',
        jobs: 60,
        days: 1,
        weather: 'calm',
        without,
      })
      violations.push(...result.violations)
    }
    expect(violations).not.toEqual([])
  })
})
