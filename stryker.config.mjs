// Mutation testing: see scripts/mutation.ts, which runs it and judges what comes of it.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/rotation/rotate.ts',
    'src/rotation/refresh.ts',
    'src/rotation/prove.ts',
    'src/rotation/store.ts',
    'src/rotation/copies.ts',
    'src/journal/journal.ts',
    'src/action/post-step.ts',
    'src/journal/step-state.ts',
    'src/sealing/*.ts',
    'src/github/secret-store.ts',
    'src/github/stores/*.ts',
    'src/github/workflow-run.ts',
    'src/github/variable-store.ts',
    'src/sharing/*.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'test/protocol/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A time-out counts as killed: a machine that is busy must not be taken for an endless loop.
  timeoutMS: 12_000,
  // A test runner that broke spoils everything after it: it is replaced before long.
  maxTestRunnerReuse: 100,
  ignorePatterns: ['dist', 'docs', 'coverage', 'test/fixtures', 'tools'],
  // No such file: Stryker would rewrite the paths in it with an API of the compiler that version 7 does not have.
  tsconfigFile: 'not-rewritten.json',
  tempDirName: '.stryker-tmp',
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: 'reports/mutation.json' },
  // The script judges.
  thresholds: { break: null },
}
