/** The workflow's side of a run: masks, log lines, outputs, the annotation of a failure, the job summary. */
import type * as core from '@actions/core'
import type { Narrowing } from '../box/token-endpoint.ts'
import type { BoxUser } from '../box/users.ts'
import { isoSeconds } from '../clock.ts'
import type { Failure } from '../failure.ts'
import { Redactor, withoutCommands } from '../redact.ts'
import type { Narrator } from '../narrator.ts'

/** What of `@actions/core` is used: the runner's workflow commands and file commands. */
export type Runner = Pick<
  typeof core,
  'setSecret' | 'setOutput' | 'exportVariable' | 'info' | 'warning' | 'error' | 'summary'
>

const recoveryRemedy =
  'Pass the recovery text above to `box-token recover` on standard input (see "Recovery" in this action\'s README). Then start a new run at once: it makes the text worthless.'

/** What a successful run hands out and reports. */
export interface HandOut {
  readonly accessToken: string
  /** Milliseconds since 1970 (UTC). */
  readonly expiresAt: number
  /** Seconds that are left. */
  readonly expiresIn: number
  readonly refreshed: boolean
  /** Milliseconds since 1970 (UTC). */
  readonly refreshTokenExpiresAt: number
  /** Where the refresh token is stored, in words. */
  readonly storedIn: readonly string[]
  /** What the access token is narrowed to. */
  readonly narrowedTo: Narrowing | undefined
  /** The environment variable for later steps. */
  readonly exportVariable: string | undefined
  /** Who the token belongs to, if `verify` asked and Box said. */
  readonly owner: BoxUser | undefined
}

/** Everything a run prints or writes goes through here, where every secret known by then is removed from it. */
export class Report implements Narrator {
  readonly #runner: Runner
  readonly #redactor = new Redactor()
  readonly #masked = new Set<string>()

  constructor(runner: Runner) {
    this.#runner = runner
  }

  mask(secret: string): void {
    if (secret === '' || this.#masked.has(secret)) return
    this.#masked.add(secret)
    this.#redactor.add(secret)
    this.#runner.setSecret(secret)
  }

  info(line: string): void {
    this.#runner.info(this.#printable(line))
  }

  waiting(line: string): void {
    this.info(line)
  }

  warning(line: string): void {
    this.#runner.warning(this.#printable(line), { title: 'Box token' })
  }

  foreign(text: string): string {
    return this.#redactor.foreign(text)
  }

  #printable(text: string): string {
    return withoutCommands(this.#redactor.redact(text))
  }

  /** Sets the outputs of a run that worked, and logs how long the tokens are valid. */
  handOut(result: HandOut): void {
    const { owner } = result
    // All or nothing: every value is worked out before the first is set.
    const outputs = {
      'access-token': result.accessToken,
      'expires-at': isoSeconds(result.expiresAt),
      'expires-in': String(result.expiresIn),
      refreshed: String(result.refreshed),
      'refresh-token-expires-at': isoSeconds(result.refreshTokenExpiresAt),
    }
    if (owner) this.info(`Box: the token belongs to ${this.#ownerName(owner)}.`)
    for (const [name, value] of Object.entries(outputs)) this.#runner.setOutput(name, value)
    const { exportVariable } = result
    if (exportVariable !== undefined) this.#runner.exportVariable(exportVariable, result.accessToken)
    const as = `output "access-token"${exportVariable === undefined ? '' : ` and environment variable ${exportVariable}`}`
    this.info(`Handed out the access token, masked, as ${as}. It is valid until ${until(result)}.`)
    this.info(
      `The ${result.refreshed ? 'stored' : 'shared'} refresh token works once, until ${isoSeconds(result.refreshTokenExpiresAt)}. If no run refreshes the pair before then, somebody has to sign in to Box again.`,
    )
  }

  /** Prints the one annotation of a failed run and sets `error-code`. */
  fail(failure: Failure): void {
    this.#runner.error(this.#printable(failure.message), { title: `Box token (${failure.code})` })
    try {
      this.#runner.setOutput('error-code', failure.code)
    } catch {
      // Without an output file, the annotation must do. It is already printed.
    }
  }

  /** A bug in this action. The stack trace helps whoever fixes it; secrets are removed from it, too. */
  failUnexpectedly(error: unknown, spent: string): void {
    const message = error instanceof Error ? error.message : 'an unknown value was thrown'
    this.#runner.error(
      `This is a bug in the action: ${this.#redactor.foreign(message)}. ${spent} Please report it, with the log above.`,
      { title: 'Box token (unexpected error)' },
    )
    const frames =
      error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
    for (const frame of frames) this.info(this.#redactor.foreign(frame))
  }

  /** Prints a recovery text unredacted: redaction would make it useless, and it is sealed. */
  recovery(text: string): void {
    this.info('Recovery text (encrypted: only the owner of the client secret can decrypt it):')
    this.#runner.info(text)
  }

  /**
   * Says what to do now that the post step could not store the token either.
   *
   * @param reported whether the main step has already printed its annotation: a failure has only one
   */
  postFailed(problem: string, recovery: string | undefined, reported: boolean): void {
    if (recovery !== undefined) this.recovery(recovery)
    const next =
      recovery === undefined
        ? 'Start a new run. If it fails with `reauthorize`, sign in to Box again with `box-token login`.'
        : recoveryRemedy
    const message = this.#printable(`${problem} ${next}`)
    if (reported) this.#runner.info(message)
    else this.#runner.error(message, { title: 'Box token (secret-not-written)' })
  }

  /** Writes the recovery text into the summary. */
  async summarizeRecovery(problem: string, recovery: string): Promise<void> {
    await this.#write('Box token: the new refresh token is not stored', [
      ['What happened', problem],
      ['Recovery text', recovery],
      ['What to do next', recoveryRemedy],
    ])
  }

  /** Writes the summary of a run that worked. */
  async summarize(result: HandOut): Promise<void> {
    const rows = [
      [
        'Refresh token',
        result.refreshed
          ? `rotated and stored in the ${result.storedIn.join(' and the ')}`
          : `not used: jobs share the ${result.storedIn.join(' and the ')}`,
      ],
      ['Access token valid until', until(result)],
      ['Refresh token valid until', `${isoSeconds(result.refreshTokenExpiresAt)}, for one refresh`],
    ]
    if (result.narrowedTo) {
      const { scope, resource, sharedLink } = result.narrowedTo
      rows.push(['Access token narrowed to', [scope, resource, sharedLink].filter(Boolean).join(', ')])
    }
    if (result.owner) rows.push(['Belongs to', this.#ownerName(result.owner)])
    await this.#write(result.refreshed ? 'Box token refreshed' : 'Box token shared', rows)
  }

  /**
   * Writes the summary of a run that failed.
   *
   * @param recovery the token that Box issued to the run but that must not be stored, sealed for its owner
   */
  async summarizeFailure(failure: Failure, recovery?: string): Promise<void> {
    await this.#write(`Box token: ${failure.code}`, [
      ['What happened', failure.what],
      ['What it means for the token', failure.spent],
      ...(recovery === undefined ? [] : [['Recovery text', recovery]]),
      ['What to do next', failure.next],
    ])
  }

  async #write(heading: string, rows: readonly (readonly string[])[]): Promise<void> {
    const { summary } = this.#runner
    summary.addHeading(this.#html(heading), 3)
    summary.addTable(
      rows.map(([name = '', value = '']) => [
        { data: this.#html(name), header: true },
        value.startsWith('box-token-recovery.') ? `<code>${value}</code>` : this.#html(value),
      ]),
    )
    try {
      await summary.write()
    } catch {
      // The token is stored: a summary that can't be written must not fail the run.
      this.warning('The job summary could not be written.')
    }
  }

  #ownerName({ name, login, id }: BoxUser): string {
    return `${this.foreign(name)} (${this.foreign(login)}, user ${this.foreign(id)})`
  }

  #html(text: string): string {
    return this.#redactor
      .redact(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/`([^`]*)`/g, '<code>$1</code>')
  }
}

function until({ expiresAt, expiresIn }: HandOut): string {
  const minutes = Math.floor(expiresIn / 60)
  return `${isoSeconds(expiresAt)} (${minutes} min)`
}
