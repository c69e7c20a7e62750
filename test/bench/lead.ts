/** What every phase works on: the demo's rules over generated leads. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fieldsToExport } from '../../src/extract/column.js'
import type { Extract } from '../../src/extract/landed.js'
import type { LeadSchema } from '../../src/marketo/api.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { generatedColumns } from '../sandbox/generated-file.js'
import { buildSchema } from '../../src/sandbox/schema.js'

export const seed = 1
/** No generated lead is younger, so that every run has the same leads. */
export const until = '2026-11-01T00:00:00Z'

/** Where the phases leave their work for the next ones. */
export function places(folder: string) {
  const at = (name: string) => join(folder, name)
  return {
    csv: at('lead.csv'),
    truth: at('truth.csv'),
    parquet: at('lead.parquet'),
    bareParquet: at('bare.parquet'),
    /** As `load` leaves it; every model phase works on a copy. */
    loaded: at('loaded.duckdb'),
    build: at('build.duckdb'),
    bare: at('bare.duckdb'),
    compiled: at('compiled.json'),
    temp: at('temp'),
  }
}

export const projectDir = resolve('.')

export function demo(): Pipeline {
  const file = join(projectDir, 'pipelines', 'demo.yml')
  const text = readFileSync(file, 'utf8')
  const source = { name: 'demo', file, env: {}, secrets: 'ignored' } as const
  return parsePipeline(text, source).pipeline
}

export const schema: LeadSchema = {
  fields: buildSchema(generatedColumns).map((field) => ({ ...field })),
  searchable: [],
}

/** What a run would export. */
export function wanted(pipeline: Pipeline = demo()): string[] {
  return fieldsToExport(pipeline, schema)
}

/** What of it the file has; fields that only pipelines write are missing. */
export function exported(pipeline: Pipeline = demo()): string[] {
  const has = new Set<string>(generatedColumns)
  return wanted(pipeline).filter((field) => has.has(field))
}

/** The landed file as a finished extract. */
export function extractOf(
  parquet: string,
  rows: number,
  pipeline: Pipeline = demo(),
): Extract {
  return {
    id: '20261101-000000-0000',
    kind: 'full',
    why: '',
    route: null,
    instance: 'bench',
    asOf: until,
    start: '2006-01-01T00:00:00Z',
    fields: exported(pipeline),
    isComplete: true,
    leads: [parquet],
    members: [],
    rejects: [],
    changes: null,
    census: null,
    rows,
    bytes: 0,
    jobs: 1,
    rejected: 0,
    unverified: 0,
  }
}
