/** `box-token doctor`: checks everything that keeps the token alive, changes nothing, and says what to fix. */
import { parseSecretName, parseStateVariable } from '../names.ts'
import { withoutCommands, type Redactor } from '../redact.ts'
import type { SecretTarget } from '../github/target.ts'
import {
  githubDotCom,
  parsed,
  readGitHubApiUrl,
  readTarget,
  textOf,
  UsageError,
  type Command,
  type Flags,
  type Terminal,
  type World,
} from './command-line.ts'
import {
  clientIdAsked,
  clientSecretAsked,
  givenCredential,
  readGitHubToken,
  readStateKey,
} from './credentials.ts'
import type { AppAtHand } from './doctor/app.ts'
import { examine } from './doctor/examine.ts'
import { ok, shellWord, type Finding } from './doctor/finding.ts'
import type { StateKeys } from './doctor/shared-state.ts'
import { appClientIdName, appKeyName, givenApp } from './github-app.ts'
import { writeTokenAsked, writeTokenName } from './write-token.ts'

/** `box-token doctor`. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'checks your set-up and tells you what to fix',
  description: `Checks everything that keeps the token alive and tells you what to fix, one line per check. The exit code is 1 if something does not work until you act. doctor is read-only: it uses and changes nothing, and does not contact Box.

It reads with GITHUB_TOKEN (or gh), which needs no more than read access to secrets, environments, variables, actions and contents.

To find out what the workflow's write token can write, and when it expires, set ${writeTokenName} in the environment to that token. The only way to know is to try: doctor sends GitHub an empty write, which GitHub refuses in one way if the token may write and in another if it may not. The secret stays as it is.

If the workflow writes with a GitHub App, set ${appKeyName} in the environment (and ${appClientIdName}, if the variable cannot be read): then the App itself is asked whether it is installed and what it is allowed to do. Otherwise doctor tells you what your own token can see.

To open the shared state, give --state-variable and set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment (and BOX_STATE_KEY, if the workflow has a state-key).`,
  flags: [
    {
      form: '--prefix <name>',
      meaning: "prefix of the secrets' names, as given to login (default: BOX)",
    },
  ],
  run: doctor,
}

/** What the person asked for. */
interface Order {
  readonly target: SecretTarget
  readonly prefix: string
  readonly stateVariable: string | undefined
  readonly apiUrl: string
  readonly json: boolean
  readonly login: string
}

/**
 * Runs the command.
 *
 * @throws UsageError, also if there is something to fix
 */
async function doctor(terminal: Terminal, world: World, flags: Flags): Promise<void> {
  const order = await readOrder(terminal, flags)
  const { redactor } = terminal
  const token = await readGitHubToken(terminal, order.apiUrl)
  const writeToken = givenCredential(terminal, writeTokenAsked)
  const keys = stateKeysIn(terminal)
  const reader = terminal.variables['GITHUB_TOKEN']?.trim() ? 'GITHUB_TOKEN' : '`gh`'
  const found = await examine(world, {
    ...order,
    token,
    reader,
    writeToken,
    gitHubApp: appAtHand(terminal),
    keys,
    foreign: (text) => redactor.foreign(text),
  })
  const findings = found.map((finding) => printable(finding, redactor))
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (order.json) terminal.print(JSON.stringify({ ok: problems === 0, findings }))
  else for (const finding of findings) terminal.print(lineOf(finding))
  if (problems > 0) {
    throw new UsageError(
      `found ${problems === 1 ? '1 problem' : `${problems} problems`} that you need to fix`,
    )
  }
}

/**
 * Reads the flags.
 *
 * @throws UsageError
 */
async function readOrder(terminal: Terminal, flags: Flags): Promise<Order> {
  const prefix = parsed(flags, 'prefix', (text) => parseSecretName(text.replace(/_$/, ''))) ?? 'BOX'
  const stateVariable = parsed(flags, 'state-variable', parseStateVariable)
  const target = await readTarget(terminal, flags, `${prefix}_REFRESH_TOKEN`)
  const apiUrl = readGitHubApiUrl(terminal, flags) ?? githubDotCom
  const options: readonly (readonly [string, string | undefined])[] = [
    ['repo', target.owner === '' ? undefined : `${target.owner}/${target.repo}`],
    ['environment', target.environment],
    ['organization', target.organization],
    ['prefix', prefix === 'BOX' ? undefined : prefix],
    ['secret-name', target.secretName === `${prefix}_REFRESH_TOKEN` ? undefined : target.secretName],
    ['state-variable', stateVariable],
    ['github-api-url', textOf(flags, 'github-api-url')],
  ]
  const words = options.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  )
  const login = ['box-token login', ...words].join(' ')
  return { target, prefix, stateVariable, apiUrl, json: flags['json'] === true, login }
}

function appAtHand(terminal: Terminal): AppAtHand {
  const { clientId, privateKey } = givenApp(terminal)
  return { clientId, privateKey }
}

function stateKeysIn(terminal: Terminal): StateKeys | undefined {
  const clientId = givenCredential(terminal, clientIdAsked)
  const clientSecret = givenCredential(terminal, clientSecretAsked)
  if (clientId === undefined || clientSecret === undefined) return undefined
  return { clientId, secrets: { clientSecret, stateKey: readStateKey(terminal) } }
}

/** Safe to print: without secrets, line breaks and control characters, whatever a name on GitHub contains. */
function printable(finding: Finding, redactor: Redactor): Finding {
  const line = (text: string): string =>
    withoutCommands(redactor.redact(text)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return finding.level === 'ok'
    ? ok(line(finding.what))
    : { level: finding.level, what: line(finding.what), next: line(finding.next) }
}

function lineOf(finding: Finding): string {
  const next = finding.level === 'ok' ? '' : ` ${finding.next}`
  return `${finding.level.padEnd(8)} ${finding.what}${next}`
}
