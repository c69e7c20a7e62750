import { openPlan } from '../../src/load/plan-file.js'
import { PriceMeter } from '../../src/load/price.js'
import {
  pipeline,
  planFor,
  type WantedUpdate,
  type World,
  writePlan,
} from './world.js'

/** A plan with its price, as the planner makes it. */
export async function priced(
  world: World,
  updates: readonly WantedUpdate[],
): Promise<string> {
  const plain = await openPlan(await planFor(world, { updates }))
  const rows = []
  for await (const row of plain.rows()) rows.push(row)
  await plain.close()
  const by = { rules: world.rules, bulkImport: true, crmRecordsPerHour: null }
  const meter = new PriceMeter(by)
  for (const row of rows) meter.add(row)
  const price = meter.price(pipeline.marketo.budget, 0)
  if (price.imports?.length !== 1) throw new Error('not by one import')
  return await writePlan(world, rows, { price })
}
