import { defineConfig } from 'vitest/config'

/** Tests that start so many processes that others, in which a second counts, must not run beside them. */
const crowds = 'test/crowds/**/*.test.ts'

export default defineConfig({
  test: {
    // Scenarios start the bundle as a process of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time of a scenario is spent waiting.
    maxConcurrency: 8,
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
          exclude: [crowds],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'crowds', include: [crowds], sequence: { groupOrder: 1 } } },
    ],
  },
})
