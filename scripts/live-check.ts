/**
 * Measures on the live services what their documentation leaves open, for maintainers with a throwaway Box app. It uses
 * the refresh token, replays it, and may end the chain, so nothing else may depend on it.
 *
 * `node scripts/live-check.ts plan` says what it is going to do and use up.
 * `… measure` does it, and prints one table.
 * `… look` only shows which marks this job was given, for a later job of the same run.
 *
 * From the environment: BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_REFRESH_TOKEN; WRITE_TOKEN and READ_TOKEN for GitHub;
 * REPOSITORY_MARK and ENVIRONMENT_MARK as the job was given them; LIVE_CHECK_ENVIRONMENT; REPLAY_AFTER in seconds.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { TokenEndpoint, type TokenAnswer } from '../src/box/token-endpoint.ts'
import { currentUser } from '../src/box/users.ts'
import { systemClock } from '../src/clock.ts'
import { GitHubClient } from '../src/github/client.ts'
import type { SecretPlace } from '../src/github/secret-store.ts'
import { environmentSecrets } from '../src/github/stores/environment.ts'
import { repositorySecrets } from '../src/github/stores/repository.ts'
import { isRecord } from '../src/json.ts'
import type { Network, TimeLimit } from '../src/http/exchange.ts'
import { nodeFetch } from '../src/http/node-fetch.ts'
import { useProxies } from '../src/http/proxy.ts'
import { sealFor, sealingReady } from '../src/sealing/sealed-box.ts'
import { table } from './generated.ts'

const absent = 'LIVE_CHECK_NO_SUCH_SECRET'
const secretName = 'BOX_REFRESH_TOKEN'
const { proxies } = useProxies(process.env)
const network: Network = { fetch: nodeFetch, clock: systemClock, proxies }

function given(name: string, preset?: string): string {
  const value = process.env[name] || preset
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

function limit(): TimeLimit {
  return { timeoutMs: 30_000, signal: new AbortController().signal }
}

/** Makes the runner mask it in the log. */
function masked(secret: string): string {
  if (process.env['GITHUB_ACTIONS'] === 'true') console.log(`::add-mask::${secret}`)
  return secret
}

const environment = given('LIVE_CHECK_ENVIRONMENT', 'live-check')
const replayAfter = Number(given('REPLAY_AFTER', '60'))

const plan = `This measures on Box and GitHub what their documentation leaves open. It will

- use the refresh token in the secret ${secretName} of the environment "${environment}", and send it again repeatedly:
  Box may end everything that came from the same log-in; if it does, log in again
- write ${secretName} and LIVE_CHECK_ENVIRONMENT_MARK in that environment, LIVE_CHECK_REPOSITORY_MARK in the repository
- send empty writes to secrets in both places, with each token it has: GitHub should refuse them all

Use a Box app and a Box user that nothing else uses.`

type Row = readonly [question: string, answer: string]

/** The places of the marks. */
function places(): readonly (readonly [string, SecretPlace])[] {
  const [owner = '', repo = ''] = given('GITHUB_REPOSITORY').split('/')
  return [
    ['repository', repositorySecrets(owner, repo)],
    ['environment', environmentSecrets(owner, repo, environment)],
  ]
}

/** Different names, because an environment secret would hide a repository secret of the same name. */
function markOf(place: string): string {
  return `LIVE_CHECK_${place.toUpperCase()}_MARK`
}

function github(token: string): GitHubClient {
  return new GitHubClient({ network, apiUrl: given('GITHUB_API_URL', 'https://api.github.com'), token })
}

// GitHub: the order of its checks ------------------------------------------------------------------------------

async function probes(): Promise<Row[]> {
  const rows: Row[] = []
  const [owner = '', repo = ''] = given('GITHUB_REPOSITORY').split('/')
  const nowhere: SecretPlace = environmentSecrets(owner, repo, 'live-check-no-such-environment')
  const tokens = [
    ['may write', process.env['WRITE_TOKEN']],
    ['may read', process.env['READ_TOKEN']],
    ['is no token', 'github_pat_live_check_no_such_token'],
  ] as const
  for (const [may, token] of tokens) {
    if (!token) {
      rows.push([`empty write, token that ${may}`, 'not asked: no such token was given'])
      continue
    }
    const cases = [
      ...places().flatMap(([place, at]) => [
        [`${place} secret that is there`, at, markOf(place)] as const,
        [`${place} secret that is not there`, at, absent] as const,
      ]),
      ['secret of an environment that is not there', nowhere, absent] as const,
    ]
    for (const [what, { secretRoute, parameters }, name] of cases) {
      const request = {
        route: `PUT ${secretRoute}`,
        parameters: { ...parameters, secret_name: name, data: {} },
      }
      const { status, message } = await github(token).send(request, limit())
      rows.push([`empty write to a ${what}, with a token that ${may}`, `${status} ${message}`.trim()])
    }
  }
  for (const [place, at] of places()) {
    const there = (await lookAt(at, absent)) !== undefined
    rows.push([`did the empty writes make a ${place} secret?`, there ? 'YES' : 'no'])
  }
  return rows
}

/** `updated_at` of a secret; `undefined` if there is none. */
async function lookAt({ secretRoute, parameters }: SecretPlace, name: string): Promise<string | undefined> {
  const request = { route: `GET ${secretRoute}`, parameters: { ...parameters, secret_name: name } }
  const { status, data } = await github(given('WRITE_TOKEN')).send(request, limit())
  return status === 200 && isRecord(data) ? String(data['updated_at']) : undefined
}

/** Writes a secret, as the action does. */
async function write(
  { keyRoute, secretRoute, parameters }: SecretPlace,
  name: string,
  value: string,
): Promise<void> {
  const client = github(given('WRITE_TOKEN'))
  const key = await client.send({ route: `GET ${keyRoute}`, parameters }, limit())
  const { key_id: keyId, key: publicKey } = isRecord(key.data) ? key.data : {}
  if (typeof keyId !== 'string' || typeof publicKey !== 'string') {
    throw new Error(`GitHub returned no public key: ${key.status} ${key.message}`)
  }
  const sealed = { encrypted_value: sealFor({ keyId, publicKey }, value), key_id: keyId }
  const request = { route: `PUT ${secretRoute}`, parameters: { ...parameters, secret_name: name, ...sealed } }
  const { status, message } = await client.send(request, limit())
  if (status !== 201 && status !== 204) throw new Error(`GitHub did not store ${name}: ${status} ${message}`)
}

// GitHub: what a run sees --------------------------------------------------------------------------------------

/** Which marks this job was given. Does not print the marks themselves, which are masked. */
function marks(): Row[] {
  const run = `run ${given('GITHUB_RUN_ID')}, attempt ${given('GITHUB_RUN_ATTEMPT', '1')}`
  return places().map(([place]) => {
    const [, id, attempt] = /^mark-(\d+)-(\d+)$/.exec(process.env[`${place.toUpperCase()}_MARK`] ?? '') ?? []
    const seen = id === undefined ? 'none' : `that of run ${id}, attempt ${attempt}`
    return [`mark in the ${place}'s secret, given to ${process.env['GITHUB_JOB'] ?? 'a job'} of ${run}`, seen]
  })
}

async function writeMarks(): Promise<void> {
  const value = masked(`mark-${given('GITHUB_RUN_ID')}-${given('GITHUB_RUN_ATTEMPT', '1')}`)
  for (const [name, place] of places()) await write(place, markOf(name), value)
}

// Box: what a replay of a used refresh token returns -----------------------------------------------------------

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

async function replays(): Promise<Row[]> {
  const boxApiUrl = given('BOX_API_URL', 'https://api.box.com')
  const app = { clientId: given('BOX_CLIENT_ID'), clientSecret: masked(given('BOX_CLIENT_SECRET')) }
  const endpoint = new TokenEndpoint(network, boxApiUrl, app)
  const [, [, place]] = places() as [unknown, readonly [string, SecretPlace]]
  const spent = masked(given('BOX_REFRESH_TOKEN'))
  const issued: Pair[] = []
  const refresh = async (token: string): Promise<string> => {
    const answer = await endpoint.refresh(token, limit())
    for (const one of answer.tokens) masked(one)
    if (answer.kind !== 'pair') return inWords(answer)
    const { pair } = answer
    const same = issued.find(({ refreshToken }) => refreshToken === pair.refreshToken)
    if (same)
      return same.accessToken === pair.accessToken
        ? 'the same pair'
        : 'the same refresh token, a different access token'
    issued.push(pair)
    return issued.length === 1 ? 'a pair' : 'another pair'
  }
  const use = async (token: string | undefined): Promise<string> => {
    if (token === undefined) return 'not asked'
    const answer = await currentUser(network, boxApiUrl, token, limit())
    return answer.kind === 'user'
      ? 'accepted'
      : answer.kind === 'refused'
        ? `refused (${answer.status})`
        : answer.kind
  }

  const rows: Row[] = [['the stored refresh token', await refresh(spent)]]
  const [first] = issued
  if (!first) return [...rows, ['nothing more was asked', 'log in again, then start over']]
  // Stored at once: whatever happens next, this one was valid.
  await write(place, secretName, first.refreshToken)
  const replayed = await refresh(spent)
  rows.push(['the same one again, at once', replayed])
  await sleep(replayAfter * 1000)
  rows.push([`again, ${replayAfter} s after the first answer, nothing used yet`, await refresh(spent)])
  rows.push(['first use of the first access token', await use(first.accessToken)])
  rows.push(['again, after that use', await refresh(spent)])
  rows.push(['the first access token once more', await use(first.accessToken)])
  const others = issued.slice(1).at(-1)
  rows.push(['access token of the last other pair', await use(others?.accessToken)])

  // Which of the refresh tokens is alive? What it returns is stored: the next check starts from that.
  let alive = 'none: log in again'
  for (const [index, { refreshToken }] of [...issued].entries()) {
    const before = issued.length
    const outcome = await refresh(refreshToken)
    const next = issued[before]
    if (next) {
      await write(place, secretName, next.refreshToken)
      alive = `that of pair ${index + 1} of ${before}`
      break
    }
    rows.push([`refresh token of pair ${index + 1}`, outcome])
  }
  rows.push(['refresh token that is alive at the end', alive])
  return [...rows, ['so Box behaves as', reading(replayed, alive.startsWith('none'))]]
}

function inWords(answer: TokenAnswer): string {
  switch (answer.kind) {
    case 'refused':
      return `refused: ${answer.error} (${answer.description})`
    case 'rate-limited':
      return 'too many requests'
    case 'unusable':
      return `status ${answer.status}`
    case 'no-answer':
      return answer.error.message
    case 'no-pair':
    case 'refresh-token-only':
      return answer.problem
    case 'pair':
      return 'a pair'
  }
}

/** The names are those in docs/reliability.md. */
function reading(replayed: string, dead: boolean): string {
  if (replayed === 'the same pair') return 'grace'
  if (replayed === 'another pair') return 'siblings'
  if (replayed.startsWith('refused: invalid_grant')) return dead ? 'family' : 'strict'
  return 'none of the known readings'
}

/** The table; GitHub's messages may contain anything. */
function rowsOf(rows: readonly Row[]): string {
  const cell = (words: string): string => words.replaceAll('|', '\\|')
  return table(
    ['what', 'answer'],
    rows.map(([question, answer]) => [cell(question), cell(answer)]),
  )
}

function print(text: string): void {
  console.log(text)
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary) appendFileSync(summary, `${text}\n\n`)
}

switch (process.argv[2] ?? '') {
  case 'plan':
    print(plan)
    break
  case 'look':
    print(rowsOf(marks()))
    break
  case 'measure': {
    await sealingReady()
    for (const name of ['WRITE_TOKEN', 'READ_TOKEN']) if (process.env[name]) masked(process.env[name] ?? '')
    const seen = marks()
    await writeMarks()
    print(rowsOf([...seen, ...(await probes()), ...(await replays())]))
    break
  }
  default:
    console.error('node scripts/live-check.ts plan | measure | look')
    process.exitCode = 1
}
