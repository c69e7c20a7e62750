import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ApplyEvent } from '../../src/load/event.js'
import { importText, readNotes } from '../../src/load/import-file.js'
import type { UpdateRow } from '../../src/load/plan.js'
import type { LeadRecord, Marketo } from '../../src/marketo/api.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { priced } from './priced.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  callsOf,
  leadIn,
  newClient,
  outcomes,
  stateOf,
  type World,
} from './world.js'

const submit = 'POST /bulk/v1/leads\\.json'

/** Leads 1 to `count`, and a plan that writes two fields by import. */
async function startMany(
  count: number,
  options: Partial<SandboxOptions> = {},
  values: (id: string) => Record<string, string> = () => ({}),
) {
  const ids = Array.from({ length: count }, (_, n) => String(n + 1))
  const world = await testWorld(
    ids.map((id) => ({ id, email: `p${id}@example.com`, title: 'Boss' })),
    { timeScale: 500, ...options },
  )
  const updates = ids.map((id) => ({
    id,
    set: { emailDomain: 'example.com', leadScore: id, ...values(id) },
  }))
  return { world, ids, plan: await priced(world, updates) }
}

function posts(world: World, endpoint: string): number {
  const calls = world.calls.filter((call) => call.endpoint === endpoint)
  return calls.filter(({ method }) => method === 'POST').length
}

interface Log {
  readonly writes: readonly {
    readonly endpoint: string
    readonly records?: readonly { readonly id: string }[]
  }[]
}

async function logOf(world: World): Promise<Log> {
  const answer = await fetch(`${world.sandbox.endpoint}/sandbox/log`)
  return (await answer.json()) as Log
}

async function written(world: World): Promise<number> {
  const { leads } = await stateOf(world)
  return leads.filter((lead) => lead['emailDomain'] === 'example.com').length
}

/** Nobody hears of the first upload, which is carried out much later. */
const lateUpload = {
  kind: 'late',
  seconds: 900,
  answer: 'reset',
  match: { endpoint: submit, nth: 1 },
} as const

describe('updates by bulk import', () => {
  it('go in one file, and are read before and after', async () => {
    const { world, plan } = await startMany(3000, { timeScale: 50 })
    const before = world.calls.length
    expect(await apply(world, plan)).toMatchObject({ done: 3000, failed: 0 })
    expect(await written(world)).toBe(3000)
    expect(await leadIn(world, '77')).toMatchObject({
      leadScore: 77,
      title: 'Boss',
    })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 0])
    const reads = world.calls
      .slice(before)
      .filter((call) => call.endpoint === 'leads' && call.outcome === 'ok')
    expect(reads).toHaveLength(10 + 10)
  })

  it('I7: give every row one status where a part of an import fails', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, { kind: 'import-rows-failed', every: 10 })
    expect(await apply(world, plan)).toMatchObject({ done: 1350, failed: 150 })
    expect(Object.keys(outcomes(world))).toHaveLength(1500)
    expect(outcomes(world)['u000010']).toBe(
      "failed Marketo's import refused it: Row could not be imported",
    )
    expect(outcomes(world)['u000011']).toBe('done')
    expect(await written(world)).toBe(1350)
  })

  it('take rows that an import left alone to sync calls when it fails', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, { kind: 'import-failed', rows: 600 })
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 3])
  })

  it('I6: read every row after a lost response and upload no second file', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, {
      kind: 'reset-after',
      match: { endpoint: submit, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 0])
  })

  it('I6: go by sync calls when a lost request never arrived', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, {
      kind: 'reset-before',
      match: { endpoint: submit, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 5])
  })

  it('I6: wait for an import that takes effect long after its lost response', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, lateUpload)
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 0])
  })

  it('I9: wait for a place in the queue and start once', async () => {
    const { world, plan } = await startMany(1500, {
      limits: { importsQueued: 0 },
    })
    const free = setTimeout(() => {
      void fetch(`${world.sandbox.endpoint}/sandbox/options`, {
        method: 'POST',
        body: JSON.stringify({ limits: { importsQueued: 10 } }),
      })
    }, 500)
    const before = world.calls.length
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    clearTimeout(free)
    const taken = callsOf(world, 'bulk/leads').filter(
      (call) => call.method === 'POST' && call.outcome === 'ok',
    )
    expect(taken).toHaveLength(1)
    expect(world.calls.length - before).toBeLessThanOrEqual(12 + 3 * 5 + 4)
  })

  it('go by sync calls where the queue stays full', async () => {
    const { world, plan } = await startMany(1500, {
      limits: { importsQueued: 0 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect(posts(world, 'leads')).toBe(5)
  })

  it('go by sync calls where Marketo takes no such file', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, {
      kind: 'http',
      status: 413,
      match: { endpoint: submit },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1500 })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 5])
  })

  it('continue an import that was under way when the process ended', async () => {
    const { world, plan } = await startMany(1500)
    const stop = new AbortController()
    const marketo: Marketo = {
      ...world.marketo,
      importJob: async () => {
        stop.abort(new Error('killed'))
        throw new Error('killed')
      },
    }
    await expect(
      apply(world, plan, { marketo, signal: stop.signal }),
    ).rejects.toThrow('killed')
    const again = newClient(world.sandbox, world.calls)
    expect(await apply(world, plan, { marketo: again })).toMatchObject({
      done: 1500,
    })
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 0])
  })

  it('upload no second file where the journal is lost with the first in the queue', async () => {
    const { world, plan } = await startMany(1500)
    await addFaults(world, lateUpload)
    const stop = new AbortController()
    const emit = ({ type }: ApplyEvent) => {
      if (type === 'quarantine') stop.abort()
    }
    await expect(
      apply(world, plan, { emit, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'stopped' })
    await rm(join(world.folder, 'journal'), { recursive: true })
    const { clock } = world.marketo
    const since = clock.monotonic()
    expect(await apply(world, plan, { since })).toMatchObject({
      no_effect: 1500,
    })
    expect(clock.monotonic() - since).toBeGreaterThan(1_800_000)
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 0])
  })

  it('never clear a field, whatever a blank cell would do', async () => {
    const { world, plan, ids } = await startMany(
      3000,
      { behaviour: { importBlank: 'clear', importNull: 'clear' } },
      (id) => (id === '5' ? { address: 'null', city: ' x ' } : {}),
    )
    expect(await apply(world, plan)).toMatchObject({ done: ids.length })
    const { leads } = await stateOf(world)
    expect(leads.every((lead) => lead['title'] === 'Boss')).toBe(true)
  })

  const safe = [
    '=HYPERLINK("http://evil.example")',
    '+1',
    'a, "b"; \\ c',
    '😀 ʾ',
  ]
  const unsafe = ['NULL', 'línea\nsegunda\ttab', 'a\u2028b', ' around ']

  it('I10: write values byte for byte, those that a CSV does not hold by calls', async () => {
    const values = new Map(
      [...safe, ...unsafe].map((value, n) => [String(n + 1), value]),
    )
    const { world, plan } = await startMany(
      1504,
      { behaviour: { importNull: 'clear' } },
      (id) => ({ address: values.get(id) ?? 'Main St' }),
    )
    await addFaults(world, { kind: 'import-rows-warned', every: 100 })
    expect(await apply(world, plan)).toMatchObject({ done: 1504 })
    const { leads } = await stateOf(world)
    const held = leads.filter(({ id }) => values.has(id))
    expect(new Map(held.map((lead) => [lead.id, lead['address']]))).toEqual(
      values,
    )
    expect([posts(world, 'bulk/leads'), posts(world, 'leads')]).toEqual([1, 1])
    const { writes } = await logOf(world)
    const called = writes.find(({ endpoint }) => endpoint === 'leads/sync')
    expect(called?.records?.map(({ id }) => id)).toEqual(['5', '6', '7', '8'])
  })

  it('I1: leave values that somebody set since the plan', async () => {
    const { world, plan } = await startMany(1500)
    const values: LeadRecord = { emailDomain: 'by-hand.example' }
    await world.marketo.updateLeads([{ id: '2', values }])
    expect(await apply(world, plan)).toMatchObject({ done: 1499, stale: 1 })
    expect(await leadIn(world, '2')).toMatchObject(values)
  })
})

const reason = { service: 's', rules: [], winner: '', from: {} }

function sent(id: string, set: Record<string, string>): UpdateRow {
  return { row: `u${id}`, kind: 'update', id, before: {}, set, reason }
}

describe('the files of an import', () => {
  const rows = [
    sent('1', { a: 'x,y', b: 'q"q' }),
    sent('2', { a: '=1', b: 'z' }),
    sent('3', { a: 'w', b: 'v' }),
  ]

  it('name the id first and quote only what must be', async () => {
    expect(await importText(rows, ['a', 'b'])).toBe(
      'id,a,b\n1,"x,y","q""q"\n2,=1,z\n3,w,v\n',
    )
  })

  it('are matched by key, whatever their order and columns', async () => {
    const text =
      'b,id,a,Import Failure Reason\nv,3,w,late\n"q""q",1,"x,y","no, not"\n'
    expect(await readNotes(text, rows, ['a', 'b'])).toEqual({
      reasons: new Map([
        ['3', 'late'],
        ['1', 'no, not'],
      ]),
      unmatched: 0,
    })
  })

  it('blame no row for a line that lost a column, or that nobody sent', async () => {
    const text =
      'id,a,b,Import Failure Reason\n2,z,reason\n3,w,other,reason\n9,w,v,reason\n'
    expect(await readNotes(text, rows, ['a', 'b'])).toEqual({
      reasons: new Map(),
      unmatched: 3,
    })
  })
})
