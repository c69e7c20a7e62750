import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { components, componentSql } from '../../src/warehouse/component.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

type Edge = readonly [scope: string, a: string, b: string]
interface Row {
  readonly scope: string
  readonly node: string
  readonly component: string
}

const tables = {
  edges: { schema: 'main', name: 'edge' },
  into: { schema: 'main', name: 'result' },
}

let folder = ''
let warehouse: Warehouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'component-'))
  warehouse = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
})

afterAll(async () => {
  await warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

async function solve(edges: readonly Edge[], type = 'bigint'): Promise<Row[]> {
  await warehouse.run(
    `create or replace table edge (scope varchar, a ${type}, b ${type})`,
  )
  await warehouse.append(
    'main.edge',
    { scope: 'varchar', a: 'varchar', b: 'varchar' },
    edges,
  )
  await components(warehouse, tables)
  return await warehouse.rows<Row>(
    'select scope, node::varchar as node, component::varchar as component from result',
  )
}

const number = (key: string) => Number(key.split('\0')[1])

/** An independent solver: union-find over whole numbers. */
function unionFind(edges: readonly Edge[]): Row[] {
  const parent = new Map<string, string>()
  const find = (key: string): string => {
    let root = key
    while (parent.get(root) !== root) root = parent.get(root) ?? root
    for (let at = key; at !== root; ) {
      const next = parent.get(at) ?? root
      parent.set(at, root)
      at = next
    }
    return root
  }
  for (const [scope, a, b] of edges) {
    const keys = [`${scope}\0${a}`, `${scope}\0${b}`] as const
    for (const key of keys) if (!parent.has(key)) parent.set(key, key)
    const [low, high] = keys.map(find).toSorted((x, y) => number(x) - number(y))
    if (low !== undefined && high !== undefined) parent.set(high, low)
  }
  return [...parent.keys()].map((key) => {
    const [scope = '', node = ''] = key.split('\0')
    return { scope, node, component: find(key).split('\0')[1] ?? '' }
  })
}

function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(Object.values(row))).toSorted()
}

/** A small generator so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

describe('components', () => {
  it('agree with union-find on random graphs in two scopes', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = generator(seed)
      const nodes = 20 + Math.floor(random() * 400)
      const count = Math.floor(nodes * (0.2 + random()))
      const node = () => String(Math.floor(random() * nodes))
      const edges = Array.from(
        { length: count },
        (): Edge => [random() < 0.5 ? 'x' : 'y', node(), node()],
      )
      expect(sorted(await solve(edges))).toEqual(sorted(unionFind(edges)))
    }
  }, 60_000)

  it('join a chain of 50,000 and a star of 50,000 in seconds', async () => {
    const random = generator(7)
    const order = Array.from({ length: 50_000 }, (_, index) => index)
    for (let at = order.length - 1; at > 0; at -= 1) {
      const other = Math.floor(random() * (at + 1))
      const held = order[at] ?? 0
      order[at] = order[other] ?? 0
      order[other] = held
    }
    const edges: Edge[] = []
    for (const [at, node] of order.entries()) {
      const next = order[at + 1]
      if (next !== undefined) edges.push(['chain', `${node}`, `${next}`])
      edges.push(['star', '49999', `${node}`])
    }
    const rows = await solve(edges)
    expect(rows).toHaveLength(100_000)
    expect(new Set(rows.map((row) => row.scope + row.component))).toEqual(
      new Set(['chain0', 'star0']),
    )
  }, 60_000)

  it('name the smallest node, also of texts', async () => {
    const edges: Edge[] = [
      ['s', 'z', 'm'],
      ['s', 'm', 'b'],
      ['s', 'q', 'q'],
    ]
    expect(await solve(edges, 'varchar')).toEqual([
      { scope: 's', node: 'b', component: 'b' },
      { scope: 's', node: 'm', component: 'b' },
      { scope: 's', node: 'z', component: 'b' },
      { scope: 's', node: 'q', component: 'q' },
    ])
  })

  it('of no edges are an empty table, and nothing temporary stays', async () => {
    expect(await solve([])).toEqual([])
    expect(
      await warehouse.rows(
        `select table_name from duckdb_tables() where database_name = 'temp'`,
      ),
    ).toEqual([])
  })

  it('are these exact statements', () => {
    expect(
      componentSql({
        edges: { schema: 'dedupe', name: 'e"dge' },
        into: { schema: 'dedupe', name: 'cluster' },
      }),
    ).toMatchSnapshot()
  })
})
