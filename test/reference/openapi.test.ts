import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/sandbox/exchange.js'
import { instance, type Project, projectFor } from '../e2e/bad-world.js'
import { deviations } from './deviation.js'
import { check } from './exchange-check.js'
import { operations } from './swagger.js'
import { Tourist } from './tourist.js'

const folder = resolve('../shared/reference/openapi')
if (!existsSync(folder)) {
  throw new Error(
    `Marketo's API definitions are not in ${folder}; put the Swagger files of Adobe there.`,
  )
}
const defined = operations(folder)

interface Tally {
  calls: number
  issues: Set<string>
}

/** What all tests of this file saw, by operation. */
const seen = new Map<string, Tally>()
const explained = new Set<string>()

/** Checks each call; the issues that no deviation explains. */
class Inspector {
  readonly heard: Exchange[] = []
  readonly onExchange = (exchange: Exchange) => {
    this.heard.push(exchange)
  }

  unexplained(): string[] {
    const issues = new Set<string>()
    for (const exchange of this.heard) {
      const checked = check(exchange, defined)
      const { method, path } = exchange
      const name = `${method} ${checked.operation?.template ?? path}`
      const tally = seen.get(name) ?? { calls: 0, issues: new Set() }
      seen.set(name, tally)
      tally.calls += 1
      for (const issue of checked.issues) {
        tally.issues.add(issue)
        if (isExplained(issue)) explained.add(issue)
        else issues.add(issue)
      }
    }
    return [...issues].toSorted((a, b) => a.localeCompare(b))
  }
}

function isExplained(issue: string): boolean {
  return deviations.some((deviation) => deviation.issue.test(issue))
}

async function ran(project: Project): Promise<void> {
  const { code, stderr } = await project.run()
  expect([code, stderr], stderr).toMatchObject([0, expect.any(String)])
}

describe("Marketo's definitions", () => {
  it('agree with a first run: extract, plan, merges, updates', async () => {
    const inspector = new Inspector()
    const world = await instance({ onExchange: inspector.onExchange })
    const project = projectFor(world)
    await ran(project)
    expect((await world.merges()).length).toBeGreaterThan(5)
    expect(inspector.unexplained()).toEqual([])
  })

  it('agree with increments, deletes and merges of others', async () => {
    const inspector = new Inspector()
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
    const inspector = new Inspector()
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
    const inspector = new Inspector()
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
    const inspector = new Inspector()
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

  it('agree with every endpoint of the sandbox', async () => {
    const inspector = new Inspector()
    const world = await instance({ onExchange: inspector.onExchange })
    await (await Tourist.arrive(world)).tour()
    expect(inspector.unexplained()).toEqual([])
    const skipped = defined
      .map(({ method, template }) => `${method} ${template}`)
      .filter((name) => isServed(name) && !seen.has(name))
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
      ({ issue }) => ![...explained].some((text) => issue.test(text)),
    )
    expect(stale.map(({ issue }) => issue.source)).toEqual([])
  })
})

/** What the sandbox has of the definitions. */
function isServed(name: string): boolean {
  return !/external|campaigns|companies|programs?\/|push|submitForm|associate|programMembership|smartCampaign|bulk\/v1\/activities|clone|tokens|content|describe\/|POST .*(?:schema\/fields|partitions|folder)|members/.test(
    name,
  )
}

afterAll(() => {
  const calls = [...seen.values()].reduce((sum, tally) => sum + tally.calls, 0)
  const text = `${calls} calls of ${seen.size} operations checked; ${explained.size} differences, all by ${deviations.length} listed deviations\n`
  process.stdout.write(text)
})
