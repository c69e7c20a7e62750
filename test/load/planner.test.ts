import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../../src/load/journal.js'
import { journalPlace } from '../../src/load/place.js'
import { openPlan } from '../../src/load/plan-file.js'
import { makePlan } from '../../src/load/planner.js'
import type { LeadSchema } from '../../src/marketo/api.js'
import type {
  DedupeService,
  Pipeline,
  Service,
} from '../../src/pipeline/pipeline.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { pipeline as base, tool } from './world.js'

let folder = ''
let warehouse: Warehouse

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planner-'))
  warehouse = await Warehouse.open({
    path: join(folder, 'build.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
  for (const sql of tables) await warehouse.run(sql)
})

afterEach(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

const tables = [
  'create schema raw',
  'create schema load',
  'create table raw.lead (id varchar, email varchar, "sfdcType" varchar, unsubscribed varchar)',
  'create table load.load_merge (winner_id bigint, loser_ids bigint[], service varchar, rules varchar[], winner_reason varchar, crm_linked bigint, merge_in_crm boolean)',
  'create table load.load_merge_before (winner_id bigint, lead_id bigint, field varchar, value varchar)',
  'create table load.load_merge_survivor (winner_id bigint, field varchar, value varchar, source_id bigint, rule varchar, is_consent boolean)',
  'create table load.load_update (id bigint, field varchar, before varchar, after varchar, service varchar, reason varchar)',
]

const dedupe: DedupeService = {
  type: 'dedupe',
  name: 'dedupe',
  list: null,
  match: [{ same: ['email'], similar: [], block: [], where: [], list: null }],
  auto: null,
  never: [],
  winner: [],
  survive: [],
  consent: [{ field: 'unsubscribed', rule: 'any_true' }],
  stamp: [],
  winnerChoice: { by: 'in_order', otherwise: 'lowest_id' },
  fill: 'best',
  crmMerge: false,
}

const pipeline: Pipeline = { ...base, services: [dedupe] }

function field(name: string, dataType = 'string', updateable = true) {
  const length = dataType === 'string' ? 20 : null
  return {
    name,
    displayName: name,
    dataType,
    length,
    updateable,
    crmManaged: false,
  }
}

const schema: LeadSchema = {
  searchable: [],
  fields: [
    field('email'),
    field('phone'),
    field('title'),
    field('company'),
    field('leadScore', 'score'),
    field('unsubscribed', 'boolean'),
    field('createdAt', 'datetime', false),
    field('emailDomain'),
  ],
}

async function plan(more: Partial<Parameters<typeof makePlan>[0]> = {}) {
  return await makePlan({
    warehouse,
    pipeline,
    schema,
    instance: '123-ABC-456',
    asOf: '2026-11-21T05:00:00Z',
    leads: 1000,
    folder,
    tool,
    ...more,
  })
}

async function rowsOf(path: string) {
  const opened = await openPlan(path)
  const rows = []
  for await (const row of opened.rows()) rows.push(row)
  await opened.close()
  return rows
}

async function addLeads(...leads: readonly string[][]): Promise<void> {
  for (const [id = '', email = '', crm = '', optOut = ''] of leads) {
    await warehouse.run(
      `insert into raw.lead values ($1, $2, nullif($3, ''), nullif($4, ''))`,
      [id, email, crm, optOut],
    )
  }
}

async function addMerge(
  winner: string,
  losers: readonly string[],
): Promise<void> {
  await warehouse.run(
    `insert into load.load_merge values (${winner}, [${losers.join(', ')}], 'dedupe', ['same email'], 'oldest', 1, false)`,
  )
}

type Cell = string | boolean | null

async function insert(table: string, rows: readonly Cell[][]): Promise<void> {
  for (const row of rows) {
    const marks = row.map((_, n) => `$${n + 1}`)
    await warehouse.run(
      `insert into load.${table} values (${marks.join(', ')})`,
      row,
    )
  }
}

/** Winner 1 absorbs 3 and 2, in this order. */
async function oneMerge(): Promise<void> {
  await addLeads(
    ['1', 'a@example.com', '', 'false'],
    ['2', 'A@example.com', '', 'true'],
    ['3', 'a@example.com'],
  )
  await addMerge('1', ['3', '2'])
  await insert('load_merge_before', [
    ['1', '1', 'title', 'CTO'],
    ['1', '1', 'unsubscribed', 'false'],
    ['1', '1', 'createdAt', '2025-01-01T00:00:00Z'],
    ['1', '2', 'unsubscribed', 'true'],
    ['1', '2', 'phone', '+1 555'],
    ['1', '2', 'company', 'Acme'],
    ['1', '2', 'leadScore', '90.0'],
    ['1', '3', 'leadScore', '10'],
    ['1', '3', 'title', 'Boss'],
  ])
  await insert('load_merge_survivor', [
    ['1', 'title', 'CTO', '1', 'winner', false],
    ['1', 'unsubscribed', 'true', '2', 'any_true', true],
    ['1', 'phone', '+1 555', '2', 'most_recent', false],
    ['1', 'company', 'Acme', '2', 'winner', false],
    ['1', 'leadScore', '10.0', '3', 'min', false],
    ['1', 'createdAt', '2015-01-01T00:00:00Z', '3', 'oldest', false],
  ])
}

describe('a plan', () => {
  it('sets what Marketo would not do by itself, and nothing it may not set', async () => {
    await oneMerge()
    const { path, header } = await plan()
    expect(header).toMatchObject({ merges: 1, losers: 2, updates: 0 })
    const [row] = await rowsOf(path)
    expect(row).toMatchObject({
      row: 'm000001',
      winner: '1',
      losers: ['3', '2'],
      // The score comes from the first loser anyway.
      set: { unsubscribed: 'true', phone: '+1 555' },
      after: {
        title: 'CTO',
        unsubscribed: 'true',
        phone: '+1 555',
        leadScore: '10',
        company: null,
        createdAt: '2025-01-01T00:00:00Z',
      },
      kept: ['unsubscribed'],
      reason: {
        service: 'dedupe',
        rules: ['same email'],
        winner: 'oldest',
        from: {
          phone: { id: '2', rule: 'most_recent' },
          company: { id: null, rule: 'winner; left to Marketo' },
        },
      },
    })
  })

  it('keeps as precondition who each lead is, also where it is empty', async () => {
    await oneMerge()
    const [row] = await rowsOf((await plan()).path)
    expect(row).toMatchObject({
      before: {
        '1': { email: 'a@example.com', phone: null, sfdcType: null },
        '2': { email: 'A@example.com', leadScore: '90', unsubscribed: 'true' },
        '3': { email: 'a@example.com', unsubscribed: null },
      },
    })
  })

  it('G3: keeps as precondition what chose the winner, and the partition', async () => {
    await oneMerge()
    for (const column of ['vip', '"updatedAt"', '"leadPartitionId"']) {
      await warehouse.run(`alter table raw.lead add column ${column} varchar`)
    }
    await warehouse.run(`update raw.lead set vip = id, "leadPartitionId" = '1'`)
    const winner: DedupeService['winner'] = [
      { kind: 'highest', field: 'vip' },
      { kind: 'newest', field: 'updatedAt' },
    ]
    const services = [{ ...dedupe, winner }]
    const { path } = await plan({ pipeline: { ...pipeline, services } })
    const [row] = await rowsOf(path)
    if (row?.kind !== 'merge') throw new Error('no merge')
    expect(row.before['2']).toMatchObject({ vip: '2', leadPartitionId: '1' })
    // Every write changes it, also the one that prepares this merge.
    expect(Object.keys(row.before['2'] ?? {})).not.toContain('updatedAt')
  })

  it('G3: keeps as precondition of an update what its value was made of', async () => {
    await addLeads(['8', 'b@example.com'])
    await insert('load_update', [
      ['8', 'emailDomain', null, 'example.com', 'domain', 'domain'],
      ['8', 'phone', null, '1', 'enrich', null],
    ])
    const domain: Service = {
      type: 'domain',
      name: 'domain',
      list: null,
      write: [{ field: 'emailDomain', rule: 'domain' }],
      confidence: 0.8,
      privateSuffixes: true,
      lists: [],
    }
    const services = [dedupe, domain]
    const { path } = await plan({ pipeline: { ...pipeline, services } })
    const [row] = await rowsOf(path)
    expect(row).toMatchObject({
      before: { email: 'b@example.com', emailDomain: null, phone: null },
      set: { emailDomain: 'example.com', phone: '1' },
    })
  })

  it('G11: has the same bytes for the same input in any order', async () => {
    await oneMerge()
    await insert('load_update', [
      ['9', 'emailDomain', null, 'a.example', 'domain', 'domain'],
      ['8', 'emailDomain', 'b', 'b.example', 'domain', null],
      ['8', 'phone', null, '1', 'enrich', null],
    ])
    const first = await plan()
    for (const table of [
      'load_merge_before',
      'load_merge_survivor',
      'load_update',
    ]) {
      await warehouse.run(
        `create or replace table load.${table} as from load.${table} order by random()`,
      )
    }
    const second = await plan()
    expect(second.header.hash).toBe(first.header.hash)
    expect(second.path).toBe(first.path)
    expect((await stat(first.path)).mode & 0o777).toBe(0o600)
  })

  it('leaves nothing half-written behind, not even of a process that died', async () => {
    await oneMerge()
    const { path } = await plan()
    await writeFile(join(folder, 'plan', 'rows.999.tmp'), 'values of leads')
    await plan()
    expect(await readdir(join(folder, 'plan'))).toEqual([basename(path)])
  })

  it('groups updates by lead, and drops those that change nothing', async () => {
    await insert('load_update', [
      ['12', 'phone', null, '1', 'enrich', 'first phone'],
      ['12', 'emailDomain', 'b', 'b.example', 'domain', null],
      ['7', 'leadScore', '5.0', '5', 'enrich', null],
      ['8', 'phone', '1', null, 'enrich', null],
    ])
    const rows = await rowsOf((await plan()).path)
    expect(rows).toEqual([
      {
        row: 'u000001',
        kind: 'update',
        id: '12',
        before: { emailDomain: 'b', phone: null },
        set: { emailDomain: 'b.example', phone: '1' },
        reason: {
          service: 'domain, enrich',
          rules: [],
          winner: '',
          from: {
            emailDomain: { id: null, rule: 'domain' },
            phone: { id: null, rule: 'first phone' },
          },
        },
      },
    ])
  })

  it('pages over many leads without losing or doubling one', async () => {
    await warehouse.run(
      `insert into load.load_merge select i * 2, [i * 2 + 1], 'dedupe', [], '', 0, false from range(1, 2502) r(i)`,
    )
    await warehouse.run(
      `insert into load.load_update select 9007199254000000 + i, 'phone', null, i::varchar, 'enrich', null from range(12001) r(i) order by hash(i)`,
    )
    const { path, header } = await plan()
    expect(header).toMatchObject({
      merges: 2501,
      losers: 2501,
      updates: 12_001,
    })
    const rows = await rowsOf(path)
    const ids = rows.map((row) => (row.kind === 'merge' ? row.winner : row.id))
    expect(new Set(ids).size).toBe(2501 + 12_001)
    expect(ids.at(-1)).toBe('9007199254012000')
    expect(rows.at(2500)?.row).toBe('m002501')
    expect(rows.at(2501)?.row).toBe('u000001')
  })

  it('says in its header what it costs and which guardrails it breaks', async () => {
    await oneMerge()
    const strict: Pipeline = {
      ...pipeline,
      load: {
        ...pipeline.load,
        guardrails: { ...pipeline.load.guardrails, mergeShare: 0.001 },
      },
    }
    const { header } = await plan({ pipeline: strict })
    expect(header.price).toMatchObject({ calls: 5, crm: 1 })
    expect(header.guardrails).toContainEqual({
      name: 'merge_share',
      value: 0.002,
      limit: 0.001,
      ok: false,
    })
  })

  it.each([
    ['a loser of two merges', '5', ['2'], null],
    ['a loser that wins elsewhere', '2', ['6'], null],
    ['an update on a loser', '7', ['8'], '3'],
    ['an update on a winner', '7', ['8'], '1'],
    ['a merge without losers', '7', [], null],
  ])('G7, I13: is refused with %s', async (_, winner, losers, updated) => {
    await oneMerge()
    await addMerge(winner, losers)
    if (updated !== null) {
      await insert('load_update', [[updated, 'phone', null, '1', 's', null]])
    }
    await expect(plan()).rejects.toMatchObject({ code: 'plan_unsafe', exit: 1 })
  })

  it('H8: leaves out a merge whose winner the CRM would overrule', async () => {
    await oneMerge()
    await addLeads(['4', 'b@example.com'], ['5', 'b@example.com', 'Contact'])
    await addMerge('4', ['5'])
    const { header, overruled } = await plan()
    expect(overruled).toBe(1)
    expect(header.merges).toBe(1)
  })

  it('H14: leaves out leads of a row that nobody could resolve', async () => {
    await oneMerge()
    await insert('load_update', [['9', 'phone', null, '1', 's', null]])
    const old = journalPlace(folder, '0123456789ab').journal
    const journal = await Journal.open(old)
    await journal.append(
      [
        {
          kind: 'status',
          rows: ['m000001'],
          status: 'unresolved',
          reason: '',
          frozen: ['3'],
        },
      ],
      true,
    )
    expect(await plan()).toMatchObject({ frozen: 1, header: { merges: 0 } })
    const when = '2026-11-21T06:00:00Z'
    await journal.append(
      [{ kind: 'release', leads: ['3'], who: 'ann', when }],
      true,
    )
    await journal.close()
    expect(await plan()).toMatchObject({ frozen: 0, header: { merges: 1 } })
  })

  it.each([
    ['emailDomein', 'x', 'unwritable_field', /does not exist/],
    ['createdAt', 'x', 'unwritable_field', /read-only/],
    ['company', 'x', 'unwritable_field', /company record/],
    ['phone', 'x'.repeat(21), 'value_too_long', /longer than the 20/],
  ])('D6: is refused for %s set to %j', async (name, value, code, message) => {
    await insert('load_update', [['9', name, null, value, 's', null]])
    await expect(plan()).rejects.toMatchObject({ code, exit: 3 })
    await expect(plan()).rejects.toThrow(message)
  })

  it.each(['false', '0'])(
    'INV-9: is refused with %j written over an opt-out',
    async (value) => {
      const fact = ['9', 'unsubscribed', 'true', value, 's', null]
      await insert('load_update', [fact])
      await expect(plan()).rejects.toMatchObject({
        code: 'consent_lost',
        exit: 1,
        details: { field: 'unsubscribed', lead: '9' },
      })
    },
  )

  it('leaves a survivor value that is too long to Marketo and says so', async () => {
    await addLeads(['1', 'a@example.com'], ['2', 'a@example.com'])
    await addMerge('1', ['2'])
    await insert('load_merge_survivor', [
      ['1', 'title', 'x'.repeat(30), null, 'union', false],
    ])
    const [row] = await rowsOf((await plan()).path)
    expect(row).toMatchObject({
      set: {},
      reason: { from: { title: { rule: 'union; left to Marketo' } } },
    })
  })

  it('G1: is refused when any of its bytes changed', async () => {
    await oneMerge()
    const { path } = await plan()
    const bytes = await readFile(path)
    for (let at = 0; at < bytes.length; at += 13) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      await writeFile(path, flipped)
      await expect(openPlan(path), `byte ${at}`).rejects.toMatchObject({
        code: 'plan_altered',
        exit: 8,
      })
    }
    await writeFile(path, bytes.subarray(0, -1))
    await expect(openPlan(path)).rejects.toMatchObject({ exit: 8 })
  })
})
