import { type ChildProcess, fork } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  pipeline,
  planFor,
  startWorld,
  stateOf,
  tool,
  type World,
} from './world.js'

const races = process.env['LONG'] === '1' ? 200 : 15

const built = (path: string) =>
  JSON.stringify(pathToFileURL(resolve('dist', path)).href)

/** A process that takes the lock of a folder and applies a plan, when told. */
const racer = `
import { scaledClock } from ${built('clock.js')}
import { applyPlan } from ${built('load/apply.js')}
import { connect } from ${built('marketo/client.js')}
import { lockFolder } from ${built('warehouse/lock.js')}

let marketo
let sent = 0
process.on('message', async (order) => {
  if (order.kind === 'connect') {
    marketo = connect({
      ...order.sandbox,
      budget: order.pipeline.marketo.budget,
      clock: scaledClock(order.sandbox.timeScale),
      random: Math.random,
      onCall: (call) => { if (call.method === 'POST' && call.endpoint.includes('leads')) sent += 1 },
    })
    await marketo.schema()
    process.send({ ready: true })
    return
  }
  sent = 0
  let end = 'none'
  while (Date.now() < order.at) {}
  try {
    const lock = await lockFolder(order.folder)
    try {
      const result = await applyPlan({
        marketo,
        plan: order.plan,
        folder: order.folder,
        pipeline: order.pipeline,
        schema: order.schema,
        tool: order.tool,
        run: 'run-' + process.pid,
        emit: () => {},
        random: Math.random,
      })
      end = 'done ' + result.done
    } finally {
      await lock.release()
    }
  } catch (error) {
    end = String(error.exit ?? error)
  }
  process.send({ end, sent })
})
`

interface End {
  readonly end: string
  readonly sent: number
}

let world: World
const racers: ChildProcess[] = []

async function answer(child: ChildProcess): Promise<unknown> {
  return await new Promise((done) => child.once('message', done))
}

beforeAll(async () => {
  const leads = Array.from({ length: races * 2 }, (_, n) => ({
    id: String(n + 1),
    email: `${n >> 1}@example.com`,
  }))
  // A merge lasts longer than a process looks a second time for the lock.
  world = await startWorld(leads, {
    timeScale: 300,
    timing: { mergeLatency: [120_000, 120_000] },
  })
  const script = join(world.folder, 'racer.mjs')
  await writeFile(script, racer)
  const { endpoint, clientId, clientSecret, timeScale } = world.sandbox
  for (let n = 0; n < 2; n += 1) {
    const child = fork(script)
    racers.push(child)
    const ready = answer(child)
    child.send({
      kind: 'connect',
      sandbox: { endpoint, clientId, clientSecret, timeScale },
      pipeline,
    })
    await ready
  }
})

afterAll(async () => {
  for (const child of racers) child.kill()
  await world.close()
})

it(`of two runs that race, ${races} times, one sends and the other does not`, async () => {
  const ends: string[] = []
  for (let n = 0; n < races; n += 1) {
    const [winner, loser] = [String(2 * n + 1), String(2 * n + 2)]
    const merges = [{ winner, losers: [loser], survivors: [] }]
    const plan = await planFor(world, { merges })
    const { folder, schema } = world
    const at = Date.now() + 15
    const both = await Promise.all(
      racers.map(async (child) => {
        const ended = answer(child)
        child.send({ kind: 'go', at, folder, schema, plan, pipeline, tool })
        return (await ended) as End
      }),
    )
    const senders = both.filter(({ sent }) => sent > 0)
    expect(senders, `race ${n}`).toHaveLength(1)
    expect(senders[0]).toEqual({ end: 'done 1', sent: 1 })
    ends.push(...both.filter(({ sent }) => sent === 0).map(({ end }) => end))
  }
  // The other found the lock taken, or came when all was done.
  expect(new Set(ends)).toContain('9')
  expect(ends.filter((end) => end !== '9' && end !== 'done 1')).toEqual([])
  const { merges } = await stateOf(world)
  expect(merges).toHaveLength(races)
}, 600_000)
