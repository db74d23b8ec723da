/**
 * What has to be true of a release, for `.github/workflows/release.yml`. VERSION is the version to release.
 *
 * - `check`: REF is the DEFAULT_BRANCH, the version is a plain one and the one in package.json, it has no tag yet, and
 *   CHANGELOG.md has a dated section for it
 * - `notes`: prints that section
 * - `newest`: reads the output of `git ls-remote --tags --refs` from standard input; exit code 1 if there is a newer
 *   release of the same major version
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** `1.2.3`: no pre-release, no build, no leading zeros. */
const plain = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/

/** The three numbers of a plain version. */
export type Version = readonly [major: number, minor: number, patch: number]

/** Reads a version; `undefined` if it is not a plain one. */
export function parseVersion(version: string): Version | undefined {
  const [, major, minor, patch] = plain.exec(version) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

/**
 * What is wrong with a release, in full sentences.
 *
 * @param packaged the version in package.json
 * @param tags names of the existing tags
 * @param changelog the text of CHANGELOG.md
 */
export function faultsOfRelease(
  { version, ref, defaultBranch }: Readonly<Record<'version' | 'ref' | 'defaultBranch', string>>,
  packaged: string,
  tags: readonly string[],
  changelog: string,
): readonly string[] {
  return [
    ...(defaultBranch !== '' && ref === `refs/heads/${defaultBranch}`
      ? []
      : [`Releases are made from the default branch (${defaultBranch}), not from ${ref}.`]),
    ...(parseVersion(version) ? [] : [`${JSON.stringify(version)} is no plain version, such as 1.2.3.`]),
    ...(version === packaged ? [] : [`package.json has the version ${packaged}.`]),
    ...(tags.includes(`v${version}`) ? [`There is a tag v${version} already.`] : []),
    ...(parseVersion(version) && releaseNotes(changelog, version) === undefined
      ? [`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD" that says what changed.`]
      : []),
  ]
}

/** What CHANGELOG.md (a Keep a Changelog file) says about a version; `undefined` without a dated section with text. */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const section = changelog
    .split(/^## /m)
    .find((one) => one.startsWith(`[${version}] - `) && /^\S+ - \d{4}-\d{2}-\d{2}\n/.test(one))
  const [, ...lines] = section?.split('\n') ?? []
  // The link addresses follow the last section.
  const notes = lines.filter((line) => !/^\[[^\]]+\]: /.test(line)).join('\n')
  return notes.trim() || undefined
}

/** Whether no release of the same major version is newer. Tags that are not plain versions do not count. */
export function isNewest(version: Version, tags: readonly string[]): boolean {
  const [major, minor, patch] = version
  return tags
    .map((tag) => parseVersion(tag.replace(/^v/, '')))
    .every(
      (other) =>
        !other || other[0] !== major || other[1] < minor || (other[1] === minor && other[2] <= patch),
    )
}

/** Names of the tags in the output of `git ls-remote --tags --refs`. */
export function tagsIn(listed: string): readonly string[] {
  return listed.split('\n').flatMap((line) => /\trefs\/tags\/(\S+)$/.exec(line)?.[1] ?? [])
}

if (import.meta.main) {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', name), 'utf8')
  const { VERSION: version = '', REF: ref = '', DEFAULT_BRANCH: defaultBranch = '' } = process.env
  if (process.argv[2] === 'newest') {
    const parsed = parseVersion(version)
    process.exitCode = parsed && isNewest(parsed, tagsIn(await text(process.stdin))) ? 0 : 1
  } else if (process.argv[2] === 'notes') {
    const notes = releaseNotes(read('CHANGELOG.md'), version)
    if (notes === undefined) process.exitCode = 1
    else console.log(notes)
  } else {
    const { version: packaged } = JSON.parse(read('package.json')) as { version: string }
    const tags = tagsIn(
      execFileSync('git', ['ls-remote', '--tags', '--refs', 'origin'], { encoding: 'utf8' }),
    )
    const faults = faultsOfRelease({ version, ref, defaultBranch }, packaged, tags, read('CHANGELOG.md'))
    for (const fault of faults) console.error(fault)
    process.exitCode = faults.length === 0 ? 0 : 1
  }
}
