/** Lines of a log by level and words, a page at a time. */
import { existsSync } from 'node:fs'
import { literal } from '../warehouse/quote.js'
import { type LogLine, logLine } from './log-line.js'
import type { Project } from './project.js'

export const levels = ['debug', 'info', 'warn', 'error']

export interface LogQuery {
  readonly file: string
  /** Least level. */
  readonly level: string
  /** In any case, anywhere in the line; empty for all. */
  readonly text: string
  /** From 0; null: the end of the log. */
  readonly page: number | null
  readonly size: number
}

export interface LogPage {
  readonly lines: readonly LogLine[]
  /** How many fulfil the query. */
  readonly total: number
}

/** A log can have millions of lines, so DuckDB looks through it. */
export async function searchLog(
  project: Project,
  { file, level, text, page, size }: LogQuery,
): Promise<LogPage> {
  if (!existsSync(file)) return { lines: [], total: 0 }
  const wanted = levels.slice(Math.max(0, levels.indexOf(level)))
  const matching = `
    from (
      select json::varchar as line, row_number() over () as number
      from read_json_objects(
        ${literal(file)}, format = 'newline_delimited', ignore_errors = true
      )
    )
    where line is not null
      and json_extract_string(line, '$.level') in (${wanted.map(literal).join(', ')})
      and contains(lower(line), lower($1))`
  return await project.files(async ({ rows, one }) => {
    const { total } = await one<{ total: number }>(
      `select count(*)::int as total ${matching}`,
      [text],
    )
    const from = page === null ? Math.max(0, total - size) : page * size
    const found = await rows<{ line: string }>(
      `select line ${matching} order by number limit $2::int offset $3::int`,
      [text, size, from],
    )
    const lines = found.flatMap(({ line }) => logLine(line) ?? [])
    return { lines, total }
  })
}
