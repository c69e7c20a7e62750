import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import {
  connection,
  pipeline,
  project,
  type SandboxProcess,
  sandbox,
} from './support.js'

const rules = readFileSync(resolve('pipelines/demo.yml'), 'utf8')
const demo = rules.slice(rules.indexOf('\nservices:'))

/** Kinds of fields that a bulk export does not have (Adobe docs). */
const computed = ['formula', 'lead_function']

interface Described {
  readonly name: string
  readonly dataType: string
}

/** Every field of the instance that can be exported. */
async function allFields({ endpoint, env }: SandboxProcess): Promise<string[]> {
  const identity = `grant_type=client_credentials&client_id=${env['TEST_CLIENT_ID']}&client_secret=${env['TEST_CLIENT_SECRET']}`
  const granted = await fetch(`${endpoint}/identity/oauth/token?${identity}`)
  const { access_token } = (await granted.json()) as { access_token: string }
  const answer = await fetch(`${endpoint}/rest/v1/leads/describe2.json`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  const { result } = (await answer.json()) as {
    result: { fields: Described[] }[]
  }
  return (result[0]?.fields ?? [])
    .filter(({ dataType }) => !computed.includes(dataType))
    .map(({ name }) => name)
}

type Fields = Readonly<Record<string, unknown>>

/** As a plan's file has it; an update has the fields of one lead. */
interface Row {
  readonly kind: 'merge' | 'update'
  readonly before: Fields | Readonly<Record<string, Fields>>
  readonly after?: Fields
  readonly set: Fields
  readonly reason: { readonly from: Fields }
}

interface Planned {
  readonly rows: readonly Row[]
  readonly bytes: number
}

async function plan(
  folder: string,
  name: string,
  { env }: SandboxProcess,
): Promise<Planned> {
  const out = join(folder, `${name}.plan`)
  const at = ['--project-dir', folder]
  const made = await pipeline(['plan', name, '--out', out, ...at], env)
  expect(made.code, made.stderr).toBe(0)
  const status = await pipeline(['status', name, '--json', ...at], env)
  const { pipelines } = JSON.parse(status.stdout) as {
    pipelines: { last_run: { extract: { bytes: number } } }[]
  }
  const [, ...rows] = readFileSync(out, 'utf8').trim().split('\n')
  return {
    rows: rows.map((row) => JSON.parse(row) as Row),
    bytes: pipelines[0]?.last_run.extract.bytes ?? 0,
  }
}

/**
 * Only the fields of the smaller export: a merge also keeps the values of
 * other columns that were exported, where the winner has none.
 */
function narrowed(row: Row, like: Row): unknown {
  const { before, reason } = like
  const [known = {}] = Object.values(before)
  const decided = new Set(like.kind === 'merge' ? Object.keys(known ?? {}) : [])
  const pick = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).filter(([name]) => decided.has(name)),
    )
  if (row.kind === 'update') return row
  const leads = Object.entries(row.before).map(
    ([id, fields]) => [id, pick(fields as Fields)] as const,
  )
  const from = Object.entries(row.reason.from).filter(
    ([name]) => name in reason.from,
  )
  return {
    ...row,
    before: Object.fromEntries(leads),
    after: pick(row.after ?? {}),
    set: pick(row.set),
    reason: { ...row.reason, from: Object.fromEntries(from) },
  }
}

it('exports a fraction of the bytes for the demo rules, and plans the same', {
  timeout: 240_000,
}, async () => {
  const marketo = await sandbox([
    '--count',
    '200',
    '--seed',
    '7',
    '--time-scale',
    '2000',
  ])
  const fields = await allFields(marketo)
  const head = `${connection(marketo.timeScale)}extract: { fields:`
  const folder = project({
    pruned: `${head} [] }\n${demo}`,
    whole: `${head} [${fields.join(', ')}] }\n${demo}`,
  })
  const pruned = await plan(folder, 'pruned', marketo)
  const whole = await plan(folder, 'whole', marketo)
  expect(pruned.rows.length).toBeGreaterThan(25)
  expect(whole.rows).toHaveLength(pruned.rows.length)
  // Who is merged into whom and why, and every value of a field that rules
  // name, is the same to the letter.
  for (const [at, row] of pruned.rows.entries()) {
    const other = whole.rows[at]
    expect(narrowed(other ?? row, row)).toEqual(row)
  }
  const share = pruned.bytes / whole.bytes
  process.stderr.write(
    `Demo rules export ${pruned.bytes} bytes; all ${fields.length} columns would be ${whole.bytes} (${Math.round(share * 100)} %).\n`,
  )
  expect(share).toBeLessThan(0.7)
})
