/** Certificates of a private authority, made with openssl. */
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { ServerIdentity } from './server.ts'

/** Whether this machine can make them. */
export const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).error === undefined

function openssl(folder: string, ...args: readonly string[]): void {
  const result = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`openssl ${args[0]}: ${result.stderr}`)
}

/**
 * Creates our own certificate authority (`ca.pem` in the folder), and issues a certificate for each host.
 *
 * @param names host names, by purpose
 */
export async function certificates<T extends string>(
  folder: string,
  names: Readonly<Record<T, string>>,
): Promise<Record<T, ServerIdentity>> {
  const days = ['-days', '2']
  openssl(
    folder,
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Sandbox authority',
    ...days,
  )
  const identity = async (hostname: string): Promise<ServerIdentity> => {
    await writeFile(
      join(folder, `${hostname}.ext`),
      `subjectAltName=${isIP(hostname) === 0 ? 'DNS' : 'IP'}:${hostname}\n`,
    )
    openssl(
      folder,
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${hostname}.key`,
      '-out',
      `${hostname}.csr`,
      '-subj',
      `/CN=${hostname}`,
    )
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${hostname}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${hostname}.pem`,
      '-extfile',
      `${hostname}.ext`,
      ...days,
    )
    const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')
    return { hostname, key: await read(`${hostname}.key`), cert: await read(`${hostname}.pem`) }
  }
  const made: Partial<Record<T, ServerIdentity>> = {}
  for (const name of Object.keys(names) as T[]) made[name] = await identity(names[name])
  return made as Record<T, ServerIdentity>
}
