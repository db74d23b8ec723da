/**
 * Every way in which a run can fail, as the workflow author sees it. The codes are a contract: workflows act on
 * them (`error-code`), and the troubleshooting table in README.md is generated from this file.
 */

/** What a code means and the way out of it, in general; each failure adds its own particulars. ¹ is a footnote in README.md. */
export const failureCodes = {
  'bad-input': {
    when: 'An input has no valid value, the secret to write does not exist, `NODE_DEBUG` would print what is sent, or the shared state is marked as written by a newer version.',
    spent: 'Nothing.',
    remedy: 'Correct what the message names.',
  },
  'missing-secret': {
    when: 'A credential is empty: the secret is not defined, or the run gets no secrets (a fork, Dependabot).',
    spent: 'Nothing.',
    remedy:
      'Define the secret in the place that the job reads. Runs from forks get no secrets at all; runs by Dependabot get Dependabot secrets only.',
  },
  'cannot-write-secret': {
    when: 'GitHub says that `github-token` may not write the secret, or the place that should hold it is not there.',
    spent: 'Nothing.',
    remedy:
      'Do what the message says: it tells a missing permission from single sign-on, an IP allow list, a limit on the lifetime of tokens, and an archived repository. `github-token` must be a fine-grained personal token or a GitHub App token; such tokens expire. `GITHUB_TOKEN` cannot write secrets.',
  },
  'github-unavailable': {
    when: 'GitHub did not answer usefully before the refresh.',
    spent: 'Nothing.',
    remedy: 'Start a new run later; https://www.githubstatus.com tells about outages.',
  },
  'bad-client': {
    when: 'Box does not accept the client id and client secret (`invalid_client`).',
    spent: 'Nothing.¹',
    remedy: "Copy both again from the app's Configuration page in the Box Developer Console.",
  },
  'unauthorized-app': {
    when: 'Box does not let this app do what was asked (`unauthorized_client`).',
    spent: 'Nothing.¹',
    remedy:
      'In the Box Developer Console, make sure that the app uses OAuth 2.0 user authentication and is enabled or authorized by the administrator.',
  },
  'password-reset-required': {
    when: 'The Box user must set a new password first (`password_reset_required`).',
    spent: 'Nothing;¹ the stored token works again afterwards.',
    remedy: 'Let that user log in at box.com and set a new password, then start a new run.',
  },
  'rate-limited': {
    when: 'Box answered 429 (too many requests) until `retry-for` ran out, or asks to wait for longer than that.',
    spent: 'Nothing.¹',
    remedy: 'Start a new run later, or raise `retry-for`.',
  },
  'box-unavailable': {
    when: 'Box did not answer usefully until `retry-for` ran out, or what answered is not Box.',
    spent: 'Perhaps the stored refresh token: the message says what is known.',
    remedy: 'Start a new run later; https://status.box.com tells about outages.',
  },
  'bad-response': {
    when: 'Box answered with something that is no token pair, or does not accept the access token that it has just issued (`verify`).',
    spent: 'Perhaps the stored refresh token: the message says what is known.',
    remedy: 'Check `box-api-url` and what stands between the runner and Box, then start a new run.',
  },
  reauthorize: {
    when: 'Box refuses the refresh token (`invalid_grant`), and nothing says that another run rotated it.',
    spent: 'Nothing.¹',
    remedy: 'Log in to Box again with `box-token login` ("Log in" above).',
  },
  'stale-secret': {
    when: "This run holds an older refresh token than the stored one (it was queued before the last rotation), or another run stored a newer one meanwhile, or GitHub's answer to the write got lost and it cannot be told who wrote.",
    spent: 'Nothing is overwritten; what is stored stays.',
    remedy:
      'Start a new run ("Run workflow", not "Re-run jobs": that may still hold the old value), and keep runs from overlapping with a `concurrency` group, or let all of them share one token through `state-variable` ("Which set-up" above).',
  },
  'refresh-disabled': {
    when: '`auto-refresh: false`, and there is no good shared access token to hand out.',
    spent: 'Nothing.',
    remedy: 'Run the workflow that refreshes the shared token, then this job again.',
  },
  'secret-not-written': {
    when: 'Box issued a new pair, and GitHub did not let it be stored.',
    spent: 'The stored refresh token. Nothing is handed out.',
    remedy:
      'See the log of the post step: it tries once more, and prints a recovery text where it cannot store the token either ("Recovery" above). Without both, start a new run: Box may still take the old token. If it does not (`reauthorize`), log in to Box again with `box-token login`.',
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
export const nothingSpent =
  'Nothing was spent and nothing was written: the stored refresh token is as good as before.'
