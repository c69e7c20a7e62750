import { describe, expect, it } from 'vitest'
import { testWorld } from './test-world.js'
import { apply, pipeline, planFor, type World } from './world.js'

const perHour = 120

function paced(world: World, plan: string) {
  const load = { ...pipeline.load, crmRecordsPerHour: perHour }
  return apply(world, plan, { pipeline: { ...pipeline, load } })
}

/** Seconds that CRM-linked leads were held back, and how many they were. */
function pauses(world: World) {
  const found = world.events.filter((event) => event.type === 'pace')
  return found.map(({ records, seconds }) => [records, seconds])
}

describe('CRM-linked leads', () => {
  it('are updated no faster than the CRM sync may follow', async () => {
    const ids = ['1', '2', '3', '4', '5']
    const world = await testWorld(
      ids.map((id) => ({ id, email: `${id}@x.example` })),
    )
    const updates = ids.map((id) => ({
      id,
      set: { emailDomain: 'x.example' },
      crm: id !== '5',
    }))
    const plan = await planFor(world, { updates })
    const began = world.marketo.clock.monotonic()
    expect(await paced(world, plan)).toMatchObject({ done: 5 })
    const took = world.marketo.clock.monotonic() - began
    expect(took).toBeGreaterThanOrEqual((4 / perHour) * 3_600_000)
    // At most the leads of a minute go together.
    expect(pauses(world).every(([records = 0]) => records <= 2)).toBe(true)
  })

  it('are counted in merges, the winner among them', async () => {
    const world = await testWorld([
      { id: '1', email: 'a@x.example', sfdcType: 'Contact' },
      { id: '2', email: 'a@x.example', sfdcType: 'Lead' },
      { id: '3', email: 'b@x.example' },
      { id: '4', email: 'b@x.example' },
    ])
    const plan = await planFor(world, {
      merges: [
        { winner: '1', losers: ['2'], survivors: [] },
        { winner: '3', losers: ['4'], survivors: [] },
      ],
    })
    expect(await paced(world, plan)).toMatchObject({ done: 2 })
    expect(pauses(world).map(([records]) => records)).toEqual([2])
  })

  it('wait for nothing where no pace is set', async () => {
    const world = await testWorld([{ id: '1', email: 'a@x.example' }])
    const set = { emailDomain: 'x.example' }
    const plan = await planFor(world, {
      updates: [{ id: '1', set, crm: true }],
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1 })
    expect(pauses(world)).toEqual([])
  })
})
