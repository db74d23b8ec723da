/**
 * Builds what ships: the files in `dist` and the licences of everything in them.
 *
 * Two steps. Rolldown leaves out what is never used: `@actions/core` and `@actions/github` bring an HTTP client for
 * functions that this action does not call, and loading it would take longer than the whole run. ncc then builds the
 * files that the runner starts, one for each entry: what a run does not need right away, or at all, is a separate entry
 * that is loaded late. Nothing is minified, so that stack traces stay readable.
 *
 * `node scripts/bundle.ts <folder>` builds into another folder, to compare.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join, relative, resolve, sep } from 'node:path'
import { rolldown, type Plugin } from 'rolldown'

interface NccResult {
  readonly code: string
  readonly assets: Readonly<Record<string, { readonly source: string | Buffer }>>
}

type Ncc = (entry: string, options: Readonly<Record<string, unknown>>) => Promise<NccResult>

const root = resolve(import.meta.dirname, '..')
const target = resolve(process.argv[2] ?? join(root, 'dist'))
const between = join(root, 'lib')
// ncc names modules relative to the folder that it is started in.
process.chdir(root)
const ncc = createRequire(import.meta.url)('@vercel/ncc') as Ncc
/** Name in `dist` and what it is built from: a file in `src`, or a package. */
const entries = {
  main: 'action/main.ts',
  post: 'action/post.ts',
  finish: 'action/finish.ts',
  cli: 'cli/main.ts',
  libsodium: 'libsodium-wrappers',
}

/** What other files load late, by the name in their `import()`; `webpackIgnore` there tells ncc the same. */
const apart = new Map([
  ['./finish.ts', 'finish'],
  ['libsodium-wrappers', 'libsodium'],
])

/** Leaves these imports in place: the run loads each from its own file. */
const keepApart: Plugin = {
  name: 'keep-apart',
  resolveId: (source, importer) => {
    const name = apart.get(source)
    return name === undefined || importer === undefined ? null : { id: `./${name}.js`, external: 'absolute' }
  },
}

/** Packages whose modules have no side effects: what is not imported from them can be left out. */
const shaken = /[\\/]node_modules[\\/](?:@actions|@octokit|undici|tunnel)[\\/]/

await rm(between, { recursive: true, force: true })
const files = new Map<string, string | Buffer>()
const modules = new Set<string>()
for (const [entry, source] of Object.entries(entries)) {
  const build = await rolldown({
    input: source.endsWith('.ts') ? join(root, 'src', source) : source,
    cwd: root,
    platform: 'node',
    plugins: [keepApart],
    treeshake: { moduleSideEffects: (id) => !shaken.test(id) && !isBuiltin(id) },
  })
  const { output } = await build.write({
    file: join(between, `${entry}.js`),
    format: 'esm',
    codeSplitting: false,
  })
  await build.close()
  for (const chunk of output) {
    if (chunk.type !== 'chunk') continue
    for (const [id, module] of Object.entries(chunk.modules)) if (module.code) modules.add(id)
  }
  const { code, assets } = await ncc(join(between, `${entry}.js`), { cache: false, quiet: true })
  files.set(`${entry}.js`, asciiOnly(code))
  for (const [name, asset] of Object.entries(assets)) files.set(name, asset.source)
}
files.set('licenses.txt', await licences(modules))
await rm(between, { recursive: true, force: true })

// Only a complete build replaces the existing one.
await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
for (const [name, content] of files) await writeFile(join(target, name), content)
if (target === join(root, 'dist')) console.log(`Built ${[...files.keys()].join(', ')} in dist.`)

/** A single other character in a file, even in a comment, makes V8 keep all of it at two bytes per character. */
function asciiOnly(code: string): string {
  if (/\\[^\0-\x7f]/.test(code))
    throw new Error('there is a backslash before a character that has to be escaped')
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The licence text of every package that has code in the bundles, by name. */
async function licences(ids: ReadonlySet<string>): Promise<string> {
  const folders = new Set<string>()
  for (const id of ids) {
    const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)
    if (match?.[1]) folders.add(match[1])
  }
  const texts = await Promise.all([...folders].map(licenceOf))
  return texts.toSorted().join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenceOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name))
  if (!file) throw new Error(`${relative(root, folder).split(sep).join('/')} has no licence file`)
  const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()
  return `${String(manifest['name'])} ${String(manifest['version'])} (${String(manifest['license'])})\n\n${text}\n`
}
