/** Settings that an earlier step, an image or a shell left in the environment never expose what is sent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodedForms } from '../../src/encodings.ts'
import { certificates, hasOpenssl } from '../sandbox/certificates.ts'
import { runCli, runtimes } from '../sandbox/cli.ts'
import { runPostStep, runStep } from '../sandbox/runner.ts'
import { repository, type Sandbox, writeToken } from '../sandbox/sandbox.ts'
import type { ServerIdentity } from '../sandbox/server.ts'
import {
  expectFailure,
  expectNoSecrets,
  expectNothingSpent,
  expectRotated,
  secretsOf,
  startSandbox,
} from './support.ts'

const unchecked = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
const names = { box: 'api.box.test', github: 'api.github.test', proxy: '127.0.0.1' }

describe.skipIf(!hasOpenssl).concurrent('NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  let folder: string
  let tls: Record<keyof typeof names, ServerIdentity>
  const servers: Server[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'box-token-tls-'))
    tls = await certificates(folder, names)
  })

  afterAll(async () => {
    for (const server of servers) server.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A CONNECT proxy that resolves all hosts to loopback; records what it is asked. */
  async function proxy(identity?: ServerIdentity): Promise<{ url: string; asked: () => string }> {
    let asked = ''
    const server = identity ? createTlsServer({ key: identity.key, cert: identity.cert }) : createServer()
    server.on(identity ? 'secureConnection' : 'connection', (socket: Socket) => {
      socket.on('error', () => {})
      socket.once('data', (head) => {
        asked += head.toString('latin1')
        const port = /^CONNECT [^ ]+:(\d+) /.exec(head.toString('latin1'))?.[1]
        const onward = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          onward.pipe(socket).pipe(onward)
        })
        onward.on('error', () => socket.destroy())
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
      url: `${identity ? 'https' : 'http'}://corp:pr0xy-passw0rd@127.0.0.1:${port}`,
      asked: () => asked,
    }
  }

  const authority = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })
  const direct = (): { readonly box: ServerIdentity; readonly github: ServerIdentity } => ({
    box: { ...tls.box, hostname: '127.0.0.1' },
    github: { ...tls.github, hostname: '127.0.0.1' },
  })

  test('direct: GitHub gets nothing if its certificate is not trusted', async () => {
    await using sandbox = await startSandbox({ tls: direct() })
    const result = await sandbox.run({
      with: { 'github-api-url': sandbox.githubServer.url, 'retry-for': '12' },
      env: unchecked,
    })
    expect(expectFailure(sandbox, result, 'github-unavailable')).toMatch(/certificate is not trusted/)
    expect(result.warnings.map(({ message }) => message).join()).toContain(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored',
    )
    expect(sandbox.requests).toEqual([])
  })

  test('direct: Box gets nothing if its certificate is not trusted', async () => {
    await using sandbox = await startSandbox({ tls: direct() })
    await using plain = await startSandbox()
    const inputs = { 'box-api-url': sandbox.boxServer.url, 'retry-for': '12' }
    const result = await plain.run({ with: inputs, env: unchecked })
    expect(expectFailure(plain, result, 'box-unavailable')).toMatch(/certificate is not trusted/)
    expect(sandbox.requests).toEqual([])
    expectNothingSpent(plain)
  })

  test('through a proxy: they get nothing either', async () => {
    await using sandbox = await startSandbox({ tls })
    const { url, asked } = await proxy()
    for (const byItself of ['0', '1']) {
      const result = await sandbox.run({
        with: { 'github-api-url': sandbox.githubServer.url, 'retry-for': '12' },
        env: { ...unchecked, https_proxy: url, NODE_USE_ENV_PROXY: byItself },
      })
      expect(expectFailure(sandbox, result, 'github-unavailable')).toMatch(/is not trusted/)
    }
    expect(asked()).toContain('CONNECT api.github.test:')
    expect(sandbox.requests).toEqual([])
  })

  test('a proxy gets no password if its certificate is not trusted', async () => {
    await using sandbox = await startSandbox({ tls })
    const { url, asked } = await proxy(tls.proxy)
    const result = await sandbox.run({
      with: { 'github-api-url': sandbox.githubServer.url, 'retry-for': '12' },
      env: { ...unchecked, https_proxy: url },
    })
    expect(expectFailure(sandbox, result, 'github-unavailable')).toMatch(/is not trusted/)
    expect(asked()).toBe('')
    expect(sandbox.requests).toEqual([])
  })

  test('with the authority all is well, even through a proxy with TLS', async () => {
    await using sandbox = await startSandbox({ tls, reading: 'strict' })
    const { url } = await proxy(tls.proxy)
    const result = await sandbox.run({
      with: { 'github-api-url': sandbox.githubServer.url },
      env: { ...unchecked, ...authority(), https_proxy: url },
    })
    expectRotated(sandbox, result)
  })

  test('the post step exposes nothing either', async () => {
    await using sandbox = await startSandbox({ tls, reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: { status: 503 } })
    const { url } = await proxy()
    const step = sandbox.step({ with: { 'retry-for': '12' }, env: { ...authority(), https_proxy: url } })
    const main = await runStep(step)
    expectFailure(sandbox, main, 'secret-not-written')
    sandbox.githubServer.faults.clear()
    const sent = sandbox.requests.length
    const post = await runPostStep({ ...step, env: { ...unchecked, https_proxy: url } }, main.state)
    expectNoSecrets(sandbox, post)
    expect(post.stdout).toMatch(/certificate.* is not trusted/)
    expect(sandbox.requests).toHaveLength(sent)
    // If the certificate is trusted, the same step stores what is left.
    const later = await runPostStep(step, main.state)
    expectNoSecrets(sandbox, later)
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })

  describe.each(runtimes())('the commands on Node.js %s', (_version, node) => {
    test('expose nothing either', async () => {
      await using sandbox = await startSandbox({ tls: direct() })
      const result = await runCli({
        args: ['doctor', '--repo', repository, '--github-api-url', sandbox.githubServer.url],
        env: { ...unchecked, GITHUB_TOKEN: writeToken },
        node,
      })
      expect(result.exitCode).toBe(1)
      expect(result.stdout).toMatch(/certificate is not trusted/)
      expect(result.stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored')
      expect(sandbox.requests).toEqual([])
    })
  })
})

/** The text contains no secret in any form, not even as spaced bytes, the way Node.js prints a buffer. */
function expectNoSecretsIn(sandbox: Sandbox, text: string): void {
  for (const secret of secretsOf(sandbox)) {
    const bytes = Buffer.from(secret).toString('hex').replace(/../g, '$& ').trim()
    for (const form of [...encodedForms(secret), bytes.slice(0, 60)]) expect(text).not.toContain(form)
  }
}

describe.concurrent('NODE_DEBUG', () => {
  const telling = [
    'http',
    'https',
    'http2',
    'net',
    'tls',
    'stream',
    '*',
    'HTTP',
    'timer,stream',
    's*m',
    'ne*',
    'module,*ttp',
  ]

  test.each(telling)('%s: nothing is sent, and nothing is shown', async (sections) => {
    await using sandbox = await startSandbox()
    const result = await sandbox.run({ env: { NODE_DEBUG: sections } })
    expect(result.outputs).toEqual({ 'error-code': 'bad-input' })
    expect(result.exitCode).toBe(1)
    expect(result.errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^NODE_DEBUG makes Node\.js print .* Nothing was used .* Remove http, https, .* from NODE_DEBUG/,
      ),
    ])
    expect(sandbox.requests).toEqual([])
    const printed = result.stdout.replace(/^::add-mask::.*$/gm, '')
    expectNoSecretsIn(sandbox, printed + result.stderr + result.summary)
    expectNothingSpent(sandbox)
  })

  test.each(['timer', 'module', 'httpx', 'my-stream', 'fs,worker', 'http.', ''])(
    '%j prints nothing that is sent: the run continues',
    async (sections) => {
      await using sandbox = await startSandbox()
      const result = await sandbox.run({ env: { NODE_DEBUG: sections } })
      expect(result.exitCode).toBe(0)
      expect(sandbox.box.takes(sandbox.stored)).toBe(true)
      expectNoSecretsIn(sandbox, result.stdout.replace(/^::add-mask::.*$/gm, '') + result.stderr)
    },
  )

  test('set after the main step: the post step sends nothing, and hands its token to the owner', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: { status: 503 } })
    const step = sandbox.step({ with: { 'retry-for': '12' } })
    const main = await runStep(step)
    sandbox.githubServer.faults.clear()
    const before = sandbox.requests.length
    const post = await runPostStep({ ...step, env: { NODE_DEBUG: 'stream' } }, main.state)
    expect(sandbox.requests.slice(before)).toEqual([])
    expect(post.exitCode).toBe(1)
    expect(post.log).toMatch(/^box-token-recovery\.v1\./m)
    expect(post.stdout).toContain('NODE_DEBUG makes Node.js print everything that is sent')
    expectNoSecretsIn(sandbox, post.stdout.replace(/^::add-mask::.*$/gm, '') + post.stderr)
  })

  describe.each(runtimes())('the commands on Node.js %s', (_version, node) => {
    test.each(['stream', 'HTTP*', '*'])('%s: refused', async (sections) => {
      await using sandbox = await startSandbox()
      for (const command of ['login', 'doctor', 'recover']) {
        const result = await runCli({
          args: [command, '--repo', repository, '--github-api-url', sandbox.githubServer.url],
          env: {
            NODE_DEBUG: sections,
            GITHUB_TOKEN: writeToken,
            BOX_CLIENT_ID: sandbox.box.clientId,
            BOX_CLIENT_SECRET: sandbox.box.clientSecret,
          },
          node,
        })
        expect([result.exitCode, result.stdout]).toEqual([1, ''])
        expect(result.stderr).toMatch(/^box-token: NODE_DEBUG makes Node\.js print .* run this again\.$/m)
        expectNoSecretsIn(sandbox, result.stderr)
      }
      expect(sandbox.requests).toEqual([])
    })
  })
})
