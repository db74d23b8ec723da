import { expect, test } from 'vitest'
import { boundedFetch, TransportError } from '../../../src/http/exchange.ts'
import { nodeFetch } from '../../../src/http/node-fetch.ts'
import { systemClock } from '../../../src/clock.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'

/** The status of an answer, or how the request failed. */
async function ask(url: string): Promise<number | string> {
  const signal = new AbortController().signal
  const network = { fetch: nodeFetch, clock: systemClock, proxies: [] }
  try {
    return (await boundedFetch(network, { timeoutMs: 30_000, maxBytes: 10_000, signal })(url)).status
  } catch (error) {
    return error instanceof TransportError ? error.message : String(error)
  }
}

test('a server that goes down answers pending requests, refuses new ones, and comes back on its port', async () => {
  await using sandbox = await Sandbox.start()
  const { boxServer: server } = sandbox
  const url = `${server.url}/2.0/users/me`
  server.keepsConnections = false
  expect(await ask(url)).toBe(401)
  server.onRequest = () => server.refuse()
  expect(await ask(url)).toBe(401)
  for (let tries = 0; tries < 5; tries += 1) expect(await ask(url)).toBe('no connection (ECONNREFUSED)')
  server.onRequest = () => {}
  await server.accept()
  expect(await ask(url)).toBe(401)
  expect(server.url).toBe(url.replace('/2.0/users/me', ''))
})
