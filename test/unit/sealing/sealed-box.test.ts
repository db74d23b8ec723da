import { open } from 'tweetnacl-sealedbox-js'
import nacl from 'tweetnacl'
import { beforeAll, expect, test } from 'vitest'
import { canSeal, isPublicKey, sealFor, sealingReady } from '../../../src/sealing/sealed-box.ts'

beforeAll(sealingReady)

test('another library opens the sealed value', () => {
  const { publicKey, secretKey } = nacl.box.keyPair()
  const key = { keyId: '1', publicKey: Buffer.from(publicKey).toString('base64') }
  for (const value of ['token', 'é🔑', 'x'.repeat(48_000)]) {
    const sealed = sealFor(key, value)
    expect(sealed).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
    expect(sealFor(key, value), 'sealed anew each time').not.toBe(sealed)
    const opened = open(Buffer.from(sealed, 'base64'), publicKey, secretKey)
    expect(Buffer.from(opened ?? []).toString('utf8')).toBe(value)
  }
})

test('a public key is 32 bytes of base64', () => {
  expect(isPublicKey(Buffer.alloc(32, 1).toString('base64'))).toBe(true)
  for (const length of [0, 31, 33, 64])
    expect(isPublicKey(Buffer.alloc(length, 1).toString('base64'))).toBe(false)
  expect(isPublicKey('*'.repeat(43) + '=')).toBe(false)
  const key = Buffer.alloc(32, 1).toString('base64')
  expect(isPublicKey(`A${key}`)).toBe(false)
  expect(isPublicKey(`${key}A`)).toBe(false)
})

test('not every 32 bytes are a usable public key', () => {
  const { publicKey } = nacl.box.keyPair()
  expect(canSeal({ keyId: '1', publicKey: Buffer.from(publicKey).toString('base64') })).toBe(true)
  expect(canSeal({ keyId: '1', publicKey: Buffer.alloc(32).toString('base64') })).toBe(false)
})
