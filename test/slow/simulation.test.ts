/** More schedules than `npm test` plays, with other seeds. */
import { testCampaigns } from '../simulation/campaigns.ts'

testCampaigns({ apart: 300, overlap: 50, firstSeed: 1001 })
