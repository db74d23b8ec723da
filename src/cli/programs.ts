/**
 * Finds other programs. Windows looks in the current folder first, and `login` is meant to be run inside a clone, whose
 * files somebody else may have written. So we look only in the folders on PATH, and start programs by their full path.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { posix, win32 } from 'node:path'

/** Looks at the disk. */
export type IsProgram = (file: string) => boolean

/** Whether a file exists and may be executed. */
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
 * @param name without a folder and, on Windows, without `.exe`: other kinds of files cannot be started without a shell
 * @param variables the environment; on Windows, its names are case-insensitive
 * @returns its full path; `undefined` if there is none. Relative folders on PATH are skipped: they depend on the current
 *   folder
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
    // On Windows, "\tools" is on whichever drive is current.
    .filter((folder) => path.isAbsolute(folder) && (!isWindows || /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(folder)))
  return folders.map((folder) => path.join(folder, isWindows ? `${name}.exe` : name)).find(exists)
}

/**
 * Finds a program that is part of Windows, in `%SystemRoot%\System32`.
 *
 * @returns its full path; `undefined` if the variable names no folder
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
