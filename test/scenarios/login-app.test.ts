/** `box-token login --github-app`: an App is made, installed and used, with a browser made of requests. */
import { describe, expect, test } from 'vitest'
import { runtimes } from '../sandbox/cli.ts'
import { organizationName } from '../sandbox/sandbox.ts'
import {
  appSandbox,
  expectNoKey,
  makeAndInstall,
  runPrintedWithApp,
  startAppLogin,
  theApp,
} from './app-support.ts'
import { expectNothingLeaked, goThrough, written } from './login-support.ts'
import { expectRotated } from './support.ts'

describe.each(runtimes())('on Node.js %s', (_version, node) => {
  test('from an empty repository to a green run of the workflow that is printed', async () => {
    await using sandbox = await appSandbox({ reading: 'strict' })
    const logIn = await startAppLogin(sandbox, { node })
    const page = await makeAndInstall(logIn)
    await goThrough(logIn)
    const result = await logIn.cli.done
    expect(result.stderr).toContain('Box: Aaron Levie (ceo@example.com) is logged in.')
    expect(result.exitCode).toBe(0)

    const app = theApp(sandbox)
    expect(app.owner).toBe(organizationName)
    expect(written(sandbox)).toEqual([
      'BOX_APP_PRIVATE_KEY',
      'BOX_REFRESH_TOKEN',
      'BOX_CLIENT_ID',
      'BOX_CLIENT_SECRET',
    ])
    expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(app.privateKey)
    expect([...sandbox.store.variables.keys()]).toEqual(['BOX_APP_CLIENT_ID'])
    expect(sandbox.store.variables.get('BOX_APP_CLIENT_ID')?.value).toBe(app.clientId)
    expect(sandbox.store.value('BOX_SECRETS_TOKEN')).toBeUndefined()
    expectNoKey(sandbox, result.stdout, result.stderr, page)
    expectNothingLeaked(sandbox, result.stdout, result.stderr, page)
    expect(sandbox.violations).toEqual([])

    sandbox.clock.advance(60_000)
    const run = await runPrintedWithApp(sandbox, result.stdout)
    expectRotated(sandbox, run)
    expect(run.log).not.toContain('Warning')
    expectNoKey(sandbox, run.log, run.stdout, run.summary)
  })
})
