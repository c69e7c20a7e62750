/** The hash models of this project over given values. */
import { loadProject } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { registerHashFunctions } from '../../src/model/hash-function.js'
import { hashKeys } from '../../src/model/hash-function.js'
import { renderModel } from '../../src/model/template.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Input {
  /** Marketo's name of the field. */
  readonly field: string
  readonly value: string
  readonly country?: string
}

export interface Hashed {
  readonly value: string | null
  readonly problem: string | null
  readonly rule: string
}

const project = await loadProject('models')

/** A hash rule as in a pipeline file: `{ profile: google }`. */
function compiled(rule: string, env: Record<string, string>) {
  const text = `marketo: sandbox\nservices:\n  h: { type: hash, write: { target: ${rule} } }\n`
  const { pipeline } = parsePipeline(text, {
    name: 'acme',
    file: 'pipelines/acme.yml',
    env,
    secrets: 'required',
  })
  const context = ruleContext({ pipeline, fields: [], asOf: '2026-11-21' })
  const environment = {
    helpers: ruleHelpers(context),
    resolver: {
      ref: (name: string) => ({ schema: 'main', name }),
      source: (schema: string, name: string) => ({ schema, name }),
    },
  }
  const sql = (name: string) => {
    const model = project.models.get(name)
    if (model === undefined) throw new Error(`${name} is gone`)
    return renderModel(model.template, context, environment).sql
  }
  return { sql, columns: context.hash_fields, keys: hashKeys(pipeline) }
}

export class HashStage {
  readonly warehouse: Warehouse

  private constructor(warehouse: Warehouse) {
    this.warehouse = warehouse
  }

  static async open(): Promise<HashStage> {
    const temp = mkdtempSync(join(tmpdir(), 'hash-test-'))
    const options = { path: ':memory:', temp, sealed: true }
    return new HashStage(await Warehouse.open(options))
  }

  /** What the models make of each value, in its order. */
  async hash(
    rule: string,
    inputs: readonly Input[],
    env: Record<string, string> = {},
  ): Promise<Hashed[]> {
    const lead_hash = await this.#prepare(rule, inputs, env)
    return await this.warehouse.rows<Hashed>(
      `select value, problem, rule from (${lead_hash}) order by id`,
    )
  }

  /** Fills the tables before it; gives the SQL of lead_hash. */
  async #prepare(
    rule: string,
    inputs: readonly Input[],
    env: Record<string, string>,
  ): Promise<string> {
    const { sql, columns, keys } = compiled(rule, env)
    registerHashFunctions(this.warehouse, keys)
    const names = columns.map(({ column }) => column)
    const list = names.map((name) => `${name} varchar`).join(', ')
    await this.warehouse.run(
      `create or replace table hash_input (id bigint, ${list})`,
    )
    const value = (input: Input, field: string) =>
      field === 'country' ? (input.country ?? null) : input.value
    await this.warehouse.append(
      'main.hash_input',
      {
        id: 'bigint',
        ...Object.fromEntries(names.map((name) => [name, 'varchar'] as const)),
      },
      inputs.map((input, id) => [
        id,
        ...columns.map(({ field }) => value(input, field)),
      ]),
    )
    await this.warehouse.run(
      `create or replace table hash_phone as (${sql('hash_phone')})`,
    )
    return sql('lead_hash')
  }

  /** Only the hashes, or `!` and the reason; for many values. */
  async hashes(
    rule: string,
    inputs: readonly Input[],
    env: Record<string, string> = {},
  ): Promise<string[]> {
    const lead_hash = await this.#prepare(rule, inputs, env)
    const { all } = await this.warehouse.one<{ all: string }>(
      `select string_agg(coalesce(value, '!' || problem), chr(10) order by id) as "all" from (${lead_hash})`,
    )
    return all.split('\n')
  }

  /** The same for one value. */
  async one(
    rule: string,
    value: string,
    options: { country?: string; env?: Record<string, string> } = {},
  ): Promise<Hashed> {
    const { country = '', env = {} } = options
    const [row] = await this.hash(rule, [{ field: '', value, country }], env)
    if (row === undefined) throw new Error('nothing was hashed')
    return row
  }
}
