import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Scenarios start the bundle as a process of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time of a scenario is spent waiting.
    maxConcurrency: 8,
    // It speaks of its use in production.
    onConsoleLog: (log) => !log.includes('oidc-provider WARNING'),
    reporters: ['default', './test/closing-line.ts'],
  },
})
