/** Jobs that share a token with old reads, on the bundle. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectTidy, hourMs, sharedRun } from './sharing-support.ts'

/** How old reads may be, in milliseconds. */
export const lagMs = 4_000

/** Defines a test for each round, under each reading of Box's rules. */
export function testJobs(rounds: readonly number[]): void {
  describe.concurrent.each(readings)('Box read as %s', (reading) => {
    test.each(rounds)(
      'eight jobs that share, one every 0.7 s, and again an hour later: Box is asked once each time (round %i)',
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
}
