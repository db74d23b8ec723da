/** A year with a GitHub App, on the bundle. */
import { expect, test } from 'vitest'
import { appSandbox, makeAndInstall, runPrintedWithApp, startAppLogin } from '../scenarios/app-support.ts'
import { goThrough } from '../scenarios/login-support.ts'
import { expectGood } from '../scenarios/support.ts'

const weekMs = 7 * 24 * 3_600_000

test('a year of weekly runs after `login --github-app`: nobody has to renew anything', async () => {
  await using sandbox = await appSandbox({ reading: 'strict', checksDescriptions: false })
  const logIn = await startAppLogin(sandbox)
  await makeAndInstall(logIn)
  await goThrough(logIn)
  const { stdout } = await logIn.cli.done
  const people = sandbox.github.apps.made.length
  for (let week = 1; week <= 53; week += 1) {
    sandbox.clock.advance(weekMs)
    const result = await runPrintedWithApp(sandbox, stdout)
    expect([week, result.errors, result.warnings]).toEqual([week, [], []])
    expectGood(sandbox, result, true)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  }
  // No further App and no further sign-in; every token that was issued along the way has been revoked.
  expect(sandbox.github.apps.made).toHaveLength(people)
  expect(new Set(sandbox.box.pairs.map(({ grant }) => grant)).size).toBe(2)
  expect(sandbox.github.apps.issued.size).toBe(53)
  for (const token of sandbox.github.apps.issued.keys()) expect(sandbox.github.tokens.has(token)).toBe(false)
}, 180_000)
