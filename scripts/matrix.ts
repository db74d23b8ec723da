/**
 * The fault matrix of test/matrix under all four readings of Box's rules.
 *
 *     npm run matrix               prints it; fails if a token is lost that a client could have kept
 *     npm run matrix -- --write    writes it to docs/fault-matrix.md
 */
import { matrixAsMarkdown, playMatrix } from '../test/matrix/matrix.ts'
import { writeGenerated } from './generated.ts'

const cells = await playMatrix()
const text = matrixAsMarkdown(cells)
console.log(text)
if (process.argv.includes('--write')) await writeGenerated('fault-matrix.md', 'matrix', text)
const lost = cells.filter((cell) => cell.whileItLasts === 'LOST' || cell.onceItIsOver === 'LOST')
for (const { request, fault, reading } of lost) console.error(`lost: ${request}, ${fault}, ${reading}`)
console.log(`\n${cells.length} cells, ${lost.length} with a lost token that a client could have kept.`)
process.exitCode = lost.length === 0 ? 0 : 1
