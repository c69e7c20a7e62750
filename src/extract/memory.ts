import { Warehouse } from '../warehouse/warehouse.js'

const memoryLimit = '1GB'

/** A DuckDB in memory that reads and writes files, for landing. */
export async function withWarehouse(
  temp: string,
  signal: AbortSignal,
  use: (warehouse: Warehouse) => Promise<void>,
): Promise<void> {
  const path = ':memory:'
  const options = { path, temp, sealed: false, memoryLimit }
  const warehouse = await Warehouse.open(options)
  const stop = () => warehouse.interrupt()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await use(warehouse)
  } finally {
    signal.removeEventListener('abort', stop)
    await warehouse.close()
  }
}
