import { beforeAll, describe, expect, test } from 'vitest'
import { openRecovery, readClaimEntry, readJournal, StepJournal } from '../../../src/journal/journal.ts'
import { seal } from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'

const target = {
  clientId: 'app',
  githubApiUrl: 'https://api.github.com',
  owner: 'octo-org',
  repo: 'nightly',
  secretName: 'BOX_REFRESH_TOKEN',
  environment: 'production',
  organization: 'octo-org',
  stateVariable: 'BOX_STATE',
}
const entry = { target, retryFor: 120, summary: true, sealed: 's', recovery: 'r' }
/** The required fields of a target. */
const needed = ['clientId', 'githubApiUrl', 'owner', 'repo', 'secretName']

describe('a journal', () => {
  test('is read as it was written', () => {
    expect(readJournal(JSON.stringify(entry))).toEqual(entry)
  })

  test('may have a place or none', () => {
    const others = { environment: undefined, organization: undefined, stateVariable: undefined }
    const text = JSON.stringify({ ...entry, target: { ...target, ...others } })
    expect(readJournal(text)?.target).toEqual({ ...target, ...others })
  })

  test.each(['', '{', 'null', '[]', '"journal"', '{}'])('%j is not a journal', (text) => {
    expect(readJournal(text)).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['target', 'octo-org/nightly'],
    ['target', undefined],
    ['retryFor', '120'],
    ['summary', 'true'],
    ['sealed', undefined],
    ['recovery', 1],
  ])('with %s as %j is not valid', (name, value) => {
    expect(readJournal(JSON.stringify({ ...entry, [name]: value }))).toBeUndefined()
  })

  test.each(needed)('without the %s of its target is not valid', (name) => {
    for (const value of [undefined, 1, null]) {
      const text = JSON.stringify({ ...entry, target: { ...target, [name]: value } })
      expect(readJournal(text)).toBeUndefined()
    }
  })

  test('drops unknown fields', () => {
    expect(readJournal(JSON.stringify({ ...entry, later: 1, target: { ...target, later: 1 } }))).toEqual(
      entry,
    )
  })
})

describe('a recovery', () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }
  const recovery = { refreshToken: 'token', baseline: 1_700_000_000_000, target }
  type Kind = 'journal' | 'recovery'
  const sealed = (value: unknown, kind: Kind = 'recovery'): string => seal(kind, secrets, 'app', value)

  beforeAll(sealingReady)

  test.each<Kind>(['journal', 'recovery'])('opens from a %s as what was sealed', (kind) => {
    expect(openRecovery(kind, secrets, 'app', sealed(recovery, kind))).toEqual({
      ...recovery,
      shared: undefined,
    })
  })

  const access = { token: 'a', expiresAt: 2, refreshedAt: 1 }
  const shared = { access, before: 'b', over: ['c', 'd'], secretUpdatedAt: 3 }

  test.each<[string, unknown]>([
    ['all of it', shared],
    ['no access token', { ...shared, access: undefined }],
    ['no token before', { ...shared, before: undefined }],
  ])('of a shared token contains what has to be published: %s', (_name, value) => {
    expect(
      openRecovery('journal', secrets, 'app', sealed({ ...recovery, shared: value }, 'journal')),
    ).toEqual({
      ...recovery,
      shared: value,
    })
  })

  test.each<[string, unknown]>([
    ['a text', 'shared'],
    ['nothing', null],
    ['no date of the secret', { ...shared, secretUpdatedAt: undefined }],
    ['no list of tokens that are over', { ...shared, over: undefined }],
    ['a text as that list', { ...shared, over: 'c' }],
    ['a number in that list', { ...shared, over: ['c', 4] }],
    ['a number as token before', { ...shared, before: 5 }],
    ['a text as access token', { ...shared, access: 'a' }],
    ['half an access token', { ...shared, access: { token: 'a', expiresAt: 2 } }],
  ])('of a shared token with %s is damaged', (_name, value) => {
    expect(
      openRecovery('journal', secrets, 'app', sealed({ ...recovery, shared: value }, 'journal')),
    ).toEqual({
      problem: 'does-not-open',
    })
  })

  test('that does not open says why', () => {
    expect(openRecovery('recovery', secrets, 'app', 'token')).toEqual({ problem: 'not-sealed' })
    expect(openRecovery('recovery', secrets, 'other', sealed(recovery))).toEqual({ problem: 'does-not-open' })
    expect(openRecovery('recovery', secrets, 'app', 'box-token-recovery.v9.AAAA')).toEqual({
      problem: 'newer-version',
    })
  })

  test.each<[string, unknown]>([
    ['a text', 'token'],
    ['nothing', null],
    ['no token', { ...recovery, refreshToken: undefined }],
    ['a number as token', { ...recovery, refreshToken: 1 }],
    ['a text as baseline', { ...recovery, baseline: '1' }],
    ['no target', { ...recovery, target: undefined }],
    ['half a target', { ...recovery, target: { ...target, owner: undefined } }],
  ])('with %s as its content is not valid', (_name, value) => {
    expect(openRecovery('recovery', secrets, 'app', sealed(value))).toEqual({ problem: 'does-not-open' })
  })
})

const claim = { variable: 'BOX_STATE_CLAIM_0A_1', token: '0A', epoch: 1, nonce: 'n', leaseEndsAt: 4 }

describe('a claim', () => {
  const claimEntry = { target, retryFor: 120, claim }

  test('is read as it was written, without unknown fields', () => {
    expect(readClaimEntry(JSON.stringify(claimEntry))).toEqual(claimEntry)
    const more = { ...claimEntry, later: 1, claim: { ...claim, later: 1 } }
    expect(readClaimEntry(JSON.stringify(more))).toEqual(claimEntry)
    const damaged = { ...claimEntry, claim: { ...claim, secretWrittenAt: '4' } }
    expect(readClaimEntry(JSON.stringify(damaged))?.claim.secretWrittenAt).toBeUndefined()
  })

  test.each(['', '{', 'null', '"claim"', '{}', '{"claim":null}', '{"claim":"x"}'])(
    '%j is not a claim',
    (text) => {
      expect(readClaimEntry(text)).toBeUndefined()
    },
  )

  test.each<[string, unknown]>([
    ['target', undefined],
    ['target', 'octo-org/nightly'],
    ['retryFor', '120'],
    ...Object.keys(claim).flatMap((name): [string, unknown][] => [
      ['claim', { ...claim, [name]: undefined }],
      ['claim', { ...claim, [name]: [] }],
    ]),
  ])('with %s as %j is not valid', (name, value) => {
    expect(readClaimEntry(JSON.stringify({ ...claimEntry, [name]: value }))).toBeUndefined()
  })
})

describe('the journal of a step', () => {
  const secrets = { clientSecret: 'client-secret', stateKey: undefined }

  function journal(
    save: (name: string, value: string) => void,
    warnings: string[] = [],
    printed: string[] = [],
  ): StepJournal {
    const ignore = (): void => {}
    return new StepJournal({
      save,
      secrets,
      target,
      retryFor: 120,
      summary: true,
      printRecovery: (text) => void printed.push(text),
      narrator: {
        mask: ignore,
        info: ignore,
        warning: (line) => void warnings.push(line),
        waiting: () => {},
        foreign: (text) => text,
      },
    })
  }

  beforeAll(sealingReady)

  test('saves a claim with what a post step needs to give it up, and clears it when it is given up', () => {
    const saved: [string, string][] = []
    const one = journal((name, value) => void saved.push([name, value]))
    const held = { ...claim, secretWrittenAt: 1_795_413_600_000, fence: 99 }
    one.claimed(held)
    one.unclaimed()
    expect(saved.map(([name]) => name)).toEqual(['claim', 'claim'])
    const { fence: _fence, ...whole } = held
    expect(JSON.parse(saved[0]?.[1] ?? '')).toEqual({ target, retryFor: 120, claim: whole })
    expect(readClaimEntry(saved[0]?.[1] ?? '')?.claim).toEqual(whole)
    expect(saved[1]?.[1]).toBe('')
  })

  test('saves a shared pair with everything to publish; the recovery text has no access token', () => {
    const saved = new Map<string, string>()
    const one = journal((name, value) => void saved.set(name, value))
    const access = { token: 'a', expiresAt: 2, refreshedAt: 1 }
    const shared = { access, before: 'b', over: ['c'], secretUpdatedAt: 3 }
    one.issuedShared({ refreshToken: 'token', baseline: 5, ...shared })
    const read = readJournal(saved.get('journal') ?? '')
    expect(openRecovery('journal', secrets, 'app', read?.sealed ?? '')).toEqual({
      refreshToken: 'token',
      baseline: 5,
      target,
      shared,
    })
    expect(openRecovery('recovery', secrets, 'app', read?.recovery ?? '')).toEqual({
      refreshToken: 'token',
      baseline: 5,
      target,
      shared: { ...shared, access: undefined },
    })
    one.published()
    expect(saved.get('progress')).toBe('published')
  })

  test('that cannot be written keeps the recovery text until the pair is published', () => {
    const warnings: string[] = []
    const one = journal(() => {
      throw new Error('ENOSPC')
    }, warnings)
    expect(one.unsavedRecovery).toBeUndefined()
    one.issued('token', { conflictAfter: 5 })
    expect(openRecovery('recovery', secrets, 'app', one.unsavedRecovery ?? '')).toMatchObject({
      refreshToken: 'token',
      baseline: 5,
    })
    one.published()
    expect(one.unsavedRecovery).toBeUndefined()
    // There is only one warning.
    expect(warnings).toHaveLength(1)
  })

  test('that is superseded hands the recovery text to its owner before it is settled', () => {
    const printed: string[] = []
    // If the step is killed in between, its post step must find the journal unsettled.
    const printedBefore: [string, number][] = []
    const one = journal(
      (name, value) => printedBefore.push([`${name}=${value}`, printed.length]),
      [],
      printed,
    )
    one.superseded()
    expect([printed, one.handedOver]).toEqual([[], undefined])
    one.issued('token', { conflictAfter: 5 })
    one.superseded()
    expect(printed).toEqual([one.handedOver])
    expect(printedBefore.filter(([what]) => what === 'progress=settled')).toEqual([
      ['progress=settled', 0],
      ['progress=settled', 1],
    ])
    expect(openRecovery('recovery', secrets, 'app', printed[0] ?? '')).toMatchObject({
      refreshToken: 'token',
    })
  })
})
