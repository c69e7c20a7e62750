import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  landFiles,
  type LandFilesOptions,
} from '../../src/extract/land-files.js'
import { loadRaw } from '../../src/extract/raw.js'
import type { LeadField, LeadSchema } from '../../src/marketo/api.js'
import {
  extractPolicy,
  failure,
  memoryWarehouse,
  temporaryFolder,
} from './setup.js'

function field(name: string, displayName: string): LeadField {
  return {
    name,
    displayName,
    dataType: 'string',
    length: null,
    updateable: true,
    crmManaged: false,
  }
}

const schema: LeadSchema = {
  fields: [
    field('id', 'Id'),
    field('email', 'Email Address'),
    field('company', 'Company Name'),
    field('createdAt', 'Created At'),
  ],
  searchable: [],
}

function options(
  bodies: readonly string[],
  change: Partial<LandFilesOptions> = {},
): LandFilesOptions {
  const folder = temporaryFolder()
  const files = bodies.map((body, index) => {
    const path = join(folder, `part ${index}.csv`)
    writeFileSync(path, body)
    return path
  })
  return {
    files,
    fields: ['email', 'id'],
    schema,
    folder,
    instance: '123-ABC-456',
    isWhole: false,
    asOf: null,
    limit: extractPolicy.rejects,
    keepDays: null,
    now: Date.now(),
    emit: () => {},
    signal: new AbortController().signal,
    random: () => 0.5,
    ...change,
  }
}

describe('exports that a person downloaded', () => {
  it('are landed together, by the names of machines or of people', async () => {
    const wanted = options([
      'Email Address,Id,Something else\r\na@x,1,z\r\n"b@x",2,z\r\n',
      'id,email,company\n3,null,"Acme, ""Inc"""\n4,"broken"x,y\n',
    ])
    const extract = await landFiles(wanted)
    expect(extract).toMatchObject({
      rows: 3,
      rejected: 1,
      isComplete: false,
      fields: ['company', 'email', 'id'],
    })
    const warehouse = await memoryWarehouse()
    await loadRaw(warehouse, extract, { schema })
    expect(
      await warehouse.rows(
        'select id, email, company from raw.lead order by id',
      ),
    ).toEqual([
      { id: '1', email: 'a@x', company: null },
      { id: '2', email: 'b@x', company: null },
      { id: '3', email: null, company: 'Acme, "Inc"' },
    ])
    expect(
      await warehouse.rows('select file, line, byte_offset from raw.reject'),
    ).toEqual([{ file: 'file-2', line: 3, byte_offset: 40 }])
    expect(wanted.files.every((path) => existsSync(path))).toBe(true)
  })

  it('are complete when the person says so', async () => {
    const body = 'id,email,createdAt\n1,a@x,2020-01-01T00:00:00Z\n'
    const extract = await landFiles(options([body], { isWhole: true }))
    const warehouse = await memoryWarehouse()
    await loadRaw(warehouse, extract, { schema })
    expect(await warehouse.rows('select is_complete from raw.extract')).toEqual(
      [{ is_complete: true }],
    )
  })

  it('never put older values in the place of newer ones', async () => {
    const warehouse = await memoryWarehouse()
    const land = async (body: string, asOf: string) => {
      const extract = await landFiles(options([body], { asOf }))
      expect(extract.asOf).toBe(asOf)
      await loadRaw(warehouse, extract, { schema })
    }
    await land('id,email\n1,new@x\n2,new@x\n', '2026-11-02T00:00:00Z')
    await land('id,email\n2,old@x\n3,old@x\n', '2026-11-01T00:00:00Z')
    await land('id,email\n1,newest@x\n', '2026-11-03T00:00:00Z')
    expect(
      await warehouse.rows('select id, email from raw.lead order by id'),
    ).toEqual([
      { id: '1', email: 'newest@x' },
      { id: '2', email: 'new@x' },
      { id: '3', email: 'old@x' },
    ])
  })

  it('are refused where a column is missing, or there is nothing', async () => {
    const lacking = await failure(landFiles(options(['id,company\n1,x\n'])))
    expect(lacking).toMatchObject({ code: 'file_columns', exit: 3 })
    expect(lacking.message).toContain('lacks the column email')
    expect(await failure(landFiles(options([''])))).toMatchObject({ exit: 3 })
    const future = options(['id,email\n1,x\n'], { asOf: '2999-01-01T00:00Z' })
    expect(await failure(landFiles(future))).toMatchObject({ exit: 3 })
    const nowhere = options([], { files: ['/nowhere.csv'] })
    expect(await failure(landFiles(nowhere))).toMatchObject({ exit: 3 })
  })
})
