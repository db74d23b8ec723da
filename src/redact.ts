/**
 * What makes foreign text fit to print. Error texts of Box and GitHub are shown because they help, but a server, or
 * somebody between, may echo what it was sent: every known secret is taken out first, in every common encoding.
 */

const replacement = '***'
const longestForeignText = 200
/** Far more than is printed, and little enough to search through. */
const longestSearchedText = 20_000
/** A fragment shorter than this stands in ordinary words too, and gives nothing away. */
const shortestFragment = 4
/** So many characters in a row that stand in a secret are no accident, even where the rest of it is missing. */
const tellingPiece = 12

/**
 * The encoded forms in which a secret may come back: plain, URI and form encoding, JSON, HTML, hexadecimal, base64 and
 * base64url. Base64 shifts with what stands before the secret, so its three alignments are there without the
 * characters that also depend on the neighbours.
 *
 * @returns the forms, the secret itself first; empty text has none
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
    // A last group of two or three characters holds bits of whatever comes next.
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    const own = base64.slice(first, last)
    forms.push(own, own.replaceAll('+', '-').replaceAll('/', '_'))
  }
  const telling = forms.filter((form) => form === secret || form.length >= shortestFragment)
  return [...new Set(telling)].filter((form) => form !== '')
}

/**
 * Makes the older form of workflow commands harmless: unlike `::command::`, the runner carries `##[command]` out
 * wherever it stands in a line (actions/runner, ActionCommand.TryParse).
 */
export function withoutCommands(text: string): string {
  return text.replaceAll('##[', '## [')
}

/** Collects the secrets of a run and takes them out of text. */
export class Redactor {
  readonly #forms = new Set<string>()
  readonly #pieces = new Set<string>()

  /** Makes a secret known. Empty text is no secret. */
  add(secret: string): void {
    for (const form of encodedForms(secret)) this.#forms.add(form)
    for (let at = 0; at + tellingPiece <= secret.length; at += 1) {
      this.#pieces.add(secret.slice(at, at + tellingPiece).toLowerCase())
    }
  }

  /**
   * Replaces every known secret, in all its encoded forms and whatever the case of their letters, by three asterisks.
   * Secrets that overlap in the text go together.
   */
  redact(text: string): string {
    const searched = text.toLowerCase()
    // Where lower case is longer or shorter than the original, positions would not fit.
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
   * @returns the text without secrets, without control and format characters (no line break can start a workflow
   *   command), without backticks and the older form of workflow commands, with runs of spaces made one, at most 200
   *   characters long; or a note that it is withheld, where what is left still gives a part of a secret away
   */
  foreign(text: string): string {
    const redacted = this.redact(text.slice(0, longestSearchedText))
    if (this.#givesAway(redacted)) return '(withheld: it repeats a part of a secret)'
    const line = redacted
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .replaceAll('`', "'")
      .trim()
    const characters = Array.from(withoutCommands(line))
    if (characters.length <= longestForeignText) return characters.join('')
    return `${characters.slice(0, longestForeignText - 1).join('')}…`
  }

  /** Whether a secret shows in part, split by spaces and the like, or under another layer of encoding. */
  #givesAway(text: string): boolean {
    const close = text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '')
    return [text, close, decoded(close)].some((view) => this.redact(view) !== view || this.#hasPiece(view))
  }

  #hasPiece(text: string): boolean {
    const searched = text.toLowerCase()
    for (let at = 0; at + tellingPiece <= searched.length; at += 1) {
      if (this.#pieces.has(searched.slice(at, at + tellingPiece))) return true
    }
    return false
  }
}

/** Takes several layers of percent encoding, JSON escapes and HTML entities off. */
function decoded(text: string): string {
  let result = text
  for (let layer = 0; layer < 3; layer += 1) {
    result = result
      .replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/\\u([0-9a-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#x([0-9a-f]{1,4});/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#(\d{1,5});/g, (_all, digits: string) => String.fromCharCode(Number(digits)))
      .replace(/\\(.)/g, '$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  }
  return result
}
