/** Values that the instance's field contract does not allow. */
import { badInput } from '../error.js'
import { counted } from '../format.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Service } from '../pipeline/pipeline.js'
import { dotted, type Path } from '../pipeline/problem.js'
import type { Warehouse } from '../warehouse/warehouse.js'

interface WriteFault {
  readonly service: string
  readonly field: string
  readonly fault: 'unknown' | 'read_only' | 'type' | 'too_long' | 'skipped'
  readonly data_type: string | null
  readonly length: number | null
  readonly longest: number | null
  readonly leads: number
}

/**
 * Reads what the models found. Throws `write_fault` (exit 3) with a line for
 * every field that cannot hold what a service would write there; returns
 * sentences on what services leave out. Nothing has been planned by then.
 */
export async function refuseWriteFaults(
  warehouse: Warehouse,
  loaded: LoadedPipeline,
): Promise<string[]> {
  const faults = await warehouse.rows<WriteFault>(
    'from load.write_fault order by service, field, fault',
  )
  const refused = faults.filter(({ fault }) => fault !== 'skipped')
  const lines: string[] = []
  for (const each of refused) {
    lines.push(await line(each, loaded, warehouse))
  }
  if (lines.length > 0) {
    throw badInput(
      'write_fault',
      `${lines.join('\n')}\nNothing was planned, and nothing was sent.`,
      { faults: refused },
    )
  }
  return faults.map(skippedText)
}

function skippedText({ service, field, length, leads }: WriteFault): string {
  return `${service} left ${counted(leads, 'value')} out that ${leads === 1 ? 'is' : 'are'} longer than the ${length ?? 0} that ${field} holds.`
}

async function line(
  fault: WriteFault,
  loaded: LoadedPipeline,
  warehouse: Warehouse,
): Promise<string> {
  const { pipeline } = loaded
  const service = pipeline.services.find(({ name }) => name === fault.service)
  const path = placeOf(fault, service)
  const at = loaded.locate(path)
  const where = `${pipeline.file}:${at.line}:${at.column}  ${dotted(path)}`
  const from = await origin(fault, service, warehouse)
  return `${where} would give ${counted(fault.leads, 'lead')} ${wrong(fault, from)} ${remedy(fault, service)}`
}

function placeOf({ field }: WriteFault, service: Service | undefined): Path {
  const name = service?.name ?? ''
  if (service?.type === 'dedupe') return ['services', name, 'stamp', field]
  return ['services', name, 'write', field]
}

/** ` from the column category (VARCHAR) of models/enrich/x.sql`. */
async function origin(
  { field }: WriteFault,
  service: Service | undefined,
  warehouse: Warehouse,
): Promise<string> {
  if (service?.type !== 'enrich') return ''
  const column = service.write.find((rule) => rule.field === field)?.rule ?? ''
  const model = service.model.split('/').at(-1) ?? ''
  const [found] = await warehouse.rows<{ type: string }>(
    `select data_type as type from duckdb_columns()
     where database_name = current_database()
       and schema_name = $1 and table_name = $2 and column_name = $3`,
    [service.model.split('/')[0] ?? '', model, column],
  )
  return ` from the column ${column}${found === undefined ? '' : ` (${found.type})`} of models/${service.model}.sql`
}

function wrong(fault: WriteFault, from: string): string {
  const { field, data_type: type, length, longest } = fault
  switch (fault.fault) {
    case 'too_long':
      return `a value${from} of up to ${longest ?? 0} ${unit(type)}, and ${field} holds ${length ?? 0}.`
    case 'type':
      return `a value${from} that is no ${type ?? ''}, which is what ${field} holds.`
    case 'read_only':
      return `a value${from}, and nobody can write ${field} in this instance.`
    case 'unknown':
    case 'skipped':
      return `a value${from}, and this instance has no field ${field}.`
  }
}

function unit(type: string | null): string {
  return type === 'text' || type === 'textarea' ? 'bytes' : 'characters'
}

function remedy({ fault }: WriteFault, service: Service | undefined): string {
  const other = 'Name another field'
  if (service?.type !== 'enrich') return `${other}.`
  if (fault === 'too_long') {
    return `${other}, shorten the value in the model, or leave such leads out with on_too_long: skip.`
  }
  return fault === 'type' ? `${other}, or correct the model.` : `${other}.`
}
