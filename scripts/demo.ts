/**
 * Runs the action against a sandbox of Box and GitHub, several times in a row, with explanations for newcomers. Ends by
 * itself, with exit code 1 if anything is not as it should be.
 *
 *     npm run demo                  GitHub's reads show the last write
 *     npm run demo -- --lag 4       each read shows what was there up to four seconds ago
 */
import { parseArgs } from 'node:util'
import { replies } from '../test/sandbox/faults.ts'
import type { StepResult } from '../test/sandbox/runner.ts'
import type { Recorded } from '../test/sandbox/server.ts'
import { repository, Sandbox, secretName } from '../test/sandbox/sandbox.ts'

const { values } = parseArgs({ options: { lag: { type: 'string', default: '0' } } })
const lagSeconds = Number(values.lag)
if (!(lagSeconds >= 0)) throw new Error('--lag takes a number of seconds')

const dayMs = 24 * 3_600_000
const asked: Record<string, string> = {
  key: 'the public key to encrypt secrets with',
  metadata: 'when was the secret last written?',
  probe: 'can this token write the secret? (an empty write: 422 means yes, 403 means no)',
  run: 'when was this run queued?',
  write: 'store the new refresh token, encrypted',
  token: 'a new pair for this refresh token',
  user: 'who does the new access token belong to?',
}
let faults = 0

function say(line = ''): void {
  console.log(line)
}

/** Checks a statement about what happened, and prints the result. */
function check(holds: boolean, statement: string): void {
  if (!holds) faults += 1
  say(`   ${holds ? '✔' : '✘'} ${statement}`)
}

/** The last characters of a token: enough to tell tokens apart. */
function short(token: string | undefined): string {
  return token ? `…${token.slice(-4)}` : '(none)'
}

function timeline(record: readonly Recorded[]): void {
  say('   Requests:')
  for (const { service, label, reply, fault } of record) {
    const answer = fault === 'reply' ? 'an outage (sandbox)' : `status ${reply?.status ?? '?'}`
    say(`     → ${service === 'box' ? 'Box   ' : 'GitHub'}  ${asked[label] ?? label}  ← ${answer}`)
  }
}

function actionLog(result: StepResult): void {
  say('   Log of the step:')
  for (const line of result.log.split('\n')) say(`     │ ${line}`)
}

/** A run that must succeed: the stored refresh token is new and alive, and the access token is valid. */
async function goodRun(sandbox: Sandbox, title: string): Promise<void> {
  say(`\n■ ${title}`)
  const before = sandbox.stored
  const start = sandbox.record.length
  const result = await sandbox.run({ with: { verify: 'true' } })
  actionLog(result)
  timeline(sandbox.record.slice(start))
  const accessToken = result.outputs['access-token'] ?? ''
  say('   Result:')
  check(result.exitCode === 0, 'the step succeeded')
  check(
    sandbox.stored !== before,
    `the secret was replaced: ${short(before)} → ${short(sandbox.stored)} (decrypted with GitHub's key)`,
  )
  check(sandbox.box.takes(sandbox.stored), `Box accepts the stored refresh token ${short(sandbox.stored)}`)
  check(!sandbox.box.takes(before), `Box no longer accepts the old one ${short(before)}`)
  check(
    sandbox.box.accepts(accessToken),
    `Box accepts the access token ${short(accessToken)} that was handed out, until ${result.outputs['expires-at']}`,
  )
  check(
    ![accessToken, sandbox.stored, before].some((token) => result.log.includes(token)),
    'the log shows no token',
  )
}

/** A run that must fail with this error code, and leave the chain alive. */
async function badRun(
  sandbox: Sandbox,
  title: string,
  code: string,
  options: Parameters<Sandbox['run']>[0],
): Promise<void> {
  say(`\n■ ${title}`)
  const before = sandbox.stored
  const start = sandbox.record.length
  const result = await sandbox.run(options)
  actionLog(result)
  const record = sandbox.record.slice(start)
  timeline(record)
  say('   Result:')
  check(
    result.exitCode === 1 && result.outputs['error-code'] === code,
    `the step failed with error-code ${code}`,
  )
  const asksOfBox = record.filter(({ service }) => service === 'box')
  // From an old answer, the action cannot tell that its token has been used; Box can.
  if (lagSeconds > 0)
    check(
      asksOfBox.every(({ reply }) => reply?.status === 400),
      'Box was not asked, or issued nothing',
    )
  else check(asksOfBox.length === 0, 'Box was not asked for anything')
  check(
    sandbox.stored === before && sandbox.box.takes(before),
    `the stored refresh token ${short(before)} is unchanged and still works`,
  )
  check(result.outputs['access-token'] === undefined, 'nothing was handed out')
}

await using sandbox = await Sandbox.start({ reading: 'strict', lagMs: lagSeconds * 1000 })
say(`A sandbox of Box (${sandbox.boxServer.url}) and GitHub (${sandbox.githubServer.url}).`)
say(`The repository ${repository} has the secrets BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_SECRETS_TOKEN and`)
say(`${secretName}, which holds the refresh token ${short(sandbox.stored)}. That token works once.`)

if (lagSeconds > 0) say(`GitHub's answers are up to ${lagSeconds} s old, as they may be on the real GitHub.`)

await goodRun(sandbox, 'First night: a scheduled run')
sandbox.clock.advance(dayMs)
const queued = sandbox.startJob()
sandbox.clock.advance(5_000)
await goodRun(sandbox, 'Second night: the next run uses the stored token')
await badRun(
  sandbox,
  'Second night: a run that was queued earlier, so it holds the old refresh token',
  'stale-secret',
  { job: queued },
)
sandbox.clock.advance(dayMs)
sandbox.github.tokens.set('github_pat_readOnly0123456789', {
  kind: 'fine-grained',
  permissions: { secrets: 'read', actions: 'read' },
})
await badRun(
  sandbox,
  'Third day: somebody replaced the write token with one that can only read',
  'cannot-write-secret',
  {
    with: { 'github-token': 'github_pat_readOnly0123456789' },
  },
)
sandbox.boxServer.faults.add('token', { kind: 'reply', reply: replies.status(503) }, { times: 2 })
await goodRun(sandbox, 'Third night: Box has a short outage')

say()
check(sandbox.box.revocations === 0, 'no token was revoked, because revoking one ends the whole pair')
check(
  sandbox.violations.length === 0,
  "every request except the write probe is valid according to GitHub's and Box's API descriptions",
)
for (const violation of sandbox.violations) say(`     ${violation}`)
say(
  faults === 0
    ? '\nEverything is as it should be: the chain is alive.'
    : `\n${faults} of the checks above failed.`,
)
process.exitCode = faults === 0 ? 0 : 1
