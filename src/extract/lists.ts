import { badInput } from '../error.js'
import type { ExportFilter, Marketo } from '../marketo/api.js'
import type { ListScope, Pipeline } from '../pipeline/pipeline.js'
import type { ListName } from './state.js'

/** A list of Marketo, and the names by which services call it. */
export interface ResolvedList {
  readonly filter: ExportFilter & { readonly listId: string }
  readonly names: readonly ListName[]
}

/** Whether no service works on all leads, so that lists are enough. */
export function isListsOnly({ services }: Pipeline): boolean {
  return services.length > 0 && services.every(({ list }) => list !== null)
}

/**
 * The lists of all services, each once, whatever they are called. Throws
 * (exit 3) for a list that is unknown, or a name that several lists have.
 */
export async function resolveLists(
  marketo: Marketo,
  pipeline: Pipeline,
): Promise<ResolvedList[]> {
  const found = new Map<string, ResolvedList>()
  for (const scope of scopes(pipeline)) {
    const listId = await idOf(marketo, scope)
    const key = `${scope.kind} ${listId}`
    const kind = scope.kind === 'static' ? 'staticList' : 'smartList'
    const { names = [] } = found.get(key) ?? {}
    found.set(key, { filter: { kind, listId }, names: [...names, scope] })
  }
  return [...found.values()]
}

function scopes({ services }: Pipeline): ListScope[] {
  const all = services.flatMap(({ list }) => (list === null ? [] : [list]))
  const distinct = new Map(
    all.map(({ kind, list }) => [`${kind} ${list}`, { kind, list }]),
  )
  return [...distinct.values()]
}

async function idOf(marketo: Marketo, scope: ListScope): Promise<string> {
  if (scope.kind === 'smart') return smartId(scope.list)
  const lists = await marketo.staticLists(scope.list)
  const [first, ...others] = lists
  if (first === undefined) {
    throw badInput(
      'list_unknown',
      `Marketo has no static list "${scope.list}". Write its exact name, or the number in its address in Marketo (ST1234A1 is 1234).`,
      { list: scope.list },
    )
  }
  if (others.length > 0) {
    const ids = lists.map(({ id }) => id).join(', ')
    throw badInput(
      'list_ambiguous',
      `Marketo has ${lists.length} static lists "${scope.list}", with the ids ${ids}. Write the id of the right one instead of the name.`,
      { list: scope.list, ids: lists.map(({ id }) => id) },
    )
  }
  return first.id
}

/** Marketo's API does not find smart lists by name among all folders. */
function smartId(list: string): string {
  if (/^\d+$/.test(list)) return list
  throw badInput(
    'list_unknown',
    `The smart list "${list}" is named, but Marketo's API finds smart lists by id only. Write the number in its address in Marketo (SL1045A1 is 1045).`,
    { list },
  )
}
