import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrateMeta } from '../../src/run/migration.js'
import type { MetaDatabase } from '../../src/run/meta.js'
import { toolVersion } from '../../src/run/version.js'
import { kyselyFor } from '../../src/warehouse/dialect.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

it('E8: a build file of a newer version is refused with both versions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'migration-'))
  const warehouse = await Warehouse.open({
    path: join(folder, 'build.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
  const meta = kyselyFor<MetaDatabase>(warehouse)
  try {
    await migrateMeta(meta)
    await migrateMeta(meta)
    await warehouse.run(
      "insert into meta.migration values ('9999_later', '2030-01-01')",
    )
    await expect(migrateMeta(meta)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(
        `have 9999_later, which version ${toolVersion()} does not know.* the next run rebuilds it`,
      ) as unknown,
    })
  } finally {
    await meta.destroy()
    await warehouse.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
