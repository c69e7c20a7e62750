import type {
  ExportFilter,
  ListKind,
  Marketo,
  MarketoList,
} from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { matchLists } from '../pipeline/match-rule.js'
import type { ListScope, Pipeline, Service } from '../pipeline/pipeline.js'
import type { Emit } from './event.js'
import {
  ambiguous,
  goneList,
  otherFolder,
  type Placed,
  unknownList,
} from './list-fault.js'
import type { ExtractState, ListName } from './state.js'

/** A list of Marketo, and the names by which services call it. */
export interface ResolvedList {
  readonly filter: ExportFilter & { readonly listId: string }
  readonly names: readonly ListName[]
  /** Whether a service works on it; of other lists only the ids matter. */
  readonly isScope: boolean
}

/** Whether no service works on all leads, so that lists are enough. */
export function isListsOnly({ services }: Pipeline): boolean {
  return services.length > 0 && services.every(({ list }) => list !== null)
}

export interface Memory {
  /** The id that a list had at the last extract, by kind and name. */
  readonly known: ReadonlyMap<string, string>
  readonly emit: Emit
}

/** The ids of lists in the newest extract that had them. */
export function knownLists(
  states: readonly { readonly state: ExtractState }[],
): Map<string, string> {
  const pairs = states.flatMap(({ state }) =>
    state.tasks.flatMap(({ filter, lists }) =>
      'listId' in filter
        ? lists.map((name) => [keyOf(name), filter.listId] as const)
        : [],
    ),
  )
  return new Map(pairs)
}

function keyOf({ kind, list }: ListName): string {
  return `${kind} ${list}`
}

/**
 * The lists of all services, each once, whatever they are called. Throws
 * (exit 3) for a list that is unknown or gone, or a name of several lists.
 */
export async function resolveLists(
  marketo: Marketo,
  pipeline: Pipeline,
  memory: Memory,
): Promise<ResolvedList[]> {
  const found = new Map<string, ResolvedList>()
  for (const scope of scopes(pipeline)) {
    const listId = await idOf(marketo, scope, memory)
    const key = `${scope.kind} ${listId}`
    const kind = scope.kind === 'static' ? 'staticList' : 'smartList'
    const earlier = found.get(key)
    found.set(key, {
      filter: { kind, listId },
      names: [...(earlier?.names ?? []), scope],
      isScope: earlier?.isScope === true || isScope(pipeline, scope),
    })
  }
  return [...found.values()]
}

function scopes({ services }: Pipeline): ListScope[] {
  const own = services.flatMap(({ list }) => (list === null ? [] : [list]))
  const all = [
    ...own,
    ...services.flatMap(winnerLists),
    ...services.flatMap((service) =>
      service.type === 'dedupe' ? matchLists(service.match) : [],
    ),
  ]
  const distinct = new Map(
    all.map(({ kind, list }) => [`${kind} ${list}`, { kind, list }]),
  )
  return [...distinct.values()]
}

function isScope({ services }: Pipeline, scope: ListScope): boolean {
  return services.some(
    ({ list }) => list?.kind === scope.kind && list.list === scope.list,
  )
}

/** Lists whose members are preferred as winners. */
function winnerLists(service: Service): ListScope[] {
  if (service.type !== 'dedupe') return []
  return service.winner
    .flatMap((rule) =>
      rule.kind === 'score' ? rule.parts.map((part) => part.rule) : [rule],
    )
    .flatMap((rule) => (rule.kind === 'list' ? [rule.list] : []))
}

async function idOf(
  marketo: Marketo,
  scope: ListScope,
  { known, emit }: Memory,
): Promise<string> {
  const before = known.get(keyOf(scope)) ?? null
  const found = await findList(marketo, scope)
  const told = { type: 'list_changed', ...scope } as const
  if (found !== null) {
    const { id, name } = found
    const isOther = before !== null && before !== id
    if (isOther) emit({ ...told, what: 'replaced', id, now: name })
    return id
  }
  if (before === null) throw unknownList(scope)
  const [same] = await marketo.lists(scope.kind, before)
  if (same?.id !== before) throw goneList(scope, before)
  emit({ ...told, what: 'renamed', id: before, now: same.name })
  return before
}

/**
 * The one list that the scope means: by id, by exact name, or by name after
 * the end of its folder's path. null where there is none; throws (exit 3)
 * where there are several.
 */
export async function findList(
  marketo: Marketo,
  scope: ListScope,
): Promise<MarketoList | null> {
  const { kind, list } = scope
  // An id of a smart list needs no permission on assets: the export tells.
  if (kind === 'smart' && /^\d+$/.test(list)) return { id: list, name: list }
  const named = await marketo.lists(kind, list)
  if (named.length > 0) return await only(marketo, scope, named)
  const elsewhere: Placed[] = []
  for (const name of endsOf(list)) {
    const lists = await marketo.lists(kind, name)
    const placed = await withFolders(marketo, kind, lists)
    const inside = placed.filter(({ path }) => path?.endsWith(`/${list}`))
    if (inside.length > 0) return await only(marketo, scope, inside)
    elsewhere.push(...placed)
  }
  if (elsewhere.length > 0) throw otherFolder(scope, elsewhere)
  return null
}

/** What may be the name after a folder: `b/c` and `c` of `a/b/c`. */
function endsOf(list: string): string[] {
  const parts = list.split('/')
  return parts.slice(1).map((_, at) => parts.slice(at + 1).join('/'))
}

async function only(
  marketo: Marketo,
  scope: ListScope,
  lists: readonly MarketoList[],
): Promise<MarketoList | null> {
  const [first = null, ...others] = lists
  if (others.length === 0) return first
  throw ambiguous(scope, await withFolders(marketo, scope.kind, lists))
}

async function withFolders(
  marketo: Marketo,
  kind: ListKind,
  lists: readonly MarketoList[],
): Promise<Placed[]> {
  const placed: Placed[] = []
  for (const list of lists) {
    const folder = await folderOf(marketo, kind, list.id)
    const path = folder === null ? null : `${folder}/${list.name}`
    placed.push({ ...list, path })
  }
  return placed
}

/** Folders need a permission on assets, which is no use for anything else. */
async function folderOf(
  marketo: Marketo,
  kind: ListKind,
  id: string,
): Promise<string | null> {
  try {
    return await marketo.listFolder(kind, id)
  } catch (error) {
    const isSecret =
      error instanceof MarketoError &&
      ['permission', 'not_found', 'no_data', 'bad_request'].includes(
        error.problem,
      )
    if (isSecret) return null
    throw error
  }
}
