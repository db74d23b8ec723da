/** One part of a campaign: what a worker of `npm run simulate` plays. */
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import type { Reading } from '../../test/sandbox/box.ts'
import { runCampaign } from '../../test/simulation/campaign.ts'
import { runSharing, type SharingOptions } from '../../test/simulation/sharing.ts'

/** What is played. */
export type Kind = 'apart' | 'overlap' | 'overlap-unchecked' | 'sharing' | 'burst' | 'burst-naive'

/** Some schedules of one kind, with consecutive seeds. */
export interface Part {
  readonly kind: Kind
  readonly reading: Reading
  readonly firstSeed: number
  readonly schedules: number
}

/** Their figures, added up, and everything that must never happen but did, each with the seed that replays it. */
export interface PartResult {
  readonly figures: Readonly<Record<string, number>>
  readonly violations: readonly string[]
}

/** The options of schedules with shared tokens. */
export const sharingKinds = {
  sharing: { jobs: 15, days: 0.25, weather: 'rough' },
  burst: { jobs: 1000, days: 1, weather: 'calm', burstMs: 5000 },
  'burst-naive': { jobs: 1000, days: 1, weather: 'calm', burstMs: 5000, naive: true },
} as const satisfies Partial<Record<Kind, Omit<SharingOptions, 'seed' | 'reading'>>>

// Thousands of requests fail on purpose, and nobody reads their stacks: collecting those takes a fifth of the time.
Error.stackTraceLimit = 0

/** Random bytes that were drawn together: libsodium asks for four at a time, and each call costs more than the bytes. */
const drawn = crypto.getRandomValues(new Uint8Array(65_536))
let used = 0
const draw = crypto.getRandomValues.bind(crypto)
crypto.getRandomValues = (array) => {
  if (!ArrayBuffer.isView(array) || array.byteLength > 64) return draw(array)
  if (used + array.byteLength > drawn.length) {
    draw(drawn)
    used = 0
  }
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  bytes.set(drawn.subarray(used, used + bytes.length))
  used += bytes.length
  return array
}

/** Plays a part. */
export default async function play({ kind, reading, firstSeed, schedules }: Part): Promise<PartResult> {
  if (kind === 'apart' || kind === 'overlap' || kind === 'overlap-unchecked') {
    const { figures, violations } = await runCampaign({
      reading,
      overlap: kind !== 'apart',
      schedules,
      firstSeed,
      ...(kind === 'overlap-unchecked' ? { without: 'never over a newer one' as const } : {}),
    })
    // Without the check, violations are expected: this kind is there to show them.
    const told = violations.map((one) => `${kind}, ${one}`)
    return { figures: { ...figures }, violations: kind === 'overlap-unchecked' ? [] : told }
  }
  await sealingReady()
  const sums = new Map<string, number>([['schedules', schedules]])
  const violations: string[] = []
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    const result = await runSharing({ ...sharingKinds[kind], seed, reading })
    violations.push(...result.violations.map((one) => `${kind}, ${reading}, seed ${seed}: ${one}`))
    for (const [name, value] of Object.entries(result)) {
      if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value)
    }
  }
  return { figures: Object.fromEntries(sums), violations }
}
