/** `state-variable`: how epochs are climbed, how long a job waits for others' claims, and which claims get deleted. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { claimToken } from '../../src/sharing/claim.ts'
import { OverTokens, sealState, type SharedState } from '../../src/sharing/state.ts'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  killedAt,
  putClaim,
  putState,
  putVariable,
  sealOf,
  sharing,
  stateOf,
  stateVariable,
} from './shared-state.ts'
import { stateNames } from '../../src/journal/step-state.ts'
import { changed, expectFailed, expectRotated, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const minuteMs = 60_000
/** The claims of the first token that Box issues on a stage. */
const nextToken = '51AC4261'

/** Another job's claim, marked as done now. */
function putDone(
  stage: Stage,
  ms: number,
  more: Readonly<Record<string, unknown>> = {},
  name = 'NEW_1',
): void {
  const date = (at: number): string => new Date(at).toISOString()
  const content = { nonce: 'x', 'lease-ends-at': date(stage.now + ms), 'done-at': date(stage.now), ...more }
  putVariable(stage, `${stateVariable}_CLAIM_${name}`, JSON.stringify(content))
}

/** Claims of one token, epochs 1 to `count`, all given up by their holders. */
function putGivenUp(stage: Stage, count: number): void {
  for (let epoch = 1; epoch <= count; epoch += 1) putClaim(stage, -stage.now, 'NEW', epoch)
}

/** The content of a claim of the first token. */
function contentOf(stage: Stage, claim: string): Record<string, unknown> {
  const { value } = stage.store.variables.get(`${stateVariable}_CLAIM_${claim}`) ?? { value: '{}' }
  return JSON.parse(value) as Record<string, unknown>
}

/** When a step tried to create its second claim. */
function secondClaimAt(step: Step): number | undefined {
  return step.sent('github create claim')[1]?.at
}

describe('the next epoch', () => {
  test('is looked up among the claims of the same token only', async () => {
    const stage = new Stage()
    putClaim(stage, -10 * minuteMs, '0BADF00D', 9)
    for (const epoch of [1, 2, 3, 4]) putClaim(stage, -10 * minuteMs, 'NEW', epoch)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_4', 'NEW_5'])
  })

  test('is looked up in the list once; from there on, claims are climbed one by one', async () => {
    const stage = new Stage()
    for (const epoch of [1, 2, 3, 4]) putClaim(stage, -10 * minuteMs, 'NEW', epoch)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    // The other request is the check under the claim.
    expect(main.sent('github claims')).toHaveLength(2)
  })

  test('of another token does not make the job start again', async () => {
    const stage = new Stage()
    putClaim(stage, -10 * minuteMs, '0BADF00D', 5)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1'])
  })

  /** While the job claims the first epoch, others are at later ones: their claims show under the claim. */
  test.each<[string, (stage: Stage, token: string) => void, readonly number[], boolean]>([
    [
      'the next one was given up',
      (stage, token) => void putClaim(stage, -stage.now, token, 2),
      [1, 2, 3],
      false,
    ],
    [
      'one in between was not given up, so its holder may have used the token',
      (stage, token) => {
        putClaim(stage, -minuteMs, token, 2)
        putClaim(stage, -stage.now, token, 3)
      },
      [1, 3, 4],
      true,
    ],
  ])('goes on from the latest that shows under the claim: %s', async (_name, put, epochs, mayHaveSpent) => {
    const stage = new Stage()
    // Box does not know this token.
    putState(stage, { access: undefined, refreshToken: 'unknown-to-box' })
    const token = claimToken(sealOf(stage).secrets, 'unknown-to-box')
    const before = {
      'github claims': () => {
        put(stage, token)
        // Claims of another token do not count.
        putDone(stage, minuteMs, {}, '0BADF00D_7')
        putDone(stage, minuteMs, {}, '0BADF00D_8')
      },
    }
    stage.writeByHand('unknown-to-box')
    await stage.pass(5000)
    const main = await stage.main({ with: sharing, before })
    // It names the variable, so that the sign-in is not undone.
    expect(expectFailed(main, 'reauthorize')).toContain('`box-token login --state-variable BOX_STATE`')
    expect(createdClaims(main)).toEqual(epochs.map((epoch) => `${token}_${epoch}`))
    expect(main.log.some((line) => line.startsWith('An earlier job claimed this token'))).toBe(mayHaveSpent)
  })

  test('is that of the new token once the state has moved: its first', async () => {
    const stage = new Stage()
    const { refreshToken } = putState(stage, { access: undefined })
    const token = claimToken(sealOf(stage).secrets, refreshToken)
    let next = ''
    stage.scheduler.after(10_000, () => {
      const over = OverTokens.none.with(fingerprintOf(sealOf(stage).secrets, refreshToken), stage.now)
      const given = fingerprintOf(sealOf(stage).secrets, stage.stored)
      const moved = putState(stage, { access: undefined, over: over.with(given, stage.now) })
      next = claimToken(sealOf(stage).secrets, moved.refreshToken)
      // Its holder is done by then.
      putDone(stage, minuteMs, {}, `${token}_2`)
    })
    const before = { 'github claims': () => void putClaim(stage, minuteMs, token, 2) }
    const main = await stage.main({ with: sharing, before })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(createdClaims(main)).toEqual([`${token}_1`, `${token}_2`, `${next}_1`])
  })

  test('of a job that gave up in the end was not used: if Box refuses, the job waits for nobody', async () => {
    const stage = new Stage()
    stage.writeByHand('unknown-to-box')
    await stage.pass(5000)
    putGivenUp(stage, 2)
    putClaim(stage, minuteMs, 'NEW', 3)
    stage.scheduler.after(10_000, () => putGivenUp(stage, 3))
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_3', 'NEW_4'])
    expect(main.log.some((line) => line.startsWith('An earlier job claimed this token'))).toBe(false)
  })

  test("is taken at once if too little is left of the job's own lease", async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    await stage.pass(1000 - (stage.now % 1000))
    // Requested at 200, read at 300; the last second of a lease is not used, and two seconds are too short.
    const name = `${stateVariable}_CLAIM_NEW_1`
    const leaseEndsAt = new Date(stage.now + 3100).toISOString()
    putVariable(stage, name, JSON.stringify({ ...contentOf(stage, 'NEW_1'), 'lease-ends-at': leaseEndsAt }))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post).slice(0, 2)).toEqual(['NEW_1', 'NEW_2'])
    expect(secondClaimAt(post)).toBe(300)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test("is not taken while the post step's own claim is still good, whatever the random source returns", async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    const post = await stage.post(main, { world: { random: () => 0.25 } })
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post)).toEqual(['NEW_1', nextToken + '_1'])
    expect(post.now).toBeLessThan(2000)
  })
})

describe("another job's claim that is", () => {
  test.each<[string, (stage: Stage) => void]>([
    ['done', (stage) => putDone(stage, minuteMs)],
    ['over', (stage) => void putClaim(stage, -10 * minuteMs)],
    ['given up', (stage) => putGivenUp(stage, 1)],
  ])('%s is not reported as refreshing', async (_name, put) => {
    const stage = new Stage()
    put(stage)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.log.filter((line) => line.includes('BOX_STATE_CLAIM_NEW_1'))).toEqual([])
  })

  test('given up used no token: if Box refuses, the job waits for nobody', async () => {
    const stage = new Stage()
    putGivenUp(stage, 1)
    stage.box.revokeAll()
    const main = await stage.main({ with: sharing })
    expect(main.outputs).toEqual({ 'error-code': 'reauthorize' })
    // For as long as a read may be old, not for all of `retry-for`.
    const refusedAt = main.sent('box token')[0]?.at ?? 0
    expect(main.sent('github state').at(-1)?.at).toBeLessThan(refusedAt + 31_000)
  })

  test('done is not read again: only the state is polled, at growing intervals', async () => {
    const stage = new Stage()
    putDone(stage, minuteMs)
    stage.scheduler.after(10_000, () => void putState(stage))
    const main = await stage.main({ with: sharing, world: { random: () => 0 } })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.timeline).toEqual([
      '0 github state',
      '100 github create claim',
      '200 github claim',
      '1300 github state',
      '2650 github state',
      '4312.5 github state',
      '6365.625 github state',
      '8907.03125 github state',
      '12007.03125 github state',
    ])
  })

  test('done is over if its state has not shown up by the moment a read can no longer be old', async () => {
    const stage = new Stage()
    putDone(stage, minuteMs)
    // Known to be done at 300. The delay makes the eleventh look while waiting arrive at exactly 30,300.
    stage.fault('github state', { kind: 'delay', ms: 2692.968_75 }, { skip: 11, times: 1 })
    const main = await stage.main({ with: sharing, world: { random: () => 0 } })
    expectRotated(stage, main)
    expect(secondClaimAt(main)).toBe(30_300)
  })

  test.each<[string, (stage: Stage) => void, number]>([
    ['done', (stage) => putDone(stage, minuteMs), 32_300],
    ['over with its lease', (stage) => void putClaim(stage, 6000), 38_793.359],
  ])('%s is followed soon after it ends, with jitter', async (_name, put, at) => {
    const stage = new Stage()
    put(stage)
    const main = await stage.main({ with: sharing, world: { random: () => 0.9 } })
    expectRotated(stage, main)
    expect(secondClaimAt(main)).toBeCloseTo(at, 3)
  })
})

describe('a post step that waits for another job', () => {
  test('stops when its time is up, to the millisecond', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: { ...sharing, 'retry-for': '2' },
      before: { 'github create state': (step) => step.kill() },
    })
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, minuteMs)
    // The first pause is cut short by the end of the time.
    const post = await stage.post(main, { world: { random: () => 0.7 } })
    expect(post.now).toBe(2000)
    expect(post.exitCode).toBe(1)
    expect(post.errors[0]?.message).toContain('Another job is refreshing')
    expect(post.asked).toEqual(['github state', 'github create claim', 'github claim'])
  })
})

describe('while a job waits for another one', () => {
  /** A state whose token has been used up, and a claim of that token. */
  function arrange(): { readonly stage: Stage; readonly before: SharedState; readonly token: string } {
    const stage = new Stage()
    const before = putState(stage, { access: undefined })
    const token = claimToken(sealOf(stage).secrets, before.refreshToken)
    putClaim(stage, minuteMs, token)
    return { stage, before, token }
  }

  test('a state with the same refresh token and one more token noted as over is adopted', async () => {
    const { stage, before } = arrange()
    const over = before.over.with(fingerprintOf(sealOf(stage).secrets, 'refused'), stage.now)
    const access = { token: 'shared-access-token', expiresAt: stage.now + 3_600_000, refreshedAt: stage.now }
    stage.scheduler.after(1000, () => void putState(stage, { ...before, access, over }))
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs['access-token']).toBe('shared-access-token')
    expect(main.requests.at(-1)?.at).toBe(1800)
  })

  test('an unchanged state keeps it waiting, without trying to claim again meanwhile', async () => {
    const { stage, token } = arrange()
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(createdClaims(main)).toEqual([`${token}_1`, `${token}_2`])
  })

  test('an old state keeps it waiting, whatever tokens it lists as over', async () => {
    const { stage, before, token } = arrange()
    const { secrets } = sealOf(stage)
    const over = ['1', '2', '3'].reduce(
      (all, one) => all.with(fingerprintOf(secrets, one), stage.now),
      OverTokens.none,
    )
    const value = sealState(sealOf(stage), { ...before, refreshToken: stage.stored, over })
    stage.fault('github state', changed({ value }), { skip: 1, times: 3 })
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(createdClaims(main)).toEqual([`${token}_1`, `${token}_2`])
  })
})

describe('claims that are over', () => {
  test("of the previous state are kept, even if the list does not show the job's own claim", async () => {
    const stage = new Stage()
    putClaim(stage, -11 * minuteMs)
    stage.fault('github claims', {
      kind: 'replace',
      replace: (reply) => {
        const { variables } = reply.body as { readonly variables: readonly { readonly name: string }[] }
        const first = variables.filter(({ name }) => name.endsWith('_NEW_1'))
        return { ...reply, body: { total_count: first.length, variables: first } }
      },
    })
    expectRotated(stage, await stage.main({ with: sharing }))
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'over'],
      ['NEW_2', 'done'],
    ])
  })

  test("of the state's new token are kept: its next holder starts with the first", async () => {
    const stage = new Stage()
    putClaim(stage, -11 * minuteMs, nextToken)
    putClaim(stage, -11 * minuteMs, '0BADF00D')
    expectRotated(stage, await stage.main({ with: sharing }))
    expect(claimsOf(stage)).toEqual([
      [`${nextToken}_1`, 'over'],
      ['NEW_1', 'done'],
    ])
  })

  test("are deleted by a holder that finds the state moved, except those of the state's token", async () => {
    const stage = new Stage()
    putClaim(stage, -11 * minuteMs, '0BADF00D')
    let token = ''
    const main = await stage.main({
      with: sharing,
      before: {
        'github create claim': () => {
          token = claimToken(sealOf(stage).secrets, putState(stage).refreshToken)
          putClaim(stage, -11 * minuteMs, token)
        },
      },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.sent('box token')).toEqual([])
    expect(claimsOf(stage)).toEqual([
      [`${token}_1`, 'over'],
      ['NEW_1', 'done'],
    ])
    // Nothing is left for the post step to do.
    expect(main.state.get(stateNames.claim)).toBe('')
  })

  test('and pile up get a shortcut in the first one', async () => {
    const stage = new Stage()
    putGivenUp(stage, 8)
    expectRotated(stage, await stage.main({ with: sharing }))
    expect(contentOf(stage, 'NEW_1')['next']).toBe(9)
    expect(claimsOf(stage).at(-1)).toEqual(['NEW_9', 'done'])
  })

  test('and lie between the first and the one that it points to are deleted', async () => {
    const stage = new Stage()
    putGivenUp(stage, 9)
    const since = new Date(stage.now - 11 * minuteMs).toISOString()
    const first = { ...contentOf(stage, 'NEW_1'), next: 9, 'next-since': since }
    putVariable(stage, `${stateVariable}_CLAIM_NEW_1`, JSON.stringify(first))
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(claimsOf(stage).map(([name]) => name)).toEqual(['NEW_1', 'NEW_9', 'NEW_10'])
    expect(main.log.filter((line) => line.includes('_CLAIM_'))).toEqual([])
  })

  test('and are already gone when they are to be deleted cause no message', async () => {
    const stage = new Stage()
    const name = putClaim(stage, -11 * minuteMs, '0BADF00D')
    const main = await stage.main({
      with: sharing,
      before: { 'github delete claim': () => stage.store.variables.delete(name) },
    })
    expectRotated(stage, main)
    expect(main.sent('github delete claim')).toHaveLength(1)
    expect(main.log.filter((line) => line.includes(name))).toEqual([])
  })

  test.each([
    ['GitHub is out', replies.status(503), 15_000],
    ['the token may not delete them', apiError(403, 'Not now'), 0],
  ])('and cannot be deleted because %s do no harm, and are logged', async (_name, reply, ms) => {
    const stage = new Stage()
    const name = putClaim(stage, -11 * minuteMs, '0BADF00D')
    stage.reply('github delete claim', reply)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.log.filter((line) => line.includes(name))).toHaveLength(1)
    const times = main.sent('github delete claim').map(({ at }) => at)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(ms)
    expect(stateOf(stage)?.refreshToken).toBe(stage.stored)
  })
})
