import { createServer } from 'node:net'
import { env, pid } from 'node:process'

/**
 * Ports for one test process: below those that systems give to outgoing connections, which could otherwise take a port
 * after it was found free and before it is used; and separate from those of the other workers.
 */
const portsOfWorker = 900
const firstPort = 12_000 + (Number(env['VITEST_POOL_ID'] ?? 0) % 20) * 1000
let given = pid

/** A port on loopback that nothing listens on: to refuse connections, or for a program that cannot report its own. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsOfWorker; tries += 1) {
    given += 1
    const port = firstPort + (given % portsOfWorker)
    if (await isFree(port)) return port
  }
  throw new Error('all ports are in use')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
