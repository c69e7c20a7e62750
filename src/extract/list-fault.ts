import { badInput } from '../error.js'
import type { MarketoList } from '../marketo/api.js'
import type { ListScope } from '../pipeline/pipeline.js'

export interface Placed extends MarketoList {
  /** Folder and name; null where Marketo does not tell the folder. */
  readonly path: string | null
}

export function ambiguous(
  { kind, list }: ListScope,
  lists: readonly Placed[],
): Error {
  return badInput(
    'list_ambiguous',
    `Marketo has ${lists.length} ${kind} lists "${list}":\n${candidates(lists)}\nWrite the id of the right one instead of the name, or its folder: { ${kind}: name, folder: … }.`,
    { list, ids: lists.map(({ id }) => id) },
  )
}

export function otherFolder(
  { kind, list }: ListScope,
  lists: readonly Placed[],
): Error {
  return badInput(
    'list_unknown',
    `Marketo has no ${kind} list "${list}" in that folder, but:\n${candidates(lists)}\nWrite the id or the folder of the right one.`,
    { list, ids: lists.map(({ id }) => id) },
  )
}

function candidates(lists: readonly Placed[]): string {
  return lists
    .map(
      ({ id, path }) =>
        `  ${id}  ${path ?? '(its folder is not visible to the API user)'}`,
    )
    .join('\n')
}

export function unknownList({ kind, list }: ListScope): Error {
  const mark = kind === 'static' ? 'ST1234A1 is 1234' : 'SL1045A1 is 1045'
  return badInput(
    'list_unknown',
    `Marketo has no ${kind} list "${list}". Write its exact name, or the number in its address in Marketo (${mark}).`,
    { list },
  )
}

export function goneList({ kind, list }: ListScope, id: string): Error {
  return badInput(
    'list_gone',
    `The ${kind} list "${list}" (id ${id}) is not in Marketo any more, neither by name nor by id: somebody deleted it. Nothing was taken from that; name another list in the pipeline file, or remove the service.`,
    { list, id },
  )
}
