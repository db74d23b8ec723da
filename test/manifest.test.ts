/** What stands in action.yml, package.json and the README is what the code does. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failureCodes } from '../src/failure.ts'
import { inputDefaults, loadInputs } from '../src/inputs.ts'
import { readManifest } from './sandbox/runner.ts'

const root = join(import.meta.dirname, '..')
const manifest = await readManifest()

test('every input that is read is described, and every described one is read', () => {
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

test('the defaults in action.yml are those of the code', () => {
  const described = Object.entries(manifest.inputs).filter(([, input]) => input.default !== undefined)
  expect(Object.fromEntries(described.map(([name, input]) => [name, input.default]))).toEqual(inputDefaults)
})

test('it runs on Node.js 24, from a file that is there', async () => {
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

  test('pins every package, and what is bundled is no dependency of its users', async () => {
    const text = await readFile(join(root, 'package.json'), 'utf8')
    const { dependencies, devDependencies } = JSON.parse(text) as Record<
      string,
      Record<string, string> | undefined
    >
    expect(dependencies).toBeUndefined()
    for (const [name, version] of Object.entries(devDependencies ?? {}))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('the lockfile knows every platform, so that `npm ci` works on each', async () => {
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

  test('the lockfile names no download address', async () => {
    for (const file of ['package-lock.json', 'tools/node-24/package-lock.json']) {
      expect(await readFile(join(root, file), 'utf8')).not.toContain('"resolved": "http')
    }
  })
})

describe('the bundle', () => {
  test('is not minified, and holds no second HTTP client', async () => {
    const bundle = await readFile(join(root, 'dist/main.js'), 'utf8')
    // The longest line is the WebAssembly of libsodium, as text.
    const lines = bundle.split('\n').filter((line) => !line.includes('AGFzbQ'))
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(50_000)
    expect(bundle).not.toContain('node_modules/undici/')
  })

  test.each(['main.js', 'post.js', 'cli.js'])(
    '%s comes with the licence of every package in it',
    async (file) => {
      const bundle = await readFile(join(root, 'dist', file), 'utf8')
      const packages = new Set(
        [...bundle.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name = '']) => name),
      )
      expect(packages.size).toBeGreaterThan(5)
      const licences = await readFile(join(root, 'dist/licenses.txt'), 'utf8')
      for (const name of packages) expect(licences).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'))
    },
  )
})
