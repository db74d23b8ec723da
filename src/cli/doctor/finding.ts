/** What the doctor's checks share: their results, and what they work with. */
import type { RepositoryFacts } from '../../github/repository.ts'
import type { GitHubClient } from '../../github/client.ts'
import { isoSeconds } from '../../clock.ts'
import { writingTokens } from '../../rotation/messages.ts'
import { barrierInWords, besidesPermission, remedyFor } from '../../github/remedy.ts'
import type { Refused } from '../../github/secret-store.ts'
import type { Repository } from '../../names.ts'
import type { RetryBudget } from '../../http/retry.ts'
import type { SecretTarget } from '../../github/target.ts'

/**
 * One result of the examination.
 *
 * - `ok`: as it should be
 * - `warning`: works today, but should be read, and perhaps acted on
 * - `problem`: does not work, or could not be checked, until a person acts
 */
export type Finding =
  | { readonly level: 'ok'; readonly what: string }
  | { readonly level: 'warning' | 'problem'; readonly what: string; readonly next: string }

export function ok(what: string): Finding {
  return { level: 'ok', what }
}

export function warning(what: string, next: string): Finding {
  return { level: 'warning', what, next }
}

export function problem(what: string, next: string): Finding {
  return { level: 'problem', what, next }
}

/** What the checks work with. */
export interface Examination {
  /** Uses the token of the person who runs the command. */
  readonly client: GitHubClient
  /** Where that token is from: `GITHUB_TOKEN` or `gh`. */
  readonly reader: string
  /** The secret that holds the refresh token. */
  readonly target: SecretTarget
  /** The repository whose workflows use it; `undefined` if only an organization was given. */
  readonly repository: (Repository & RepositoryFacts) | undefined
  readonly budget: RetryBudget
  /** Rule 6: GitHub's time, in milliseconds since 1970 (UTC); `undefined` if GitHub sent none. */
  readonly now: number | undefined
  /** `box-token login` with the flags that name the same secret. */
  readonly login: string
  /** One field of a server's answer, fit to print. */
  readonly foreign: (text: string) => string
}

/** Milliseconds. */
export const dayMs = 86_400_000

/** Whole days, rounded down: neither the time left nor an age is ever overstated. */
export function wholeDays(ms: number): number {
  return Math.floor(ms / dayMs)
}

/** `1 day`, `3 days`. */
export function daysInWords(days: number): string {
  return `${days} ${days === 1 ? 'day' : 'days'}`
}

/** A moment in the past: `3 days ago (2026-11-20T06:00:00Z)`, or only the date if GitHub's time is not known. */
export function agoInWords({ now }: Examination, at: number): string {
  if (now === undefined) return `on ${isoSeconds(at)}`
  const days = wholeDays(now - at)
  return `${days <= 0 ? 'today' : `${daysInWords(days)} ago`} (${isoSeconds(at)})`
}

/** GitHub's refusal, in brackets after what was asked: `(GitHub answered 403, "Resource not accessible …")`. */
export function refusedInWords(
  { foreign }: Pick<Examination, 'foreign'>,
  { refused, message, barrier }: Refused,
): string {
  const words = foreign(message)
  const why = barrierInWords(barrier)
  return `(GitHub answered ${refused}${words === '' ? '' : `, "${words}"`}${why === undefined ? '' : `: ${why}`})`
}

/**
 * What to do about GitHub's refusal.
 *
 * @param token name of the refused token
 * @param otherwise what to do if a permission, or the place itself, is missing
 */
export function remedyOr(refused: Refused, token: string, otherwise: string): string {
  const remedy = remedyFor(refused, {
    token,
    wanted: writingTokens,
    machine: 'this machine',
    again: 'run this again',
  })
  return remedy?.next ?? `${otherwise}${besidesPermission(refused)}`
}

/** An argument as a shell needs it: quoted if necessary. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
