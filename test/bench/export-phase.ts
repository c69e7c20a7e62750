/**
 * Downloads and lands in a process of its own, by the product (`ours`), or
 * only reads with DuckDB what curl fetched (`bare`):
 * `export-phase.js ours|bare FOLDER ENDPOINT ROWS BYTES SHA256`.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { systemClock } from '../../src/clock.js'
import { download } from '../../src/extract/download.js'
import { landCsv } from '../../src/extract/landing.js'
import { withWarehouse } from '../../src/extract/memory.js'
import { connect } from '../../src/marketo/client.js'
import { columnNames } from './export-file.js'
import { peakMegabytes, timed } from './measure.js'

const [who, folder = '', endpoint = '', rows = '', bytes = '', sha256 = ''] =
  process.argv.slice(2)
const { signal } = new AbortController()

interface Times {
  readonly download: number
  readonly downloadCpu: number
  readonly landing: number
  /** Of all threads while landing: what a busy machine does not change. */
  readonly landingCpu: number
}

async function ours(): Promise<Times> {
  const csv = join(folder, 'ours.csv')
  const parquet = join(folder, 'ours.parquet')
  const marketo = connect({
    endpoint,
    clientId: 'bench',
    clientSecret: 'bench',
    budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
    timeScale: 1,
    clock: systemClock,
    random: () => 0.5,
    onCall: () => {},
  })
  const fetched = await timed(() =>
    download(marketo, {
      exportId: 'bench',
      path: csv,
      bytes: Number(bytes),
      sha256,
      signal,
      onBytes: () => {},
    }),
  )
  const landed = await timed(() =>
    withWarehouse(join(folder, 'temp'), signal, async (warehouse) => {
      const table = await landCsv(warehouse, {
        csv,
        parquet,
        fields: columnNames,
        rows: Number(rows),
        limit: { rows: 0, share: 0 },
      })
      if (table.rows !== Number(rows)) throw new Error('rows are missing')
    }),
  )
  rmSync(csv)
  rmSync(parquet)
  return {
    download: fetched.seconds,
    downloadCpu: fetched.cpuSeconds,
    landing: landed.seconds,
    landingCpu: landed.cpuSeconds,
  }
}

/** What anybody would write, without a check of anything. */
async function bare(): Promise<Times> {
  const csv = join(folder, 'curl.csv')
  const parquet = join(folder, 'bare.parquet')
  const columns = columnNames.map((name) => `'${name}': 'varchar'`)
  const landed = await timed(async () => {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '1GB',
      temp_directory: join(folder, 'temp'),
    })
    const connection = await instance.connect()
    await connection.run(
      `copy (
        from read_csv('${csv}', auto_detect = false, header = true,
          delim = ',', quote = '"', escape = '"', nullstr = 'null',
          columns = {${columns.join(', ')}})
      ) to '${parquet}' (format parquet, compression zstd)`,
    )
    connection.closeSync()
    instance.closeSync()
  })
  rmSync(parquet)
  const { seconds: landing, cpuSeconds: landingCpu } = landed
  return { download: 0, downloadCpu: 0, landing, landingCpu }
}

const detail = who === 'ours' ? await ours() : await bare()
process.stdout.write(
  JSON.stringify({ ...detail, peakMegabytes: peakMegabytes() }),
)
