/** Many jobs that share one token, under a virtual clock and a seeded scheduler; see sharing.ts. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { runSharing, type SharingRule } from './sharing.ts'
import { testSharing } from './sharing-campaigns.ts'

beforeAll(sealingReady)

testSharing({ burst: 200, rough: 3 })

test('jobs over two days in calm weather: one refresh for each period that a token is valid', async () => {
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
