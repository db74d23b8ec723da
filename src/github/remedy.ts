/**
 * Why GitHub refuses something that a token's permissions would allow, and what to do about it. The reason is read from
 * GitHub's own wording, which is mostly undocumented and known from public reports. More permissions help only in the
 * last two cases.
 */
import { parseRepository } from '../names.ts'

/** The longest address that is shown. A longer one would be cut off, and lead nowhere. */
const longestAddress = 200

/** What keeps a token from what it asks for. */
export type Barrier =
  | {
      readonly kind: 'single-sign-on'
      /** Where a person can authorize the token; `undefined` if GitHub does not say. */
      readonly address: string | undefined
    }
  | {
      readonly kind:
        | 'ip-allow-list'
        /** The organization limits the lifetime of tokens. */
        | 'token-lifetime'
        /** The organization does not accept this kind of token. */
        | 'token-kind'
        | 'archived'
        /** This is `GITHUB_TOKEN`, or a GitHub App's token without the permission. */
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
 * Finds out from GitHub's answer what is in the way.
 *
 * @param message as GitHub sent it
 * @returns `undefined` for any status but 403, and for a 403 whose reason is not known
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

/** A refusal by GitHub, with its reason if that is known. */
export interface Barred {
  readonly barrier: Barrier | undefined
}

/** Who was refused, in the words that a remedy needs. */
export interface Asker {
  /** What the user calls the token: `` `github-token` ``, GITHUB_TOKEN. */
  readonly token: string
  /** The kind of token that is needed, and its permission if need be: `a fine-grained personal access token or …`. */
  readonly wanted: string
  /** Where the request came from: `the runner`, `this machine`. */
  readonly machine: string
  /** What to do once the barrier is removed: `start a new run`. */
  readonly again: string
}

/** What a refusal means and what to do: `reason` has no full stop, `next` is one or two whole sentences. */
export interface Remedy {
  readonly reason: string
  readonly next: string
}

/** A barrier in words, without a full stop; `undefined` if GitHub's own words say it all. */
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
 * What to do about a barrier.
 *
 * @returns `undefined` if a permission is missing, or if GitHub's reason is not known
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

/** What else may be missing besides a permission: a sentence to append to the one that names it, or `''`. */
export function besidesPermission({ barrier }: Barred): string {
  if (barrier?.kind === 'integration')
    return ' For a GitHub App, add the permission in its settings, then accept the change where it is installed.'
  if (barrier?.kind === 'personal-token')
    return ' If the token already has that permission, ask an owner of the organization to approve the token.'
  return ''
}

/** What GitHub's redirect says about a repository that was renamed or moved. */
export type Moved = { readonly name: string } | { readonly id: string }

/**
 * Reads where a redirect leads. Only a name or a number is taken from it; the address itself is never used.
 *
 * @param location the `Location` header
 */
export function movedIn(location: string): Moved | undefined {
  const id = /\/repositories\/(\d{1,18})(?:[/?]|$)/.exec(location)?.[1]
  if (id !== undefined) return { id }
  const name = /\/repos\/([^/?#]+\/[^/?#]+)(?:[/?]|$)/.exec(location)?.[1]
  return name !== undefined && parseRepository(name) ? { name } : undefined
}
