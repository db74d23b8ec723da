import { describe, expect, test } from 'vitest'
import { Patience, stalenessMs } from '../../../src/rotation/patience.ts'

/** A clock on which only sleeping takes time. */
function environment(random = 0) {
  const slept: number[] = []
  let now = 1_000
  const clock = {
    monotonic: () => now,
    wall: () => 0,
    sleep: (ms: number) => {
      slept.push(ms)
      now += ms
      return Promise.resolve()
    },
  }
  const pass = (ms: number): void => void (now += ms)
  return { slept, pass, clock, random: () => random }
}

/** Counts the looks until patience ends. */
async function looks(patience: Patience): Promise<number> {
  let made = 1
  while (await patience.pause()) made += 1
  return made
}

describe('patience', () => {
  test('lasts as long as a read may be old, with pauses of one to three seconds', async () => {
    const world = environment()
    const made = await looks(new Patience(world, 120))
    expect(world.slept.reduce((sum, ms) => sum + ms, 0)).toBe(stalenessMs)
    expect(made).toBe(world.slept.length + 1)
    expect(world.slept[0]).toBe(1000)
    expect(world.slept[1]).toBe(1250)
    expect(Math.max(...world.slept)).toBe(3000)
    // All but the last pause, which ends when patience does.
    expect(Math.min(...world.slept.slice(0, -1))).toBe(1000)
  })

  test('ends with `retry-for` if that is shorter', async () => {
    const world = environment()
    await looks(new Patience(world, 3))
    expect(world.slept).toEqual([1000, 1250, 750])
  })

  test('lasts longer if the job waits for something else as well', async () => {
    const world = environment()
    await looks(new Patience(world, 120, 60_000))
    expect(world.slept.reduce((sum, ms) => sum + ms, 0)).toBe(60_000)
  })

  test('counts from its start, however long the looks take', async () => {
    const world = environment()
    const patience = new Patience(world, 120)
    world.pass(stalenessMs - 400)
    expect(await patience.pause()).toBe(true)
    expect(world.slept).toEqual([400])
    expect(await patience.pause()).toBe(false)
    expect(world.slept).toEqual([400])
  })

  test('adds jitter, up to twice the pause', async () => {
    const world = environment(0.5)
    const patience = new Patience(world, 120)
    await patience.pause()
    await patience.pause()
    expect(world.slept).toEqual([1500, 1875])
  })
})
