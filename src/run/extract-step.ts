import { checkFields, fieldsToExport } from '../extract/column.js'
import type { ExtractEvent } from '../extract/event.js'
import { type Extract, extract } from '../extract/extract.js'
import type { Log } from '../log.js'
import type { LeadSchema } from '../marketo/api.js'
import type { Move, Recorder } from './recorder.js'
import type { Session } from './session.js'
import { counted, megabytes } from './words.js'

/** The instance's fields, after checking that every rule can be done. */
export async function readSchema(session: Session): Promise<LeadSchema> {
  const schema = await session.marketo.schema()
  const { pipeline, locate } = session.loaded
  checkFields(pipeline, schema, locate, pipeline.file)
  return schema
}

/** Exports what the rules need; continues what a killed run left. */
export async function extractStep(
  session: Session,
  recorder: Recorder,
  schema: LeadSchema,
): Promise<Extract> {
  const { loaded, folders, marketo, random, signal, log } = session
  return await recorder.step('extract', async (move) => {
    const watch = watcher(log, move)
    const found = await extract({
      marketo,
      pipeline: loaded.pipeline,
      fields: fieldsToExport(loaded.pipeline, schema),
      folder: folders.landing,
      emit: watch,
      signal,
      random,
    })
    const { id, asOf, rows, bytes, jobs, rejects } = found
    await recorder.set({
      extract: { id, as_of: asOf, rows, bytes, jobs, rejects },
      exports: exportRecords(found),
    })
    return { text: extractText(found), result: found }
  })
}

function extractText({ rows, bytes, jobs, rejects }: Extract): string {
  const aside = rejects === 0 ? '' : ` · ${counted(rejects, 'row')} set aside`
  return `${counted(rows, 'lead')} · ${megabytes(bytes)} · ${counted(jobs, 'job')}${aside}`
}

function exportRecords({ tasks }: Extract) {
  return tasks.map((task) => ({
    export_id: task.exportId ?? '',
    filter: task.filter.kind,
    window_start: 'startAt' in task.filter ? task.filter.startAt : null,
    window_end: 'endAt' in task.filter ? task.filter.endAt : null,
    rows: task.rows ?? 0,
    bytes: task.bytes ?? 0,
    sha256: task.sha256,
    status: task.state,
  }))
}

/** Turns events into log lines and progress. */
function watcher(log: Log, move: Move): (event: ExtractEvent) => void {
  let rows = 0
  let bytes = 0
  let done = 0
  const steps = 1000
  return (event) => {
    logEvent(log, event)
    if (event.type !== 'task') return
    if (event.state === 'landed') {
      rows += event.rows ?? 0
      bytes += event.bytes ?? 0
    }
    done = Math.max(done, event.done)
    move(
      Math.floor(done * steps),
      steps,
      `${counted(rows, 'lead')} · ${megabytes(bytes)}`,
    )
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

function logEvent(log: Log, event: ExtractEvent): void {
  switch (event.type) {
    case 'task': {
      const name = taskEvent[event.state]
      if (name === null) return
      log.event(name, {
        ...(event.exportId !== null && { export_id: event.exportId }),
        ...(event.from !== null && { window_start: event.from }),
        ...(event.to !== null && { window_end: event.to }),
        ...(event.rows !== null && { rows: event.rows }),
        ...(event.bytes !== null && { bytes: event.bytes }),
      })
      if (event.rejects > 0) log.event('row.rejected', { count: event.rejects })
      return
    }
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
    case 'gap':
      log.event('schema.changed', { code: 'delete_gap', until: event.since })
      return
    case 'started':
    case 'download':
    case 'unverified':
    case 'changes':
    case 'done':
      return
  }
}
