import { afterEach, describe, expect, it } from 'vitest'
import { foldersOf } from '../../src/run/folder.js'
import { frozenRows, releaseFrozen } from '../../src/run/frozen.js'
import {
  addFaults,
  apply,
  clearFaults,
  mergeEndpoint,
  planFor,
  startWorld,
  stateOf,
  type World,
} from '../load/world.js'

const open: World[] = []

afterEach(async () => {
  for (const world of open.splice(0)) await world.close()
})

describe('rows that nobody could resolve', () => {
  it('H17: are named with their reason, and wait until a person says to have looked', async () => {
    const ids = ['1', '2', '3', '4']
    const world = await startWorld(ids.map((id) => ({ id, email: 'a@b.c' })))
    open.push(world)
    const merge = (winner: string, loser: string) => ({
      winner,
      losers: [loser],
      survivors: [],
    })
    const later = await planFor(world, { merges: [merge('2', '1')] })
    const plan = await planFor(world, { merges: [merge('1', '2')] })
    const match = { endpoint: mergeEndpoint }
    await addFaults(world, { kind: 'http', status: 503, match })
    expect(await apply(world, plan)).toMatchObject({ unresolved: 1 })
    await clearFaults(world)

    const folders = { ...foldersOf('', 'test'), root: world.folder }
    const [row] = await frozenRows(folders)
    expect(row).toMatchObject({
      row: 'm000001',
      kind: 'merge',
      leads: ['1', '2'],
      reason: '3 attempts had no effect, and none was answered clearly',
    })
    const release = { folders, who: 'ann', when: '2026-11-22T07:00:00Z' }
    await expect(
      releaseFrozen({ ...release, leads: ['2', '3'] }),
    ).rejects.toMatchObject({
      exit: 3,
      message:
        'The lead 3 is in no row that waits for a person to look; these do: 1. Nothing was released.',
    })
    expect(await frozenRows(folders)).toHaveLength(1)
    expect(await releaseFrozen({ ...release, leads: ['2'] })).toEqual([row])
    expect(await frozenRows(folders)).toEqual([])
    expect(await apply(world, later)).toMatchObject({ done: 1 })
    expect((await stateOf(world)).merges).toMatchObject([{ survivor: '2' }])
  })
})
