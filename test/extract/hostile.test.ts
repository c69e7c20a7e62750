import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { landCsv } from '../../src/extract/landing.js'
import type { Reject } from '../../src/extract/reject.js'
import { literal } from '../../src/warehouse/quote.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { corpus } from './corpus.js'
import { type GeneratedFile, generatedFile } from './hostile-file.js'
import { judge } from './other-reader.js'
import { memoryWarehouse, temporaryFolder } from './setup.js'

const generated = Array.from({ length: 200 }, (_, seed) => generatedFile(seed))

interface Outcome {
  readonly rows: Record<string, string | null>[]
  readonly rejects: readonly Reject[]
}

async function landed(
  warehouse: Warehouse,
  folder: string,
  file: Pick<GeneratedFile, 'bytes' | 'columns' | 'count'>,
): Promise<Outcome> {
  const csv = join(folder, 'x.csv')
  const parquet = join(folder, 'x.parquet')
  writeFileSync(csv, file.bytes)
  const { rejects, parquet: made } = await landCsv(warehouse, {
    csv,
    parquet,
    fields: file.columns.toSorted(),
    rows: file.count,
    limit: { rows: 0, share: 1 },
  })
  const rows =
    made === null
      ? []
      : await warehouse.rows<Record<string, string | null>>(
          `select * from read_parquet(${literal(parquet)})`,
        )
  return { rows, rejects }
}

/** What the independent reader makes of the bytes that no reject covers. */
function otherReading(
  file: Pick<GeneratedFile, 'bytes' | 'crEnds'>,
  rejects: readonly Reject[],
): { rows: Record<string, string | null>[]; problems: readonly string[] } {
  const { records, problems } = judge(file.bytes, rejects, file.crEnds)
  const [header = [], ...rest] = records
  const names = header.map(String)
  const rows = rest.map((cells) => {
    expect(cells).toHaveLength(names.length)
    return Object.fromEntries(
      names.map((name, at) => [name, cells[at] ?? null]),
    )
  })
  return { rows, problems }
}

describe('a corpus of hostile exports', () => {
  it('has at least 200 files of every kind', () => {
    expect(generated.length + corpus.length).toBeGreaterThan(250)
    const damaged = generated.filter(({ broken }) => broken.length > 0)
    expect(damaged.length).toBeGreaterThan(60)
    const kinds = new Set(generated.map(({ name }) => name.split(': ')[1]))
    expect(kinds.size).toBeGreaterThan(20)
  })

  it('is landed exactly, or set aside with byte offset and reason', async () => {
    const warehouse = await memoryWarehouse()
    const folder = temporaryFolder()
    for (const file of generated) {
      const { rows, rejects } = await landed(warehouse, folder, file)
      expect.soft(rows, file.name).toEqual(file.rows)
      const offsets = rejects.map(({ offset }) => offset)
      expect.soft(offsets, file.name).toEqual(file.broken)
      expect.soft(rejects.map(({ reason }) => reason)).not.toContain('')
      const other = otherReading(file, rejects)
      expect.soft(other.problems, file.name).toEqual([])
      expect.soft(rows, file.name).toEqual(other.rows)
    }
  })

  it('leaves no byte of the files written by hand uncovered', async () => {
    const warehouse = await memoryWarehouse()
    const folder = temporaryFolder()
    // Of these a lone CR is a row's end in one row and data in others.
    const mixed = ['one CR line end']
    for (const { name, bytes, count } of corpus) {
      if (bytes.length === 0 || mixed.includes(name)) continue
      const crEnds = name === 'CR line ends'
      const columns = ['id', 'a', 'b']
      const outcome = await landed(warehouse, folder, { bytes, columns, count })
      const other = otherReading({ bytes, crEnds }, outcome.rejects)
      expect.soft(other.problems, name).toEqual([])
      const rows = other.rows.map(({ id, a, b }) => ({ a, b, id }))
      expect.soft(outcome.rows, name).toEqual(rows)
    }
  })
})
