import { beforeAll, describe, expect, test } from 'vitest'
import { repositoryVariables } from '../../../src/github/stores/repository.ts'
import { fingerprintBytes, fingerprintOf, seal } from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'
import {
  accessIn,
  accountsFor,
  openState,
  OverTokens,
  sealState,
  type SharedState,
  type StateSeal,
} from '../../../src/sharing/state.ts'

const secrets = { clientSecret: 'client-secret', stateKey: undefined }
const sealing: StateSeal = {
  secrets,
  clientId: 'app',
  place: repositoryVariables('octo-org', 'nightly'),
  name: 'BOX_STATE',
}
const dayMs = 86_400_000
/** A different fingerprint for each number. */
function numbered(number: number): Uint8Array {
  const bytes = new Uint8Array(fingerprintBytes)
  new DataView(bytes.buffer).setUint32(fingerprintBytes - 4, number)
  return bytes
}
function base64(...numbers: number[]): string {
  return Buffer.concat(numbers.map(numbered)).toString('base64')
}
const access = { token: 'a', expiresAt: 3_600_000, refreshedAt: 1000 }
const state: SharedState = {
  refreshToken: 'r',
  access,
  secretUpdatedAt: 12_000,
  over: OverTokens.none.with(numbered(1), dayMs),
}

beforeAll(sealingReady)

describe('tokens that are over', () => {
  test('are grouped by day', () => {
    const over = OverTokens.none
      .with(numbered(1), 3 * dayMs)
      .with(numbered(2), 4 * dayMs - 1)
      .with(numbered(3), 4 * dayMs)
    expect(over.toJSON()).toEqual([
      [3, base64(1, 2)],
      [4, base64(3)],
    ])
    expect(over.size).toBe(3)
    for (const number of [1, 2, 3]) expect(over.has(numbered(number))).toBe(true)
    expect(over.has(numbered(4))).toBe(false)
    expect(OverTokens.none.has(numbered(1))).toBe(false)
    expect([OverTokens.none.size, OverTokens.none.toJSON()]).toEqual([0, []])
  })

  test('are compared by every byte, and not found across two of them', () => {
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
    const over = OverTokens.none
      .with(bytes(1, 2, 3, 4, 5, 6, 7, 8), 0)
      .with(bytes(9, 10, 11, 12, 13, 14, 15, 16), 0)
    expect(over.has(bytes(1, 2, 3, 4, 5, 6, 7, 9))).toBe(false)
    expect(over.has(bytes(0, 2, 3, 4, 5, 6, 7, 8))).toBe(false)
    expect(over.has(bytes(5, 6, 7, 8, 9, 10, 11, 12))).toBe(false)
  })

  test('are kept once, on the last day', () => {
    const over = OverTokens.none.with(numbered(1), 3 * dayMs).with(numbered(1), 5 * dayMs)
    expect(over.toJSON()).toEqual([[5, base64(1)]])
    const more = OverTokens.none
      .with(numbered(1), 3 * dayMs)
      .with(numbered(2), 3 * dayMs)
      .with(numbered(3), 3 * dayMs)
    expect(more.with(numbered(2), 5 * dayMs).toJSON()).toEqual([
      [3, base64(1, 3)],
      [5, base64(2)],
    ])
    expect(more.with(numbered(2), 3 * dayMs).toJSON()).toEqual([[3, base64(1, 3, 2)]])
  })

  test('are remembered for as long as jobs are given them, however long that is', () => {
    let over = OverTokens.none.with(numbered(1), 100 * dayMs)
    for (let day = 120; day <= 300; day += 20)
      over = over.with(numbered(day), day * dayMs).with(numbered(1), day * dayMs)
    expect(over.has(numbered(1))).toBe(true)
    expect(over.has(numbered(220))).toBe(false)
  })

  test("stay on the current day if another server's clock is behind", () => {
    const over = OverTokens.none.with(numbered(1), 4 * dayMs).with(numbered(2), 4 * dayMs - 1)
    expect(over.toJSON()).toEqual([[4, base64(1, 2)]])
  })

  test('are forgotten after 60 days', () => {
    const over = OverTokens.none.with(numbered(1), 100 * dayMs)
    expect(over.with(numbered(2), 161 * dayMs - 1).toJSON()).toEqual([
      [100, base64(1)],
      [160, base64(2)],
    ])
    const later = over.with(numbered(2), 161 * dayMs)
    expect(later.toJSON()).toEqual([[161, base64(2)]])
    // The original is unchanged.
    expect(over.toJSON()).toEqual([[100, base64(1)]])
  })

  test('are limited to 3,000: the oldest are dropped', () => {
    const list = (day: number, from: number, count: number): unknown => [
      day,
      base64(...Array.from({ length: count }, (_, index) => from + index)),
    ]
    const over = OverTokens.fromJSON([list(1, 0, 2), list(2, 10, 1), list(3, 100, 2997)])
    expect(over?.size).toBe(3000)
    // With one more, one of the first day is dropped; then the rest of that day, and then the next day.
    const first = over?.with(numbered(5000), 3 * dayMs)
    expect(first?.toJSON()).toEqual([
      [1, base64(1)],
      list(2, 10, 1),
      [
        3,
        Buffer.concat([Buffer.from(base64(...range(100, 2997)), 'base64'), numbered(5000)]).toString(
          'base64',
        ),
      ],
    ])
    const second = first?.with(numbered(5001), 4 * dayMs)
    expect([second?.size, second?.has(numbered(1)), second?.has(numbered(10))]).toEqual([3000, false, true])
    expect(second?.toJSON()).toHaveLength(3)
    const third = second?.with(numbered(5002), 4 * dayMs)
    expect([third?.size, third?.has(numbered(10)), third?.has(numbered(100))]).toEqual([3000, false, true])
    expect(third?.toJSON()).toHaveLength(2)
    const many = OverTokens.fromJSON([list(1, 0, 2), list(2, 10, 1), list(3, 100, 3001)])
    expect(many?.with(numbered(5000), 3 * dayMs).toJSON()).toEqual([[3, base64(...range(102, 2999), 5000)]])
  })

  test('are read as they were written', () => {
    const written = JSON.parse(JSON.stringify(state.over)) as unknown
    expect(written).toEqual([[1, base64(1)]])
    expect(OverTokens.fromJSON(written)).toEqual(state.over)
    expect(OverTokens.fromJSON([])?.size).toBe(0)
  })

  test.each<[unknown]>([
    [undefined],
    ['[]'],
    [{ length: 1 }],
    [[1]],
    [['1 ']],
    [[{ 0: 1, 1: '' }]],
    [[['1', '']]],
    [[[1.5, '']]],
    [[[Number.NaN, '']]],
    [[[1, 1]]],
    [[[1]]],
    [[[1, 'AAAA']]],
    [[[1, base64(1)], [2]]],
  ])('%j is not a valid list', (value) => {
    expect(OverTokens.fromJSON(value)).toBeUndefined()
  })
})

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

describe('a state', () => {
  test('opens to what was sealed', () => {
    const text = sealState(sealing, state)
    expect(text).toMatch(/^box-token-state\.v1\.[A-Za-z0-9_-]+$/)
    expect(openState(sealing, text)).toEqual(state)
    expect(openState(sealing, ` ${text}\n`)).toEqual(state)
  })

  test('may contain only a refresh token', () => {
    const alone = { ...state, access: undefined }
    expect(openState(sealing, sealState(sealing, alone))).toEqual(alone)
  })

  test('opens under any spelling of its name, but not under another name or place', () => {
    const text = sealState(sealing, state)
    const problem = { problem: 'does-not-open' }
    expect(openState({ ...sealing, name: 'box_state' }, text)).toEqual(state)
    expect(openState({ ...sealing, name: 'BOX_STATE_2' }, text)).toEqual(problem)
    expect(openState({ ...sealing, place: repositoryVariables('octo-org', 'other') }, text)).toEqual(problem)
    expect(openState({ ...sealing, clientId: 'other' }, text)).toEqual(problem)
  })

  test.each([
    ['box-token-state.v2.abc', 'newer-version'],
    ['box-token-state.v1.abc', 'does-not-open'],
    ['box-token-journal.v1.abc', 'does-not-open'],
    ['', 'does-not-open'],
  ])('%j: %s', (text, problem) => {
    expect(openState(sealing, text)).toEqual({ problem })
  })

  test.each<[string, unknown]>([
    ['refreshToken', 1],
    ['refreshToken', undefined],
    ['secretUpdatedAt', '12000'],
    ['secretUpdatedAt', undefined],
    ['over', undefined],
    ['over', [[1, 'AAAA']]],
    ['access', null],
    ['access', { ...access, token: undefined }],
  ])('with %s as %j is not valid', (name, value) => {
    const content = { ...state, over: state.over.toJSON(), [name]: value }
    const binding = ['repository', 'octo-org/nightly', 'BOX_STATE']
    const open = (text: string): unknown => openState(sealing, text)
    expect(open(seal('state', secrets, 'app', { ...state, over: [] }, binding))).toMatchObject({ access })
    expect(open(seal('state', secrets, 'app', content, binding))).toEqual({ problem: 'does-not-open' })
  })

  test('that is not an object is not valid', () => {
    const binding = ['repository', 'octo-org/nightly', 'BOX_STATE']
    for (const value of [null, 'state', []]) {
      expect(openState(sealing, seal('state', secrets, 'app', value, binding))).toEqual({
        problem: 'does-not-open',
      })
    }
  })

  test('accounts for its own refresh token, and for earlier ones', () => {
    const over = OverTokens.none.with(fingerprintOf(secrets, 'older'), dayMs)
    expect(accountsFor(sealing, { ...state, over }, 'r')).toBe(true)
    expect(accountsFor(sealing, { ...state, over }, 'older')).toBe(true)
    expect(accountsFor(sealing, { ...state, over }, 'newly-authorized')).toBe(false)
  })
})

describe('an access token', () => {
  test('drops unknown fields', () => {
    expect(accessIn({ ...access, later: 1 })).toEqual(access)
  })

  test.each<[string, unknown]>([
    ['token', 1],
    ['expiresAt', '1'],
    ['refreshedAt', undefined],
  ])('with %s as %j is not valid', (name, value) => {
    expect(accessIn({ ...access, [name]: value })).toBeUndefined()
  })

  test.each([[undefined], [null], ['a']])('%j is not valid', (value) => {
    expect(accessIn(value)).toBeUndefined()
  })
})
