/** Keeps what a restore gave back from being merged by the next run. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'
import type { JournalState } from '../load/journal-state.js'
import type { CreateRow } from '../load/plan.js'
import { openPlan } from '../load/plan-file.js'
import {
  compareIds,
  type Override,
  overrideFile,
  parseOverrides,
  subject,
} from '../pipeline/override.js'
import { joinOverrides, overrideText } from '../pipeline/override-text.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Session } from './session.js'

type Place = Pick<Session, 'loaded' | 'projectDir' | 'folders'>

function fileOf({ loaded, projectDir }: Place): string {
  const { name } = loaded.pipeline
  return overrideFile(join(projectDir, 'pipelines', `${name}.yml`))
}

async function readOverrides(file: string): Promise<Override[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return parseOverrides(text, file)
}

/** The decisions as the file has them now, for what is built afterwards. */
export async function withDecisionsOfNow(session: Session): Promise<Session> {
  const overrides = await readOverrides(fileOf(session))
  const pipeline = { ...session.loaded.pipeline, overrides }
  return { ...session, loaded: { ...session.loaded, pipeline } }
}

/**
 * Writes `never_merge` for the leads of each merge that was given back, where
 * nobody has decided on them yet. Doing it twice changes nothing.
 */
export async function keepApart(
  place: Place,
  path: string,
  state: JournalState,
): Promise<void> {
  const author = state.approvals.at(-1)?.who ?? 'pipeline restore'
  const apart = await apartOf(path, state, author)
  if (apart.length === 0) return
  const file = fileOf(place)
  const desk = join(place.folders.root, 'review')
  await privateFolder(place.folders.root)
  const lock = await lockFolder(desk)
  try {
    const known = await readOverrides(file)
    const decided = new Set(known.map(subject))
    const added = apart.filter((one) => !decided.has(subject(one)))
    if (added.length === 0) return
    await replaceFile(file, overrideText(joinOverrides(known, added)))
  } finally {
    await lock.release()
  }
}

async function apartOf(
  path: string,
  state: JournalState,
  author: string,
): Promise<Override[]> {
  const merges = new Map<string, { row: CreateRow; leads: string[] }>()
  const plan = await openPlan(path)
  try {
    for await (const row of plan.rows()) {
      const made = state.created.get(row.row)
      if (row.kind !== 'create' || made === undefined) continue
      const key = `${row.merged.plan} ${row.merged.row}`
      const known = merges.get(key) ?? { row, leads: [row.winner] }
      merges.set(key, { row, leads: [...known.leads, made.id] })
    }
  } finally {
    await plan.close()
  }
  return [...merges.values()].flatMap(({ row, leads }) =>
    pairs(leads).map(([leadId, otherId]) => ({
      kind: 'never_merge',
      leadId,
      otherId,
      field: null,
      value: null,
      author,
      reason: `restored: merge ${row.merged.row} of plan ${row.merged.plan}`,
      until: null,
    })),
  )
}

function pairs(leads: readonly string[]): [string, string][] {
  const sorted = [...new Set(leads)].toSorted(compareIds)
  return sorted.flatMap((one, at) =>
    sorted.slice(at + 1).map((other): [string, string] => [one, other]),
  )
}
