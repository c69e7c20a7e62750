import { describe, expect, it } from 'vitest'
import { loadRaw } from '../../src/extract/raw.js'
import type { ListScope } from '../../src/pipeline/pipeline.js'
import {
  dedupe,
  failure,
  landedIds,
  memoryWarehouse,
  pipelineOf,
  Setup,
} from './setup.js'

const recent = { fields: ['phone'], start: '2026-09-01' }

function on(...lists: (ListScope | null)[]) {
  return pipelineOf({
    extract: recent,
    services: lists.map((list, index) => ({
      ...dedupe,
      name: `service_${index}`,
      list,
    })),
  })
}

const newsletter: ListScope = { kind: 'static', list: 'Newsletter' }
const unsubscribed: ListScope = { kind: 'smart', list: '1045' }

async function members(setup: Setup, pipeline: ReturnType<typeof on>) {
  const extract = await setup.extract({ pipeline })
  const warehouse = await memoryWarehouse()
  await loadRaw(warehouse, extract, { schema: await setup.marketo.schema() })
  const rows = await warehouse.rows<{ list: string; ids: string[] }>(
    `select list_kind || ' ' || list as list,
      list(lead_id order by cast(lead_id as bigint)) as ids
    from raw.list_member group by all`,
  )
  return {
    extract,
    lists: Object.fromEntries(rows.map(({ list, ids }) => [list, ids])),
  }
}

describe('lists of services', () => {
  it('are exported as ids beside the whole base where a service works on all', async () => {
    const setup = await Setup.start()
    const pipeline = on(newsletter, null, unsubscribed, {
      kind: 'static',
      list: '1001',
    })
    const { extract, lists } = await members(setup, pipeline)
    const world = await setup.world()
    const wanted = world.lists.find(({ name }) => name === 'Newsletter')
    expect(wanted?.members.length).toBeGreaterThan(50)
    expect(lists['static Newsletter']).toEqual(wanted?.members)
    expect(lists['static 1001']).toEqual(wanted?.members)
    expect(lists['smart 1045']).toEqual(
      world.leads
        .filter(({ unsubscribed: is }) => is === true)
        .map(({ id }) => id),
    )
    const jobs = world.jobs.map(({ filter }) => filter.kind)
    expect(jobs.filter((kind) => kind === 'staticList')).toHaveLength(1)
    expect(extract.isComplete).toBe(true)
  })

  it('are all that is exported where every service is on one, and then a missing lead is not gone', async () => {
    const setup = await Setup.start()
    const { extract, lists } = await members(setup, on(newsletter))
    const world = await setup.world()
    const [list] = world.lists
    expect(await landedIds(extract)).toEqual(list?.members)
    expect(lists['static Newsletter']).toEqual(list?.members)
    expect(extract.isComplete).toBe(false)
    expect(world.jobs).toHaveLength(1)
    expect(extract.fields).toContain('phone')
  })

  it('may be empty', async () => {
    const setup = await Setup.start()
    const empty: ListScope = { kind: 'static', list: 'Empty list' }
    const { extract, lists } = await members(setup, on(empty))
    expect([extract.rows, lists]).toEqual([0, {}])
    expect(setup.events).toContainEqual({
      type: 'empty_list',
      list: 'Empty list',
    })
  })

  it('that are unknown are bad input, before any export', async () => {
    const setup = await Setup.start()
    for (const [scope, words] of [
      [{ kind: 'static', list: 'Nowhere' }, 'no static list "Nowhere"'],
      [{ kind: 'static', list: '9999' }, 'no static list "9999"'],
      [{ kind: 'smart', list: 'By name' }, 'by id only'],
    ] as const) {
      const error = await failure(setup.extract({ pipeline: on(scope, null) }))
      expect(error.exit).toBe(3)
      expect(error.message).toContain(words)
    }
    expect((await setup.world()).jobs).toEqual([])
  })

  it('of one name are told apart by their ids only', async () => {
    const setup = await Setup.start()
    const marketo = {
      ...setup.marketo,
      staticLists: async () => [
        { id: '7', name: 'Newsletter' },
        { id: '1001', name: 'Newsletter' },
      ],
    }
    const pipeline = on(newsletter)
    const error = await failure(setup.extract({ pipeline, marketo }))
    expect(error).toMatchObject({ code: 'list_ambiguous', exit: 3 })
    expect(error.message).toContain('with the ids 7, 1001')
  })

  it('that the subscription cannot export are said so (1035)', async () => {
    const setup = await Setup.start({ behaviour: { smartListFilter: false } })
    const pipeline = on(unsubscribed, null)
    const error = await failure(setup.extract({ pipeline }))
    expect(error).toMatchObject({ code: 'filter_unsupported', exit: 3 })
    expect(error.message).toContain('cannot export the smart list 1045')
  })
})
