/**
 * GitHub shows what stood there up to four seconds ago, each request something of another age (rule 8): the bundle, in the
 * two set-ups that are recommended. With reads up to thirty seconds old: test/protocol/old-reads.test.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectTidy, hourMs, sharedRun } from './sharing-support.ts'
import { expectRotated } from './support.ts'

const lagMs = 4_000

describe.concurrent.each(readings)('Box read as %s', (reading) => {
  test('eight runs one after another, each with the newest secret: every one works', async () => {
    await using sandbox = await Sandbox.start({ reading, lagMs })
    for (let run = 0; run < 8; run += 1) {
      expectRotated(sandbox, await sandbox.run({ with: { verify: 'true' } }))
      // In the same second nobody can tell whether a run was queued before the write.
      sandbox.clock.advance(1_000)
    }
    expect(sandbox.violations).toEqual([])
  })

  test.each([1, 2])(
    'eight jobs that share, one every 0.7 s, and an hour later again: Box is asked once each time (round %i)',
    async () => {
      await using sandbox = await Sandbox.start({ reading, lagMs })
      const job = sandbox.startJob()
      for (const refreshes of [1, 2]) {
        const results = await Promise.all(
          Array.from({ length: 8 }, async (_, index) => {
            await sleep(index * 700)
            return sharedRun(sandbox, { job, with: { verify: 'true' } })
          }),
        )
        expect(results.map(({ log, exitCode }) => (exitCode === 0 ? 0 : log))).toEqual(Array(8).fill(0))
        const tokens = new Set(results.map(({ outputs }) => outputs['access-token'] ?? ''))
        expect(tokens.size).toBe(1)
        expect(sandbox.box.accepts([...tokens][0] ?? '')).toBe(true)
        expect(sandbox.box.pairs).toHaveLength(1 + refreshes)
        sandbox.clock.advance(1.2 * hourMs)
      }
      expectTidy(sandbox, 2)
    },
  )
})
