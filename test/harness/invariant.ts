/** Where each promise of the contract is checked. */
export interface Check {
  readonly promise: string
  /** A file of the oracle, or a test file and a title in it. */
  readonly by:
    | { readonly oracle: string }
    | { readonly test: string; readonly titles: readonly string[] }
}

export const invariants: Readonly<Record<string, Check>> = {
  'INV-1': {
    promise: 'no write takes effect twice, or is sent while it may',
    by: { oracle: 'oracle-send' },
  },
  'INV-2': { promise: 'no other merge', by: { oracle: 'oracle-send' } },
  'INV-3': {
    promise: 'every effect is explained',
    by: { oracle: 'oracle-send' },
  },
  'INV-4': { promise: 'no row is lost', by: { oracle: 'oracle-journal' } },
  'INV-5': { promise: 'convergence', by: { oracle: 'oracle-end' } },
  'INV-6': {
    promise: 'no newer change is overwritten',
    by: { oracle: 'oracle-send' },
  },
  'INV-7': { promise: 'limits of calls', by: { oracle: 'oracle-limit' } },
  'INV-8': {
    promise: 'intent before effect',
    by: { oracle: 'oracle-journal' },
  },
  'INV-9': { promise: 'no opt-out is lost', by: { oracle: 'oracle-end' } },
  'INV-10': {
    promise: 'only verified files are planned from',
    by: {
      test: 'test/extract/download.test.ts',
      titles: [
        'that an earlier run finished is believed by its checksum only',
        'refuses a flipped byte, a missing end and another size',
      ],
    },
  },
  'INV-10 (rows)': {
    promise: 'and their rows counted',
    by: {
      test: 'test/extract/landing.test.ts',
      titles: ['refuses a file that holds fewer or more rows'],
    },
  },
  'INV-11': {
    promise: 'the same input, the same plan',
    by: {
      test: 'test/load/planner.test.ts',
      titles: ['has the same bytes for the same input in any order'],
    },
  },
  'INV-12': {
    promise: 'no byte of another pipeline',
    by: {
      test: 'test/e2e/tenant.test.ts',
      titles: ['of two pipelines side by side neither has a byte'],
    },
  },
  'INV-13': {
    promise: 'what is not understood changes nothing',
    by: { oracle: 'oracle-journal' },
  },
}
