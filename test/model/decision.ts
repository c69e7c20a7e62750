import type { Override } from '../../src/pipeline/override.js'

/** What a person decided; what is left out is empty. */
export function decision(wanted: Partial<Override>): Override {
  return {
    kind: 'winner',
    leadId: '0',
    otherId: null,
    field: null,
    value: null,
    author: 'ana',
    reason: 'called them',
    until: null,
    ...wanted,
  }
}
