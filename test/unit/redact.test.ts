import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import { Redactor } from '../../src/redact.ts'

const secret = 'p@ss/w0rd+"quoted"=='

function redactor(...secrets: string[]): Redactor {
  const made = new Redactor()
  for (const one of secrets) made.add(one)
  return made
}

describe('redact', () => {
  test.each<[string, (secret: string) => string]>([
    ['plain', (text) => text],
    ['URI', encodeURIComponent],
    ['form', (text) => new URLSearchParams({ q: text }).toString()],
    ['JSON', (text) => JSON.stringify({ q: text })],
    ['hex', (text) => Buffer.from(text).toString('hex')],
    ['HEX', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ])('%s', (_name, encode) => {
    const text = redactor(secret).redact(`before ${encode(secret)} after`)
    expect(text).toContain('***')
    expect(text).not.toContain(encode(secret))
    expect(text).toMatch(/^before .* after$/)
  })

  test.each(['base64', 'base64url'] as const)('%s in every alignment', (encoding) => {
    for (let before = 0; before < 7; before += 1) {
      for (let after = 0; after < 7; after += 1) {
        const encoded = Buffer.from(`${'b'.repeat(before)}${secret}${'a'.repeat(after)}`).toString(encoding)
        const text = redactor(secret).redact(encoded)
        expect(text).toContain('***')
        // Only characters that also encode neighboring bytes may be left.
        const left = text.replace('***', '')
        expect(left.length).toBeLessThanOrEqual(Math.ceil(((before + after) * 4) / 3) + 6)
      }
    }
  })

  test('a secret inside another one is not half replaced', () => {
    expect(redactor('abcd', 'abcdefgh').redact('abcdefgh')).toBe('***')
    expect(redactor('abcdefgh', 'abcd').redact('abcdefgh')).toBe('***')
  })

  test('overlapping secrets are replaced together', () => {
    expect(redactor('abcdeIya', 'IyaXYZ').redact('1 abcdeIyaXYZ 2 IyaXYZ 3')).toBe('1 *** 2 *** 3')
  })

  test('upper and lower case do not matter, nor do other letters around it', () => {
    const hex = Buffer.from(secret).toString('hex')
    expect(redactor(secret).redact(`É ${hex.slice(0, 9).toUpperCase()}${hex.slice(9)}`)).toBe('É ***')
    expect(redactor('sesame').redact('İ sesame İ')).toBe('İ *** İ')
  })

  test('a very short secret has no encoded forms except hexadecimal', () => {
    expect(encodedForms('ab')).toEqual(['ab', '6162'])
    expect(encodedForms('')).toEqual([])
  })

  test('replacement patterns in a secret have no effect', () => {
    expect(redactor('a$&b').redact('x a$&b y')).toBe('x *** y')
  })
})

describe('foreign', () => {
  test('turns text into one line without control and format characters', () => {
    expect(redactor().foreign('a\r\n::error::b\u0000\u001b[31mc\u2028d\u202ee')).toBe(
      'a ::error::b [31mc d e',
    )
  })

  test('cuts text to 200 characters, but never inside a character', () => {
    const text = redactor().foreign('😀'.repeat(300))
    expect(Array.from(text)).toHaveLength(200)
    expect(text.endsWith('😀…')).toBe(true)
  })

  test('replaces a secret at the cut before cutting', () => {
    const text = redactor('s'.repeat(40)).foreign(`${'x'.repeat(180)}${'s'.repeat(40)}`)
    expect(text).toBe(`${'x'.repeat(180)}***`)
  })

  const token = 'rT9/xk+2"Qw8&zLm4Bv6Np0'

  test.each<[string, string]>([
    ['split by a control character', `${token.slice(0, 9)}\n${token.slice(9)}`],
    ['split by a zero-width space', `${token.slice(0, 9)}\u200b${token.slice(9)}`],
    ['encoded twice', encodeURIComponent(encodeURIComponent(encodeURIComponent(token)))],
    ['in lower-case percent escapes', encodeURIComponent(token).toLowerCase()],
    [
      'with a JSON escape for every character',
      Array.from(token)
        .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    ],
    [
      'with an HTML entity for every character',
      Array.from(token)
        .map((c) => `&#${c.charCodeAt(0)};`)
        .join(''),
    ],
    ['without its end', token.slice(0, 15)],
    ['without its beginning', token.slice(8)],
    [
      'in base64 with line breaks',
      Buffer.from(token)
        .toString('base64')
        .replace(/(.{7})/g, '$1\r\n'),
    ],
    ['in base64 without its end', Buffer.from(token).toString('base64').slice(0, 14)],
    ['in base64 without its beginning', Buffer.from(`-${token}`).toString('base64').slice(9)],
    [
      'in base64url without its beginning and end',
      Buffer.from(`--${token}`).toString('base64url').slice(7, 23),
    ],
    ['in hexadecimal without its end', Buffer.from(token).toString('hex').slice(0, 13)],
    ['in hexadecimal, a byte at a time', Buffer.from(token).toString('hex').replace(/../g, '$& ')],
    [
      'in hexadecimal, a byte at a time, without its beginning',
      Buffer.from(token).toString('hex').slice(22).replace(/../g, '$&:'),
    ],
    ['as C bytes', [...Buffer.from(token)].map((byte) => `0x${byte.toString(16)}`).join(', ')],
    ['as C escapes', [...Buffer.from(token)].map((byte) => `\\x${byte.toString(16)}`).join('')],
    [
      'as octal escapes',
      [...Buffer.from(token)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    ],
    ['as a list of numbers', JSON.stringify([...Buffer.from(token)])],
    [
      'in a body that is cut inside it',
      `{"grant_type":"refresh_token","refresh_token":"${token.slice(0, 16)}`,
    ],
    ['in percent escapes, cut inside it', encodeURIComponent(token).slice(0, 18)],
    ...['.', '-', ',', ' ', '_', '|', '\\', '.-'].map((between): [string, string] => [
      `with ${JSON.stringify(between)} between its characters`,
      Array.from(token).join(between),
    ]),
    [
      'with dots between the characters of its base64',
      Array.from(Buffer.from(token).toString('base64')).join('.'),
    ],
    [
      'in quoted-printable',
      Array.from(token)
        .map((c) => (/[A-Za-z0-9/+&]/.test(c) ? c : `=${c.charCodeAt(0).toString(16).toUpperCase()}`))
        .join('')
        .replace(/(.{10})/g, '$1=\r\n'),
    ],
    [
      'in quoted-printable for every character',
      [...Buffer.from(token)].map((byte) => `=${byte.toString(16).toUpperCase()}`).join(''),
    ],
    [
      'in full-width letters',
      Array.from(token)
        .map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))
        .join(''),
    ],
  ])('a secret %s is not shown', (_name, text) => {
    const shown = redactor(token).foreign(`before ${text} after`)
    expect(shown).toMatch(/^(?:\(withheld: it contains part of a secret\)|before \*\*\* after)$/)
  })

  test('no workflow command of either form survives, and no code markup', () => {
    expect(redactor().foreign('x ##[set-output name=a]b `c`')).toBe("x ## [set-output name=a]b 'c'")
    expect(redactor().foreign('##\u200b[add-mask]a')).toBe('## [add-mask]a')
  })
})

describe('there is no false alarm', () => {
  const withheld = '(withheld: it contains part of a secret)'

  /** Secrets as Box, GitHub and people make them; always the same ones. */
  const secrets = Array.from({ length: 60 }, (_none, seed) => {
    const digest = createHash('sha512').update(String(seed)).digest()
    return [
      digest
        .toString('base64')
        .replaceAll(/[^A-Za-z0-9]/g, '')
        .slice(0, 64),
      digest.toString('hex').slice(0, 32),
      `github_pat_11${digest.toString('base64url').toUpperCase().slice(0, 20)}_${digest.toString('hex').slice(0, 59)}`,
      `ghs_${digest
        .toString('base64')
        .replaceAll(/[^A-Za-z0-9]/g, '')
        .slice(0, 36)}`,
    ]
  }).flat()

  test.each([
    'README.md',
    'README.ja.md',
    'docs/reliability.md',
    'docs/threat-model.md',
    'docs/troubleshooting.md',
    'src/rotation/messages.ts',
    'src/failure.ts',
    'src/sharing/messages.ts',
    'src/github/remedy.ts',
    'test/fixtures/github.openapi.json',
  ])('in %s, with many secrets at once', async (file) => {
    const known = redactor(...secrets)
    const text = await readFile(join(import.meta.dirname, '..', '..', file), 'utf8')
    const lines = text.split('\n').flatMap((line) => line.match(/.{1,4000}/gu) ?? [])
    for (const line of lines) expect(known.foreign(line)).not.toBe(withheld)
  })

  test.each([
    'Resource not accessible by personal access token',
    'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
    'C0DE:1234:5678:9ABC',
    'Invalid request.\n\n"encrypted_value", "key_id" weren\'t supplied.',
    'The client credentials are invalid',
    'https://github.com/settings/personal-access-tokens/3245871',
    '2026-11-29T06:13:16Z, 568250167242549764',
  ])('at %j', (words) => {
    expect(redactor(...secrets).foreign(words)).toBe(words.replace(/\n+/g, ' '))
  })

  test('for a part that is too short to tell', () => {
    const known = redactor('rT9xk2Qw8zLm4Bv6Np0')
    expect(known.foreign('rT9xk2Qw8zL')).toBe('rT9xk2Qw8zL')
    expect(known.foreign('rT9xk2Qw8zLm')).toContain('withheld')
  })

  test('for a part of a short password: only the whole one is found', () => {
    const known = redactor('p4ss-w0rd')
    expect(known.foreign('p.4.s.s.w.0.r.d')).toContain('withheld')
    expect(known.foreign('p4ss w0r')).toBe('p4ss w0r')
  })
})
