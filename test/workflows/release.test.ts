/** What a release has to be, before it is one. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { faultsOfRelease, isNewest, parseVersion, tagsIn, type Version } from '../../scripts/release.ts'

const root = join(import.meta.dirname, '..', '..')
const workflow = async (name: string): Promise<string> =>
  readFile(join(root, '.github', 'workflows', name), 'utf8')

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

async function stepsOf(file: string, job: string): Promise<readonly Step[]> {
  const { jobs } = parse(await workflow(file)) as { jobs: Record<string, { steps: Step[] }> }
  return jobs[job]?.steps ?? []
}

describe('a release', () => {
  const good = { version: '1.2.3', ref: 'refs/heads/main', defaultBranch: 'main' }

  test('from the default branch, of the version in package.json, is fine', () => {
    expect(faultsOfRelease(good, '1.2.3', ['v1.2.2', 'v1'])).toEqual([])
  })

  test.each([
    [{ ref: 'refs/heads/fix' }, /default branch/],
    [{ ref: 'refs/tags/main' }, /default branch/],
    [{ ref: 'refs/heads/', defaultBranch: '' }, /default branch/],
    [{ version: '1.2.2' }, /package\.json has the version 1\.2\.3/],
  ])('with %o is none', (other, fault) => {
    expect(faultsOfRelease({ ...good, ...other }, '1.2.3', []).join(' ')).toMatch(fault)
  })

  test.each(['1.2', 'v1.2.3', '1.2.3-rc.1', '1.2.3+build', '01.2.3', '1.2.3 ', '1.2.3; id', '$(id)', ''])(
    'of %j is none, whatever package.json says',
    (version) => {
      expect(faultsOfRelease({ ...good, version }, version, []).join(' ')).toContain('is no plain version')
    },
  )

  test('is made once', () => {
    expect(faultsOfRelease(good, '1.2.3', ['v1.2.3'])).toEqual(['There is a tag v1.2.3 already.'])
  })
})

test.each<[string, readonly string[], boolean]>([
  ['1.2.3', ['v1.2.2', 'v1.2.3', 'v1'], true],
  ['1.2.3', ['v1.2.4'], false],
  ['1.9.0', ['v1.10.0'], false],
  ['1.10.0', ['v1.9.9'], true],
  ['1.2.3', ['v2.0.0', 'v0.9.0'], true],
  ['1.2.3', ['v1.3.0-rc.1', 'nightly', 'v1.x'], true],
  ['2.0.0', [], true],
])('the major tag goes with %s beside %j: %s', (version, tags, moves) => {
  expect(isNewest(parseVersion(version) as Version, tags)).toBe(moves)
})

test('as the workflow asks it', () => {
  const listed = 'c0ffee\trefs/tags/v1.2.3\nc0ffee\trefs/tags/v1.3.0\n'
  expect(tagsIn(listed)).toEqual(['v1.2.3', 'v1.3.0'])
  const ask = (version: string): number | null =>
    spawnSync(process.execPath, [join(root, 'scripts', 'release.ts'), 'newest'], {
      input: listed,
      env: { ...process.env, VERSION: version },
    }).status
  expect([ask('1.2.3'), ask('1.3.0'), ask('2.0.0'), ask('latest')]).toEqual([1, 0, 0, 1])
})

test('releases are found to be immutable before anything is published', async () => {
  const steps = await stepsOf('release.yml', 'release')
  const at = (pattern: RegExp): number => steps.findIndex(({ run = '' }) => pattern.test(run))
  expect(at(/immutable-releases/)).toBeGreaterThanOrEqual(0)
  expect(at(/immutable-releases/)).toBeLessThan(at(/gh release create/))
  expect(at(/release\.ts newest <<<"\$tags" \|\| exit 0/)).toBeGreaterThan(at(/gh release create/))
})

describe('the supply chain', () => {
  test.each(['release.yml', 'dependencies.yml', 'live-check.yml', 'test.yml'])(
    'no package runs a script of its own when %s installs it',
    async (file) => {
      for (const line of (await workflow(file)).split('\n').filter((one) => /npm (?:ci|install)/.test(one)))
        expect(line).toContain('npm ci --ignore-scripts')
    },
  )

  test('nor when a development tool is started', async () => {
    const script = await readFile(join(root, 'scripts', 'on-node-24.mjs'), 'utf8')
    expect(script).toMatch(/\['ci', '--ignore-scripts',/)
  })

  test('no package needs one', async () => {
    for (const folder of ['.', 'tools/node-24']) {
      const lock = JSON.parse(await readFile(join(root, folder, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>
      }
      const scripted = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript)
      expect(scripted.filter(([, { optional = false }]) => !optional)).toEqual([])
    }
  })

  test('what an untrusted build made is unpacked where nothing else lies', async () => {
    const steps = await stepsOf('dependencies.yml', 'push')
    const download = steps.find(({ uses = '' }) => uses.startsWith('actions/download-artifact@'))
    expect(download?.with?.['path']).toBe('${{ runner.temp }}/rebuilt')
    const run = steps.map((step) => step.run ?? '').join('\n')
    expect(run).toContain('"$RUNNER_TEMP/rebuilt/rebuilt.patch"')
    expect(run).toContain('git add --all -- dist')
  })
})
