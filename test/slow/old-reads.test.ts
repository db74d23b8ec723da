/** More trials with old reads than `npm test` plays, with other seeds. */
import { testOldReads } from '../protocol/old-reads.ts'
import { testJobs } from '../scenarios/old-reads.ts'

testOldReads(20, 101)
testJobs([2, 3])
