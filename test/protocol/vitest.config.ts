/** The fast tests only: mutation testing runs these for every mutant. */
import { defineConfig } from 'vitest/config'

// Code that reads a date in the machine's own time zone must not pass just because that happens to be UTC.
process.env['TZ'] = 'Asia/Kolkata'

export default defineConfig({
  test: {
    // A busy machine must not fail the first run; Stryker ends a mutant that runs forever.
    testTimeout: 60_000,
    include: [
      'test/protocol/*.test.ts',
      'test/unit/{journal,sealing,sharing}/*.test.ts',
      'test/unit/github/{secret-store,variable-store}.test.ts',
    ],
  },
})
