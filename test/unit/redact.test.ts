import { describe, expect, test } from 'vitest'
import { encodedForms, Redactor } from '../../src/redact.ts'

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
        // At most the characters that are made of the neighbours, too, are left.
        const left = text.replace('***', '')
        expect(left.length).toBeLessThanOrEqual(Math.ceil(((before + after) * 4) / 3) + 6)
      }
    }
  })

  test('a secret within another one is not left in half', () => {
    expect(redactor('abcd', 'abcdefgh').redact('abcdefgh')).toBe('***')
    expect(redactor('abcdefgh', 'abcd').redact('abcdefgh')).toBe('***')
  })

  test('secrets that overlap go together', () => {
    expect(redactor('abcdeIya', 'IyaXYZ').redact('1 abcdeIyaXYZ 2 IyaXYZ 3')).toBe('1 *** 2 *** 3')
  })

  test('the case of letters does not matter, nor other letters beside', () => {
    const hex = Buffer.from(secret).toString('hex')
    expect(redactor(secret).redact(`É ${hex.slice(0, 9).toUpperCase()}${hex.slice(9)}`)).toBe('É ***')
    expect(redactor('sesame').redact('İ sesame İ')).toBe('İ *** İ')
  })

  test('a short secret goes in its plain form only', () => {
    expect(encodedForms('ab')).toEqual(['ab', '6162'])
    expect(encodedForms('')).toEqual([])
  })

  test('patterns of replacement mean nothing', () => {
    expect(redactor('a$&b').redact('x a$&b y')).toBe('x *** y')
  })
})

describe('foreign', () => {
  test('becomes one line without control and format characters', () => {
    expect(redactor().foreign('a\r\n::error::b\u0000\u001b[31mc\u2028d\u202ee')).toBe(
      'a ::error::b [31mc d e',
    )
  })

  test('is cut to 200 characters, not in the middle of one', () => {
    const text = redactor().foreign('😀'.repeat(300))
    expect(Array.from(text)).toHaveLength(200)
    expect(text.endsWith('😀…')).toBe(true)
  })

  test('a secret at the cut is replaced before the cut', () => {
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
      'with JSON escapes for everything',
      Array.from(token)
        .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    ],
    [
      'with HTML entities for everything',
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
  ])('a secret %s is not shown', (_name, text) => {
    const shown = redactor(token).foreign(`before ${text} after`)
    expect(shown).toMatch(/^(?:\(withheld: it repeats a part of a secret\)|before \*\*\* after)$/)
  })

  test('no workflow command of either form survives, and no code mark-up', () => {
    expect(redactor().foreign('x ##[set-output name=a]b `c`')).toBe("x ## [set-output name=a]b 'c'")
    expect(redactor().foreign('##\u200b[add-mask]a')).toBe('## [add-mask]a')
  })
})
