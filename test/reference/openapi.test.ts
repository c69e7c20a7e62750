import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { endpoints, path } from '../../src/marketo/endpoint.js'
import type { Exchange } from '../../src/sandbox/exchange.js'
import { findRoute } from '../../src/sandbox/router.js'
import { instance, type Project, projectFor } from '../e2e/bad-world.js'
import { priced } from '../load/priced.js'
import {
  groupsOf,
  madeAnew,
  merge,
  plan,
  see,
  seeded,
} from '../load/restore-world.js'
import { testWorld } from '../load/test-world.js'
import { addFaults, apply } from '../load/world.js'
import { deviations } from './deviation.js'
import { makeEveryCall } from './every-call.js'
import { check } from './exchange-check.js'
import { Inspector, Seen } from './inspector.js'
import { operations } from './swagger.js'
import { Tourist } from './tourist.js'

const folder = resolve('../shared/reference/openapi')
if (!existsSync(folder)) {
  throw new Error(
    `Marketo's API definitions are not in ${folder}; put the Swagger files of Adobe there.`,
  )
}
const defined = operations(folder)

const seen = new Seen()

function inspect(more: { readonly isProduct?: boolean } = {}): Inspector {
  return new Inspector(seen, defined, more)
}

async function ran(project: Project): Promise<void> {
  const { code, stderr } = await project.run()
  expect([code, stderr], stderr).toMatchObject([0, expect.any(String)])
}

describe("Marketo's definitions", () => {
  it('agree with a first run: extract, plan, merges, updates', async () => {
    const inspector = inspect()
    const world = await instance({ onExchange: inspector.onExchange })
    const project = projectFor(world)
    await ran(project)
    expect((await world.merges()).length).toBeGreaterThan(5)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with increments, deletes and merges of others', async () => {
    const inspector = inspect({ isProduct: false })
    const world = await instance({ onExchange: inspector.onExchange })
    const project = projectFor(world)
    await ran(project)
    const tourist = await Tourist.arrive(world)
    await tourist.post('/rest/v1/leads/delete.json', { input: [{ id: 1003 }] })
    await tourist.post('/rest/v1/leads/1004/merge.json?leadIds=1005,1006')
    await ran(project)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree without the updatedAt filter', async () => {
    const inspector = inspect()
    const world = await instance({
      onExchange: inspector.onExchange,
      behaviour: { updatedAtFilter: false },
    })
    const project = projectFor(world)
    await ran(project)
    await ran(project)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with services on static and smart lists', async () => {
    const inspector = inspect()
    const world = await instance({
      onExchange: inspector.onExchange,
      smartLists: [
        { id: 31, name: 'Opted out', field: 'unsubscribed', equals: true },
      ],
    })
    const service = 'type: dedupe\n'
    const project = projectFor(
      world,
      [service, `${service}    list: { static: Newsletter }\n`],
      ['type: hash\n', 'type: hash\n    list: { smart: Opted out }\n'],
    )
    await ran(project)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with calls and answers while things go wrong', async () => {
    const inspector = inspect()
    const world = await instance({
      onExchange: inspector.onExchange,
      faults: [
        { kind: 'token-expired', match: { after: 6, count: 2 } },
        { kind: 'error', code: '606', match: { after: 9, count: 3 } },
        { kind: 'http', status: 502, match: { endpoint: 'GET', nth: 4 } },
        { kind: 'file-cut', bytes: 300, match: { count: 1 } },
        { kind: 'job-failed', match: { count: 1 } },
      ],
    })
    await ran(projectFor(world))
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with updates by bulk import, some of them refused', async () => {
    const inspector = inspect()
    const ids = Array.from({ length: 1500 }, (_, n) => String(n + 1))
    const world = await testWorld(
      ids.map((id) => ({ id, email: `p${id}@x.example` })),
      { onExchange: inspector.onExchange },
    )
    const updates = ids.map((id) => ({ id, set: { emailDomain: 'x.example' } }))
    const match = { endpoint: 'POST /bulk/v1/leads', count: 1 }
    await addFaults(world, { kind: 'import-rows-failed', every: 50, match })
    const made = await priced(world, updates)
    expect((await apply(world, made)).done).toBeGreaterThan(1400)
    expect(inspector.unexplained()).toEqual([])
    expect(names(inspector)).toContain('POST /bulk/v1/leads.json')
  })

  it('agree with merges that keep all, and with giving them back', async () => {
    const inspector = inspect()
    const world = await testWorld([], {
      leads: { kind: 'generated', count: 120, seed: 11 },
      timeScale: 200,
      onExchange: inspector.onExchange,
    })
    const merges = groupsOf(await see(world), 12, seeded(7))
    await merge(world, merges)
    const restoring = await plan(world)
    await apply(world, restoring.path, { run: 'run-2' })
    expect((await madeAnew(world)).size).toBeGreaterThan(11)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with every call that the client can make', async () => {
    const inspector = inspect()
    const leads = Array.from({ length: 700 }, (_, n) => ({
      id: String(n + 1),
      email: `p${n + 1}@x.example`,
    }))
    const world = await testWorld(leads, { onExchange: inspector.onExchange })
    await makeEveryCall(world.marketo)
    expect(inspector.unexplained()).toEqual([])
  })

  it('have an operation for each endpoint of the product, and it was called', () => {
    const called = Object.values(endpoints).map((endpoint) => {
      const at = path(endpoint, '7')
      const found = defined.find(
        ({ method, pattern }) => method === endpoint.method && pattern.test(at),
      )
      return `${endpoint.method} ${found?.template ?? `${at} is not defined`}`
    })
    expect(called.filter((name) => !seen.byProduct.has(name))).toEqual([])
    // Nor does anything leave that is in no list of endpoints.
    expect(
      [...seen.byProduct].filter((name) => !called.includes(name)),
    ).toEqual([])
  })

  it('agree with every endpoint of the sandbox', async () => {
    const inspector = inspect({ isProduct: false })
    const world = await instance({ onExchange: inspector.onExchange })
    await (await Tourist.arrive(world)).tour()
    expect(inspector.unexplained()).toEqual([])
    const skipped = defined
      .map(({ method, template }) => `${method} ${template}`)
      .filter((name) => isServed(name) && !seen.tallies.has(name))
    expect(skipped).toEqual([])
  })

  it('find what is wrong in a call and in its answer', () => {
    const exchange: Exchange = {
      line: ['GET', '/rest/v1/leads.json?filterType=id&batchSize=many&x=1'],
      method: 'GET',
      path: '/rest/v1/leads.json',
      query: [
        ['filterType', 'id'],
        ['batchSize', 'many'],
        ['x', '1'],
      ],
      headers: {},
      body: '',
      status: 200,
      type: 'application/json;charset=UTF-8',
      answer:
        '{"success":"yes","errors":[],"warnings":[],"result":[{"id":"1"}]}',
      fault: null,
    }
    const name = 'GET /rest/v1/leads.json'
    expect(check(exchange, defined).issues).toEqual([
      `${name} request filterValues: is missing`,
      `${name} request batchSize: is no integer`,
      `${name} request x: is not declared`,
      `${name} answer requestId: is missing`,
      `${name} answer success: is no boolean`,
      `${name} answer result[].id: is no integer`,
    ])
    const lost = { ...exchange, path: '/rest/v1/leads' }
    expect(check(lost, defined).issues).toEqual([
      'GET /rest/v1/leads is not defined',
    ])
  })

  it('are contradicted where the list of deviations says, and it is current', () => {
    const stale = deviations.filter(
      ({ issue }) => ![...seen.explained].some((text) => issue.test(text)),
    )
    expect(stale.map(({ issue }) => issue.source)).toEqual([])
  })
})

/** What the sandbox has of the definitions. */
function isServed(name: string): boolean {
  const [method = '', template = ''] = name.split(' ')
  const at = template.replaceAll(/\{\w+\}/g, '1')
  return findRoute(method, at).kind === 'route'
}

function names({ heard }: Inspector): string[] {
  return heard.map(({ method, path: at }) => `${method} ${at}`)
}

afterAll(() => {
  const calls = [...seen.tallies.values()].reduce(
    (sum, tally) => sum + tally.calls,
    0,
  )
  const text = `${calls} calls of ${seen.tallies.size} operations checked; ${seen.explained.size} differences, all by ${deviations.length} listed deviations\n`
  process.stdout.write(text)
})
