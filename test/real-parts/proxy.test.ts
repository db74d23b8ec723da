/**
 * Through a real proxy (squid) to hosts that only the proxy can resolve, over TLS with a private certificate authority.
 * Skipped if squid or openssl is not installed; CI installs them.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificates } from '../sandbox/certificates.ts'
import { freePort } from '../sandbox/ports.ts'
import type { ServerIdentity } from '../sandbox/server.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectFailure, expectNothingSpent, expectRotated, tokenRequests } from '../scenarios/support.ts'

const names = { box: 'api.box.test', github: 'api.github.test' }
const installed = ['squid', 'openssl'].every(
  (tool) => spawnSync(tool, ['-v'], { stdio: 'ignore' }).error === undefined,
)

describe.skipIf(!installed)('through squid, over TLS with a private authority', () => {
  let folder: string
  let squid: ChildProcess
  let proxy: string
  let tls: { readonly box: ServerIdentity; readonly github: ServerIdentity }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'box-token-squid-'))
    // squid drops its root privileges, and then writes its log here.
    await chmod(folder, 0o777)
    tls = await certificates(folder, names)
    const port = await freePort()
    await writeFile(
      join(folder, 'hosts'),
      Object.values(names)
        .map((name) => `127.0.0.1 ${name}\n`)
        .join(''),
    )
    const config = [
      `http_port 127.0.0.1:${port}`,
      `hosts_file ${join(folder, 'hosts')}`,
      'http_access allow all',
      'cache deny all',
      `access_log stdio:${join(folder, 'access.log')}`,
      `cache_log ${join(folder, 'cache.log')}`,
      `pid_filename ${join(folder, 'squid.pid')}`,
      `coredump_dir ${folder}`,
      'shutdown_lifetime 0 seconds',
    ]
    await writeFile(join(folder, 'squid.conf'), `${config.join('\n')}\n`)
    squid = spawn('squid', ['-N', '-f', join(folder, 'squid.conf')], { stdio: 'ignore' })
    proxy = `http://127.0.0.1:${port}`
    await listening(port)
  })

  afterAll(async () => {
    const ended = new Promise((resolve) => squid.once('exit', resolve))
    squid.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })

  const authority = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })

  test.each(['https_proxy', 'HTTPS_PROXY'])(
    '%s: a run succeeds, and reaches both hosts only through the proxy',
    async (variable) => {
      await writeFile(join(folder, 'access.log'), '')
      await using sandbox = await Sandbox.start({ reading: 'strict', tls })
      const inputs = { 'github-api-url': sandbox.githubServer.url, verify: 'true', scope: 'item_preview' }
      const result = await sandbox.run({ with: inputs, env: { ...authority(), [variable]: proxy } })
      expectRotated(sandbox, result)
      expect(sandbox.violations).toEqual([])
      const log = await readFile(join(folder, 'access.log'), 'utf8')
      // This machine cannot resolve the names, so the requests must have gone the way that the log shows.
      for (const server of [sandbox.boxServer, sandbox.githubServer])
        expect(log).toContain(`CONNECT ${new URL(server.url).host}`)
    },
  )

  // A connection has to be established within 10 s; an established tunnel has no such limit.
  test('an answer from Box may take longer than the connection time-out', async () => {
    await using sandbox = await Sandbox.start({ reading: 'strict', tls })
    sandbox.boxServer.faults.add('token', { kind: 'delay', ms: 11_000 })
    const inputs = { 'github-api-url': sandbox.githubServer.url, 'retry-for': '60' }
    expectRotated(sandbox, await sandbox.run({ with: inputs, env: { ...authority(), https_proxy: proxy } }))
    expect(tokenRequests(sandbox)).toBe(1)
  })

  test('without the authority the run fails before any token is used, and names the certificate', async () => {
    await using sandbox = await Sandbox.start({ tls })
    const inputs = { 'github-api-url': sandbox.githubServer.url }
    const before = performance.now()
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: inputs, env: { https_proxy: proxy } }),
      'github-unavailable',
    )
    expect(message).toMatch(
      /its certificate, or that of the proxy [\d.:]+, is not trusted \([A-Z_]+\)\. Nothing was used.*NODE_EXTRA_CA_CERTS/,
    )
    expect(performance.now() - before).toBeLessThan(5_000)
    expectNothingSpent(sandbox)
  })

  test("if only Box's certificate is not trusted, no token is used either", async () => {
    await using sandbox = await Sandbox.start({ tls })
    await using plain = await Sandbox.start()
    const inputs = { 'github-api-url': plain.githubServer.url, 'box-api-url': sandbox.boxServer.url }
    const result = await plain.run({ with: inputs, env: { https_proxy: proxy } })
    const message = expectFailure(plain, result, 'box-unavailable')
    expect(message).toMatch(/its certificate, or that of .*Nothing was used.*NODE_EXTRA_CA_CERTS/)
    expect(sandbox.requests).toEqual([])
  })

  test.each(['no_proxy', 'NO_PROXY'])('%s: a host in it is contacted directly', async (variable) => {
    await using sandbox = await Sandbox.start({ tls })
    const inputs = { 'github-api-url': sandbox.githubServer.url, 'retry-for': '3' }
    const env = { ...authority(), https_proxy: proxy, [variable]: names.github }
    const message = expectFailure(sandbox, await sandbox.run({ with: inputs, env }), 'github-unavailable')
    expect(message).toMatch(/no connection \((?:ENOTFOUND|EAI_AGAIN)\)/)
    expectNothingSpent(sandbox)
  })
})

describe('proxies that do not work', () => {
  const servers: Server[] = []

  afterAll(() => {
    for (const server of servers) server.close()
  })

  /** A proxy that gives this answer to every CONNECT. */
  async function refusing(answer: string): Promise<number> {
    return meeting((socket) => socket.end(answer))
  }

  /** A proxy that does this on every CONNECT. */
  async function meeting(act: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => socket.once('data', () => act(socket)).on('error', () => {}))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  const outside = { 'github-api-url': 'https://api.github.test', 'retry-for': '3' }

  test('a proxy that requires credentials is named, but not its password', async () => {
    await using sandbox = await Sandbox.start()
    const port = await refusing(
      'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
    )
    const env = { HTTPS_PROXY: `http://corp:p%40ssw0rd-of-proxy@127.0.0.1:${port}` }
    const result = await sandbox.run({ with: outside, env })
    const message = expectFailure(sandbox, result, 'github-unavailable')
    expect(message).toContain(`the proxy 127.0.0.1:${port} answered 407, it asks for credentials`)
    expect(result.masks).toContain('p@ssw0rd-of-proxy')
    expect(message).not.toContain('ssw0rd')
    expectNothingSpent(sandbox)
  })

  test.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'resets the connection',
      (socket) => socket.resetAndDestroy(),
      /no connection \(ECONNRESET\), perhaps because of the proxy 127/,
    ],
    ['closes the connection', (socket) => socket.end(), /no connection through the proxy 127/],
    ['does not speak HTTP', (socket) => socket.end('hello\r\n\r\n'), /no connection through the proxy 127/],
    [
      'opens and closes the tunnel',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
      /no connection \(ECONNRESET\), perhaps because of the proxy 127/,
    ],
  ])('a proxy that %s on the way to Box: nothing was sent', async (_name, act, words) => {
    await using sandbox = await Sandbox.start()
    const env = { https_proxy: `http://corp:p4ssw0rd-of-proxy@127.0.0.1:${await meeting(act)}` }
    const inputs = { 'box-api-url': 'https://api.box.test', 'retry-for': '3' }
    const result = await sandbox.run({ with: inputs, env })
    const message = expectFailure(sandbox, result, 'box-unavailable')
    expect(message).toMatch(words)
    expect(message).toContain('Nothing was used')
    expect(result.log).not.toContain('p4ssw0rd')
  })

  test('a proxy that refuses but keeps the connection open does not delay the end of the process', async () => {
    await using sandbox = await Sandbox.start()
    const port = await meeting((socket) =>
      socket.write('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'),
    )
    const env = { https_proxy: `http://127.0.0.1:${port}` }
    // If the connection kept the process alive, it would not end before the proxy does.
    expectFailure(sandbox, await sandbox.run({ with: outside, env }), 'github-unavailable')
  })

  test.each([
    ['http_proxy, if it is the only one', (proxy: string) => ({ http_proxy: proxy })],
    [
      'https_proxy, which takes precedence',
      (proxy: string) => ({ https_proxy: proxy, HTTPS_PROXY: 'http://127.0.0.2:1', HTTP_PROXY: proxy }),
    ],
  ])('%s, is used and named', async (_name, variables) => {
    await using sandbox = await Sandbox.start()
    const port = await refusing('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    const env = variables(`http://127.0.0.1:${port}`)
    const message = expectFailure(sandbox, await sandbox.run({ with: outside, env }), 'github-unavailable')
    expect(message).toContain(`: the proxy 127.0.0.1:${port} answered 403`)
    expectNothingSpent(sandbox)
  })

  test('a proxy that refuses the connection is named', async () => {
    await using sandbox = await Sandbox.start()
    const port = await freePort()
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: outside, env: { https_proxy: `127.0.0.1:${port}` } }),
      'github-unavailable',
    )
    expect(message).toContain(`no connection to the proxy 127.0.0.1:${port} (ECONNREFUSED)`)
  })

  test('a proxy that cannot reach Box: no token is used', async () => {
    await using sandbox = await Sandbox.start()
    const port = await refusing('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    const inputs = { 'box-api-url': 'https://api.box.test', 'retry-for': '3' }
    const result = await sandbox.run({ with: inputs, env: { https_proxy: `http://127.0.0.1:${port}` } })
    const message = expectFailure(sandbox, result, 'box-unavailable')
    expect(message).toMatch(/the proxy 127\.0\.0\.1:\d+ answered 403\. Nothing was used/)
  })

  test.each([
    ['all', ['http_proxy', 'https_proxy', 'HTTP_PROXY'], '0'],
    ['all, which Node.js itself uses', ['http_proxy', 'https_proxy', 'HTTP_PROXY'], '1'],
    ['http_proxy, which Node.js itself uses', ['http_proxy'], '1'],
  ])('servers on loopback are never contacted through a proxy: %s', async (_name, variables, byItself) => {
    await using sandbox = await Sandbox.start()
    const dead = `http://127.0.0.1:${await freePort()}`
    const env = Object.fromEntries(variables.map((variable) => [variable, dead]))
    expectRotated(sandbox, await sandbox.run({ env: { ...env, NODE_USE_ENV_PROXY: byItself } }))
  })

  test.each([
    'socks5://corp:pass-word-9@127.0.0.1:1080',
    'ftp://corp:pass-word-9@127.0.0.1',
    'http://corp:pass-word-9#x@proxy.corp.test:3128',
    'http://corp:pass-word-9%off@proxy.corp.test:3128',
    'http://corp:pass-word-9@proxy.corp.test:port',
  ])('an invalid address is reported and ignored, without its password: %s', async (address) => {
    await using sandbox = await Sandbox.start()
    const dead = `http://127.0.0.1:${await freePort()}`
    for (const more of [{}, { HTTP_PROXY: dead }]) {
      sandbox.clock.advance(5_000)
      const result = await sandbox.run({ env: { HTTPS_PROXY: address, ...more } })
      expectRotated(sandbox, result)
      expect(result.warnings[0]?.message).toContain(
        'HTTPS_PROXY is not the http:// or https:// address of a proxy',
      )
      expect(result.masks.some((mask) => mask.startsWith('pass-word-9'))).toBe(true)
      expect(result.log).not.toContain('pass-word')
    }
  })

  test('no_proxy of * means that no proxy is used', async () => {
    await using sandbox = await Sandbox.start()
    const env = { https_proxy: `http://127.0.0.1:${await freePort()}`, no_proxy: '*' }
    const message = expectFailure(sandbox, await sandbox.run({ with: outside, env }), 'github-unavailable')
    expect(message).toMatch(/no connection \((?:ENOTFOUND|EAI_AGAIN)\)/)
  })

  test('a server that refuses the connection is not mistaken for the proxy', async () => {
    await using sandbox = await Sandbox.start()
    const port = await freePort()
    const inputs = { 'github-api-url': `https://127.0.0.1:${port}`, 'retry-for': '3' }
    const result = await sandbox.run({ with: inputs, env: { https_proxy: 'http://127.0.0.2:3128' } })
    expect(expectFailure(sandbox, result, 'github-unavailable')).toContain('no connection (ECONNREFUSED)')
  })

  test('https to a server that does not speak TLS: the request was never sent, so no token is used', async () => {
    await using sandbox = await Sandbox.start()
    const inputs = { 'box-api-url': sandbox.boxServer.url.replace('http:', 'https:'), 'retry-for': '3' }
    const message = expectFailure(sandbox, await sandbox.run({ with: inputs }), 'box-unavailable')
    expect(message).toMatch(/no secure connection \([A-Z_]+\)\. Nothing was used/)
  })
})

/** Waits until a port accepts connections; gives up after ten seconds. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the proxy does not start')
}
