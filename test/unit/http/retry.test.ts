import { expect, test } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { RetryBudget } from '../../../src/http/retry.ts'

/** A clock whose sleeps take no time. */
class FakeClock implements Clock {
  now = 0
  readonly slept: number[] = []

  monotonic(): number {
    return this.now
  }

  wall(): number {
    return this.now
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.now += ms
    return Promise.resolve()
  }
}

function budget(seconds: number, random = 0.5): { clock: FakeClock; budget: RetryBudget } {
  const clock = new FakeClock()
  return { clock, budget: new RetryBudget({ clock, random: () => random }, seconds) }
}

test('pauses double, with jitter, up to fifteen seconds', async () => {
  const { clock, budget: one } = budget(3600)
  for (let tries = 0; tries < 8; tries += 1) expect(await one.pause()).toBe(true)
  expect(clock.slept).toEqual([375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250])
  const least = budget(3600, 0)
  await least.budget.pause()
  expect(least.clock.slept).toEqual([250])
})

test('the last pause ends with the budget, and no more follow', async () => {
  const { clock, budget: one } = budget(1)
  expect(await one.pause()).toBe(true)
  expect(await one.pause()).toBe(true)
  expect(clock.slept).toEqual([375, 625])
  expect(await one.pause()).toBe(false)
})

test('a pause that the server asks for is kept in full, or refused', async () => {
  const { clock, budget: one } = budget(10)
  expect(await one.pause(4_000)).toBe(true)
  expect(clock.slept).toEqual([4_000])
  expect(await one.pause(6_001)).toBe(false)
  expect(await one.pause(6_000)).toBe(true)
  expect(await one.pause(0)).toBe(false)
})

test.each([
  [1, 1000 / 3],
  [30, 10_000],
  [90, 30_000],
  [3600, 30_000],
])('with retry-for %d a request takes at most %d ms', (seconds, ms) => {
  expect(budget(seconds).budget.timeoutMs).toBe(ms)
})

test('an ended budget allows no more tries', async () => {
  const { budget: one } = budget(10)
  one.end()
  expect(one.signal.aborted).toBe(true)
  expect(await one.pause()).toBe(false)
})
