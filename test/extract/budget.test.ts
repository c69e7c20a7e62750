import { describe, expect, it } from 'vitest'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { failure, landedIds, pipelineOf, Setup } from './setup.js'

const start = '2026-03-01'
const pipeline = pipelineOf({ extract: { fields: [], start } })

function withBudget(exportMbPerDay: number): Pipeline {
  const { marketo } = pipeline
  const budget = { ...marketo.budget, exportMbPerDay }
  return pipelineOf({
    extract: pipeline.extract,
    marketo: { ...marketo, budget },
  })
}

describe('the volume of a day', () => {
  it('of the pipeline pauses the extract, and the next day continues without repeating', async () => {
    const setup = await Setup.start()
    const small = withBudget(0.01)
    const error = await failure(setup.extract({ pipeline: small }))
    expect(error).toMatchObject({ code: 'export_budget', exit: 4 })
    expect(error.message).toMatch(
      /It resets at 20\d\d-\d\d-\d\d 06:00 UTC; the same command continues/,
    )
    const { jobs } = await setup.world()
    expect(jobs.length).toBeGreaterThan(1)
    const landed = setup.events.filter(
      (event) => event.type === 'task' && event.state === 'landed',
    )
    expect(landed).toHaveLength(jobs.length)
    // Nothing more is asked for on the same day.
    await failure(setup.extract({ pipeline: small }))
    expect((await setup.world()).jobs).toHaveLength(jobs.length)

    const extract = await setup.extract({ pipeline: withBudget(400) })
    const world = await setup.world()
    expect(world.jobs).toHaveLength(extract.jobs)
    const windows = world.jobs.map(({ filter }) => filter.from)
    expect(new Set(windows).size).toBe(windows.length)
    const ids = world.leads
      .filter(({ createdAt }) => String(createdAt) >= start)
      .map(({ id }) => String(id))
    expect(await landedIds(extract)).toEqual(ids)
  })

  it('of the subscription pauses it too, with one cut line for all windows', async () => {
    const setup = await Setup.start({ limits: { exportBytesPerDay: 9000 } })
    const error = await failure(setup.extract({ pipeline }))
    expect(error).toMatchObject({ code: 'export_quota', exit: 4 })
    const started = setup.events.find(({ type }) => type === 'started')
    await failure(setup.extract({ pipeline }))
    const resumed = setup.events.find(({ type }) => type === 'resumed')
    expect(resumed).toMatchObject({
      asOf: started?.type === 'started' ? started.asOf : '',
    })
  })

  it('counts what the same user exported before, by other means', async () => {
    const setup = await Setup.start()
    const big = pipelineOf({ extract: { fields: [], start: '2026-06-01' } })
    await setup.extract({ pipeline: big })
    const { jobs } = await setup.world()
    const used = jobs.reduce((sum, { bytes }) => sum + bytes, 0)
    const other = {
      pipeline: withBudget(used / 1_000_000),
      folder: `${setup.folder}/other`,
    }
    expect(await failure(setup.extract(other))).toMatchObject({
      code: 'export_budget',
    })
    expect((await setup.world()).jobs).toHaveLength(jobs.length)
  })

  it('leaves six of the ten places in the queue to others', async () => {
    const setup = await Setup.start({ timing: { jobBase: 1_800_000 } })
    const extract = await setup.extract({ pipeline })
    const { jobs } = await setup.world()
    const edges = jobs.flatMap(({ queuedAt, endsAt }) => [
      { at: queuedAt ?? 0, change: 1 },
      { at: endsAt ?? 0, change: -1 },
    ])
    let open = 0
    let most = 0
    for (const { change } of edges.toSorted((a, b) => a.at - b.at)) {
      open += change
      most = Math.max(most, open)
    }
    expect(extract.jobs).toBeGreaterThan(5)
    expect(most).toBeLessThanOrEqual(4)
    // Two run, and others wait behind them.
    expect(most).toBeGreaterThan(2)
  })
})
