import { describe, expect, test } from 'vitest'
import { openerOf } from '../../../src/cli/login/browser.ts'
import { findProgram, windowsProgram } from '../../../src/cli/programs.ts'

/** A disk on which exactly these files are programs. */
const disk =
  (...files: string[]) =>
  (file: string): boolean =>
    files.includes(file)

describe('on Windows', () => {
  const git = String.raw`C:\Program Files\Git\cmd\git.exe`

  test('a program is found in the folders of PATH, by its full path', () => {
    const Path = String.raw`C:\Windows;C:\Program Files\Git\cmd;D:\tools`
    expect(findProgram('git', 'win32', { Path }, disk(git, String.raw`D:\tools\git.exe`))).toBe(git)
  })

  test('a program is never looked for in the current folder, however PATH names it', () => {
    const asked: string[] = []
    const exists = (file: string): boolean => {
      asked.push(file)
      return !/^[A-Z]:/i.test(file)
    }
    const PATH = String.raw`;.;..;bin;.\bin;\tools;C:;C:bin;"";%CD%`
    expect(findProgram('gh', 'win32', { PATH }, exists)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('folders in PATH may be quoted, or on another machine', () => {
    expect(findProgram('git', 'win32', { path: String.raw`"C:\Program Files\Git\cmd"` }, disk(git))).toBe(git)
    const shared = String.raw`\\server\tools\gh.exe`
    expect(findProgram('gh', 'win32', { PATH: String.raw`\\server\tools` }, disk(shared))).toBe(shared)
  })

  test('a program that only a shell could start is not found', () => {
    const PATH = String.raw`C:\tools`
    const exists = disk(String.raw`C:\tools\gh.cmd`, String.raw`C:\tools\gh.bat`, String.raw`C:\tools\gh`)
    expect(findProgram('gh', 'win32', { PATH, PATHEXT: '.CMD;.BAT;.EXE' }, exists)).toBeUndefined()
  })

  test('a program of Windows is taken from its own folder', () => {
    expect(windowsProgram('rundll32', { SYSTEMROOT: String.raw`C:\Windows` })).toBe(
      String.raw`C:\Windows\System32\rundll32.exe`,
    )
    expect(windowsProgram('rundll32', { SystemRoot: 'Windows' })).toBeUndefined()
    expect(windowsProgram('rundll32', {})).toBeUndefined()
  })

  test('the browser is opened by a program of Windows, or not at all', () => {
    expect(openerOf('win32', { SystemRoot: String.raw`D:\WINNT` })).toEqual([
      String.raw`D:\WINNT\System32\rundll32.exe`,
      'url.dll,FileProtocolHandler',
    ])
    expect(openerOf('win32', {})).toBeUndefined()
  })
})

describe.each(['linux', 'darwin'] as const)('on %s', (platform) => {
  test('the first program in the folders of PATH is found', () => {
    const exists = disk('/usr/bin/git', '/usr/local/bin/git')
    expect(findProgram('git', platform, { PATH: '/opt/bin:/usr/local/bin:/usr/bin' }, exists)).toBe(
      '/usr/local/bin/git',
    )
  })

  test('a program is never looked for in the current folder', () => {
    expect(findProgram('git', platform, { PATH: ':.:bin:../bin:' }, () => true)).toBeUndefined()
    expect(findProgram('git', platform, {}, () => true)).toBeUndefined()
  })
})

test('a file that is not a program on the real disk is not found', () => {
  const PATH = import.meta.dirname
  expect(findProgram('programs.test.ts', 'linux', { PATH })).toBeUndefined()
  expect(findProgram('nothing-of-this-name', 'linux', { PATH })).toBeUndefined()
})
