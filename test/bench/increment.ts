/**
 * An increment beside a full export: `npm run bench:increment [leads] [years]`.
 * A sandbox with ten years of leads, or more, is exported, one lead of a
 * hundred is changed, and what changed is exported again. Fails where the increment
 * costs more than 2 % of the calls or bytes of a full export, or where the
 * lead table differs from that of one in any column.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scaledClock } from '../../src/clock.js'
import { fieldsToExport } from '../../src/extract/column.js'
import { extract } from '../../src/extract/extract.js'
import type { Extract } from '../../src/extract/landed.js'
import { loadLanded } from '../../src/extract/replay.js'
import type { Marketo } from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { identifier, literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

const timeScale = 300
const year = 365.25 * 86_400_000
const mostShare = 0.02

interface Run {
  readonly extract: Extract
  readonly calls: number
  readonly seconds: number
}

/** A pipeline's folder and warehouse, and how to export into them. */
class Place {
  readonly folder: string
  readonly warehouse: Warehouse
  readonly #pipeline: Pipeline
  readonly #marketo: Marketo

  private constructor(
    folder: string,
    warehouse: Warehouse,
    pipeline: Pipeline,
    marketo: Marketo,
  ) {
    this.folder = folder
    this.warehouse = warehouse
    this.#pipeline = pipeline
    this.#marketo = marketo
  }

  static async make(pipeline: Pipeline, marketo: Marketo): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), 'increment-'))
    const warehouse = await Warehouse.open({
      path: join(folder, 'build.duckdb'),
      temp: join(folder, 'temp'),
      sealed: false,
    })
    return new Place(folder, warehouse, pipeline, marketo)
  }

  async run(): Promise<Run> {
    const begun = performance.now()
    const before = this.#marketo.calls
    const schema = await this.#marketo.schema()
    const found = await extract({
      marketo: this.#marketo,
      pipeline: this.#pipeline,
      fields: fieldsToExport(this.#pipeline, schema),
      folder: this.folder,
      emit: () => {},
      signal: new AbortController().signal,
      random: Math.random,
    })
    const calls = this.#marketo.calls - before
    await loadLanded(this.warehouse, this.folder, { found, schema })
    const seconds = (performance.now() - begun) / 1000
    return { extract: found, calls, seconds }
  }

  /** Leads that live, every exported column, as a Parquet file. */
  async living(fields: readonly string[], path: string): Promise<void> {
    await this.warehouse.run(
      `copy (
        select ${fields.map(identifier).join(', ')} from raw.lead
        where id not in (select id from raw.lead_delete)
          and id not in (select loser_id from raw.lead_merge)
          and _seen_at >= (
            select max(cast(as_of as timestamptz)) at time zone 'UTC'
            from raw.extract where is_complete
          )
      ) to ${literal(path)} (format parquet)`,
    )
  }

  async close(): Promise<void> {
    await this.warehouse.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function change(marketo: Marketo, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += 300) {
    const some = ids.slice(from, from + 300)
    await marketo.updateLeads(
      some.map((id) => ({ id, values: { leadStatus: `Touched ${from}` } })),
    )
  }
  const merged = ids.slice(0, 40)
  for (let at = 0; at + 1 < merged.length; at += 2) {
    const [winner = '', loser = ''] = merged.slice(at, at + 2)
    await marketo.mergeLeads(winner, [loser], { mergeInCrm: false })
  }
}

/** Somebody deletes a lead by hand. */
async function remove(
  { endpoint, clientId, clientSecret }: Sandbox,
  id: string,
): Promise<void> {
  const query = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`
  const granted = await fetch(`${endpoint}/identity/oauth/token?${query}`)
  const token = /"access_token":"([^"]+)"/.exec(await granted.text())?.[1]
  const answer = await fetch(`${endpoint}/rest/v1/leads/delete.json`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ input: [{ id: Number(id) }] }),
  })
  if (!(await answer.text()).includes('"deleted"')) {
    throw new Error(`lead ${id} was not deleted`)
  }
}

async function firstId({ warehouse }: Place): Promise<string> {
  const { id } = await warehouse.one<{ id: string }>(
    'select id from raw.lead order by cast(id as bigint) limit 1',
  )
  return id
}

async function differences(one: Place, two: Place, fields: readonly string[]) {
  const [a, b] = [join(one.folder, 'a.parquet'), join(two.folder, 'b.parquet')]
  await one.living(fields, a)
  await two.living(fields, b)
  return await two.warehouse.one<{ differing: number; leads: number }>(
    `with a as (from read_parquet(${literal(a)})),
      b as (from read_parquet(${literal(b)}))
    select
      (select count(*) from (from a except all from b))
        + (select count(*) from (from b except all from a)) as differing,
      (select count(*) from b) as leads`,
  )
}

async function sampleIds({ warehouse }: Place): Promise<string[]> {
  const rows = await warehouse.rows<{ id: string }>(
    `select id from raw.lead
    qualify row_number() over (order by cast(id as bigint)) % 100 = 50
    order by cast(id as bigint)`,
  )
  return rows.map(({ id }) => id)
}

function line(name: string, { extract: found, calls, seconds }: Run): string {
  const { kind, rows, bytes, jobs } = found
  return `${name.padEnd(12)}${kind.padEnd(11)}${String(rows).padStart(9)} leads ${String(bytes).padStart(11)} bytes ${String(jobs).padStart(4)} jobs ${String(calls).padStart(5)} calls ${seconds.toFixed(1).padStart(7)} s\n`
}

function share(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)} %`
}

async function compare(pipeline: Pipeline, sandbox: Sandbox): Promise<number> {
  const made = new Map<string, number>()
  const marketo = connect({
    ...sandbox,
    timeScale,
    budget: { callsPerDay: 40_000, callsPer20s: 90, concurrency: 8 },
    clock: scaledClock(timeScale),
    random: Math.random,
    onCall: ({ endpoint, counted }) => {
      if (counted) made.set(endpoint, (made.get(endpoint) ?? 0) + 1)
    },
  })
  const place = await Place.make(pipeline, marketo)
  const other = await Place.make(pipeline, marketo)
  try {
    const full = await place.run()
    process.stdout.write(line('first', full))
    // What an increment learns of this Marketo is known from then on.
    await remove(sandbox, await firstId(place))
    process.stdout.write(line('next', await place.run()))
    await change(marketo, await sampleIds(place))
    made.clear()
    const increment = await place.run()
    process.stdout.write(line('changes', increment))
    const each = [...made].map(([endpoint, times]) => `${times} ${endpoint}`)
    process.stdout.write(`  ${each.join(', ')}\n`)
    const afresh = await other.run()
    process.stdout.write(line('afresh', afresh))
    const { fields } = afresh.extract
    const { differing, leads } = await differences(place, other, fields)
    const bytes = [increment.extract.bytes, afresh.extract.bytes] as const
    const calls = [increment.calls, afresh.calls] as const
    process.stdout.write(
      `The increment costs ${share(...bytes)} of the bytes and ${share(...calls)} of the calls; ${differing} of ${leads} leads differ in any of ${fields.length} columns.\n`,
    )
    const isCheap = [bytes, calls].every(
      ([part, whole]) => part <= whole * mostShare,
    )
    return isCheap && differing === 0 && leads > 0 ? 0 : 1
  } finally {
    await place.close()
    await other.close()
  }
}

const count = Number(process.argv[2] ?? 1_000_000)
const { pipeline } = await loadPipeline(
  'pipelines/demo.yml',
  {},
  { secrets: 'ignored', base: process.cwd() },
)
const now = Date.now()
const years = Number(process.argv[3] ?? 10)
const start = new Date(now - years * year).toISOString().slice(0, 10)
const marketo = { ...pipeline.marketo, timeScale }
// Three exports of everything, all on one day of this Marketo.
const budget = { ...marketo.budget, exportMbPerDay: 1500 }
const sandbox = await startSandbox({
  leads: { kind: 'virtual', count, seed: 7, from: now - years * year, to: now },
  seed: 7,
  timeScale,
  limits: { exportBytesPerDay: 1_500_000_000 },
})
try {
  process.exitCode = await compare(
    {
      ...pipeline,
      marketo: { ...marketo, budget },
      extract: { ...pipeline.extract, start },
    },
    sandbox,
  )
} finally {
  await sandbox.close()
}
