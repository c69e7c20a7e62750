import type { Call } from './call.js'
import { statusAt, type ExportRecord } from './export-job.js'
import type { Reply } from './reply.js'

const types = {
  CSV: 'text/csv;charset=UTF-8',
  TSV: 'text/tab-separated-values;charset=UTF-8',
  SSV: 'text/csv;charset=UTF-8',
} as const

function noFile(): Reply {
  return { kind: 'text', status: 404, text: 'File not found' }
}

/** The file of a completed job for seven days; otherwise 404 in plain text. */
export function downloadExport(call: Call, job: ExportRecord | null): Reply {
  const { service } = call
  const now = service.now()
  if (job === null || statusAt(job, now) !== 'Completed') return noFile()
  const kept = service.behaviour.exportFileDays * 86_400_000
  if ((job.endsAt ?? 0) + kept < now) return noFile()
  const name = `${job.exportId}.csv`
  const total = service.shelf.size(name)
  if (total === null) return noFile()
  const range = rangeOf(call.headers['range'], total)
  if (range === 'beyond') {
    return { kind: 'text', status: 416, text: 'Range Not Satisfiable' }
  }
  return {
    kind: 'file',
    status: range === null ? 200 : 206,
    type: types[job.format],
    total,
    from: range?.from ?? 0,
    to: range?.to ?? total,
    read: (from, to) => service.shelf.read(name, from, to),
  }
}

/** First range of a `Range` header, end exclusive; null when there is none. */
export function rangeOf(
  header: string | undefined,
  total: number,
): { from: number; to: number } | 'beyond' | null {
  const match = /^bytes=(\d*)-(\d*)/.exec(header ?? '')
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  const from = first === '' ? Math.max(0, total - Number(last)) : Number(first)
  const end = first === '' || last === '' ? total : Number(last) + 1
  if (from >= total) return 'beyond'
  return end <= from ? null : { from, to: Math.min(end, total) }
}
