/** `state-variable`: how the post step handles answers from GitHub that are old, missing, or right at a deadline. */
import { beforeAll, describe, expect, test } from 'vitest'
import { stateNames } from '../../src/journal/step-state.ts'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { OverTokens, sealState } from '../../src/sharing/state.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  killedAt,
  putState,
  putVariable,
  recoveryIn,
  sealOf,
  sharing,
  stateOf,
  stateVariable,
} from './shared-state.ts'
import { changed, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const claimName = `${stateVariable}_CLAIM_NEW_1`

/** A main step that got a pair for the token of a state, and was killed right before publishing it. */
async function killedOverState(stage: Stage, inputs: Readonly<Record<string, string>> = {}): Promise<Step> {
  putState(stage, { access: undefined })
  const job = stage.startJob()
  await stage.pass(1000)
  const main = await stage.main({
    job,
    with: { ...sharing, ...inputs },
    before: { 'github update state': (step) => step.kill() },
  })
  expect([main.exitCode, main.sent('box token').length]).toEqual([undefined, 1])
  return main
}

/** A state from long before: the pair did not come from it, and it does not know the pair's token. */
function longBefore(stage: Stage): string {
  const state = {
    refreshToken: 'of-long-before',
    access: undefined,
    secretUpdatedAt: 0,
    over: OverTokens.none,
  }
  return sealState(sealOf(stage), state)
}

/** Published and stored, and handed to nobody else. */
function expectFinished(stage: Stage, post: Step): void {
  expect([post.exitCode, post.errors, post.warnings, recoveryIn(post)]).toEqual([0, [], [], []])
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
}

/** Nothing was written, and the owner was handed the pair. */
function expectHandedOver(post: Step): void {
  expect([post.exitCode, post.errors]).toEqual([0, []])
  expect(recoveryIn(post)).toHaveLength(1)
  expect(post.requests.filter(({ method }) => method !== 'GET')).toEqual([])
}

describe('the state that GitHub shows', () => {
  test('is from long before: that is an old answer, and the one that follows counts', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage)
    stage.fault('github state', changed({ value: longBefore(stage) }), { times: 3 })
    const post = await stage.post(main)
    expectFinished(stage, post)
    // Pauses of a second and more lie between the looks.
    expect(post.timeline.slice(0, 4)).toEqual([
      '0 github state',
      '1600 github state',
      '3575 github state',
      '6018.75 github state',
    ])
  })

  test('stays from long before for as long as a read may be old: somebody put it there; it is left alone', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage)
    putVariable(stage, stateVariable, longBefore(stage))
    const post = await stage.post(main)
    expectHandedOver(post)
    expect(post.requests.at(-1)).toMatchObject({ label: 'github state', at: 30_000 })
  })

  test("is from long before for two thirds of the post step's time: the pair is handed to its owner", async () => {
    const stage = new Stage()
    const main = await killedOverState(stage, { 'retry-for': '5' })
    putVariable(stage, stateVariable, longBefore(stage))
    const post = await stage.post(main)
    expectHandedOver(post)
    expect(post.requests.at(-1)?.at).toBeGreaterThan(3000)
    expect(post.now).toBeLessThan(5000)
  })

  test('is missing: that is an old answer, and no claim is based on it', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage)
    stage.reply('github state', apiError(404, 'Not Found'), { times: 3 })
    const post = await stage.post(main)
    expectFinished(stage, post)
    expect(post.asked.slice(0, 4)).toEqual(Array(4).fill('github state'))
    expect(createdClaims(post)).not.toContain('NEW_1')
    expect(post.asked).not.toContain('github create state')
  })

  test('is missing for as long as a read may be old: it was deleted, and the pair is published', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage)
    stage.store.variables.delete(stateVariable)
    const post = await stage.post(main)
    expectFinished(stage, post)
    expect(post.sent('github create state')[0]?.at).toBeGreaterThan(30_000)
  })

  test('is missing, and there is less time than a read may be old: enough is left to publish the pair', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage, { 'retry-for': '12' })
    stage.store.variables.delete(stateVariable)
    const post = await stage.post(main)
    expectFinished(stage, post)
  })

  test('is known to be newer: the post step does not wait', async () => {
    const stage = new Stage()
    const main = await killedOverState(stage)
    const before = stateOf(stage)
    if (!before) throw new Error('there is a state')
    const { over } = before
    const { secrets } = sealOf(stage)
    putState(stage, { over: over.with(fingerprintOf(secrets, before.refreshToken), stage.now) })
    const post = await stage.post(main)
    expectHandedOver(post)
    expect(post.asked).toEqual(['github state'])
  })
})

test("GitHub is out until the post step's time is over: the failure says how long was tried", async () => {
  const stage = new Stage()
  const main = await killedAt(stage, 'github create state')
  stage.reply('github state', replies.status(503), { skip: 1 })
  const post = await stage.post(main)
  expect(post.exitCode).toBe(1)
  expect(post.errors[0]?.message).toContain('60 s')
  expect(recoveryIn(post)).toHaveLength(1)
})

describe("the pair is published, and the job's claim", () => {
  /** Somebody changes the existing claim, now. */
  function change(stage: Stage, more: Readonly<Record<string, unknown>>): void {
    const { value } = stage.store.variables.get(claimName) ?? { value: '{}' }
    putVariable(stage, claimName, JSON.stringify({ ...(JSON.parse(value) as object), ...more }))
  }

  test.each<[string, (stage: Stage) => Promise<void> | void]>([
    ['is gone', (stage) => void stage.store.variables.delete(claimName)],
    ['belongs to another job by now', (stage) => change(stage, { nonce: 'another job' })],
    ['is already done', (stage) => change(stage, { 'done-at': new Date(stage.now).toISOString() })],
    ['is over', (stage) => stage.pass(200_000)],
    [
      'ends at this very moment',
      async (stage) => {
        await stage.pass(1000 - (stage.now % 1000))
        // Requested at 100, read at 200; and the last second of a lease is not used.
        change(stage, { 'lease-ends-at': new Date(stage.now + 1100).toISOString() })
      },
    ],
  ])('%s: the secret is left to the next refresh', async (_name, arrange) => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    await arrange(stage)
    const post = await stage.post(main)
    expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []])
    expect(post.asked).toEqual(['github state', 'github claim'])
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })

  test('holds for one more millisecond: the post step starts to write the secret', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    await stage.pass(1000 - (stage.now % 1000))
    change(stage, { 'lease-ends-at': new Date(stage.now + 1101).toISOString() })
    const post = await stage.post(main)
    expect(post.asked.slice(0, 3)).toEqual(['github state', 'github claim', 'github metadata'])
  })
})

test("a write of the secret in the second of the look before the refresh is not taken for the job's own", async () => {
  const stage = new Stage({ environment: 'box' })
  stage.writeByHand(stage.firstPair.refreshToken)
  const main = await stage.main({ with: sharing, before: { 'github write': (step) => step.kill() } })
  expect(main.progress).toBe('about-to-store')
  await stage.pass(5000)
  const post = await stage.post(main)
  expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []])
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
})

describe("there is nothing to publish, and the job's claim", () => {
  test.each<[string, (stage: Stage) => Promise<Step>]>([
    ['is done', (stage) => killedAt(stage, 'github update claim', 'after')],
    [
      'is given up',
      (stage) => {
        stage.box.revokeAll()
        return killedAt(stage, 'github update claim', 'after')
      },
    ],
  ])('%s already: it is left as it is', async (_name, kill) => {
    const stage = new Stage()
    const main = await kill(stage)
    expect(main.state.get(stateNames.claim)).not.toBe('')
    const [before] = claimsOf(stage)
    const post = await stage.post(main)
    expect([post.exitCode, post.asked, post.log]).toEqual([0, ['github claim'], []])
    expect(claimsOf(stage)).toEqual([before])
  })
})

describe('NODE_DEBUG would print the requests', () => {
  const variables = { NODE_DEBUG: 'fs,http' }

  test('the post step does not give the claim up: it ends with its lease', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    const post = await stage.post(main, { variables })
    expect([post.exitCode, post.errors, post.requests]).toEqual([0, [], []])
  })

  test('the post step publishes and stores nothing: it says why, and prints the recovery text', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    const post = await stage.post(main, { variables })
    expect([post.exitCode, post.requests]).toEqual([1, []])
    expect(post.errors[0]?.message).toContain('NODE_DEBUG')
    expect(recoveryIn(post)).toHaveLength(1)
  })
})

test('without a shared state, a write in the second of the look before the refresh is no conflict', async () => {
  const stage = new Stage({ environment: 'box' })
  stage.writeByHand(stage.firstPair.refreshToken)
  const main = await stage.main({ before: { 'github metadata 2': (step) => step.kill() } })
  await stage.pass(5000)
  const post = await stage.post(main)
  expect([post.exitCode, post.errors, recoveryIn(post)]).toEqual([0, [], []])
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
})
