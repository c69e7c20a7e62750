import { instant } from '../clock.js'
import { checkFields } from '../extract/column.js'
import type { FieldChange } from '../extract/contract.js'
import {
  changeText,
  judgeChanges,
  lookAtFields,
  newNames,
  renamedFields,
  saveContract,
} from '../extract/contract-file.js'
import type { ExtractEvent } from '../extract/event.js'
import { extract } from '../extract/extract.js'
import type { Extract as Landed } from '../extract/landed.js'
import { loadLanded } from '../extract/replay.js'
import { exitCode, PipelineError } from '../error.js'
import type { Log } from '../log.js'
import type { LeadSchema } from '../marketo/api.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { ExtractProgress } from './extract-progress.js'
import { expiredNote } from './override.js'
import { trusted } from './phase.js'
import { exportedFields, wordsOf } from './project.js'
import type { ExportRecord } from './record.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'
import { counted, formatBytes } from '../format.js'

/**
 * The instance's fields, after checking that every rule can be done and that
 * the pipeline lets them be what they are now; then they are the contract.
 */
export async function readSchema(
  session: Session,
  note: (text: string) => void,
): Promise<LeadSchema> {
  const { marketo, loaded, folders, log, projectDir } = session
  const schema = await marketo.schema()
  const { pipeline } = loaded
  const look = await lookAtFields(marketo, schema, folders.root)
  const { contract, changes } = look
  for (const { change, field } of changes) {
    log.event('schema.changed', { code: change, field })
  }
  const words = await wordsOf(loaded, projectDir)
  judgeChanges(pipeline, changes, contract, words)
  const locate = loaded.locate.bind(loaded)
  checkFields(pipeline, schema, locate, pipeline.file, newNames(contract))
  await saveContract(folders.root, contract)
  if (changes.length > 0) note(changesText(changes))
  return schema
}

const mostTold = 5

function changesText(changes: readonly FieldChange[]): string {
  const told = changes.slice(0, mostTold).map(changeText).join('; ')
  const more = changes.length - mostTold
  return `Fields of Marketo changed: ${told}${more > 0 ? `; and ${more} more (meta.field_change)` : ''}.`
}

export interface ExtractStepOptions {
  readonly schema: LeadSchema
  /** Exports everything, although changes would do. */
  readonly fullRefresh: boolean
}

/** Exports what the rules need; continues what a killed run left. */
export async function extractStep(
  session: Session,
  recorder: Recorder,
  { schema, fullRefresh }: ExtractStepOptions,
): Promise<Landed> {
  const { loaded, folders, marketo, random, signal, log } = session
  const { projectDir } = session
  const fields = await exportedFields(loaded, schema, projectDir)
  return await recorder.step('extract', async (move) => {
    const landed = new Map<string, ExportRecord>()
    const progress = new ExtractProgress(() => session.clock.monotonic())
    const found = await extract({
      marketo,
      pipeline: loaded.pipeline,
      fields,
      folder: folders.root,
      fullRefresh,
      emit: (event) => {
        logEvent(log, event)
        if (event.type === 'list_changed') recorder.note(listText(event))
        const shown = progress.take(event)
        if (shown !== null) {
          move(shown.done, shown.total, shown.text, shown.parts)
        }
        if (event.type !== 'task' || event.state !== 'landed') return
        landed.set(event.key, exportRecord(event))
      },
      signal,
      random,
    })
    const note = (text: string) => recorder.note(text)
    const { name, overrides } = loaded.pipeline
    const day = instant(session.clock).slice(0, 10)
    const expired = expiredNote(overrides, name, day)
    if (expired !== null) note(expired)
    await trusted(session, note, async (warehouse) => {
      await refuseVoid(warehouse, found, loaded.pipeline.name)
      const renamed = await renamedFields(folders.root)
      await loadLanded(warehouse, folders.root, { found, schema, renamed })
      await noteUnknown(warehouse, found, note)
    })
    const { id, kind, why, route, asOf, rows, bytes, jobs, rejected } = found
    const size = { rows, bytes, jobs, rejects: rejected }
    await recorder.set({
      extract: { id, kind, why, route, as_of: asOf, ...size },
      exports: [...landed.values()],
    })
    return { text: extractText(found), result: found }
  })
}

/** What an export of all ids had beyond the leads that are known. */
async function noteUnknown(
  warehouse: Warehouse,
  { asOf }: Landed,
  note: (text: string) => void,
): Promise<void> {
  const { unknown } = await warehouse.one<{ unknown: number }>(
    'select count(*) as unknown from raw.lead_unknown where seen_at = $1',
    [asOf],
  )
  if (unknown === 0) return
  note(
    `Marketo has ${counted(unknown, 'lead')} that no extract brought (raw.lead_unknown); run with --full-refresh to export everything anew.`,
  )
}

/**
 * An API user that lost its partitions gets an empty export and no error.
 * Taken at its word, every known lead would be gone from the warehouse.
 */
async function refuseVoid(
  warehouse: Warehouse,
  { rows, isComplete }: Landed,
  pipeline: string,
): Promise<void> {
  if (rows > 0 || !isComplete) return
  const [last] = await warehouse
    .rows<{ rows: number }>(
      'select rows from raw.extract where is_complete order by as_of desc limit 1',
    )
    .catch(() => [])
  if (last === undefined || last.rows === 0) return
  throw new PipelineError(
    'export_empty',
    `Marketo exported no lead at all, and ${counted(last.rows, 'lead')} the time before, so nothing was taken from it. Check which workspaces and partitions the API user may see, and extract.start; if ${pipeline} really is empty now, move warehouse/${pipeline} away and run again.`,
    { exit: exitCode.failed },
  )
}

type TaskEvent = Extract<ExtractEvent, { type: 'task' }>

function extractText(found: Landed): string {
  const { kind, rows, bytes, jobs, rejected } = found
  const aside = rejected === 0 ? '' : ` · ${counted(rejected, 'row')} set aside`
  const what = kind === 'increment' ? 'new or changed lead' : 'lead'
  return `${counted(rows, what)} · ${formatBytes(bytes)} · ${counted(jobs, 'job')}${aside}`
}

function listText(
  event: Extract<ExtractEvent, { type: 'list_changed' }>,
): string {
  const { what, kind, list, now, id } = event
  return what === 'renamed'
    ? `The ${kind} list "${list}" is now called "${now}" in Marketo (id ${id}) and was taken by its id; write its new name in the pipeline file.`
    : `The ${kind} list "${list}" is another one than at the last extract (id ${id} now); its members count from here on.`
}

function exportRecord(event: TaskEvent): ExportRecord {
  return {
    export_id: event.exportId ?? '',
    filter: event.filter,
    window_start: event.from,
    window_end: event.to,
    rows: event.rows ?? 0,
    bytes: event.bytes ?? 0,
    status: event.state,
  }
}

const taskEvent = {
  planned: null,
  creating: null,
  created: 'export.created',
  queued: 'export.enqueued',
  ready: 'export.completed',
  landed: 'landing.written',
} as const

function logTask(log: Log, event: TaskEvent): void {
  const name = taskEvent[event.state]
  if (name === null) return
  log.event(name, {
    ...(event.exportId !== null && { export_id: event.exportId }),
    ...(event.from !== null && { window_start: event.from }),
    ...(event.to !== null && { window_end: event.to }),
    ...(event.rows !== null && { rows: event.rows }),
    ...(event.bytes !== null && { bytes: event.bytes }),
  })
  if (event.rejects > 0 && event.state === 'landed') {
    log.event('row.rejected', { file: event.key, count: event.rejects })
  }
}

function logEvent(log: Log, event: ExtractEvent): void {
  switch (event.type) {
    case 'task':
      logTask(log, event)
      return
    case 'resumed':
      log.event('run.resumed', { step: 'extract', until: event.asOf })
      return
    case 'again':
      log.event('export.failed', { code: event.why })
      return
    case 'wait':
      log.event('export.waited', {
        code: event.why,
        wait_ms: event.seconds * 1000,
      })
      return
    case 'abandoned':
      log.event('export.cancelled', { count: event.jobs })
      return
    case 'empty_list':
      log.event('list.landed', { list: event.list, rows: 0 })
      return
    case 'list_changed':
      log.event('list.landed', { list: event.list, code: event.what })
      return
    case 'gap':
      log.event('schema.changed', { code: 'delete_gap', until: event.since })
      return
    case 'started':
      log.event('extract.decided', { kind: event.kind, msg: event.why })
      return
    case 'route':
      log.event('route.chosen', {
        kind: event.chosen,
        msg: event.offers
          .map(
            ({ route, calls, bytes }) =>
              `${route}: ${calls} calls, ${bytes} bytes`,
          )
          .join('; '),
      })
      return
    case 'download':
    case 'unverified':
    case 'changes':
    case 'done':
      return
  }
}
