/** What the post step does with what the main step left: it stores the token, or hands it to its owner. */
import { describe, expect, test } from 'vitest'
import { openRecovery } from '../../src/journal/journal.ts'
import { stateNames } from '../../src/journal/step-state.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { changed, expectFailed, Stage, type StageOptions, type Step } from './support.ts'

const title = 'the secret BOX_REFRESH_TOKEN of repository octo-org/nightly'
const began =
  'The main step got a new refresh token from Box, but ended before it was stored in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly.'
const remedy =
  'Pass the recovery text above to `box-token recover` on standard input (see "Recovery" in this action\'s README). Then start a new run at once: it makes the text worthless.'

const recoveryText: readonly unknown[] = [
  'Recovery text (encrypted: only the owner of the client secret can decrypt it):',
  expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/),
]

/** A main step that was killed; by default, after Box's answer and before the write. */
async function killed(
  stage: Stage,
  when: 'before' | 'after' = 'before',
  label = 'github metadata 2',
): Promise<Step> {
  // Queued some time before it starts, as on GitHub: within the same second nobody could tell who wrote.
  const job = stage.startJob()
  await stage.pass(1_000)
  const main = await stage.main({ job, [when]: { [label]: (step: Step) => step.kill() } })
  expect(main.exitCode).toBeUndefined()
  return main
}

/** The post step stored what main could not. */
function expectStored(stage: Stage, post: Step): void {
  expect(post.errors).toEqual([])
  expect(post.exitCode).toBe(0)
  expect(stage.stored).toBe(stage.lastPair.refreshToken)
  expect(stage.box.takes(stage.stored)).toBe(true)
  expect(post.log.at(-1)).toBe('The post step has stored the new refresh token: the chain is alive.')
}

/** The post step could not store the token, and printed the recovery text with the reason. */
function expectRecovery(stage: Stage, post: Step, problem: string): void {
  expect(post.exitCode).toBe(1)
  expect(post.errors).toEqual([{ title: 'Box token (secret-not-written)', message: `${problem} ${remedy}` }])
  expectPrinted(stage, post)
}

function expectPrinted(stage: Stage, post: Step): void {
  const at = post.log.indexOf(
    'Recovery text (encrypted: only the owner of the client secret can decrypt it):',
  )
  const text = post.log[at + 1] ?? ''
  const secrets = { clientSecret: stage.box.clientSecret, stateKey: undefined }
  const opened = openRecovery('recovery', secrets, stage.box.clientId, text)
  expect(opened).toMatchObject({ refreshToken: stage.lastPair.refreshToken })
}

test('after a run that worked, post sends and says nothing', async () => {
  const stage = new Stage()
  const main = await stage.main()
  const post = await stage.post(main)
  expect([post.exitCode, post.events, post.log]).toEqual([0, [], []])
})

test('after a run that did not get as far as a refresh, neither', async () => {
  const stage = new Stage()
  const main = await stage.main({ with: { 'refresh-token': '' } })
  expectFailed(main, 'missing-secret')
  const post = await stage.post(main)
  expect([post.exitCode, post.events, post.log]).toEqual([0, [], []])
})

test('after stale-secret, neither', async () => {
  const stage = new Stage()
  const job = stage.startJob()
  await stage.pass(1_000)
  const main = await stage.main({ job, before: { 'box token': () => stage.writeByHand() } })
  expectFailed(main, 'stale-secret')
  // Rule 9: what Box has issued was handed to its owner.
  expectPrinted(stage, main)
  const post = await stage.post(main)
  expect([post.exitCode, post.events, post.log]).toEqual([0, [], []])
})

describe('main was killed', () => {
  test('before the write: post stores the token', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    expect(main.events.slice(-2)).toEqual(['state journal', 'github metadata'])
    await stage.pass(1_800_000)
    const post = await stage.post(main)
    expectStored(stage, post)
    expect(post.events).toEqual([
      'mask client secret',
      'mask write token',
      'mask refresh token 0',
      'mask refresh token 1',
      'github metadata',
      'github key',
      'github metadata',
      'github write',
    ])
    expect(post.timeline).toEqual([
      '0 github metadata',
      '100 github key',
      '200 github metadata',
      '300 github write',
    ])
    expect(post.log.slice(0, 1)).toEqual([began])
  })

  test.each<[string, StageOptions]>([
    ['an environment', { environment: 'box' }],
    ['an organization', { organization: { visibility: 'selected', selected: [1, 2] } }],
  ])('with the secret in %s: post stores it there, whatever its inputs say', async (_name, options) => {
    const stage = new Stage(options)
    const main = await killed(stage)
    const post = await stage.post(main, {
      with: {
        environment: 'other',
        organization: 'other',
        repository: 'octo-org/other',
        'secret-name': 'OTHER',
      },
    })
    expectStored(stage, post)
    if (options.organization) {
      expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')).toMatchObject({
        visibility: 'selected',
        selected: [1_296_269, 1, 2],
      })
    }
  })

  test('after the write had arrived: the token is stored, or superseded', async () => {
    const stage = new Stage()
    const main = await killed(stage, 'after', 'github write')
    expect(main.progress).toBe('about-to-store')
    const post = await stage.post(main)
    expect([post.exitCode, post.asked]).toEqual([0, ['github metadata']])
    expect(post.log).toEqual([
      began,
      'The secret has been written since then: the new refresh token is stored, or superseded by a newer one. Nothing is left to do.',
      ...recoveryText,
    ])
    expectPrinted(stage, post)
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
  })

  test('before the write, and another run has written since: nothing is overwritten', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.writeByHand()
    const post = await stage.post(main)
    expect([post.exitCode, post.asked]).toEqual([0, ['github metadata']])
    expect(post.log).toEqual([
      began,
      'Another run has written the secret since then: the token is superseded. Nothing is written.',
      ...recoveryText,
    ])
    expectPrinted(stage, post)
    expect(stage.stored).toBe('written-by-somebody-else')
  })

  test('and another run writes while post is running: nothing is overwritten', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    const post = await stage.post(main, { before: { 'github key': () => stage.writeByHand() } })
    expect([post.exitCode, post.errors]).toEqual([0, []])
    expectPrinted(stage, post)
    expect(post.log.at(-3)).toBe(
      'Somebody else wrote the secret BOX_REFRESH_TOKEN of repository octo-org/nightly at 2026-11-23T06:00:01Z, while this run was refreshing. Nothing is left to do.',
    )
    expect(stage.stored).toBe('written-by-somebody-else')
  })

  test('and the secret was deleted since: it is written again', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.store.secrets.clear()
    expectStored(stage, await stage.post(main))
  })

  test('and GitHub refuses the first look: post tries again', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.reply('github metadata', apiError(403, 'Not now'), { times: 1 })
    expectStored(stage, await stage.post(main))
  })

  test.each(['github metadata', 'github key', 'github write'])(
    'and %s fails at first: post tries again',
    async (label) => {
      const stage = new Stage()
      const main = await killed(stage)
      stage.reply(label, replies.status(502), { times: 1 })
      expectStored(stage, await stage.post(main))
    },
  )
})

describe('post cannot store the token either', () => {
  test('GitHub does not answer the first look', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.reply('github metadata', replies.status(502))
    const post = await stage.post(main)
    expectRecovery(stage, post, 'The new refresh token could not be stored on GitHub: it answered 502.')
    expect(post.sent('github metadata').at(-1)?.at).toBe(60_000)
  })

  test('GitHub refuses the write', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.reply('github write', apiError(403, 'Not now'))
    const post = await stage.post(main)
    expectRecovery(
      stage,
      post,
      `Box issued a new pair, but the refresh token could not be stored in ${title} within 60 s: it answered 403 ("Not now").`,
    )
    expect(post.sent('github write').at(-1)?.at).toBe(60_100)
  })

  test('an organization does not reveal its secret', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    const main = await killed(stage)
    stage.reply('github metadata', apiError(404, 'Not Found'))
    const post = await stage.post(main)
    expectRecovery(
      stage,
      post,
      'The new refresh token could not be stored on GitHub: it answered 404 to a request for the secret ("Not Found").',
    )
    expect(post.asked).toEqual(['github metadata'])
  })

  test('an organization does not reveal which repositories may use its secret', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1] } })
    const main = await killed(stage)
    stage.reply('github repositories', apiError(403, 'Not now'))
    const post = await stage.post(main)
    expectRecovery(
      stage,
      post,
      'The new refresh token could not be stored on GitHub: it answered 403 to a request for the secret ("Not now").',
    )
    expect(post.asked).toEqual(['github metadata', 'github repositories'])
  })

  test('an organization reveals too little', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    const main = await killed(stage)
    stage.fault('github metadata', changed({ visibility: 'some' }))
    expectRecovery(
      stage,
      await stage.post(main),
      'The new refresh token could not be stored on GitHub: GitHub does not report its visibility.',
    )
  })

  test.each(['client-secret', 'github-token'])('the input %s is not available', async (name) => {
    const stage = new Stage()
    const main = await killed(stage)
    const post = await stage.post(main, { with: { [name]: '' } })
    expectRecovery(
      stage,
      post,
      'The inputs of this step are no longer available (in nested composite actions, GitHub gives a post step those of another action).',
    )
    expect(post.requests).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['client secret', { 'client-secret': 'that-of-another-app' }],
    ['state key', { 'state-key': 'x'.repeat(32) }],
  ])('the %s is a different one', async (_name, inputs) => {
    const stage = new Stage()
    const main = await killed(stage)
    const post = await stage.post(main, { with: inputs })
    expectRecovery(
      stage,
      post,
      'The client secret (or `state-key`) does not decrypt what the main step saved: the inputs may be those of another action.',
    )
    expect(post.requests).toEqual([])
  })

  test('it is cancelled: the recovery text is printed at once', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    stage.reply('github write', replies.status(503))
    const post = await stage.post(main, { before: { 'github write 2': (step) => step.cancel() } })
    expectRecovery(stage, post, 'The post step was cancelled before the token was stored.')
    expect(post.now).toBeLessThan(1_000)
  })

  test.each<[string, unknown]>([
    ['no more chance', new Error('no more chance')],
    ['an unknown value was thrown', 'no more chance'],
  ])('it has a bug (%s): the owner still gets the token', async (words, thrown) => {
    const random = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error
      throw thrown
    }
    const stage = new Stage()
    const main = await killed(stage)
    stage.reply('github write', replies.status(503))
    const post = await stage.post(main, { world: { random } })
    expectRecovery(stage, post, `The post step has a bug: ${words}.`)
  })

  test('main has already shown its annotation: post shows no second one', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'Not now'))
    const main = await stage.main()
    expectFailed(main, 'secret-not-written')
    const post = await stage.post(main)
    expect([post.exitCode, post.errors]).toEqual([1, []])
    expectPrinted(stage, post)
    expect(post.log.at(-1)).toContain(remedy)
  })
})

describe('the summary', () => {
  const variables = { GITHUB_STEP_SUMMARY: 'summary.md' }

  test('contains the recovery text', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    const post = await stage.post(main, { with: { 'github-token': '' }, variables })
    const entry = JSON.parse(main.state.get(stateNames.journal) ?? '') as { readonly recovery: string }
    expect(post.summary.map(([name]) => name)).toEqual([
      'Box token: the new refresh token is not stored',
      'What happened',
      'Recovery text',
      'What to do next',
    ])
    expect(post.summary[1]?.[1]).toContain('The inputs of this step are no longer available')
    expect(post.summary[2]?.[1]).toBe(`<code>${entry.recovery}</code>`)
  })

  test('is empty if the author switched it off, or the runner has none', async () => {
    const stage = new Stage()
    const wanted = await killed(stage)
    expect((await stage.post(wanted, { with: { 'github-token': '' } })).summary).toEqual([])
    const unwanted = await stage.main({
      with: { summary: 'false' },
      before: { 'github metadata 2': (step) => step.kill() },
    })
    expect((await stage.post(unwanted, { with: { 'github-token': '' }, variables })).summary).toEqual([])
  })
})

describe('what the main step left', () => {
  test.each(['', '{}', 'no journal'])('is %j', async (text) => {
    const stage = new Stage()
    const post = await stage.post({ state: new Map([[stateNames.journal, text]]) })
    if (text === '') {
      expect([post.exitCode, post.log, post.errors]).toEqual([0, [], []])
      return
    }
    expect(post.exitCode).toBe(1)
    expect(post.errors).toEqual([
      {
        title: 'Box token (secret-not-written)',
        message:
          'The state that the main step saved is not one that this version of the action can read. Start a new run. If it fails with `reauthorize`, sign in to Box again with `box-token login`.',
      },
    ])
    expect(post.requests).toEqual([])
  })

  test('is not a journal, and main has already shown its annotation', async () => {
    const stage = new Stage()
    const state = new Map([
      [stateNames.journal, 'no journal'],
      [stateNames.reported, 'true'],
    ])
    const post = await stage.post({ state })
    expect([post.exitCode, post.errors]).toEqual([1, []])
    expect(post.log).toHaveLength(1)
  })

  test('contains no secret in plain text', async () => {
    const stage = new Stage()
    const main = await killed(stage)
    const text = main.state.get(stateNames.journal) ?? ''
    for (const { accessToken, refreshToken } of stage.box.pairs) {
      expect(text).not.toContain(accessToken)
      expect(text).not.toContain(refreshToken)
    }
    expect(text).not.toContain(stage.box.clientSecret)
    expect(JSON.parse(text)).toMatchObject({
      target: {
        owner: 'octo-org',
        repo: 'nightly',
        clientId: stage.box.clientId,
        githubApiUrl: 'https://api.github.com',
        secretName: 'BOX_REFRESH_TOKEN',
      },
      retryFor: 60,
      summary: true,
    })
  })
})

test('post waits as long as main was configured to', async () => {
  const stage = new Stage()
  const main = await stage.main({
    with: { 'retry-for': '7' },
    before: { 'github metadata 2': (step) => step.kill() },
  })
  stage.reply('github metadata', replies.status(502))
  const post = await stage.post(main, { with: { 'retry-for': '3600' } })
  expect(post.sent('github metadata').at(-1)?.at).toBe(7_000)
})

test('post gives up after four minutes, before GitHub ends a cancelled job', async () => {
  const stage = new Stage()
  const main = await stage.main({
    with: { 'retry-for': '3600' },
    before: { 'github metadata 2': (step) => step.kill() },
  })
  stage.reply('github metadata', replies.status(502))
  const post = await stage.post(main)
  expect(post.sent('github metadata').at(-1)?.at).toBe(240_000)
  expect(post.exitCode).toBe(1)
})

test('post waits for the answer to a request that it sent in time, and for none after that', async () => {
  const stage = new Stage()
  const main = await killed(stage)
  stage.reply('github write', replies.status(503), { times: 10 })
  stage.fault('github write', { kind: 'hang-before' })
  const post = await stage.post(main)
  expect(post.errors[0]?.message).toContain('did not confirm within 60 s')
  expect(post.timeline.slice(-2)).toEqual(['60100 github write', '80000 github metadata'])
  expect(post.now).toBe(80_000)
})

test('with a state key, the journal opens only with that key', async () => {
  const stage = new Stage()
  const stateKey = { 'state-key': 'a-state-key-of-thirty-two-letters!' }
  const main = await stage.main({ with: stateKey, before: { 'github metadata 2': (step) => step.kill() } })
  const without = await stage.post(main)
  expect(without.errors[0]?.message).toContain('does not decrypt what the main step saved')
  const post = await stage.post(main, { with: stateKey })
  expectStored(stage, post)
  expect(post.masks).toContain('a-state-key-of-thirty-two-letters!')
})

test('proxy passwords are masked before the first request', async () => {
  const stage = new Stage()
  const main = await killed(stage)
  const post = await stage.post(main, { world: { proxySecrets: ['proxy-password'] } })
  expect(post.masks.slice(0, 4)).toEqual([
    'client secret',
    'write token',
    'refresh token 0',
    'proxy-password',
  ])
  expectStored(stage, post)
})
