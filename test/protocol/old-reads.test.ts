/**
 * GitHub shows what stood there some seconds ago (rule 8): every request of these runs may be answered with another age.
 * The same on the bundle is in test/scenarios/old-reads.test.ts, with everything else that can happen in test/simulation.
 */
import { testOldReads } from './old-reads.ts'

testOldReads(5)
