/** The environment variables that a pipeline file refers to. */
import type { SourceDocument } from './document.js'
import { secretFindings } from './hash-rule.js'
import { type Environment, referenceFindings } from './reference.js'
import type { Finding } from './sentence.js'
import type { ServiceForm } from './service.js'

interface Wanted {
  readonly env: Environment
  readonly secrets: 'required' | 'ignored'
}

/** What is wrong with them; a service that is off needs none of its own. */
export function variableFindings(
  document: SourceDocument,
  services: ReadonlyMap<string, ServiceForm>,
  { env, secrets }: Wanted,
): Finding[] {
  const isOff = ({ path: [section, name] }: Finding) =>
    section === 'services' && services.get(String(name))?.enabled === false
  return [
    ...referenceFindings(document, env, secrets).filter(
      (finding) => !isOff(finding),
    ),
    ...referenceFindings(document, {}, 'ignored').filter(isOff),
    ...(secrets === 'required' ? keyFindings(services, env) : []),
  ]
}

function keyFindings(
  services: ReadonlyMap<string, ServiceForm>,
  env: Environment,
): Finding[] {
  return [...services].flatMap(([name, form]) =>
    form.type !== 'hash' || form.enabled === false
      ? []
      : Object.entries(form.write).flatMap(([field, rule]) =>
          secretFindings(rule, ['services', name, 'write', field], env),
        ),
  )
}
