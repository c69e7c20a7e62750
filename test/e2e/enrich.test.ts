import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'fast-csv'
import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { connection, pipeline, project, sandbox, state } from './support.js'

/** The example, with its data and a Marketo that the test can look into. */
async function shop(change: (text: string) => string = (text) => text) {
  const served = await sandbox([
    '--leads',
    resolve('pipelines/shop/lead.csv'),
    '--time-scale',
    '2000',
  ])
  const text = readFileSync('pipelines/shop.yml', 'utf8').replace(
    /^marketo:\n {2}sandbox: .*\n/m,
    connection(served.timeScale),
  )
  const folder = project({ shop: change(text) })
  cpSync(resolve('pipelines/shop'), join(folder, 'pipelines/shop'), {
    recursive: true,
  })
  const run = async (...args: string[]) =>
    await pipeline(['--project-dir', folder, ...args], served.env)
  return { folder, run, endpoint: served.endpoint }
}

type Shop = Awaited<ReturnType<typeof shop>>

/** A model of the test's own under models/enrich. */
function model({ folder }: Shop, name: string, sql: string): void {
  const path = join(folder, 'models/enrich', name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(`${path}.sql`, sql)
  writeFileSync(
    `${path}.yml`,
    'description: Of a test. One row per lead.\nmaterialized: table\n',
  )
}

async function rows(file: string): Promise<Record<string, string>[]> {
  const found: Record<string, string>[] = []
  const parser = parse({ headers: true })
  parser.end(readFileSync(resolve('pipelines/shop', file)))
  for await (const row of parser as AsyncIterable<Record<string, string>>) {
    found.push(row)
  }
  return found
}

/** The answer worked out here, order by order and without SQL. */
async function firstCategories(): Promise<Map<string, string>> {
  const products = await rows('product.csv')
  const category = new Map(products.map((row) => [row['sku'], row['category']]))
  const orders = (await rows('order.csv'))
    .filter((row) => row['status'] !== 'cancelled')
    .toSorted((a, b) =>
      `${a['ordered_at']} ${a['order_id']}` <
      `${b['ordered_at']} ${b['order_id']}`
        ? 1
        : -1,
    )
  const first = new Map(
    orders.map((row) => [
      (row['email'] ?? '').trim().toLowerCase(),
      category.get(row['sku']) ?? '',
    ]),
  )
  const leads = await rows('lead.csv')
  return new Map(
    leads.flatMap((lead) => {
      const found = first.get((lead['email'] ?? '').toLowerCase())
      return found === undefined ? [] : [[lead['id'] ?? '', found]]
    }),
  )
}

/** Nothing was planned, and Marketo holds what it held. */
async function untouched({ folder, endpoint }: Shop): Promise<void> {
  expect(readdirSync(join(folder, 'warehouse/shop/plan'))).toEqual([])
  expect(existsSync(join(folder, 'warehouse/shop.duckdb'))).toBe(false)
  const { leads } = await state(endpoint)
  expect(leads.every((lead) => (lead['firstCategory'] ?? null) === null)).toBe(
    true,
  )
}

describe('the example that enriches', () => {
  it('writes the category of the first purchase, once', async () => {
    const at = await shop()
    const first = await at.run('--json', '--quiet', 'run', 'shop')
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    const record = JSON.parse(first.stdout) as RunRecord
    const wanted = await firstCategories()
    expect(wanted.size).toBeGreaterThan(20)
    expect(record.plan).toMatchObject({ merges: 0, updates: wanted.size })

    const { leads } = await state(at.endpoint)
    const held = leads.flatMap((lead) =>
      typeof lead['firstCategory'] === 'string'
        ? [[lead.id, lead['firstCategory']] as const]
        : [],
    )
    expect(new Map(held)).toEqual(wanted)
    const tiers = leads.map((lead) => lead['spendTier'])
    const count = (tier: string) => tiers.filter((each) => each === tier).length
    expect(count('top')).toBe(Math.ceil(wanted.size / 10))
    expect(count('top') + count('upper')).toBe(Math.ceil(wanted.size / 2))

    const second = await at.run('--json', '--quiet', 'run', 'shop')
    expect(second.code).toBe(0)
    const again = JSON.parse(second.stdout) as RunRecord
    expect(again.plan).toMatchObject({ merges: 0, updates: 0 })

    // The file has changed, so `build` sees what it says now.
    const file = join(at.folder, 'pipelines/shop/product.csv')
    const changed = readFileSync(file, 'utf8').replaceAll('Green tea', 'Sencha')
    writeFileSync(file, changed)
    expect((await at.run('--quiet', 'build', 'shop')).code).toBe(0)
    const shown = await at.run(
      '--json',
      'show',
      'shop',
      '--inline',
      "select count(*) as n from enrich.first_purchase_category where category = 'Sencha'",
    )
    const green = [...wanted.values()].filter((each) => each === 'Green tea')
    expect(JSON.parse(shown.stdout)).toEqual({ rows: [{ n: green.length }] })
  }, 180_000)
})

/** Each with the field it writes, its model's column, and what is said. */
const refused: readonly [string, string, string, string][] = [
  [
    'a text for a whole number',
    'priority',
    "'x' || id",
    '(VARCHAR) of models/enrich/own0.sql that is no integer, which is what priority holds. Name another field, or correct the model.',
  ],
  [
    'a text for a date',
    'dateOfBirth',
    "'31.01.1980'",
    '(VARCHAR) of models/enrich/own1.sql that is no date, which is what dateOfBirth holds. Name another field, or correct the model.',
  ],
  [
    'a number for a yes or no',
    'doNotCall',
    '2',
    '(INTEGER) of models/enrich/own2.sql that is no boolean, which is what doNotCall holds. Name another field, or correct the model.',
  ],
  [
    'a value that is too long',
    'firstCategory',
    "if(id % 2 = 0, repeat('😀', 127) || 'xx', 'short')",
    '(VARCHAR) of models/enrich/own3.sql of up to 256 characters, and firstCategory holds 255. Name another field, shorten the value in the model, or leave such leads out with on_too_long: skip.',
  ],
]

function ownService(name: string, field: string, more = ''): string {
  return `  ${name}: { type: enrich, model: enrich/${name}, write: { ${field}: c }${more} }\n`
}

/** These services instead of the example's. */
function withServices(services: string): (text: string) => string {
  return (text) =>
    text.replace(/^ {2}# models[^]*?^load:/m, `${services}\nload:`)
}

const ofLead = (column: string) =>
  `select id, ${column} as c from {{ref "stg_lead"}}`

describe('a value that its field cannot hold', () => {
  it('is refused before anything is planned, for all fields at once', async () => {
    const services = refused.map(([, field], at) =>
      ownService(`own${at}`, field),
    )
    const at = await shop(withServices(services.join('')))
    for (const [index, [, , column]] of refused.entries()) {
      model(at, `own${index}`, ofLead(column))
    }
    const run = await at.run('--quiet', 'run', 'shop')
    expect(run.code).toBe(3)
    for (const [index, [, field, , message]] of refused.entries()) {
      const leads = field === 'firstCategory' ? 24 : 48
      const said = `  services.own${index}.write.${field} would give ${leads} leads a value from the column c ${message}`
      const line = run.stderr.split('\n').find((each) => each.endsWith(said))
      expect(line).toMatch(/pipelines\/shop\.yml:\d+:\d+ {2}services/)
    }
    expect(run.stderr).toContain('Nothing was planned, and nothing was sent.')
    await untouched(at)

    // The same long values, left out where the service says so.
    const file = join(at.folder, 'pipelines/shop.yml')
    const skipping = ownService('own3', 'firstCategory', ', on_too_long: skip')
    const services2 = readFileSync(file, 'utf8').replace(
      services.join(''),
      skipping,
    )
    writeFileSync(file, services2)
    const skipped = await at.run('run', 'shop')
    expect(skipped.stderr).toBe('')
    expect(skipped.code).toBe(0)
    expect(skipped.stdout).toContain(
      'own3 left 24 values out that are longer than the 255 that firstCategory holds.',
    )
    const { leads } = await state(at.endpoint)
    const held = leads.filter((lead) => lead['firstCategory'] === 'short')
    expect(held).toHaveLength(24)
  }, 180_000)

  it('is refused before the export where nobody can write the field', async () => {
    const names = ['personType', 'isLead', 'firstCatgory']
    const services = names.map((field, at) => ownService(`own${at}`, field))
    const at = await shop(withServices(services.join('')))
    for (const index of names.keys()) model(at, `own${index}`, ofLead("'a'"))
    const run = await at.run('--quiet', 'run', 'shop')
    expect(run.code).toBe(3)
    for (const [index, field] of ['personType', 'isLead'].entries()) {
      expect(run.stderr).toMatch(
        new RegExp(
          `shop\\.yml:\\d+:\\d+ {2}services\\.own${index}\\.write\\.${field} would write the field ${field}, which Marketo lets nobody write\\. Write another field\\.`,
        ),
      )
    }
    expect(run.stderr).toContain('Nearest field: firstCategory.')
    await untouched(at)
  }, 60_000)
})

describe('a model of the user', () => {
  it('stops the run before the plan when it is not what a service needs', async () => {
    const service = ownService('own', 'firstCategory')
    const at = await shop(withServices(service))
    const leads = ofLead("'a'")
    model(at, 'own', `${leads} union all ${leads} where id % 16 = 0`)
    const twice = await at.run('--quiet', 'run', 'shop')
    expect(twice.code).toBe(1)
    expect(twice.stderr).toMatch(
      /The test one_row_per_lead_own failed.*: 3 rows should not be there\. Nothing was planned/,
    )
    await untouched(at)

    model(at, 'own', leads.replace('as c', 'as cat'))
    const other = await at.run('build', 'shop', '--select', 'own')
    expect(other.code).toBe(1)
    expect(other.stdout).toContain(
      'models/enrich/own.sql: it has no column c, which services.own.write.firstCategory needs. It has id, cat.',
    )

    model(at, 'own', leads.replace('id,', 'email as id,'))
    const text = await at.run('build', 'shop', '--select', 'own')
    expect(text.code).toBe(1)
    expect(text.stdout).toContain(
      'models/enrich/own.sql: its column id is of type VARCHAR and must be the whole number that stg_lead calls id; cast it.',
    )
  }, 120_000)
})

describe('a source of the user', () => {
  it('that is missing or malformed stops the run before the export', async () => {
    const at = await shop((text) =>
      text.replace('csv: shop/product.csv', 'csv: shop/products.csv'),
    )
    const order = join(at.folder, 'pipelines/shop/order.csv')
    const lines = readFileSync(order, 'utf8').split('\n')
    lines[4] = (lines[4] ?? '').replace(/\d{4}-\d\d-\d\d/, 'yesterday')
    writeFileSync(order, lines.join('\n'))
    const run = await at.run('--quiet', 'run', 'shop')
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(
      /pipelines\/shop\.yml:\d+:\d+ {2}source\.product\.csv names \S*pipelines\/shop\/products\.csv, which does not exist/,
    )
    expect(run.stderr).toMatch(
      /shop\/order\.csv:5 {2}column ordered_at is not timestamp there; correct the file/,
    )
    expect(run.stderr).not.toContain('yesterday')
    await untouched(at)
  }, 60_000)
})
