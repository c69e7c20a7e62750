import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/load/canonical.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { Dice } from './random-group.js'
import {
  apply,
  planFor,
  pipeline,
  startWorld,
  stateOf,
  survivor,
  type World,
} from './world.js'
import { applyPlan } from '../../src/load/apply.js'
import { tool } from './world.js'

/** A plan as JSON, for somebody who wants another one applied. */
type Doc = Record<string, unknown>

let world: World
let lines: string[] = []

beforeAll(async () => {
  const leads = Array.from({ length: 40 }, (_, n) => ({
    id: String(n + 1),
    email: `${n >> 1}@example.com`,
    unsubscribed: n % 4 === 1,
    phone: n % 2 === 1 ? `+1 555 ${n}` : null,
  }))
  world = await startWorld(leads)
  const merges = Array.from({ length: 15 }, (_, n) => {
    const [winner, loser] = [String(2 * n + 1), String(2 * n + 2)]
    return {
      winner,
      losers: [loser],
      survivors: [
        survivor('phone', `+1 555 ${2 * n + 1}`, loser),
        survivor('unsubscribed', String(n % 2 === 0), loser, true),
      ],
    }
  })
  const updates = Array.from({ length: 8 }, (_, n) => ({
    id: String(33 + n),
    set: { city: `Town ${n}` },
  }))
  const path = await planFor(world, { merges, updates })
  lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
})

afterAll(async () => {
  await world.close()
})

/** The plan's text with a hash that fits, as a careful forger writes it. */
function hashedAgain(docs: readonly Doc[]): string {
  const [header = {}, ...rows] = docs
  const { hash: _, ...rest } = header
  const body = rows.map((row) => `${canonicalJson(row)}\n`).join('')
  const hash = createHash('sha256')
    .update(body)
    .update(canonicalJson(rest))
    .digest('hex')
  return `${canonicalJson({ ...rest, hash })}\n${body}`
}

const parsed = (): Doc[] =>
  lines.map((line) => {
    const doc: unknown = JSON.parse(line)
    if (typeof doc !== 'object' || doc === null) throw new Error('no object')
    return { ...doc }
  })

interface Attempt {
  readonly what: string
  readonly text: string
  readonly pipeline?: Pipeline
  readonly instance?: string
  readonly tool?: string
  readonly laterBy?: number
}

const whole = () => `${lines.join('\n')}\n`

function changedByte(dice: Dice): Attempt {
  const bytes = Buffer.from(whole())
  const place = dice.below(bytes.length)
  const bit = 1 << dice.below(8)
  bytes[place] = (bytes[place] ?? 0) ^ bit
  return { what: `bit ${bit} of byte ${place}`, text: bytes.toString('latin1') }
}

function changedLines(dice: Dice): Attempt {
  const copy = [...lines]
  const [one, other] = [1 + dice.below(23), 1 + dice.below(23)]
  const kind = dice.below(4)
  if (kind === 0) copy.splice(one, 1)
  else if (kind === 1) copy.splice(one, 0, copy[other] ?? '')
  else if (kind === 2) copy.length = one
  else {
    const next = 1 + (one % 22)
    const [a, b] = [copy[one] ?? '', copy[next] ?? '']
    copy.splice(one, 1, b)
    copy.splice(next, 1, a)
  }
  return { what: `lines, kind ${kind}`, text: `${copy.join('\n')}\n` }
}

/** Rows and header changed so that no planner wrote them, and hashed again. */
const forgeries: Record<string, (docs: Doc[], dice: Dice) => Doc[]> = {
  'another number of merges': ([header, ...rows]) => [
    { ...header, merges: 14 },
    ...rows,
  ],
  'guardrails left out': ([header, ...rows]) => [
    { ...header, guardrails: [] },
    ...rows,
  ],
  'guardrails that hold': ([header, ...rows]) => [
    {
      ...header,
      guardrails: [{ name: 'merges', value: 1, limit: 500, ok: true }],
    },
    ...rows,
  ],
  'a row less': (docs, dice) => docs.toSpliced(1 + dice.below(23), 1),
  'a row twice': (docs, dice) => {
    const row = docs[1 + dice.below(23)] ?? {}
    return [...docs, row]
  },
  'a lead in two rows': (docs) =>
    docs.map((row) =>
      row['row'] === 'm000002' ? { ...row, winner: '1' } : row,
    ),
  'a merge without losers': (docs) =>
    docs.map((row) =>
      row['row'] === 'm000003' ? { ...row, losers: [] } : row,
    ),
  'an opt-out taken back': (docs) =>
    docs.map((row) =>
      row['row'] === 'm000001'
        ? { ...row, after: { phone: '+1 555 1', unsubscribed: 'false' } }
        : row,
    ),
  'an opt-out left out': (docs) =>
    docs.map((row) =>
      row['row'] === 'm000001'
        ? { ...row, after: { phone: '+1 555 1' }, set: {} }
        : row,
    ),
  'more leads in the base': ([header, ...rows]) => [
    { ...header, leads: 1_000_000 },
    ...rows,
  ],
}

function forged(dice: Dice): Attempt {
  const names = Object.keys(forgeries)
  const name = dice.pick(names)
  const change = forgeries[name]
  if (change === undefined) throw new Error(name)
  return { what: name, text: hashedAgain(change(parsed(), dice)) }
}

function misplaced(dice: Dice): Attempt {
  const text = whole()
  const { guardrails } = pipeline.load
  const merges = 4000 - dice.below(1000)
  const load = { ...pipeline.load, guardrails: { ...guardrails, merges } }
  return dice.pick<Attempt>([
    { what: 'other rules', text, pipeline: { ...pipeline, load } },
    {
      what: 'another pipeline',
      text,
      pipeline: { ...pipeline, name: 'other' },
    },
    { what: 'another instance', text, instance: '123-ABC-456' },
    { what: 'another version', text, tool: `0.${1 + dice.below(99)}.0` },
    {
      what: 'a day later',
      text,
      laterBy: 86_400_000 * (1 + dice.below(30)) + 60_000,
    },
  ])
}

describe('500 altered, stale and foreign plans', () => {
  it('G1 to G5: are refused with exit 8, and nothing is sent', async () => {
    const dice = new Dice(500)
    const folder = join(world.folder, 'forged')
    await mkdir(folder)
    const calls = world.calls.length
    const accepted: string[] = []
    for (let n = 0; n < 500; n += 1) {
      const make = [changedByte, changedLines, forged, misplaced][n % 4]
      const attempt = make?.(dice)
      if (attempt === undefined) throw new Error('no attempt')
      const path = join(folder, `${n}.jsonl`)
      await writeFile(path, attempt.text, 'latin1')
      const exit = await tryTo(path, attempt)
      if (exit !== 8) accepted.push(`${attempt.what}: ${exit}`)
    }
    expect(accepted).toEqual([])
    expect(world.calls.length).toBe(calls)
    expect((await stateOf(world)).merges).toEqual([])
  }, 120_000)

  it('G6: a plan that was applied sends nothing a second time', async () => {
    const path = join(world.folder, 'plan', 'first.jsonl')
    await writeFile(path, whole())
    expect(await apply(world, path)).toMatchObject({ done: 23 })
    const before = world.calls.length
    for (let n = 0; n < 20; n += 1) {
      expect(await apply(world, path)).toMatchObject({ done: 23, calls: 0 })
    }
    expect(world.calls.length).toBe(before)
  })
})

/** Exit code of an application; 0 where it was let through. */
async function tryTo(plan: string, attempt: Attempt): Promise<number> {
  const { marketo } = world
  const { laterBy = 0 } = attempt
  try {
    await applyPlan({
      marketo: {
        ...marketo,
        instance: attempt.instance ?? marketo.instance,
        serverNow: () => marketo.serverNow() + laterBy,
      },
      plan,
      folder: world.folder,
      pipeline: attempt.pipeline ?? pipeline,
      schema: world.schema,
      tool: attempt.tool ?? tool,
      run: 'run-1',
      emit: () => {},
      random: () => 0.5,
    })
    return 0
  } catch (error) {
    return error instanceof Error && 'exit' in error ? Number(error.exit) : -1
  }
}
