/** `state-variable`: what can go wrong for a job that holds the claim, and what it reports then. */
import { beforeAll, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { OverTokens } from '../../src/sharing/state.ts'
import {
  claimsOf,
  createdClaims,
  faultInAction,
  putClaim,
  putState,
  sealOf,
  secretTitle,
  sharing,
  stateOf,
  stateVariable,
  title,
  variables,
} from './shared-state.ts'
import { changed, expectFailed, expectRotated, Stage } from './support.ts'

beforeAll(sealingReady)

describe('a pair is issued, and cannot be published', () => {
  const notPublished = (problem: string): string =>
    `GitHub did not let this job publish the new pair in the ${title} within 60 s: ${problem}. The old refresh token has been used (invalidated) and, as far as this job can tell, the new one is not stored. No access token is handed out. Check the log of the post step of this action: it tries once more, and prints a recovery text if it cannot store the token either. If it did neither, start a new run once GitHub is available again: Box may still accept the old refresh token. If that run fails with \`reauthorize\`, sign in to Box again with \`box-token login --state-variable BOX_STATE\`.`

  test.each<[string, Parameters<Stage['reply']>, string]>([
    ['GitHub is out', ['github create state', replies.status(503)], 'it answered 503'],
    ['GitHub rejects it', ['github create state', apiError(422, 'Full')], 'it answered 422 ("Full")'],
    [
      'GitHub asks for a longer wait than there is time',
      ['github create state', replies.status(503, { 'retry-after': '300' })],
      'it answered 503',
    ],
  ])('%s', async (_name, fault, problem) => {
    const stage = new Stage()
    stage.reply(...fault)
    const main = await stage.main({ with: sharing })
    const message = expectFailed(main, 'secret-not-written')
    expect(message).toBe(notPublished(problem))
    expect(main.sent('box token')).toHaveLength(1)
    expect(main.sent('github create state').at(-1)?.at).toBeGreaterThanOrEqual(60_400)
    expect(main.now).toBeLessThan(61_000)
    expect(main.progress).toBeUndefined()
    // If it may have arrived, the claim of the new token was taken too, and is kept like the other one.
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(
      problem.includes('503') ? ['live', 'live'] : ['live'],
    )
    expect(main.log).toContain(`GitHub: ${problem}; trying again to publish the shared state.`)
    // The claim is left for the post step, which publishes under it.
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post)[0]).toBe('NEW_1')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test.each<[string, Parameters<Stage['reply']>[1], string]>([
    ['GitHub does not answer the looks', replies.status(503), 'it answered 503'],
    [
      'the token is no longer allowed to read it',
      apiError(403, 'Not now.'),
      `GitHub answered 403 when asked to read the ${title} (\`state-variable\`) ("Not now."): the token is not allowed to do that`,
    ],
  ])('it may have arrived, and %s: it is not written again', async (_name, reply, problem) => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(503), { times: 1 })
    stage.reply('github state', reply, { skip: 2 })
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'secret-not-written')).toBe(notPublished(problem))
    expect(main.sent('github create state')).toHaveLength(1)
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test('it may have arrived: its claim is taken before the second write, so that nobody goes on from it', async () => {
    const stage = new Stage()
    stage.fault('github create state', { kind: 'replace', replace: () => replies.status(502) }, { times: 1 })
    // GitHub does not show yet that it has arrived.
    stage.reply('github state', apiError(404, 'Not Found'), { skip: 2, times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', '51AC4261_1'])
    const writes = main.asked.filter((label) => label.endsWith(' state') || label === 'github create claim')
    expect(writes.slice(-4)).toEqual([
      'github state',
      'github create claim',
      'github create state',
      // GitHub refuses to create it again: it is there, so it is read.
      'github state',
    ])
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'done'],
      ['51AC4261_1', 'given-up'],
    ])
  })

  test('it may have arrived, and another job has claimed its token: it was published', async () => {
    const stage = new Stage()
    stage.fault('github create state', { kind: 'replace', replace: () => replies.status(502) }, { times: 1 })
    stage.reply('github state', apiError(404, 'Not Found'), { skip: 2, times: 1 })
    const main = await stage.main({
      with: sharing,
      after: { 'github create state': () => putClaim(stage, 60_000, '51AC4261') },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.sent('github create state')).toHaveLength(1)
    expect(main.sent('github update state')).toEqual([])
    expect(main.sent('box token')).toHaveLength(1)
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
  })

  test('it did arrive, but the answer was lost: it is not written again', async () => {
    const stage = new Stage()
    stage.fault('github create state', { kind: 'reset-after' }, { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create state')).toHaveLength(1)
    expect(main.log).toContain(`GitHub: the new pair is published in the ${title}, encrypted.`)
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('another pair is published meanwhile: this job uses that one', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(503), { times: 2 })
    const main = await stage.main({
      with: sharing,
      before: { 'github state 3': () => putState(stage) },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
    expect(main.log).toContain('The shared state now holds a newer pair: this job uses that one.')
    expect(main.progress).toBe('settled')
    expect(main.asked.slice(-3)).toEqual(['github state', 'github update claim', 'github state'])
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('another pair is published meanwhile, then GitHub is out: the post step has nothing left to do', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(503), { times: 1 })
    const access = { token: 'too-short-for-anybody', expiresAt: stage.now, refreshedAt: stage.now }
    const main = await stage.main({
      with: sharing,
      before: { 'github state 3': () => putState(stage, { access }) },
      after: { 'github update claim': () => stage.reply('github state', replies.status(503)) },
    })
    expectFailed(main, 'secret-not-written')
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.log).toContain(
      `The ${title} holds a newer pair: the one from this job is superseded, so nothing is written.`,
    )
  })
})

describe('Box does not accept the token', () => {
  test('and no earlier job claimed it: somebody has to sign in again, and the claim is given up', async () => {
    const stage = new Stage()
    putClaim(stage, -1000, '0BADF00D')
    stage.box.revokeAll()
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(main.log).not.toContain(
      'An earlier job claimed this token and may still publish what it got: waiting for that.',
    )
    // Both are polled for as long as a read may be old; the claim is given up first, so nobody has to wait for it.
    expect(main.sent('github update claim')[0]?.at).toBe(400)
    expect(main.now).toBeLessThan(61_000)
    expect(claimsOf(stage)).toContainEqual(['NEW_1', 'given-up'])
    // Nothing is left for the post step to give up.
    expect(main.state.get('claim')).toBe('')
    expect(main.log.filter((line) => line.includes('An earlier job'))).toEqual([])
  })

  test('and an earlier job that claimed it publishes late: that token is used', async () => {
    const stage = new Stage()
    putClaim(stage, -31_000)
    putClaim(stage, -31_000, '0BADF00D')
    const job = stage.startJob()
    stage.box.revokeAll()
    stage.scheduler.after(8000, () => void putState(stage))
    const main = await stage.main({ job, with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.log).toContain(
      'An earlier job claimed this token and may still publish what it got: waiting for that.',
    )
    expect(main.timeline.slice(-7)).toEqual([
      '600 github update claim',
      '700 github state',
      '2300 github state',
      '4275 github state',
      '6718.75 github state',
      '9748.4375 github state',
      '9848.4375 github state',
    ])
    expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
  })

  test('and an earlier job that claimed it publishes nothing: somebody has to sign in again', async () => {
    const stage = new Stage()
    putClaim(stage, -31_000)
    stage.box.revokeAll()
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(main.sent('github state').at(-1)?.at).toBe(60_700)
    // A genuine refusal is reported within `retry-for` plus the time for which a read may be old.
    expect(main.now).toBeLessThan(91_000)
  })

  test('that the job was given: the one in the state is refreshed, and the given one is noted', async () => {
    const stage = new Stage()
    const before = putState(stage, { access: undefined })
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.log.filter((line) => / given | state\.$/.test(line))).toEqual([
      'The shared state does not know the refresh token given to this job: refreshing with that one.',
      'Box does not accept the refresh token given to this job: using the shared state instead.',
      'Refreshing the token in the shared state.',
    ])
    const after = stateOf(stage)
    expect(after?.refreshToken).toBe(stage.lastPair.refreshToken)
    const over = ['a-slip-of-the-hand', before.refreshToken, stage.lastPair.refreshToken].map((token) =>
      after?.over.has(fingerprintOf(sealOf(stage).secrets, token)),
    )
    expect(over).toEqual([true, true, false])
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['given-up', 'done'])
  })

  test('that the job was given, and then the state is gone: what the job has seen of it still counts', async () => {
    const stage = new Stage()
    putState(stage, { access: undefined })
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    const main = await stage.main({
      with: sharing,
      after: { 'box token': () => stage.store.variables.delete(stateVariable) },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.sent('box token')).toHaveLength(2)
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  })

  test('that the job was given, and noting it fails for 15 s: the job goes on', async () => {
    const stage = new Stage()
    putState(stage)
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    stage.reply('github update state', replies.status(503))
    const main = await stage.main({ with: sharing })
    expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
    expect(main.log).toContain(
      'GitHub: the shared state could not be updated to say that Box does not accept this token.',
    )
    const times = main.sent('github update state').map(({ at }) => at)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(15_000)
  })
})

test('the state is gone when the claim is made: what the job has seen of it still counts', async () => {
  const stage = new Stage()
  putState(stage, { access: undefined })
  const main = await stage.main({
    with: sharing,
    before: { 'github create claim': () => stage.store.variables.delete(stateVariable) },
  })
  expect([main.exitCode, main.errors]).toEqual([0, []])
  expect(main.log).toContain('Refreshing the token in the shared state.')
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
})

test('a process that does not belong to a run refreshes as usual', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: sharing, context: { runId: 0 } })
  expectRotated(stage, main)
  expect(main.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
})

describe('when a look fails, the requests sent along with it are aborted', () => {
  // A request or pause that is left over would keep the process from ending.
  test('with the look at the secret: the date of the run', async () => {
    const stage = new Stage()
    stage.broken.set('github metadata', 'CERT_HAS_EXPIRED')
    stage.fault('github run', { kind: 'hang-before' })
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'github-unavailable')
    expect(main.now).toBe(400)
  })

  test('with the look under the claim: the list of claims', async () => {
    const stage = new Stage()
    stage.reply('github state', apiError(403, 'Not now'), { skip: 1 })
    stage.fault('github claims', { kind: 'hang-before' })
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'cannot-write-secret')
    expect(main.now).toBe(400)
  })
})

describe('GitHub is out under the claim, before any token is used', () => {
  test('within the lease: the job fails', async () => {
    const stage = new Stage()
    stage.reply('github claims', replies.status(503))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'github-unavailable')).toContain('Nothing was used')
    expect(main.sent('github create claim')).toHaveLength(1)
    expect(main.sent('github claims').at(-1)?.at).toBe(60_200)
  })

  test('until the lease is over: the job starts again', async () => {
    const stage = new Stage()
    // It is known at 72,925 that the claim was made, and its lease is over at 129,200.
    stage.reply('github create claim', replies.status(503), { times: 9 })
    stage.fault('github create claim', { kind: 'delay', ms: 15_000 }, { times: 1 })
    stage.reply('github state', replies.status(503), { skip: 1 })
    stage.scheduler.after(130_000, () => stage.faults.github.clear())
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create claim').at(-1)?.body).toContain('NEW_2')
  })
})

describe('which writes of the secret the state accounts for', () => {
  test.each([
    ['the run was queued after the write: it was given the current value', 1000, true],
    ['the run was queued in the same second: it may have been given the previous value', 0, false],
  ])('%s', async (_name, ms, stored) => {
    const stage = new Stage()
    const { refreshToken } = putState(stage, { access: undefined, secretUpdatedAt: 0 })
    stage.writeByHand(refreshToken)
    await stage.pass(ms)
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.log).toContain('Refreshing the token in the shared state.')
    expect(stage.stored === stage.lastPair.refreshToken).toBe(stored)
    expect(main.warnings).toEqual(
      stored
        ? []
        : [
            `The ${secretTitle} was written at 2026-11-23T06:00:00Z, by somebody else as far as the shared state shows, so it is left unchanged. The new refresh token is in the shared state, which jobs use unless the secret holds a token from a new sign-in.`,
          ],
    )
    expect(stateOf(stage)?.secretUpdatedAt).toBe(stored ? Date.UTC(2026, 10, 23, 6) : 0)
  })
})

test('a given token that is new to the state is refreshed', async () => {
  const stage = new Stage()
  const before = putState(stage)
  await stage.pass(5000)
  const { refreshToken } = stage.box.logIn()
  stage.writeByHand(refreshToken)
  await stage.pass(5000)
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.log).toContain(
    'The shared state does not know the refresh token given to this job: refreshing with that one.',
  )
  const over = [before.refreshToken, refreshToken].map((token) =>
    stateOf(stage)?.over.has(fingerprintOf(sealOf(stage).secrets, token)),
  )
  expect(over).toEqual([true, true])
})

/** A claim as an old read shows it: before it was marked as done. */
const asWhenLive: Fault = {
  kind: 'replace',
  replace: (reply) => {
    const { value, ...body } = reply.body as { readonly value: string }
    const { 'done-at': _, ...claim } = JSON.parse(value) as Record<string, unknown>
    return { ...reply, body: { ...body, value: JSON.stringify(claim) } }
  },
}

test('the state has moved under the claim, and later reads show the old one: the newer one counts', async () => {
  const stage = new Stage({ reading: 'family' })
  putState(stage)
  await stage.pass(2 * 3_600_000)
  const value = stage.store.variables.get(stateVariable)?.value
  const { refreshToken } = stateOf(stage) ?? { refreshToken: '' }
  stage.fault('github state', changed({ value }), { skip: 2, times: 2 })
  stage.fault('github claim', asWhenLive)
  const main = await stage.main({
    with: { ...sharing, 'refresh-token': refreshToken },
    after: {
      'github create claim': () => {
        const over = OverTokens.none.with(fingerprintOf(sealOf(stage).secrets, refreshToken), stage.now)
        putState(stage, { over })
      },
    },
  })
  expect([main.exitCode, main.errors]).toEqual([0, []])
  expect(main.sent('box token')).toEqual([])
  expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
})

describe('Box answers with a refresh token only', () => {
  test('once: the job refreshes again with that token', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(2)
    expect(main.log).toContain(
      'Box: its answer has no usable access token (it has no valid "access_token"); refreshing once more with the new refresh token.',
    )
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['done', 'done'])
  })

  test('and reads show the previous state: the new token is sent', async () => {
    const stage = new Stage({ reading: 'family' })
    putState(stage)
    await stage.pass(2 * 3_600_000)
    const value = stage.store.variables.get(stateVariable)?.value
    stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
    stage.fault('github state', changed({ value }), { skip: 2, times: 2 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(2)
  })

  test('and reads show the previous state and claim: the used token is not sent again', async () => {
    const stage = new Stage({ reading: 'family' })
    putState(stage)
    await stage.pass(2 * 3_600_000)
    const value = stage.store.variables.get(stateVariable)?.value
    stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
    stage.fault('github state', changed({ value }), { skip: 2, times: 2 })
    stage.fault('github claim', asWhenLive)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(2)
  })

  test('three times, for that many lost answers: the job refreshes until it has an access token', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ access_token: undefined }), { times: 3 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(4)
  })

  test('every time: the job fails and says where the token is', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ access_token: undefined }))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'bad-response')).toBe(
      `Box's answer is not a token pair: it has no valid "access_token". The old refresh token has been used, and the new one from that answer is stored in the ${title}. Nothing is lost, but no access token is handed out. Start a new run. If this happens again, check \`box-api-url\` and any proxy or firewall between the runner and Box.`,
    )
    expect(main.sent('box token')).toHaveLength(4)
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(new Set(claimsOf(stage).map(([, status]) => status))).toEqual(new Set(['done']))
  })
})

describe('a server sends no date', () => {
  const undated: Fault = {
    kind: 'replace',
    replace: (reply) => ({ ...reply, headers: { ...reply.headers, date: '' } }),
  }

  test("GitHub: the runner's clock is used instead, which is ten minutes ahead", async () => {
    const stage = new Stage()
    stage.fault('github state', undated)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create claim')[0]?.body).toContain('2026-11-23T06:12:10')
  })

  test("Box: GitHub's clock is used instead", async () => {
    const stage = new Stage()
    stage.fault('box token', undated)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.outputs).toMatchObject({
      'expires-at': '2026-11-23T07:09:35Z',
      'refresh-token-expires-at': '2027-01-22T06:00:00Z',
    })
    expect(stateOf(stage)?.access?.refreshedAt).toBe(Date.UTC(2026, 10, 23, 6) + 100)
  })
})

test("no warning if Box's token is valid for exactly as long as required", async () => {
  const stage = new Stage()
  stage.fault('box token', changed({ expires_in: 300 }))
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.warnings).toEqual([])
})

describe('the key of the place', () => {
  const further = { ...sharing, 'access-token-secret-name': 'BOX_ACCESS' }

  test('that was read again for the secret is also used for its copies', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: further,
      before: { 'box token': () => stage.store.rotateKey() },
    })
    expectRotated(stage, main)
    expect(stage.store.value('BOX_ACCESS')).toBe(stage.lastPair.accessToken)
    expect(main.sent('github write')).toHaveLength(3)
    expect(main.sent('github key')).toHaveLength(2)
  })
})

describe('a bug in the action', () => {
  test.each<[string, string, number, (stage: Stage) => void]>([
    ['when it publishes', 'github create state', 0, () => {}],
    ['when it marks its claim as done', 'github update claim', 0, () => {}],
    [
      'when it notes a refusal',
      'github state',
      3,
      (stage) => {
        putState(stage, { access: undefined })
        stage.writeByHand('a-slip-of-the-hand')
      },
    ],
  ])('%s: it is reported', async (_name, label, skip, arrange) => {
    const stage = new Stage()
    arrange(stage)
    await stage.pass(5000)
    stage.reply(label, replies.status(503), { skip, times: 1 })
    const { random, begin } = faultInAction()
    const main = await stage.main({
      with: sharing,
      world: { random },
      after: { [`${label} ${skip + 1}`]: begin },
    })
    expect(main.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('This is a bug in the action: no more chance.'),
    ])
    expect(main.exitCode).toBe(1)
    expect(main.sent(label)).toHaveLength(skip + 1)
  })

  test('once the pair is published: the claim stays, and the post step stores the token under it', async () => {
    const stage = new Stage()
    stage.reply('github metadata', replies.status(503), { skip: 1, times: 1 })
    const { random, begin } = faultInAction()
    const main = await stage.main({
      with: sharing,
      world: { random },
      after: { 'github metadata 2': begin },
    })
    expect(main.errors[0]?.message).toContain('This is a bug in the action: no more chance.')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(variables(stage)).toEqual(['BOX_STATE_CLAIM_NEW_1', stateVariable])
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })
})

test('a failure after the store names every place that holds the token', async () => {
  const stage = new Stage()
  stage.reply('box user', apiError(401, 'Not for you'))
  const main = await stage.main({
    with: {
      ...sharing,
      verify: 'true',
      'also-write-to': 'dependabot',
      'access-token-secret-name': 'BOX_ACCESS',
    },
  })
  expect(expectFailed(main, 'bad-response')).toContain(
    `the new refresh token is stored in the ${title} and the ${secretTitle} and the secret BOX_REFRESH_TOKEN of Dependabot in octo-org/nightly. Nothing is lost, but no access token is handed out.`,
  )
})

describe('the lease is over before the pair is published', () => {
  /** GitHub and Box take so long that the pair is issued at 79,150; the lease is over at 129,200. */
  function untilLate(stage: Stage): void {
    stage.reply('github key', replies.status(503), { times: 9 })
    stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
    stage.reply('box token', replies.status(503), { times: 5 })
  }

  test.each<[string, Parameters<Stage['reply']>[1], string]>([
    ['GitHub is out', replies.status(503), 'it answered 503'],
    [
      'the token is no longer allowed to read',
      apiError(403, 'Not now.'),
      `GitHub answered 403 when asked to read the ${title} (\`state-variable\`) ("Not now."): the token is not allowed to do that`,
    ],
  ])('and then %s: the failure says that the old token was used', async (_name, reply, problem) => {
    const stage = new Stage()
    untilLate(stage)
    stage.reply('github create state', replies.status(503))
    stage.scheduler.after(129_000, () => stage.reply('github state', reply))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'secret-not-written')).toContain(
      `GitHub did not let this job publish the new pair in the ${title} within 60 s: ${problem}. The old refresh token has been used (invalidated)`,
    )
    expect(main.sent('github create state').at(-1)?.at).toBeLessThan(129_200)
    expect(main.sent('box token')).toHaveLength(6)
  })

  test('and the next claim does not get to publish it: that claim is kept for the post step', async () => {
    const stage = new Stage()
    untilLate(stage)
    stage.reply('github create state', replies.status(503))
    const main = await stage.main({
      with: sharing,
      before: { 'github claims 2': () => stage.reply('github key', apiError(403, 'Not now')) },
    })
    expectFailed(main, 'secret-not-written')
    expect(createdClaims(main)).toContain('NEW_2')
    stage.faults.github.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(createdClaims(post)[0]).toBe('NEW_2')
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test('the next claim publishes it, and Box is not asked again', async () => {
    const stage = new Stage()
    untilLate(stage)
    stage.reply('github create state', replies.status(503))
    stage.scheduler.after(132_000, () => stage.faults.github.clear())
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')).toHaveLength(6)
    expect(createdClaims(main)).toContain('NEW_2')
    expect(claimsOf(stage)).toContainEqual(['NEW_2', 'done'])
  })
})

test('the lease ends while the pair cannot be published: the job knows its own claim, and takes the next at once', async () => {
  const stage = new Stage()
  stage.reply('box token', replies.status(503), { times: 9 })
  stage.fault('box token', { kind: 'delay', ms: 15_000 }, { times: 1 })
  stage.reply('github create state', replies.status(503), { times: 9 })
  // Its nonce is made of the first two numbers, and differs from every later one.
  let numbers = 0
  const random = (): number => (++numbers > 2 ? 0.5 : 0.25)
  const main = await stage.main({ with: sharing, world: { random } })
  expectRotated(stage, main)
  const claims = main.sent('github create claim').filter(({ body }) => body.includes('_CLAIM_NEW_'))
  expect(claims.map(({ at }) => at)).toEqual([100, 129_100, 129_300])
})

test('a job that is cancelled after its refresh token is published does not refresh again', async () => {
  const stage = new Stage()
  stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
  const main = await stage.main({ with: sharing, before: { 'github write': (step) => step.cancel() } })
  expect(main.sent('box token')).toHaveLength(1)
  expect(main.asked.at(-1)).toBe('github update claim')
  expect(main.exitCode).toBe(1)
  expect(main.errors).toEqual([])
  expect(main.log.at(-1)).toBe(
    `This run was cancelled before it had a token. This job refreshed the token and published the new refresh token in the ${title}: nothing is lost.`,
  )
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
})

describe('the dates show that the given token is older than the stored one, and there is no state', () => {
  test('for good: the job fails, and uses no token', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5000)
    stage.writeByHand()
    const main = await stage.main({ job, with: sharing })
    const message = expectFailed(main, 'stale-secret')
    expect(message).toContain('2026-11-23T06:00:05Z')
    // It shares already.
    expect(message).not.toContain('state-variable')
    expect(main.sent('box token')).toEqual([])
    // Nobody needs to wait for its claim.
    expect(claimsOf(stage)).toEqual([['NEW_1', 'given-up']])
    expect(main.asked.slice(-2)).toEqual(['github state', 'github metadata'])
  })

  test('until the secret is looked at: the job that wrote it had published first, and that state is used', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5000)
    const main = await stage.main({
      job,
      with: sharing,
      before: {
        'github metadata': () => {
          putState(stage, {
            access: {
              token: 'shared-access-token',
              expiresAt: stage.now + 3_600_000,
              refreshedAt: stage.now,
            },
          })
          stage.writeByHand()
        },
      },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs['access-token']).toBe('shared-access-token')
    expect(main.sent('box token')).toEqual([])
    expect(main.asked.slice(-2)).toEqual(['github update claim', 'github state'])
  })

  test('is not checked in a second attempt, which is given the current secret', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    const main = await stage.main({ job, with: sharing, context: { runAttempt: 2 } })
    expectRotated(stage, main)
    expect(main.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
  })

  test('is not checked for an environment, whose secrets are read when the job starts', async () => {
    const stage = new Stage({ environment: 'box' })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
  })
})

describe('a claim that is to be given up', () => {
  test('and is already gone causes no message', async () => {
    const stage = new Stage()
    stage.box.revokeAll()
    const main = await stage.main({
      with: sharing,
      before: { 'github update claim': () => stage.store.variables.clear() },
    })
    expectFailed(main, 'reauthorize')
    expect(main.sent('github update claim')).toHaveLength(1)
    expect(main.log.filter((line) => line.includes('could not be tidied up'))).toEqual([])
  })

  test.each([
    ['GitHub is out', replies.status(503), 15_000],
    ['the token may not write it', apiError(403, 'Not now'), 0],
  ])('and cannot be, because %s, ends with its lease', async (_name, reply, ms) => {
    const stage = new Stage()
    stage.box.revokeAll()
    stage.reply('github update claim', reply)
    const main = await stage.main({ with: sharing })
    expectFailed(main, 'reauthorize')
    expect(main.log).toContain(
      'GitHub: the claim BOX_STATE_CLAIM_NEW_1 could not be tidied up; it ends with its lease.',
    )
    const times = main.sent('github update claim').map(({ at }) => at)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(ms)
  })
})
