/**
 * Keeps the generated parts of the pages up to date, each between `<!-- generated: name -->` and `<!-- end -->`: in the
 * README, inputs and outputs from action.yml and error codes from src/failure.ts; in docs, workflows from
 * .github/examples. On every page, it also sets the release that `npx` runs, from package.json: people type their
 * secrets into it, so it must not be the tip of a branch.
 *
 * `node scripts/docs.ts --check` changes nothing, and fails if a page is out of date.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { parse } from 'yaml'
import { failureCodes } from '../src/failure.ts'

interface Manifest {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

const root = join(import.meta.dirname, '..')
const manifest = parse(await readFile(join(root, 'action.yml'), 'utf8')) as Manifest

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.trim().replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

const tables: Readonly<Record<string, string>> = {
  inputs: table(
    ['input', 'default', 'meaning'],
    Object.entries(manifest.inputs).map(([name, input]) => [
      `\`${name}\``,
      input.required ? 'required' : input.default === undefined ? '' : `\`${input.default}\``,
      input.description,
    ]),
  ),
  outputs: table(
    ['output', 'meaning'],
    Object.entries(manifest.outputs).map(([name, output]) => [`\`${name}\``, output.description]),
  ),
  'error-codes': table(
    ['`error-code`', 'what happened', 'stored refresh token', 'what to do'],
    Object.entries(failureCodes).map(([code, text]) => [`\`${code}\``, text.when, text.spent, text.remedy]),
  ),
}

/** An example as the pages show it: without the comment at the top. */
async function example(name: string): Promise<string> {
  const text = await readFile(join(root, '.github/examples', `${name}.yml`), 'utf8')
  return `\`\`\`yaml\n${text.replace(/^(?:#.*\n)+/, '')}\`\`\``
}

/** The workflows in docs, by page. The other generated parts there come from the scripts that measure them. */
const examples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'environment.md': { 'example-environment': await example('environment') },
  'sharing.md': { 'example-shared-state': await example('shared-state') },
}

/** Fills in the generated parts of a page. Every part must have a place there, and every place a part. */
function filled(page: string, text: string, parts: Readonly<Record<string, string>>): string {
  const used = new Set<string>()
  const result = text.replace(
    /(<!-- generated: ([a-z-]+) -->\n)[^]*?(<!-- end -->)/g,
    (_all, start: string, name: string, end: string) => {
      const part = parts[name]
      if (part === undefined) throw new Error(`${page} asks for a part "${name}" that nothing generates`)
      used.add(name)
      return `${start}\n${part}\n\n${end}`
    },
  )
  const missing = Object.keys(parts).filter((name) => !used.has(name))
  if (missing.length > 0) throw new Error(`${page} has no place for: ${missing.join(', ')}`)
  return result
}

/**
 * Updates a page, or with `--check` reports that it is out of date.
 *
 * @param parts what is generated there; `undefined` if that is up to other scripts
 */
async function bringUpToDate(page: string, parts?: Readonly<Record<string, string>>): Promise<void> {
  const file = join(root, page)
  const before = await readFile(file, 'utf8')
  const complete = parts ? filled(page, before, parts) : before
  const released = complete.replace(/(npx github:[\w.-]+\/box-token-action)(?:#[\w.-]+)?/g, `$1#v${version}`)
  const after = await format(released, { ...(await resolveConfig(file)), parser: 'markdown' })
  if (after === before) return
  if (process.argv.includes('--check')) {
    console.error(`${page} is out of date: run \`npm run docs\`.`)
    process.exitCode = 1
    return
  }
  await writeFile(file, after)
  console.log(`Updated ${page}.`)
}

await bringUpToDate('README.md', tables)
await bringUpToDate('README.ja.md')
for (const name of await readdir(join(root, 'docs'))) {
  if (name.endsWith('.md')) await bringUpToDate(`docs/${name}`, examples[name])
}
