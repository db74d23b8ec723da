/**
 * Keeps the tables in README.md true: inputs and outputs from action.yml, error codes from src/failure.ts. Each
 * stands between `<!-- generated: name -->` and `<!-- end -->`.
 *
 * `node scripts/docs.ts --check` changes nothing and fails where a table is out of date.
 */
import { readFile, writeFile } from 'node:fs/promises'
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
const readme = join(root, 'README.md')
const manifest = parse(await readFile(join(root, 'action.yml'), 'utf8')) as Manifest

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
    ['`error-code`', 'when', 'what was spent', 'what to do'],
    Object.entries(failureCodes).map(([code, text]) => [`\`${code}\``, text.when, text.spent, text.remedy]),
  ),
}

const before = await readFile(readme, 'utf8')
const used = new Set<string>()
const filled = before.replace(
  /(<!-- generated: ([a-z-]+) -->\n)[^]*?(<!-- end -->)/g,
  (_all, start: string, name: string, end: string) => {
    const text = tables[name]
    if (text === undefined) throw new Error(`README.md asks for a table "${name}" that nobody makes`)
    used.add(name)
    return `${start}\n${text}\n\n${end}`
  },
)
const missing = Object.keys(tables).filter((name) => !used.has(name))
if (missing.length > 0) throw new Error(`README.md has no place for: ${missing.join(', ')}`)
const after = await format(filled, { ...(await resolveConfig(readme)), parser: 'markdown' })

if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('README.md is out of date: run `npm run docs`.')
    process.exitCode = 1
  }
} else if (after !== before) {
  await writeFile(readme, after)
  console.log('README.md brought up to date.')
}
