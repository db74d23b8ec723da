/** More jobs and more schedules than `npm test` plays. */
import { testSharing } from '../simulation/sharing-campaigns.ts'

testSharing({ burst: 1000, rough: 12 })
