/** `state-variable`: which refresh token counts, and which requests decide that. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { OverTokens } from '../../src/sharing/state.ts'
import {
  claimsOf,
  createdClaims,
  putClaim,
  putState,
  putVariable,
  sharing,
  stateVariable,
} from './shared-state.ts'
import { changed, expectFailed, expectRotated, Stage, type StageOptions } from './support.ts'

beforeAll(sealingReady)

/** A state, and then a newly authorized token in the secret. */
async function withNewToken(options: StageOptions = {}): Promise<Stage> {
  const stage = new Stage(options)
  putState(stage)
  await stage.pass(5000)
  stage.writeByHand(stage.box.logIn().refreshToken)
  await stage.pass(5000)
  return stage
}

describe('the given token is new to the state', () => {
  test('but the secret was written after the run was queued: the token is old, and the state counts', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(2000)
    const { access } = putState(stage, { over: OverTokens.none })
    stage.writeByHand()
    const main = await stage.main({ job, with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs).toMatchObject({ 'access-token': access?.token, refreshed: 'false' })
    expect(new Set(main.asked)).toEqual(new Set(['github state', 'github metadata', 'github run']))
  })

  test('but turns out to be old under the claim: Box is not asked', async () => {
    const stage = await withNewToken()
    const job = stage.startJob()
    await stage.pass(5000)
    const main = await stage.main({
      job,
      with: sharing,
      before: { 'github create claim': () => stage.writeByHand() },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.sent('box token')).toEqual([])
    expect(main.outputs['refreshed']).toBe('false')
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['given-up'])
  })

  test.each<[string, Parameters<Stage['main']>[0]]>([
    ['in a second attempt', { context: { runAttempt: 2 } }],
    ['in a process that does not belong to a run', { context: { runId: 0 } }],
  ])('%s: no date can tell, and none is requested before the claim', async (_name, options) => {
    const stage = await withNewToken()
    const main = await stage.main({ with: sharing, ...options })
    expectRotated(stage, main)
    expect(main.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
  })

  test('and a look fails: the request sent along with it is aborted', async () => {
    const stage = await withNewToken()
    stage.broken.set('github metadata', 'CERT_HAS_EXPIRED')
    stage.fault('github run', { kind: 'hang-before' })
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'github-unavailable')
    expect(main.now).toBe(200)
  })

  test('and the job must not refresh: it is still given the shared token', async () => {
    const stage = await withNewToken()
    const main = await stage.main({ with: { ...sharing, 'auto-refresh': 'false' } })
    expect([main.exitCode, main.errors, main.asked]).toEqual([0, [], ['github state']])
  })
})

test('in an environment no date can tell, and none is requested before the claim', async () => {
  const stage = new Stage({ environment: 'box' })
  expectRotated(stage, await stage.main({ with: sharing }))
  await stage.pass(5000)
  stage.writeByHand(stage.box.logIn().refreshToken)
  await stage.pass(5000)
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
})

test('without a state, a look that shows the secret from before its write is repeated under the claim', async () => {
  const stage = new Stage()
  const job = stage.startJob()
  await stage.pass(5000)
  stage.writeByHand()
  const before = new Date(stage.now - 60_000).toISOString()
  stage.fault('github metadata', changed({ updated_at: before }), { skip: 1, times: 1 })
  const main = await stage.main({ job, with: sharing })
  expectFailed(main, 'stale-secret')
  expect(main.sent('github metadata')).toHaveLength(4)
  expect(main.sent('box token')).toEqual([])
  expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
})

test('a state that does not open is warned about once, however often the job starts again', async () => {
  const stage = new Stage()
  putVariable(stage, stateVariable, 'box-token-state.v1.abc')
  const main = await stage.main({
    with: sharing,
    before: { 'github create claim': () => void putClaim(stage, 5000, 'NEW', 2) },
  })
  expectRotated(stage, main)
  expect(main.sent('github state').length).toBeGreaterThan(2)
  expect(main.warnings).toHaveLength(1)
})

test('if a newer version wrote the state, the message has the command for going back', async () => {
  const stage = new Stage()
  putVariable(stage, stateVariable, 'box-token-state.v2.abc')
  const message = expectFailed(await stage.main({ with: sharing }), 'bad-input')
  expect(message).toContain(`\`box-token login --state-variable ${stateVariable}\``)
})
