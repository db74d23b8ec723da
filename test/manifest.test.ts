/** action.yml, package.json and the README match the code. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failureCodes } from '../src/failure.ts'
import { inputDefaults, loadInputs } from '../src/action/inputs.ts'
import { readManifest } from './sandbox/runner.ts'

const root = join(import.meta.dirname, '..')
const manifest = await readManifest()

test('the code reads exactly the inputs that action.yml describes', () => {
  const read = new Set<string>()
  const credentials = new Set(['client-id', 'client-secret', 'refresh-token', 'github-token'])
  loadInputs(
    (name) => {
      read.add(name)
      return credentials.has(name) ? 'x' : ''
    },
    { GITHUB_REPOSITORY: 'octo-org/nightly' },
  )
  expect([...read].toSorted()).toEqual(Object.keys(manifest.inputs).toSorted())
})

test('action.yml has the same defaults as the code', () => {
  const described = Object.entries(manifest.inputs).filter(([, input]) => input.default !== undefined)
  expect(Object.fromEntries(described.map(([name, input]) => [name, input.default]))).toEqual(inputDefaults)
})

test('the action runs on Node.js 24, from a file that exists', async () => {
  expect(manifest.runs.using).toBe('node24')
  await expect(readFile(join(root, manifest.runs.main))).resolves.toBeDefined()
})

test('the README explains every error code', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  for (const code of Object.keys(failureCodes)) expect(readme).toContain(`| \`${code}\``)
})

describe('package.json', () => {
  test('has no script that makes npm install all development tools for `npx github:…`', async () => {
    const { scripts, workspaces } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
      workspaces: unknown
    }
    const forbidden = new Set(['build', 'prepare', 'prepack', 'preinstall', 'install', 'postinstall'])
    expect(Object.keys(scripts).filter((name) => forbidden.has(name))).toEqual([])
    expect(workspaces).toBeUndefined()
  })

  test('pins every package; dependencies are bundled, so that users install none', async () => {
    const text = await readFile(join(root, 'package.json'), 'utf8')
    const { dependencies, devDependencies } = JSON.parse(text) as Record<
      string,
      Record<string, string> | undefined
    >
    expect(dependencies).toBeUndefined()
    for (const [name, version] of Object.entries(devDependencies ?? {}))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('the lockfile covers every platform, so that `npm ci` works on each', async () => {
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${folder}/node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })

  test('the lockfile contains no download addresses', async () => {
    for (const file of ['package-lock.json', 'tools/node-24/package-lock.json']) {
      expect(await readFile(join(root, file), 'utf8')).not.toContain('"resolved": "http')
    }
  })
})

/** The limits of each file: bytes (not minified) and packages. Raising one is a decision, not part of an update. */
const github = [
  '@octokit/endpoint',
  '@octokit/request',
  '@octokit/request-error',
  'content-type',
  'json-with-bigint',
  'universal-user-agent',
]
const parts: Readonly<Record<string, { readonly bytes: number; readonly packages: readonly string[] }>> = {
  'main.js': { bytes: 310_000, packages: ['@actions/core', '@actions/github', 'oauth4webapi', ...github] },
  'post.js': { bytes: 4_000, packages: [] },
  'finish.js': { bytes: 200_000, packages: ['@actions/core', ...github] },
  'libsodium.js': { bytes: 500_000, packages: ['libsodium', 'libsodium-wrappers'] },
}

async function bundled(file: string): Promise<string> {
  return readFile(join(root, 'dist', file), 'utf8')
}

function packagesIn(code: string): string[] {
  const names = [...code.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(
    ([, name = '']) => name,
  )
  return [...new Set(names)].toSorted()
}

describe('the bundle', () => {
  test.each(Object.entries(parts))('%s stays within its size and its packages', async (file, allowed) => {
    const code = await bundled(file)
    expect(Buffer.byteLength(code)).toBeLessThan(allowed.bytes)
    expect(packagesIn(code)).toEqual(allowed.packages.toSorted())
    // A single non-ASCII character makes V8 store the whole file with two bytes per character.
    expect(/^[\0-\x7f]*$/.test(code)).toBe(true)
    // And no function around the whole file, which ncc adds for a top-level `await`.
    expect(code).not.toContain('__webpack_async_result__')
  })

  test('is not minified, and contains no second HTTP client', async () => {
    for (const file of [...Object.keys(parts), 'cli.js']) {
      const code = await bundled(file)
      // The longest line is libsodium's WebAssembly as text.
      const lines = code.split('\n').filter((line) => !line.includes('AGFzbQ'))
      expect(Math.max(...lines.map((line) => line.length)), file).toBeLessThan(50_000)
      expect(code, file).not.toContain('node_modules/undici/')
    }
  })

  test('includes the license of every package in it', async () => {
    const licences = await bundled('licenses.txt')
    for (const file of [...Object.keys(parts), 'cli.js']) {
      for (const name of packagesIn(await bundled(file)))
        expect(licences, file).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'))
    }
  })
})
