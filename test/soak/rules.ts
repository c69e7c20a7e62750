import type { Pipeline } from '../../src/pipeline/pipeline.js'

export interface Budget {
  readonly callsPerDay: number
  readonly callsPer20s: number
  readonly concurrency: number
  readonly exportMbPerDay: number
}

/** What a pipeline file would say; only its extract matters here. */
export function soakPipeline(start: string, budget: Budget): Pipeline {
  return {
    name: 'soak',
    file: 'pipelines/soak.yml',
    description: '',
    owner: '',
    groups: [],
    sources: [],
    marketo: {
      kind: 'instance',
      endpoint: '',
      clientId: '',
      clientSecret: '',
      timeScale: 1,
      budget,
    },
    extract: {
      fields: [],
      start,
      rejects: { rows: 10, share: 0.001 },
      keepDays: null,
      contract: 'evolve',
    },
    services: [],
    overrides: [],
    load: {
      apply: 'review',
      bulkImport: true,
      crmRecordsPerHour: null,
      guardrails: {
        merges: 500,
        mergeShare: 0.02,
        updates: 1000,
        clusterSize: 10,
        consentChanges: null,
        crmMerges: null,
        minPrecision: null,
      },
    },
    schedule: null,
    alert: [],
  }
}
