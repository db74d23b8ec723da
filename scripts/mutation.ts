/**
 * Mutation testing of the protocol, sharing, sealing and GitHub's stores with the fast tests (see stryker.config.mjs).
 *
 *     npm run mutation                    every mutant; takes up to an hour on two cores
 *     npm run mutation -- --only src/rotation/store.ts[:120-140]    those in one file, or in some of its lines
 *     npm run mutation -- --last          judges the last run again
 *     npm run mutation -- --write         writes the figures to docs/mutation-testing.md
 *
 * Fails if fewer than 90 % are killed, or if one survives that test/protocol/survivors.ts does not explain. Then,
 * `--write` writes nothing. One that the test runner crashes at counts as a survivor.
 */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { survivors } from '../test/protocol/survivors.ts'
import { table, writeGenerated } from './generated.ts'

/** A position in a source file; lines and columns start at 1. */
interface Position {
  readonly line: number
  readonly column: number
}

/** The part of the report that is used (mutation-testing-report-schema). */
interface MutationReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string
        readonly mutants: readonly {
          readonly mutatorName: string
          readonly replacement?: string
          readonly status: string
          readonly location: { readonly start: Position; readonly end: Position }
        }[]
      }
    >
  >
}

/** A mutant that no test noticed. */
interface Survivor {
  readonly file: string
  readonly line: number
  readonly mutator: string
  readonly from: string
  readonly to: string
}

const leastScore = 90
const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    last: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

if (!values.last) {
  const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const some = values.only === undefined ? [] : ['--mutate', values.only]
  const { status } = spawnSync(process.execPath, [stryker, 'run', ...some], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const report = JSON.parse(await readFile(join(root, 'reports', 'mutation.json'), 'utf8')) as MutationReport

/** A piece of source on one line, cut if it is long, to identify a mutant by. */
function inShort(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}

function between(source: string, start: Position, end: Position): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === lines.length - 1 ? end.column - 1 : undefined),
    )
    .join('\n')
}

const rows: (string | number)[][] = []
const alive: Survivor[] = []
/** Whether a mutant has no result, because the test runner crashed: it counts as a survivor. */
function isUnjudged(status: string): boolean {
  return status.endsWith('Error')
}
const sum = { mutants: 0, killed: 0, timedOut: 0, survived: 0, uncovered: 0 }

function score({ killed, timedOut, mutants }: typeof sum): number {
  return mutants === 0 ? 100 : (100 * (killed + timedOut)) / mutants
}

function row(name: string, figures: typeof sum): (string | number)[] {
  const { mutants, killed, timedOut, survived, uncovered } = figures
  return [name, mutants, killed, timedOut, survived, uncovered, `${score(figures).toFixed(1)} %`]
}

for (const [file, { source, mutants }] of Object.entries(report.files).toSorted(([a], [b]) =>
  a.localeCompare(b),
)) {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length
  const figures = {
    mutants: 0,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: mutants.filter(({ status }) => status === 'Survived' || isUnjudged(status)).length,
    uncovered: count('NoCoverage'),
  }
  figures.mutants = figures.killed + figures.timedOut + figures.survived + figures.uncovered
  for (const name of ['mutants', 'killed', 'timedOut', 'survived', 'uncovered'] as const)
    sum[name] += figures[name]
  if (figures.mutants > 0) rows.push(row(`\`${file}\``, figures))
  for (const { status, mutatorName, replacement = '', location } of mutants) {
    if (status !== 'Survived' && status !== 'NoCoverage' && !isUnjudged(status)) continue
    const from = inShort(between(source, location.start, location.end))
    alive.push({ file, line: location.start.line, mutator: mutatorName, from, to: inShort(replacement) })
  }
}
rows.push(row('all', sum))

const unexplained = new Set(alive)
const explained: string[] = []
const unused: string[] = []
for (const { file, why, mutants } of survivors) {
  const found = alive.filter(
    (one) =>
      one.file === file &&
      mutants.some(([mutator, from, to]) => one.mutator === mutator && one.from === from && one.to === to),
  )
  for (const one of found) unexplained.delete(one)
  unused.push(
    ...mutants
      .filter(
        ([mutator, from, to]) =>
          !found.some((one) => one.mutator === mutator && one.from === from && one.to === to),
      )
      .map((mutant) => `${file}: ${JSON.stringify(mutant)}`),
  )
  const code = (text: string): string => (text === '' ? 'nothing' : `\`\` ${text} \`\``)
  const changes = new Set(found.map(({ from, to }) => `${code(from)} → ${code(to)}`))
  if (found.length > 0) explained.push(`- \`${file}\`: ${[...changes].join('; ')}. ${why}`)
}

const text = [
  table(['file', 'mutants', 'killed', 'killed by time-out', 'survived', 'not covered', 'score'], rows),
  'What survives, and why:',
  explained.join('\n'),
].join('\n\n')
console.log(text)
// Some of the mutants say nothing about the rest.
if (values.only === undefined) {
  for (const one of unused) console.log(`No longer survives, so it needs no explanation: ${one}`)
}
for (const { file, line, mutator, from, to } of unexplained) {
  console.error(`survives without an explanation: ${file}:${line} ${JSON.stringify([mutator, from, to])}`)
}
if (score(sum) < leastScore)
  console.error(`${score(sum).toFixed(1)} % are killed, fewer than ${leastScore} %.`)
const good = unexplained.size === 0 && score(sum) >= leastScore
if (good && values.write) await writeGenerated('mutation-testing.md', 'mutation', text)
process.exitCode = good ? 0 : 1
