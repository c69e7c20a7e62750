import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { ownProject } from '../../src/model/own.js'
import { loadProject, projectResolver } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { renderModel } from '../../src/model/template.js'
import { parsePipeline } from '../../src/pipeline/load.js'

const pipelineText = `description: Acme
owner: ops
marketo: sandbox
source:
  order: { csv: order.csv }
  product: { parquet: product.parquet }
services:
  people:
    type: dedupe
    list: { static: "News {{letter}}'s" }
    match:
      - same: [email]
      - same: [phone, last_name]
      - similar: { first_name: 0.9, company: 0.85, address: 0.8 }
        block: [email_domain, [last_name_sound, city]]
        where: { company: "O'Hara*" }
        list: { smart: "Fair '26" }
    never:
      - differ: company
      - where: { email: "*@acme.example" }
      - partition
      - household
      - employees: [acme.example]
      - intentional: keepApart
      - extra_key: brand
    winner: [crm_contact, { highest: leadScore }, { oldest: createdAt }, { lowest: id }]
    survive: { phone: most_recent, leadScore: max }
    consent: { unsubscribed: any_true }
    stamp: { duplicateCount: count, mergedIds: ids }
  everyone:
    type: dedupe
    match: [{ same: [full_name, company] }]
    winner: [{ lowest: id }]
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: google } }
  domain:
    type: domain
    list: { smart: 1045 }
    write: { emailDomain: domain, emailDomainType: type }
  category:
    type: enrich
    model: enrich/first_purchase_category
    write: { firstCategory: category }
`

function pipelineOf() {
  const { pipeline } = parsePipeline(pipelineText, {
    name: 'acme',
    file: 'pipelines/acme.yml',
    env: {},
    secrets: 'ignored',
  })
  return pipeline
}

function contextOf() {
  const names =
    'email phone lastName firstName company leadScore createdAt unsubscribed'
  const fields = [...names.split(' '), 'country', 'odd\'name"'].map((name) => ({
    name,
    dataType: 'string',
    length: 255,
    writable: true,
  }))
  return ruleContext({
    pipeline: pipelineOf(),
    fields,
    asOf: '2026-11-21T00:00:00Z',
  })
}

/** This project's models, as the pipeline builds them. */
async function projectWithEnrichment() {
  const project = ownProject(await loadProject('models'), pipelineOf())
  const resolver = projectResolver(project)
  return { models: [...project.models.values()], resolver }
}

describe('the models of this project', () => {
  it('all render to one statement for a pipeline with every service', async () => {
    const context = contextOf()
    const { models, resolver } = await projectWithEnrichment()
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const helpers = ruleHelpers(context)
    const refs = new Map<string, readonly string[]>()
    for (const { name, template } of models) {
      const rendered = renderModel(template, context, { helpers, resolver })
      const { count } = await connection.extractStatements(rendered.sql)
      expect([name, count]).toEqual([name, 1])
      refs.set(name, rendered.refs)
    }
    connection.closeSync()
    instance.closeSync()
    expect(refs.size).toBe(models.length)
    expect(refs.get('lead_write')).toContain('first_purchase_category')
  })

  it('carry a rule with quotes and braces into SQL as a literal', async () => {
    const context = contextOf()
    const { models, resolver } = await projectWithEnrichment()
    const { template } = models.find(({ name }) => name === 'match_key') ?? {}
    if (template === undefined) throw new Error('match_key is gone')
    const helpers = ruleHelpers(context)
    const { sql } = renderModel(template, context, { helpers, resolver })
    expect(sql).toContain("'News {{letter}}''s'")
  })
})
