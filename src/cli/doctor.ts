/** `box-token doctor`: looks at everything that keeps the token alive, changes nothing, and says what to mend. */
import { parseSecretName, parseStateVariable } from '../names.ts'
import { Redactor, withoutCommands } from '../redact.ts'
import type { SecretTarget } from '../target.ts'
import {
  readCredential,
  readFlags,
  readGitHubApiUrl,
  readGitHubToken,
  readTarget,
  sharedFlags,
  sharedHelp,
  textOf,
  UsageError,
  type Terminal,
} from './command-line.ts'
import { examine, type ExaminationWorld } from './doctor/examine.ts'
import { ok, shellWord, type Finding } from './doctor/finding.ts'
import type { StateKeys } from './doctor/shared-state.ts'
import { writeTokenName } from './doctor/write-token.ts'

const publicApi = 'https://api.github.com'

/** What `--help` prints. */
export const doctorHelp = `Usage: box-token doctor [flags]

Looks at everything that keeps the token alive, and says what to mend: one line each; exit code 1 if something does not
work until a person acts. It spends and changes nothing, and does not ask Box at all. It looks with GITHUB_TOKEN (or gh),
which needs no more than read access to secrets, environments, variables, actions and contents.

With ${writeTokenName} in the environment, the token that the workflow writes with, it tells what that token may write, and
until when. The only way to know is to try: it sends GitHub an empty write, which GitHub refuses in one way where the
token may write and in another where it may not. The secret stays as it is.

${sharedHelp}
  --prefix PREFIX         of the secrets' names, as given to login (default: BOX)
  --state-variable NAME   variable that jobs share the token through; to open it, set BOX_CLIENT_ID,
                          BOX_CLIENT_SECRET and, if the workflow has a state-key, BOX_STATE_KEY`

/** What was asked for. */
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
 * @returns whether nobody has to act
 * @throws UsageError
 */
export async function doctor(
  terminal: Terminal,
  world: ExaminationWorld,
  args: readonly string[],
): Promise<boolean> {
  const flags = readFlags(args, {
    ...sharedFlags,
    prefix: { type: 'string' },
    'state-variable': { type: 'string' },
  })
  if (flags['help']) {
    terminal.print(doctorHelp)
    return true
  }
  const order = await readOrder(terminal, flags)
  const redactor = new Redactor()
  const token = await readGitHubToken(terminal, order.apiUrl)
  const writeToken = optionalCredential(terminal, writeTokenName)
  const keys = stateKeysIn(terminal)
  for (const secret of [token, writeToken, keys?.secrets.clientSecret, keys?.secrets.stateKey])
    redactor.add(secret ?? '')

  const reader = terminal.variables['GITHUB_TOKEN']?.trim() ? 'GITHUB_TOKEN' : '`gh`'
  const found = await examine(world, {
    ...order,
    token,
    reader,
    writeToken,
    keys,
    foreign: (text) => redactor.foreign(text),
  })
  const findings = found.map((finding) => printable(finding, redactor))
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (order.json) terminal.print(JSON.stringify({ ok: problems === 0, findings }))
  else for (const finding of findings) terminal.print(lineOf(finding))
  if (problems > 0) {
    terminal.tell(
      `box-token: ${problems === 1 ? '1 problem needs' : `${problems} problems need`} a person to act`,
    )
  }
  return problems === 0
}

/**
 * Reads the flags.
 *
 * @throws UsageError
 */
async function readOrder(terminal: Terminal, flags: ReturnType<typeof readFlags>): Promise<Order> {
  const prefix = nameIn(flags, 'prefix', parseSecretName) ?? 'BOX'
  const stateVariable = nameIn(flags, 'state-variable', parseStateVariable)
  const given = await readTarget(terminal, flags)
  const target =
    textOf(flags, 'secret-name') === undefined ? { ...given, secretName: `${prefix}_REFRESH_TOKEN` } : given
  const apiUrl = readGitHubApiUrl(terminal, flags) ?? publicApi
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

function nameIn(
  flags: ReturnType<typeof readFlags>,
  name: string,
  parse: (value: string) => string | undefined,
): string | undefined {
  const value = textOf(flags, name)
  if (value === undefined) return undefined
  const parsed = parse(value)
  if (parsed === undefined) throw new UsageError(`--${name} is not valid`)
  return parsed
}

function optionalCredential(terminal: Terminal, name: string): string | undefined {
  return terminal.variables[name]?.trim() ? readCredential(terminal, name) : undefined
}

function stateKeysIn(terminal: Terminal): StateKeys | undefined {
  const clientId = optionalCredential(terminal, 'BOX_CLIENT_ID')
  const clientSecret = optionalCredential(terminal, 'BOX_CLIENT_SECRET')
  if (clientId === undefined || clientSecret === undefined) return undefined
  return { clientId, secrets: { clientSecret, stateKey: optionalCredential(terminal, 'BOX_STATE_KEY') } }
}

/** Fit to print: no secret, no line break, no control character, whatever a name on GitHub is made of. */
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
