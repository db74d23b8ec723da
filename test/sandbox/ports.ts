import { createServer, type AddressInfo } from 'node:net'

/** A port on loopback that nothing listens on: to refuse connections, or for a program that cannot be asked for its own. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
