/**
 * Makes text from servers fit to print. Error texts of Box and GitHub are shown because they help. But a server, or a proxy
 * on the way, may echo what was sent to it: every known secret is removed first, in every common encoding.
 */

const replacement = '***'
const longestForeignText = 200
/** Far more than is printed, and little enough to search through. */
const longestSearchedText = 20_000
/** A shorter fragment also occurs in ordinary words, and reveals nothing. */
const shortestFragment = 4
/**
 * This many letters and digits in a row from a secret, or from an encoded form of it, are no coincidence, even if the rest is
 * missing or other characters are in between.
 */
const tellingPiece = 12
/** A secret with fewer letters and digits than that, but at least this many, is searched for as a whole. */
const shortestTelling = 8

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

/**
 * Defuses the older form of workflow commands: unlike `::command::`, the runner executes `##[command]` anywhere in a line
 * (actions/runner, ActionCommand.TryParse).
 */
export function withoutCommands(text: string): string {
  return text.replaceAll('##[', '## [')
}

/** Collects the secrets of a run and removes them from text. */
export class Redactor {
  readonly #forms = new Set<string>()
  /** Pieces of all forms, each of `tellingPiece` characters in lower case. */
  readonly #pieces = new Set<string>()
  /** The letters and digits of forms that are too short for a piece. */
  readonly #wholes = new Set<string>()
  /** Secrets not yet broken into pieces: there are thousands of pieces, and only text from servers needs them. */
  #unbroken: string[] = []

  /** Registers a secret. An empty text is not one. */
  add(secret: string): void {
    for (const form of encodedForms(secret)) this.#forms.add(form)
    this.#unbroken.push(secret)
  }

  #breakUp(secret: string): void {
    // Including the other characters: a secret may consist mostly of them.
    for (const piece of piecesOf(secret.toLowerCase())) this.#pieces.add(piece)
    for (const form of [...encodedForms(secret), ...looseForms(secret)]) {
      const squeezed = squeeze(form)
      if (squeezed.length >= shortestTelling && squeezed.length < tellingPiece) this.#wholes.add(squeezed)
      for (const piece of piecesOf(squeezed)) this.#pieces.add(piece)
    }
  }

  /**
   * Replaces every known secret with three asterisks, in all its encoded forms, in upper or lower case. Secrets that overlap
   * in the text become one.
   */
  redact(text: string): string {
    const searched = text.toLowerCase()
    // If the text in lower case has another length, positions would not match.
    const fits = searched.length === text.length
    const found: { from: number; to: number }[] = []
    for (const form of this.#forms) {
      const wanted = fits ? form.toLowerCase() : form
      const place = fits ? searched : text
      for (let from = place.indexOf(wanted); from >= 0; from = place.indexOf(wanted, from + 1)) {
        found.push({ from, to: from + wanted.length })
      }
    }
    let result = ''
    let done = 0
    let end = -1
    for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
      if (from >= end) {
        result += text.slice(done, from) + replacement
      }
      end = Math.max(end, to)
      done = end
    }
    return result + text.slice(done)
  }

  /**
   * Prepares one field of a server's answer for printing.
   *
   * @returns the text without secrets, without control and format characters (so that no line break can start a workflow
   *   command), without backticks and the older form of workflow commands, with single spaces, and at most 200 characters
   *   long; or a note that it is withheld, if what is left still reveals part of a secret
   */
  foreign(text: string): string {
    const redacted = this.redact(text.slice(0, longestSearchedText))
    if (this.#givesAway(redacted)) return '(withheld: it contains part of a secret)'
    const line = redacted
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .replaceAll('`', "'")
      .trim()
    const characters = Array.from(withoutCommands(line))
    if (characters.length <= longestForeignText) return characters.join('')
    return `${characters.slice(0, longestForeignText - 1).join('')}…`
  }

  /** Whether part of a secret shows, or one that is split by other characters or under another layer of encoding. */
  #givesAway(text: string): boolean {
    for (const secret of this.#unbroken) this.#breakUp(secret)
    this.#unbroken = []
    const close = text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '')
    return [text, close, decoded(text), decoded(close)].some(
      (view) =>
        this.redact(view) !== view || this.#hasPiece(view.toLowerCase()) || this.#hasPiece(squeeze(view)),
    )
  }

  #hasPiece(text: string): boolean {
    for (const piece of piecesOf(text)) if (this.#pieces.has(piece)) return true
    return [...this.#wholes].some((whole) => text.includes(whole))
  }
}

/** Forms that are recognized by their letters and digits alone: the bytes as a sequence of numbers. */
function looseForms(secret: string): readonly string[] {
  const bytes = [...Buffer.from(secret, 'utf8')]
  return [
    bytes.join(''),
    bytes.map((byte) => byte.toString(8).padStart(3, '0')).join(''),
    bytes.map((byte) => `x${byte.toString(16).padStart(2, '0')}`).join(''),
  ]
}

function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at + tellingPiece <= text.length; at += 1) yield text.slice(at, at + tellingPiece)
}

/** Only the letters and digits, in lower case and in their plain form (not full-width, for example). */
function squeeze(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase()
}

/** Decodes several layers of percent encoding, quoted-printable, C and JSON escapes, and HTML entities. */
function decoded(text: string): string {
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
