import { expect, it } from 'vitest'
import { fieldsToExport } from '../../src/extract/column.js'
import { loadRaw } from '../../src/extract/raw.js'
import { identifier } from '../../src/warehouse/quote.js'
import { memoryWarehouse, pipelineOf, Setup } from './setup.js'

/** A value of the sandbox as Marketo's exports write it; no text is null. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' || text === 'null' ? null : text
}

it('brings every value of every lead of the base into raw.lead', async () => {
  const setup = await Setup.start()
  const schema = await setup.marketo.schema()
  const all = schema.fields.map(({ name }) => name)
  const pipeline = pipelineOf({ extract: { fields: all, start: null } })
  const fields = fieldsToExport(pipeline, schema)
  expect(fields.length).toBeGreaterThan(40)
  const extract = await setup.extract({ pipeline })
  const warehouse = await memoryWarehouse()
  await loadRaw(warehouse, extract, { schema })
  const rows = await warehouse.rows<Record<string, string | null>>(
    `select ${fields.map(identifier).join(', ')} from raw.lead
    order by cast(id as bigint)`,
  )
  const { leads } = await setup.world()
  expect(rows).toHaveLength(300)
  expect(rows).toEqual(
    leads.map((lead) =>
      Object.fromEntries(fields.map((name) => [name, asText(lead[name])])),
    ),
  )
  expect(extract).toMatchObject({ rows: 300, rejected: 0, isComplete: true })
})
