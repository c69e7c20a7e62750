/** Lands exports that a person downloaded, instead of exporting. */
import { instanceOf } from '../extract/begin.js'
import { renamedFields } from '../extract/contract-file.js'
import { landFiles } from '../extract/land-files.js'
import type { Extract as Landed } from '../extract/landed.js'
import { loadRaw } from '../extract/raw.js'
import { counted } from '../format.js'
import type { LeadSchema } from '../marketo/api.js'
import { trusted } from './phase.js'
import { exportedFields } from './project.js'
import type { ExportRecord } from './record.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'

export interface FromFiles {
  /** Absolute paths. */
  readonly paths: readonly string[]
  /** When the files were exported, ISO 8601; null: when they were written. */
  readonly asOf: string | null
  /** They hold every lead, so that one that is missing is gone. */
  readonly isComplete: boolean
}

export async function fromFileStep(
  session: Session,
  recorder: Recorder,
  { schema, files }: { schema: LeadSchema; files: FromFiles },
): Promise<Landed> {
  const { loaded, folders, marketo, random, signal } = session
  const { pipeline } = loaded
  const fields = await exportedFields(loaded, schema, session.projectDir)
  return await recorder.step('extract', async (move) => {
    const exports: ExportRecord[] = []
    const found = await landFiles({
      files: files.paths,
      fields,
      schema,
      folder: folders.root,
      instance: instanceOf(marketo, pipeline),
      isWhole: files.isComplete,
      asOf: files.asOf,
      limit: pipeline.extract.rejects,
      keepDays: pipeline.extract.keepDays,
      now: marketo.serverNow(),
      emit: (event) => {
        if (event.type !== 'task') return
        exports.push(exportRecord(event))
        move(exports.length, files.paths.length, `${exports.length} files`)
      },
      signal,
      random,
    })
    const note = (text: string) => recorder.note(text)
    await trusted(session, note, async (warehouse) => {
      const renamed = await renamedFields(folders.root)
      await loadRaw(warehouse, found, { schema, renamed })
    })
    note(said(found, files))
    const { id, asOf, rows, bytes, jobs, rejected } = found
    await recorder.set({
      extract: { id, as_of: asOf, rows, bytes, jobs, rejects: rejected },
      exports,
    })
    return { text: textOf(found, files), result: found }
  })
}

function exportRecord(event: {
  readonly key: string
  readonly state: string
  readonly rows: number | null
}): ExportRecord {
  return {
    export_id: event.key,
    filter: 'file',
    window_start: null,
    window_end: null,
    rows: event.rows ?? 0,
    bytes: 0,
    status: event.state,
  }
}

function textOf({ rows, rejected }: Landed, { paths }: FromFiles): string {
  const aside = rejected === 0 ? '' : ` · ${counted(rejected, 'row')} set aside`
  return `${counted(rows, 'lead')} · ${counted(paths.length, 'file')}${aside}`
}

/** What the files are taken for, because nothing in them says it. */
function said(
  { asOf, isComplete, rejected }: Landed,
  files: FromFiles,
): string {
  const when = `Taken as of ${asOf.slice(0, 16).replace('T', ' ')} UTC`
  if (isComplete) return `${when}, as every lead: one that is missing is gone.`
  const why =
    files.isComplete && rejected > 0
      ? 'rows were set aside, so the files are not taken for every lead'
      : 'this is not a complete extract, so leads that are not in the files stay as they were (--complete says that they hold every lead)'
  return `${when}; ${why}.`
}
