import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { pipeline, project } from './support.js'

describe('the quick start', () => {
  const demo = readFileSync('pipelines/demo.yml', 'utf8')

  it('merges duplicates, publishes, and then finds nothing to change', async () => {
    const folder = project({ demo })
    const run = ['--project-dir', folder, '--json', '--quiet', 'run', 'demo']

    const first = await pipeline(run)
    expect(first.stderr).not.toMatch(/error/i)
    expect(first.code).toBe(0)
    const record = JSON.parse(first.stdout) as RunRecord
    expect(record).toMatchObject({
      pipeline: 'demo',
      status: 'done',
      exit_code: 0,
    })
    expect(record.steps.map(({ step, status }) => [step, status])).toEqual([
      ['extract', 'done'],
      ['build', 'done'],
      ['test', 'done'],
      ['plan', 'done'],
      ['apply', 'done'],
      ['verify', 'done'],
      ['publish', 'done'],
    ])
    expect(record.plan?.merges).toBeGreaterThan(100)
    expect(record.apply?.done).toBe(
      (record.plan?.merges ?? 0) + (record.plan?.updates ?? 0),
    )
    expect(record.apply?.differences).toBe(0)
    expect(record.calls.used).toBeLessThanOrEqual(record.calls.budget)

    const second = await pipeline(run)
    expect(second.code).toBe(0)
    const again = JSON.parse(second.stdout) as RunRecord
    expect(again.plan).toMatchObject({ merges: 0, losers: 0, updates: 0 })
    expect(again.leads).toBe(record.leads - (record.plan?.losers ?? 0))

    await published(folder, record)
  }, 300_000)
})

async function published(folder: string, record: RunRecord): Promise<void> {
  const path = join(folder, 'warehouse', 'demo.duckdb')
  expect(statSync(path).mode & 0o077).toBe(0)
  const warehouse = await Warehouse.open({
    path,
    temp: join(folder, 'temp'),
    sealed: true,
    readOnly: true,
  })
  try {
    const lead = await warehouse.one<Record<string, number>>(
      `select
         count(*) as leads,
         count(*) filter (where is_deleted) as gone,
         count(merged_into_id) as merged,
         count(*) filter (where cluster_id is null) as unplaced,
         count(distinct cluster_id) as clusters,
         count(email_domain) as domains
       from lead`,
    )
    expect(lead['leads']).toBe(record.leads)
    expect(lead['gone']).toBe(record.plan?.losers)
    expect(lead['merged']).toBe(record.plan?.losers)
    expect(lead['unplaced']).toBe(0)
    expect(lead['domains']).toBeGreaterThan(record.leads / 2)
    const runs = await warehouse.rows<{ status: string }>(
      'select status from meta.run order by run_id',
    )
    expect(runs.map(({ status }) => status)).toEqual(['done', 'done'])
    const undocumented = await warehouse.rows(
      `select schema_name, table_name, column_name from duckdb_columns()
       where not internal and comment is null`,
    )
    expect(undocumented).toEqual([])
  } finally {
    await warehouse.close()
  }
}
