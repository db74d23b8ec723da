/** Box's requests under the other readings of its rules. What happens to GitHub's does not depend on them. */
import { readings } from '../sandbox/box.ts'
import { cellsFor, testCells } from '../matrix/cells.ts'

const others = readings.filter((reading) => reading !== 'strict')

testCells(cellsFor(({ server }) => (server === 'box' ? others : [])))
