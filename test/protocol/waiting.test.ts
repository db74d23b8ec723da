/** `state-variable`: what a job takes from the state, what it says about it, and how it waits for another job. */
import { beforeAll, describe, expect, test } from 'vitest'
import { stateNames } from '../../src/journal/step-state.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { withoutNewer } from '../../src/sharing/messages.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  putClaim,
  putState,
  putVariable,
  sharing,
  stateOf,
  stateVariable,
  title,
} from './shared-state.ts'
import { expectFailed, expectRotated, Stage, writeToken } from './support.ts'

beforeAll(sealingReady)

/** Somebody damaged a claim this many milliseconds ago. */
function putDamaged(stage: Stage, name: string, ms: number): void {
  stage.store.variables.set(name, { value: 'x', createdAt: stage.now - ms, updatedAt: stage.now - ms })
}

/** The holder of a claim has marked it as done. */
function putDone(stage: Stage, name: string): void {
  const { value } = stage.store.variables.get(name) ?? { value: '{}' }
  const content = JSON.parse(value) as object
  putVariable(stage, name, JSON.stringify({ ...content, 'done-at': new Date(stage.now).toISOString() }))
}

const only = { ...sharing, 'auto-refresh': 'false' }

describe('GitHub does not let the token use the variables', () => {
  const next = (permission: string): string =>
    `Set \`github-token\` to a fine-grained personal access token or a GitHub App token for this place with repository permission "Variables: Read and write"${permission}. GITHUB_TOKEN cannot write variables, whatever its permissions.`
  const readIsEnough = ' (with `auto-refresh: false`, "Read-only" is enough)'

  test.each<[string, number, string, string]>([
    ['github state', 401, `read the ${title}`, readIsEnough],
    ['github state', 403, `read the ${title}`, readIsEnough],
    ['github claims', 403, `list the claims next to the ${title}`, readIsEnough],
    ['github claims', 404, `list the claims next to the ${title}`, readIsEnough],
    ['github create claim', 403, `write variables next to the ${title}`, ''],
    ['github create claim', 404, `write variables next to the ${title}`, ''],
  ])('%s, %d', async (label, status, act, permission) => {
    const reason = {
      401: 'the token is not valid or has expired',
      403: 'the token is not allowed to do that',
      404: 'the place does not exist, or the token has no access to it',
    }[status]
    for (const [message, words] of [
      ['Not now', ' ("Not now")'],
      ['', ''],
    ] as const) {
      const stage = new Stage()
      stage.reply(label, apiError(status, message))
      const main = await stage.main({ with: sharing })
      expect(expectFailed(main, 'cannot-write-secret')).toBe(
        `GitHub answered ${status} when asked to ${act} (\`state-variable\`)${words}: ${reason}. Nothing was used or written: the stored refresh token still works. ${next(permission)}`,
      )
      expect(main.sent(label)).toHaveLength(1)
      expect(main.sent('box token')).toEqual([])
    }
  })

  test('nor read the claim whose name is taken', async () => {
    const stage = new Stage()
    stage.reply('github create claim', apiError(409, 'Already exists'))
    stage.reply('github claim', apiError(401, 'Bad credentials'))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'cannot-write-secret')).toContain(
      `GitHub answered 401 when asked to read the ${title} (\`state-variable\`) ("Bad credentials"): the token is not valid`,
    )
  })
})

describe('the content of the variable', () => {
  test('was written by a newer version: it is left as it is', async () => {
    const stage = new Stage()
    putVariable(stage, stateVariable, 'box-token-state.v2.abc')
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'bad-input')).toBe(
      `The shared state in the ${title} was written by a newer version of this action, or somebody marked it that way. Nothing was used or written: the stored refresh token still works. Use the same version of the action in all workflows that share this variable. ${withoutNewer('BOX_STATE')}`,
    )
    expect(main.asked).toEqual(['github state'])
  })

  test('does not open: it is put aside with one warning, and overwritten', async () => {
    const stage = new Stage()
    putVariable(stage, stateVariable, 'box-token-state.v1.abc')
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.warnings).toEqual([
      `The shared state in the ${title} cannot be decrypted with this client secret (and \`state-key\`), or is damaged. It is ignored: a job that refreshes uses the refresh token in the secret. If another app uses this variable, give each app its own \`state-variable\`.`,
    ])
    expect(main.sent('github create state')).toEqual([])
    expect(stateOf(stage)?.refreshToken).toBe(stage.lastPair.refreshToken)
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('does not open, and another job is refreshing: there is still only one warning', async () => {
    const stage = new Stage()
    putVariable(stage, stateVariable, 'box-token-state.v1.abc')
    putClaim(stage, 10_000)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.warnings).toHaveLength(1)
  })

  test.each<[string, (stage: Stage) => void, string]>([
    ['nothing', () => {}, 'there is no such variable, or the token has no access to it'],
    [
      'what does not open',
      (stage) => putVariable(stage, stateVariable, 'x'),
      'its value cannot be decrypted with this client secret (and `state-key`)',
    ],
    [
      'a refresh token alone',
      (stage) => putState(stage, { access: undefined }),
      'its refresh token has not been used yet',
    ],
    [
      'a token that is about to expire',
      (stage) =>
        putState(stage, {
          access: {
            token: 'shared-access-token',
            expiresAt: stage.now + 299_000,
            refreshedAt: stage.now - 3_300_000,
          },
        }),
      'it expires at 2026-11-23T06:04:59Z, but `minimum-validity` requires 5 min',
    ],
  ])('with `auto-refresh: false`, %s: the job says why it stops', async (_name, put, reason) => {
    const stage = new Stage()
    put(stage)
    const main = await stage.main({ with: only })
    const next = reason.includes('decrypted')
      ? 'Give this job and the workflow that refreshes the token the same `client-secret` and `state-key`. If one of them has changed, run that workflow first: it writes the variable anew.'
      : 'Run the workflow that refreshes the token (one with this `state-variable` and without `auto-refresh: false`), then run this job again.'
    expect(expectFailed(main, 'refresh-disabled')).toBe(
      `There is no usable shared access token in the ${title}: ${reason}. With \`auto-refresh: false\`, this job does not refresh it. Nothing was used or written: the stored refresh token still works. ${next}`,
    )
    // This may be an old answer, so the job polls for as long as one may be old, at most once a second.
    expect([...new Set(main.asked)]).toEqual(['github state'])
    expect(main.requests.at(-1)?.at).toBe(30_000)
    expect(main.requests.length).toBeLessThan(12)
  })

  test('with `auto-refresh: false`, after an old answer, the token is used as soon as GitHub shows it', async () => {
    const stage = new Stage()
    await stage.pass(60_000)
    const { access } = putState(stage)
    const shownAt = stage.now + 20_000
    stage.github.readAge = () => (stage.now < shownAt ? 30_000 : 0)
    const main = await stage.main({ with: only })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs['access-token']).toBe(access?.token)
  })

  test('with `auto-refresh: false`, it waits no longer than `retry-for`', async () => {
    const main = await new Stage().main({ with: { ...only, 'retry-for': '3' } })
    expectFailed(main, 'refresh-disabled')
    expect(main.requests.at(-1)?.at).toBe(3_000)
  })
})

describe('the remaining lifetime of the shared token', () => {
  // Reading the state takes 100 ms, and GitHub's date may be up to 999 ms behind: 1,099 ms are uncertain.
  const wanted = 300_000
  const take = async (
    stage: Stage,
    left: number,
    age: number,
    input: Readonly<Record<string, string>> = sharing,
  ) => {
    const job = stage.startJob()
    stage.writeByHand(stage.firstPair.refreshToken)
    const access = {
      token: stage.firstPair.accessToken,
      expiresAt: stage.now + left,
      refreshedAt: stage.now - age,
    }
    putState(stage, { refreshToken: stage.firstPair.refreshToken, access })
    return stage.main({ job, with: input })
  }

  test('is certainly longer than required: it is handed out', async () => {
    const stage = new Stage()
    const main = await take(stage, wanted + 1099, 3_300_000)
    expect([main.exitCode, main.errors, main.warnings, main.timeline]).toEqual([
      0,
      [],
      [],
      ['0 github state'],
    ])
    expect(main.outputs).toMatchObject({
      'access-token': stage.firstPair.accessToken,
      'expires-at': '2026-11-23T06:05:01Z',
      'refresh-token-expires-at': '2027-01-22T05:05:00Z',
      refreshed: 'false',
    })
    expect(main.log).toContain(
      'The shared access token is valid until 2026-11-23T06:05:01Z: this job hands it out without a refresh.',
    )
    expect(main.masks).toEqual(['client secret', 'refresh token 0', 'write token', 'access token 0'])
  })

  test('may be longer than required: the state is read again until that is certain', async () => {
    const stage = new Stage()
    const main = await take(stage, wanted + 1098, 3_300_000)
    expectRotated(stage, main)
    expect(main.timeline.slice(0, 4)).toEqual([
      '0 github state',
      '1600 github state',
      '3200 github state',
      '3300 github create claim',
    ])
    expect(main.log.filter((line) => line.includes('hands it out'))).toEqual([])
  })

  test('is exactly as long as required: the state is read again', async () => {
    const stage = new Stage()
    const main = await take(stage, wanted, 3_300_000)
    expect(main.timeline.slice(0, 3)).toEqual([
      '0 github state',
      '1600 github state',
      '1700 github create claim',
    ])
    expectRotated(stage, main)
  })

  test('is shorter: it is refreshed at once', async () => {
    const stage = new Stage()
    const main = await take(stage, wanted - 1, 3_300_000)
    expect(main.timeline.slice(0, 2)).toEqual(['0 github state', '100 github create claim'])
    expectRotated(stage, main)
  })

  test.each([
    ['1,099 ms may be nothing in the worst case', 1099, false],
    ['1 ms is left in the worst case', 1100, true],
    ['it falls just short', wanted + 1098, true],
  ])('is shorter, but no token could be newer: %s', async (_name, left, reused) => {
    const stage = new Stage()
    // The job began 100 ms before the answer, and a date may be a second behind.
    const main = await take(stage, left, 1000)
    expect(main.exitCode).toBe(0)
    expect(main.outputs['refreshed']).toBe(String(!reused))
    const until = left === 1100 ? '2026-11-23T06:00:01Z' : '2026-11-23T06:05:01Z'
    expect(main.warnings).toEqual(
      reused
        ? [
            `The access token is valid only until ${until}, less than the 5 min that \`minimum-validity\` requires. It was issued after this job started, and Box issues none that are valid for longer. Use a smaller \`minimum-validity\`, so that jobs do not invalidate each other's token.`,
          ]
        : [],
    )
  })

  test.each([
    ['at this moment: it is refreshed at once', 0, ['0 github state', '100 github create claim']],
    ['within the second: the state is read again', 1, ['0 github state', '1600 github state']],
  ])('ends %s, if any lifetime is enough', async (_name, left, timeline) => {
    const stage = new Stage()
    // By GitHub's date in the answer, which is stamped 100 ms after this.
    const main = await take(stage, left, 3_600_000, { ...sharing, 'minimum-validity': '0' })
    expectRotated(stage, main)
    expect(main.timeline.slice(0, 2)).toEqual(timeline)
  })

  test('the summary names the source of the token', async () => {
    const stage = new Stage()
    putState(stage)
    const main = await stage.main({ with: sharing, variables: { GITHUB_STEP_SUMMARY: 'summary.md' } })
    expect(main.outputs['refreshed']).toBe('false')
    expect(main.summary.flat().join('\n')).toContain(`not used: jobs share the ${title}`)
  })

  test('is shorter, and the token a moment older than the job: it is refreshed', async () => {
    const stage = new Stage()
    const main = await take(stage, wanted - 1, 1001)
    expectRotated(stage, main)
    expect(main.outputs['refreshed']).toBe('true')
  })

  test('is shorter than required even for a new token: a warning', async () => {
    const stage = new Stage()
    const main = await stage.main({ with: { ...sharing, 'minimum-validity': '1440' } })
    expectRotated(stage, main)
    expect(main.warnings).toEqual([
      "The access token is valid only until 2026-11-23T07:09:35Z, less than the 1440 min that `minimum-validity` requires. It was issued after this job started, and Box issues none that are valid for longer. Use a smaller `minimum-validity`, so that jobs do not invalidate each other's token.",
    ])
  })
})

describe('another job is refreshing', () => {
  const waiting = (name: string, until: string): string =>
    `Another job is refreshing the shared token (${name}, until ${until} at the latest): waiting for it.`

  test('and publishes: its token is used, and Box is not asked', async () => {
    const stage = new Stage()
    const name = putClaim(stage, 60_000)
    stage.scheduler.after(18_000, () => void putState(stage))
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.timeline).toEqual([
      '0 github state',
      '100 github create claim',
      '200 github claim',
      '1800 github state',
      '3775 github state',
      '6218.75 github claim',
      '9248.4375 github state',
      '13010.546875 github state',
      '17610.546875 github claim',
      '22210.546875 github state',
    ])
    expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
    expect(main.masks.slice(-2)).toEqual(['refresh token 1', 'access token 1'])
    // It held no claim, so its post step has nothing to ask GitHub.
    expect(main.state.get(stateNames.claim)).toBe('')
    expect((await stage.post(main)).requests).toEqual([])
    expect(main.log).toContain(waiting(name, '2026-11-23T06:01:00Z'))
  })

  test.each<[string, (stage: Stage, name: string) => void]>([
    ['gives its claim up', (stage) => putClaim(stage, -stage.now)],
    // Damaged: it was over when it was written, and by then every read shows what its holder did.
    [
      'is replaced by something that is not a claim, half a minute ago',
      (stage, name) => putDamaged(stage, name, 31_000),
    ],
  ])('and %s: this job claims when it next reads the claim', async (_name, change) => {
    const stage = new Stage()
    await stage.pass(60_000)
    const name = putClaim(stage, 60_000)
    stage.scheduler.after(5000, () => change(stage, name))
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.timeline.slice(2, 6)).toEqual([
      '200 github claim',
      '1800 github state',
      '3775 github state',
      '6218.75 github claim',
    ])
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
    expect(main.sent('github create claim')[1]?.at).toBe(6_318.75)
  })

  test('and is done, but its state is not shown yet: this job waits for it', async () => {
    const stage = new Stage()
    const name = putClaim(stage, 60_000)
    putDone(stage, name)
    stage.scheduler.after(25_000, () => void putState(stage))
    const main = await stage.main({ with: sharing })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.outputs).toMatchObject({ 'access-token': stage.lastPair.accessToken, refreshed: 'false' })
    expect(createdClaims(main)).toEqual(['NEW_1'])
  })

  test('and is done, but its state never shows: it was damaged or put back, and this job claims', async () => {
    const stage = new Stage()
    putDone(stage, putClaim(stage, 60_000))
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
    const second = main.sent('github create claim')[1]?.at ?? 0
    expect(second).toBeGreaterThan(30_000)
    expect(second).toBeLessThan(36_000)
  })

  test('and one look does not show its claim: that is an old answer, because nobody deletes a claim', async () => {
    const stage = new Stage()
    const name = putClaim(stage, 20_000)
    stage.scheduler.after(5000, () => stage.store.variables.delete(name))
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')[0]?.at).toBeGreaterThan(50_000)
  })

  test.each([
    ['and dies', 8_000],
    ['and its lease is long', 120_000],
  ])(
    '%s: this job claims as soon as the lease is over and every read shows what that job did, not before',
    async (_name, ms) => {
      const stage = new Stage()
      putClaim(stage, ms)
      const main = await stage.main({ with: sharing })
      expectRotated(stage, main)
      expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2'])
      const second = main.sent('github create claim')[1]?.at ?? 0
      expect(second).toBeGreaterThan(ms + 30_000)
      expect(second).toBeLessThan(ms + 36_000)
      expect(claimsOf(stage)).toEqual([
        ['NEW_1', 'over'],
        ['NEW_2', 'done'],
      ])
      // Never more than one look per second.
      const looks = main.requests.filter(({ at }) => at > 300 && at < ms + 30_000).map(({ at }) => at)
      for (const [index, at] of looks.entries())
        expect(at - (looks[index - 1] ?? -Infinity)).toBeGreaterThan(1000)
    },
  )

  test.each([
    ['is not JSON', 'x'],
    ['has a lease up to the year 9999', '{"nonce":"1","lease-ends-at":"9999-12-31T23:59:59Z"}'],
    ['names no holder', '{"lease-ends-at":"2026-11-23T06:00:20Z"}'],
  ])('and its claim %s: nobody waits longer than a read may be old', async (_name, value) => {
    const stage = new Stage()
    putVariable(stage, 'BOX_STATE_CLAIM_NEW_1', value)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create claim')[1]?.at ?? Infinity).toBeLessThan(36_000)
  })

  test('and a variable of an absurd epoch is not a claim: it blocks nobody', async () => {
    const stage = new Stage()
    putClaim(stage, 60_000, 'NEW', 9_999_999_999)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1'])
  })

  test('and many have given up before it: the first claim says where to go on', async () => {
    const stage = new Stage()
    const until = new Date(0).toISOString()
    const pointer = { nonce: 'x', 'lease-ends-at': until, next: 40, 'next-since': until }
    putVariable(stage, 'BOX_STATE_CLAIM_NEW_1', JSON.stringify(pointer))
    putClaim(stage, -stage.now, 'NEW', 40)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_40', 'NEW_41'])
  })

  test('and a variable with the name of a claim that is not one is ignored, and stays', async () => {
    const stage = new Stage()
    putVariable(stage, 'BOX_STATE_CLAIM_X', 'x')
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('box token')[0]?.at).toBe(300)
    expect(claimsOf(stage)).toEqual([
      ['X', 'none'],
      ['NEW_1', 'done'],
    ])
  })

  test('but its claim cannot be read any more: the job fails', async () => {
    const stage = new Stage()
    putClaim(stage, 60_000)
    stage.reply('github claim', apiError(403, 'Not now'))
    expect(expectFailed(await stage.main({ with: sharing }), 'cannot-write-secret')).toContain(
      `GitHub answered 403 when asked to read the ${title}`,
    )
  })

  test('and was faster at the same claim: this job waits for it', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: sharing,
      before: { 'github create claim': () => putClaim(stage, 60_000) },
      after: { 'github claim': () => putState(stage) },
    })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.timeline).toEqual([
      '0 github state',
      '100 github create claim',
      '200 github claim',
      '1800 github state',
    ])
    expect(main.log).toContain(waiting('BOX_STATE_CLAIM_NEW_1', '2026-11-23T06:01:00Z'))
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
  })

  test('and was faster at the same claim, which GitHub does not show: this job looks, and tries again', async () => {
    const stage = new Stage()
    stage.reply('github create claim', apiError(409, 'Already exists'), { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github claim').at(-1)?.at).toBe(30_200)
    expect(main.sent('github create claim').map(({ at }) => at)).toEqual([100, 30_300])
    expect(main.log.filter((line) => line.includes('waiting for it'))).toEqual([])
  })

  test('and a variable that is not a claim blocks the name for good: the job fails', async () => {
    const stage = new Stage()
    stage.reply('github create claim', apiError(409, 'Already exists'))
    const main = await stage.main({ with: { ...sharing, 'state-variable': 'box_state' } })
    expect(expectFailed(main, 'github-unavailable')).toBe(
      'The right to refresh the shared token cannot be claimed: next to the variable box_state of repository octo-org/nightly, there is a variable that has the name of a claim but is not one. The variables whose names begin with BOX_STATE_CLAIM_ must be deleted. Nothing was used or written: the stored refresh token still works. Delete them, then start a new run.',
    )
    expect(main.sent('github create claim')).toHaveLength(3)
  })
})

describe('the claim', () => {
  test('is held even if the answer to creating it is lost', async () => {
    const stage = new Stage()
    stage.fault('github create claim', { kind: 'reset-after' }, { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create claim').map(({ at }) => at)).toEqual([100, 575])
    expect(main.sent('github claim').map(({ at }) => at)).toEqual([675])
    const body = JSON.parse(main.sent('github create claim')[0]?.body ?? '') as { readonly value: string }
    expect(JSON.parse(body.value)).toEqual({
      nonce: '8000000080000000',
      'lease-ends-at': '2026-11-23T06:02:10.000Z',
    })
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('cannot be created because GitHub is out: no token is used', async () => {
    const stage = new Stage()
    stage.reply('github create claim', replies.status(503))
    const main = await stage.main({ with: sharing })
    expect(expectFailed(main, 'github-unavailable')).toContain('Nothing was used')
    expect(main.sent('github create claim').at(-1)?.at).toBe(60_100)
  })

  test('is identified by 64 bits, whatever the random source returns', async () => {
    const stage = new Stage()
    const main = await stage.main({ with: sharing, world: { random: () => 2 ** -28 } })
    expectRotated(stage, main)
    const body = JSON.parse(main.sent('github create claim')[0]?.body ?? '') as { readonly value: string }
    expect(JSON.parse(body.value)).toMatchObject({ nonce: '0000001000000010' })
  })

  test('is retried if GitHub limits the rate, which is not a refusal', async () => {
    const stage = new Stage()
    const limited = { ...apiError(403, 'Slow down'), headers: { 'retry-after': '3' } }
    stage.reply('github create claim', limited, { times: 1 })
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.sent('github create claim').map(({ at }) => at)).toEqual([100, 3200])
  })

  test('is done if the state has moved meanwhile: this job uses the new state', async () => {
    const stage = new Stage()
    const main = await stage.main({ with: sharing, before: { 'github create claim': () => putState(stage) } })
    expect([main.exitCode, main.errors]).toEqual([0, []])
    expect(main.sent('box token')).toEqual([])
    expect(main.asked.slice(-2)).toEqual(['github update claim', 'github state'])
    expect(main.outputs['access-token']).toBe(stage.lastPair.accessToken)
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test('gives way to a later one of the same token', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: sharing,
      before: { 'github create claim': () => void putClaim(stage, 5000, 'NEW', 2) },
    })
    expectRotated(stage, main)
    expect(main.sent('box token')[0]?.at).toBeGreaterThan(5000)
    expect(main.sent('github update claim')[0]?.target).toContain('BOX_STATE_CLAIM_NEW_1')
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_3'])
  })

  test('does not give way to one of another token, or to an earlier one', async () => {
    const stage = new Stage()
    putClaim(stage, -1_000_000, '0BADF00D', 1)
    for (const epoch of [1, 2, 3, 4]) putClaim(stage, -1_000_000, 'NEW', epoch)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    // Not one by one: a later claim shows that those before it are over.
    expect(createdClaims(main)).toEqual(['NEW_1', 'NEW_2', 'NEW_4', 'NEW_5'])
    expect(main.sent('github delete claim').map(({ target }) => target.split('_CLAIM_')[1])).toEqual([
      '0BADF00D_1',
    ])
    expect(claimsOf(stage)).toEqual([
      ...[1, 2, 3, 4].map((epoch) => [`NEW_${epoch}`, 'over']),
      ['NEW_5', 'done'],
    ])
  })

  test.each([
    ['GitHub is out', replies.status(503), 15_000],
    ['GitHub does not allow it', apiError(403, 'Not now'), 0],
  ])('cannot be marked as done, because %s: that does no harm', async (_name, reply, ms) => {
    const stage = new Stage()
    stage.reply('github update claim', reply)
    const main = await stage.main({ with: sharing })
    expectRotated(stage, main)
    expect(main.log).toContain(
      'GitHub: the claim BOX_STATE_CLAIM_NEW_1 could not be tidied up; it ends with its lease.',
    )
    const times = main.sent('github update claim').map(({ at }) => at)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(ms)
    expect(main.state.get('claim')).toBe('')
  })

  test('that is already gone causes no message', async () => {
    const stage = new Stage()
    const main = await stage.main({
      with: sharing,
      before: { 'github update claim': () => stage.store.variables.delete('BOX_STATE_CLAIM_NEW_1') },
    })
    expectRotated(stage, main)
    expect(main.log.filter((line) => line.includes('could not be tidied up'))).toEqual([])
  })
})

test('a token without any permission is not mistaken for one that finds no state', async () => {
  const stage = new Stage()
  stage.github.tokens.set(writeToken, { kind: 'fine-grained', permissions: {} })
  const main = await stage.main({ with: sharing })
  expectFailed(main, 'cannot-write-secret')
  expect(main.asked).toEqual(['github state'])
})
