/**
 * `state-variable`: claims that a job or a command left, and writes of the state whose answer got lost. An old read must
 * not make anybody take a claim up again, or write over what somebody has gone on to.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { stateNames } from '../../src/journal/step-state.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { claimToken } from '../../src/sharing/claim.ts'
import { barOf } from '../../src/sharing/claiming.ts'
import { replaceState } from '../../src/sharing/replace.ts'
import { OverTokens } from '../../src/sharing/state.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  killedAt,
  putClaim,
  putState,
  recoveryIn,
  sealOf,
  sharing,
  sharingOf,
  stateOf,
} from './shared-state.ts'
import { expectFailed, expectRotated, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

/** The first claim of the first token that Box issues on a stage. */
const nextClaim = '51AC4261_1'
/** The server has acted, but answers that it is out. */
const actedAndOut: Fault = { kind: 'replace', replace: () => replies.status(502) }

/** When a stage begins, in milliseconds since 1970 (UTC). */
const stageStart = Date.UTC(2026, 10, 23, 6)

/** The beginning of the names of a token's claims. */
function claimsFor(stage: Stage, refreshToken: string): string {
  return claimToken(sealOf(stage).secrets, refreshToken)
}

/** One GET is answered with what was there some time ago; the others are current. */
function oldAnswer(stage: Stage, label: string, ms: number) {
  return {
    before: { [label]: () => void (stage.github.readAge = () => ms) },
    after: { [label]: () => void (stage.github.readAge = () => 0) },
  }
}

/** A job goes on from a refresh token that is in the state: claims it, and publishes and marks what follows. */
function goOnFrom(stage: Stage, refreshToken: string): string {
  const { over } = stateOf(stage) ?? { over: undefined }
  if (!over) throw new Error('there is no state to go on from')
  const fingerprint = fingerprintOf(sealOf(stage).secrets, refreshToken)
  const { refreshToken: next } = putState(stage, { over: over.with(fingerprint, stage.now) })
  putClaim(stage, 60_000, claimsFor(stage, refreshToken))
  return next
}

/** A person brings a refresh token (`login`, `recover`), under the name `brought`. */
function bring(stage: Stage, refreshToken = 'brought') {
  return stage.part(async (parts) => {
    const { step } = parts
    const result = await replaceState(sharingOf(stage, parts), {
      refreshToken,
      over: [],
      secretAccounted: 'now',
      approve: () => {},
      storeSecret: () => {
        step.events.push('store')
        return Promise.resolve(undefined)
      },
    }).catch((error: unknown) => error)
    return { result, step }
  })
}

describe("GitHub's answer to publishing the token of a sign-in gets lost", () => {
  test.each([
    ['current', 0],
    ['up to 10 s old', 10_000],
  ])('and a job goes on from it: what that job published stays; reads are %s', async (_name, lagMs) => {
    const stage = new Stage()
    putState(stage)
    await stage.pass(60_000)
    stage.fault('github update state', actedAndOut, { times: 1 })
    let next = ''
    // Between the write and the look whether it arrived.
    stage.scheduler.after(450, () => {
      expect(stateOf(stage)?.refreshToken).toBe('brought')
      next = goOnFrom(stage, 'brought')
      stage.github.readAge = () => lagMs
      stage.scheduler.after(lagMs + 1000, () => (stage.github.readAge = () => 0))
    })
    const { result, step } = await bring(stage)
    expect(result).toBe('followed')
    expect(stateOf(stage)?.refreshToken).toBe(next)
    expect(step.events).not.toContain('store')
    expect(step.sent('github update state')).toHaveLength(1)
    expect(step.log.at(-1)).toContain('a job has refreshed it since: that job stores the new one')
    // The state has moved, so nobody has to wait for the claim that published the token.
    expect(claimsOf(stage)).toContainEqual([nextClaim, 'done'])
  })

  test('and nobody goes on from it: it is found there, and stored', async () => {
    const stage = new Stage()
    putState(stage)
    stage.fault('github update state', actedAndOut, { times: 1 })
    const { result, step } = await bring(stage)
    expect(result).toBe('done')
    expect(step.events).toContain('store')
    expect(stateOf(stage)?.refreshToken).toBe('brought')
  })
})

test('a token that is over can be brought back, if that is approved', async () => {
  const stage = new Stage()
  const over = OverTokens.none.with(fingerprintOf(sealOf(stage).secrets, 'brought'), stage.now)
  putState(stage, { over })
  const { result, step } = await bring(stage)
  expect(result).toBe('done')
  expect(step.events).toContain('store')
  expect(stateOf(stage)?.refreshToken).toBe('brought')
})

test('a person brings the token that a job has published, but in doubt: its claim for that token is known', async () => {
  const stage = new Stage()
  putState(stage, { refreshToken: 'brought' })
  const { nonce } = barOf({ seal: sealOf(stage) }, 'brought')
  putClaim(stage, 120_000, claimsFor(stage, 'brought'), 1, nonce)
  const { result, step } = await bring(stage)
  expect(result).toBe('done')
  expect(step.now).toBeLessThan(2000)
})

test('whoever brings the same token knows the claim for it, and nobody else does', () => {
  const seal = sealOf(new Stage())
  const nonces = ['one', 'one', 'another'].map((token) => barOf({ seal }, token).nonce)
  expect(nonces[0]).toBe(nonces[1])
  expect(nonces[0]).not.toBe(nonces[2])
})

test('somebody else creates the state first, and GitHub does not show it: it is not created again', async () => {
  const stage = new Stage()
  stage.scheduler.after(320, () => void putState(stage))
  stage.reply('github state', apiError(404, 'Not Found'), { skip: 2, times: 3 })
  const { result, step } = await bring(stage)
  expect(result).toBe('done')
  expect(step.sent('github create state')).toHaveLength(1)
  expect(stateOf(stage)?.refreshToken).toBe('brought')
})

test('a pair that a job could not publish is brought by a person: the claim for it is not taken for a job', async () => {
  const stage = new Stage()
  stage.reply('github create state', replies.status(502))
  // Another nonce than that of the person's claims.
  const main = await stage.main({ with: sharing, world: { random: () => 0.4 } })
  expectFailed(main, 'secret-not-written')
  stage.faults.github.clear()
  await stage.pass(100_000)
  stage.reply('github create state', replies.status(502), { times: 1 })
  const { result, step } = await bring(stage, stage.lastPair.refreshToken)
  expect(result).toBe('done')
  // Once the lease of the job's own claim is over by half a minute.
  expect(createdClaims(step)).toEqual(['NEW_1', 'NEW_2', nextClaim, '51AC4261_2'])
  expect(step.now).toBeLessThan(10_000)
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
})

describe('a job gives its claim up and claims again', () => {
  test('an old answer still shows the claim: the job takes the next epoch', async () => {
    const stage = new Stage()
    const { refreshToken } = putState(stage, { access: undefined })
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    // For the claim that it has just given up.
    const main = await stage.main({ with: sharing, ...oldAnswer(stage, 'github claim', 1000) })
    expectRotated(stage, main)
    const token = claimsFor(stage, refreshToken)
    expect(createdClaims(main)).toEqual([`${token}_1`, `${token}_2`])
    expect(claimsOf(stage)).toEqual([
      [`${token}_1`, 'given-up'],
      [`${token}_2`, 'done'],
    ])
  })

  test('because of a claim of another token: the job takes the next epoch', async () => {
    const stage = new Stage()
    putClaim(stage, 5000, '0BADF00D')
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
  })

  test('because of a claim with a far later epoch: the job goes on from that one', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: sharing,
      before: { 'github claims': () => void putClaim(stage, -stage.now, 'NEW', 1000) },
    })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_1000', 'NEW_1001'])
  })

  test('and still knows that an earlier job may have used the token', async () => {
    const stage = new Stage()
    putClaim(stage, -31_000)
    putClaim(stage, 5000, '0BADF00D')
    stage.box.revokeAll()
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_3'])
    expect(main.log).toContain(
      'An earlier job claimed this token and may still publish what it got: waiting for that.',
    )
  })
})

test('a claim that the list lets a job pass over may have used the token, too', async () => {
  const stage = new Stage()
  for (const epoch of [1, 2, 4]) putClaim(stage, -stage.now, 'NEW', epoch)
  putClaim(stage, -31_000, 'NEW', 3)
  stage.box.revokeAll()
  const main = await stage.main({ with: sharing })
  expectFailed(main, 'reauthorize')
  expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_4', 'NEW_5'])
  expect(main.log).toContain(
    'An earlier job claimed this token and may still publish what it got: waiting for that.',
  )
})

test('claims that were all given up have used nothing, however many the list lets a job pass over', async () => {
  const stage = new Stage()
  for (const epoch of [1, 2, 3, 4]) putClaim(stage, -stage.now, 'NEW', epoch)
  stage.box.revokeAll()
  const main = await stage.main({ with: sharing })
  expectFailed(main, 'reauthorize')
  expect(main.log).not.toContain(
    'An earlier job claimed this token and may still publish what it got: waiting for that.',
  )
})

describe('the claim that keeps others from going on from a pair in doubt', () => {
  test('is given up only after the journal knows that the pair is published', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502), { times: 1 })
    const main = await stage.main({
      with: sharing,
      before: { 'github update claim': (step) => step.kill() },
    })
    expect(main.exitCode).toBeUndefined()
    expect(claimsOf(stage)).toContainEqual([nextClaim, 'live'])
    expect(main.progress).toBe('published')
  })

  test('is kept while it is not known: the post step takes it up', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502))
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'secret-not-written')
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'live'],
      [nextClaim, 'live'],
    ])
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post)).toEqual(['NEW_1', nextClaim])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })

  test('is over when the post step comes: it takes the next epoch', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502))
    const main = await stage.main({ with: sharing })
    stage.faults.github.clear()
    await stage.pass(300_000)
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post)).toEqual(['NEW_1', 'NEW_2', nextClaim, '51AC4261_2'])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })

  test('is over, and somebody has gone on under the next epoch: the post step does not publish', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502))
    const main = await stage.main({ with: sharing })
    stage.faults.github.clear()
    await stage.pass(300_000)
    putClaim(stage, 60_000, '51AC4261', 2)
    const post = await stage.post(main)
    expect(post.asked).not.toContain('github create state')
    expect(createdClaims(post).slice(0, 4)).toEqual(['NEW_1', 'NEW_2', nextClaim, '51AC4261_2'])
    expect(recoveryIn(post)).toHaveLength(1)
  })

  test('does not show yet: that does not mean that somebody else has it', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(502), { times: 1 })
    // Made, but the answer gets lost; and no read shows it for as long as the job goes on.
    stage.fault('github create claim', actedAndOut, { skip: 1, times: 1 })
    stage.reply('github claim', apiError(404, 'Not Found'))
    const main = await stage.main({ with: { ...sharing, 'retry-for': '10' } })
    expectFailed(main, 'secret-not-written')
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'live'],
      [nextClaim, 'live'],
    ])
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })
})

describe('Box refuses the token that a job was given, while there is a state', () => {
  async function withSlip(change: Parameters<typeof putState>[1] = {}) {
    const stage = new Stage()
    const { refreshToken } = putState(stage, change)
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    return { stage, claim: `${claimsFor(stage, refreshToken)}_1` }
  }

  test.each<[string, Fault, { readonly times?: number }]>([
    ['never gets an answer', { kind: 'reply', reply: replies.status(503) }, {}],
    ['got no answer at first, and was written again', actedAndOut, { times: 1 }],
  ])('a note of it that %s may still arrive: the claim ends with its lease', async (_name, fault, count) => {
    const { stage, claim } = await withSlip()
    stage.fault('github update state', fault, count)
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
    await stage.post(main)
    expect(claimsOf(stage)).toEqual([[claim, 'live']])
  })

  test('a note of it that arrives at once is no more trouble: the claim is given up, and signals are not held', async () => {
    const { stage, claim } = await withSlip()
    let wasHeld: boolean | undefined
    const after = { 'github update state': (step: Step) => (wasHeld = step.held) }
    const main = await stage.main({ with: sharing, after })
    expect([main.exitCode, main.errors, wasHeld]).toEqual([0, [], true])
    expect(main.log.join(' ')).not.toContain('could not be updated')
    expect(claimsOf(stage)).toEqual([[claim, 'given-up']])
  })

  test('signals are not held any more once the note is given up', async () => {
    const { stage } = await withSlip()
    stage.reply('github update state', replies.status(503))
    let isHeld: boolean | undefined
    const before = { 'github state 4': (step: Step) => (isHeld = step.held) }
    const main = await stage.main({ with: sharing, before })
    expect([main.exitCode, isHeld]).toEqual([0, false])
  })

  test.each([
    ['without an access token', undefined],
    ['with an access token that is valid for less than jobs ask for', 4],
  ])('it is not noted just before the next refresh, which notes it: a state %s', async (_name, minutes) => {
    const access = minutes && {
      token: 'a',
      expiresAt: stageStart + minutes * 60_000,
      refreshedAt: stageStart,
    }
    const { stage } = await withSlip({ access: access || undefined })
    const main = await stage.main({ with: { ...sharing, 'minimum-validity': '5' } })
    expectRotated(stage, main)
    expect(main.sent('github update state')).toHaveLength(1)
    const noted = fingerprintOf(sealOf(stage).secrets, 'a-slip-of-the-hand')
    expect(stateOf(stage)?.over.has(noted)).toBe(true)
  })

  test('the job still knows afterwards that an earlier one may have used the token of the state', async () => {
    const { stage, claim } = await withSlip({ access: undefined })
    putClaim(stage, -31_000, claim.slice(0, 8))
    stage.box.revokeAll()
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(main.log).toContain(
      'An earlier job claimed this token and may still publish what it got: waiting for that.',
    )
  })
})

test('the pair is known to be published: a state that is from before is an old answer for the post step', async () => {
  const stage = new Stage()
  stage.writeByHand(putState(stage, { access: undefined }).refreshToken)
  await stage.pass(60_000)
  const main = await killedAt(stage, 'github update state', 'after')
  main.state.set(stateNames.progress, 'published')
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  const post = await stage.post(main, oldAnswer(stage, 'github state', 10_000))
  expect([post.exitCode, post.errors]).toEqual([0, []])
  expect(post.sent('github state').length).toBeGreaterThan(1)
  expect(post.asked).not.toContain('github create claim')
  expect(post.asked).not.toContain('github update state')
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
})

test('a state that somebody creates while the post step publishes is read before it is overwritten', async () => {
  const stage = new Stage()
  const main = await killedAt(stage, 'github create state')
  const post = await stage.post(main, { before: { 'github create state': () => void putState(stage) } })
  const { refreshToken } = stateOf(stage) ?? {}
  expect(post.asked).not.toContain('github update state')
  expect(stage.box.takes(refreshToken ?? '')).toBe(true)
  expect(recoveryIn(post)).toHaveLength(1)
})
