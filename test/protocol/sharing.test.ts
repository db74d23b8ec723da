/** `state-variable`: the order of a shared refresh, and what the post step takes up if main ended early. */
import { describe, expect, test } from 'vitest'
import { environmentVariables } from '../../src/github/stores/environment.ts'
import { organizationVariables } from '../../src/github/stores/organization.ts'
import { repositoryVariables } from '../../src/github/stores/repository.ts'
import { stateNames } from '../../src/journal/step-state.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  killedAt,
  putState,
  secretTitle,
  sharing,
  stateOf,
  title,
  variables,
} from './shared-state.ts'
import { changed, expectFailed, expectRotated, Stage, type StageOptions, type Step } from './support.ts'

test('a run claims, refreshes, journals, publishes, stores, hands out, then marks the claim as done', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.events.map((event) => event.replace(/: \{.*$/, ''))).toEqual([
    'mask client secret',
    'mask refresh token 0',
    'mask write token',
    'github state',
    'state claim',
    'github create claim',
    // At the same time.
    'github state',
    'github claims',
    'github probe',
    'github key',
    'github metadata',
    'github run',
    'signals held',
    'box token',
    'mask refresh token 1',
    'mask access token 1',
    'state journal',
    // At the same time.
    'github metadata',
    'github create state',
    'state progress: published',
    'state progress: about-to-store',
    'github write',
    // With the date of the write.
    'state claim',
    'state progress: settled',
    'signals released',
    'output access-token',
    'output expires-at',
    'output expires-in',
    'output refreshed',
    'output refresh-token-expires-at',
    'github update claim',
    'state claim: ',
  ])
  expect(main.log).toContain(
    'There is no shared state to go by yet: refreshing with the refresh token given to this job.',
  )
  // Round trips in sequence: requests at the same time count as one.
  expect(new Set(main.requests.map(({ at }) => at)).size).toBe(7)
  expect(main.requests.length).toBeLessThanOrEqual(14)
  expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  expect(stateOf(stage)).toMatchObject({
    refreshToken: stage.stored,
    access: { token: stage.lastPair.accessToken, refreshedAt: Date.UTC(2026, 10, 23, 6) },
  })
  const post = await stage.post(main, { with: sharing })
  expect([post.exitCode, post.events, post.log]).toEqual([0, [], []])
})

test('refreshing a token that is already shared takes at most fourteen requests, in seven round trips', async () => {
  const stage = new Stage()
  expectRotated(stage, await stage.main({ with: sharing }))
  for (let refreshes = 0; refreshes < 3; refreshes += 1) {
    await stage.pass(7_200_000)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.requests.length).toBeLessThanOrEqual(14)
    expect(new Set(main.requests.map(({ at }) => at)).size).toBe(7)
    // Only its own: the claim of the previous refresh is deleted, because no read can be that old.
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['done'])
  }
})

test('a second run uses the shared token, with one request', async () => {
  const stage = new Stage()
  expectRotated(stage, await stage.main({ with: sharing }))
  await stage.pass(600_000)
  const main = await stage.main({ with: sharing })
  expect(main.asked).toEqual(['github state'])
  expect(main.outputs).toMatchObject({
    'access-token': stage.lastPair.accessToken,
    refreshed: 'false',
    'expires-at': '2026-11-23T07:09:35Z',
  })
  expect(main.state.size).toBe(0)
})

describe('the state is kept next to the secret', () => {
  const routes = (step: Step): string[] => [
    ...new Set(
      step.requests
        .filter(({ target }) => target.includes('/variables'))
        .map(({ method, target }) => `${method} ${target.replace(/_[0-9A-F]{8}_/, '_…_')}`),
    ),
  ]

  test.each<[string, StageOptions, string, string]>([
    ['in the repository', {}, '/repos/octo-org/nightly/actions/variables', title],
    [
      'in the environment',
      { environment: 'a/b c' },
      '/repos/octo-org/nightly/environments/a%2Fb%20c/variables',
      'variable BOX_STATE of environment "a/b c" of octo-org/nightly',
    ],
    [
      'in the organization',
      { organization: { visibility: 'all' } },
      '/orgs/octo-org/actions/variables',
      'variable BOX_STATE of organization octo-org',
    ],
  ])('%s', async (_name, options, route, words) => {
    const stage = new Stage(options)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(routes(main)).toEqual([
      `GET ${route}/BOX_STATE`,
      `POST ${route}`,
      `GET ${route}?per_page=30&page=1`,
      `PATCH ${route}/BOX_STATE_CLAIM_NEW_1`,
    ])
    expect(main.log[0]).toContain(`through the ${words},`)
    const created = JSON.parse(main.sent('github create state')[0]?.body ?? '') as object
    expect(created).toMatchObject({ name: 'BOX_STATE' })
    expect('visibility' in created).toBe(options.organization !== undefined)
    if (options.organization) expect(created).toMatchObject({ visibility: 'private' })
  })

  test('and opens under any spelling of the place, but not in another place', () => {
    const other = 'Octo-Org'
    expect(repositoryVariables(other, 'Nightly').identity).toEqual(['repository', 'octo-org/nightly'])
    expect(environmentVariables(other, 'Nightly', 'Box').identity).toEqual([
      'environment',
      'octo-org/nightly',
      'box',
    ])
    expect(organizationVariables(other).identity).toEqual(['organization', 'octo-org'])
  })

  test('and the failure names the missing permission', async () => {
    const missing = async (options: StageOptions): Promise<string> => {
      const stage = new Stage(options)
      stage.reply('github create claim', apiError(403, 'Resource not accessible'))
      return expectFailed(await stage.main({ with: sharing }), 'cannot-write-secret')
    }
    expect(await missing({})).toContain('repository permission "Variables: Read and write"')
    expect(await missing({ environment: 'box' })).toContain(
      'repository permission "Environments: Read and write"',
    )
    expect(await missing({ organization: { visibility: 'all' } })).toContain(
      'organization permission "Variables: Read and write"',
    )
  })
})

test("Box refuses the state's token, and the state accounts for the secret: a new sign-in is needed", async () => {
  const stage = new Stage()
  const job = stage.startJob()
  await stage.pass(1_000)
  expectRotated(stage, await stage.main({ with: sharing }))
  stage.box.revokeAll()
  await stage.pass(7_200_000)
  const main = await stage.main({ job, with: sharing })
  expectFailed(main, 'reauthorize')
})

test('the lease ends while Box is out: the job starts again from the state', async () => {
  const stage = new Stage()
  stage.reply('github key', replies.status(503), { times: 9 })
  stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
  stage.reply('box token', replies.status(503), { times: 12 })
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.sent('box token').map(({ at }) => at)).toEqual([
    72_825, 73_300, 74_150, 75_750, 78_850, 84_950, 96_300, 107_650, 119_400, 119_875, 120_725, 122_325,
    125_425,
  ])
  // The job gives its claim up when too little of the lease is left for an answer, and takes the next one.
  expect(main.timeline).toContain('119000 github update claim')
  // Without a claim, a cancellation can do no harm.
  expect(main.events.filter((event) => event.startsWith('signals'))).toEqual([
    'signals held',
    'signals released',
    'signals held',
    'signals released',
  ])
  const claims = main
    .sent('github create claim')
    .map(({ body }) => JSON.parse(body) as { readonly name: string })
  expect(claims.map(({ name }) => name.slice(-5))).toEqual(['NEW_1', 'NEW_2'])
  expect(claimsOf(stage)).toEqual([
    ['NEW_1', 'given-up'],
    ['NEW_2', 'done'],
  ])
})

test.each([
  ['too little of the lease is left for its answer', '56', 128_925],
  ['the lease is over by then', '300', 129_000],
])('a refresh does not start if %s', async (_name, waitSeconds, releasedAt) => {
  const stage = new Stage()
  stage.reply('github key', replies.status(503), { times: 9 })
  stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
  // Sent at 72,825; the lease is over at 129,000, and an answer takes 100 ms.
  stage.reply('box token', replies.status(503, { 'retry-after': waitSeconds }), { times: 1 })
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.sent('box token').map(({ at }) => at)).toEqual([72_825, releasedAt + 400])
  expect(main.timeline).toContain(`${releasedAt} github update claim`)
})

describe('main was killed', () => {
  const took =
    'The main step got a new pair from Box, but ended before it had finished. The post step goes on from there.'

  test.each<[string, string[], string[], ('before' | 'after')?]>([
    [
      'github create state',
      [
        'github state',
        'github create claim',
        'github claim',
        'github state',
        // While it is uncertain whether the new token is published, nobody must be able to go on from it.
        'github create claim',
        'github create state',
        'github update claim',
        'github metadata',
        'github key',
        'github metadata',
        'github write',
        'github update claim',
      ],
      [
        took,
        `The post step has published the new pair in the ${title}: the chain is alive.`,
        'GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.',
        'The post step has stored the new refresh token.',
      ],
    ],
    [
      'github write',
      [
        'github state',
        'github claim',
        'github metadata',
        'github key',
        'github metadata',
        'github write',
        'github update claim',
      ],
      [
        took,
        `The new pair is published in the ${title}: nothing is lost.`,
        'GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.',
        'The post step has stored the new refresh token.',
      ],
    ],
    [
      // Main never got the answer to the write.
      'github write',
      ['github state', 'github claim', 'github metadata', 'github update claim'],
      [
        took,
        `The new pair is published in the ${title}: nothing is lost.`,
        `The ${secretTitle} has since been written: it holds the new refresh token, or a newer one.`,
      ],
      'after',
    ],
    [
      'github update claim',
      ['github claim', 'github update claim'],
      ['The main step ended before it had marked its claim as done. The claim is marked now.'],
    ],
  ])('at %s: post finishes the rest', async (label, asked, log, when = 'before') => {
    const stage = new Stage()
    const main = await killedAt(stage, label, when)
    const post = await stage.post(main)
    expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []])
    expect(post.asked).toEqual(asked)
    expect(post.log).toEqual(log)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(stage.box.takes(stage.stored)).toBe(true)
    expect(stateOf(stage)?.refreshToken).toBe(stage.stored)
    expect(claimsOf(stage)[0]).toEqual(['NEW_1', 'done'])
    if (log[0] === took) expect(post.masks).toContain('refresh token 1')
  })

  test('with its claim, before it asked Box: post gives the claim up, and says so', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.asked).toEqual(['github claim', 'github update claim'])
    expect(post.log).toEqual(['The main step ended without a new pair from Box. Its claim is given up.'])
    expect(post.masks.slice(0, 2)).toEqual(['client secret', 'write token'])
    await stage.pass(1_000)
    expectRotated(stage, await stage.main({ with: sharing }))
  })

  test('with its claim, which is gone by now: post does nothing more', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    stage.store.variables.clear()
    const post = await stage.post(main)
    expect([post.exitCode, [...new Set(post.asked)], post.log]).toEqual([0, ['github claim'], []])
    // GitHub may not show it yet.
    expect(post.requests.at(-1)?.at).toBe(15_000)
  })

  test('with its claim, which the token is not allowed to read: post does nothing more', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    stage.reply('github claim', apiError(403, 'Not now'))
    const post = await stage.post(main)
    expect([post.exitCode, post.asked, post.errors]).toEqual([0, ['github claim'], []])
  })

  test('with its claim, and post has a bug: it is reported as one, without secrets', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    stage.reply('github claim', replies.status(503))
    const random = (): never => {
      throw new Error(`no more chance for ${stage.box.clientSecret}`)
    }
    const post = await stage.post(main, { world: { random } })
    expect(post.exitCode).toBe(1)
    expect(post.errors[0]?.message).toBe(
      "This is a bug in the action: no more chance for ***. Nothing is lost: this job's claim ends with its lease. Please report it, with the log above.",
    )
  })

  test.each([
    ['60', 15_000],
    ['5', 5_000],
  ])('with its claim, and GitHub is out: with `retry-for: %s`, post tries for %d ms', async (seconds, ms) => {
    const stage = new Stage()
    const main = await stage.main({
      with: { ...sharing, 'retry-for': seconds },
      before: { 'box token': (step) => step.kill() },
    })
    stage.reply('github claim', replies.status(503))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors, post.log]).toEqual([0, [], []])
    expect(post.requests.at(-1)).toMatchObject({ label: 'github claim', at: ms })
  })

  test('with its claim, and the token is not available: its lease ends by itself', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    const post = await stage.post(main, { with: { 'github-token': '' } })
    expect([post.exitCode, post.requests, post.log]).toEqual([0, [], []])
  })

  test('with a claim but no variable name, as no version leaves it: post sends nothing', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'box token')
    const claim = JSON.parse(main.state.get(stateNames.claim) ?? '') as { readonly target: object }
    const target = { ...claim.target, stateVariable: undefined }
    const post = await stage.post({
      state: new Map([[stateNames.claim, JSON.stringify({ ...claim, target })]]),
    })
    expect([post.exitCode, post.requests, post.log]).toEqual([0, [], []])
  })

  test('with a journal but no variable name, as no version leaves it: the recovery text is printed', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    const entry = JSON.parse(main.state.get(stateNames.journal) ?? '') as { readonly target: object }
    const target = { ...entry.target, stateVariable: undefined }
    const post = await stage.post({
      state: new Map([[stateNames.journal, JSON.stringify({ ...entry, target })]]),
    })
    expect(post.exitCode).toBe(1)
    expect(post.errors[0]?.message).toContain(
      'What the main step saved does not name the variable that jobs share.',
    )
    expect(post.requests).toEqual([])
  })

  test('and its claim is not in the state: post claims again', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    main.state.delete(stateNames.claim)
    stage.store.variables.clear()
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.asked.slice(0, 3)).toEqual(['github state', 'github create claim', 'github state'])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test('and GitHub rejects the state: the recovery text is printed once `retry-for` is over', async () => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github create state')
    stage.reply('github create state', replies.status(503))
    const post = await stage.post(main)
    expect(post.exitCode).toBe(1)
    expect(post.errors[0]?.title).toBe('Box token (secret-not-written)')
    expect(post.log.some((line) => line.startsWith('box-token-recovery.v1.'))).toBe(true)
    expect(post.now).toBeGreaterThan(59_000)
    expect(post.now).toBeLessThan(70_000)
  })
})

describe('the copy in the secret', () => {
  test('cannot be written: the chain lives on in the state, and the run fails', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'Not now'))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'secret-not-written')).toContain('it answered 403 ("Not now")')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })

  test('was written meanwhile: it is left alone', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(1_000)
    const main = await stage.main({
      job,
      with: sharing,
      before: { 'github metadata 2': () => stage.writeByHand() },
    })
    expect(main.exitCode).toBe(0)
    expect(main.warnings).toHaveLength(1)
    expect(stage.stored).toBe('written-by-somebody-else')
    expect(main.asked).not.toContain('github write')
  })

  test('was written while the state could not be: the first look is too old, so it is left alone', async () => {
    const stage = new Stage()
    stage.reply('github create state', replies.status(503), { times: 5 })
    const main = await stage.main({
      with: sharing,
      before: { 'github create state 4': () => stage.writeByHand() },
    })
    expect(main.exitCode).toBe(0)
    expect(stage.stored).toBe('written-by-somebody-else')
  })

  test('is not written once the lease is over: the next refresh updates it', async () => {
    const stage = new Stage()
    const skip = { times: 9 }
    stage.reply('box token', replies.status(503), skip)
    stage.reply('github create state', replies.status(503), skip)
    stage.reply('github write', replies.status(503))
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.warnings).toEqual([
      `Time ran out before the ${secretTitle} was written (last try: it answered 503), so it is left unchanged. The new refresh token is in the shared state, where jobs find it, and the next refresh updates the secret.`,
    ])
    // The lease of 130 s cuts the last pause short.
    expect(main.sent('github write').map(({ at }) => at)).toEqual([
      115_950, 116_525, 117_475, 119_175, 122_375, 128_575,
    ])
    expect(main.timeline.slice(-2)).toEqual(['128575 github write', '129000 github update claim'])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(stage.stored).toBe(stage.firstPair.refreshToken)
  })
})

describe('the token that a job is given may differ from the one in the secret', () => {
  test('a run by Dependabot that uses the state does not overwrite a secret that was set by hand', async () => {
    const stage = new Stage()
    const first = await stage.main({ with: { ...sharing, 'also-write-to': 'dependabot' } })
    expectRotated(stage, first)
    const copy = stage.dependabot.value('BOX_REFRESH_TOKEN') ?? ''
    expect(copy).toBe(stage.stored)
    await stage.pass(7_200_000)
    stage.writeByHand('newly-authorized')
    await stage.pass(10_000)
    const { run } = stage.startJob()
    const main = await stage.main({
      with: sharing,
      job: { run, secrets: { BOX_REFRESH_TOKEN: copy } },
      context: { trigger: 'dependabot' },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs['refreshed']).toBe('true')
    expect(stage.stored).toBe('newly-authorized')
  })

  test('a secret that is set by hand while the job claims is not overwritten', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(5_000)
    const main = await stage.main({
      job,
      with: sharing,
      before: { 'github create claim': () => stage.writeByHand() },
    })
    expect(expectFailed(main, 'stale-secret')).toContain('Nothing was used')
    expect(main.asked).not.toContain('box token')
    // One more look at the state, which does not exist, and at the dates.
    expect(main.asked.slice(-3)).toEqual(['github update claim', 'github state', 'github metadata'])
    expect(stage.stored).toBe('written-by-somebody-else')
    expect(variables(stage)).toEqual(['BOX_STATE_CLAIM_NEW_1'])
  })
})

test('Box refuses the given token, and that cannot be noted: the job still uses the state', async () => {
  const stage = new Stage()
  expectRotated(stage, await stage.main({ with: sharing }))
  await stage.pass(60_000)
  stage.writeByHand('a-slip-of-the-hand')
  await stage.pass(60_000)
  stage.reply('github update state', replies.status(503))
  const main = await stage.main({ with: sharing })
  expect([main.exitCode, main.errors]).toEqual([0, []])
  expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
})

describe('a failure says that the token may have been used', () => {
  test('if an answer from Box was lost under a claim that is over now', async () => {
    const stage = new Stage()
    stage.reply('github key', replies.status(503), { times: 9 })
    stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
    stage.fault('box token', { kind: 'reset-after' }, { times: 1 })
    stage.reply('box token', replies.status(503), { times: 7 })
    const main = await stage.main({ with: sharing })
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
    expect(expectFailed(main, 'reauthorize')).toContain('may have used the token')
  })

  test('if GitHub is out after an answer from Box was lost', async () => {
    const stage = new Stage()
    stage.fault('box token', { kind: 'reset-after' }, { times: 1 })
    stage.reply('github state', replies.status(503), { skip: 2 })
    const message = expectFailed(await stage.main({ with: sharing }), 'github-unavailable')
    expect(message).not.toContain('Nothing was used')
    expect(message).toContain('Box may have invalidated the stored refresh token')
  })

  test('unless Box gave only a refresh token, which is published, before GitHub went out', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
    stage.reply('github state', replies.status(503), { skip: 2 })
    const message = expectFailed(await stage.main({ with: sharing }), 'github-unavailable')
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(message).not.toContain('Nothing was used')
    expect(message).toContain(`published the new refresh token in the ${title}: nothing is lost`)
  })
})

describe('a failure says that nothing was used', () => {
  test('if Box limited the rate until the lease was over, and then GitHub is out', async () => {
    const stage = new Stage()
    stage.reply('github key', replies.status(503), { times: 9 })
    stage.fault('github key', { kind: 'delay', ms: 15_000 }, { times: 1 })
    stage.reply('box token', replies.status(429, { 'retry-after': '56' }), { times: 1 })
    stage.reply('github state', replies.status(503), { skip: 2 })
    const message = expectFailed(await stage.main({ with: sharing }), 'github-unavailable')
    expect(message).toContain('Nothing was used')
  })

  test('if Box refused the given token, and then GitHub is out', async () => {
    const stage = new Stage()
    putState(stage)
    await stage.pass(5000)
    stage.writeByHand('a-slip-of-the-hand')
    await stage.pass(5000)
    const main = await stage.main({
      with: sharing,
      after: { 'github update claim': () => stage.reply('github state', replies.status(503)) },
    })
    expect(main.sent('box token')).toHaveLength(1)
    expect(expectFailed(main, 'github-unavailable')).toContain('Nothing was used')
  })
})

describe('the lease is over', () => {
  test('while a further secret is being retried: the retries end', async () => {
    const stage = new Stage()
    const skip = { times: 9 }
    stage.reply('box token', replies.status(503), skip)
    stage.reply('github create state', replies.status(503), skip)
    stage.reply('github write', replies.status(503), { skip: 1 })
    const main = await stage.main({ with: { ...sharing, 'access-token-secret-name': 'BOX_ACCESS_TOKEN' } })
    expectRotated(stage, main)
    expect(stage.store.value('BOX_ACCESS_TOKEN')).toBeUndefined()
    expect(main.sent('github write').length).toBeGreaterThan(2)
    expect(main.warnings).toEqual([expect.stringContaining('BOX_ACCESS_TOKEN')])
  })

  test('so no further secret is written', async () => {
    const stage = new Stage()
    const skip = { times: 9 }
    stage.reply('box token', replies.status(503), skip)
    stage.reply('github create state', replies.status(503), skip)
    stage.reply('github write', replies.status(503), { times: 6 })
    const main = await stage.main({ with: { ...sharing, 'access-token-secret-name': 'BOX_ACCESS_TOKEN' } })
    expect(stage.store.value('BOX_ACCESS_TOKEN')).toBeUndefined()
    expect(main.sent('github write').at(-1)?.at).toBeLessThan(129_000)
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.warnings).toHaveLength(2)
  })
})

describe('the pair is published, and GitHub is out', () => {
  test.each(['github metadata', 'github claim'])('at %s: post says that nothing is lost', async (label) => {
    const stage = new Stage()
    const main = await killedAt(stage, 'github write')
    stage.reply(label, replies.status(503))
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(post.log).toContain(`The new pair is published in the ${title}: nothing is lost.`)
    expect(post.warnings).toHaveLength(1)
    expect(post.warnings[0]).toContain('nothing is lost')
  })
})

test('a list of claims that changes between two pages is read again, so that there is no second holder', async () => {
  const stage = new Stage()
  const { variables: all } = stage.store
  const plain = (value: string) => ({ value, createdAt: stage.now, updatedAt: stage.now })
  for (let index = 10; index < 40; index += 1) all.set(`A${index}`, plain('x'))
  const lease = new Date(stage.now + 40_000).toISOString()
  all.set('BOX_STATE_CLAIM_0BADF00D_1', plain(JSON.stringify({ nonce: '1', 'lease-ends-at': lease })))
  const main = await stage.main({ with: sharing, after: { 'github claims': () => all.delete('A10') } })
  expectRotated(stage, main)
  expect(main.sent('box token')[0]?.at).toBeGreaterThan(40_000)
})

test('post masks both tokens of the pair that it takes up', async () => {
  const stage = new Stage()
  const main = await killedAt(stage, 'github create state')
  stage.reply('github state', replies.status(503))
  const post = await stage.post(main)
  expect(post.exitCode).toBe(1)
  expect(post.masks).toContain('access token 1')
})

test('with `auto-refresh: false`, the failure says that Box refuses the shared token', async () => {
  const stage = new Stage()
  expectRotated(stage, await stage.main({ with: sharing }))
  stage.box.revokeAll()
  const only = { ...sharing, 'auto-refresh': 'false', verify: 'true', 'refresh-token': '' }
  const main = await stage.main({ with: only })
  expect(expectFailed(main, 'refresh-disabled')).toContain('Box does not accept its access token')
  expect(main.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

describe('main was killed with a second pair of its own in hand', () => {
  test('post publishes the second pair', async () => {
    const stage = new Stage()
    stage.fault('box token', changed({ access_token: undefined }), { times: 1 })
    // This request would publish the second pair.
    const main = await stage.main({
      with: sharing,
      before: { 'github update state': (step) => step.kill() },
    })
    expect(main.exitCode).toBeUndefined()
    expect(main.sent('box token')).toHaveLength(2)
    // The noted progress is that of the second pair: the secret was written for the first one.
    expect(main.progress).toBe('')
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(stage.box.takes(stage.stored)).toBe(true)
  })
})

test('the note about the store is retried, because without "Actions: Read" there is no other evidence', async () => {
  const stage = new Stage()
  stage.reply('github run', apiError(403, 'Resource not accessible'))
  stage.reply('github update claim', replies.status(503), { times: 2 })
  expectRotated(stage, await stage.main({ with: sharing }))
  await stage.pass(7_200_000)
  const main = await stage.main({ with: sharing })
  expectRotated(stage, main)
  expect(main.warnings).toEqual([])
})

test('if the secret was left alone, a later failure does not say that the token is stored in it', async () => {
  const stage = new Stage()
  stage.reply('box user', apiError(401, 'Not for you'))
  const job = stage.startJob()
  await stage.pass(1_000)
  const main = await stage.main({
    job,
    with: { ...sharing, verify: 'true' },
    before: { 'github metadata 2': () => stage.writeByHand() },
  })
  const message = expectFailed(main, 'bad-response')
  expect(message).toContain(`the new refresh token is stored in the ${title}. Nothing is lost`)
})
