import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MergeRow, PlanRow } from '../../src/load/plan.js'
import type { RunRecord } from '../../src/run/record.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import {
  connection,
  pipeline,
  project,
  sandbox,
  type State,
  state,
} from '../e2e/support.js'
import { score } from './score.js'

const data = resolve('../shared/data')
const scale = 1000

/** The same rules for every set; nothing is fitted to one of them. */
const rules = `
extract:
  fields: [title, city, state, gender, nationalId, fax, website, industry]
services:
  people:
    type: dedupe
    match:
      - same: [email]
      - same: [phone, last_name]
      - same: [first_name, last_name, date_of_birth]
      - same: [first_name, last_name, address]
      - same: [last_name, date_of_birth, postal_code]
      - same: [first_name, date_of_birth, postal_code]
      - same: [first_name, last_name, postal_code]
    survive:
      phone: most_recent
      leadSource: oldest
    stamp: { duplicateCount: count, mergedIds: ids }
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: uid2, encoding: base64 } }
  domain:
    type: domain
    write: { emailDomain: domain, emailDomainType: type }
load:
  apply: auto
  guardrails: { merges: 100000, merge_share: 95%, updates: 1000000, cluster_size: 25 }
`

interface Published {
  readonly id: string
  readonly cluster: string
  readonly gone: boolean
  readonly into: string | null
}

async function published(folder: string): Promise<Published[]> {
  const warehouse = await Warehouse.open({
    path: join(folder, 'warehouse', 'acme.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
    readOnly: true,
  })
  try {
    return await warehouse.rows<Published>(
      `select
         cast(id as varchar) as id,
         cast(cluster_id as varchar) as cluster,
         is_deleted as gone,
         cast(merged_into_id as varchar) as into
       from lead`,
    )
  } finally {
    await warehouse.close()
  }
}

function column(file: string, index: number): Map<string, string> {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  return new Map(
    lines.map((line) => {
      const cells = line.split(',')
      return [cells[0] ?? '', cells[index] ?? '']
    }),
  )
}

function planned(folder: string, hash: string): MergeRow[] {
  const file = join(
    folder,
    'warehouse',
    'acme',
    'plan',
    `${hash.slice(0, 12)}.jsonl`,
  )
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  return rows
    .map((line) => JSON.parse(line) as PlanRow)
    .filter((row): row is MergeRow => row.kind === 'merge')
}

function figure(value: number): string {
  return value.toFixed(3)
}

function text(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const written = typeof value === 'string' ? value : JSON.stringify(value)
  return written === '' || written === 'null' ? null : written
}

/** Fields of final records that are not what the plan predicted. */
function differences(rows: readonly MergeRow[], { leads }: State): string[] {
  const byId = new Map(leads.map((lead) => [lead.id, lead]))
  return rows.flatMap((row) =>
    Object.entries(row.after)
      .filter(([field, value]) => {
        const actual = text(byId.get(row.winner)?.[field])
        return actual !== text(value)
      })
      .map(([field]) => `${row.row} ${field}`),
  )
}

describe('public data, served by the sandbox and run end to end', () => {
  it.each(['febrl1', 'fake_1000', 'senzing_truthset'])(
    '%s: accounts for every lead and predicts every merge',
    async (name) => {
      const leads = join(data, name, 'leads.csv')
      const world = await sandbox([
        '--leads',
        leads,
        '--time-scale',
        String(scale),
      ])
      const folder = project({ acme: connection(scale) + rules })
      const run = await pipeline(
        ['--project-dir', folder, '--json', '--quiet', 'run', 'acme'],
        world.env,
      )
      expect(run.stderr).toBe('')
      expect(run.code).toBe(0)
      const record = JSON.parse(run.stdout) as RunRecord
      expect(record.apply?.differences).toBe(0)

      const truth = column(join(data, name, 'truth.csv'), 1)
      const found = await published(folder)
      expect(found.map(({ id }) => id).toSorted()).toEqual(
        [...truth.keys()].toSorted(),
      )
      const after = await state(world.endpoint)
      expect(after.leads.map(({ id }) => id).toSorted()).toEqual(
        found
          .filter(({ gone }) => !gone)
          .map(({ id }) => id)
          .toSorted(),
      )
      const merges = planned(folder, record.plan?.hash ?? '')
      expect(after.merges).toHaveLength(merges.length)
      expect(differences(merges, after)).toEqual([])

      const clusters = new Map(found.map(({ id, cluster }) => [id, cluster]))
      const { precision, recall, f1, bCubed } = score(clusters, truth)
      process.stdout.write(
        `${name}: ${truth.size} leads, ${merges.length} merges, precision ${figure(precision)}, recall ${figure(recall)}, F1 ${figure(f1)}, B-cubed F1 ${figure(bCubed)}\n`,
      )
      expect(precision).toBeGreaterThan(0.5)
    },
  )
})
