import type { Change, Lead } from './change.js'
import type {
  FolderOption,
  ProgramOption,
  SandboxOptions,
  SmartListOption,
  StaticListOption,
} from './option.js'
import { hash32 } from './random.js'

/** The folder in which lists lie where nothing else is said. */
export const listFolder = 13

const folders: readonly FolderOption[] = [
  { id: 1, name: 'Lead Database', parent: null },
  { id: listFolder, name: 'Group Lists', parent: 1 },
]

/** Name and share of the leads of the lists that every world has. */
const staticLists: readonly StaticListOption[] = [
  { id: 1001, name: 'Newsletter', share: 0.4 },
  { id: 1002, name: 'Webinar', share: 0.15 },
  { id: 1003, name: 'Trade fair', share: 0.05 },
  { id: 1004, name: 'Empty list', share: 0 },
]

const smartLists: readonly SmartListOption[] = [
  { id: 1045, name: 'Unsubscribed', field: 'unsubscribed', equals: true },
]

const programs: readonly ProgramOption[] = [
  {
    id: 2001,
    name: 'Autumn webinar',
    statuses: ['Invited', 'Registered', 'Attended'],
    success: ['Attended'],
    share: 0.1,
  },
]

/** Folders, static lists and programs with their members, and smart lists. */
export function listChanges(
  options: SandboxOptions,
  leads: readonly Lead[],
  now: number,
): Change[] {
  const time = { createdAt: now, updatedAt: now }
  return [
    ...[...folders, ...(options.folders ?? [])].map(
      (folder): Change => folderChange(folder, now),
    ),
    ...[...staticLists, ...(options.staticLists ?? [])].flatMap((list) =>
      staticList(list, leads, now),
    ),
    ...(options.smartLists ?? smartLists).map(
      (list): Change => ({ kind: 'smart-list', list: { ...list, ...time } }),
    ),
    ...[...programs, ...(options.programs ?? [])].flatMap((program) =>
      programWith(program, leads, now),
    ),
  ]
}

export function folderChange(folder: FolderOption, now: number): Change {
  const { parent = listFolder, type = 'Folder' } = folder
  const { id, name } = folder
  return { kind: 'folder', folder: { id, name, parent, type, createdAt: now } }
}

function staticList(
  { share = 0, leads: ids = [], ...info }: StaticListOption,
  leads: readonly Lead[],
  now: number,
): Change[] {
  const list = { ...info, createdAt: now, updatedAt: now }
  const shared = leads
    .filter(({ id }) => hash32(`${info.name}:${id}`) / 2 ** 32 < share)
    .map(({ id, createdAt }) => joined(info.id, id, createdAt))
  const named = ids.map((id) => joined(info.id, id, now))
  return [{ kind: 'list', list }, ...shared, ...named]
}

function joined(list: number, lead: string, at: number): Change {
  return { kind: 'join', list, lead, at }
}

function programWith(
  { share = 0, members = {}, ...info }: ProgramOption,
  leads: readonly Lead[],
  now: number,
): Change[] {
  const shared = leads.flatMap(({ id, createdAt }): Change[] => {
    const hash = hash32(`program ${info.id}:${id}`)
    const status = info.statuses[hash % info.statuses.length]
    if (hash / 2 ** 32 >= share || status === undefined) return []
    return [
      { kind: 'member', program: info.id, lead: id, status, at: createdAt },
    ]
  })
  const named = Object.entries(members).map(
    ([lead, status]): Change => ({
      kind: 'member',
      program: info.id,
      lead,
      status,
      at: now,
    }),
  )
  return [
    { kind: 'program', program: { ...info, createdAt: now } },
    ...shared,
    ...named,
  ]
}
