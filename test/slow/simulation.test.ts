/** More schedules than `npm test` plays, with other seeds. */
import { testCampaigns } from '../simulation/campaigns.ts'

testCampaigns({ apart: 600, overlap: 100, firstSeed: 1001 })
