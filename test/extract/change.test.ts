import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { oldestLead } from '../../src/extract/change.js'
import { readChangeFile } from '../../src/extract/change-file.js'
import { loadRaw } from '../../src/extract/raw.js'
import { MarketoError } from '../../src/marketo/error.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { dedupe, failure, memoryWarehouse, pipelineOf, Setup } from './setup.js'

const pipeline = pipelineOf({ extract: { fields: [], start: '2026-09-01' } })

async function load(setup: Setup, warehouse: Warehouse): Promise<void> {
  const extract = await setup.extract({ pipeline })
  const schema = await setup.marketo.schema()
  await loadRaw(warehouse, extract, { schema })
}

function landing(setup: Setup): string[] {
  return readdirSync(join(setup.folder, 'landing'))
}

describe('deletions and merges by anybody', () => {
  it('since the extract before are landed once', async () => {
    const setup = await Setup.start()
    const warehouse = await memoryWarehouse()
    await load(setup, warehouse)
    const { leads } = await setup.world()
    const [winner, first, second, gone] = leads.map(({ id }) => String(id))
    await setup.marketo.mergeLeads(winner ?? '', [first ?? '', second ?? ''], {
      mergeInCrm: false,
    })
    await setup.deleteLead(gone ?? '')
    await load(setup, warehouse)
    await load(setup, warehouse)
    expect(
      await warehouse.rows(
        'select loser_id, winner_id from raw.lead_merge order by loser_id',
      ),
    ).toEqual([
      { loser_id: first, winner_id: winner },
      { loser_id: second, winner_id: winner },
    ])
    expect(await warehouse.rows('select id from raw.lead_delete')).toEqual([
      { id: gone },
    ])
  })

  it('are read on where a killed run left them, page by page', async () => {
    const setup = await Setup.start({ behaviour: { activityScan: 2 } })
    await setup.extract({ pipeline })
    const { leads } = await setup.world()
    for (const { id } of leads.slice(0, 5)) await setup.deleteLead(String(id))
    let pages = 0
    const cut = {
      ...setup.marketo,
      deletedLeads: async (token: string) => {
        pages += 1
        if (pages > 1) throw new Error('killed')
        return await setup.marketo.deletedLeads(token)
      },
    }
    await expect(setup.extract({ pipeline, marketo: cut })).rejects.toThrow(
      'killed',
    )
    const tokens: string[] = []
    const spy = {
      ...setup.marketo,
      deletedLeads: async (token: string) => {
        tokens.push(token)
        return await setup.marketo.deletedLeads(token)
      },
      pagingToken: async (since: string) => {
        tokens.push('fresh')
        return await setup.marketo.pagingToken(since)
      },
    }
    const { changes } = await setup.extract({ pipeline, marketo: spy })
    expect(tokens[0]).not.toBe('fresh')
    const lines = await readChangeFile(changes ?? '')
    const gone = lines.flatMap((line) =>
      line.kind === 'delete' && line.isActivity !== true ? [line.id] : [],
    )
    expect(gone.toSorted()).toEqual(
      leads
        .slice(0, 5)
        .map(({ id }) => String(id))
        .toSorted(),
    )
  })

  it('come in one pass once activities were seen to have deletions', async () => {
    const setup = await Setup.start()
    const warehouse = await memoryWarehouse()
    await load(setup, warehouse)
    const { leads } = await setup.world()
    const [first, second] = leads.map(({ id }) => String(id))
    const ways = async () => {
      const before = setup.calls.length
      await load(setup, warehouse)
      const calls = setup.calls.slice(before).map(({ endpoint }) => endpoint)
      return ['activities', 'activities/deletedleads', 'bulk/leads/export'].map(
        (name) => calls.filter((each) => each === name).length,
      )
    }
    // None is deleted, so nothing is learned of it.
    expect(await ways()).toEqual([1, 1, 0])
    await setup.deleteLead(first ?? '')
    expect(await ways()).toEqual([1, 1, 0])
    await setup.deleteLead(second ?? '')
    expect(await ways()).toEqual([1, 0, 0])
    expect(
      await warehouse.rows('select id from raw.lead_delete order by id'),
    ).toEqual([{ id: first }, { id: second }])
  })

  it('are read from the list of deleted leads where activities lack them', async () => {
    const setup = await Setup.start()
    const marketo = {
      ...setup.marketo,
      activities: async (token: string, types: readonly number[]) => {
        const page = await setup.marketo.activities(token, types)
        const activities = page.activities.filter(({ typeId }) => typeId !== 37)
        return { ...page, activities }
      },
    }
    await setup.extract({ pipeline, marketo })
    const { leads } = await setup.world()
    for (const { id } of leads.slice(0, 2)) {
      await setup.deleteLead(String(id))
      const { changes } = await setup.extract({ pipeline, marketo })
      const lines = await readChangeFile(changes ?? '')
      const gone = lines.filter(({ kind }) => kind === 'delete')
      expect(gone.map((line) => 'id' in line && line.id)).toContain(String(id))
    }
  })

  it('that a lost token hides are made up for by an export of all ids', async () => {
    const { setup, warehouse, gone } = await listWithGap()
    const lost = {
      ...setup.marketo,
      deletedLeads: () => Promise.reject(refusedToken()),
    }
    const extract = await setup.extract({ pipeline: onList, marketo: lost })
    expect(setup.events.map(({ type }) => type)).toContain('gap')
    await loadRaw(warehouse, extract, { schema: await setup.marketo.schema() })
    expect(await missing(warehouse)).toEqual([gone])
    const { jobs } = await setup.world()
    const census = jobs.filter(({ filter }) => filter.kind === 'createdAt')
    expect(census.length).toBeGreaterThan(1)
    // The next one reads the changes again, and needs no census.
    const next = await setup.extract({ pipeline: onList })
    expect(next.census).toBeNull()
  })

  it('are looked for in all ids, which also tells of leads that nobody knew', async () => {
    const setup = await Setup.start()
    const warehouse = await memoryWarehouse()
    await load(setup, warehouse)
    const { id } = await warehouse.one<{ id: string }>(
      'delete from raw.lead where id = (select min(id) from raw.lead) returning id',
    )
    const marketo = {
      ...setup.marketo,
      deletedLeads: () => Promise.reject(refusedToken()),
    }
    const extract = await setup.extract({ pipeline, marketo })
    expect(extract).toMatchObject({ kind: 'increment' })
    const schema = await setup.marketo.schema()
    await loadRaw(warehouse, extract, { schema })
    expect(await warehouse.rows('from raw.lead_unknown')).toEqual([
      { id, seen_at: extract.asOf },
    ])
  })

  it('are not believed where an export of all ids lacks a fifth of the leads', async () => {
    const { setup, warehouse } = await listWithGap()
    const lost = {
      ...setup.marketo,
      deletedLeads: () => Promise.reject(refusedToken()),
    }
    const { leads } = await setup.world()
    for (const { id } of leads.slice(0, 150)) {
      await setup.deleteLead(String(id))
    }
    const extract = await setup.extract({ pipeline: onList, marketo: lost })
    const schema = await setup.marketo.schema()
    const error = await failure(loadRaw(warehouse, extract, { schema }))
    expect(error).toMatchObject({ code: 'census_shrunk', exit: 7 })
    expect(await warehouse.rows('from raw.lead_missing')).toEqual([])
  })

  it('that Marketo may have forgotten are said to be a gap', async () => {
    const setup = await Setup.start()
    await setup.extract({ pipeline })
    const later = () => setup.marketo.serverNow() + 14 * 86_400_000
    const marketo = { ...setup.marketo, serverNow: later }
    await setup.extract({ pipeline, marketo })
    expect(setup.events.map(({ type }) => type)).toContain('gap')
  })
})

describe('the oldest lead', () => {
  it('is found by the first activity, a day taken off', async () => {
    const setup = await Setup.start()
    const { leads } = await setup.world()
    const oldest = leads.map(({ createdAt }) => String(createdAt)).toSorted()[0]
    const found = await oldestLead(setup.marketo, new AbortController().signal)
    const day = Date.parse(oldest ?? '') - Date.parse(`${found}T00:00:00Z`)
    expect(day).toBeGreaterThanOrEqual(86_400_000)
    expect(day).toBeLessThan(2 * 86_400_000)
  })

  it('that cannot be found is asked for', async () => {
    const setup = await Setup.start()
    const marketo = {
      ...setup.marketo,
      activities: async () => ({
        activities: [],
        nextPageToken: 'x',
        more: false,
      }),
    }
    const all = pipelineOf({ extract: { fields: [], start: null } })
    const error = await failure(setup.extract({ marketo, pipeline: all }))
    expect(error).toMatchObject({ code: 'no_oldest_lead', exit: 3 })
    expect(error.message).toContain('extract.start')
  })
})

function keeping(keepDays: number): Pipeline {
  return pipelineOf({ extract: { start: '2026-11-01', keepDays } })
}

describe('the landing folder', () => {
  const short = pipelineOf({ extract: { fields: [], start: '2026-11-01' } })

  it('keeps the last three extracts', async () => {
    const setup = await Setup.start()
    const ids: string[] = []
    const options = { pipeline: short, fullRefresh: true }
    for (let turn = 0; turn < 5; turn += 1) {
      ids.push((await setup.extract(options)).id)
    }
    expect(landing(setup)).toEqual(ids.slice(-3))
  })

  it('keeps so many days where the pipeline says so, and what the last builds on', async () => {
    const setup = await Setup.start()
    const at = (more: number) => {
      const serverNow = () => setup.marketo.serverNow() + more * 86_400_000
      return { ...setup.marketo, serverNow }
    }
    const land = async (keepDays: number, more: number) => {
      const using = keeping(keepDays)
      const wanted = { marketo: at(more), fullRefresh: true }
      return (await setup.extract({ ...wanted, pipeline: using })).id
    }
    const ids = [await land(30, 0), await land(30, 1), await land(30, 2)]
    ids.push(await land(30, 3))
    expect(landing(setup)).toEqual(ids)
    const last = await land(2, 4)
    expect(landing(setup)).toEqual([ids[3], last])
    const only = await land(0, 9)
    expect(landing(setup)).toEqual([only])
  })

  it('keeps all that the last extract builds on', async () => {
    const setup = await Setup.start()
    await setup.extract({ pipeline: short })
    const { id } = await setup.extract({ pipeline: short, fullRefresh: true })
    const ids = [id]
    for (let turn = 0; turn < 4; turn += 1) {
      ids.push((await setup.extract({ pipeline: short })).id)
    }
    expect(landing(setup)).toEqual(ids)
  })

  it('keeps the last finished one whatever came after', async () => {
    const setup = await Setup.start()
    const { id } = await setup.extract({ pipeline: short })
    for (let turn = 0; turn < 4; turn += 1) {
      const fields = [['phone', 'city', 'title', 'company'][turn] ?? '']
      await interrupted(setup, {
        ...short,
        extract: { ...short.extract, fields },
      })
    }
    expect(landing(setup)).toContain(id)
    await setup.extract({ pipeline: short, fullRefresh: true })
    await setup.extract({ pipeline: short, fullRefresh: true })
    expect(landing(setup)).not.toContain(id)
    expect(landing(setup)).toHaveLength(3)
  })

  it('gives up an unfinished extract of other columns, and cancels its jobs', async () => {
    const setup = await Setup.start({ timing: { jobPickup: 3_600_000 } })
    await interrupted(setup, pipeline)
    const changed = { ...pipeline.extract, fields: ['phone'] }
    await setup.extract({ pipeline: { ...pipeline, extract: changed } })
    expect(setup.events).toContainEqual(
      expect.objectContaining({ type: 'abandoned' }),
    )
    const { jobs } = await setup.world()
    expect(
      jobs.filter(({ cancelledAt }) => cancelledAt !== null).length,
    ).toBeGreaterThan(0)
  })

  it('is exported again where a file of it was changed', async () => {
    const setup = await Setup.start()
    await interrupted(setup, pipeline, 'landed')
    const [id = ''] = landing(setup)
    const folder = join(setup.folder, 'landing', id)
    const [parquet = ''] = readdirSync(folder).filter((name) =>
      name.endsWith('.parquet'),
    )
    writeFileSync(join(folder, parquet), 'not what was landed')
    const extract = await setup.extract({ pipeline })
    const { jobs, leads } = await setup.world()
    expect(extract.id).toBe(id)
    expect(jobs).toHaveLength(extract.jobs)
    expect(extract.rows).toBe(
      leads.filter(({ createdAt }) => String(createdAt) >= '2026-09-01').length,
    )
  })

  it('may be lost, and the next extract is a new one', async () => {
    const setup = await Setup.start()
    await interrupted(setup, short)
    rmSync(join(setup.folder, 'landing'), { recursive: true })
    const extract = await setup.extract({ pipeline: short })
    expect(extract.isComplete).toBe(true)
  })
})

/** Every service works on a list, so an extract holds no other lead. */
const onList = pipelineOf({
  services: [{ ...dedupe, list: { kind: 'static', list: 'Newsletter' } }],
})

/** A landed list of which a lead is gone since, and nobody told. */
async function listWithGap() {
  const setup = await Setup.start()
  const warehouse = await memoryWarehouse()
  const first = await setup.extract({ pipeline: onList })
  await loadRaw(warehouse, first, { schema: await setup.marketo.schema() })
  const world = await setup.world()
  const gone = world.lists.find(({ name }) => name === 'Newsletter')?.members[0]
  await setup.deleteLead(gone ?? '')
  return { setup, warehouse, gone }
}

function refusedToken(): MarketoError {
  return new MarketoError({
    problem: 'refused',
    outcome: 'rejected',
    instance: 'acme',
    endpoint: 'activities/deletedleads',
    marketoCode: '1003',
  })
}

async function missing(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.rows<{ id: string }>(
    'select id from raw.lead_missing',
  )
  return rows.map(({ id }) => id)
}

/** Stops an extract as soon as a task has come into the state. */
async function interrupted(
  setup: Setup,
  using: Pipeline,
  state = 'queued',
): Promise<void> {
  const stop = new AbortController()
  const work = setup.extract({
    pipeline: using,
    signal: stop.signal,
    emit: (event) => {
      if (event.type !== 'task' || event.state !== state) return
      stop.abort(new Error('stopped'))
    },
  })
  await expect(work).rejects.toThrow('stopped')
}
