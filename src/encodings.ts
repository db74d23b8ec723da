/** The encoded forms of a text that a server may send back, and the way out of them. */

/** A shorter fragment also occurs in ordinary words, and reveals nothing. */
const shortestFragment = 4

/**
 * The encoded forms in which a secret may come back: plain, URI and form encoding, JSON, HTML, hexadecimal, base64 and
 * base64url. Base64 depends on what precedes the secret, so there are three alignments of it, without the characters that
 * also depend on their neighbors.
 *
 * @returns the forms, the secret itself first; none for an empty text
 */
export function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const uri = encodeURIComponent(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const forms = [
    secret,
    uri,
    uri.replaceAll('%20', '+'),
    encodeURIComponent(uri),
    new URLSearchParams([['', secret]]).toString().slice(1),
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    bytes.toString('hex'),
  ]
  for (let before = 0; before < 3; before += 1) {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = Math.ceil((before * 8) / 6)
    // An incomplete last group also holds bits of whatever comes next.
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    const own = base64.slice(first, last)
    forms.push(own, own.replaceAll('+', '-').replaceAll('/', '_'))
  }
  const telling = forms.filter((form) => form === secret || form.length >= shortestFragment)
  return [...new Set(telling)].filter((form) => form !== '')
}

/** Forms that are recognized by their letters and digits alone: the bytes as a sequence of numbers. */
export function looseForms(secret: string): readonly string[] {
  const bytes = [...Buffer.from(secret, 'utf8')]
  return [
    bytes.join(''),
    bytes.map((byte) => byte.toString(8).padStart(3, '0')).join(''),
    bytes.map((byte) => `x${byte.toString(16).padStart(2, '0')}`).join(''),
  ]
}

/** Only the letters and digits, in lower case and in their plain form (not full-width, for example). */
export function squeeze(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase()
}

/** Decodes several layers of percent encoding, quoted-printable, C and JSON escapes, and HTML entities. */
export function decoded(text: string): string {
  let result = text
  for (let layer = 0; layer < 3; layer += 1) {
    result = result
      .replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/(?:\\|0)x([0-9a-f]{2})/gi, (_all, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
      .replace(/\\u([0-9a-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#x([0-9a-f]{1,4});/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#(\d{1,5});/g, (_all, digits: string) => String.fromCharCode(Number(digits)))
      .replace(/\\([0-3][0-7]{2})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
      .replace(/\\(.)/g, '$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  }
  return result
}
