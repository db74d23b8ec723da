/**
 * Ends a test run with one plain line: `96 passed, 0 failed, 2 skipped`. Above it, lists the skipped tests and the
 * missing program that they need.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** The programs that the tests of a file need: one of each group. */
const needs: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'proxy.test.ts': [['squid'], ['openssl']],
  'browser.test.ts': [['chromium', 'chromium-browser', 'google-chrome']],
  'clients.test.ts': [['curl']],
  'step-environment.test.ts': [['openssl']],
  'command-line.test.ts': [['script']],
  'login.test.ts': [['script']],
  'login-app.test.ts': [['script']],
}

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0
    let failed = 0
    const skipped: string[] = []
    for (const module of modules) {
      // A file that failed to load has no tests to count.
      if (module.errors().length > 0) failed += 1
      const reason = reasonFor(module.moduleId)
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'failed') failed += 1
        else skipped.push(`skipped${reason}: ${test.fullName}`)
      }
    }
    process.stdout.write(
      `${[...skipped, `${passed} passed, ${failed} failed, ${skipped.length} skipped`].join('\n')}\n`,
    )
  }
}

/** Why tests of a file are skipped, if a program that they need is missing. */
function reasonFor(file: string): string {
  const groups = Object.entries(needs).find(([name]) => file.endsWith(`/${name}`))?.[1] ?? []
  const missing = groups.find((programs) => !programs.some(isInstalled))
  return missing ? ` because ${missing[0] ?? 'a program'} is not installed` : ''
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}
