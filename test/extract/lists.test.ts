import { describe, expect, it } from 'vitest'
import { loadRaw } from '../../src/extract/raw.js'
import type { Marketo } from '../../src/marketo/api.js'
import { MarketoError } from '../../src/marketo/error.js'
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

/** Two lists of one name, in folders within folders. */
function folders(setup: Setup): Marketo {
  const all = [
    { id: '7', name: 'Newsletter' },
    { id: '1001', name: 'Newsletter' },
  ]
  return {
    ...setup.marketo,
    lists: async (_, list) =>
      all.filter(({ id, name }) => name === list || id === list),
    listFolder: async (_, id) =>
      id === '7' ? '/Database/EMEA/2026' : '/Database/US',
  }
}

function renamed(setup: Setup, now: string): Marketo {
  return {
    ...setup.marketo,
    lists: async (_, list) =>
      list === now || list === '1001' ? [{ id: '1001', name: now }] : [],
  }
}

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

function denied(): Promise<never> {
  const error = new MarketoError({
    problem: 'permission',
    outcome: 'rejected',
    instance: 'acme',
    endpoint: 'asset/folder/{id}',
  })
  return Promise.reject(error)
}

const otherList = async () => [{ id: '1002', name: 'Newsletter' }]

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

  it('are exported as ids only where nothing but a winner rule looks at them', async () => {
    const setup = await Setup.start()
    const pipeline = on(unsubscribed)
    const [service] = pipeline.services
    const winner = [
      {
        kind: 'score',
        parts: [{ points: 1, rule: { kind: 'list', list: newsletter } }],
        delta: 1,
      },
    ] as const
    const services = [
      { ...dedupe, ...service, type: 'dedupe', winner } as const,
    ]
    const { extract, lists } = await members(setup, { ...pipeline, services })
    const world = await setup.world()
    const wanted = world.lists.find(({ name }) => name === 'Newsletter')
    expect(lists['static Newsletter']).toEqual(wanted?.members)
    expect(await landedIds(extract)).toEqual(lists['smart 1045'])
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
      [{ kind: 'smart', list: 'Nobody' }, 'no smart list "Nobody"'],
      [{ kind: 'static', list: 'A/B/C' }, 'no static list "A/B/C"'],
    ] as const) {
      const error = await failure(setup.extract({ pipeline: on(scope, null) }))
      expect(error.exit).toBe(3)
      expect(error.message).toContain(words)
    }
    expect((await setup.world()).jobs).toEqual([])
  })

  it('of one name are told apart by their folders or ids', async () => {
    const setup = await Setup.start()
    const marketo = folders(setup)
    const land = (list: string) =>
      setup.extract({ pipeline: on({ kind: 'static', list }), marketo })
    const error = await failure(land('Newsletter'))
    expect(error).toMatchObject({ code: 'list_ambiguous', exit: 3 })
    expect(error.message).toContain(
      '  7  /Database/EMEA/2026/Newsletter\n  1001  /Database/US/Newsletter\n',
    )
    const wrong = await failure(land('APAC/Newsletter'))
    expect(wrong).toMatchObject({ code: 'list_unknown', exit: 3 })
    expect(wrong.message).toContain('  1001  /Database/US/Newsletter')
    // A part of a folder's name is not the folder.
    expect(await failure(land('S/Newsletter'))).toMatchObject({ exit: 3 })
    const { members: found } = await land('US/Newsletter')
    expect(found.map(({ name }) => name.list)).toEqual(['US/Newsletter'])
    const { jobs } = await setup.world()
    expect(jobs.map(({ filter }) => filter)).toEqual([
      expect.objectContaining({ kind: 'staticList' }),
    ])
  })

  it('of one name are told apart by ids where folders are not visible', async () => {
    const setup = await Setup.start()
    const marketo = { ...folders(setup), listFolder: denied }
    const pipeline = on(newsletter)
    const error = await failure(setup.extract({ pipeline, marketo }))
    expect(error).toMatchObject({ code: 'list_ambiguous', exit: 3 })
    expect(error.message).toContain('  7  (its folder is not visible')
  })

  it('are found by name where they are smart, and exported by id', async () => {
    const setup = await Setup.start()
    const byName: ListScope = { kind: 'smart', list: 'Unsubscribed' }
    const { lists } = await members(setup, on(byName, null))
    expect(lists['smart Unsubscribed']?.length).toBeGreaterThan(0)
  })

  it('that were renamed are found by the id that they had, and said so', async () => {
    const setup = await Setup.start()
    const pipeline = on(newsletter)
    const first = await setup.extract({ pipeline })
    const marketo = renamed(setup, 'Newsletter 2026')
    const second = await setup.extract({ pipeline, marketo })
    expect(second.rows).toBe(first.rows)
    expect(setup.events).toContainEqual({
      type: 'list_changed',
      what: 'renamed',
      kind: 'static',
      list: 'Newsletter',
      now: 'Newsletter 2026',
      id: '1001',
    })
  })

  it('of a name that another list has now are taken, and said so', async () => {
    const setup = await Setup.start()
    const pipeline = on(newsletter)
    await setup.extract({ pipeline })
    const marketo = { ...setup.marketo, lists: otherList }
    await setup.extract({ pipeline, marketo })
    expect(setup.events).toContainEqual(
      expect.objectContaining({ what: 'replaced', id: '1002' }),
    )
  })

  it('that were deleted stop everything before any export, in words', async () => {
    const setup = await Setup.start()
    const pipeline = on(newsletter)
    await setup.extract({ pipeline })
    const before = (await setup.world()).jobs.length
    const marketo = { ...setup.marketo, lists: async () => [] }
    const error = await failure(setup.extract({ pipeline, marketo }))
    expect(error).toMatchObject({ code: 'list_gone', exit: 3 })
    expect(error.message).toContain('"Newsletter" (id 1001)')
    expect((await setup.world()).jobs).toHaveLength(before)
  })

  it('that the subscription cannot export are said so (1035)', async () => {
    const setup = await Setup.start({ behaviour: { smartListFilter: false } })
    const pipeline = on(unsubscribed, null)
    const error = await failure(setup.extract({ pipeline }))
    expect(error).toMatchObject({ code: 'filter_unsupported', exit: 3 })
    expect(error.message).toContain('cannot export the smart list 1045')
  })
})

describe('leads of lists', () => {
  it('are read by id where that takes less of the day than an export', async () => {
    const setup = await Setup.start()
    const { marketo, ...rest } = on(newsletter)
    const budget = { ...marketo.budget, exportMbPerDay: 0.1 }
    const pipeline = { ...rest, marketo: { ...marketo, budget } }
    const first = await setup.extract({ pipeline })
    expect(first).toMatchObject({ kind: 'list', route: null })
    const ids = await landedIds(first)
    const [changed = ''] = ids
    await setup.marketo.updateLeads([
      { id: changed, values: { phone: '+33 1 23' } },
    ])

    const second = await setup.extract({ pipeline })
    expect(second.route?.chosen).toBe('read')
    expect(second.route?.offers.map(({ route }) => route)).toEqual([
      'read',
      'export',
    ])
    expect(await landedIds(second)).toEqual(ids)
    expect(second.bytes).toBeLessThan(first.bytes / 5)
    const warehouse = await memoryWarehouse()
    const schema = await setup.marketo.schema()
    await loadRaw(warehouse, second, { schema })
    expect(
      await warehouse.one('select phone from raw.lead where id = $1', [
        changed,
      ]),
    ).toEqual({ phone: '+33 1 23' })
    const listed = await warehouse.one<{ members: number }>(
      'select count(*) as members from raw.list_member',
    )
    expect(listed).toEqual({ members: ids.length })
  })
})
