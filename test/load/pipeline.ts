import { parse } from '../pipeline/parse.js'

/**
 * A pipeline without services, for tests that bring their own plans; no
 * guardrail stops what they bring.
 */
export const { pipeline } = parse(`
marketo:
  sandbox: { leads: 0, seed: 1 }
  time_scale: 1
  budget: { calls_per_20s: 80 }
load:
  guardrails: { merges: 5000, merge_share: 100%, cluster_size: 100 }
`)
