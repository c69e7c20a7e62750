/** Rows of exports that could not be read, by reason; no values. */
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { foldersOf } from '../run/folder.js'
import { literal } from '../warehouse/quote.js'
import type { Project } from './project.js'

export interface Rejected {
  readonly extract: string
  readonly reason: string
  readonly rows: number
}

/** Of the landing that is kept, the newest extract first. */
export async function rejectedRows(
  project: Project,
  pipeline: string,
): Promise<readonly Rejected[]> {
  const { landing } = foldersOf(project.dir, pipeline)
  const names = await readdir(landing, { recursive: true }).catch(() => [])
  const files = names
    .filter((name) => name.endsWith('.reject.jsonl'))
    .toSorted()
    .slice(-200)
  if (files.length === 0) return []
  const list = files.map((name) => literal(join(landing, name))).join(', ')
  const found = await project.files(
    async ({ rows }) =>
      await rows<{ file: string; reason: string; rows: number }>(
        `select
           filename as file,
           coalesce(json_extract_string(json, '$.reason'), '') as reason,
           count(*)::double as rows,
         from read_json_objects([${list}], format = 'newline_delimited', filename = true)
         group by all order by file desc, rows desc, reason limit 100`,
      ),
  )
  return found.map(({ file, reason, rows }) => ({
    extract: basename(dirname(file)),
    reason,
    rows,
  }))
}
