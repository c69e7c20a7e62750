import type { ListKind, MarketoList } from './api.js'
import { endpoints } from './endpoint.js'
import { isJson, type Json } from './envelope.js'
import { pages, recordsOrNone } from './lead.js'
import type { Session } from './session.js'
import { isId, needText, optionalId } from './value.js'

const pageSize = '300'

/**
 * Lists with exactly this name, or this id: a number is an id first, and a
 * name only where no list has the id. Of smart lists Marketo's API finds
 * those that people made (Adobe docs, smart lists).
 */
export async function lists(
  session: Session,
  kind: ListKind,
  nameOrId: string,
): Promise<MarketoList[]> {
  if (isId(nameOrId)) {
    const found = await listsBy(session, kind, { id: nameOrId })
    const having = found.filter(({ id }) => id === nameOrId)
    if (having.length > 0) return having
  }
  const found = await listsBy(session, kind, { name: nameOrId })
  return found.filter(({ name }) => name === nameOrId)
}

type By = { readonly id: string } | { readonly name: string }

async function listsBy(
  session: Session,
  kind: ListKind,
  by: By,
): Promise<MarketoList[]> {
  const records =
    kind === 'static' ? await staticLists(session, by) : smartLists(session, by)
  return (await records).flatMap(({ id, name }) => {
    const listId = optionalId(id)
    return listId === null ? [] : [{ id: listId, name: needText(name) }]
  })
}

/** From the lead database, which asks for no permission on assets. */
function staticLists(session: Session, by: By): Promise<readonly Json[]> {
  return pages(session, {
    endpoint: endpoints.lists,
    query: { ...by, batchSize: pageSize },
    read: recordsOrNone,
  })
}

function smartLists(session: Session, by: By): Promise<readonly Json[]> {
  if ('id' in by) {
    const endpoint = endpoints.smartList
    return session.call({ endpoint, id: by.id, read: recordsOrNone })
  }
  const endpoint = endpoints.smartListByName
  return session.call({ endpoint, query: by, read: recordsOrNone })
}

/**
 * Path of the folder or program that the list is in, from the top, such as
 * `/Lead Database/Group Lists`; null where Marketo does not tell.
 */
export async function listFolder(
  session: Session,
  kind: ListKind,
  id: string,
): Promise<string | null> {
  const endpoint =
    kind === 'static' ? endpoints.staticList : endpoints.smartList
  const folder = await session.call({
    endpoint,
    id,
    read: (answer) => recordsOrNone(answer)[0]?.folder,
  })
  if (!isJson(folder)) return null
  const folderId = optionalId(folder.id)
  if (folderId === null) return null
  const type = folder.type === 'Program' ? 'Program' : 'Folder'
  const path = await session.call({
    endpoint: endpoints.folder,
    id: folderId,
    query: { type },
    read: (answer) => recordsOrNone(answer)[0]?.path,
  })
  return typeof path === 'string' ? path : null
}
