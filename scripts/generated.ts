/** The generated parts of the pages in docs, each between `<!-- generated: name -->` and `<!-- end -->`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

const folder = join(import.meta.dirname, '..', 'docs')

/** Replaces a generated part of a page, formatted like the rest. */
export async function writeGenerated(file: string, name: string, text: string): Promise<void> {
  const page = join(folder, file)
  const before = await readFile(page, 'utf8')
  const start = `<!-- generated: ${name} -->\n`
  const from = before.indexOf(start)
  const to = before.indexOf('<!-- end -->', from)
  if (from < 0 || to < 0) throw new Error(`docs/${file} has no place for "${name}"`)
  const filled = `${before.slice(0, from)}${start}\n${text}\n\n${before.slice(to)}`
  await writeFile(page, await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' }))
}

/** A Markdown table; numbers get thousands separators. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
