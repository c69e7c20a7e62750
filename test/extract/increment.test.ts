import { describe, expect, it } from 'vitest'
import { fieldsToExport } from '../../src/extract/column.js'
import type { ExtractOptions } from '../../src/extract/extract.js'
import type { Extract } from '../../src/extract/landed.js'
import { loadLanded } from '../../src/extract/replay.js'
import type { LeadRecord } from '../../src/marketo/api.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { identifier } from '../../src/warehouse/quote.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { memoryWarehouse, pipelineOf, Setup, temporaryFolder } from './setup.js'

/** A few windows: each is a job, and jobs take their time. */
const start = '2026-08-01'
const pipeline = pipelineOf({
  extract: { fields: ['phone', 'company', 'title'], start },
})

/** A base, its first extract, and a warehouse that holds it. */
class Base {
  readonly setup: Setup
  readonly warehouse: Warehouse
  readonly folder: string

  constructor(setup: Setup, warehouse: Warehouse, folder: string) {
    this.setup = setup
    this.warehouse = warehouse
    this.folder = folder
  }

  static async make(
    options: Parameters<typeof Setup.start>[0] = {},
  ): Promise<Base> {
    const setup = await Setup.start({ timeScale: 1500, ...options })
    return new Base(setup, await memoryWarehouse(), setup.folder)
  }

  /** A folder and a warehouse of their own, as for a first extract. */
  async afresh(): Promise<Base> {
    return new Base(this.setup, await memoryWarehouse(), temporaryFolder())
  }

  async run(change: Partial<ExtractOptions> = {}): Promise<Extract> {
    const { folder, setup } = this
    const extract = await setup.extract({ pipeline, folder, ...change })
    const schema = await setup.marketo.schema()
    await loadLanded(this.warehouse, folder, { found: extract, schema })
    return extract
  }

  async update(ids: readonly string[], values: LeadRecord): Promise<void> {
    const records = ids.map((id) => ({ id, values }))
    const outcomes = await this.setup.marketo.updateLeads(records)
    expect(outcomes.map(({ status }) => status)).toEqual(
      ids.map(() => 'updated'),
    )
  }

  /** Some ids of the base, oldest first. */
  async ids(): Promise<string[]> {
    const rows = await this.warehouse.rows<{ id: string }>(
      'select id from raw.lead order by cast(id as bigint)',
    )
    return rows.map(({ id }) => id)
  }

  /** What is alive, every column that was exported. */
  async leads(columns: readonly string[]): Promise<unknown[]> {
    return await this.warehouse.rows(
      `select ${columns.map(identifier).join(', ')} from raw.lead
      where _seen_at >= (select max(cast(as_of as timestamptz)) at time zone 'UTC'
          from raw.extract where is_complete)
        and id not in (select id from raw.lead_delete)
        and id not in (select loser_id from raw.lead_merge)
      order by cast(id as bigint)`,
    )
  }

  async counts(): Promise<{ created: number; changed: number }[]> {
    return await this.warehouse.rows(
      'select created, changed from raw.extract order by id',
    )
  }

  async kinds(): Promise<unknown[]> {
    const rows = await this.warehouse.rows<{ kind: string }>(
      'select kind from raw.extract order by id',
    )
    return rows.map(({ kind }) => kind)
  }
}

async function columnsOf(setup: Setup, wanted: Pipeline): Promise<string[]> {
  return fieldsToExport(wanted, await setup.marketo.schema())
}

/** The same table as a full export by somebody who never exported before. */
async function expectEqual(base: Base, wanted = pipeline): Promise<void> {
  const columns = await columnsOf(base.setup, wanted)
  const other = await base.afresh()
  await other.run({ pipeline: wanted })
  const leads = await other.leads(columns)
  expect(leads.length).toBeGreaterThan(50)
  expect(await base.leads(columns)).toEqual(leads)
}

describe('an increment', () => {
  it('brings what was changed, created, merged and deleted, and nothing else', async () => {
    const base = await Base.make()
    const { setup } = base
    const first = await base.run()
    expect(first).toMatchObject({ kind: 'full', isComplete: true })
    const [a = '', b = '', c = '', winner = '', loser = '', gone = ''] =
      await base.ids()
    await base.update([a, b, c], { title: 'Chief', phone: null })
    await base.update([c], { title: 'Chief again' })
    await setup.marketo.mergeLeads(winner, [loser], { mergeInCrm: false })
    await setup.deleteLead(gone)
    await createLead(setup, 'new@acme.example')
    const second = await base.run()
    expect(second).toMatchObject({ kind: 'increment', isComplete: false })
    // Three updated, one created, the winner where it got a value, and those
    // that were changed in the hour before.
    expect(second.rows).toBeGreaterThanOrEqual(4)
    expect(second.rows).toBeLessThan(15)
    const [before, now] = await base.counts()
    expect(before).toEqual({ created: first.rows, changed: 0 })
    expect(now?.created).toBe(1)
    expect(now?.changed).toBeGreaterThanOrEqual(3)
    await expectEqual(base)
    // With no change there is nothing to bring.
    expect(await base.run()).toMatchObject({ jobs: 1 })
    const { jobs } = await setup.world()
    const [one, two] = jobs
      .map(({ filter }) => filter)
      .filter(({ kind }) => kind === 'updatedAt')
    // The windows overlap by an hour.
    expect((one?.to ?? 0) - (two?.from ?? 0)).toBe(3_600_000)
  })

  it('of 1 % of the leads costs at most 2 % of the bytes of a full export', async () => {
    const leads = { kind: 'generated', count: 5000, seed: 5 } as const
    const base = await Base.make({ leads })
    const first = await base.run()
    const ids = (await base.ids()).filter((_, index) => index % 100 === 0)
    await base.update(ids, { title: 'Chief' })
    const before = base.setup.calls.length
    const second = await base.run()
    expect(second.rows).toBeGreaterThanOrEqual(ids.length)
    expect(second.bytes).toBeLessThan(first.bytes * 0.02)
    const calls = base.setup.calls.slice(before).filter((call) => call.counted)
    // One job, and no more than a look at everything else.
    expect(second.jobs).toBe(1)
    expect(calls.length).toBeLessThanOrEqual(15)
    await expectEqual(base)
  })

  it('leaves out changed leads that are older than the pipeline wants', async () => {
    const base = await Base.make()
    const first = await base.run()
    const { leads } = await base.setup.world()
    const old = leads.find(({ createdAt }) => String(createdAt) < start)
    const [young = ''] = await base.ids()
    await base.update([String(old?.['id']), young], { title: 'Chief' })
    await base.run()
    expect(await base.ids()).toHaveLength(first.rows)
    const chiefs = await base.warehouse.rows(
      "select id from raw.lead where title = 'Chief'",
    )
    expect(chiefs).toEqual([{ id: young }])
  })

  it('is loaded after what it builds on where the warehouse was lost', async () => {
    const base = await Base.make()
    await base.run()
    const [a = '', b = ''] = await base.ids()
    await base.update([a], { title: 'Chief' })
    await base.run()
    await base.update([b], { title: 'Boss' })
    const lost = new Base(base.setup, await memoryWarehouse(), base.folder)
    await lost.run()
    expect(await lost.kinds()).toEqual(['full', 'increment', 'increment'])
    await expectEqual(lost)
  })

  it('takes a lead that changes while it runs with the next one', async () => {
    const base = await Base.make({ timing: { jobPickup: 600_000 } })
    await base.run()
    const [a = ''] = await base.ids()
    await base.update([a], { title: 'Chief' })
    const changes: Promise<void>[] = []
    await base.run({
      emit: (event) => {
        if (event.type !== 'task' || event.state !== 'queued') return
        changes.push(base.update([a], { title: 'Boss' }))
      },
    })
    expect(await Promise.all(changes)).toHaveLength(1)
    await base.run()
    await expectEqual(base)
  })
})

describe('all leads', () => {
  it('are read for new columns, and exported at a wish; unwanted columns are emptied', async () => {
    const base = await Base.make()
    const first = await base.run()
    const { fields } = pipeline.extract
    const more = pipelineOf({ extract: { fields: [...fields, 'city'], start } })
    const second = await base.run({ pipeline: more })
    // A few known leads are cheaper to read than all windows to export.
    expect(second.why).toBe('new columns: city')
    expect(second.route?.chosen).toBe('read')
    const cities = 'select id from raw.lead where city is not null'
    expect((await base.warehouse.rows(cities)).length).toBeGreaterThan(10)
    await expectEqual(base, more)
    expect((await base.run()).kind).toBe('increment')
    expect(await base.warehouse.rows(cities)).toEqual([])
    const why = 'a full refresh was asked for'
    const third = await base.run({ fullRefresh: true })
    expect(third).toMatchObject({ kind: 'full', why, rows: first.rows })
  })

  it('are read where the filter is refused (1035), which is tried again after a week', async () => {
    const base = await Base.make({ behaviour: { updatedAtFilter: false } })
    const { setup } = base
    const first = await base.run()
    const [a = '', b = ''] = await base.ids()
    await base.update([a, b], { title: 'Chief' })
    await createLead(setup, 'new@acme.example')
    const refused = () => setup.calls.filter(({ code }) => code === '1035')
    const second = await base.run()
    const why = 'Marketo refuses the updatedAt filter (1035)'
    expect(second).toMatchObject({ why })
    expect(second.route?.chosen).toBe('read')
    // Known leads by id, 300 a call, and one window for new ones.
    expect(second.jobs).toBe(1)
    expect(refused()).toHaveLength(1)
    expect(await base.counts()).toEqual([
      { created: first.rows, changed: 0 },
      { created: 1, changed: 2 },
    ])
    await expectEqual(base)
    await base.run()
    expect(refused()).toHaveLength(1)
    const week = 8 * 86_400_000
    const serverNow = () => setup.marketo.serverNow() + week
    await base.run({ marketo: { ...setup.marketo, serverNow } })
    expect(refused()).toHaveLength(2)
  })
})

async function createLead(setup: Setup, email: string): Promise<void> {
  await setup.call('POST', '/rest/v1/leads.json', {
    action: 'createOnly',
    input: [{ email, firstName: 'Nia' }],
  })
}

describe('the job of an increment', () => {
  it('is looked at when jobs are usually done, so once', async () => {
    const timing = { jobBase: 230_000 }
    const { setup, ...base } = await Base.make({ timing })
    await setup.extract({ pipeline, folder: base.folder })
    const before = setup.calls.length
    await setup.extract({ pipeline, folder: base.folder })
    const calls = setup.calls.slice(before).map(({ endpoint }) => endpoint)
    const looks = calls.filter((name) => name.endsWith('/status'))
    expect(looks).toHaveLength(1)
    // What an increment costs whatever the base: describe, two lists, a
    // token, deletions, merges, and a job.
    expect(calls.length).toBeLessThanOrEqual(9)
  })
})
