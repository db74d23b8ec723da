/**
 * GitHub shows what was there some seconds ago (rule 8): each request of these runs may get an answer of another age.
 * The same on the bundle is in test/scenarios/old-reads.test.ts; combined with all other events, in test/simulation.
 */
import { testOldReads } from './old-reads.ts'

testOldReads(5)
