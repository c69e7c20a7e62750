import type { Pipeline } from '../../src/pipeline/pipeline.js'

/** A pipeline without services, for tests that bring their own plans. */
export const pipeline: Pipeline = {
  name: 'test',
  file: 'pipelines/test.yml',
  description: '',
  owner: '',
  groups: [],
  marketo: {
    kind: 'sandbox',
    leads: 0,
    seed: 1,
    from: null,
    timeScale: 1,
    budget: {
      callsPerDay: 20_000,
      callsPer20s: 80,
      concurrency: 5,
      exportMbPerDay: 400,
    },
  },
  extract: {
    fields: [],
    start: null,
    rejects: { rows: 10, share: 0.001 },
    keepDays: null,
    contract: 'evolve',
  },
  sources: [],
  services: [],
  overrides: [],
  load: {
    apply: 'review',
    bulkImport: true,
    crmRecordsPerHour: null,
    guardrails: {
      merges: 5000,
      mergeShare: 1,
      updates: 50_000,
      clusterSize: 100,
      consentChanges: null,
      crmMerges: null,
      minPrecision: null,
    },
  },
  schedule: null,
  alert: [],
}
