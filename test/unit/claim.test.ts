import { beforeAll, describe, expect, test } from 'vitest'
import {
  claimPrefix,
  claimToken,
  claimValue,
  holdsAt,
  isGivenUp,
  leaseSeconds,
  liveClaim,
  nextClaim,
  readClaim,
  resumedClaim,
  type Claim,
} from '../../src/sharing/claim.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'

const leaseEndsAt = Date.UTC(2026, 10, 23, 6, 2, 10)
const nonce = '8000000080000000'
const value = '{"nonce":"8000000080000000","lease-ends-at":"2026-11-23T06:02:10.000Z"}'
const claim: Claim = {
  variable: 'BOX_STATE_CLAIM_0BADF00D_3',
  token: '0BADF00D',
  epoch: 3,
  nonce,
  leaseEndsAt,
}

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

test('the claims of a token are named after its fingerprint', () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }
  expect(claimPrefix('box_state')).toBe('BOX_STATE_CLAIM_')
  expect(claimToken(secrets, undefined)).toBe('NEW')
  // All versions have to agree on it, or two jobs hold a claim at once.
  expect(claimToken(secrets, 'token')).toBe('8100CAE7')
})

describe('a claim', () => {
  test('is read as it was written', () => {
    expect(claimValue(claim)).toBe(value)
    expect(readClaim('BOX_STATE', { name: claim.variable, value })).toEqual(claim)
  })

  test('is the same in any spelling, and of any epoch', () => {
    expect(readClaim('Box_State', { name: 'box_state_claim_new_123456789', value })).toEqual({
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
    'BOX_STATE_CLAIM_NEW_1234567890',
    'BOX_STATE_CLAIM_NEW_1X',
    'BOX_STATE_CLAIM_XNEW_1',
    'BOX_STATE_CLAIM_0BADF00_1',
    'BOX_STATE_CLAIM_0BADF00DD_1',
    'BOX_STATE_CLAIM_0BADF00G_1',
    'BOX_STATX_CLAIM_NEW_1',
  ])('%s is none', (name) => {
    expect(readClaim('BOX_STATE', { name, value })).toBeUndefined()
  })

  test.each([
    ['', '', 0],
    ['{', '', 0],
    ['null', '', 0],
    ['["1"]', '', 0],
    ['{"nonce":1,"lease-ends-at":1795413730000}', '', 0],
    ['{"nonce":"1"}', '1', 0],
    ['{"nonce":"1","lease-ends-at":"soon"}', '1', 0],
    ['{"nonce":"1","lease-ends-at":["2026-11-23T06:02:10Z"]}', '1', 0],
    ['{"lease-ends-at":"2026-11-23T06:02:10Z"}', '', leaseEndsAt],
  ])('that says %j is held by %j until %d', (text, holder, until) => {
    expect(readClaim('BOX_STATE', { name: claim.variable, value: text })).toEqual({
      ...claim,
      nonce: holder,
      leaseEndsAt: until,
    })
  })

  test('holds until its lease is over, and for no longer than the longest there is', () => {
    const longest = 7_270_000
    expect(holdsAt(claim, leaseEndsAt - 1)).toBe(true)
    expect(holdsAt(claim, leaseEndsAt)).toBe(false)
    expect(holdsAt(claim, leaseEndsAt - longest)).toBe(true)
    expect(holdsAt(claim, leaseEndsAt - longest - 1)).toBe(false)
  })
})

test.each([
  ['whose holder has ended its lease is given up', { nonce, leaseEndsAt: 0 }, true],
  ['whose lease is over is not given up by that', { nonce, leaseEndsAt: 1 }, false],
  ['that is damaged is not given up', { nonce: '', leaseEndsAt: 0 }, false],
  ['that names no holder is not given up', { nonce: '', leaseEndsAt }, false],
])('a claim %s', (_name, change, givenUp) => {
  expect(isGivenUp({ ...claim, ...change })).toBe(givenUp)
})

describe('beside other claims', () => {
  const until = (epoch: number, ms: number, token = 'NEW'): Claim => ({
    variable: `BOX_STATE_CLAIM_${token}_${epoch}`,
    token,
    epoch,
    nonce: '',
    leaseEndsAt: ms,
  })
  // GitHub's date came at 5,000 of this machine's clock.
  const moment = { date: leaseEndsAt - 100_000, at: 5000 }

  test('the one with the longest lease counts, of whatever token', () => {
    const [first, second, third] = [
      until(1, leaseEndsAt - 1),
      until(1, leaseEndsAt, '0BADF00D'),
      until(2, leaseEndsAt - 2),
    ]
    const claims = [first, second, third]
    expect(liveClaim({ claims, moment }, clockAt(5000))).toBe(second)
    expect(liveClaim({ claims: [first, third], moment }, clockAt(104_997))).toBe(first)
    expect(liveClaim({ claims: [third, first], moment }, clockAt(104_998))).toBe(first)
    expect(liveClaim({ claims, moment }, clockAt(105_000))).toBeUndefined()
    expect(liveClaim({ claims: [], moment }, clockAt(5000))).toBeUndefined()
  })

  test('the next one is of the epoch after the last of its token, and is fenced before its lease is over', () => {
    const claims = [until(4, 0), until(2, 0), until(9, 0, '0BADF00D')]
    const lease = { seconds: 130, nonce, askedAt: 4000 }
    expect(nextClaim('box_state', 'NEW', { claims, moment }, lease, clockAt(7000))).toEqual({
      variable: 'BOX_STATE_CLAIM_NEW_5',
      token: 'NEW',
      epoch: 5,
      nonce,
      leaseEndsAt: leaseEndsAt - 100_000 + 2000 + 130_000,
      fence: 4000 + 2000 + 130_000 - 1000,
    })
    expect(nextClaim('BOX_STATE', '8100CAE7', { claims, moment }, lease, clockAt(7000))).toMatchObject({
      variable: 'BOX_STATE_CLAIM_8100CAE7_1',
      epoch: 1,
    })
  })

  test('an own one is taken up by a later process with what is left of its lease', () => {
    expect(resumedClaim(claim, moment, 4000)).toEqual({ ...claim, fence: 4000 + 100_000 - 1000 })
  })
})
