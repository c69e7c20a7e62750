import { chmod, rm } from 'node:fs/promises'
import { finishFile, replaceFile } from '../durable.js'
import type { FieldValue, LeadRecord } from '../marketo/api.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Task } from './state.js'
import { fileHash, sizeOf } from './file.js'
import { jsonTable } from './raw-table.js'
import { newTask } from './task.js'
import { advance, type Work } from './work.js'

/** A hundred calls: as much as is read again after a crash, at most. */
const idsPerTask = 30_000
const knownName = 'known.parquet'

/**
 * Reads every lead whose id is in the Parquet files, and lands the
 * answers as Parquet, every column text as an export has it. What is landed
 * is not read again. Leads that are gone are not in the answers.
 */
export async function readKnown(
  work: Work,
  warehouse: Warehouse,
  paths: readonly string[],
): Promise<void> {
  if (work.file.state.route?.chosen !== 'read') return
  if (!work.file.state.tasks.some(isOfIds)) {
    await planReads(work, warehouse, paths)
  }
  for (const task of work.file.state.tasks.filter(isOfIds)) {
    if (task.state !== 'landed') await readTask(work, warehouse, task)
  }
}

function isOfIds({ filter }: Task): boolean {
  return filter.kind === 'ids'
}

async function planReads(
  { file }: Work,
  warehouse: Warehouse,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return
  const path = file.path(knownName)
  await warehouse.run(
    `copy (
      select id, row_number() over (order by cast(id as bigint)) as n
      from (
        select distinct id
        from read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)
      ) order by n
    ) to ${literal(`${path}.tmp`)} (format parquet)`,
  )
  await finish(`${path}.tmp`, path)
  const { ids } = await warehouse.one<{ ids: number }>(
    `select count(*) as ids from read_parquet(${literal(path)})`,
  )
  const count = Math.ceil(ids / idsPerTask)
  const tasks = Array.from({ length: count }, (_, index) => {
    const from = index * idsPerTask + 1
    const to = Math.min(from + idsPerTask - 1, ids)
    const key = `ids-${String(from).padStart(9, '0')}`
    const filter = { kind: 'ids', key, from, to } as const
    const { fields } = file.state
    return newTask({ filter, fields, lists: [], isLeads: true })
  })
  await file.change((state) => {
    state.tasks.push(...tasks)
  })
}

async function readTask(
  work: Work,
  warehouse: Warehouse,
  task: Task,
): Promise<void> {
  const { marketo, file, signal } = work
  if (task.filter.kind !== 'ids') return
  const { from, to } = task.filter
  const ids = await warehouse.rows<{ id: string }>(
    `select id from read_parquet(${literal(file.path(knownName))})
    where n between ${from} and ${to} order by n`,
  )
  signal.throwIfAborted()
  const leads = await marketo.leads(
    ids.map(({ id }) => id),
    task.fields,
  )
  const name = `${task.key}.parquet`
  const lines = [...leads.values()].map((lead) => lineOf(lead, task.fields))
  const parquet = leads.size === 0 ? null : name
  if (parquet !== null) await land(work, warehouse, task, lines)
  const path = file.path(name)
  const landed = {
    parquet,
    bytes: parquet === null ? 0 : ((await sizeOf(path)) ?? 0),
    sha256: parquet === null ? null : await fileHash(path),
    rows: leads.size,
    rejects: 0,
    isVerified: true,
  }
  await advance(work, task, { state: 'landed', rows: leads.size, landed })
}

async function land(
  { file }: Work,
  warehouse: Warehouse,
  task: Task,
  lines: readonly string[],
): Promise<void> {
  const json = file.path(`${task.key}.jsonl`)
  const path = file.path(`${task.key}.parquet`)
  await replaceFile(json, lines.join(''))
  const columns = task.fields.map((_, at) => [`c${at}`, 'VARCHAR'])
  const select = task.fields.map((name, at) => `c${at} as ${identifier(name)}`)
  await warehouse.run(
    `copy (
      select ${select.join(', ')}
      from ${jsonTable(json, Object.fromEntries(columns))}
    ) to ${literal(`${path}.tmp`)} (format parquet, compression zstd)`,
  )
  await finish(`${path}.tmp`, path)
  await rm(json, { force: true })
}

async function finish(from: string, to: string): Promise<void> {
  await chmod(from, 0o600)
  await finishFile(from, to)
}

/** Columns by position: names of fields are no safe keys of JSON columns. */
function lineOf(lead: LeadRecord, fields: readonly string[]): string {
  const cells = fields.map((name, at) => [`c${at}`, textOf(lead[name])])
  return `${JSON.stringify(Object.fromEntries(cells))}\n`
}

/** As an export writes it, which has no empty text. */
function textOf(value: FieldValue | undefined): string | null {
  return value === undefined || value === null || value === ''
    ? null
    : String(value)
}
