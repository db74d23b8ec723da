import { beforeAll, describe, expect, test } from 'vitest'
import { openRecovery, readJournal } from '../../src/journal.ts'
import { seal } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'

const target = {
  clientId: 'app',
  githubApiUrl: 'https://api.github.com',
  owner: 'octo-org',
  repo: 'nightly',
  secretName: 'BOX_REFRESH_TOKEN',
  environment: 'production',
  organization: 'octo-org',
}
const entry = { target, retryFor: 120, summary: true, sealed: 's', recovery: 'r' }
/** Every field of a target that must be there. */
const needed = ['clientId', 'githubApiUrl', 'owner', 'repo', 'secretName']

describe('a journal', () => {
  test('is read as it was written', () => {
    expect(readJournal(JSON.stringify(entry))).toEqual(entry)
  })

  test('names a place or none', () => {
    const { environment: _environment, organization: _organization, ...repositoryOnly } = target
    const text = JSON.stringify({ ...entry, target: repositoryOnly })
    expect(readJournal(text)?.target).toEqual({
      ...repositoryOnly,
      environment: undefined,
      organization: undefined,
    })
  })

  test.each(['', '{', 'null', '[]', '"journal"', '{}'])('%j is none', (text) => {
    expect(readJournal(text)).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['target', 'octo-org/nightly'],
    ['target', undefined],
    ['retryFor', '120'],
    ['summary', 'true'],
    ['sealed', undefined],
    ['recovery', 1],
  ])('with %s as %j is none', (name, value) => {
    expect(readJournal(JSON.stringify({ ...entry, [name]: value }))).toBeUndefined()
  })

  test.each(needed)('without the %s of its target is none', (name) => {
    for (const value of [undefined, 1, null]) {
      const text = JSON.stringify({ ...entry, target: { ...target, [name]: value } })
      expect(readJournal(text)).toBeUndefined()
    }
  })

  test('keeps no field that it does not know', () => {
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
    expect(openRecovery(kind, secrets, 'app', sealed(recovery, kind))).toEqual(recovery)
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
  ])('with %s sealed does not count as one', (_name, value) => {
    expect(openRecovery('recovery', secrets, 'app', sealed(value))).toEqual({ problem: 'does-not-open' })
  })
})
