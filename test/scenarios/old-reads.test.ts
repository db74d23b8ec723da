/**
 * GitHub shows what was there up to four seconds ago, each request another age (rule 8): on the bundle, in the two
 * recommended set-ups. Reads up to thirty seconds old are in test/protocol/old-reads.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { readings } from '../sandbox/box.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { lagMs, testJobs } from './old-reads.ts'
import { expectRotated } from './support.ts'

describe.concurrent.each(readings)('Box read as %s', (reading) => {
  test('eight runs one after another, each with the newest secret: every one works', async () => {
    await using sandbox = await Sandbox.start({ reading, lagMs })
    for (let run = 0; run < 8; run += 1) {
      expectRotated(sandbox, await sandbox.run({ with: { verify: 'true' } }))
      // Within the same second nobody can tell whether a run was queued before the write.
      sandbox.clock.advance(1_000)
    }
    expect(sandbox.violations).toEqual([])
  })
})

testJobs([1])
