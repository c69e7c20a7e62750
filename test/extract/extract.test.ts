import { expect, it } from 'vitest'
import { loadRaw } from '../../src/extract/raw.js'
import { memoryWarehouse, Setup } from './setup.js'

it('lands every lead of the base once', async () => {
  const setup = await Setup.start()
  const extract = await setup.extract()
  console.log(
    setup.events
      .filter((e) => e.type !== 'task')
      .map((e) => JSON.stringify(e))
      .join('\n'),
    extract.jobs,
    setup.calls.length,
  )
  const warehouse = await memoryWarehouse()
  await loadRaw(warehouse, extract, { schema: await setup.marketo.schema() })
  const world = await setup.world()
  const rows = await warehouse.rows<{ id: string; email: string | null }>(
    'select id, email from raw.lead order by cast(id as bigint)',
  )
  expect(rows).toEqual(world.leads.map(({ id, email }) => ({ id, email })))
})
