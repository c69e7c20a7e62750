import { RowWriter } from './csv.js'
import { keep, renderAgain, type Contents } from './export-contents.js'
import type { ExportRecord } from './export-job.js'
import { blocksOf } from './export-rows.js'
import { columnsOf, soiled, toldRows } from './export-soil.js'
import type { Service } from './service.js'

export interface ExportFile {
  readonly contents: Contents
  /** Records that the status will tell. */
  readonly rows: number
  readonly sha256: string
}

/** A job's file as the leads are now. */
export function renderExport(service: Service, job: ExportRecord): ExportFile {
  const { quoteNullText, emptyExport } = service.behaviour
  const writer = new RowWriter(job.format, quoteNullText)
  const fields = columnsOf(job)
  const blocks = blocksOf(service, job, fields, writer)
  const header = writer.row(fields.map((name) => job.headers[name] ?? name))
  let rows = 0
  const render = (block: number): Buffer => {
    const cells = blocks.rows(block)
    rows += cells.length
    if (block === 0) return soiled(service, job, header, cells, writer)
    return Buffer.from(cells.map((row) => writer.join(row)).join(''))
  }
  const file = blocks.again
    ? renderAgain(blocks.count, render)
    : keep(Array.from({ length: blocks.count }, (_, block) => render(block)))
  if (rows > 0) return { ...file, rows: rows + toldRows(job.dirt) }
  const empty = Buffer.from(emptyExport === 'header' ? header : '')
  return { ...keep([empty]), rows: 0 }
}
