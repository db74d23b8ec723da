/** `state-variable`: the post step of a job whose main step was killed, when other jobs or GitHub get in its way. */
import { beforeAll, describe, expect, test } from 'vitest'
import { stateNames } from '../../src/journal/step-state.ts'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { OverTokens } from '../../src/sharing/state.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  faultInAction,
  killedAt,
  putClaim,
  putState,
  sealOf,
  secretTitle,
  stateOf,
  stateVariable,
  title,
  variables,
} from './shared-state.ts'
import { changed, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const published = `The post step has published the new pair in the ${title}: the chain is alive.`
const superseded = `The ${title} holds a newer pair: the one from this job is superseded, so nothing is written.`

/** Rule 9: the pair must not be published any more, so it is handed to its owner. */
function expectSuperseded(post: Step): void {
  expect([post.exitCode, post.errors]).toEqual([0, []])
  expect(post.log.slice(-3)).toEqual([
    superseded,
    'Recovery text (encrypted: only the owner of the client secret can decrypt it):',
    expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/),
  ])
}

function expectPublished(stage: Stage, post: Step): void {
  expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []])
  expect(post.log).toContain(published)
  expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
}

/** The reason given for printing the recovery text. */
function problemOf(post: Step): string {
  expect(post.exitCode).toBe(1)
  expect(post.log.some((line) => line.startsWith('box-token-recovery.v1.'))).toBe(true)
  return post.errors[0]?.message ?? ''
}

describe('another job', () => {
  test('has published a newer pair, and this one was published before: nothing is waited for', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    const used = [stage.stored, stage.lastPair.refreshToken].map((token) =>
      fingerprintOf(sealOf(stage).secrets, token),
    )
    putState(stage, { over: used.reduce((list, one) => list.with(one, stage.now), OverTokens.none) })
    const post = await stage.post(main)
    expectSuperseded(post)
    expect(post.asked).toEqual(['github state'])
  })

  test('has published a newer pair: nothing is written', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    const { refreshToken } = putState(stage)
    const post = await stage.post(main)
    expectSuperseded(post)
    expect(post.asked).toEqual(['github state'])
    expect(stateOf(stage)?.refreshToken).toBe(refreshToken)
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })

  test('publishes a newer pair at the last moment: it is not overwritten', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    const post = await stage.post(main, { before: { 'github state 2': () => putState(stage) } })
    expectSuperseded(post)
    expect(post.asked).toEqual([
      'github state',
      // Its own claim, which GitHub's primary knows about: it is read and taken up again.
      'github create claim',
      'github claim',
      'github state',
      'github state',
    ])
  })

  test('holds a claim: the post step waits until its lease is over', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, 5000)
    const post = await stage.post(main)
    expectPublished(stage, post)
    expect(post.timeline.slice(0, 5)).toEqual([
      '0 github state',
      '100 github create claim',
      '200 github claim',
      '1800 github state',
      '3775 github state',
    ])
    // By then every read shows what that job did.
    expect(post.sent('github create claim')[1]?.at).toBeGreaterThan(35_000)
  })

  test('holds a claim and publishes: nothing is written', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, 5000)
    stage.scheduler.after(3000, () => void putState(stage))
    const post = await stage.post(main)
    expectSuperseded(post)
  })

  test('holds a claim for too long: the recovery text is printed', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, 300_000)
    const post = await stage.post(main)
    expect(problemOf(post)).toContain(
      `Another job is refreshing the token that is shared through the ${title}, and did not finish in time.`,
    )
    expect(post.requests.at(-1)?.at).toBeLessThan(60_000)
    expect(post.now).toBeLessThan(66_000)
  })

  test('holds a claim until the very end of the time: that is not reported as an outage of GitHub', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, 300_000)
    // With these, the last look is answered just before the end, or exactly at it.
    for (const random of [0.2, 0.648, 0.9]) {
      const post = await stage.post(main, { world: { random: () => random } })
      expect(problemOf(post)).toContain('and did not finish in time.')
    }
  })

  test('holds a claim that GitHub does not show in time: that is not reported as an outage of GitHub', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    putClaim(stage, 300_000)
    stage.reply('github claim', apiError(404, 'Not Found'))
    const post = await stage.post(main)
    expect(problemOf(post)).toContain('and did not finish in time.')
    expect(post.requests.at(-1)?.at).toBeLessThan(60_000)
  })

  test("holds a claim of the same name: it is not mistaken for the post step's own", async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.store.variables.clear()
    putClaim(stage, 5000)
    const post = await stage.post(main)
    expectPublished(stage, post)
    expect(post.sent('github create state')[0]?.at).toBeGreaterThan(35_000)
    expect(createdClaims(post)).toEqual(['NEW_1', 'NEW_2', expect.stringMatching(/^[0-9A-F]{8}_1$/)])
  })

  test('holds a claim of the same name, and there is nothing to publish: the claim is left alone', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    stage.store.variables.clear()
    putClaim(stage, 60_000)
    const post = await stage.post(main)
    expect([post.exitCode, post.asked, post.log]).toEqual([0, ['github claim'], []])
  })

  test('has claimed another token after this one: that does not matter', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    putClaim(stage, 200_000, '0BADF00D', 2)
    const post = await stage.post(main)
    expectPublished(stage, post)
    expect(createdClaims(post)[0]).toBe('NEW_1')
    expect(post.now).toBeLessThan(5000)
  })
})

test('the post step claims again if its lease is already over', async () => {
  const stage = new Stage()
  const main = await killedAt(stage, 'github create state')
  await stage.pass(200_000)
  const post = await stage.post(main)
  expectPublished(stage, post)
  expect(createdClaims(post).slice(0, 2)).toEqual(['NEW_1', 'NEW_2'])
  expect(claimsOf(stage)[1]).toEqual(['NEW_2', 'done'])
})

test('the post step claims again if its lease ends at this very moment', async () => {
  const stage = new Stage()
  const main = await killedAt(stage, 'github create state')
  const entry = JSON.parse(main.state.get(stateNames.claim) ?? '') as { readonly claim: object }
  await stage.pass(1000 - (stage.now % 1000))
  // The answer to the first look arrives after 100 ms, and the last second of a lease is not used.
  const claim = { ...entry.claim, leaseEndsAt: stage.now + 1100 }
  main.state.set(stateNames.claim, JSON.stringify({ ...entry, claim }))
  stage.store.variables.clear()
  const post = await stage.post(main)
  expectPublished(stage, post)
  expect(post.asked.slice(0, 2)).toEqual(['github state', 'github create claim'])
})

describe('a bug in the post step', () => {
  test('before the pair is published: the recovery text is printed', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.reply('github state', replies.status(503))
    const { random, begin } = faultInAction()
    begin()
    const post = await stage.post(main, { world: { random } })
    expect(problemOf(post)).toContain('The post step has a bug: no more chance.')
  })

  test('after the pair is published: it is still reported', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    stage.reply('github metadata', replies.status(503))
    const { random, begin } = faultInAction()
    begin()
    const post = await stage.post(main, { world: { random } })
    expect(problemOf(post)).toContain('The post step has a bug: no more chance.')
  })
})

describe('GitHub does not let the post step publish the pair', () => {
  test.each([
    [
      'it is out',
      replies.status(503),
      `GitHub did not let the post step publish the new pair in the ${title}: it answered 503`,
    ],
    [
      'the token is no longer allowed to read',
      apiError(403, 'Not now'),
      `GitHub answered 403 when asked to read the ${title} (\`state-variable\`) ("Not now"): the token is not allowed to do that.`,
    ],
  ])('because %s: the recovery text is printed', async (_name, reply, problem) => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.reply('github state', reply)
    const post = await stage.post(main)
    expect(problemOf(post)).toContain(problem)
  })

  test('until time runs out: the recovery text is printed', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.reply('github create state', apiError(422, 'Too many'))
    const post = await stage.post(main)
    expect(problemOf(post)).toContain(
      `GitHub did not let the post step publish the new pair in the ${title} within 60 s.`,
    )
    expect(post.log).toContain(
      'GitHub: it answered 422 ("Too many"); trying again to publish the shared state.',
    )
    expect(variables(stage)).not.toContain(stateVariable)
    // As far as the post step can tell, it may be published after all, so nobody may go on from it.
    expect(claimsOf(stage)[1]?.[1]).toBe('live')
  })
})

describe('the pair is published, but the secret is not written', () => {
  const behind = (problem: string): string =>
    `GitHub did not let this job store the new refresh token in the ${secretTitle}: ${problem}. The new pair is published in the ${title}, where other jobs find it: nothing is lost. Start a new run: it uses the shared state, and the next refresh updates the secret. If this happens again, check the permissions of \`github-token\`.`

  test('because that is refused until time runs out: a warning', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.reply('github write', apiError(403, 'Not now'))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.log).toContain('GitHub: it answered 403 ("Not now"); trying again.')
    expect(post.warnings).toEqual([
      `Time ran out before the ${secretTitle} was written (last try: it answered 403 ("Not now")), so it is left unchanged. The new refresh token is in the shared state, where jobs find it, and the next refresh updates the secret.`,
    ])
    expect(post.log).not.toContain('The post step has stored the new refresh token.')
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'done'],
      [expect.any(String), 'given-up'],
    ])
  })

  test('because reading the claim is not allowed: a warning', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    stage.reply('github claim', apiError(403, 'Not now.'))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.warnings).toEqual([
      behind(
        `GitHub answered 403 when asked to read the ${title} (\`state-variable\`) ("Not now."): the token is not allowed to do that`,
      ),
    ])
  })

  test("because GitHub is out when the secret's date is read: a warning", async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    stage.reply('github metadata', replies.status(503))
    const post = await stage.post(main)
    expect(post.warnings).toEqual([behind('it answered 503')])
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('because it was deleted, and with it the list of who may read it: a warning at once', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [] } })
    const main = await killedAt(stage, 'github write')
    stage.store.secrets.delete('BOX_REFRESH_TOKEN')
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.warnings.join()).toContain(
      'store the new refresh token in the secret BOX_REFRESH_TOKEN of organization octo-org: it answered 404 to a request for the secret',
    )
    expect(post.sent('github write')).toEqual([])
  })

  test('because the repositories that may read it cannot be listed: a warning', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [] } })
    const main = await killedAt(stage, 'github write')
    stage.reply('github repositories', apiError(403, 'Not now'))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.warnings).toEqual([
      'GitHub did not let this job store the new refresh token in the secret BOX_REFRESH_TOKEN of organization octo-org: it answered 403 to a request for the secret ("Not now"). The new pair is published in the variable BOX_STATE of organization octo-org, where other jobs find it: nothing is lost. Start a new run: it uses the shared state, and the next refresh updates the secret. If this happens again, check the permissions of `github-token`.',
    ])
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })

  test('because the token sees only some of the repositories that may read it: a warning, and no write', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1] } })
    const main = await killedAt(stage, 'github write')
    stage.fault('github repositories', changed({ total_count: 5 }))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.warnings).toEqual([
      expect.stringContaining(
        'store the new refresh token in the secret BOX_REFRESH_TOKEN of organization octo-org: this token sees only 2 of the 5 repositories that may use it. The new pair is published',
      ),
    ])
    expect(post.sent('github write')).toEqual([])
  })

  test('because there is no claim, which no version leaves behind: that is only logged', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    main.state.delete(stateNames.claim)
    const post = await stage.post(main)
    expect([post.exitCode, post.errors, post.asked]).toEqual([0, [], ['github state']])
    expect(post.log.at(-1)).toBe(`The new pair is published in the ${title}: nothing is lost.`)
  })

  test('because somebody wrote it by hand meanwhile: it is left alone, with a warning', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    await stage.pass(5000)
    stage.writeByHand()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stage.stored).toBe('written-by-somebody-else')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(post.warnings).toHaveLength(1)
    expect(post.warnings[0]).toContain('by somebody else as far as the shared state shows')
  })
})
