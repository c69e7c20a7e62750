import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerFunctions } from '../../src/model/function.js'
import { loadSeeds } from '../../src/model/seed.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

/** A warehouse in memory with the functions and lists that models use. */
export async function memory(threads?: number): Promise<Warehouse> {
  const warehouse = await Warehouse.open({
    ...(threads !== undefined && { threads }),
    path: ':memory:',
    temp: mkdtempSync(join(tmpdir(), 'model-test-')),
    sealed: true,
  })
  registerFunctions(warehouse)
  await loadSeeds(warehouse)
  return warehouse
}
