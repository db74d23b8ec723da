/**
 * Where other programs are. Windows looks in the current folder first, and a log-in is meant to be run inside a clone,
 * whoever wrote what is in it: so they are looked for in the folders of PATH only, and started by their full path.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { posix, win32 } from 'node:path'

/** Looks at the disk. */
export type IsProgram = (file: string) => boolean

/** A file that may be executed. */
export const isProgram: IsProgram = (file) => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Finds a program.
 *
 * @param name without a folder and, for Windows, without `.exe`: other kinds of files cannot be started without a shell
 * @param variables the environment; on Windows the names of variables have no case of letters
 * @returns its full path; `undefined` where there is none. Folders of PATH that are not absolute are left out: they lie in
 *   the current one
 */
export function findProgram(
  name: string,
  platform: NodeJS.Platform,
  variables: Readonly<Record<string, string | undefined>>,
  exists: IsProgram = isProgram,
): string | undefined {
  const isWindows = platform === 'win32'
  const path = isWindows ? win32 : posix
  const folders = (valueOf('PATH', isWindows, variables) ?? '')
    .split(path.delimiter)
    .map((folder) => (isWindows ? folder.replace(/^"(.*)"$/, '$1') : folder))
    // On Windows "\tools" is on whatever drive is the current one.
    .filter((folder) => path.isAbsolute(folder) && (!isWindows || /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(folder)))
  return folders.map((folder) => path.join(folder, isWindows ? `${name}.exe` : name)).find(exists)
}

/**
 * Finds a program that is a part of Windows: in `%SystemRoot%\System32`.
 *
 * @returns its full path; `undefined` where the variable names no folder
 */
export function windowsProgram(
  name: string,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const root = valueOf('SystemRoot', true, variables) ?? ''
  return /^[a-z]:[\\/]/i.test(root) ? win32.join(root, 'System32', `${name}.exe`) : undefined
}

function valueOf(
  name: string,
  isWindows: boolean,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (!isWindows) return variables[name]
  const spelled = Object.keys(variables).find((key) => key.toUpperCase() === name.toUpperCase())
  return spelled === undefined ? undefined : variables[spelled]
}
