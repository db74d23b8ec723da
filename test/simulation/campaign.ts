/** Many schedules, added up. */
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import type { Reading } from '../sandbox/box.ts'
import { runSchedule, type Rule, type ScheduleResult } from './schedule.ts'

/** All figures of a campaign. */
export type Figures = Omit<ScheduleResult, 'seed' | 'violations'> & { readonly schedules: number }

/** The result of a campaign. */
export interface Campaign {
  readonly figures: Figures
  /** Each with the seed that replays it. */
  readonly violations: readonly string[]
}

/** Which schedules to play. */
export interface CampaignOptions {
  readonly reading: Reading
  readonly overlap: boolean
  readonly schedules: number
  readonly firstSeed?: number
  readonly lagMs?: number
  readonly without?: Rule
  /** Stops at the first violation. */
  readonly untilViolation?: boolean
}

/** Plays schedules with consecutive seeds. */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { schedules, firstSeed = 1, untilViolation = false, ...schedule } = options
  const { reading } = schedule
  await sealingReady()
  const sums = new Map<string, number>()
  const violations: string[] = []
  let played = 0
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    const result = await runSchedule({ seed, ...schedule })
    played += 1
    for (const [name, value] of Object.entries(result)) {
      if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value)
    }
    for (const violation of result.violations) violations.push(`${reading}, seed ${seed}: ${violation}`)
    if (untilViolation && violations.length > 0) break
  }
  const sum = (name: keyof Figures): number => sums.get(name) ?? 0
  const figures: Figures = {
    schedules: played,
    runs: sum('runs'),
    succeeded: sum('succeeded'),
    faults: sum('faults'),
    kills: sum('kills'),
    machinesLost: sum('machinesLost'),
    answersLost: sum('answersLost'),
    logIns: sum('logIns'),
    recovered: sum('recovered'),
    excused: sum('excused'),
    lost: sum('lost'),
  }
  return { figures, violations }
}
