import { beforeAll, describe, expect, test } from 'vitest'
import {
  fingerprintBytes,
  fingerprintOf,
  open,
  seal,
  type EnvelopeKind,
} from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'

const secrets = { clientSecret: 'client-secret', stateKey: undefined }
const value = { refreshToken: 'r', baseline: 1 }

beforeAll(sealingReady)

test('opens to what was sealed', () => {
  const text = seal('journal', secrets, 'app', value)
  expect(text).toMatch(/^box-token-journal\.v1\.[A-Za-z0-9_-]+$/)
  expect(open('journal', secrets, 'app', text)).toEqual({ value })
  expect(seal('journal', secrets, 'app', value)).not.toBe(text)
})

// A recovery text may be used long after it was printed: a different key derivation needs a new version.
test.each<[EnvelopeKind, string | undefined, string]>([
  [
    'journal',
    undefined,
    'box-token-journal.v1.nfkqpwNNsRnAheCaX9IWvUNOO4AirBES9IeNeY2izP7l6sctsRgcmpn__qyXQXzvvYz9ZTaoPIFGLF-bAhv_4kF3_4z9niwbRg',
  ],
  [
    'recovery',
    'state-key',
    'box-token-recovery.v1.gzTpEKmHJ19kdk-sWFitP-P6iucRxikNnhyBTvCFD2moFG7-JPY0DqT6nAvcOmf8ruQ83Fsy-qO4s3tDiXnuBKTzH42br3f7Ig',
  ],
])('a %s of version 1 with the state key %s opens in every later version', (kind, stateKey, text) => {
  expect(open(kind, { clientSecret: 'client-secret', stateKey }, 'app', text)).toEqual({ value })
})

describe('does not open', () => {
  test.each<[string, { clientSecret: string; stateKey: string | undefined }, string]>([
    ['with another client secret', { clientSecret: 'other', stateKey: undefined }, 'app'],
    [
      'with a state key that it was not sealed with',
      { clientSecret: 'client-secret', stateKey: 'key' },
      'app',
    ],
    [
      'if only the concatenation of the two secrets is the same',
      { clientSecret: 'client-', stateKey: 'secret' },
      'app',
    ],
    ['for another app', secrets, 'other'],
  ])('%s', (_name, others, clientId) => {
    expect(open('journal', others, clientId, seal('journal', secrets, 'app', value))).toEqual({
      problem: 'does-not-open',
    })
  })

  test('as another kind, even under its name', () => {
    const text = seal('journal', secrets, 'app', value)
    expect(open('recovery', secrets, 'app', text)).toEqual({ problem: 'not-sealed' })
    expect(open('recovery', secrets, 'app', text.replace('journal', 'recovery'))).toEqual({
      problem: 'does-not-open',
    })
  })

  test('under another name of the same length', () => {
    const text = seal('journal', secrets, 'app', value)
    expect(open('journal', secrets, 'app', text.replace('box-token-journal', 'box-token-journey'))).toEqual({
      problem: 'not-sealed',
    })
  })

  test('with any bit changed, or cut short', () => {
    const text = seal('recovery', secrets, 'app', value)
    const prefix = 'box-token-recovery.v1.'
    const bytes = Buffer.from(text.slice(prefix.length), 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const damaged = `${prefix}${changed.toString('base64url')}`
      expect(open('recovery', secrets, 'app', damaged)).toEqual({ problem: 'does-not-open' })
      const cut = `${prefix}${bytes.subarray(0, at + 1).toString('base64url')}`
      if (at + 1 < bytes.length)
        expect(open('recovery', secrets, 'app', cut)).toEqual({ problem: 'does-not-open' })
    }
  })

  test.each([
    ['', 'not-sealed'],
    ['box-token-journal.v1.', 'not-sealed'],
    ['box-token-journal.v1.ab c', 'not-sealed'],
    ['box-token-journal.xv1.abc', 'not-sealed'],
    ['box-token-journal.v2.abc', 'newer-version'],
    ['box-token-journal.v10.abc', 'newer-version'],
  ])('%j', (text, problem) => {
    expect(open('journal', secrets, 'app', text)).toEqual({ problem })
  })
})

test('an envelope that is bound to a place opens only there', () => {
  const text = seal('state', secrets, 'app', value, ['octo-org/nightly', 'BOX_STATE'])
  expect(open('state', secrets, 'app', text, ['octo-org/nightly', 'BOX_STATE'])).toEqual({ value })
  for (const place of [
    [],
    ['octo-org/nightly'],
    ['octo-org/nightly', 'OTHER'],
    ['octo-org', 'nightly', 'BOX_STATE'],
  ])
    expect(open('state', secrets, 'app', text, place)).toEqual({ problem: 'does-not-open' })
  const anywhere = seal('state', secrets, 'app', value)
  expect(open('state', secrets, 'app', anywhere, [])).toEqual({ value })
})

describe('a fingerprint', () => {
  test('is equal only for the same token and secrets', () => {
    const hex = (token: string, clientSecret = 'client-secret', stateKey?: string): string =>
      Buffer.from(fingerprintOf({ clientSecret, stateKey }, token)).toString('hex')
    expect(hex('token')).toMatch(/^[0-9a-f]{16}$/)
    expect(fingerprintBytes).toBe(8)
    // Every later version has to find the fingerprints in a stored state.
    expect(hex('token')).toBe('8100cae78b4a1fcd')
    expect(
      new Set([hex('token'), hex('other'), hex('token', 'other'), hex('token', 'client-secret', 'k')]).size,
    ).toBe(4)
  })
})
