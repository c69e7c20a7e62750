import { readFile } from 'node:fs/promises'
import { replaceFile } from '../durable.js'
import {
  type Changes,
  type Deletion,
  deletionMemory,
  type Merger,
  readChanges,
} from './change.js'
import { jsonLines } from './file.js'
import { changesName } from './landed.js'
import type { Work } from './work.js'

type Line =
  | ({ readonly kind: 'delete' } & Deletion)
  | ({ readonly kind: 'merge' } & Merger)

/** Deletions and merges since the extract before, read once, to disk. */
export async function landChanges(work: Work): Promise<void> {
  const { marketo, file, emit, signal } = work
  const { changesSince, hasChanges } = file.state
  if (changesSince === null || hasChanges) return
  const age = marketo.serverNow() - Date.parse(changesSince)
  if (age > deletionMemory) emit({ type: 'gap', since: changesSince })
  const changes = await readChanges(marketo, changesSince, signal)
  await replaceFile(file.path(changesName), text(changes))
  await file.change((state) => {
    state.hasChanges = true
  })
  const { deletions, mergers } = changes
  emit({
    type: 'changes',
    deletes: deletions.length,
    merges: mergers.length,
  })
}

function text({ deletions, mergers }: Changes): string {
  const lines: Line[] = [
    ...deletions.map((deletion) => ({ kind: 'delete' as const, ...deletion })),
    ...mergers.map((merger) => ({ kind: 'merge' as const, ...merger })),
  ]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

export async function readChangeFile(path: string): Promise<Changes> {
  const all = jsonLines(await readFile(path, 'utf8')).filter(isLine)
  return {
    deletions: all.filter((line) => line.kind === 'delete'),
    mergers: all.filter((line) => line.kind === 'merge'),
  }
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'kind' in value
}
