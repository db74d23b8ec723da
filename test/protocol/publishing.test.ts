/** `state-variable`: what a holder does before, during and after publishing, if other jobs or old answers interfere. */
import { beforeAll, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  faultInAction,
  putClaim,
  putState,
  putVariable,
  recoveryIn,
  sealOf,
  sharing,
  stateOf,
  stateVariable,
} from './shared-state.ts'
import { changed, expectFailed, expectRotated, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const minuteMs = 60_000
/** The first claim of the first token that Box issues on a stage. */
const nextClaim = '51AC4261_1'
/** The server has acted, but answers that it is out. */
const actedAndOut: Fault = { kind: 'replace', replace: () => replies.status(502) }
const notFound = apiError(404, 'Not Found')

function expectHandedOut(stage: Stage, main: Step): void {
  expect([main.exitCode, main.errors]).toEqual([0, []])
  expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
}

describe('the pair may have arrived', () => {
  test('and GitHub does not show the existing state: that state is read before it is overwritten', async () => {
    const stage = new Stage()
    putState(stage, { access: undefined })
    stage.reply('github update state', replies.status(502), { times: 1 })
    stage.reply('github state', notFound, { skip: 2, times: 2 })
    const main = await stage.main({ with: sharing })
    expectHandedOut(stage, main)
    expect(main.sent('github update state')).toHaveLength(2)
    // The primary says that the variable exists.
    expect(main.asked).not.toContain('github create state')
    // Every pause is logged with its reason.
    expect(main.log.filter((line) => /: ?(?:undefined)?;/.test(line))).toEqual([])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })

  test('and a look is refused, but may be allowed again: the pair is published', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502), { times: 1 })
    stage.reply('github state', apiError(403, 'Not now'), { skip: 2, times: 1 })
    expectRotated(stage, await stage.main({ with: sharing }))
  })

  test('and GitHub asks for a longer wait than there is time: the state is read once more at the end', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502), { times: 1 })
    stage.reply('github state', replies.status(503, { 'retry-after': '300' }), { skip: 2, times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github state').at(-1)?.at).toBeGreaterThan(60_000)
  })

  test('and the action has a bug: it is reported as one', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502), { times: 1 })
    stage.reply('github state', replies.status(503), { skip: 2, times: 1 })
    const { random, begin } = faultInAction()
    const main = await stage.main({ with: sharing, world: { random }, after: { 'github state 3': begin } })
    expect(main.exitCode).toBe(1)
    expect(main.errors[0]?.message).toContain('no more chance')
  })

  test('and its claim is taken by an unknown job: the pair was published, and this job uses the state', async () => {
    const stage = new Stage()
    stage.fault('github create state', actedAndOut, { times: 1 })
    stage.reply('github state', notFound, { skip: 2, times: 1 })
    stage.reply('github create claim', apiError(409, 'Already exists'), { skip: 1, times: 1 })
    const main = await stage.main({ with: sharing })
    expectHandedOut(stage, main)
    expect(main.sent('box token')).toHaveLength(1)
    expect(main.asked).not.toContain('github update state')
    // For as long as a read may be old.
    expect(main.sent('github claim').at(-1)?.at).toBeGreaterThan(30_000)
  })

  test('and its claim is taken by a job that shows later: this job waits, and tries to claim only once', async () => {
    const stage = new Stage()
    stage.fault('github create state', actedAndOut, { times: 1 })
    stage.reply('github state', notFound, { skip: 2, times: 1 })
    stage.reply('github claim', notFound, { times: 6 })
    const main = await stage.main({
      with: sharing,
      after: { 'github create state': () => putClaim(stage, minuteMs, '51AC4261') },
    })
    expectHandedOut(stage, main)
    expect(main.sent('github claim')).toHaveLength(7)
    expect(createdClaims(main)).toEqual(['NEW_1', nextClaim])
  })

  test('and another job goes on from it: the claim is done, and the post step gets to store the pair', async () => {
    const stage = new Stage()
    stage.fault('github create state', actedAndOut, { times: 1 })
    stage.reply('github state', notFound, { skip: 2, times: 1 })
    const main = await stage.main({
      with: sharing,
      after: { 'github create state': () => putClaim(stage, minuteMs, '51AC4261') },
    })
    expectHandedOut(stage, main)
    expect(recoveryIn(main)).toEqual([])
    expect(claimsOf(stage)[0]).toEqual(['NEW_1', 'done'])
    expect(main.progress).toBe('published')
  })
})

test('the new token is claimed but its state never shows: it was put back, and the pair is published', async () => {
  const stage = new Stage()
  putClaim(stage, 10 * minuteMs, '51AC4261')
  stage.reply('github create state', replies.status(502), { times: 1 })
  // The claim must not be seen before publishing, or the job would wait for it.
  stage.fault('github claims', changed({ total_count: 0, variables: [] }))
  const main = await stage.main({ with: sharing })
  expectHandedOut(stage, main)
  expect(main.sent('box token')).toHaveLength(1)
  expect(createdClaims(main)).toEqual(['NEW_1', nextClaim, 'NEW_1', 'NEW_2'])
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  // Not before a read can no longer be old.
  expect(main.sent('github create state')[1]?.at).toBeGreaterThan(30_000)
})

test('a state created by somebody else meanwhile is not overwritten: a 409 is never old', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: sharing, before: { 'github create state': () => putState(stage) } })
  expectHandedOut(stage, main)
  expect(main.outputs['refreshed']).toBe('false')
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  expect(main.asked).not.toContain('github update state')
  expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
})

test('after publishing was overtaken, a later failure does not say that nothing was used', async () => {
  const stage = new Stage()
  const access = { token: 'too-short-for-anybody', expiresAt: stage.now, refreshedAt: stage.now }
  const main = await stage.main({
    with: sharing,
    before: {
      'github create state': () => {
        putState(stage, { access })
        stage.reply('github create claim', apiError(403, 'Not now'))
      },
    },
  })
  const message = expectFailed(main, 'cannot-write-secret')
  expect(message).not.toContain('Nothing was used')
  expect(message).toMatch(/This job refreshed the token/)
  expect(recoveryIn(main)).toHaveLength(1)
})

describe('the lease is over before the pair is published', () => {
  /**
   * GitHub and Box take so long that the pair is issued at 79,150; the state cannot be written until the lease is over.
   */
  function untilLate(stage: Stage, problem = apiError(422, 'Full')): void {
    stage.reply('github key', replies.status(503), { times: 9 })
    stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
    stage.reply('box token', replies.status(503), { times: 5 })
    stage.reply('github create state', problem)
    stage.reply('github update state', problem)
    stage.scheduler.after(129_050, () => stage.faults.github.clear())
  }

  test('it is published under the next claim', async () => {
    const stage = new Stage()
    untilLate(stage)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(6)
    // GitHub rejected every write, so the next claim publishes without looking whether one arrived.
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_1', 'NEW_2'])
  })

  test('and it may have arrived: the next claim first checks whether it is published, and takes its claim', async () => {
    const stage = new Stage()
    untilLate(stage, replies.status(503))
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(6)
    // The first claim of the new token, which this job holds, ends too early for the next write.
    expect(createdClaims(main)).toEqual(['NEW_1', nextClaim, 'NEW_1', 'NEW_2', nextClaim, '51AC4261_2'])
    expect(main.now).toBeLessThan(135_000)
  })

  test('and then something else fails: the next claim is kept for the post step', async () => {
    const stage = new Stage()
    untilLate(stage)
    stage.scheduler.after(129_100, () => stage.reply('github key', apiError(403, 'Not now')))
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'secret-not-written')
    expect(claimsOf(stage)).toContainEqual(['NEW_2', 'live'])
  })

  test('and another job holds a claim then: this job waits for it, and keeps its own claim', async () => {
    const stage = new Stage()
    untilLate(stage)
    const main = await stage.main({
      with: sharing,
      before: { 'github claims 2': () => void putClaim(stage, 5000, '0BADF00D') },
    })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(6)
    expect(createdClaims(main).filter((name) => name.startsWith('NEW'))).not.toContain('NEW_3')
  })

  test('and GitHub is out for as long as the next claim holds: the pair is left to the post step', async () => {
    const stage = new Stage()
    untilLate(stage)
    stage.scheduler.after(129_100, () => {
      // It takes 73 s to learn that the claim was made, so too little of its lease is left for all tries.
      stage.reply('github create claim', replies.status(503), { skip: 1, times: 9 })
      stage.fault('github create claim', { kind: 'delay', ms: 15_000 }, { skip: 1, times: 1 })
    })
    stage.scheduler.after(190_000, () => stage.reply('github state', replies.status(503)))
    stage.scheduler.after(258_500, () => stage.faults.github.clear())
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'secret-not-written')
    expect(main.sent('github state').at(-1)?.at).toBeGreaterThan(240_000)
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test('and by then the dates show that the given token is old: the pair in hand is published anyway', async () => {
    const stage = new Stage()
    putState(stage)
    await stage.pass(5000)
    const { refreshToken } = stage.box.logIn()
    stage.writeByHand(refreshToken)
    await stage.pass(5000)
    untilLate(stage)
    stage.scheduler.after(100_000, () => stage.writeByHand(refreshToken))
    const main = await stage.main({ with: sharing })
    expectHandedOut(stage, main)
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(recoveryIn(main)).toEqual([])
  })
})

describe('under the claim', () => {
  test('another job holds a claim of another token: this job gives its own claim up and waits', async () => {
    const stage = new Stage()
    putClaim(stage, 5000, '0BADF00D')
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(claimsOf(stage)).toEqual([
      ['0BADF00D_1', 'over'],
      ['NEW_1', 'given-up'],
      ['NEW_2', 'done'],
    ])
  })

  test('the state has noted by then that the given token is over: Box is not asked', async () => {
    const stage = new Stage()
    const before = putState(stage)
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    const main = await stage.main({
      with: sharing,
      before: {
        'github create claim': () => {
          const noted = fingerprintOf(sealOf(stage).secrets, 'a-slip-of-the-hand')
          putState(stage, { ...before, over: before.over.with(noted, stage.now) })
        },
      },
    })
    expectHandedOut(stage, main)
    expect(main.sent('box token')).toEqual([])
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['given-up'])
  })

  test('the state cannot be read: the proof that is under way is aborted', async () => {
    const stage = new Stage()
    stage.reply('github state', apiError(403, 'Not now'), { skip: 1 })
    stage.fault('github key', { kind: 'hang-before' })
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'cannot-write-secret')
    expect(main.now).toBe(400)
  })
})

describe('Box refuses the given token', () => {
  async function withSlip(): Promise<{ readonly stage: Stage; readonly refreshToken: string }> {
    const stage = new Stage()
    const { refreshToken } = putState(stage)
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    return { stage, refreshToken }
  }

  test('and the state is good: it stays as it is, except for the note', async () => {
    const { stage, refreshToken } = await withSlip()
    const before = stateOf(stage)
    const main = await stage.main({ with: sharing })
    expectHandedOut(stage, main)
    const noted = fingerprintOf(sealOf(stage).secrets, 'a-slip-of-the-hand')
    expect(stateOf(stage)).toMatchObject({ refreshToken, access: before?.access })
    expect(stateOf(stage)?.over.has(noted)).toBe(true)
  })

  test('and the state has moved by then: it is not overwritten with the note', async () => {
    const { stage } = await withSlip()
    const main = await stage.main({ with: sharing, after: { 'box token': () => putState(stage) } })
    expectHandedOut(stage, main)
    expect(main.asked).not.toContain('github update state')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })

  test('and the action has a bug while noting that: it is reported', async () => {
    const { stage } = await withSlip()
    stage.reply('github update state', replies.status(503), { times: 1 })
    const { random, begin } = faultInAction()
    const main = await stage.main({
      with: sharing,
      world: { random },
      after: { 'github update state': begin },
    })
    expect(main.exitCode).toBe(1)
    expect(main.errors[0]?.message).toContain('no more chance')
  })
})

test('a job that waits for an earlier one to publish holds nothing, and can be cancelled', async () => {
  const stage = new Stage()
  putClaim(stage, -31_000)
  stage.box.revokeAll()
  const main = await stage.main({ with: sharing })
  expectFailed(main, 'reauthorize')
  expect(main.events.indexOf('signals released')).toBeLessThan(main.events.lastIndexOf('github state'))
})

describe('the look at the secret while the state is published', () => {
  test.each<[string, number, number]>([
    ['is used if publishing took five seconds', 4900, 2],
    ['is not used if publishing took longer', 4901, 3],
  ])('%s', async (_name, ms, looks) => {
    const stage = new Stage()
    stage.fault('github create state', { kind: 'delay', ms })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github metadata')).toHaveLength(looks)
  })

  test('is used however long the job has been running', async () => {
    const stage = new Stage()
    stage.fault('github key', { kind: 'delay', ms: 6000 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github metadata')).toHaveLength(2)
  })

  test('is aborted if it is not used', async () => {
    const stage = new Stage()
    stage.fault('github create state', { kind: 'delay', ms: 6000 })
    // The tries come 0, 0.5, 1.3, 2.9, 6.0 s after the first; the next one would be during the write.
    stage.reply('github metadata', replies.status(503), { skip: 1, times: 5 })
    stage.fault('github write', { kind: 'delay', ms: 19_000 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github metadata')).toHaveLength(7)
  })

  test('is aborted if nothing is published', async () => {
    const stage = new Stage()
    stage.fault('github metadata', { kind: 'hang-before' }, { skip: 1 })
    const main = await stage.main({ with: sharing, before: { 'github create state': () => putState(stage) } })
    expectHandedOut(stage, main)
    expect(main.now).toBeLessThan(2000)
  })

  test('is repeated before the secret is written again', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(2000)
    stage.reply('github write', replies.status(503), { times: 1 })
    const main = await stage.main({
      job,
      with: sharing,
      before: { 'github metadata 3': () => stage.writeByHand() },
    })
    expectHandedOut(stage, main)
    expect(stage.stored).toBe('written-by-somebody-else')
  })
})

test("the secret is stored even if GitHub's answer to the write has no date", async () => {
  const stage = new Stage()
  stage.fault('github write', {
    kind: 'replace',
    replace: (reply) => ({ ...reply, headers: { ...reply.headers, date: '' } }),
  })
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
})

test('if the secret is left alone, the key from before the refresh is still used for its copies', async () => {
  const stage = new Stage()
  const job = stage.startJob()
  await stage.pass(2000)
  const main = await stage.main({
    job,
    with: { ...sharing, 'access-token-secret-name': 'BOX_ACCESS' },
    before: { 'github metadata 2': () => stage.writeByHand() },
  })
  expectHandedOut(stage, main)
  expect(stage.stored).toBe('written-by-somebody-else')
  expect(stage.store.value('BOX_ACCESS')).toBe(stage.lastPair.accessToken)
  expect(main.sent('github key')).toHaveLength(1)
})

test('a state that was put back does not account for what the holder of a later claim wrote', async () => {
  const stage = new Stage()
  const job = stage.startJob()
  putState(stage, { access: undefined })
  await stage.pass(5000)
  stage.writeByHand()
  const date = new Date(stage.now).toISOString()
  const content = { nonce: 'x', 'lease-ends-at': date, 'done-at': date, 'secret-written-at': date }
  putVariable(stage, `${stateVariable}_CLAIM_0BADF00D_1`, JSON.stringify(content))
  await stage.pass(5000)
  const main = await stage.main({ job, with: sharing })
  expectHandedOut(stage, main)
  expect(stage.stored).toBe('written-by-somebody-else')
  expect(main.warnings).toHaveLength(1)
})
