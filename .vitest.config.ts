import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The longest files, the longest first: one that began last would run on
 * alone. A new checkout knows no times, and the size of a file tells little.
 */
const long = [
  'harness/harness',
  'e2e/kill',
  'e2e/bad-input-disk',
  'e2e/bad-input-apply',
  'harness/mutant',
  'console/walk',
  'e2e/bad-input',
  'model/match-change',
  'e2e/control',
  'e2e/workflow',
  'e2e/newcomer',
  'e2e/reader',
  'e2e/hostile',
  'console/review',
  'e2e/demo',
  'e2e/enrich',
  'run/why',
  'load/import',
  'bench',
  'e2e/',
  'soak',
]

function rank({ moduleId }: TestSpecification): number {
  const at = long.findIndex((name) => moduleId.includes(`/test/${name}`))
  return at === -1 ? long.length : at
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/reference/**', 'test/bench/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One more than cores: runs wait for Marketo's clock and for the disk.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // What is shipped runs as Node loads it, not as Vite would change it.
    server: { deps: { external: [/\/dist\//] } },
  },
})
