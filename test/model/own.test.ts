import { describe, expect, it } from 'vitest'
import { PipelineError } from '../../src/error.js'
import { compileProject } from '../../src/model/compile.js'
import { ownProject, ownWords } from '../../src/model/own.js'
import { requirementsOf } from '../../src/model/requirement.js'
import { parse } from '../pipeline/parse.js'
import { project, refusal, yaml } from './project-folder.js'

const models = {
  'staging/stg_lead.sql': 'select 1 as id, 2 as "leadScore"\n',
  'enrich/base.sql': 'select * from {{source "order"}}\n',
  'enrich/first.sql':
    '-- leadSource is not read\nselect id, "leadScore" from {{ref "base"}}\n',
  'enrich/other.sql': 'select * from {{source "visit"}}\n',
}

const enrich = (model: string, source = 'order') =>
  parse(
    `marketo: sandbox\nsource:\n  ${source}: { csv: a.csv }\nservices:\n  cat: { type: enrich, model: ${model}, write: { firstCategory: category } }\n`,
  )

async function names(model: string): Promise<string[]> {
  const { pipeline } = enrich(model)
  return [...ownProject(await project(models), pipeline).models.keys()]
}

async function refused(text: ReturnType<typeof parse>): Promise<string> {
  const all = await project(models)
  try {
    ownProject(all, text.pipeline, (path) => text.locate(path))
  } catch (error) {
    if (error instanceof PipelineError) return error.message
  }
  throw new Error('nothing was refused')
}

describe('models under models/enrich', () => {
  it('are built for the pipelines that name them, with what they read', async () => {
    expect(await names('enrich/first')).toEqual(['base', 'first', 'stg_lead'])
    expect(await names('enrich/base')).toEqual(['base', 'stg_lead'])
  })

  it('do not trouble pipelines that declare none of their sources', async () => {
    const plain = parse('marketo: sandbox\n').pipeline
    const own = ownProject(await project(models), plain)
    expect([...own.models.keys()]).toEqual(['stg_lead'])
  })

  it('read the sources of the pipeline, as lineage says', async () => {
    const { pipeline } = enrich('enrich/base')
    const own = ownProject(await project(models), pipeline)
    const compiled = compileProject(own, {
      context: {},
      helpers: {},
      requirements: requirementsOf(pipeline),
    })
    const base = compiled.models.get('base')
    expect(base?.sql).toBe('select * from "source"."order"\n')
    expect(base?.sources).toEqual([{ schema: 'source', table: 'order' }])
    expect(compiled.tests.map(({ test }) => test.name)).toEqual([
      'one_row_per_lead_base',
    ])
    expect(own.sources.get('source.order')?.description).toBe(
      'a.csv, as pipelines/acme.yml declares it. One row per row of it.',
    )
  })

  it('tell the fields that have to be exported for them', async () => {
    const { pipeline } = enrich('enrich/first')
    const words = ownWords(ownProject(await project(models), pipeline))
    expect(words.has('leadScore')).toBe(true)
    expect(words.has('leadSource')).toBe(false)
  })

  it('are refused where a source is not declared, with the nearest name', async () => {
    expect(await refused(enrich('enrich/base', 'orders'))).toBe(
      'models/enrich/base.sql:1:15  there is no source "order" in pipelines/acme.yml; declare it there under source. Did you mean "orders"?',
    )
  })

  it('are refused where a service names none, with the nearest name', async () => {
    expect(await refused(enrich('enrich/frist'))).toBe(
      'pipelines/acme.yml:5:31  services.cat.model names models/enrich/frist.sql, which does not exist. Did you mean "enrich/first"?',
    )
  })
})

describe('models that every pipeline builds', () => {
  it('cannot read the source of one', async () => {
    const message = await refusal({
      'mart/x.sql': 'select * from {{source "order"}}\n',
      'mart/x.yml': yaml,
    })
    expect(message).toBe(
      'models/mart/x.sql:1:15  "order" is a source of one pipeline, and this model is built for all of them; move it to models/enrich.',
    )
  })

  it('cannot lie in a folder called source', async () => {
    expect(await refusal({ 'source/x.sql': 'select 1 as id\n' })).toContain(
      'a folder of models cannot be called source',
    )
  })
})
