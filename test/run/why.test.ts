import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RestorePlan } from '../../src/load/restore.js'
import { frozenRows, releaseFrozen } from '../../src/run/frozen.js'
import { explainLead, explainLeads } from '../../src/run/why.js'
import type {
  LeadExplanation,
  WhyComparison,
  WhyRow,
} from '../../src/run/why-document.js'
import { explanationLines } from '../../src/run/why-line.js'
import { withWhy, type WhyQuestion } from '../../src/run/why-room.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { openJudge, startWhyWorld, type WhyWorld } from './why-world.js'

let world: WhyWorld
let judge: Warehouse

beforeAll(async () => {
  world = await startWhyWorld(750)
  const before = await world.state('before')
  await world.run()
  const after = await world.state('after')
  judge = await openJudge(world, { before, after })
}, 300_000)

afterAll(async () => {
  await judge.close()
  await world.close()
})

async function explained(
  questions: readonly WhyQuestion[],
  of: WhyWorld = world,
): Promise<LeadExplanation[]> {
  const { folders, project: projectDir } = of
  const loaded = await of.load()
  return await withWhy({ folders, loaded, projectDir }, (room) =>
    explainLeads(room, questions),
  )
}

/** In an order that only the seed decides. */
function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
  let state = seed
  const rest = [...all]
  return Array.from({ length: Math.min(count, rest.length) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return rest.splice(state % rest.length, 1)
  }).flat()
}

/** Claims that a query finds untrue. */
async function untrue(
  claims: readonly Record<string, string | number | null>[],
  test: string,
): Promise<unknown[]> {
  if (claims.length === 0) throw new Error(`nothing was claimed: ${test}`)
  const columns = Object.keys(claims[0] ?? {})
  await judge.run(
    `create or replace temp table claim (${columns.map((name) => `"${name}" varchar`).join(', ')})`,
  )
  await judge.append(
    'claim',
    Object.fromEntries(columns.map((name) => [name, 'varchar'])),
    claims.map((claim) =>
      columns.map((name) => {
        const value = claim[name] ?? null
        return value === null ? null : String(value)
      }),
    ),
  )
  return await judge.rows(
    `select * from claim where not coalesce((${test}), false)`,
  )
}

/** `was`: before the run; `is_now`: after it. */
type Side = 'was' | 'is_now'

const of = (lead: string, field: string, side: Side = 'was') =>
  `(select "${field}" from ${side} as seen where seen.id = claim.${lead})`

/** An export writes the text null as it writes an empty field. */
const exported = (lead: string, field: string, side: Side) =>
  `nullif(${of(lead, field, side)}, 'null')`

/** What a person would call the same, said without the product's helpers. */
const plain: Readonly<Record<string, (lead: string, side: Side) => string>> = {
  // Mail to ann+shop@x.example is Ann's.
  email: (lead, side) =>
    `regexp_replace(lower(trim(${of(lead, 'email', side)})), '[+][^@]*@', '@')`,
  phone: (lead, side) =>
    `right(regexp_replace(${of(lead, 'phone', side)}, '[^0-9]', '', 'g'), 7)`,
  last_name: (lead, side) =>
    `regexp_replace(strip_accents(lower(${of(lead, 'lastName', side)})), '[^\\p{L}]', '', 'g')`,
}

function comparisonClaims(
  all: readonly { a: string; b: string; one: WhyComparison }[],
) {
  return all.map(({ a, b, one }) => ({
    a,
    b,
    key: one.key,
    equal: String(one.a.value !== null && one.a.value === one.b.value),
    a_typed: one.a.typed,
    b_typed: one.b.typed,
  }))
}

const fields: Readonly<Record<string, string>> = {
  email: 'email',
  phone: 'phone',
  last_name: 'lastName',
  first_name: 'firstName',
  company: 'company',
}

async function untrueKeys(
  all: readonly { a: string; b: string; one: WhyComparison }[],
  side: Side,
): Promise<unknown[]> {
  const wrong: unknown[] = []
  for (const [key, field] of Object.entries(fields)) {
    const claims = comparisonClaims(all.filter(({ one }) => one.key === key))
    if (claims.length === 0) continue
    wrong.push(
      ...(await untrue(
        claims,
        `${exported('a', field, side)} is not distinct from a_typed
         and ${exported('b', field, side)} is not distinct from b_typed`,
      )),
    )
    const written = plain[key]
    if (written === undefined) continue
    const same = (lead: string) => written(lead, side)
    wrong.push(
      ...(await untrue(
        claims,
        `(equal = 'true') = coalesce(${same('a')} = ${same('b')} and ${same('a')} <> '', false)
         or (equal = 'false' and least(length(${same('a')}), length(${same('b')})) < 6)`,
      )),
    )
  }
  return wrong
}

describe('a hundred plan rows, explained', () => {
  let rows: (WhyRow & { readonly lead: string })[] = []
  let found: LeadExplanation[] = []

  beforeAll(async () => {
    const planned = await judge.rows<{ row: string }>(
      "select unnest(rows) as row from line where kind = 'status' order by row",
    )
    const merges = planned.filter(({ row }) => row.startsWith('m'))
    const updates = planned.filter(({ row }) => row.startsWith('u'))
    const wanted = new Set(
      [...drawn(merges, 70, 3), ...drawn(updates, 30, 4)].map(({ row }) => row),
    )
    expect(wanted.size).toBe(100)
    const leads = new Map<string, string>()
    const plan = readPlan()
    for (const { row, ids } of plan) {
      const [lead] = drawn(ids, 1, row.length + ids.length)
      if (wanted.has(row) && lead !== undefined) leads.set(row, lead)
    }
    found = await explained([...leads.values()].map((lead) => ({ lead })))
    rows = [...leads.keys()].map((row, at) => {
      const lead = found[at]?.state.lead ?? ''
      const one = found[at]?.rows.find((each) => each.row === row)
      if (one === undefined) throw new Error(`${row} is not explained`)
      return { ...one, lead }
    })
  }, 180_000)

  it('tell keys as they are', async () => {
    const compared = rows.flatMap(({ keys, pairs, lead }) => {
      if (keys === null) return []
      expect(keys.agrees).toBe(true)
      const own = pairs.filter(({ a, b }) => a === lead || b === lead)
      const all = own.length > 0 ? own : pairs
      const pair = all.find(({ rule }) => rule > 0)
      if (pair === undefined) throw new Error('no pair')
      const { a, b } = pair
      return keys.comparisons.map((one) => ({ a, b, one }))
    })
    expect(compared.length).toBeGreaterThan(50)
    expect(await untrueKeys(compared, 'was')).toEqual([])
  })

  it('tell the rule that chose the winner', async () => {
    const claims = rows
      .filter(({ kind }) => kind === 'merge')
      .flatMap(({ winner, losers, winnerReason }) =>
        losers.map((loser) => ({ winner, loser, reason: winnerReason })),
      )
    const rank = (lead: string) =>
      `(case when ${of(lead, 'sfdcType')} ilike 'contact' or ${of(lead, 'sfdcContactId')} is not null then 2
        when ${of(lead, 'sfdcType')} ilike 'lead' or ${of(lead, 'sfdcLeadId')} is not null then 1 else 0 end)`
    const score = (lead: string) => `coalesce(${of(lead, 'leadScore')}, -1)`
    expect(
      await untrue(
        claims,
        `case
           when starts_with(reason, 'CRM contact before') then ${rank('winner')} >= ${rank('loser')}
           when starts_with(reason, 'not deleted') then true
           when reason = 'highest leadScore'
             then ${rank('winner')} >= ${rank('loser')} and
               (${rank('winner')} > ${rank('loser')} or ${score('winner')} >= ${score('loser')})
           when reason = 'oldest createdAt'
             then ${of('winner', 'createdAt')} <= ${of('loser', 'createdAt')} or ${rank('winner')} > ${rank('loser')}
           when reason = 'lowest id' then cast(winner as bigint) < cast(loser as bigint) or ${rank('winner')} > ${rank('loser')}
           else false
         end`,
      ),
    ).toEqual([])
  })

  it('tell where each value came from', async () => {
    const claims = rows
      .filter(({ kind }) => kind === 'merge')
      .flatMap(({ winner, fields: all }) =>
        all.flatMap(({ field, from, after, before }) =>
          from === null ? [] : [{ winner, field, source: from, after, before }],
        ),
      )
    expect(claims.length).toBeGreaterThan(200)
    const wrong: unknown[] = []
    for (const field of new Set(claims.map((one) => one.field))) {
      const text = (lead: string) => {
        const column = `cast(${of(lead, field)} as varchar)`
        return `regexp_replace(nullif(nullif(${column}, ''), 'null'), '\\.0$', '')`
      }
      wrong.push(
        ...(await untrue(
          claims.filter((one) => one.field === field),
          `${text('source')} is not distinct from after
           and ${text('winner')} is not distinct from before`,
        )),
      )
    }
    expect(wrong).toEqual([])
  })

  it('tell runs, calls and ends as the journal has them', async () => {
    const claims = rows.map(({ row, status, statusReason, attempts, run }) => ({
      row,
      status,
      reason: statusReason,
      run,
      calls: attempts.map(({ send }) => send).join(),
      outcomes: attempts.map(({ outcome }) => outcome ?? '').join(),
    }))
    const sends = (what: string) =>
      `(select coalesce(string_agg(${what}, ',' order by sent.seq), '')
        from line as sent
        left join line as ended on ended.kind = 'outcome' and ended.attempt = sent.attempt and ended.plan = sent.plan
        where sent.kind = 'intent' and list_contains(sent.rows, claim.row))`
    expect(
      await untrue(
        claims,
        `status = (select any_value(status) from line where kind = 'status' and list_contains(rows, claim.row))
         and reason = (select any_value(reason) from line where kind = 'status' and list_contains(rows, claim.row))
         and run in (select run from line where kind = 'begin')
         and calls = ${sends('sent.send')}
         and outcomes = ${sends('ended.class')}`,
      ),
    ).toEqual([])
  })

  it('H17: name what blocks a lead of a row that could not be resolved', () => {
    const one = found.find(({ rows: [row] }) => row?.role === 'winner')
    const [row] = one?.rows ?? []
    if (one === undefined || row === undefined) throw new Error('no winner')
    const unresolved = { ...row, status: 'unresolved', isFrozen: true }
    const lines = explanationLines({ ...one, rows: [unresolved] }).join('\n')
    expect(lines).toContain(
      `blocked       row ${row.row} may or may not have happened, until a person has looked: pipeline review acme --frozen`,
    )
  })

  it('are about ten lines, also of a lead that is gone', () => {
    for (const one of found) {
      const lines = explanationLines(one)
      expect(lines.length).toBeLessThanOrEqual(16)
      if (!one.state.isGone) continue
      expect(lines[0]).toMatch(/^\d+ was merged into \d+ on .* plan row m\d+/)
      expect(lines.length).toBeLessThanOrEqual(12)
    }
    expect(found.some(({ state }) => state.isGone)).toBe(true)
  })

  it('tell merges that the sandbox made', async () => {
    const claims = rows
      .filter(({ kind, status }) => kind === 'merge' && status === 'done')
      .flatMap(({ winner, losers }) =>
        losers.map((loser) => ({ winner, loser })),
      )
    expect(
      await untrue(
        claims,
        `exists (select 1 from merged where survivor = winner and list_contains(losers, loser))
         and loser not in (select id from is_now) and winner in (select id from is_now)`,
      ),
    ).toEqual([])
  })
})

/** Rows of the plan file with the leads in them. */
function readPlan(): { row: string; ids: string[] }[] {
  const [name = ''] = journalNames()
  const text = readFileSync(join(world.folders.plan, name), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const row = JSON.parse(line) as {
        row: string
        id?: string
        winner?: string
        losers?: string[]
      }
      const ids = [row.winner ?? row.id ?? '', ...(row.losers ?? [])]
      return { row: row.row, ids }
    })
}

function journalNames(): string[] {
  return readdirSync(world.folders.plan).filter((name) =>
    /^[0-9a-f]{12}\.jsonl$/.test(name),
  )
}

describe('a hundred pairs that were not merged, explained', () => {
  it('tell keys, and the first thing that differs', async () => {
    const pairs = await judge.rows<{ a: string; b: string }>(
      `select a.id as a, b.id as b from is_now as a, is_now as b
       where a.id < b.id and hash(a.id || b.id) % 1500 = 7 order by a, b`,
    )
    const near = await judge.rows<{ a: string; b: string }>(
      `select min(id) as a, max(id) as b from is_now
       group by lower("lastName") having count(*) = 2 order by a limit 40`,
    )
    const asked = [...near, ...drawn(pairs, 100 - near.length, 9)]
    expect(asked).toHaveLength(100)
    const found = await explained(
      asked.map(({ a, b }) => ({ lead: a, and: b })),
    )
    const all = found.flatMap(({ pair }) => (pair === null ? [] : [pair]))
    expect(all).toHaveLength(100)
    const compared = all.flatMap(({ a, b, rules }) =>
      rules.flatMap(({ comparisons }) =>
        comparisons.map((one) => ({ a, b, one })),
      ),
    )
    expect(await untrueKeys(compared, 'is_now')).toEqual([])
    for (const { rules, together, verdict } of all) {
      expect(together).toBeNull()
      const agrees = rules.some((rule) => rule.agrees)
      expect(verdict === 'no rule takes them for one person').toBe(!agrees)
      for (const rule of rules) {
        expect(rule.differs === null).toBe(rule.agrees)
      }
    }
  })
})

describe('a merge that was given back', () => {
  it('is in every table, kept apart from now on, and explained', async () => {
    const [merge] = await judge.rows<{ winner: string; loser: string }>(
      'select survivor as winner, losers[1] as loser from merged order by 1 limit 1',
    )
    const { winner = '', loser = '' } = merge ?? {}
    const planned: RestorePlan[] = []
    const record = await world.run({
      restore: {
        wish: { merge: loser, run: null },
        who: 'ana',
        planned: (plan) => planned.push(plan),
      },
    })
    expect(record).toMatchObject({ status: 'done', plan: { merges: 0 } })
    const restoredAs: unknown = expect.stringMatching(/^\d+$/)
    const [gone] = await explained([{ lead: loser }])
    expect(gone?.state).toMatchObject({ mergedInto: winner, restoredAs })
    const id = gone?.state.restoredAs ?? ''
    const [made] = await explained([{ lead: id, and: winner }])
    expect(made?.rows).toMatchObject([
      {
        role: 'restored',
        status: 'done',
        newId: id,
        winner: loser,
        approvedBy: ['ana'],
      },
    ])
    expect(made?.pair).toMatchObject({
      decision: { kind: 'never_merge', author: 'ana' },
    })
    expect(made?.pair?.verdict).toMatch(/^ana said that they are two people/)
    const now = JSON.parse(
      readFileSync(await world.state('restored'), 'utf8'),
    ) as {
      leads: { id: string }[]
    }
    expect(now.leads.map((lead) => lead.id)).toContain(id)

    // A decision that has ended decides nothing, and is told as what it is.
    const file = join(world.project, 'pipelines', 'acme.override.csv')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replaceAll(/,\n(?=never|$)/g, ',2020-01-01\n'))
    const [later] = await explained([{ lead: id, and: winner }])
    expect(later?.pair?.decision).toBeNull()
    expect(later?.decisions[0]).toMatchObject({ isOver: true })
    if (later === undefined) throw new Error('nothing is explained')
    const lines = explanationLines({ ...later, pair: null }).join('\n')
    expect(lines).toMatch(/decided +never_merge .* \(ended 2020-01-01\)/)
  }, 180_000)
})

describe('an explanation', () => {
  it('is refused with exit 3 for a lead that nobody has seen', async () => {
    const { folders, project: projectDir } = world
    const loaded = await world.load()
    await expect(
      withWhy({ folders, loaded, projectDir }, (room) =>
        explainLead(room, { lead: '77' }),
      ),
    ).rejects.toMatchObject({ code: 'no_lead', exit: 3 })
  })
})

describe('a lead of a row that nobody could resolve', () => {
  it('H17: is blocked until a person has looked, and by what the warehouse says alone', async () => {
    const other = await startWhyWorld(80)
    try {
      await fetch(`${other.sandbox.endpoint}/sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify([
          {
            kind: 'http',
            status: 503,
            match: { endpoint: 'POST .*/leads/\\d*[05]/merge\\.json' },
          },
        ]),
      })
      await other.run()
      const { folders } = other
      const [row] = await frozenRows(folders)
      const [lead] = row?.leads ?? []
      if (row === undefined || lead === undefined) throw new Error('all merged')
      const blocked = async () => {
        const [one] = await explained([{ lead }], other)
        if (one === undefined) throw new Error('no explanation')
        return explanationLines(one).filter((line) => /^ +blocked/.test(line))
      }
      const [line] = await blocked()
      expect(line).toContain(`row ${row.row} may or may not have happened`)
      await releaseFrozen({
        folders,
        leads: [lead],
        who: 'ann',
        when: '2026-11-22T07:00:00Z',
      })
      expect(await blocked()).toEqual([])
      // Where only the warehouse is, nobody knows of the release.
      rmSync(folders.journal, { recursive: true })
      expect(await blocked()).toEqual([line])
    } finally {
      await other.close()
    }
  }, 120_000)
})
