/** A cancelled run: with nothing to lose, it ends at once; with a token in hand, it stores that first. */
import { describe, expect, test } from 'vitest'
import { expectNoSecrets, expectNothingSpent, startSandbox } from './support.ts'

// Windows has no signals that a process could hold off.
describe.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('before the refresh ends the run at once, with nothing used', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    let pid = 0
    sandbox.githubServer.faults.add('probe', { kind: 'hang-before' })
    sandbox.githubServer.onRequest = (label) => {
      if (label === 'probe') setTimeout(() => process.kill(pid, signal), 200)
    }
    const before = performance.now()
    const result = await sandbox.run({ onStart: (started) => (pid = started) })
    // Half of retry-for, which would end the run otherwise.
    expect(performance.now() - before).toBeLessThan(10_000)
    expect(result.signal).toBe(signal)
    expectNothingSpent(sandbox)
  })

  test.each(['token', 'metadata', 'write'])(
    'during the %s does not stop the store, and nothing is handed out',
    async (label) => {
      await using sandbox = await startSandbox({ reading: 'strict' })
      let pid = 0
      let seen = 0
      const server = label === 'token' ? sandbox.boxServer : sandbox.githubServer
      // The first look is before the refresh.
      const wanted = label === 'metadata' ? 2 : 1
      server.faults.add(label, { kind: 'delay', ms: 600 }, { skip: wanted - 1 })
      server.onRequest = (asked) => {
        if (asked === label && (seen += 1) === wanted) setTimeout(() => process.kill(pid, signal), 200)
      }
      const result = await sandbox.run({ onStart: (started) => (pid = started) })
      expect(result.log).toContain('This run was cancelled during the refresh. The pair is stored')
      expect([result.exitCode, result.signal]).toEqual([1, null])
      expect(result.outputs).toEqual({})
      expect(sandbox.stored).not.toBe(sandbox.firstPair.refreshToken)
      expect(sandbox.box.takes(sandbox.stored)).toBe(true)
      expectNoSecrets(sandbox, result)
    },
  )

  test('while Box does not answer ends the tries', async () => {
    await using sandbox = await startSandbox()
    let pid = 0
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: { status: 503 } })
    sandbox.boxServer.onRequest = () => process.kill(pid, signal)
    const before = performance.now()
    const result = await sandbox.run({ onStart: (started) => (pid = started) })
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(result.outputs).toEqual({ 'error-code': 'box-unavailable' })
  })
})
