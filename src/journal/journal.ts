/**
 * Rule 3: as soon as Box has answered, the new refresh token is saved in the step's state, sealed, so that `post` can finish
 * what the main step could not, whatever happened to it. The runner keeps what is written here even if the process is killed
 * a moment later. With debug logging, it prints the state: nobody can read it without the client secret.
 */
import type { Narrator } from '../narrator.ts'
import { isRecord } from '../json.ts'
import type { OwnClaim } from '../sharing/claim.ts'
import type { IssuedShared } from '../sharing/shared-rotation.ts'
import { accessIn } from '../sharing/state.ts'
import { open, seal, type EnvelopeSecrets, type NotOpened } from '../sealing/envelope.ts'
import { stateNames, type Progress } from './step-state.ts'

/** Where the token belongs. Not secret, and kept readable, because `post` may see another action's inputs. */
export interface Target {
  readonly clientId: string
  readonly githubApiUrl: string
  readonly owner: string
  readonly repo: string
  readonly environment: string | undefined
  readonly organization: string | undefined
  readonly secretName: string
  /** The variable that jobs share the pair through. */
  readonly stateVariable: string | undefined
}

/** What a recovery text holds: the new refresh token, and what it may be written over. No access token. */
export interface Recovery {
  readonly refreshToken: string
  /** A write of the secret after this is somebody else's, in milliseconds since 1970 (UTC). `neverWritten`: it did not exist. */
  readonly baseline: number
  readonly target: Target
}

/** What a journal holds: what to store and, if the token is shared, what to publish first. */
export interface JournalContent extends Recovery {
  readonly shared: SharedIssue | undefined
}

/** The part of a journal about the shared state. */
export type SharedIssue = Omit<IssuedShared, 'refreshToken' | 'baseline'>

/** The baseline of a secret that `login` was about to create. */
export const neverWritten = 0

/** What `post` finds in the saved state. */
export interface JournalEntry {
  readonly target: Target
  /** Seconds. */
  readonly retryFor: number
  readonly summary: boolean
  /** Sealed as a journal; see `openJournal`. */
  readonly sealed: string
  /** The same, sealed as a recovery text: `post` can print it even if it can't open anything. */
  readonly recovery: string
}

/** Writes one value of the step's state. It must be synchronous, or it is worth nothing. */
export type SaveState = (name: string, value: string) => void

/** Everything that the journal of one run needs. */
export interface JournalOptions {
  readonly save: SaveState
  readonly secrets: EnvelopeSecrets
  readonly target: Target
  /** Seconds. */
  readonly retryFor: number
  readonly summary: boolean
  readonly narrator: Narrator
  /** Prints a recovery text for its owner. */
  readonly printRecovery: (text: string) => void
}

/** The main step's side of the journal. */
export class StepJournal {
  readonly #options: JournalOptions
  #unsaved: string | undefined
  /** The recovery text for what Box issued last. */
  #recovery: string | undefined
  #handedOver: string | undefined
  #hasProgress = false
  #hasWarned = false

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /** The recovery text, if the state could not be written: then `post` can't print it. */
  get unsavedRecovery(): string | undefined {
    return this.#unsaved
  }

  /** Rule 9: the recovery text that was printed because its token must not be stored. */
  get handedOver(): string | undefined {
    return this.#handedOver
  }

  /** Box has answered. Returns only when everything is on disk. */
  issued(refreshToken: string, { conflictAfter }: { readonly conflictAfter: number }): void {
    this.#write({ refreshToken, baseline: conflictAfter, target: this.#options.target }, undefined)
  }

  issuedShared({ refreshToken, baseline, ...shared }: IssuedShared): void {
    this.#write({ refreshToken, baseline, target: this.#options.target }, shared)
  }

  #write(recovery: Recovery, shared: SharedIssue | undefined): void {
    const { secrets, target, retryFor, summary } = this.#options
    const entry: JournalEntry = {
      target,
      retryFor,
      summary,
      sealed: seal('journal', secrets, target.clientId, { ...recovery, shared }),
      recovery: recoveryText(secrets, { ...recovery, shared }),
    }
    // The previous pair's progress says nothing about this one. Without it, the old pair does no harm: it is superseded.
    if (this.#hasProgress) this.#save(stateNames.progress, '')
    this.#hasProgress = false
    this.#recovery = entry.recovery
    if (!this.#save(stateNames.journal, JSON.stringify(entry))) this.#unsaved = entry.recovery
  }

  claimed({ variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt }: OwnClaim): void {
    const { target, retryFor } = this.#options
    const claim = { variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt }
    this.#save(stateNames.claim, JSON.stringify({ target, retryFor, claim } satisfies ClaimEntry))
  }

  unclaimed(): void {
    this.#save(stateNames.claim, '')
  }

  published(): void {
    this.#unsaved = undefined
    this.#progress('published')
  }

  aboutToStore(): void {
    this.#progress('about-to-store')
  }

  settled(): void {
    this.#unsaved = undefined
    this.#progress('settled')
  }

  superseded(): void {
    // In this order: once it is settled, the post step no longer prints it.
    this.#handedOver = this.#recovery
    if (this.#recovery !== undefined) this.#options.printRecovery(this.#recovery)
    this.settled()
  }

  /** The main step has printed its annotation about a token that is not stored. */
  reported(): void {
    if (this.#unsaved === undefined) this.#save(stateNames.reported, 'true')
  }

  #progress(progress: Progress): void {
    this.#hasProgress = true
    this.#save(stateNames.progress, progress)
  }

  /** A state that can't be written must not stop the token from being stored as usual. */
  #save(name: string, value: string): boolean {
    try {
      this.#options.save(name, value)
      return true
    } catch {
      if (!this.#hasWarned) {
        this.#options.narrator.warning(
          'The state of this step could not be saved: if the step is killed now, its post step cannot store the token.',
        )
      }
      this.#hasWarned = true
      return false
    }
  }
}

/** A claim that the main step holds, for the post step. Not secret. */
export interface ClaimEntry {
  readonly target: Target
  /** Seconds. */
  readonly retryFor: number
  readonly claim: OwnClaim
}

/** Reads the claim that the main step left; `undefined` if it left none. */
export function readClaimEntry(text: string): ClaimEntry | undefined {
  let entry: unknown
  try {
    entry = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(entry) || !isRecord(entry['claim'])) return undefined
  const target = targetIn(entry['target'])
  const { retryFor } = entry
  const { variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt: date } = entry['claim']
  if (!target || typeof retryFor !== 'number' || typeof variable !== 'string') return undefined
  if (typeof token !== 'string' || typeof epoch !== 'number' || typeof nonce !== 'string') return undefined
  if (typeof leaseEndsAt !== 'number') return undefined
  const secretWrittenAt = typeof date === 'number' ? date : undefined
  return { target, retryFor, claim: { variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt } }
}

/** Reads what the main step left; `undefined` if it is not a journal of this version. */
export function readJournal(text: string): JournalEntry | undefined {
  let entry: unknown
  try {
    entry = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(entry)) return undefined
  const { target: given, retryFor, summary, sealed, recovery } = entry
  const target = targetIn(given)
  if (!target || typeof retryFor !== 'number' || typeof summary !== 'boolean') return undefined
  if (typeof sealed !== 'string' || typeof recovery !== 'string') return undefined
  return { target, retryFor, summary, sealed, recovery }
}

/** Seals a recovery text: one line that only the app's owner can open. It outlives the step, so it holds no access token. */
export function recoveryText(secrets: EnvelopeSecrets, { shared, ...recovery }: JournalContent): string {
  return seal('recovery', secrets, recovery.target.clientId, {
    ...recovery,
    shared: shared && { ...shared, access: undefined },
  })
}

/** Opens a journal or a recovery text. */
export function openRecovery(
  kind: 'journal' | 'recovery',
  secrets: EnvelopeSecrets,
  clientId: string,
  text: string,
): JournalContent | { readonly problem: NotOpened } {
  const opened = open(kind, secrets, clientId, text)
  if ('problem' in opened) return opened
  const { value } = opened
  if (!isRecord(value)) return { problem: 'does-not-open' }
  const target = targetIn(value['target'])
  const { refreshToken, baseline } = value
  if (!target || typeof refreshToken !== 'string' || typeof baseline !== 'number')
    return { problem: 'does-not-open' }
  const shared = sharedIn(value['shared'])
  return shared === 'damaged' ? { problem: 'does-not-open' } : { refreshToken, baseline, target, shared }
}

function sharedIn(value: unknown): SharedIssue | undefined | 'damaged' {
  if (value === undefined) return undefined
  if (!isRecord(value)) return 'damaged'
  const { access: given, before, over, secretUpdatedAt } = value
  if (typeof secretUpdatedAt !== 'number' || !Array.isArray(over)) return 'damaged'
  const tokens = (over as unknown[]).filter((token) => typeof token === 'string')
  if (tokens.length !== over.length || (before !== undefined && typeof before !== 'string')) return 'damaged'
  const access = given === undefined ? undefined : accessIn(given)
  if (given !== undefined && !access) return 'damaged'
  return { access, before, over: tokens, secretUpdatedAt }
}

function targetIn(value: unknown): Target | undefined {
  if (!isRecord(value)) return undefined
  const text = (name: string): string | undefined => {
    const field = value[name]
    return typeof field === 'string' ? field : undefined
  }
  const [clientId, githubApiUrl, owner, repo, secretName] = [
    text('clientId'),
    text('githubApiUrl'),
    text('owner'),
    text('repo'),
    text('secretName'),
  ]
  if (clientId === undefined || githubApiUrl === undefined || secretName === undefined) return undefined
  if (owner === undefined || repo === undefined) return undefined
  return {
    clientId,
    githubApiUrl,
    owner,
    repo,
    secretName,
    environment: text('environment'),
    organization: text('organization'),
    stateVariable: text('stateVariable'),
  }
}
