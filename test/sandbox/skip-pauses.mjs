/**
 * Preloaded into a process of the bundle, so that a test need not wait where the bundle only waits for time to pass: as
 * soon as no request is in flight, the clock jumps to the end of the pause. What takes time for other reasons (an
 * answer that does not come, a person in a browser) still takes it. The servers' clock follows through the file that
 * `SKIPPED_TIME_FILE` names; see `Sandbox.skippingPauses`.
 */
import { renameSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { env, pid } from 'node:process'

const file = env['SKIPPED_TIME_FILE'] ?? ''
/** Timers longer than this, in milliseconds, are limits and not pauses. */
const longestPauseMs = 20_000
/** How long nothing has to happen, in milliseconds, before it counts as waiting. */
const idleMs = 10

let skippedMs = 0
let underWay = 0
let activity = 0
/** @type {Map<NodeJS.Timeout, { real: NodeJS.Timeout, dueAt: number, isPause: boolean, run: () => void }>} */
const timers = new Map()

const now = performance.now.bind(performance)
const wall = Date.now.bind(Date)
const { setTimeout: start, clearTimeout: stop } = globalThis

performance.now = () => now() + skippedMs
Date.now = () => wall() + Math.round(skippedMs)

/** Jumps to the end of the next pause, if nothing else happens by then. */
function watch() {
  activity += 1
  const seen = activity
  start(() => {
    if (seen !== activity || underWay > 0) return
    const [next] = [...timers.values()]
      .filter(({ isPause }) => isPause)
      .toSorted((one, other) => one.dueAt - other.dueAt)
    const left = next === undefined ? 0 : next.dueAt - performance.now()
    if (left <= 0) return
    skippedMs += left
    // Atomically, because somebody may be reading it.
    writeFileSync(`${file}.new`, JSON.stringify({ pid, skippedMs }))
    renameSync(`${file}.new`, file)
    for (const timer of timers.values()) {
      stop(timer.real)
      timer.real = start(timer.run, Math.max(0, timer.dueAt - performance.now()))
    }
  }, idleMs)
}

globalThis.setTimeout = Object.assign(
  /** @param {(...args: unknown[]) => void} callback */
  (callback, ms = 0, ...args) => {
    const handle = start(() => {}, 0)
    stop(handle)
    const run = () => {
      timers.delete(handle)
      callback(...args)
      watch()
    }
    const timer = {
      real: start(run, ms),
      dueAt: performance.now() + ms,
      isPause: ms <= longestPauseMs,
      run,
    }
    timers.set(handle, timer)
    handle.unref = () => {
      timer.real.unref()
      timer.isPause = false
      return handle
    }
    watch()
    return handle
  },
  start,
)
globalThis.clearTimeout = (handle) => {
  const timer = typeof handle === 'object' ? timers.get(handle) : undefined
  if (!timer) return stop(handle)
  stop(timer.real)
  timers.delete(handle)
}

for (const module of [http, https]) {
  const { request } = module
  module.request = (...args) => {
    const made = request(...args)
    underWay += 1
    made.once('close', () => {
      underWay -= 1
      watch()
    })
    return made
  }
}
syncBuiltinESMExports()
