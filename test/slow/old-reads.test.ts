/** More trials of runs under old reads than `npm test` plays, with other seeds. */
import { testOldReads } from '../protocol/old-reads.ts'

testOldReads(20, 101)
