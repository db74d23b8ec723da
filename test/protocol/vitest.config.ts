/** The fast tests alone: what mutation testing runs for every mutant. */
import { defineConfig } from 'vitest/config'

// A date that is read by the machine's own time zone must not pass because that happens to be UTC.
process.env['TZ'] = 'Asia/Kolkata'

export default defineConfig({
  test: {
    // A machine that is busy must not end the first run; a mutant that runs for ever is ended by Stryker.
    testTimeout: 60_000,
    include: [
      'test/protocol/*.test.ts',
      'test/unit/{journal,sealing,sharing}/*.test.ts',
      'test/unit/github/{secret-store,variable-store}.test.ts',
    ],
  },
})
