/**
 * A thousand merges in the sandbox, given back, and every value compared with
 * the sandbox's own state before: `npm run soak:restore -- [merges] [seed]`.
 */
import {
  compare,
  groupsOf,
  merge,
  plan,
  see,
  seeded,
} from '../load/restore-world.js'
import { apply, startWorld } from '../load/world.js'

const [merges = 1000, seed = 7] = process.argv.slice(2).map(Number)

const world = await startWorld([], {
  leads: { kind: 'generated', count: merges * 5, seed: seed + 4 },
  timeScale: 100,
  timing: { mergeLatency: [0, 100] },
})
try {
  const started = Date.now()
  const before = await see(world)
  const groups = groupsOf(before, merges, seeded(seed))
  await merge(world, groups)
  const merged = await see(world)
  const made = await plan(world)
  const result = await apply(world, made.path, { run: 'run-2' })
  const after = await see(world)
  const found = await compare(world, groups, [before, merged, after])
  const lost = groups.reduce((sum, { losers }) => sum + losers.length, 0)
  const report = {
    merges: groups.length,
    leads_lost: lost,
    leads_made_anew: after.leads.size - merged.leads.size,
    leads_before: before.leads.size,
    leads_after: after.leads.size,
    values_compared: found.values,
    values_wrong: found.wrong.length,
    lists_rejoined: found.lists,
    programs_rejoined: found.programs,
    opt_outs_that_stayed: found.optOuts,
    rows: result,
    calls: result.calls,
    seconds: Math.round((Date.now() - started) / 1000),
  }
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  for (const wrong of found.wrong.slice(0, 20))
    process.stdout.write(`${wrong}\n`)
  const isGood =
    found.wrong.length === 0 &&
    after.leads.size === before.leads.size &&
    result.unresolved + result.failed + result.stale === 0
  if (!isGood) process.exitCode = 1
} finally {
  await world.close()
}
