/**
 * What a run costs, compared with a plain script that stores a secret: the bundle in `dist`, in alternating rounds.
 *
 *     npm run bench                    fails if a goal is missed
 *     npm run bench -- --rounds 40     more rounds than 20
 *     npm run bench -- --write         puts the tables into docs/performance.md and docs/scale.md
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure, median, ratio, type Measured, type Subject } from './bench/measure.ts'
import { scaleAsMarkdown } from './bench/scale.ts'
import { Servers } from './bench/servers-client.ts'
import { table, writeGenerated } from './generated.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, write: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds takes a positive whole number')

const floor: Omit<Subject, 'name' | 'latencyMs'> = {
  scenario: 'floor',
  args: () => [join(import.meta.dirname, 'bench', 'floor.mjs')],
  env: (started) => started.floor,
}
const step = (name: string, scenario: Subject['scenario'], latencyMs: number): Subject => ({
  name,
  scenario,
  latencyMs,
  args: ({ file }) => [file],
})
const subjects = {
  bare: { name: 'bare Node.js (`node -e 0`)', scenario: 'floor', latencyMs: 0, args: () => ['-e', '0'] },
  floor: { ...floor, name: 'the floor', latencyMs: 0 },
  floor100: { ...floor, name: 'the floor, 100 ms a request', latencyMs: 100 },
  // Without the file for outputs, it exits at its first check.
  load: {
    ...step('main: loaded, and ended at its first check', 'floor', 0),
    env: () => ({ GITHUB_OUTPUT: undefined }),
    exitCode: 1,
  },
  stored: step('main: start to stored', 'refresh', 0),
  stored100: step('main: start to stored, 100 ms a request', 'refresh', 100),
  reuse: step('main: a shared token', 'reuse', 0),
  reuse100: step('main: a shared token, 100 ms a request', 'reuse', 100),
  sharedRefresh100: step('main: refreshing a shared token, 100 ms a request', 'shared refresh', 100),
  post: step('post: nothing to do', 'post', 0),
} satisfies Record<string, Subject>
type Name = keyof typeof subjects

await using servers = await Servers.start()
const names = Object.keys(subjects) as Name[]
const all = await measure(servers, Object.values(subjects), rounds)
const of = (name: Name): Measured => {
  const measured = all[names.indexOf(name)]
  if (!measured) throw new Error(`${name} was not measured`)
  return measured
}
const bytesOf = ({ modules }: Measured): number => Object.values(modules).reduce((sum, size) => sum + size, 0)
const inARow = (name: Name): number => of(name).counted?.inARow ?? NaN
const peak = (name: Name): number => median(of(name).peaks)

const rows = all.map((measured) => [
  measured.subject.name,
  `${median(measured.times).toFixed(0)} ms`,
  ratio(measured, of(measured.subject.latencyMs === 0 ? 'floor' : 'floor100')).toFixed(2),
  measured.counted?.requests.length ?? 0,
  // Without latency, a request is answered before the next one arrives, whether or not that one waited for it.
  measured.subject.latencyMs === 0 ? '' : (measured.counted?.inARow ?? 0),
  `${(median(measured.peaks) / 1e6).toFixed(0)} MB`,
  `${(bytesOf(measured) / 1e3).toFixed(0)} KB`,
])
const times = table(
  ['', 'time', 'of the floor', 'requests', 'in a row', 'peak memory', 'JavaScript loaded'],
  rows,
)

/** The most that any kind of run loads. */
const mostLoaded = Math.max(...all.map(bytesOf))
const goals: readonly (readonly [goal: string, most: number, found: number, digits: number])[] = [
  ['start to stored, of the floor', 1.5, ratio(of('stored'), of('floor')), 2],
  ['post with nothing to do, of bare Node.js', 1.15, ratio(of('post'), of('bare')), 2],
  ['round trips in a row to a stored token', 4, inARow('stored100'), 0],
  ['round trips in a row to a shared token', 1, inARow('reuse100'), 0],
  ['JavaScript that a run loads, KB', 800, mostLoaded / 1e3, 0],
  ['peak memory, of the floor', 1.3, Math.max(peak('stored'), peak('reuse')) / peak('floor'), 2],
]
const missed = goals.filter(([, most, found]) => !(found <= most))
const goalTable = table(
  ['goal', 'at most', 'measured'],
  goals.map(([goal, most, found, digits]) => [goal, String(most), found.toFixed(digits)]),
)
const where = `Node.js ${process.versions.node}, ${process.platform} on ${process.arch}, ${availableParallelism()} processors, ${rounds} rounds.`
const requestsOf = (name: Name) => of(name).counted?.requests ?? []
const scale = scaleAsMarkdown({
  refresh: requestsOf('stored'),
  reuse: requestsOf('reuse'),
  sharedRefresh: requestsOf('sharedRefresh100'),
  atOnce: of('stored100').counted?.atOnce ?? NaN,
})

console.log(`${where}\n\n${times}\n\n${goalTable}\n\n${scale}\n`)
if (values.write) {
  await writeGenerated('performance.md', 'times', `${where}\n\n${times}\n\n${goalTable}`)
  await writeGenerated('scale.md', 'scale', scale)
}
for (const [goal, most, found, digits] of missed)
  console.error(`missed: ${goal}: ${found.toFixed(digits)} instead of ${most}`)
if (missed.length === 0) console.log('All goals are met.')
process.exitCode = missed.length === 0 ? 0 : 1
