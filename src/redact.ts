/**
 * What makes foreign text fit to print. Error texts of Box and GitHub are shown because they help, but a server, or
 * somebody between, may echo what it was sent: every known secret is replaced first, in every common encoding.
 */

const replacement = '***'
const longestForeignText = 200
/** A fragment shorter than this stands in ordinary words too, and gives nothing away. */
const shortestFragment = 4

/**
 * The encoded forms in which a secret may come back: plain, URI and form encoding, JSON, hexadecimal, base64 and
 * base64url. Base64 shifts with what stands before the secret, so its three alignments are there without the
 * characters that also depend on the neighbours.
 *
 * @returns the forms, longest first, so that none is cut in two by the replacement of a shorter one
 */
export function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const hex = bytes.toString('hex')
  const forms = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replace(/%20/g, '+'),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    hex,
    hex.toUpperCase(),
  ]
  for (let before = 0; before < 3; before += 1) {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = Math.ceil((before * 8) / 6)
    // A last group of two or three characters holds bits of whatever comes next.
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    const own = base64.slice(first, last)
    forms.push(own, own.replaceAll('+', '-').replaceAll('/', '_'))
  }
  const telling = forms.filter((form) => form === secret || form.length >= shortestFragment)
  return [...new Set(telling)].filter((form) => form !== '').toSorted((a, b) => b.length - a.length)
}

/** Collects the secrets of a run and takes them out of text. */
export class Redactor {
  #forms: string[] = []

  /** Makes a secret known. Empty text is no secret. */
  add(secret: string): void {
    this.#forms = [...new Set([...this.#forms, ...encodedForms(secret)])].toSorted(
      (a, b) => b.length - a.length,
    )
  }

  /** Replaces every known secret, in all its encoded forms, by three asterisks. */
  redact(text: string): string {
    let result = text
    for (const form of this.#forms) result = result.replaceAll(form, replacement)
    return result
  }

  /**
   * Prepares one field of a server's answer for printing.
   *
   * @returns the text without secrets, without control and format characters (no line break can start a workflow
   *   command), with runs of spaces made one, at most 200 characters long
   */
  foreign(text: string): string {
    const line = this.redact(text)
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .trim()
    // A secret that was split by a control character is whole again only now.
    const clean = this.redact(line)
    const characters = Array.from(clean)
    return characters.length <= longestForeignText
      ? clean
      : `${characters.slice(0, longestForeignText - 1).join('')}…`
  }
}
