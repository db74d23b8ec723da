/**
 * On the bundle: every request and every fault, but not every combination, under the harshest reading of Box's rules
 * that still lets a client do something. test/slow/matrix.test.ts has the others, in-process.test.ts all of them.
 */
import { cellsFor, testCells } from './cells.ts'

testCells(cellsFor(() => ['strict']).filter(({ isSample }) => isSample))
