import { defineConfig } from 'vitest/config'

/** Tests that start so many processes that others, in which a second counts, must not run beside them. */
const crowds = 'test/crowds/**/*.test.ts'
/** Tests that take longer than anybody waits for; `npm run test:all` runs them as well. */
const slow = ['test/slow/**/*.test.ts', 'test/real-parts/browser.test.ts']

export default defineConfig({
  test: {
    // Scenarios start the bundle as a process of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time of a scenario is spent waiting, so several go on at once, in a file and beside each other: more than
    // there are cores.
    maxConcurrency: 4,
    maxWorkers: 4,
    // It speaks of its use in production.
    onConsoleLog: (log) => !log.includes('oidc-provider WARNING'),
    reporters: ['default', './test/closing-line.ts'],
    // One after the other.
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: [crowds, ...slow],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'slow', include: slow, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'crowds', include: [crowds], sequence: { groupOrder: 2 } } },
    ],
  },
})
