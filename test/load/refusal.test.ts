import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { approve, cancelPlan } from '../../src/load/decide.js'
import { openPlan } from '../../src/load/plan-file.js'
import { frozenLeads, unfinishedPlans } from '../../src/load/unfinished.js'
import type { PlanRow } from '../../src/load/plan.js'
import type { Marketo } from '../../src/marketo/api.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { rulesHash } from '../../src/pipeline/rules-hash.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  mergeEndpoint,
  outcomes,
  pipeline,
  planFor,
  stateOf,
  writePlan,
} from './world.js'

/** Three pairs of duplicates. */
async function start() {
  const world = await testWorld(
    [1, 2, 3, 4, 5, 6].map((n) => ({ id: String(n), email: 'a@example.com' })),
  )
  const merges = [1, 3, 5].map((n) => ({
    winner: String(n),
    losers: [String(n + 1)],
    survivors: [],
  }))
  return { world, plan: await planFor(world, { merges }) }
}

function laterBy(marketo: Marketo, milliseconds: number): Marketo {
  return { ...marketo, serverNow: () => marketo.serverNow() + milliseconds }
}

const day = 86_400_000
const renamed: Pipeline = { ...pipeline, name: 'other' }
const changed: Pipeline = {
  ...pipeline,
  load: {
    ...pipeline.load,
    guardrails: { ...pipeline.load.guardrails, merges: 1 },
  },
}

describe('a plan is refused', () => {
  it.each([
    ['G5: in another pipeline', 'plan_foreign', { pipeline: renamed }],

    ['G4: after the rules changed', 'plan_stale', { pipeline: changed }],
    ['F12: by another version', 'plan_stale', { tool: '9.9.9' }],
  ])('%s', async (_, code, more) => {
    const { world, plan } = await start()
    const before = world.calls.length
    await expect(apply(world, plan, more)).rejects.toMatchObject({
      code,
      exit: 8,
    })
    expect(world.calls.length).toBe(before)
  })

  it('G5: on another instance, and not on another port of a sandbox', async () => {
    const { world, plan } = await start()
    const at = (instance: string) => ({ ...world.marketo, instance })
    await expect(
      apply(world, plan, { marketo: at('123-ABC-456') }),
    ).rejects.toMatchObject({ code: 'plan_foreign', exit: 8 })
    const marketo = at('127.0.0.1:4711')
    expect(await apply(world, plan, { marketo })).toMatchObject({ done: 3 })
  })

  it('G2: a day after its data were exported', async () => {
    const { world, plan } = await start()
    const marketo = laterBy(world.marketo, day + 60_000)
    await expect(apply(world, plan, { marketo })).rejects.toMatchObject({
      code: 'plan_stale',
      exit: 8,
    })
  })

  it('where it is missing', async () => {
    const { world } = await start()
    const path = join(world.folder, 'plan', 'none.jsonl')
    await expect(apply(world, path)).rejects.toMatchObject({ exit: 3 })
  })

  it('E14: with the journal of another plan', async () => {
    const { world, plan } = await start()
    const other = await planFor(world, {
      merges: [{ winner: '1', losers: ['2'], survivors: [] }],
    })
    await apply(world, other)
    const journal = plan.replace('/plan/', '/journal/')
    await mkdir(dirname(journal), { recursive: true })
    await copyFile(other.replace('/plan/', '/journal/'), journal)
    await cutEnd(journal)
    await expect(apply(world, plan)).rejects.toMatchObject({ exit: 8 })
    expect((await stateOf(world)).merges).toHaveLength(1)
  })
})

/** Takes the line that says the plan is finished away. */
async function cutEnd(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`)
}

const strict: Pipeline = {
  ...pipeline,
  load: {
    ...pipeline.load,
    guardrails: { ...pipeline.load.guardrails, merges: 2 },
  },
}

/** Three merges where two are allowed. */
async function stopped() {
  const { world, plan } = await start()
  const opened = await openPlan(plan)
  const rows: PlanRow[] = []
  for await (const row of opened.rows()) rows.push(row)
  await opened.close()
  const guardrails = opened.header.guardrails.map((guardrail) =>
    guardrail.name === 'merges'
      ? { ...guardrail, limit: 2, ok: false }
      : guardrail,
  )
  const rules = rulesHash(strict)
  return { world, path: await writePlan(world, rows, { guardrails, rules }) }
}

describe('a plan over its guardrails', () => {
  it('G8: is stopped, and names the limit', async () => {
    const { world, path } = await stopped()
    const stop = apply(world, path, { pipeline: strict })
    await expect(stop).rejects.toMatchObject({ code: 'guardrail', exit: 7 })
    await expect(stop).rejects.toThrow('merges 3 over 2')
  })

  it('goes on once somebody approved it', async () => {
    const { world, path } = await stopped()
    await approve(path, 'ann', '2026-11-21T06:00:00Z')
    expect(await unfinishedPlans(world.folder)).toEqual([])
    const result = await apply(world, path, { pipeline: strict })
    expect(result).toMatchObject({ done: 3, failed: 0 })
  })
})

/** Stops after one merge, with one of unknown outcome. */
async function begun() {
  const { world, plan } = await start()
  await addFaults(world, {
    kind: 'reset-after',
    match: { endpoint: mergeEndpoint, nth: 2 },
  })
  const stop = new AbortController()
  let merges = 0
  const marketo: Marketo = {
    ...world.marketo,
    mergeLeads: async (winner, losers, options) => {
      merges += 1
      const isSecond = merges === 2
      const before = async () => {
        await options.before?.()
        if (isSecond) stop.abort()
      }
      await world.marketo.mergeLeads(winner, losers, { ...options, before })
    },
  }
  const paused = apply(world, plan, { marketo, signal: stop.signal })
  await expect(paused).rejects.toMatchObject({ code: 'stopped', exit: 4 })
  return { world, plan }
}

describe('a plan that was begun', () => {
  it('F2: takes no new row when it is stopped, and is known as unfinished', async () => {
    const { world, plan } = await begun()
    expect((await stateOf(world)).merges).toHaveLength(2)
    expect(outcomes(world)).toEqual({ m000001: 'done' })
    expect(await unfinishedPlans(world.folder)).toEqual([plan])
    expect(await apply(world, plan)).toMatchObject({ done: 3 })
    expect(await unfinishedPlans(world.folder)).toEqual([])
    expect((await stateOf(world)).merges).toHaveLength(3)
  })

  it('ends its open rows as stale when it grew old, and the doubtful by reading', async () => {
    const { world, plan } = await begun()
    const marketo = laterBy(world.marketo, 2 * day)
    expect(await apply(world, plan, { marketo })).toMatchObject({
      done: 2,
      stale: 1,
    })
    expect((await stateOf(world)).merges).toHaveLength(2)
  })

  it('freezes the leads of doubtful rows when a person cancels it', async () => {
    const { world, plan } = await begun()
    expect(await cancelPlan(plan, 'ann')).toMatchObject({
      done: 1,
      unresolved: 1,
      cancelled: 1,
    })
    expect([...(await frozenLeads(world.folder))]).toEqual(['3', '4'])
    const before = world.calls.length
    expect(await apply(world, plan)).toMatchObject({ cancelled: 1 })
    expect(world.calls.length).toBe(before)
  })
})
