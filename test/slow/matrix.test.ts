/**
 * On the bundle: what test/matrix/matrix.test.ts leaves out, and Box's requests under the other readings of its rules. What
 * happens to GitHub's does not depend on them.
 */
import { readings } from '../sandbox/box.ts'
import { cellsFor, testCells } from '../matrix/cells.ts'

const others = readings.filter((reading) => reading !== 'strict')

testCells(cellsFor(() => ['strict']).filter(({ isSample }) => !isSample))
testCells(cellsFor(({ server }) => (server === 'box' ? others : [])))
