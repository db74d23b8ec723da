import { beforeAll, describe, expect, test } from 'vitest'
import {
  accountedByHolders,
  claimPrefix,
  claimToken,
  claimValue,
  heldClaim,
  isLongOver,
  isOfEarlierState,
  isUnderstood,
  leaseSeconds,
  longestLeaseMs,
  newClaim,
  readClaim,
  shortcut,
  statusAt,
  tombstones,
  type Claim,
} from '../../../src/sharing/claim.ts'
import { fingerprintOf } from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'
import { OverTokens } from '../../../src/sharing/state.ts'

const leaseEndsAt = Date.UTC(2026, 10, 23, 6, 2, 10)
const nonce = '8000000080000000'
const value = '{"nonce":"8000000080000000","lease-ends-at":"2026-11-23T06:02:10.000Z"}'
const claim: Claim = {
  variable: 'BOX_STATE_CLAIM_0BADF00D_3',
  token: '0BADF00D',
  epoch: 3,
  nonce,
  leaseEndsAt,
  doneAt: undefined,
  secretWrittenAt: undefined,
  next: undefined,
}
const minuteMs = 60_000
/** When the variables in these tests were written. */
const writtenAt = leaseEndsAt - 2 * minuteMs

/** A clock that stands still. */
function clockAt(ms: number) {
  return { monotonic: () => ms, wall: () => 0, sleep: () => Promise.resolve() }
}

beforeAll(sealingReady)

test.each([
  [1, 12],
  [60, 130],
  [3600, 7210],
])('with `retry-for: %d` a lease takes %d s', (retryFor, seconds) => {
  expect(leaseSeconds(retryFor)).toBe(seconds)
})

test('the longest lease is not taken for damage', () => {
  expect(longestLeaseMs).toBeGreaterThan(leaseSeconds(3600) * 1000)
})

test("a token's claims are named after its fingerprint", () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }
  expect(claimPrefix('box_state')).toBe('BOX_STATE_CLAIM_')
  expect(claimToken(secrets, undefined)).toBe('NEW')
  // All versions have to agree on this, or two jobs could hold a claim at once.
  expect(claimToken(secrets, 'token')).toBe('8100CAE7')
})

function read(name: string, text: string, updatedAt: number | undefined = writtenAt): Claim | undefined {
  return readClaim('BOX_STATE', { name, value: text, updatedAt })
}

describe('until when holders account for the secret', () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }
  const token = (): string => claimToken(secrets, 'used')
  const state = () => ({ over: OverTokens.none.with(fingerprintOf(secrets, 'used'), writtenAt) })
  /** A claim whose lease took two minutes. */
  const lease = (change: Partial<Claim> = {}): Claim => ({
    ...claim,
    token: token(),
    madeAt: writtenAt,
    ...change,
  })
  const accounted = (updatedAt: number, ...claims: Claim[]) => accountedByHolders(claims, state(), updatedAt)
  const between = writtenAt + minuteMs

  test('without claims: not at all', () => {
    expect(accounted(between)).toBe(0)
  })

  test('by the latest date that one of them noted, whatever the secret shows', () => {
    const noted = [1, 3, 2].map((minutes) => lease({ doneAt: 1, secretWrittenAt: minutes * minuteMs }))
    expect(accounted(between, ...noted)).toBe(3 * minuteMs)
  })

  test.each([
    ['as its lease begins', writtenAt, true],
    ['as its lease ends', leaseEndsAt, true],
    ['before its lease', writtenAt - 1, false],
    ['after its lease', leaseEndsAt + 1, false],
  ])('one did not finish, and the secret was written %s', (_name, updatedAt, mayBeIts) => {
    expect(accounted(updatedAt, lease())).toBe(mayBeIts ? updatedAt : 0)
  })

  test.each<[string, Partial<Claim>]>([
    ['one is done, and noted no date', { doneAt: leaseEndsAt }],
    ['one was given up', { leaseEndsAt: 0 }],
    ['GitHub does not say when it was made', { madeAt: undefined }],
    ["it is for the state's own token", { token: '0BADF00D' }],
    ['it is damaged', { nonce: '' }],
  ])('%s: not at all', (_name, change) => {
    expect(accounted(between, lease(change))).toBe(0)
  })

  test('only the last holder of a token published: the secret is not of those before it', () => {
    const first = lease({ epoch: 1 })
    expect(accounted(between, first, lease({ epoch: 2, doneAt: leaseEndsAt }))).toBe(0)
    // Those that were given up published nothing, and one for another token does not count.
    expect(accounted(between, first, lease({ epoch: 2, leaseEndsAt: 0 }))).toBe(between)
    expect(accounted(between, first, lease({ token: 'NEW', epoch: 2, doneAt: 1 }))).toBe(between)
  })

  test("a person who stored the state's own token gave the claim up, with the date", () => {
    const one = lease({ token: '0BADF00D', leaseEndsAt: 0, secretWrittenAt: between })
    expect(accounted(between, one)).toBe(between)
    expect(accounted(between, { ...one, leaseEndsAt })).toBe(0)
  })
})

describe('a claim', () => {
  test('is read as it was written', () => {
    expect(claimValue(claim)).toBe(value)
    expect(read(claim.variable, value)).toEqual(claim)
    const full: Claim = {
      ...claim,
      doneAt: leaseEndsAt - minuteMs,
      secretWrittenAt: leaseEndsAt - 2 * minuteMs,
      next: { epoch: 12, since: leaseEndsAt + minuteMs },
    }
    expect(claimValue(full)).toBe(
      '{"nonce":"8000000080000000","lease-ends-at":"2026-11-23T06:02:10.000Z","done-at":"2026-11-23T06:01:10.000Z",' +
        '"secret-written-at":"2026-11-23T06:00:10.000Z","next":12,"next-since":"2026-11-23T06:03:10.000Z"}',
    )
    expect(read(claim.variable, claimValue(full))).toEqual(full)
  })

  test('is the same in any spelling, and for any epoch', () => {
    expect(
      readClaim('Box_State', { name: 'box_state_claim_new_123456789', value, updatedAt: writtenAt }),
    ).toEqual({
      ...claim,
      variable: 'BOX_STATE_CLAIM_NEW_123456789',
      token: 'NEW',
      epoch: 123_456_789,
    })
  })

  test.each([
    'BOX_STATE',
    'BOX_STATE_CLAIM_',
    'BOX_STATE_CLAIM_NEW',
    'BOX_STATE_CLAIM_NEW_',
    'BOX_STATE_CLAIM_NEW_0',
    'BOX_STATE_CLAIM_NEW_01',
    'BOX_STATE_CLAIM_NEW_1234567890',
    'BOX_STATE_CLAIM_NEW_1X',
    'BOX_STATE_CLAIM_XNEW_1',
    'BOX_STATE_CLAIM_0BADF00_1',
    'BOX_STATE_CLAIM_0BADF00DD_1',
    'BOX_STATE_CLAIM_0BADF00G_1',
    'BOX_STATX_CLAIM_NEW_1',
  ])('%s is not a claim', (name) => {
    expect(read(name, value)).toBeUndefined()
  })

  test.each([
    '',
    '{',
    'null',
    '["1"]',
    '{"nonce":1,"lease-ends-at":"2026-11-23T06:02:10Z"}',
    '{"nonce":"1"}',
    '{"nonce":"","lease-ends-at":"2026-11-23T06:02:10Z"}',
    '{"nonce":"1","lease-ends-at":"soon"}',
    '{"nonce":"1","lease-ends-at":["2026-11-23T06:02:10Z"]}',
    '{"lease-ends-at":"2026-11-23T06:02:10Z"}',
    '{"nonce":"1","lease-ends-at":"9999-12-31T23:59:59Z"}',
  ])('with the value %j was over when it was written, and is not understood', (text) => {
    const damaged = read(claim.variable, text)
    expect(damaged).toEqual({ ...claim, nonce: '', leaseEndsAt: writtenAt })
    expect(damaged && isUnderstood(damaged)).toBe(false)
    expect(damaged && statusAt(damaged, writtenAt)).toBe('over')
  })

  test('with a lease longer than the maximum, measured from its write, is damaged; up to that it is understood', () => {
    const until = (ms: number): string =>
      JSON.stringify({ nonce: '1', 'lease-ends-at': new Date(ms).toISOString() })
    expect(read(claim.variable, until(writtenAt + longestLeaseMs))?.nonce).toBe('1')
    expect(read(claim.variable, until(writtenAt + longestLeaseMs + 1))?.nonce).toBe('')
  })

  test.each(['"3"', '1.5', '0', '-1', 'null'])('with %s for the next epoch has no shortcut', (next) => {
    const text = `{"nonce":"1","lease-ends-at":"2026-11-23T06:02:10Z","next":${next},"next-since":"2026-11-23T06:02:10Z"}`
    expect(read(claim.variable, text)).toMatchObject({ nonce: '1', next: undefined })
  })

  test('without a known write time is understood if its required fields are valid', () => {
    const undated = (text: string): Claim | undefined =>
      readClaim('BOX_STATE', { name: claim.variable, value: text, updatedAt: undefined })
    expect(undated(value)).toEqual(claim)
    expect(isUnderstood(claim)).toBe(true)
    expect(undated('{"nonce":"1"}')).toMatchObject({ nonce: '', leaseEndsAt: 0 })
  })

  test('whose shortcut has no date has no shortcut', () => {
    const text = '{"nonce":"1","lease-ends-at":"2026-11-23T06:02:10Z","next":9}'
    expect(read(claim.variable, text)).toMatchObject({ nonce: '1', next: undefined })
  })
})

describe('the status of a claim', () => {
  test.each<[string, Partial<Claim>, number, string]>([
    ['before the end of its lease', {}, leaseEndsAt - 1, 'live'],
    ['at the end of its lease', {}, leaseEndsAt, 'over'],
    ['with the longest lease', {}, leaseEndsAt - longestLeaseMs, 'live'],
    ['with a lease that is too long', {}, leaseEndsAt - longestLeaseMs - 1, 'over'],
    ['whose holder has ended its lease', { leaseEndsAt: 0 }, leaseEndsAt, 'given-up'],
    ['that is damaged', { nonce: '', leaseEndsAt: 0 }, leaseEndsAt, 'over'],
    ['that is done', { doneAt: 1 }, leaseEndsAt - 1, 'done'],
  ])('%s', (_name, change, now, status) => {
    expect(statusAt({ ...claim, ...change }, now)).toBe(status)
  })

  test('is over for good when every read shows what its holder did', () => {
    expect(isLongOver(claim, leaseEndsAt)).toBe(false)
    expect(isLongOver(claim, leaseEndsAt + 30_000)).toBe(false)
    expect(isLongOver(claim, leaseEndsAt + 30_001)).toBe(true)
    // A lease that is too long is damage: nobody waits for its end.
    expect(isLongOver(claim, leaseEndsAt - longestLeaseMs - 1)).toBe(true)
    for (const change of [{ leaseEndsAt: 0 }, { doneAt: 1 }])
      expect(isLongOver({ ...claim, ...change }, leaseEndsAt + minuteMs)).toBe(false)
  })
})

describe("the job's own claim", () => {
  // GitHub's date arrived at 5,000 on this machine's clock.
  const moment = { date: leaseEndsAt - 100_000, at: 5000 }

  test('is fenced before its lease is over', () => {
    const lease = { seconds: 130, nonce, moment, askedAt: 4000 }
    expect(newClaim('box_state', 'NEW', 5, lease, clockAt(7000))).toEqual({
      ...claim,
      variable: 'BOX_STATE_CLAIM_NEW_5',
      token: 'NEW',
      epoch: 5,
      leaseEndsAt: leaseEndsAt - 100_000 + 2000 + 130_000,
      fence: 4000 + 2000 + 130_000 - 1000,
    })
  })

  test('can be taken up by a later process with the rest of its lease', () => {
    expect(heldClaim(claim, moment, 4000)).toEqual({ ...claim, fence: 4000 + 100_000 - 1000 })
  })
})

describe('claims that may be deleted', () => {
  const now = leaseEndsAt + 60 * minuteMs
  const one = (token: string, epoch: number, change: Partial<Claim> = {}): Claim => ({
    ...claim,
    variable: `BOX_STATE_CLAIM_${token}_${epoch}`,
    token,
    epoch,
    ...change,
  })

  test('are those of superseded tokens, once they have been done or over for ten minutes', () => {
    const long = one('00000001', 1, { doneAt: now - 10 * minuteMs - 1 })
    const fresh = one('00000002', 1, { doneAt: now - 10 * minuteMs })
    const over = one('00000003', 1, { leaseEndsAt: now - 10 * minuteMs - 1 })
    const justOver = one('00000004', 1, { leaseEndsAt: now - 10 * minuteMs })
    const given = one('00000005', 1, { leaseEndsAt: 0 })
    expect(tombstones([long, fresh, over, justOver, given], [], now)).toEqual([long, over, given])
  })

  test("are never those of the state's token", () => {
    const done = one('00000001', 1, { doneAt: 0 })
    expect(tombstones([done], ['00000001'], now)).toEqual([])
    expect(tombstones([done], ['00000002'], now)).toEqual([done])
  })

  test('exclude all claims of a token while one of them must stay: a job with an old read starts at the first', () => {
    const done = one('00000001', 1, { doneAt: 0 })
    const live = one('00000001', 2, { leaseEndsAt: now + minuteMs })
    expect(tombstones([done, live], [], now)).toEqual([])
  })

  test('never include a live one, however long it has been done', () => {
    expect(tombstones([one('00000001', 1, { leaseEndsAt: now + minuteMs })], [], now)).toEqual([])
  })

  describe('many claims of one token, on a dead chain', () => {
    const pile = (count: number): Claim[] =>
      Array.from({ length: count }, (_, index) => one('00000001', index + 1, { leaseEndsAt: 0 }))

    test('up to eight are left alone', () => {
      expect(shortcut(pile(7), one('00000001', 8), now)).toEqual({ note: undefined, remove: [] })
    })

    test('with more, the first one says where to go on', () => {
      const [first] = pile(1)
      expect(shortcut(pile(8), one('00000001', 9), now)).toEqual({
        note: { ...first, next: { epoch: 9, since: now } },
        remove: [],
      })
    })

    test('those in between are deleted once no read can be too old to show the note', () => {
      const noted = (since: number): Claim[] => [
        one('00000001', 1, { leaseEndsAt: 0, next: { epoch: 9, since } }),
        ...pile(9).slice(1),
      ]
      expect(shortcut(noted(now - 10 * minuteMs), one('00000001', 10), now).remove).toEqual([])
      const { note, remove } = shortcut(noted(now - 10 * minuteMs - 1), one('00000001', 10), now)
      expect(remove.map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6, 7, 8])
      expect(note).toBeUndefined()
    })

    test("but not the job's own claim or later ones, which may have been made after an old read", () => {
      const noted = one('00000001', 1, { leaseEndsAt: 0, next: { epoch: 9, since: 0 } })
      const others = [3, 5, 6].map((epoch) => one('00000001', epoch, { leaseEndsAt: 0 }))
      const { remove } = shortcut([noted, ...others], one('00000001', 5), now)
      expect(remove.map(({ epoch }) => epoch)).toEqual([3])
    })

    test('a damaged first claim gets a holder along with the note, or it would not be understood', () => {
      const [first, ...rest] = pile(8)
      if (!first) throw new Error('there are eight')
      const damaged = { ...first, nonce: '', leaseEndsAt: writtenAt }
      expect(shortcut([damaged, ...rest], one('00000001', 9), now).note?.nonce).toBe('unknown')
    })

    test('nothing happens while the first is live, without a first one, or for other tokens', () => {
      const [first, ...rest] = pile(9)
      if (!first) throw new Error('there are nine')
      const live = { ...first, leaseEndsAt: now + minuteMs }
      const none = { note: undefined, remove: [] }
      expect(shortcut([live, ...rest], one('00000001', 10), now)).toEqual(none)
      expect(shortcut(rest, one('00000001', 10), now)).toEqual(none)
      expect(shortcut(pile(9), one('00000002', 10), now)).toEqual(none)
    })
  })
})

describe('whether a claim belongs to an earlier state', () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }
  const of = (token: string): Claim => ({ ...claim, token })

  /** The tokens `first` and `second` were superseded. */
  const superseded = (): OverTokens =>
    OverTokens.none.with(fingerprintOf(secrets, 'first'), 0).with(fingerprintOf(secrets, 'second'), 0)

  test('a claim from before there was a state does, and so do those of superseded tokens', () => {
    expect(isOfEarlierState(of('NEW'), { over: superseded() })).toBe(true)
    expect(isOfEarlierState(of('NEW'), { over: OverTokens.none })).toBe(true)
    expect(isOfEarlierState(of(claimToken(secrets, 'first')), { over: superseded() })).toBe(true)
    expect(isOfEarlierState(of(claimToken(secrets, 'second')), { over: superseded() })).toBe(true)
  })

  test("the claim of the state's own token does not, and neither does that of a later token", () => {
    expect(isOfEarlierState(of(claimToken(secrets, 'third')), { over: superseded() })).toBe(false)
    expect(isOfEarlierState(of(claimToken(secrets, 'first')), { over: OverTokens.none })).toBe(false)
    // It is not found across two fingerprints either.
    const across = Buffer.from(fingerprintOf(secrets, 'first').subarray(1, 5)).toString('hex').toUpperCase()
    expect(isOfEarlierState(of(across), { over: superseded() })).toBe(false)
  })
})
