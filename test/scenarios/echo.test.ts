/** If Box or GitHub repeat the request in their answer, credentials and all, nothing of it is shown. */
import { expect, test } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import { requests } from '../matrix/matrix.ts'
import { echoForms, echoing } from '../sandbox/echo.ts'
import { runPostStep, runStep } from '../sandbox/runner.ts'
import { expectNoPieces, expectNoSecrets, startSandbox } from './support.ts'

/** Sealed text is random. */
const withoutSeals = (text: string): string => text.replace(/box-token-\w+\.v1\.[\w-]+/g, '')

const statuses = [200, 400, 401, 403, 422, 500]
const stateKey = 'a/state-key+of&more"than=thirty-two%characters'

/** Every request of a run with every status; each begins with another form of echo. */
const cells = requests.flatMap((asked, row) =>
  statuses.map((status, column) => [asked.name, status, asked, row * 5 + column * 2] as const),
)

test.concurrent.each(cells)('%s is answered %d with an echo', async (_name, status, asked, first) => {
  await using sandbox = await startSandbox()
  const { faults } = asked.server === 'box' ? sandbox.boxServer : sandbox.githubServer
  const step = sandbox.step({
    with: { 'retry-for': '12', verify: 'true', 'state-key': stateKey },
    env: { RUNNER_DEBUG: '1' },
  })
  const reply = echoing(status, first)
  faults.add(asked.label, { kind: 'reply', reply }, { skip: asked.skip })
  const main = await runStep(step)
  expect(sandbox.record.some(({ fault }) => fault === 'reply')).toBe(true)
  faults.clear()
  faults.add(asked.label, { kind: 'reply', reply })
  const post = await runPostStep(step, main.state)
  for (const result of [main, post]) {
    expect(result.stderr).toBe('')
    expect(result.stdout).not.toMatch(/^\s+at .*:\d+/m)
    expectNoSecrets(sandbox, result)
    const printed = result.stdout.replace(/^::add-mask::.*$/gm, '')
    for (const form of encodedForms(stateKey)) expect(printed + result.summary).not.toContain(form)
    expectNoPieces(sandbox, withoutSeals(printed + result.summary))
  }
  expect([...main.errors, ...post.errors].length).toBeLessThanOrEqual(1)
})

test.concurrent.each(Object.keys(echoForms).map((name, first) => [name, first] as const))(
  "Box's own words (%s) are shown, with the secrets removed",
  async (_name, first) => {
    await using sandbox = await startSandbox()
    sandbox.boxServer.faults.add('token', { kind: 'reply', reply: echoing(400, first) })
    const { stdout, summary } = await sandbox.run()
    expectNoPieces(sandbox, withoutSeals(stdout.replace(/^::add-mask::.*$/gm, '') + summary))
    expect(stdout).toMatch(/^::error .*Box answered ".*(?:\*\*\*|withheld).*"/m)
  },
)
