import { defineConfig } from 'vitest/config'

/** Checks that need the public data sets beside the checkout. */
export default defineConfig({
  test: {
    include: ['test/reference/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
    // What is shipped runs as Node loads it, not as Vite would change it.
    server: { deps: { external: [/\/dist\//] } },
  },
})
