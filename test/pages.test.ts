/** The pages that people read: no dead links, and every error code is covered. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { failureCodes } from '../src/failure.ts'
import { readManifest } from './sandbox/runner.ts'

const root = join(import.meta.dirname, '..')
const pages = [
  ...(await readdir(root)).filter((name) => name.endsWith('.md')),
  ...(await readdir(join(root, 'docs'))).map((name) => `docs/${name}`),
].toSorted()

/** The anchor that GitHub makes from a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}

async function anchorsOf(file: string): Promise<Set<string>> {
  const text = (await readFile(file, 'utf8')).replaceAll(/^ *```[^]*?^ *```/gm, '')
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)))
}

test.each(pages)('no link in %s is dead', async (page) => {
  const file = join(root, page)
  const text = (await readFile(file, 'utf8')).replaceAll(/^ *```[^]*?^ *```/gm, '')
  const dead: string[] = []
  for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (link.startsWith('https:')) continue
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : join(dirname(file), path)
    if (!existsSync(target)) dead.push(link)
    else if (anchor !== undefined && !(await anchorsOf(target)).has(anchor)) dead.push(link)
    expect(relative(root, target).startsWith('..'), link).toBe(false)
  }
  expect(dead).toEqual([])
})

test.each(pages)('%s uses npx only with a release', async (page) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const text = await readFile(join(root, page), 'utf8')
  for (const [, what] of text.matchAll(/npx\s+(?:--yes\s+)?(github:\S+?)[`\s]/g))
    expect(what).toBe(`github:owner/box-token-action#v${version}`)
})

test('README.ja.md explains every input, output and error code, and shows the samples of README.md', async () => {
  const text = await readFile(join(root, 'README.ja.md'), 'utf8')
  const { inputs, outputs } = await readManifest()
  const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|/gm)].map(
    ([, name = '', cell = '']) => [name, cell] as const,
  )
  const names = [...Object.keys(inputs), ...Object.keys(outputs), 'error-code', ...Object.keys(failureCodes)]
  expect(rows.map(([name]) => name)).toEqual(names)
  const shown = rows.slice(0, Object.keys(inputs).length).filter(([, cell]) => cell.startsWith('`'))
  const defaults = Object.entries(inputs).filter(([, input]) => input.default !== undefined)
  expect(shown).toEqual(defaults.map(([name, input]) => [name, `\`${input.default}\``]))
  const samples = (page: string): string[] => page.match(/^```yaml\n[^]*?^```$/gm) ?? []
  expect(samples(text)).toEqual(samples(await readFile(join(root, 'README.md'), 'utf8')))
})

test('docs/troubleshooting.md covers every error code, and nothing else', async () => {
  const text = await readFile(join(root, 'docs/troubleshooting.md'), 'utf8')
  const sections = [...text.matchAll(/^## `(.*)`$/gm)].map(([, code]) => code)
  expect(sections).toEqual(Object.keys(failureCodes))
})

test('CONTRIBUTING.md names only functions and rooms that exist', async () => {
  const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8')
  const drawing = /```mermaid\n([^]*?)```/.exec(text)?.[1] ?? ''
  const rules = /^## Where each rule is\n([^]*?)^## /m.exec(text)?.[1] ?? ''
  const drawn = [...drawing.matchAll(/"([\w.]+)(?:, |<br>|")/g)].map(([, name = '']) => name)
  const ruled = [...rules.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name)
  const source = await sources()
  const missing = [...drawn, ...ruled]
    .filter((name) => /^[A-Za-z]+(?:\.[A-Za-z]+)?$/.test(name) && !name.endsWith('.ts'))
    .filter(
      (name) => !name.split('.').every((part) => new RegExp(`\\b${part}\\b(?:\\(|<| \\{)`).test(source)),
    )
  expect(drawn.length).toBeGreaterThan(10)
  expect(ruled.length).toBeGreaterThan(10)
  expect(missing).toEqual([])
  const rooms = [...text.matchAll(/^\| `src\/(\w+)` /gm)].map(([, room = '']) => room)
  const there = (await readdir(join(root, 'src'), { withFileTypes: true })).filter((one) => one.isDirectory())
  expect(rooms.toSorted()).toEqual(there.map(({ name }) => name).toSorted())
})

/** All of `src`, concatenated. */
async function sources(): Promise<string> {
  const names = await readdir(join(root, 'src'), { recursive: true })
  const files = names.filter((name) => name.endsWith('.ts'))
  return (await Promise.all(files.map((name) => readFile(join(root, 'src', name), 'utf8')))).join('\n')
}
