/**
 * `state-variable`: the secret goes on following the state, whatever happened to the job that wrote it, also where the
 * token has no "Actions: Read", so that nobody knows when a run was queued. What a person writes is left alone.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { replaceState } from '../../src/sharing/replace.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError, type Job } from '../sandbox/github.ts'
import { claimsOf, killedAt, putState, sharing, sharingOf, stateOf } from './shared-state.ts'
import { changed, expectFailed, expectRotated, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const hourMs = 3_600_000
/** The server has acted, but answers that it is out. */
const actedAndOut: Fault = { kind: 'replace', replace: () => replies.status(502) }
const maybeWritten = / has since been written: it holds the new refresh token, or a newer one\./

/** A token without "Actions: Read". The secret is written in another second than it was looked at before the refresh. */
function stageWithoutRuns(): Stage {
  const stage = new Stage()
  stage.fault('github create state', { kind: 'delay', ms: 2000 })
  withoutRuns(stage)
  return stage
}

function withoutRuns(stage: Stage): void {
  stage.reply('github run', apiError(403, 'Resource not accessible by personal access token'))
}

/** Two hours later, a job refreshes the shared token, and the secret is a copy of it. */
async function expectFollowed(stage: Stage): Promise<void> {
  stage.faults.github.clear()
  withoutRuns(stage)
  for (let refresh = 0; refresh < 2; refresh += 1) {
    await stage.pass(2 * hourMs)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.warnings).toEqual([])
    expect(stateOf(stage)?.refreshToken).toBe(stage.stored)
  }
}

/** Two hours later, a job that was queued before refreshes, and leaves alone what a person has written. */
async function expectLeftAlone(stage: Stage, job: Job, written: string): Promise<void> {
  stage.faults.github.clear()
  withoutRuns(stage)
  await stage.pass(2 * hourMs)
  const main = await stage.main({ job, with: sharing })
  expect([main.exitCode, main.errors]).toEqual([0, []])
  expect(main.warnings).toEqual([
    expect.stringContaining('by somebody else as far as the shared state shows'),
  ])
  expect(stage.stored).toBe(written)
}

describe('the secret is written, and then', () => {
  test('the machine is lost', async () => {
    const stage = stageWithoutRuns()
    await killedAt(stage, 'github write', 'after')
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    await expectFollowed(stage)
  })

  test('the job is killed: its post step notes the date', async () => {
    const stage = stageWithoutRuns()
    const main = await killedAt(stage, 'github write', 'after')
    const post = await stage.post(main)
    expect([post.exitCode, post.warnings]).toEqual([0, []])
    expect(post.log.at(-1)).toMatch(maybeWritten)
    expect(post.sent('github update claim').at(-1)?.body).toContain('secret-written-at')
    await expectFollowed(stage)
  })

  test("the job is killed, and its post step's first look is an old one", async () => {
    const stage = stageWithoutRuns()
    const main = await killedAt(stage, 'github write', 'after')
    stage.fault('github metadata', changed({ updated_at: '2026-11-20T06:00:00Z' }), { times: 1 })
    const post = await stage.post(main)
    expect([post.exitCode, post.warnings]).toEqual([0, []])
    await expectFollowed(stage)
  })

  test('once more, because the answer got lost; the post step sees only the first time', async () => {
    const stage = stageWithoutRuns()
    stage.fault('github write', actedAndOut, { times: 1 })
    stage.fault('github write', { kind: 'delay', ms: 2000 }, { skip: 1, times: 1 })
    stage.fault('github metadata', changed({ updated_at: '2026-11-20T06:00:00Z' }), { skip: 2, times: 1 })
    const kill = { 'github write 2': (step: Step) => step.kill() }
    const main = await stage.main({ with: sharing, after: kill })
    expect(main.exitCode).toBeUndefined()
    const [first, second] = main.sent('github write')
    expect((second?.at ?? 0) + 2000 - (first?.at ?? 0)).toBeGreaterThan(2000)
    const firstDate = new Date(stage.now - 2500).toISOString()
    stage.fault('github metadata', changed({ updated_at: firstDate }), { times: 1 })
    const post = await stage.post(main)
    expect([post.exitCode, post.warnings]).toEqual([0, []])
    await expectFollowed(stage)
  })

  test('the job is killed before it has marked its claim: its post step notes the date', async () => {
    const stage = stageWithoutRuns()
    const main = await killedAt(stage, 'github update claim')
    const post = await stage.post(main)
    expect(post.exitCode).toBe(0)
    expect(post.sent('github update claim').at(-1)?.body).toContain('secret-written-at')
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
    await expectFollowed(stage)
  })

  test('GitHub does not let the job mark its claim', async () => {
    const stage = stageWithoutRuns()
    stage.reply('github update claim', replies.status(503))
    expectRotated(stage, await stage.main({ with: sharing }))
    expect(claimsOf(stage)).toEqual([['NEW_1', 'live']])
    await expectFollowed(stage)
  })

  test("GitHub's answer gets lost", async () => {
    const stage = stageWithoutRuns()
    stage.fault('github write', actedAndOut, { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.warnings).toEqual([])
    expect(main.log.filter((line) => maybeWritten.test(line))).toHaveLength(1)
    await expectFollowed(stage)
  })

  test("GitHub's answer gets lost, and it shows no more", async () => {
    const stage = stageWithoutRuns()
    stage.fault('github write', actedAndOut)
    stage.reply('github metadata', replies.status(503), { skip: 2 })
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'secret-not-written')
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    await expectFollowed(stage)
  })

  test("GitHub's answer gets lost, and the lease is over", async () => {
    const stage = new Stage()
    withoutRuns(stage)
    stage.reply('box token', replies.status(503), { times: 9 })
    stage.reply('github create state', replies.status(503), { times: 9 })
    stage.fault('github write', actedAndOut)
    stage.reply('github metadata', replies.status(503), { skip: 3 })
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.warnings).toEqual([expect.stringContaining('Time ran out before')])
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    await expectFollowed(stage)
  })

  test("GitHub's answer to the post step gets lost", async () => {
    const stage = stageWithoutRuns()
    const main = await killedAt(stage, 'github write')
    stage.fault('github write', actedAndOut, { times: 1 })
    const post = await stage.post(main)
    expect([post.exitCode, post.warnings]).toEqual([0, []])
    await expectFollowed(stage)
  })
})

describe('a person brings a token, but the secret is not written', () => {
  /** Jobs share a token, and the state accounts for no write of the secret. */
  function shared(): Stage {
    const stage = stageWithoutRuns()
    putState(stage, { secretUpdatedAt: 0 })
    return stage
  }

  async function bring(stage: Stage, secretAccounted: number | 'now'): Promise<void> {
    const { refreshToken } = stage.box.logIn()
    const result = await stage.part((parts) =>
      replaceState(sharingOf(stage, parts), {
        refreshToken,
        over: [],
        secretAccounted,
        approve: () => {},
        storeSecret: () => Promise.resolve(undefined),
      }),
    )
    expect([result, stateOf(stage)?.refreshToken]).toEqual(['done', refreshToken])
  }

  test('in a sign-in: whatever it held is superseded', async () => {
    const stage = shared()
    stage.writeByHand(stage.stored)
    await bring(stage, 'now')
    await expectFollowed(stage)
  })

  test('from a recovery text: what it held before that was made is superseded', async () => {
    const stage = shared()
    const written = stage.now
    stage.writeByHand(stage.stored)
    await stage.pass(5000)
    await bring(stage, written)
    await expectFollowed(stage)
  })

  test('from a recovery text: what a person has written since stays', async () => {
    const stage = shared()
    const job = stage.startJob()
    const before = stage.now
    await stage.pass(5000)
    stage.writeByHand()
    await bring(stage, before)
    await expectLeftAlone(stage, job, 'written-by-somebody-else')
  })

  test('what the state accounted for before still counts', async () => {
    const stage = stageWithoutRuns()
    putState(stage, { secretUpdatedAt: 5 })
    const bringing = await stage.part((parts) =>
      replaceState(sharingOf(stage, parts), {
        refreshToken: 'brought',
        over: [],
        secretAccounted: 4,
        approve: () => {},
        storeSecret: () => Promise.resolve(undefined),
      }),
    )
    expect([bringing, stateOf(stage)?.secretUpdatedAt]).toEqual(['done', 5])
  })
})

describe('a person writes the secret', () => {
  /** A shared pair that is due, and a job that was queued before that. */
  function due(): { readonly stage: Stage; readonly queued: Job } {
    const stage = stageWithoutRuns()
    putState(stage, { access: undefined })
    return { stage, queued: stage.startJob() }
  }

  /** A job leaves alone what a person has written, and is killed before it can say so in its claim. */
  async function killedAfterLeaving() {
    const { stage, queued } = due()
    const later = stage.startJob()
    await stage.pass(5_000)
    stage.writeByHand()
    await stage.pass(5_000)
    const kill = { 'github update claim': (step: Step) => step.kill() }
    const main = await stage.main({ job: queued, with: sharing, before: kill })
    expect(main.exitCode).toBeUndefined()
    return { stage, later, main }
  }

  test('before a job that leaves it alone, and whose machine is lost then', async () => {
    const { stage, later } = await killedAfterLeaving()
    await expectLeftAlone(stage, later, 'written-by-somebody-else')
  })

  test('before a job that leaves it alone, and is killed then: its post step notes no date', async () => {
    const { stage, later, main } = await killedAfterLeaving()
    const post = await stage.post(main)
    expect(post.sent('github update claim').at(-1)?.body).not.toContain('secret-written-at')
    await expectLeftAlone(stage, later, 'written-by-somebody-else')
  })

  test('once the lease of a job that was lost before its write is over', async () => {
    const { stage, queued } = due()
    const later = stage.startJob()
    const kill = { 'github write': (step: Step) => step.kill() }
    await stage.main({ job: queued, with: sharing, before: kill })
    await stage.pass(131_000)
    stage.writeByHand()
    await expectLeftAlone(stage, later, 'written-by-somebody-else')
  })
})
