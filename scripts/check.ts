/**
 * Everything that must hold besides the tests: types, lint, format, tables in README.md, and a `dist` that is exactly
 * what `src` builds.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const fresh = await mkdtemp(join(tmpdir(), 'box-token-dist-'))
const failed: string[] = []

/** Runs one of the project's tools, with the Node.js that runs this script. */
function step(name: string, ...command: readonly string[]): void {
  console.log(`\n${name}`)
  const result = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) failed.push(name)
}

/** The names of the files that differ between two folders, or are only in one of them. */
async function differences(one: string, other: string): Promise<string[]> {
  const names = new Set([...(await readdir(one)), ...(await readdir(other))])
  const read = async (folder: string, name: string): Promise<string> => {
    try {
      return await readFile(join(folder, name), 'utf8')
    } catch {
      return ''
    }
  }
  const different: string[] = []
  for (const name of names) if ((await read(one, name)) !== (await read(other, name))) different.push(name)
  return different
}

try {
  step('Types', 'node_modules/typescript/bin/tsc')
  step('Lint', 'node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings')
  step('Format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.')
  step('Tables in README.md', 'scripts/docs.ts', '--check')
  step('Is dist what src builds?', 'scripts/bundle.ts', fresh)
  const stale = await differences(join(root, 'dist'), fresh)
  if (stale.length === 0) console.log('Yes.')
  if (stale.length > 0)
    failed.push(`dist is not what src builds (run \`npm run bundle\`): ${stale.join(', ')}`)
} finally {
  await rm(fresh, { recursive: true, force: true })
}

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
