import { defineConfig } from 'vitest/config'

/** Checks that need the public data sets beside the checkout. */
export default defineConfig({
  test: {
    include: ['test/reference/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    // One more than cores: runs wait for Marketo's clock and for the disk.
    maxWorkers: 3,
    // What is shipped runs as Node loads it, not as Vite would change it.
    server: { deps: { external: [/\/dist\//] } },
  },
})
