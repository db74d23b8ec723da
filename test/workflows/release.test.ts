/** The conditions for a release. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  faultsOfRelease,
  isNewest,
  parseVersion,
  releaseNotes,
  tagsIn,
  type Version,
} from '../../scripts/release.ts'

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
  const changelog = '# Changelog\n\n## [1.2.3] - 2026-11-29\n\n### Fixed\n\n- Something\n'

  test('from the default branch, of the version in package.json, is accepted', () => {
    expect(faultsOfRelease(good, '1.2.3', ['v1.2.2', 'v1'], changelog)).toEqual([])
  })

  test.each([
    [{ ref: 'refs/heads/fix' }, /default branch/],
    [{ ref: 'refs/tags/main' }, /default branch/],
    [{ ref: 'refs/heads/', defaultBranch: '' }, /default branch/],
    [{ version: '1.2.2' }, /package\.json has the version 1\.2\.3/],
  ])('with %o is rejected', (other, fault) => {
    expect(faultsOfRelease({ ...good, ...other }, '1.2.3', [], changelog).join(' ')).toMatch(fault)
  })

  test.each(['1.2', 'v1.2.3', '1.2.3-rc.1', '1.2.3+build', '01.2.3', '1.2.3 ', '1.2.3; id', '$(id)', ''])(
    'of %j is rejected, whatever package.json says',
    (version) => {
      expect(faultsOfRelease({ ...good, version }, version, [], changelog).join(' ')).toContain(
        'is no plain version',
      )
    },
  )

  test('is made only once', () => {
    expect(faultsOfRelease(good, '1.2.3', ['v1.2.3'], changelog)).toEqual(['There is a tag v1.2.3 already.'])
  })

  test.each([
    ['no section', '# Changelog\n'],
    ['no date', changelog.replace('2026-11-29', 'Unreleased')],
    ['an empty section', changelog.replace(/### Fixed[^]*/, '')],
    ['only another version', changelog.replace('1.2.3', '11.2.3')],
  ])('needs a section in CHANGELOG.md: with %s it is rejected', (_what, text) => {
    expect(faultsOfRelease(good, '1.2.3', [], text)).toEqual([
      'CHANGELOG.md has no section "## [1.2.3] - YYYY-MM-DD" that says what changed.',
    ])
  })
})

describe('the notes of a release', () => {
  const changelog = [
    '# Changelog\n\nWhat changed.\n',
    '## [Unreleased]\n\n- Not yet\n',
    '## [1.3.0] - 2026-12-01\n\n### Added\n\n- One\n\n### Fixed\n\n- Two\n',
    '## [1.2.3] - 2026-11-29\n\n- Three\n',
    '[1.3.0]: https://github.com/owner/box-token-action/releases/tag/v1.3.0',
    '[1.2.3]: https://github.com/owner/box-token-action/releases/tag/v1.2.3\n',
  ].join('\n')

  test.each([
    ['1.3.0', '### Added\n\n- One\n\n### Fixed\n\n- Two'],
    ['1.2.3', '- Three'],
    ['1.2', undefined],
    ['1x3.0', undefined],
    ['Unreleased', undefined],
  ])('of %s are exactly its section of CHANGELOG.md', (version, notes) => {
    expect(releaseNotes(changelog, version)).toBe(notes)
  })

  test('work wherever they are read: they have no relative links', async () => {
    expect(await readFile(join(root, 'CHANGELOG.md'), 'utf8')).not.toMatch(/\]\((?!https:)/)
  })

  test('exist for the version in package.json, dated or not', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    const text = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
    expect(releaseNotes(text.replace('] - Unreleased\n', '] - 2026-11-29\n'), version)).toMatch(
      /^### Added\n/,
    )
  })

  test('are published by the workflow', async () => {
    const publish = (await stepsOf('release.yml', 'release')).find(({ run = '' }) =>
      run.includes('gh release create'),
    )
    expect(publish?.run).toMatch(
      /^node scripts\/release\.ts notes >"\$RUNNER_TEMP\/notes\.md"\ngh release create .* --notes-file "\$RUNNER_TEMP\/notes\.md" /,
    )
    expect(publish?.run).not.toContain('--generate-notes')
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
])('the major tag moves to %s if the other tags are %j: %s', (version, tags, moves) => {
  expect(isNewest(parseVersion(version) as Version, tags)).toBe(moves)
})

test("the workflow's command gives the same answer", () => {
  const listed = 'c0ffee\trefs/tags/v1.2.3\nc0ffee\trefs/tags/v1.3.0\n'
  expect(tagsIn(listed)).toEqual(['v1.2.3', 'v1.3.0'])
  const ask = (version: string): number | null =>
    spawnSync(process.execPath, [join(root, 'scripts', 'release.ts'), 'newest'], {
      input: listed,
      env: { ...process.env, VERSION: version },
    }).status
  expect([ask('1.2.3'), ask('1.3.0'), ask('2.0.0'), ask('latest')]).toEqual([1, 0, 0, 1])
})

test('the release workflow checks that releases are immutable before it publishes anything', async () => {
  const steps = await stepsOf('release.yml', 'release')
  const at = (pattern: RegExp): number => steps.findIndex(({ run = '' }) => pattern.test(run))
  expect(at(/immutable-releases/)).toBeGreaterThanOrEqual(0)
  expect(at(/immutable-releases/)).toBeLessThan(at(/gh release create/))
  expect(at(/release\.ts newest <<<"\$tags" \|\| exit 0/)).toBeGreaterThan(at(/gh release create/))
})

describe('the supply chain', () => {
  test.each(['release.yml', 'dependencies.yml', 'live-check.yml', 'test.yml'])(
    'no package runs its own scripts when %s installs it',
    async (file) => {
      for (const line of (await workflow(file)).split('\n').filter((one) => /npm (?:ci|install)/.test(one)))
        expect(line).toContain('npm ci --ignore-scripts')
    },
  )

  test('nor when a development tool starts', async () => {
    const script = await readFile(join(root, 'scripts', 'on-node-24.mjs'), 'utf8')
    expect(script).toMatch(/\['ci', '--ignore-scripts',/)
  })

  test('no package needs an install script', async () => {
    for (const folder of ['.', 'tools/node-24']) {
      const lock = JSON.parse(await readFile(join(root, folder, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>
      }
      const scripted = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript)
      expect(scripted.filter(([, { optional = false }]) => !optional)).toEqual([])
    }
  })

  test('the result of an untrusted build is unpacked in a folder of its own', async () => {
    const steps = await stepsOf('dependencies.yml', 'push')
    const download = steps.find(({ uses = '' }) => uses.startsWith('actions/download-artifact@'))
    expect(download?.with?.['path']).toBe('${{ runner.temp }}/rebuilt')
    const run = steps.map((step) => step.run ?? '').join('\n')
    expect(run).toContain('"$RUNNER_TEMP/rebuilt/rebuilt.patch"')
    expect(run).toContain('git add --all -- dist')
  })
})
