import { describe, expect, it } from 'vitest'
import type { LeadRecord } from '../../src/marketo/api.js'
import { openPlan } from '../../src/load/plan-file.js'
import { consent, Dice, group, type Group } from './random-group.js'
import { testWorld } from './test-world.js'
import { apply, planFor, stateOf } from './world.js'

const groups = 400
describe('400 random merges', () => {
  it('end as predicted in every field, and no opt-out is lost', async () => {
    const dice = new Dice(2026)
    const all: Group[] = []
    let next = 1000
    for (let n = 0; n < groups; n += 1) {
      const made = group(dice, next)
      next += made.leads.length
      all.push(made)
    }
    const world = await testWorld(
      all.flatMap((one) => one.leads),
      { timeScale: 300, timing: { mergeLatency: [50, 100] } },
    )
    const plan = await planFor(world, { merges: all.map((g) => g.merge) })
    const result = await apply(world, plan)
    expect(result).toMatchObject({ done: groups, differences: 0 })
    const state = await stateOf(world)
    expect(state.leads).toHaveLength(groups)
    const left = new Map(state.leads.map((one) => [one.id, one]))
    const lost = all.filter(({ leads, merge }) =>
      consent.some(
        (field) =>
          leads.some((one) => one[field] === true) &&
          left.get(merge.winner)?.[field] !== true,
      ),
    )
    expect(lost).toEqual([])
    expect(await unplanned(plan, left)).toEqual([])
  }, 240_000)
})

/** Decided fields that the sandbox holds otherwise than the plan says. */
async function unplanned(
  path: string,
  left: ReadonlyMap<string, LeadRecord>,
): Promise<string[]> {
  const plan = await openPlan(path)
  const wrong: string[] = []
  for await (const row of plan.rows()) {
    if (row.kind !== 'merge') continue
    const record = left.get(row.winner) ?? {}
    for (const [field, value] of Object.entries(row.after)) {
      const now = record[field] ?? null
      if ((now === null ? null : String(now)) !== value) {
        wrong.push(`${row.row} ${field}`)
      }
    }
  }
  await plan.close()
  return wrong
}
