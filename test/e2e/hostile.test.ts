import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { PipelineError } from '../../src/error.js'
import { systemClock } from '../../src/clock.js'
import { buildModels } from '../../src/model/build.js'
import { compileProject } from '../../src/model/compile.js'
import { ownProject } from '../../src/model/own.js'
import { loadProject } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { memory } from '../model/memory.js'
import { temporaryFolder } from './support.js'

/** Pieces that mean something to SQL, Handlebars, YAML or a terminal. */
const pieces = [
  "'",
  "''",
  '"',
  '`',
  '{{',
  '}}',
  '{{{',
  '{{ref "lead"}}',
  '{{#each',
  '--',
  '/*',
  '*/',
  ';',
  "'; drop table raw.lead; --",
  "') or 1=1 --",
  '$$',
  '$1',
  '?',
  '\\',
  "\\'",
  '%',
  '_',
  '*',
  '\u2028',
  '\u202e',
  'é',
  '山田',
  '🙂',
  '\t',
  'null',
  'select',
  '(',
  ')',
  ',',
  ']',
  '\u00a0',
  'e\u0301',
  '@@',
  "E'\\x27'",
  "U&'\\0027'",
]

function random(seed: number): () => number {
  let value = seed
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0
    return value / 2 ** 32
  }
}

interface Hostile {
  readonly yaml: string
  /** Values that must reach SQL only as one quoted literal each. */
  readonly values: readonly string[]
}

const marker = 'qz'

function quoted(value: string): string {
  return JSON.stringify(value)
}

/** A rule file with hostile text wherever the file takes free text. */
function hostile(next: () => number): Hostile {
  const text = () => {
    const count = 1 + Math.floor(next() * 4)
    const parts = Array.from(
      { length: count },
      () => pieces[Math.floor(next() * pieces.length)] ?? '',
    )
    return `${marker}${parts.join(marker)}${marker}`
  }
  const [pattern, one, two, list, name] = [
    text(),
    text(),
    text(),
    text(),
    text(),
  ]
  const [vip, strict, weak, kept] = [text(), text(), text(), text()]
  const separator = pieces[Math.floor(next() * pieces.length)] ?? ';'
  const yaml = `
description: ${quoted(text())}
owner: ${quoted(text())}
marketo: sandbox
services:
  people:
    type: dedupe
    list: { static: ${quoted(list)} }
    match: [{ same: [email] }, { same: [phone, last_name] }]
    never:
      - differ: sfdcAccountId
      - where: { email: ${quoted(`*${pattern}`)}, country: [${quoted(one)}, ${quoted(two)}] }
    winner:
      - where: { leadSource: ${quoted(name)} }
      - list: { static: ${quoted(vip)} }
      - score: [{ points: 1, where: { country: [${quoted(one)}] } }]
      - lowest: id
    survive:
      firstName: { union: ${quoted(separator)} }
      lastName: { where: { phone: [${quoted(kept)}] }, else: longest }
    consent: { leadSource: { strictest: [${quoted(strict)}, ${quoted(weak)}] } }
    stamp: { duplicateCount: count }
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: google } }
`
  // A `*` makes a pattern of a single value, which SQL spells otherwise.
  const whole = name.includes('*') ? [] : [name]
  return { yaml, values: [one, two, list, vip, strict, weak, kept, ...whole] }
}

/** Every text constant of a select, as DuckDB's own parser sees it. */
function constants(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) {
    for (const each of node) constants(each, found)
  } else if (typeof node === 'object' && node !== null) {
    const record = node as Record<string, unknown>
    if (record['class'] === 'CONSTANT') {
      const value = record['value'] as { value?: unknown } | undefined
      if (typeof value?.value === 'string') found.push(value.value)
    } else for (const each of Object.values(record)) constants(each, found)
  }
  return found
}

const fields = [
  'createdAt',
  'updatedAt',
  'email',
  'firstName',
  'lastName',
  'company',
  'phone',
  'country',
  'leadSource',
  'sfdcType',
  'sfdcAccountId',
  'unsubscribed',
  'emailSha256',
  'duplicateCount',
].map((name) => ({ name, dataType: 'string', length: 255, writable: true }))

it('lets none of 300 hostile rule files reach SQL unquoted', async () => {
  const folder = join(temporaryFolder(), 'pipelines')
  mkdirSync(folder)
  const project = await loadProject(resolve('models'))
  const warehouse = await memory()
  for (const schema of ['raw', 'meta']) {
    await warehouse.run(`create schema ${schema}`)
  }
  const columns = fields.map(({ name }) => `"${name}" varchar`).join(', ')
  await warehouse.run(
    `create table raw.lead (id varchar, ${columns}, _extract varchar, _seen_at timestamp)`,
  )
  await warehouse.run(
    `insert into raw.lead (id, email, _extract) select range, 'a' || (range // 2) || '@x.example', 'e' from range(10)`,
  )
  for (const [name, shape] of Object.entries({
    'raw.lead_merge': 'loser_id varchar, winner_id varchar, merged_at varchar',
    'raw.lead_delete': 'id varchar, deleted_at varchar',
    'raw.lead_missing': 'id varchar, missed_at varchar',
    'raw.list_member': 'list_kind varchar, list varchar, lead_id varchar',
    'raw.field':
      'name varchar, data_type varchar, length bigint, updateable boolean',
    'raw.extract': 'id varchar, as_of varchar, is_complete boolean',
    'meta.plan_row':
      'plan_hash varchar, row_id varchar, kind varchar, lead_id bigint, loser_ids json, before_values json, after_values json, reason json',
    'meta.restored': 'lead_id bigint, new_id bigint, restored_at timestamp',
    'meta.outcome':
      'plan_hash varchar, row_id varchar, run_id varchar, status varchar, ended_at timestamp',
  })) {
    await warehouse.run(`create table ${name} (${shape})`)
  }

  const next = random(7)
  let compiled = 0
  let refused = 0
  for (let count = 0; compiled < 300; count += 1) {
    const { yaml, values } = hostile(next)
    const file = join(folder, `h${count}.yml`)
    writeFileSync(file, yaml)
    let rendered: ReturnType<typeof compileProject>
    try {
      const { pipeline } = await loadPipeline(file, {}, { secrets: 'ignored' })
      const context = ruleContext({
        pipeline,
        fields,
        asOf: '2026-01-01T00:00:00Z',
      })
      rendered = compileProject(ownProject(project, pipeline), {
        context,
        helpers: ruleHelpers(context),
      })
    } catch (error) {
      // A value that a file may not hold is refused with a sentence.
      expect(error).toBeInstanceOf(PipelineError)
      refused += 1
      continue
    }
    compiled += 1
    const seen = new Set<string>()
    for (const { sql, model } of rendered.models.values()) {
      if (!sql.includes(marker)) continue
      const { tree } = await warehouse.one<{ tree: string }>(
        'select json_serialize_sql($1::varchar) as tree',
        [sql],
      )
      const parsed = JSON.parse(tree) as {
        error: boolean
        statements?: unknown[]
      }
      expect(parsed.error, `${file} ${model.name}`).toBe(false)
      expect(parsed.statements, `${file} ${model.name}`).toHaveLength(1)
      const texts = constants(parsed)
      for (const value of texts) seen.add(value)
      // Outside constants nothing of a rule's text is left in the tree.
      const rest = JSON.stringify(parsed, (_, value: unknown) =>
        typeof value === 'string' && texts.includes(value) ? '' : value,
      )
      expect(rest.includes(marker), `${file} ${model.name}`).toBe(false)
    }
    for (const value of values) {
      const plain = value.trim().toLowerCase()
      expect(
        [...seen].some((text) => text === value || text === plain),
        `${file} keeps ${JSON.stringify(value)} whole`,
      ).toBe(true)
    }
    if (count % 25 === 0) {
      const built = await buildModels(warehouse, rendered, {
        names: null,
        emit: () => {},
        signal: new AbortController().signal,
        clock: systemClock,
      })
      expect(built.filter(({ status }) => status !== 'success')).toEqual([])
    }
  }
  const { leads } = await warehouse.one<{ leads: number }>(
    'select count(*) as leads from raw.lead',
  )
  await warehouse.close()
  process.stdout.write(
    `hostile rule files: ${compiled} compiled with 0 unquoted, ${refused} refused\n`,
  )
  expect(leads).toBe(10)
  expect(refused).toBeLessThan(compiled)
}, 300_000)
