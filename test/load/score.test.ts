import { describe, expect, it } from 'vitest'
import { testWorld } from './test-world.js'
import {
  apply,
  leadIn,
  outcomes,
  planFor,
  survivor,
  type World,
} from './world.js'

/** Four pairs and a group of three, each lead with a score of its own. */
async function start(leadScore: 'keep' | 'sum') {
  const leads = Array.from({ length: 11 }, (_, n) => ({
    id: String(n + 1),
    email: `${n}@example.com`,
    leadScore: 10 * (n + 1),
  }))
  const world = await testWorld(leads, { behaviour: { leadScore } })
  return world
}

const decided = (winner: string, losers: string[], score: string) => ({
  winner,
  losers,
  survivors: [survivor('leadScore', score, winner)],
})

const score = async (world: World, id: string) =>
  (await leadIn(world, id))['leadScore']

describe('where merges sum lead scores', () => {
  it('the first merge shows it, and the others end as planned', async () => {
    const world = await start('sum')
    const merges = [
      decided('1', ['2'], '20'),
      decided('3', ['4'], '40'),
      decided('9', ['10', '11'], '110'),
    ]
    const result = await apply(world, await planFor(world, { merges }))
    expect(result).toMatchObject({ done: 3, differences: 1 })
    expect(outcomes(world)).toEqual({
      m000001: 'done differs in leadScore',
      m000002: 'done',
      m000003: 'done',
    })
    expect(await score(world, '1')).toBe(40)
    expect(await score(world, '3')).toBe(40)
    expect(await score(world, '9')).toBe(110)
  })

  it('the next plan knows it from its first merge on', async () => {
    const world = await start('sum')
    const first = [{ winner: '1', losers: ['2'], survivors: [] }]
    const learned = await apply(world, await planFor(world, { merges: first }))
    expect(learned).toMatchObject({ done: 1, differences: 0 })
    const merges = [decided('5', ['6'], '60'), decided('7', ['8'], '70')]
    const result = await apply(world, await planFor(world, { merges }))
    expect(result).toMatchObject({ done: 2, differences: 0 })
    expect(await score(world, '5')).toBe(60)
    expect(await score(world, '7')).toBe(70)
  })

  it('a score that no rule decides is foreseen as the sum', async () => {
    const world = await start('sum')
    const merges = [
      { winner: '1', losers: ['2'], survivors: [] },
      { winner: '9', losers: ['10', '11'], survivors: [] },
    ]
    const result = await apply(world, await planFor(world, { merges }))
    expect(result).toMatchObject({ done: 2, differences: 0 })
    expect(await score(world, '9')).toBe(300)
  })
})

describe('where merges keep the score of the survivor', () => {
  it('decided scores are written, and others stay', async () => {
    const world = await start('keep')
    const merges = [
      decided('1', ['2'], '20'),
      { winner: '3', losers: ['4'], survivors: [] },
    ]
    const result = await apply(world, await planFor(world, { merges }))
    expect(result).toMatchObject({ done: 2, differences: 0 })
    expect(await score(world, '1')).toBe(20)
    expect(await score(world, '3')).toBe(30)
  })
})
