/** What a crash or a bad disk leaves of a database file (E2, E3, E10). */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PipelineError } from '../../src/error.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

const commits = 40
const rowsEach = 50

let folder = ''

async function open(path: string, memoryLimit = '1GB'): Promise<Warehouse> {
  const temp = join(folder, 'temp')
  return await Warehouse.open({ path, temp, sealed: true, memoryLimit })
}

/** Numbers that say how much of the work is there, and whether it is whole. */
const sums = `select count(*) as rows, count(distinct batch) as batches,
  cast(coalesce(sum(hash(batch, i, s) % 1000003), 0) as bigint) as hash from work`

let expected: unknown[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'torn-'))
  const warehouse = await open(join(folder, 'w.duckdb'))
  await warehouse.run('create table work (batch bigint, i bigint, s varchar)')
  await warehouse.run('checkpoint')
  expected = [await warehouse.one(sums)]
  for (let batch = 0; batch < commits; batch += 1) {
    await warehouse.run(
      `insert into work select ${batch}, range, repeat('x', 40) from range(${rowsEach})`,
    )
    expected.push(await warehouse.one(sums))
  }
  // As a process that is killed here leaves them.
  copyFileSync(join(folder, 'w.duckdb'), join(folder, 'killed.duckdb'))
  copyFileSync(join(folder, 'w.duckdb.wal'), join(folder, 'killed.wal'))
  await warehouse.run('checkpoint')
  await warehouse.close()
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

let state = 7
function below(limit: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}

/** What is read there, or the code of the refusal. */
async function read(path: string): Promise<unknown> {
  try {
    const warehouse = await open(path)
    try {
      return await warehouse.one(sums)
    } finally {
      await warehouse.close()
    }
  } catch (error) {
    if (error instanceof PipelineError) return error.code
    throw error
  }
}

async function afterCrash(damage: (wal: string) => void): Promise<unknown> {
  const path = join(folder, 'again.duckdb')
  copyFileSync(join(folder, 'killed.duckdb'), path)
  copyFileSync(join(folder, 'killed.wal'), `${path}.wal`)
  damage(`${path}.wal`)
  const found = await read(path)
  rmSync(`${path}.wal`, { force: true })
  return found
}

function flip(path: string): void {
  const bytes = readFileSync(path)
  const place = below(bytes.length)
  bytes[place] = (bytes[place] ?? 0) ^ (1 << below(8))
  writeFileSync(path, bytes)
}

describe('a database file', () => {
  it('E2: holds whole commits only, wherever its log was cut', async () => {
    const { length } = readFileSync(join(folder, 'killed.wal'))
    expect(await afterCrash(() => {})).toEqual(expected.at(-1))
    const found: unknown[] = []
    for (let n = 0; n < 30; n += 1) {
      const kept = below(length)
      found.push(await afterCrash((wal) => truncateSync(wal, kept)))
    }
    for (const one of found) expect(expected).toContainEqual(one)
    expect(
      new Set(found.map((one) => JSON.stringify(one))).size,
    ).toBeGreaterThan(5)
  })

  it('E3: is refused, or holds whole commits only, when a bit of its log is wrong', async () => {
    for (let n = 0; n < 30; n += 1) {
      const found = await afterCrash(flip)
      expect([...expected, 'warehouse_damaged']).toContainEqual(found)
    }
  })

  it('E3: is refused, or is as it was, when a bit of it is wrong', async () => {
    const found: unknown[] = []
    for (let n = 0; n < 40; n += 1) {
      const path = join(folder, 'flipped.duckdb')
      copyFileSync(join(folder, 'w.duckdb'), path)
      flip(path)
      found.push(await read(path))
    }
    const last = expected.at(-1)
    for (const one of found) {
      expect([last, 'warehouse_damaged']).toContainEqual(one)
    }
    expect(found).toContain('warehouse_damaged')
  })

  it('E10: that needs more memory than there may be is the machine, exit code 6', async () => {
    const warehouse = await open(join(folder, 'large.duckdb'), '60MB')
    try {
      await expect(
        warehouse.one('select list(range) as all from range(100000000)'),
      ).rejects.toMatchObject({ exit: 6 })
      expect(await warehouse.one('select 1 as one')).toEqual({ one: 1 })
    } finally {
      await warehouse.close()
    }
  })
})
