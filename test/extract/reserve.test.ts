import { describe, expect, it } from 'vitest'
import { reserveOf } from '../../src/extract/reserve.js'
import { dedupe, pipelineOf, Setup } from './setup.js'

const limit = 400_000_000
const known = new Map([['static-7 leads', 2_000_000]])

describe('bytes held back for a list', () => {
  it('are what it weighed before, and half more', () => {
    const task = { key: 'static-7', fields: ['id', 'email'] }
    expect(reserveOf(task, known, limit)).toBe(3_000_000)
  })

  it('are few for ids, and all there are where nobody knows', () => {
    const ids = { key: 'static-8', fields: ['id'] }
    expect(reserveOf(ids, known, limit)).toBe(0.03 * limit)
    const leads = { key: 'static-8', fields: ['id', 'email'] }
    expect(reserveOf(leads, known, limit)).toBe(Number.POSITIVE_INFINITY)
  })
})

it('lists that nobody has weighed are exported one at a time, others together', async () => {
  const setup = await Setup.start({ timing: { jobBase: 1_200_000 } })
  const lists = [
    { kind: 'static', list: 'Newsletter' },
    { kind: 'smart', list: '1045' },
  ] as const
  const pipeline = pipelineOf({
    services: lists.map((list) => ({ ...dedupe, name: list.kind, list })),
  })
  const overlap = async () => {
    const before = (await setup.world()).jobs.length
    await setup.extract({ pipeline })
    const { jobs } = await setup.world()
    const [first, second] = jobs.slice(before)
    return (second?.startedAt ?? 0) < (first?.endsAt ?? 0)
  }
  expect(await overlap()).toBe(false)
  expect(await overlap()).toBe(true)
})
