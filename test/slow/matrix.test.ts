/**
 * On the bundle: the cells that test/matrix/matrix.test.ts leaves out, and Box's requests under the other readings of
 * its rules. Requests to GitHub do not depend on the reading.
 */
import { readings } from '../sandbox/box.ts'
import { cellsFor, testCells } from '../matrix/cells.ts'

const others = readings.filter((reading) => reading !== 'strict')

testCells(cellsFor(() => ['strict']).filter(({ isSample }) => !isSample))
testCells(cellsFor(({ server }) => (server === 'box' ? others : [])))
