/** The domain models of this project over given leads. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerFunctions } from '../../src/model/function.js'
import { loadProject } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { loadSeeds } from '../../src/model/seed.js'
import { renderModel } from '../../src/model/template.js'
import type { DomainList } from '../../src/pipeline/domain-list.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

const project = await loadProject('models')

const models = [
  'address_part',
  'typed_host',
  'lead_address',
  'email_host',
  'domain_suggestion',
  'company_value',
  'domain_company',
  'lead_domain',
  'email_domain',
  'email_problem',
  'domain_list',
]

const columns = ['email', 'company', 'createdAt']

export interface Lead {
  readonly email: string
  readonly company?: string
  readonly createdAt?: string
  /** How many such leads there are; default one. */
  readonly times?: number
}

function sqlOf(service: string): (name: string) => string {
  const { pipeline } = parsePipeline(
    `marketo: sandbox\nservices:\n  d: ${service}\n`,
    { name: 'acme', file: 'pipelines/acme.yml', env: {}, secrets: 'required' },
  )
  const fields = columns.map((name) => ({
    name,
    dataType: 'string',
    writable: true,
    length: null,
  }))
  const context = ruleContext({ pipeline, fields, asOf: '2026-11-21' })
  const environment = {
    helpers: ruleHelpers(context),
    resolver: {
      ref: (name: string) => ({ schema: 'main', name }),
      source: (schema: string, name: string) => ({ schema, name }),
    },
  }
  return (name) => {
    const model = project.models.get(name)
    if (model === undefined) throw new Error(`${name} is gone`)
    return renderModel(model.template, context, environment).sql
  }
}

/** A warehouse in which every model is built; ids count from 1. */
export async function domainStage(
  leads: readonly Lead[],
  service = '{ type: domain, write: { a: domain } }',
  lists: readonly DomainList[] = [],
): Promise<Warehouse> {
  const warehouse = await Warehouse.open({
    path: ':memory:',
    temp: mkdtempSync(join(tmpdir(), 'domain-test-')),
    sealed: true,
  })
  registerFunctions(warehouse)
  await loadSeeds(warehouse, lists)
  await warehouse.run(
    'create table live_lead (id bigint, email varchar, company varchar, "createdAt" varchar)',
  )
  await warehouse.append(
    'main.live_lead',
    {
      id: 'bigint',
      email: 'varchar',
      company: 'varchar',
      createdAt: 'varchar',
    },
    leads
      .flatMap((lead) => Array.from({ length: lead.times ?? 1 }, () => lead))
      .map(({ email, company, createdAt }, index) => [
        index + 1,
        email,
        company ?? null,
        createdAt ?? '2026-01-01T00:00:00Z',
      ]),
  )
  await warehouse.run('create table surviving_lead as from live_lead')
  await warehouse.run('create table cluster (winner_id bigint)')
  const sql = sqlOf(service)
  for (const name of models) {
    await warehouse.run(`create table ${name} as (${sql(name)})`)
  }
  return warehouse
}
