/**
 * Makes text from servers fit to print. Error texts of Box and GitHub are shown because they help. But a server, or a proxy
 * on the way, may echo what was sent to it: every known secret is removed first, in every common encoding.
 */

import { decoded, encodedForms, looseForms, squeeze } from './encodings.ts'

const replacement = '***'
const longestForeignText = 200
/** Far more than is printed, and little enough to search through. */
const longestSearchedText = 20_000
/**
 * This many letters and digits in a row from a secret, or from an encoded form of it, are no coincidence, even if the rest is
 * missing or other characters are in between.
 */
const tellingPiece = 12
/** A secret with fewer letters and digits than that, but at least this many, is searched for as a whole. */
const shortestTelling = 8

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
    for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
      if (from >= done) result += text.slice(done, from) + replacement
      done = Math.max(done, to)
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

function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at + tellingPiece <= text.length; at += 1) yield text.slice(at, at + tellingPiece)
}
