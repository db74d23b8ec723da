/** The fast tests alone: what mutation testing runs for every mutant. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/protocol/*.test.ts', 'test/unit/{envelope,journal,sealed-box}.test.ts'],
  },
})
