import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PublishedReader } from '../../src/warehouse/reader.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
let path = ''
let reader: PublishedReader

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reader-'))
  path = join(folder, 'acme.duckdb')
  const temp = join(folder, 'temp')
  reader = new PublishedReader({ temp, memoryLimit: '128MB' })
})
afterEach(async () => {
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A new file that takes the name, as a run publishes. */
async function publish(value: number): Promise<void> {
  const fresh = join(folder, `new-${value}.duckdb`)
  const options = { path: fresh, temp: join(folder, 'temp'), sealed: false }
  const warehouse = await Warehouse.open(options)
  await warehouse.run(`create table lead as select ${value} as id`)
  await warehouse.run('create schema meta')
  await warehouse.run(
    `create table meta.run as select 'run ${value}' as run_id`,
  )
  await warehouse.run('checkpoint')
  await warehouse.close()
  renameSync(fresh, path)
}

const idOf = async () =>
  await reader.read(path, async ({ one }) => {
    const lead = await one<{ id: number }>('select id from lead')
    const run = await one<{ run_id: string }>('select run_id from meta.run')
    return [lead.id, run.run_id]
  })

describe('reading a published file', () => {
  it('says that there is none', async () => {
    expect(await idOf()).toBeNull()
  })

  it('sees the new file as soon as it has the name', async () => {
    await publish(1)
    expect(await idOf()).toEqual([1, 'run 1'])
    await publish(2)
    expect(await idOf()).toEqual([2, 'run 2'])
  })

  it('shows each of many readers one whole file, while others replace it', async () => {
    await publish(1)
    const seen: unknown[] = []
    const readers = Array.from({ length: 8 }, async (_, index) => {
      for (let times = 0; times < 6; times += 1) {
        const found = await idOf()
        seen.push([index, found?.[1] === `run ${found?.[0]}`])
      }
    })
    for (const value of [2, 3, 4]) await publish(value)
    await Promise.all(readers)
    expect(seen.filter((entry) => Array.isArray(entry) && !entry[1])).toEqual(
      [],
    )
    expect(seen).toHaveLength(48)
    expect(await idOf()).toEqual([4, 'run 4'])
  })

  it('cannot be used to write', async () => {
    await publish(1)
    const write = reader.read(path, ({ run }) => run('delete from lead'))
    await expect(write).rejects.toThrow(/read-only/i)
    expect(await idOf()).toEqual([1, 'run 1'])
  })

  it('lets the file go afterwards, whatever went wrong', async () => {
    await publish(1)
    const failing = reader.read(path, ({ run }) => run('from nothing_here'))
    await expect(failing).rejects.toThrow()
    await publish(2)
    expect(await idOf()).toEqual([2, 'run 2'])
  })
})
