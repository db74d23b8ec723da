/** Cells of the fault matrix as tests. `npm run matrix` plays everything. */
import { expect, test } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import type { Reading } from '../sandbox/box.ts'
import { faults, playCell, requests, type Asked, type MatrixFault } from './matrix.ts'

/** A cell: which request, what goes wrong with it, and how Box's rules are read. */
export interface Cell {
  readonly asked: Asked
  readonly name: string
  readonly fault: MatrixFault
  readonly reading: Reading
  /** One of a sample that represents all: it has each fault once, and each request twice. */
  readonly isSample: boolean
}

/** Every request with every fault, under the given readings. */
export function cellsFor(readingsOf: (asked: Asked) => readonly Reading[]): Cell[] {
  return requests.flatMap((asked, row) =>
    Object.entries(faults).flatMap(([name, fault], column) =>
      readingsOf(asked).map((reading) => ({
        asked,
        name,
        fault,
        reading,
        isSample: column % requests.length === row,
      })),
    ),
  )
}

/** Defines a test for each cell. */
export function testCells(cells: readonly Cell[]): void {
  const each = cells.map((cell) => [cell.asked.name, cell.name, cell.reading, cell] as const)
  test.concurrent.each(each)(
    '%s, %s, %s: no token that arrived is lost, and none is shown',
    async (_request, _name, _reading, { asked, name, fault, reading }) => {
      const cell = await playCell(asked, name, fault, reading)
      expect([cell.whileItLasts, cell.onceItIsOver]).not.toContain('LOST')
      for (const { stdout, stderr, summary, state, outputs } of cell.results) {
        const { 'access-token': _, ...others } = outputs
        const printed = stdout
          .split('\n')
          .filter((line) => !line.startsWith('::add-mask::'))
          .join('\n')
        expect(stderr).toBe('')
        expect(stdout).not.toMatch(/^\s+at .*:\d+/m)
        const seen = [printed, summary, JSON.stringify(state), JSON.stringify(others)].join('\n')
        for (const secret of cell.secrets) {
          for (const form of encodedForms(secret))
            expect(seen.includes(form), 'a secret is shown').toBe(false)
        }
      }
      if (fault.kind === 'refuse') {
        expect(cell.results[0]?.exitCode).toBe(1)
        // On a slow machine, a run may end before it gets to the request; none may get past it, or see a reset.
        expect(cell.afterRefusal?.filter((request) => request.startsWith(asked.server)) ?? []).toEqual([])
        for (const { log } of cell.results.slice(0, 2)) expect(log).not.toContain('was interrupted')
      }
      const annotations = cell.results.slice(0, 2).flatMap(({ errors }) => errors)
      expect(annotations.length).toBeLessThanOrEqual(1)
    },
  )
}
