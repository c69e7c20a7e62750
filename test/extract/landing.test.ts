import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readHeader } from '../../src/extract/header.js'
import { CountMismatch, landCsv } from '../../src/extract/landing.js'
import { tolerantReading } from '../../src/extract/reading.js'
import type { RejectLimit } from '../../src/pipeline/pipeline.js'
import { literal } from '../../src/warehouse/quote.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { corpus } from './corpus.js'
import {
  extractPolicy,
  failure,
  memoryWarehouse,
  temporaryFolder,
} from './setup.js'

interface Landed {
  readonly rows: (string | null)[][]
  readonly rejects: readonly string[]
}

async function land(
  warehouse: Warehouse,
  bytes: string | Buffer,
  rows: number | null,
  fields: readonly string[] = ['id', 'a', 'b'],
  limit: RejectLimit = extractPolicy.rejects,
): Promise<Landed> {
  const folder = temporaryFolder()
  const csv = join(folder, 'x.csv')
  const parquet = join(folder, 'x.parquet')
  writeFileSync(csv, bytes)
  const table = await landCsv(warehouse, {
    csv,
    parquet,
    fields,
    rows,
    limit,
  })
  const found =
    table.parquet === null
      ? []
      : await warehouse.rows<Record<string, string | null>>(
          `select * from read_parquet(${literal(parquet)})`,
        )
  expect(table.rows).toBe(found.length)
  return {
    rows: found.map((row) => fields.map((field) => row[field] ?? null)),
    rejects: table.rejects.map(({ text }) => text),
  }
}

describe('landing', () => {
  it(`lands or rejects every row of ${corpus.length} hostile files`, async () => {
    const warehouse = await memoryWarehouse()
    expect(corpus.length).toBeGreaterThan(80)
    for (const file of corpus) {
      const landed = await land(warehouse, file.bytes, file.count)
      expect.soft(landed.rows, file.name).toEqual(file.rows)
      expect.soft(landed.rejects.length, file.name).toBe(file.rejects.length)
      for (const text of file.rejects) {
        const having = landed.rejects.filter((each) => each.includes(text))
        expect.soft(having, file.name).toHaveLength(1)
      }
    }
  })

  it('does so without a count, where quotes alone tell', async () => {
    const warehouse = await memoryWarehouse()
    for (const file of corpus) {
      // Whole texts are read alike; and here only a count can tell.
      if (file.name.startsWith('a cell with')) continue
      if (file.name.startsWith('two broken rows that close')) continue
      const landed = await land(warehouse, file.bytes, null)
      expect.soft(landed.rows, file.name).toEqual(file.rows)
      expect.soft(landed.rejects.length, file.name).toBe(file.rejects.length)
    }
  })

  it('refuses a file that holds fewer or more rows than Marketo counted', async () => {
    const warehouse = await memoryWarehouse()
    const body = 'id,a,b\n1,x,y\n2,"x",y\n'
    for (const count of [0, 1, 3, 1000]) {
      await expect(land(warehouse, body, count)).rejects.toThrow(CountMismatch)
    }
    await expect(land(warehouse, '', 1)).rejects.toThrow(CountMismatch)
    await expect(land(warehouse, 'id,a,b\n', 1)).rejects.toThrow(CountMismatch)
  })

  it('refuses a file that lacks a column, and one that has it twice', async () => {
    const warehouse = await memoryWarehouse()
    const lacking = await failure(land(warehouse, 'id,a\n1,x\n', 1))
    expect(lacking.code).toBe('export_header')
    expect(lacking.message).toContain('lacks the column b')
    const twice = await failure(land(warehouse, 'id,a,b,a\n', 0))
    expect(twice.message).toContain('names the column a twice')
  })

  it('stops at more than ten broken rows of which more than 0.1 %', async () => {
    const warehouse = await memoryWarehouse()
    const rows = Array.from({ length: 500 }, (_, id) => `${id},x,y\n`)
    const body = (bad: number) =>
      `id,a,b\n${rows.join('')}${'9,"BAD"x,y\n'.repeat(bad)}`
    const landed = await land(warehouse, body(10), 510)
    expect(landed.rejects).toHaveLength(10)
    const error = await failure(land(warehouse, body(11), 511))
    expect(error).toMatchObject({ code: 'too_many_rejects', exit: 7 })
    expect(error.message).toContain('11 of 511 rows')
  })

  it('stops where the pipeline says, be it at a number or at a share', async () => {
    const warehouse = await memoryWarehouse()
    const body = `id,a,b\n${'1,x,y\n'.repeat(90)}${'9,"B"x,y\n'.repeat(10)}`
    const fields = ['id', 'a', 'b']
    const at = (limit: RejectLimit) => land(warehouse, body, 100, fields, limit)
    expect((await at({ rows: 10, share: 0 })).rejects).toHaveLength(10)
    expect((await at({ rows: 0, share: 0.1 })).rejects).toHaveLength(10)
    const many = await failure(at({ rows: 9, share: 0 }))
    expect(many.message).toContain('more than the 9 rows that extract.rejects')
    const share = await failure(at({ rows: 1, share: 0.09 }))
    expect(share.message).toContain('more than the 9 % that extract.rejects')
    expect(await failure(at({ rows: 0, share: 0 }))).toMatchObject({ exit: 7 })
  })

  it('never quotes a value of a lead in an error', async () => {
    const warehouse = await memoryWarehouse()
    const body = `id,a,b\n${'1,"zoe@acme.example"x\n'.repeat(20)}`
    const error = await failure(land(warehouse, body, 20))
    expect(error.message).not.toContain('zoe')
    expect(error).toMatchObject({ code: 'too_many_rejects' })
  })

  it('leaves a private Parquet file, or none at all', async () => {
    const warehouse = await memoryWarehouse()
    const folder = temporaryFolder()
    const csv = join(folder, 'x.csv')
    const parquet = join(folder, 'x.parquet')
    const limit = extractPolicy.rejects
    const request = { csv, parquet, fields: ['id', 'a'], limit }
    writeFileSync(csv, 'id,a\n1,"x\n')
    await expect(landCsv(warehouse, { ...request, rows: 2 })).rejects.toThrow(
      CountMismatch,
    )
    expect(readdirSync(folder)).toEqual(['x.csv'])
    writeFileSync(csv, 'id,a\n1,"x"\n')
    const table = await landCsv(warehouse, { ...request, rows: 1 })
    expect(table.parquet?.bytes).toBe(statSync(parquet).size)
    expect(statSync(parquet).mode & 0o777).toBe(0o600)
    expect(existsSync(`${parquet}.tmp`)).toBe(false)
  })

  it('reads files that DuckDB reads alone as our own reading does', async () => {
    const warehouse = await memoryWarehouse()
    const pieces = ['"', '""', ',', '\n', '\r\n', '\r', ' ', 'a', 'é', '\0']
    const more = ['",', ',"', 'null', '\n7,x,y', '\n8,"x', '\\']
    const near = [', "', '" ,', ', ""', '"" ,', ' ""a', 'a"" ', '"""']
    const random = lehmer(11)
    let agreed = 0
    for (let turn = 0; turn < 140; turn += 1) {
      const all = [...pieces, ...more, ...near]
      const body = Array.from(
        { length: 2 + Math.floor(random() * 9) },
        () => all[Math.floor(random() * all.length)],
      ).join('')
      const text = `id,a,b\n1,${body}`
      const both = await bothReadings(warehouse, text)
      if (both === null) continue
      agreed += 1
      expect.soft(both.fast, JSON.stringify(text)).toEqual(both.slow)
    }
    expect(agreed).toBeGreaterThan(2)
  })
})

/** Small numbers that look random and are always the same. */
function lehmer(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** The rows as landed, and as the tolerant reading has them; null for flaws. */
async function bothReadings(
  warehouse: Warehouse,
  text: string,
): Promise<{ fast: unknown; slow: unknown } | null> {
  const folder = temporaryFolder()
  const csv = join(folder, 'x.csv')
  writeFileSync(csv, text)
  const header = await readHeader(csv)
  const reading = await tolerantReading(csv, `${csv}.clean`, {
    columns: 3,
    id: 0,
    crEnds: header?.lineEnd === '\r',
    wanted: null,
  })
  if (reading.rejects?.length !== 0) return null
  const [, ...lines] = readFileSync(`${csv}.clean`, 'utf8').split('\n')
  const slow = lines.join('\n')
  const fast = await land(warehouse, text, reading.rows)
  const again = await land(warehouse, `id,a,b\n${slow}`, null)
  return { fast: fast.rows, slow: again.rows }
}
