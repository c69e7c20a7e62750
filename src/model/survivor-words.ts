import type { ConsentRule, SurviveRule } from '../pipeline/pipeline.js'
import { conditionWords } from './condition.js'

/** A survivorship rule as people read it in a plan. */
export function surviveWords(rule: SurviveRule | ConsentRule): string {
  if (typeof rule === 'string') return rule
  switch (rule.kind) {
    case 'most_complete':
      return `most complete in ${rule.fields.join(', ')}`
    case 'union':
      return 'union'
    case 'fill':
      return `winner, else ${rule.fill}`
    case 'where':
      return `kept where ${conditionWords(rule.where)}, else ${surviveWords(rule.otherwise)}`
    case 'with':
      return `with ${rule.field}`
    case 'group':
      return `${rule.fields.join(', ')} together, ${surviveWords(rule.rule)}`
    case 'strictest':
      return 'strictest'
    case 'newest':
    case 'oldest':
    case 'highest':
    case 'lowest':
      return `${rule.kind} ${rule.field}`
  }
}
