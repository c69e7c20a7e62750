import type { FieldDetail } from './api.js'
import { type Endpoint, endpoints } from './endpoint.js'
import { isJson, type Json } from './envelope.js'
import { MarketoError } from './error.js'
import { needResult, pages } from './lead.js'
import type { Session } from './session.js'
import { optionalId } from './value.js'

/**
 * What describe2 does not say of fields, by name: the id that stays when a
 * field is renamed (describe), and whether it is hidden or sensitive
 * (schema/fields, which needs a permission that most API users lack).
 */
export async function fieldDetails(
  session: Session,
): Promise<ReadonlyMap<string, FieldDetail>> {
  const described = await allowed(session, endpoints.describe, needResult)
  const shown = await allowedPages(session)
  const ids = new Map(
    described.flatMap(({ id, rest }) => {
      const name = isJson(rest) ? rest.name : null
      return typeof name === 'string' ? [[name, optionalId(id)] as const] : []
    }),
  )
  const traits = new Map(shown.map((field) => [String(field.name), field]))
  const names = new Set([...ids.keys(), ...traits.keys()])
  return new Map(
    [...names].map((name) => {
      const { isHidden, isSensitive } = traits.get(name) ?? {}
      const detail = {
        id: ids.get(name) ?? null,
        isHidden: typeof isHidden === 'boolean' ? isHidden : null,
        isSensitive: typeof isSensitive === 'boolean' ? isSensitive : null,
      }
      return [name, detail] as const
    }),
  )
}

async function allowed(
  session: Session,
  endpoint: Endpoint,
  read: typeof needResult,
): Promise<readonly Json[]> {
  return await orNothing(session.call({ endpoint, read }))
}

async function allowedPages(session: Session): Promise<readonly Json[]> {
  const call = {
    endpoint: endpoints.schemaFields,
    query: { batchSize: '300' },
    read: ({ result }: { readonly result: readonly Json[] | null }) =>
      result ?? [],
  }
  return await orNothing(pages(session, call))
}

/** These add to what is known; nothing depends on them. */
async function orNothing(
  work: Promise<readonly Json[]>,
): Promise<readonly Json[]> {
  try {
    return await work
  } catch (error) {
    const isRefused =
      error instanceof MarketoError &&
      ['permission', 'bad_request', 'not_found', 'refused'].includes(
        error.problem,
      )
    if (isRefused) return []
    throw error
  }
}
