/**
 * Why GitHub refuses what the permissions of a token would allow, told from its own words (GitHub documents few of them;
 * they are known from public reports), and what helps. More permissions help in the last two cases only.
 */
import { parseRepository } from '../names.ts'

/** The longest address that is shown: what is longer would be cut, and lead nowhere. */
const longestAddress = 200

/** What stands between a token and what it asks for. */
export type Barrier =
  | {
      readonly kind: 'single-sign-on'
      /** Where a person authorizes the token; `undefined` where GitHub does not tell. */
      readonly address: string | undefined
    }
  | {
      readonly kind:
        | 'ip-allow-list'
        /** The organization's limit on how long a token may live. */
        | 'token-lifetime'
        /** The organization takes no tokens of this kind. */
        | 'token-kind'
        | 'archived'
        /** `GITHUB_TOKEN`, or a GitHub App's token without the permission. */
        | 'integration'
        /** A permission is missing, or an owner of the organization has yet to approve the token. */
        | 'personal-token'
    }

const words: readonly (readonly [Exclude<Barrier['kind'], 'single-sign-on'>, RegExp])[] = [
  ['ip-allow-list', /\bIP allow list\b|\bIP address is not permitted\b/i],
  ['token-lifetime', /\bforbids access via\b.*\blifetime\b/is],
  ['token-kind', /\bforbids access via\b/i],
  ['archived', /\brepository was archived\b|\barchived so is read-only\b/i],
  ['integration', /\bnot accessible by integration\b/i],
  ['personal-token', /\bnot accessible by (?:fine-grained )?personal access token\b/i],
]

/**
 * Tells what is in the way from an answer of GitHub.
 *
 * @param message as GitHub sent it
 * @returns `undefined` for every other status than 403, and for a 403 without a known reason
 */
export function barrierIn(status: number, headers: Headers, message: string): Barrier | undefined {
  if (status !== 403) return undefined
  const signOn = headers.get('x-github-sso') ?? ''
  if (/^\s*required\b/i.test(signOn) || /\bSAML enforcement\b/i.test(message))
    return { kind: 'single-sign-on', address: addressIn(signOn) }
  const kind = words.find(([, pattern]) => pattern.test(message))?.[0]
  return kind && { kind }
}

/** `x-github-sso: required; url=https://github.com/orgs/…/sso?authorization_request=…` (GitHub Docs, "SAML"). */
function addressIn(header: string): string | undefined {
  const address = /;\s*url=(https:\/\/[\w.-]+(?::\d+)?\/[\w./?=&%~+-]*)\s*$/i.exec(header)?.[1]
  return address !== undefined && address.length <= longestAddress ? address : undefined
}

/** GitHub's no, as far as it says what is in the way. */
export interface Barred {
  readonly barrier: Barrier | undefined
}

/** Who was refused, and what for. */
export interface Asker {
  /** What the token is called: `` `github-token` ``, GITHUB_TOKEN. */
  readonly token: string
  /** What it has to be, as far as that is not plain: `a fine-grained personal access token or …`, with its permission. */
  readonly wanted: string
  /** What asked: `the runner`, `this machine`. */
  readonly machine: string
  /** What to do once the barrier is gone: `start a new run`. */
  readonly again: string
}

/** What a refusal means and what helps: `reason` without a full stop, `next` a whole sentence or two. */
export interface Remedy {
  readonly reason: string
  readonly next: string
}

/** What a barrier is, in words, without a full stop; nothing where GitHub's own words say it all. */
export function barrierInWords(barrier: Barrier | undefined): string | undefined {
  switch (barrier?.kind) {
    case 'single-sign-on':
      return `the token is not authorized for the organization's single sign-on${barrier.address === undefined ? '' : ` (${barrier.address})`}`
    case 'ip-allow-list':
      return 'an IP allow list blocks this address'
    case 'token-lifetime':
      return "the token's lifetime is longer than the organization allows"
    case 'token-kind':
      return 'the organization does not accept this kind of token'
    case 'archived':
      return 'the repository is archived, which makes it read-only'
    case 'integration':
    case 'personal-token':
    case undefined:
      return undefined
  }
}

/**
 * What helps against a barrier.
 *
 * @returns `undefined` where it is a permission, or GitHub gave no reason that is known
 */
export function remedyFor({ barrier }: Barred, { token, wanted, machine, again }: Asker): Remedy | undefined {
  switch (barrier?.kind) {
    case 'single-sign-on':
      return {
        reason: "the token is not authorized for the organization's single sign-on",
        next:
          barrier.address === undefined
            ? `Authorize ${token} for the organization's single sign-on ("Configure SSO" next to the token in your GitHub settings), then ${again}.`
            : `Authorize ${token} for single sign-on at ${barrier.address}, then ${again}.`,
      }
    case 'ip-allow-list':
      return {
        reason: `an IP allow list blocks ${machine}`,
        next: `Ask an owner of the organization to add the address of ${machine} to the IP allow list, or use a machine whose address is on it, then ${again}.`,
      }
    case 'token-lifetime':
      return {
        reason: "the token's lifetime is longer than the organization allows",
        next: `In your GitHub settings, give ${token} an expiration date within that limit (or create a new token and store it), then ${again}. A GitHub App token has no such limit.`,
      }
    case 'token-kind':
      return {
        reason: 'the organization does not accept this kind of token',
        next: `Replace ${token} with a kind of token that the organization accepts (${wanted}), then ${again}.`,
      }
    case 'archived':
      return {
        reason: 'the repository is archived, which makes it read-only',
        next: `Unarchive the repository in its settings, or move the workflow and the secrets to another one, then ${again}.`,
      }
    case 'integration':
    case 'personal-token':
    case undefined:
      return undefined
  }
}

/** What else may be missing where a permission is: a sentence to go behind the one that names it, or nothing. */
export function besidesPermission({ barrier }: Barred): string {
  if (barrier?.kind === 'integration')
    return ' For a GitHub App, add the permission in its settings, then accept the change where it is installed.'
  if (barrier?.kind === 'personal-token')
    return ' If the token already has that permission, ask an owner of the organization to approve the token.'
  return ''
}

/** What a redirect of GitHub says about a repository that was renamed or moved. */
export type Moved = { readonly name: string } | { readonly id: string }

/**
 * Reads where a redirect leads. Only a name or a number is taken from it, never the address itself.
 *
 * @param location the header of that name
 */
export function movedIn(location: string): Moved | undefined {
  const id = /\/repositories\/(\d{1,18})(?:[/?]|$)/.exec(location)?.[1]
  if (id !== undefined) return { id }
  const name = /\/repos\/([^/?#]+\/[^/?#]+)(?:[/?]|$)/.exec(location)?.[1]
  return name !== undefined && parseRepository(name) ? { name } : undefined
}
