/** The fast tests alone: what mutation testing runs for every mutant. */
import { defineConfig } from 'vitest/config'

// A date that is read by the machine's own time zone must not pass because that happens to be UTC.
process.env['TZ'] = 'Asia/Kolkata'

export default defineConfig({
  test: {
    include: [
      'test/protocol/*.test.ts',
      'test/unit/{journal,sealing,sharing}/*.test.ts',
      'test/unit/github/{secret-store,variable-store}.test.ts',
    ],
  },
})
