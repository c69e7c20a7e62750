import { describe, expect, it } from 'vitest'
import type { Marketo } from '../../src/marketo/api.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  callsOf,
  leadIn,
  newClient,
  outcomes,
  planFor,
  stateOf,
  syncEndpoint,
  type World,
} from './world.js'

/** Leads 1, 2, … without an email domain, and a plan that fills it in. */
async function startMany(count: number) {
  const ids = Array.from({ length: count }, (_, n) => String(n + 1))
  const world = await testWorld(
    ids.map((id) => ({ id, email: `p${id}@example.com` })),
  )
  const plan = await planFor(world, {
    updates: ids.map((id) => ({ id, set: { emailDomain: 'example.com' } })),
  })
  return { world, plan }
}

async function domains(world: World): Promise<number> {
  const { leads } = await stateOf(world)
  return leads.filter((lead) => lead['emailDomain'] === 'example.com').length
}

/** Puts another answer in the place of Marketo's. */
function answering(
  world: World,
  change: (
    answer: Awaited<ReturnType<Marketo['updateLeads']>>,
  ) => Awaited<ReturnType<Marketo['updateLeads']>>,
): Marketo {
  return {
    ...world.marketo,
    updateLeads: async (records) =>
      change(await world.marketo.updateLeads(records)),
  }
}

describe('applying updates', () => {
  it('writes 650 leads in three calls, reads them back and says so', async () => {
    const { world, plan } = await startMany(650)
    expect(await apply(world, plan)).toMatchObject({ done: 650, failed: 0 })
    expect(await domains(world)).toBe(650)
    const writes = callsOf(world, 'leads').filter(
      (call) => call.method === 'POST',
    )
    expect(writes).toHaveLength(3)
  })

  it('I8: sends no call of more than a megabyte', async () => {
    const ids = Array.from({ length: 40 }, (_, n) => String(n + 1))
    const world = await testWorld(ids.map((id) => ({ id })))
    const plan = await planFor(world, {
      updates: ids.map((id) => ({
        id,
        set: { mergedIds: 'x'.repeat(30_000) },
      })),
    })
    expect(await apply(world, plan)).toMatchObject({ done: 40 })
    const writes = callsOf(world, 'leads').filter(
      (call) => call.method === 'POST',
    )
    expect(writes).toHaveLength(2)
  })

  it('I1: leaves a value that somebody set since the plan', async () => {
    const { world, plan } = await startMany(3)
    await world.marketo.updateLeads([
      { id: '2', values: { emailDomain: 'by-hand.example' } },
    ])
    expect(await apply(world, plan)).toMatchObject({ done: 2, stale: 1 })
    expect(await leadIn(world, '2')).toMatchObject({
      emailDomain: 'by-hand.example',
    })
  })

  describe('of which the value was made of another one', () => {
    const made = async () => {
      const ids = ['1', '2', '3']
      const world = await testWorld(
        ids.map((id) => ({ id, email: `p${id}@example.com` })),
      )
      const set = { emailDomain: 'example.com' }
      const plan = await planFor(world, {
        updates: ids.map((id) => ({ id, set, madeOf: ['email'] })),
      })
      const move = async () =>
        await world.marketo.updateLeads([
          { id: '2', values: { email: 'p2@elsewhere.example' } },
        ])
      return { world, plan, move }
    }

    it('G3: leaves a lead alone whose email is another by now', async () => {
      const { world, plan, move } = await made()
      await move()
      expect(await apply(world, plan)).toMatchObject({ done: 2, stale: 1 })
      expect(outcomes(world)['u000002']).toBe(
        'stale email of lead 2 changed since the plan',
      )
      expect(await leadIn(world, '2')).toMatchObject({ emailDomain: null })
    })

    it('takes no person where it was not written and the email changed meanwhile', async () => {
      const { world, plan, move } = await made()
      await addFaults(world, {
        kind: 'http',
        status: 503,
        match: { endpoint: syncEndpoint, count: 1 },
      })
      const marketo: Marketo = {
        ...world.marketo,
        updateLeads: async (records, options) => {
          try {
            return await world.marketo.updateLeads(records, options)
          } catch (error) {
            await move()
            throw error
          }
        },
      }
      expect(await apply(world, plan, { marketo })).toMatchObject({
        done: 2,
        stale: 1,
        unresolved: 0,
      })
    })
  })

  it('calls a value that is already there no effect and writes nothing', async () => {
    const { world, plan } = await startMany(2)
    await world.marketo.updateLeads(
      ['1', '2'].map((id) => ({ id, values: { emailDomain: 'example.com' } })),
    )
    const before = world.calls.length
    expect(await apply(world, plan)).toMatchObject({ no_effect: 2, done: 0 })
    expect(world.calls.length - before).toBe(1)
  })

  it('I2: fails the three records that Marketo skips, with their reason', async () => {
    const world = await testWorld(
      [1, 2, 3, 4, 5, 6].map((n) => ({ id: String(n), leadScore: 1 })),
    )
    const plan = await planFor(world, {
      updates: [1, 2, 3, 4, 5, 6].map((n) => ({
        id: String(n),
        set: { leadScore: n % 2 === 0 ? 'many' : '5' },
      })),
    })
    expect(await apply(world, plan)).toMatchObject({ done: 3, failed: 3 })
    expect(outcomes(world)['u000002']).toMatch(/^failed .*1001.*wrong type/)
    expect(await leadIn(world, '2')).toMatchObject({ leadScore: 1 })
    expect(await leadIn(world, '1')).toMatchObject({ leadScore: 5 })
  })

  it('I3: matches an answer in another order by id', async () => {
    const { world, plan } = await startMany(5)
    await addFaults(world, {
      kind: 'rows-shuffled',
      match: { endpoint: syncEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 5 })
    expect(await domains(world)).toBe(5)
  })

  it('I3: gives no status to a wrong lead when an answer is mixed up', async () => {
    const world = await testWorld([{ id: '1' }, { id: '2' }])
    const plan = await planFor(world, {
      updates: ['1', '2'].map((id) => ({
        id,
        set: { emailDomain: 'a.example' },
      })),
    })
    const marketo = answering(world, (answer) => [
      ...answer.filter(({ id }) => id === '2'),
      { id: '1', status: 'skipped', code: '1007', message: '' },
    ])
    expect(await apply(world, plan, { marketo })).toMatchObject({
      done: 1,
      failed: 1,
    })
    expect(outcomes(world)['u000001']).toContain('1007')
    expect(outcomes(world)['u000002']).toBe('done')
  })

  it('A17: reads back the rows that an answer leaves out', async () => {
    const { world, plan } = await startMany(5)
    await addFaults(world, {
      kind: 'rows-missing',
      rows: 2,
      match: { endpoint: syncEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 5, unresolved: 0 })
    expect(
      world.events.filter((event) => event.type === 'quarantine'),
    ).toHaveLength(1)
    const writes = callsOf(world, 'leads').filter(
      (call) => call.method === 'POST',
    )
    expect(writes).toHaveLength(1)
  })

  it('I4: waits for a write that takes effect 80 s after a reset', async () => {
    const { world, plan } = await startMany(5)
    await addFaults(world, {
      kind: 'late',
      seconds: 80,
      answer: 'reset',
      match: { endpoint: syncEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 5, unresolved: 0 })
    expect(
      callsOf(world, 'leads').filter((c) => c.method === 'POST'),
    ).toHaveLength(1)
  })

  it('I5: does not bring a lead back that is gone', async () => {
    const { world, plan } = await startMany(3)
    await world.marketo.mergeLeads('1', ['3'], { mergeInCrm: false })
    expect(await apply(world, plan)).toMatchObject({ done: 2, stale: 1 })
    expect((await stateOf(world)).leads).toHaveLength(2)
  })

  it('I11: tells when Marketo holds another value than was sent', async () => {
    const world = await testWorld([{ id: '1' }], {
      behaviour: { tooLong: 'truncate' },
    })
    const plan = await planFor(world, {
      updates: [{ id: '1', set: { emailDomain: 'x'.repeat(300) } }],
    })
    expect(await apply(world, plan)).toMatchObject({ failed: 1 })
    expect(outcomes(world)['u000001']).toContain('another emailDomain')
  })

  it('I12: calls a write that changes nothing no effect', async () => {
    const { world, plan } = await startMany(2)
    const marketo: Marketo = {
      ...world.marketo,
      updateLeads: async (records) =>
        records.map(({ id }) => ({ id, status: 'updated' })),
    }
    expect(await apply(world, plan, { marketo })).toMatchObject({
      no_effect: 2,
    })
    expect(outcomes(world)['u000001']).toContain('blocked for updates')
  })

  it('D7: does not write a field that became read-only', async () => {
    const { world, plan } = await startMany(2)
    const schema = {
      ...world.schema,
      fields: world.schema.fields.map((field) =>
        field.name === 'emailDomain' ? { ...field, updateable: false } : field,
      ),
    }
    const result = await apply({ ...world, schema }, plan)
    expect(result).toMatchObject({ failed: 2 })
    expect(await domains(world)).toBe(0)
  })

  it.each([
    ['=HYPERLINK("http://evil.example")'],
    ['NULL'],
    ["O'Neil; DROP TABLE lead --"],
    ['línea\nsegunda\ttab \u2028 😀 ʾ'],
    ['<!channel> ::set-output'],
    ['{{#if}} %s \\ "'],
  ])('I10: sends %j byte for byte', async (value) => {
    const world = await testWorld([{ id: '1', email: 'a@example.com' }])
    const plan = await planFor(world, {
      updates: [{ id: '1', set: { address: value } }],
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1, failed: 0 })
    expect((await leadIn(world, '1'))['address']).toBe(value)
  })

  it('writes numbers, booleans and times as Marketo types them', async () => {
    const world = await testWorld([{ id: '1', email: 'a@example.com' }])
    const set = {
      leadScore: '42',
      duplicateCount: '3',
      doNotCall: 'true',
      mergedAt: '2026-11-21T05:00:00Z',
      dateOfBirth: '1990-02-28',
    }
    const plan = await planFor(world, { updates: [{ id: '1', set }] })
    expect(await apply(world, plan)).toMatchObject({ done: 1 })
    expect(await leadIn(world, '1')).toMatchObject({
      leadScore: 42,
      duplicateCount: 3,
      doNotCall: true,
      mergedAt: '2026-11-21T05:00:00Z',
      dateOfBirth: '1990-02-28',
    })
  })

  it('stops at its deadline and goes on where it stopped', async () => {
    const { world, plan } = await startMany(650)
    let writes = 0
    const deadline = world.marketo.clock.now() + 3_600_000
    const marketo: Marketo = {
      ...world.marketo,
      clock: {
        ...world.marketo.clock,
        now: () => world.marketo.clock.now() + (writes > 0 ? 7_200_000 : 0),
      },
      updateLeads: async (records, options) => {
        const answer = await world.marketo.updateLeads(records, options)
        writes += 1
        return answer
      },
    }
    await expect(
      apply(world, plan, { marketo, deadline }),
    ).rejects.toMatchObject({ code: 'deadline', exit: 4 })
    expect(await domains(world)).toBe(300)
    expect(Object.keys(outcomes(world))).toHaveLength(300)
    expect(await apply(world, plan)).toMatchObject({ done: 650 })
    expect(
      callsOf(world, 'leads').filter((c) => c.method === 'POST'),
    ).toHaveLength(3)
  })

  it('A10: pauses when the daily quota is gone and repeats nothing', async () => {
    const { world, plan } = await startMany(650)
    await addFaults(world, {
      kind: 'error',
      code: '607',
      match: { endpoint: syncEndpoint, nth: 2 },
    })
    await expect(apply(world, plan)).rejects.toMatchObject({ exit: 4 })
    const marketo = newClient(world.sandbox, world.calls)
    await marketo.partitions()
    expect(await apply(world, plan, { marketo })).toMatchObject({ done: 650 })
    const writes = callsOf(world, 'leads').filter(
      (call) => call.method === 'POST' && call.outcome === 'ok',
    )
    expect(writes).toHaveLength(3)
  })
})
