/** What domain services look like to templates. */
import type { DomainService } from '../pipeline/pipeline.js'

export function domainContext(services: readonly DomainService[]) {
  return {
    domain: services.map(({ name, list, confidence, write }) => ({
      name,
      list,
      confidence,
      write: write.map(({ field, rule }) => ({
        field,
        rule,
        is_suggestion: rule === 'suggestion',
      })),
    })),
    private_suffixes: services.every((service) => service.privateSuffixes),
  }
}
