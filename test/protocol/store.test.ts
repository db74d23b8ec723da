/** Rules 3 and 4: once Box has answered, the new token is stored, and only over the one that it replaces. */
import { describe, expect, test } from 'vitest'
import { replies, type Fault } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import { changed, expectFailed, expectRotated, Stage, type StageOptions } from './support.ts'
import type { WorkflowContext } from '../../src/action/workflow-context.ts'

const title = 'the secret BOX_REFRESH_TOKEN of repository octo-org/nightly'
const stored =
  'GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.'

describe('the check before the write', () => {
  test('finds that somebody else wrote: nothing is overwritten, and post has nothing to do', async () => {
    const stage = new Stage()
    const job = stage.startJob()
    await stage.pass(1_000)
    const main = await stage.main({ job, before: { 'box token': () => stage.writeByHand() } })
    const message = expectFailed(main, 'stale-secret')
    expect(message).toContain(
      `Somebody else wrote the secret BOX_REFRESH_TOKEN of repository octo-org/nightly at 2026-11-23T06:00:01Z, while this run was refreshing.`,
    )
    expect(stage.stored).toBe('written-by-somebody-else')
    expect(main.asked.slice(4)).toEqual(['box token', 'github metadata'])
    expect(main.progress).toBe('settled')
    expect(main.events).not.toContain('state progress: about-to-store')
    // Rule 9: what Box has issued is handed to its owner.
    expect(main.log).toContainEqual(expect.stringMatching(/^box-token-recovery\.v1\.[\w-]+$/))
  })

  test('accepts a write in the second in which the run was queued: Box took the token, so it was live', async () => {
    const stage = new Stage()
    const main = await stage.main({ before: { 'box token': () => stage.writeByHand() } })
    expectRotated(stage, main)
  })

  test('ignores a write that is older than the run, whatever the look before the refresh showed', async () => {
    const stage = new Stage()
    await stage.pass(60_000)
    stage.writeByHand(stage.stored)
    await stage.pass(1_000)
    const job = stage.startJob()
    await stage.pass(1_000)
    // The look before the refresh shows the secret before that write; the check after it is up to date.
    let looks = 0
    stage.github.readAge = () => ((looks += 1) <= 3 ? 10_000 : 0)
    expectRotated(stage, await stage.main({ job }))
  })

  test.each<[string, Partial<WorkflowContext>, StageOptions]>([
    ['in a re-run', { runAttempt: 2 }, {}],
    ['for an unknown run', { runId: Number.NaN }, {}],
    ['for an environment, whose secrets are read later', {}, { environment: 'box' }],
  ])("%s it relies on GitHub's date from the look before the refresh", async (_name, context, options) => {
    const stage = new Stage(options)
    await stage.pass(60_000)
    const job = stage.startJob()
    await stage.pass(1_000)
    stage.writeByHand(stage.stored)
    await stage.pass(1_000)
    let looks = 0
    stage.github.readAge = () => ((looks += 1) <= 3 ? 10_000 : 0)
    expectRotated(stage, await stage.main({ job, context }))
  })

  test('finds an older date than before, from a server that lags behind: the token is stored', async () => {
    const stage = new Stage()
    stage.fault('github metadata', changed({ updated_at: '2026-11-01T00:00:00Z' }), { skip: 1, times: 1 })
    expectRotated(stage, await stage.main())
  })

  test('finds that the secret is gone: nothing newer can be overwritten, and it is written again', async () => {
    const stage = new Stage()
    const main = await stage.main({ before: { 'box token': () => stage.store.secrets.clear() } })
    expectRotated(stage, main)
  })

  test.each<[string, Fault, string]>([
    [
      'is refused',
      { kind: 'reply', reply: apiError(403, 'Not now') },
      'it answered 403 to a request for the secret ("Not now")',
    ],
  ])('%s: it is tried again', async (_name, fault, problem) => {
    const stage = new Stage()
    stage.fault('github metadata', fault, { skip: 1, times: 2 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline.slice(5)).toEqual([
      '200 github metadata',
      '675 github metadata',
      '1525 github metadata',
      '1625 github write',
    ])
    expect(main.log.slice(4, 7)).toEqual([
      `GitHub: ${problem}; trying again.`,
      `GitHub: ${problem}; trying again.`,
      stored,
    ])
  })

  test('gets no answer in time: after a last look, the token is left to post', async () => {
    const stage = new Stage()
    stage.reply('github metadata', replies.status(503), { skip: 1 })
    const main = await stage.main()
    const message = expectFailed(main, 'secret-not-written')
    expect(message).toContain(
      `the refresh token could not be stored in ${title} within 60 s: it answered 503`,
    )
    expect(main.state.has('journal')).toBe(true)
    expect(main.state.get('reported')).toBe('true')
    expect(main.progress).toBeUndefined()
    expect(main.sent('github write')).toEqual([])
  })
})

describe('the write', () => {
  test.each<[string, Fault, string]>([
    ['503', { kind: 'reply', reply: replies.status(503) }, 'it answered 503'],
    ['403', { kind: 'reply', reply: apiError(403, 'Not now') }, 'it answered 403 ("Not now")'],
    ['404', { kind: 'reply', reply: apiError(404, 'Not Found') }, 'it answered 404 ("Not Found")'],
    [
      '429',
      { kind: 'reply', reply: replies.tooManyRequests() },
      'it answered 429 ("Request rate limit exceeded, please try again later")',
    ],
    [
      '200, which is unexpected',
      { kind: 'reply', reply: { status: 200, body: {} } },
      'it answered 200, which is unexpected here',
    ],
    ['a reset', { kind: 'reset-before' }, 'the connection was interrupted (ECONNRESET)'],
  ])('%s: it is tried again, after another check', async (_name, fault, problem) => {
    const stage = new Stage()
    stage.fault('github write', fault, { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.timeline.slice(5)).toEqual([
      '200 github metadata',
      '300 github write',
      '775 github metadata',
      '875 github write',
    ])
    expect(main.events.filter((event) => event.startsWith('state progress'))).toEqual([
      'state progress: about-to-store',
      'state progress: about-to-store',
      'state progress: settled',
    ])
    expect(main.log[4]).toBe(`GitHub: ${problem}; trying again.`)
    expect(main.sent('github key')).toHaveLength(1)
  })

  test('GitHub asks for a pause: the run waits', async () => {
    const stage = new Stage()
    stage.reply('github write', replies.secondaryRateLimit({ 'retry-after': '30' }), { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github write').map(({ at }) => at)).toEqual([300, 30_500])
  })

  test('GitHub asks for a longer pause than there is time: one last try at the end', async () => {
    const stage = new Stage()
    stage.reply('github write', replies.secondaryRateLimit({ 'retry-after': '300' }), { times: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(main.sent('github write').map(({ at }) => at)).toEqual([300, 60_300])
  })

  test('sealed for a key that GitHub has replaced: the new key is read, and the token is sealed again', async () => {
    const stage = new Stage()
    const main = await stage.main({ before: { 'box token': () => stage.store.rotateKey() } })
    expectRotated(stage, main)
    expect(main.timeline.slice(5)).toEqual([
      '200 github metadata',
      '300 github write',
      '775 github key',
      '875 github metadata',
      '975 github write',
    ])
  })

  describe('for which the new key', () => {
    test.each<[string, Fault, string]>([
      [
        'is refused',
        { kind: 'reply', reply: apiError(403, 'Not now') },
        'it answered 403 to a request for the public key ("Not now")',
      ],
      ['is unusable', changed({ key: Buffer.alloc(32).toString('base64') }), 'its public key is unusable'],
    ])('%s: it is tried again', async (_name, fault, problem) => {
      const stage = new Stage()
      stage.fault('github key', fault, { skip: 1, times: 1 })
      const main = await stage.main({ before: { 'box token': () => stage.store.rotateKey() } })
      expectRotated(stage, main)
      expect(main.timeline.slice(7)).toEqual([
        '775 github key',
        '875 github metadata',
        '1725 github key',
        '1825 github metadata',
        '1925 github write',
      ])
      expect(main.log[5]).toBe(`GitHub: ${problem}; trying again.`)
    })

    test('is not available: the token is left to post', async () => {
      const stage = new Stage()
      stage.reply('github key', replies.status(503, { 'retry-after': '100' }), { skip: 1 })
      const main = await stage.main({ before: { 'box token': () => stage.store.rotateKey() } })
      expect(expectFailed(main, 'secret-not-written')).toContain('within 60 s: it answered 503')
      expect(main.sent('github key').map(({ at }) => at)).toEqual([0, 775, 60_200])
    })
  })
})

describe('the answer to a write was lost', () => {
  test.each<[string, Fault]>([
    ['by a reset', { kind: 'reset-after' }],
    ['with a 500', { kind: 'replace', replace: () => replies.status(500) }],
    ['with a 502 from a gateway', { kind: 'replace', replace: () => replies.status(502) }],
    [
      'with a redirect from a gateway',
      { kind: 'replace', replace: () => replies.redirect('https://example.org') },
    ],
  ])('%s: the secret was written, and nobody can tell by whom', async (_name, fault) => {
    const stage = new Stage()
    stage.fault('github write', fault)
    const job = stage.startJob()
    await stage.pass(1_000)
    const main = await stage.main({ job })
    expect(expectFailed(main, 'stale-secret')).toContain(
      "was written at 2026-11-23T06:00:01Z, by this run or by another one: GitHub's answer to this run got lost",
    )
    expect(stage.stored).toBe(stage.lastPair.refreshToken)
    expect(main.sent('github write')).toHaveLength(1)
    expect(main.progress).toBe('settled')
  })

  test('but not with a refusal: if the secret was written, somebody else wrote it', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'Not now'))
    const job = stage.startJob()
    await stage.pass(1_000)
    const main = await stage.main({ job, after: { 'github write': () => stage.writeByHand() } })
    expect(expectFailed(main, 'stale-secret')).toContain(`Somebody else wrote ${title}`)
    expect(main.sent('github write')).toHaveLength(1)
  })

  test.each([400, 499])('nor with a %d', async (status) => {
    const stage = new Stage()
    stage.reply('github write', apiError(status, 'No'))
    const job = stage.startJob()
    await stage.pass(1_000)
    const main = await stage.main({ job, after: { 'github write': () => stage.writeByHand() } })
    expect(expectFailed(main, 'stale-secret')).toContain(`Somebody else wrote ${title}`)
  })

  test('nor if the connection was refused', async () => {
    const stage = new Stage()
    stage.broken.set('github write', 'ECONNREFUSED')
    const main = await stage.main()
    expect(expectFailed(main, 'secret-not-written')).toContain(
      'the refresh token could not be stored in the secret BOX_REFRESH_TOKEN of repository octo-org/nightly within 60 s: no connection (ECONNREFUSED).',
    )
  })

  test('and the write did not arrive: the failure says that the token may be stored', async () => {
    const stage = new Stage()
    stage.fault('github write', { kind: 'reset-before' }, { times: 1 })
    stage.reply('github write', apiError(403, 'Not now'))
    const main = await stage.main()
    const message = expectFailed(main, 'secret-not-written')
    expect(message).toContain('GitHub did not confirm within 60 s')
    expect(message).toContain('the new one may or may not be stored')
    expect(main.progress).toBe('about-to-store')
  })
})

describe('time runs out', () => {
  test('the last look finds that the secret was written: the failure says so', async () => {
    const stage = new Stage()
    stage.reply('github write', replies.status(503), { times: 3 })
    stage.fault('github write', { kind: 'hang-after' })
    const main = await stage.main({ with: { 'retry-for': '3' } })
    expect(expectFailed(main, 'stale-secret')).toContain(
      "by this run or by another one: GitHub's answer to this run got lost",
    )
    expect(main.asked.at(-1)).toBe('github metadata')
  })

  test('the last look finds no change: the token is left to post', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'Not now'))
    const main = await stage.main({ with: { 'retry-for': '3' } })
    expect(expectFailed(main, 'secret-not-written')).toContain('it answered 403 ("Not now")')
    expect(main.timeline.slice(5)).toEqual([
      '200 github metadata',
      '300 github write',
      '775 github metadata',
      '875 github write',
      '1725 github metadata',
      '1825 github write',
      '3200 github metadata',
      '3300 github write',
      '3400 github metadata',
    ])
    expect(main.events.slice(-3)).toEqual(['signals released', 'output error-code', 'state reported: true'])
  })
})

describe("an organization's secret", () => {
  test('whose access was changed during the refresh keeps the change', async () => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1] } })
    const main = await stage.main({
      before: {
        'box token': () => {
          const secret = stage.store.secrets.get('BOX_REFRESH_TOKEN')
          if (secret) stage.store.secrets.set('BOX_REFRESH_TOKEN', { ...secret, selected: [1, 2, 3] })
        },
      },
    })
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.selected).toEqual([1, 2, 3])
  })

  test.each<[string, Fault]>([
    ['refused', { kind: 'reply', reply: apiError(403, 'Not now') }],
    ['not answered', { kind: 'reply', reply: replies.status(503, { 'retry-after': '300' }) }],
  ])('whose access is %s after the refresh: the earlier list is used', async (_name, fault) => {
    const stage = new Stage({ organization: { visibility: 'selected', selected: [1] } })
    stage.fault('github repositories', fault, { skip: 1 })
    const main = await stage.main()
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.selected).toEqual([1_296_269, 1])
  })

  test('that was deleted meanwhile is written again, with the same visibility', async () => {
    const stage = new Stage({ organization: { visibility: 'private' } })
    const main = await stage.main({ before: { 'box token': () => stage.store.secrets.clear() } })
    expectRotated(stage, main)
    expect(stage.store.secrets.get('BOX_REFRESH_TOKEN')?.visibility).toBe('private')
  })
})

describe('the state of the step', () => {
  test('cannot be written: the token is stored as usual', async () => {
    const stage = new Stage()
    const main = await stage.main({
      world: {
        saveState: () => {
          throw new Error('ENOSPC')
        },
      },
    })
    expect(main.exitCode).toBe(0)
    expect(stage.box.takes(stage.stored)).toBe(true)
    expect(main.warnings).toEqual([
      'The state of this step could not be saved: if the step is killed now, its post step cannot store the token.',
    ])
  })

  test('cannot be written, nor can the secret: main prints the recovery text itself', async () => {
    const stage = new Stage()
    stage.reply('github write', apiError(403, 'Not now'))
    const tried = new Set<string>()
    const main = await stage.main({
      world: {
        saveState: (name) => {
          tried.add(name)
          throw new Error('ENOSPC')
        },
      },
    })
    // No post step will ask whether an annotation was shown.
    expect([...tried]).toEqual(['journal', 'progress'])
    expectFailed(main, 'secret-not-written')
    expect(main.log.some((line) => /^box-token-recovery\.v1\.[A-Za-z0-9_-]+$/.test(line))).toBe(true)
    expect(main.log.at(-1)).toContain('The post step cannot try again: it has no saved state.')
  })
})

describe('a bug in the action is not mistaken for an outage', () => {
  const outage = { kind: 'reply', reply: replies.status(503) } as const

  test.each<[string, string, StageOptions, Partial<WorkflowContext>, number, (stage: Stage) => void]>([
    ['when it reads the run', 'github run', {}, {}, 0, () => {}],
    ['in the check before the write', 'github metadata', {}, {}, 1, () => {}],
    [
      'when it reads the settings of the secret',
      'github repositories',
      { organization: { visibility: 'selected', selected: [1] } },
      {},
      1,
      () => {},
    ],
    [
      'when it reads the new key',
      'github key',
      {},
      {},
      1,
      (stage) => stage.reply('github write', apiError(422, 'improperly encrypted secret')),
    ],
    ['in the look after invalid_grant', 'github metadata', {}, {}, 1, (stage) => stage.box.revokeAll()],
    [
      "when it looks at Dependabot's copy",
      'github dependabot metadata',
      {},
      { trigger: 'dependabot' },
      0,
      (stage) => stage.box.revokeAll(),
    ],
  ])('%s', async (_name, label, options, context, skip, arrange) => {
    const stage = new Stage(options)
    arrange(stage)
    stage.fault(label, outage, { skip, times: 1 })
    let pauses = label === 'github key' ? 1 : 0
    const random = (): number => {
      if (pauses === 0) throw new Error('no more chance')
      pauses -= 1
      return 0.5
    }
    const main = await stage.main({ context, world: { random } })
    expect(main.errors.map(({ title: of }) => of)).toEqual(['Box token (unexpected error)'])
    expect(main.errors[0]?.message).toContain('This is a bug in the action: no more chance.')
    expect([main.exitCode, main.outputs]).toEqual([1, {}])
  })
})
