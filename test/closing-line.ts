/** Ends a test run with one plain line: `96 passed, 0 failed, 2 skipped`, and says what was skipped. */
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0
    let failed = 0
    const skipped: string[] = []
    for (const module of modules) {
      // A file that could not be read at all has no tests to count.
      if (module.errors().length > 0) failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'failed') failed += 1
        else skipped.push(test.fullName)
      }
    }
    const lines = skipped.map((name) => `skipped: ${name}`)
    process.stdout.write(
      `${[...lines, `${passed} passed, ${failed} failed, ${skipped.length} skipped`].join('\n')}\n`,
    )
  }
}
