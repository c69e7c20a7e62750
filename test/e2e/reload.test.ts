import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { expectFailure, instance, projectFor } from './bad-world.js'

it('pipeline build makes a lost build file, or one of an older version, from what is landed', async () => {
  const project = projectFor(await instance())
  expectFailure(await project.pipeline('build', 'acme'), 3, 'no landed leads')
  const extracted = await project.pipeline('extract', 'acme')
  expect(extracted, extracted.stderr).toMatchObject({ code: 0 })
  const build = join(project.folder, 'warehouse', 'acme', 'build.duckdb')
  const temp = join(project.folder, 'temp')
  const leads = async () => {
    const made = await project.pipeline('build', 'acme')
    expect(made, made.stderr).toMatchObject({ code: 0 })
    const warehouse = await Warehouse.open({ path: build, temp, sealed: false })
    try {
      return await warehouse.one(
        'select count(*) as leads, sum(id) as ids from main.lead',
      )
    } finally {
      await warehouse.close()
    }
  }
  const before = await leads()
  expect(before).not.toMatchObject({ leads: 0 })
  // An older version did not have these.
  const old = await Warehouse.open({ path: build, temp, sealed: false })
  await old.run('drop table raw.lead_missing')
  await old.run('drop schema seed cascade')
  await old.run('alter table raw.reject drop column byte_offset')
  await old.close()
  expect(await leads()).toEqual(before)
  rmSync(build)
  rmSync(`${build}.wal`, { force: true })
  expect(await leads()).toEqual(before)
})
