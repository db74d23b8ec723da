/** Hostile servers: memory stays bounded, and nothing is injected. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectNoSecrets } from './support.ts'

/** More than the bundle ever needs (about 105 MB), and far less than what is sent. */
const mostMegabytes = 250

/** A process's peak memory so far, in megabytes; 0 once it has ended. */
function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

describe.skipIf(process.platform !== 'linux')('an answer of 100 MB', () => {
  const plain = 'x'.repeat(100_000_000)
  const compressed = gzipSync(plain)

  test.each([
    ['plain', { status: 200, body: plain }],
    ['compressed', { status: 200, headers: { 'content-encoding': 'gzip' }, body: compressed }],
  ])('%s, at every request: reading it is aborted, and memory stays bounded', async (_name, reply) => {
    await using sandbox = await Sandbox.start()
    for (const label of ['key', 'metadata', 'probe', 'run', 'write']) {
      sandbox.githubServer.faults.add(label, { kind: 'reply', reply }, { times: 1 })
    }
    for (const label of ['token', 'user'])
      sandbox.boxServer.faults.add(label, { kind: 'reply', reply }, { times: 1 })
    let peak = 0
    let timer: NodeJS.Timeout | undefined
    const result = await sandbox.run({
      with: { verify: 'true' },
      onStart: (pid) => (timer = setInterval(() => (peak = Math.max(peak, peakOf(pid))), 5)),
    })
    clearInterval(timer)
    expect(peak).toBeGreaterThan(20)
    expect(peak).toBeLessThan(mostMegabytes)
    expect(result.stderr).toBe('')
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
    expectNoSecrets(sandbox, result)
  })
})
