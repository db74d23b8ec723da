/** Every request and every fault, under the harshest reading of Box's rules that still lets a client do something. */
import { cellsFor, testCells } from './cells.ts'

testCells(cellsFor(() => ['strict']))
