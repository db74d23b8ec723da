/**
 * Every way a run can fail, as the workflow author sees it. The codes are a contract: workflows act on them
 * (`error-code`). The troubleshooting table in README.md is generated from this file.
 */

/** The README's table, one row per code: what happened, what it means for the refresh token, what to do. ¹ is a footnote there. */
export const failureCodes = {
  'bad-input': {
    when: "An input is invalid, the secret doesn't exist, `NODE_DEBUG` would print tokens, or the shared state is marked as written by a newer version.",
    spent: 'Not used.',
    remedy: 'Fix what the message names.',
  },
  'missing-secret': {
    when: "A credential is empty: the secret isn't defined, or the run gets no secrets (fork, Dependabot).",
    spent: 'Not used.',
    remedy:
      'Define the secret where the job can read it. Runs from forks get no secrets; runs by Dependabot get only Dependabot secrets.',
  },
  'cannot-write-secret': {
    when: "GitHub says that `github-token` can't write the secret, or that its environment or organization doesn't exist.",
    spent: 'Not used.',
    remedy:
      'Do what the message says. It names the cause: a permission, single sign-on, an IP allow list, a token lifetime, an archived repository. `GITHUB_TOKEN` never works.',
  },
  'github-unavailable': {
    when: 'GitHub gave no usable answer before the refresh.',
    spent: 'Not used.',
    remedy: 'Start a new run later. For outages, see https://www.githubstatus.com.',
  },
  'bad-client': {
    when: 'Box rejects the client ID and client secret (`invalid_client`).',
    spent: 'Not used.¹',
    remedy: "Copy both again from the app's Configuration page in the Box Developer Console.",
  },
  'unauthorized-app': {
    when: "Box doesn't let this app do what it asked for (`unauthorized_client`).",
    spent: 'Not used.¹',
    remedy:
      'In the Box Developer Console, check that the app uses OAuth 2.0 user authentication and is enabled, or authorized by your admin.',
  },
  'password-reset-required': {
    when: 'The Box user must set a new password (`password_reset_required`).',
    spent: 'Not used;¹ it works again afterwards.',
    remedy: 'Sign in to box.com as that user, set a new password, then start a new run.',
  },
  'rate-limited': {
    when: 'Box answered 429 (too many requests) until `retry-for` ran out, or asked for a longer wait.',
    spent: 'Not used.¹',
    remedy: 'Start a new run later, or raise `retry-for`.',
  },
  'box-unavailable': {
    when: 'Box gave no usable answer until `retry-for` ran out, or something other than Box answered.',
    spent: 'Possibly used; the message says what is known.',
    remedy: 'Start a new run later. For outages, see https://status.box.com.',
  },
  'bad-response': {
    when: "Box's answer is not a token pair, or Box rejects the access token that it has just issued (`verify`).",
    spent: 'Possibly used; the message says what is known.',
    remedy: 'Check `box-api-url` and any proxy or firewall between the runner and Box, then start a new run.',
  },
  reauthorize: {
    when: 'Box rejects the refresh token (`invalid_grant`), and no other run appears to have rotated it.',
    spent: 'Not used by this run,¹ but no longer accepted.',
    remedy: 'Sign in to Box again with `box-token login` (see "Quick start").',
  },
  'stale-secret': {
    when: "This run's refresh token is older than the stored one: the run was queued before the last rotation, or another run stored a newer token meanwhile. Or GitHub's answer to the write got lost, and it's unclear which run wrote.",
    spent: 'Not overwritten: the stored token stays.',
    remedy:
      'Start a new run with "Run workflow" ("Re-run jobs" may still use the old value). If it happens often, see "Choose a set-up".',
  },
  'refresh-disabled': {
    when: '`auto-refresh` is `false`, and there is no valid shared access token.',
    spent: 'Not used.',
    remedy: 'Run the workflow that refreshes the shared token, then run this job again.',
  },
  'secret-not-written': {
    when: "Box issued a new pair, but it couldn't be stored on GitHub.",
    spent: 'Used. The new access token is not handed out.',
    remedy:
      'Read the log of the post step: it tries again, and if it can\'t store the token either, prints a recovery text (see "Recovery"). If it did neither, start a new run; if that fails with `reauthorize`, sign in again with `box-token login`.',
  },
} as const satisfies Record<string, { when: string; spent: string; remedy: string }>

/** The stable name of a failure: the value of the `error-code` output. */
export type FailureCode = keyof typeof failureCodes

/**
 * An expected failure: a stable code and three sentences for the person who reads the log. Its texts hold no
 * secret and nothing from a server but single fields, which the report scrubs once more before printing.
 */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  readonly code: FailureCode
  /** What happened. */
  readonly what: string
  /** What was and was not spent or written. */
  readonly spent: string
  /** The one thing to do next. */
  readonly next: string

  constructor(code: FailureCode, text: { what: string; spent: string; next: string }) {
    super(`${text.what} ${text.spent} ${text.next}`)
    this.code = code
    this.what = text.what
    this.spent = text.spent
    this.next = text.next
  }
}

/** Box does not take an access token that is good as far as is known. */
export class RejectedToken extends Failure {}

/** The sentence for every failure before Box was asked. */
export const nothingSpent = 'Nothing was used or written: the stored refresh token still works.'
