/** Rows of a plan with what became of them, a page at a time. */
import { existsSync } from 'node:fs'
import { journalPlace } from '../load/place.js'
import type {
  CreateRow,
  FinalStatus,
  MergeRow,
  PlanRow,
  UpdateRow,
} from '../load/plan.js'
import { planHeader, planName } from '../load/plan-file.js'
import type { PlanHeader } from '../load/plan.js'
import { foldersOf } from '../run/folder.js'
import { literal } from '../warehouse/quote.js'
import type { Project } from './project.js'
import { join } from 'node:path'

export const outcomes: readonly (FinalStatus | 'open')[] = [
  'unresolved',
  'failed',
  'stale',
  'no_effect',
  'cancelled',
  'open',
  'done',
]

export interface PlanQuery {
  /** merge, update, create, or empty for all. */
  readonly kind: string
  /** An outcome, or empty for all. */
  readonly status: string
  /** A lead's id, or empty. */
  readonly lead: string
  readonly page: number
  readonly size: number
  /** Default by name; risk: opt-outs, CRM and large ones first. */
  readonly order?: 'name' | 'risk' | 'random'
}

const orders = {
  name: 'name',
  risk: 'kept desc, is_crm desc, leads desc, name',
  random: `md5('review ' || name), name`,
} as const

export interface OutcomeRow {
  readonly row: PlanRow
  /** `open` where it has not ended. */
  readonly status: string
  readonly why: string
}

export interface PlanPage {
  readonly rows: readonly OutcomeRow[]
  readonly total: number
}

/** Where the files of a plan are; null where the hash is none. */
export function planFiles(project: Project, pipeline: string, hash: string) {
  if (!/^[0-9a-f]{12,64}$/.test(hash)) return null
  const { root, plan } = foldersOf(project.dir, pipeline)
  const name = planName(hash)
  const path = join(plan, `${name}.jsonl`)
  if (!existsSync(path)) return null
  return { name, path, journal: journalPlace(root, name).journal }
}

export type PlanFiles = NonNullable<ReturnType<typeof planFiles>>

export async function headerOf(files: PlanFiles): Promise<PlanHeader | null> {
  return await planHeader(files.path)
}

/** A plan can have millions of rows, so DuckDB looks through it. */
export async function searchPlan(
  project: Project,
  files: PlanFiles,
  { kind, status, lead, page, size, order = 'name' }: PlanQuery,
): Promise<PlanPage> {
  const matching = `
    with ended as (${endedSql(files.journal)}),
    planned as (
      select
        json::varchar as line,
        json_extract_string(json, '$.row') as name,
        json_extract_string(json, '$.kind') as kind,
        coalesce(json_extract_string(json, '$.id'), json_extract_string(json, '$.winner')) as lead,
        json_extract_string(json, '$.losers[*]') as losers,
        coalesce(json_array_length(json, '$.kept'), 0) as kept,
        coalesce(json_extract_string(json, '$.mergeInCrm') = 'true', false) as is_crm,
        coalesce(json_array_length(json, '$.losers'), 0) as leads,
      from ${linesOf(files.path)}
      where json_exists(json, '$.row')
    ),
    found as (
      select planned.*, coalesce(ended.status, 'open') as status, coalesce(ended.why, '') as why
      from planned left join ended using (name)
      where ($1 = '' or kind = $1)
        and ($2 = '' or coalesce(ended.status, 'open') = $2)
        and ($3 = '' or lead = $3 or list_contains(losers, $3))
    )`
  const filter = [kind, status, lead]
  return await project.files(async ({ rows, one }) => {
    const { total } = await one<{ total: number }>(
      `${matching} select count(*)::int as total from found`,
      filter,
    )
    const found = await rows<{ line: string; status: string; why: string }>(
      `${matching} select line, status, why from found
       order by ${orders[order]} limit $4::int offset $5::int`,
      [...filter, size, page * size],
    )
    const parsed = found.flatMap(({ line, status: ended, why }) => {
      const row = rowOf(line)
      return row === null ? [] : [{ row, status: ended, why }]
    })
    return { rows: parsed, total }
  })
}

/** How many rows ended how; open ones are the rest. */
export async function outcomeCounts(
  project: Project,
  files: PlanFiles,
): Promise<ReadonlyMap<string, number>> {
  const found = await project.files(
    async ({ rows }) =>
      await rows<{ status: string; count: number }>(
        `select status, count(*)::int as count from (${endedSql(files.journal)})
         group by status order by status`,
      ),
  )
  return new Map(found.map(({ status, count }) => [status, count]))
}

/** Of a row that the journal names twice the first word counts. */
function endedSql(journal: string): string {
  if (!existsSync(journal)) {
    return `select '' as name, '' as status, '' as why where false`
  }
  return `
    select
      name,
      arg_min(status, number) as status,
      arg_min(why, number) as why,
    from (
      select
        unnest(json_extract_string(json, '$.rows[*]')) as name,
        json_extract_string(json, '$.status') as status,
        json_extract_string(json, '$.reason') as why,
        json_extract(json, '$.seq')::bigint as number,
      from ${linesOf(journal)}
      where json_extract_string(json, '$.kind') = 'status'
    )
    group by name`
}

/** The last line may be half-written. */
function linesOf(path: string): string {
  return `read_json_objects(${literal(path)}, format = 'newline_delimited', ignore_errors = true)`
}

function rowOf(line: string): PlanRow | null {
  const value: unknown = JSON.parse(line)
  const isRow = typeof value === 'object' && value !== null && 'reason' in value
  if (!isRow || !('kind' in value)) return null
  if (value.kind === 'merge' && isMerge(value)) return value
  if (value.kind === 'update' && isUpdate(value)) return value
  return value.kind === 'create' && isCreate(value) ? value : null
}

/** Plans are written whole by this program, so the outline tells. */
function isMerge(value: object): value is MergeRow {
  return 'winner' in value && 'losers' in value && 'after' in value
}

function isCreate(value: object): value is CreateRow {
  return isUpdate(value) && 'twins' in value
}

function isUpdate(value: object): value is UpdateRow {
  return 'id' in value && 'set' in value && 'before' in value
}
