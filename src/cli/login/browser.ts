/** Opens an address in the person's browser, without a shell that could take the address for a command. */
import type { Terminal } from '../command-line.ts'
import { windowsProgram } from '../programs.ts'

/** The program that opens an address; `undefined` if there is no screen to show it on. */
export function openerOf(
  platform: NodeJS.Platform,
  variables: Readonly<Record<string, string | undefined>>,
): readonly [program: string, ...args: string[]] | undefined {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') {
    const program = windowsProgram('rundll32', variables)
    return program === undefined ? undefined : [program, 'url.dll,FileProtocolHandler']
  }
  // Without a screen, xdg-open would look for a browser to run in this very terminal.
  return variables['DISPLAY'] || variables['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}

/** @returns whether a browser was told to open the address */
export async function openBrowser(
  { launch, variables }: Terminal,
  platform: NodeJS.Platform,
  url: string,
): Promise<boolean> {
  const opener = openerOf(platform, variables)
  if (!opener) return false
  const [program, ...args] = opener
  return launch(program, [...args, url])
}
