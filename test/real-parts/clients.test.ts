/** The access token in real use: with curl, and with Box's own SDK for Node.js. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { BoxClient, BoxDeveloperTokenAuth } from 'box-node-sdk'
import { expect, test } from 'vitest'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectRotated } from '../scenarios/support.ts'

const hasCurl = spawnSync('curl', ['--version'], { stdio: 'ignore' }).error === undefined

test.skipIf(!hasCurl)('curl works as in the README', async () => {
  await using sandbox = await Sandbox.start({ reading: 'strict' })
  const result = await sandbox.run({ with: { 'export-variable': 'BOX_ACCESS_TOKEN' } })
  expectRotated(sandbox, result)
  const script =
    'curl --fail --silent --show-error --header "Authorization: Bearer $BOX_ACCESS_TOKEN" "$BOX/2.0/users/me?fields=id,name,login"'
  const env = { PATH: process.env['PATH'], BOX: sandbox.boxServer.url, ...result.exported }
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env })
  expect(JSON.parse(stdout)).toMatchObject({ login: 'ceo@example.com' })
})

test("Box's SDK works", async () => {
  await using sandbox = await Sandbox.start({ reading: 'strict' })
  const result = await sandbox.run()
  expectRotated(sandbox, result)
  const { url } = sandbox.boxServer
  const auth = new BoxDeveloperTokenAuth({ token: result.outputs['access-token'] ?? '' })
  const client = new BoxClient({ auth }).withCustomBaseUrls({
    baseUrl: url,
    uploadUrl: url,
    oauth2Url: `${url}/oauth2`,
  })
  const me = await client.users.getUserMe()
  expect(me.login).toBe('ceo@example.com')
  // The first use of the new token ends the old pair, and nothing else.
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
})
