/** What has been played so far, in a file: a campaign of hours can be broken off, and another run goes on with it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Part, PartResult } from './worker.ts'

/** Seeds, both ends included. */
type Range = readonly [from: number, to: number]

interface Entry {
  ranges: Range[]
  readonly figures: Record<string, number>
}

/** How often the file is written, in milliseconds. */
const writeEveryMs = 20_000

/** The figures of all parts that were played without a violation, added up for each kind and reading. */
export class PlayRecord {
  readonly #file: string | undefined
  readonly #entries = new Map<string, Entry>()
  #writtenAt = performance.now()

  /** @param file `undefined`: only in memory */
  constructor(file: string | undefined) {
    this.#file = file
    if (file === undefined || !existsSync(file)) return
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      { readonly seeds: string; readonly figures: Record<string, number> }
    >
    for (const [key, { seeds, figures }] of Object.entries(saved)) {
      const ranges = seeds.split(', ').map((range): Range => {
        const [from = Number.NaN, to = from] = range.split('-').map(Number)
        return [from, to]
      })
      this.#entries.set(key, { ranges, figures })
    }
  }

  /** Whether all seeds of a part have been played. */
  has({ kind, reading, firstSeed, schedules }: Part): boolean {
    const ranges = this.#entries.get(`${kind} ${reading}`)?.ranges ?? []
    return ranges.some(([from, to]) => from <= firstSeed && firstSeed + schedules - 1 <= to)
  }

  add({ kind, reading, firstSeed, schedules }: Part, { figures }: PartResult): void {
    const key = `${kind} ${reading}`
    const entry = this.#entries.get(key) ?? { ranges: [], figures: {} }
    this.#entries.set(key, entry)
    entry.ranges = joined([...entry.ranges, [firstSeed, firstSeed + schedules - 1]])
    for (const [name, value] of Object.entries(figures))
      entry.figures[name] = (entry.figures[name] ?? 0) + value
    if (performance.now() - this.#writtenAt > writeEveryMs) this.write()
  }

  /** 0 if nothing of the kind was played. */
  sum(kind: string, reading: string, name: string): number {
    return this.#entries.get(`${kind} ${reading}`)?.figures[name] ?? 0
  }

  write(): void {
    this.#writtenAt = performance.now()
    if (this.#file === undefined) return
    const saved = [...this.#entries]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([key, { ranges, figures }]) => [
        key,
        { seeds: ranges.map(([from, to]) => `${from}-${to}`).join(', '), figures },
      ])
    writeFileSync(this.#file, `${JSON.stringify(Object.fromEntries(saved), undefined, 2)}\n`)
  }
}

/** Ranges in order, adjacent ones as one. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = result.at(-1)
    if (last && last[1] + 1 >= from) result[result.length - 1] = [last[0], Math.max(last[1], to)]
    else result.push([from, to])
  }
  return result
}
