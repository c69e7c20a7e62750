import { describe, expect, it } from 'vitest'
import { graphOf } from '../../src/model/graph.js'
import {
  loadProject,
  projectResolver,
  projectTests,
} from '../../src/model/project.js'
import { one, project, refusal, source, yaml } from './project-folder.js'

/** The refusal of a model with these tests, which begin in line 4. */
function sqlTest(text: string): Promise<string> {
  return refusal({ ...one, 'mart/lead.yml': `${yaml}tests:\n${text}` })
}

describe('a project', () => {
  it('has a model per .sql file, in the schema of its first folder', async () => {
    const { models } = await project({
      ...one,
      'dedupe/deep/pair.sql': 'select 1',
    })
    const seen = [...models.values()].map(({ name, path, relation }) => [
      name,
      path,
      relation,
    ])
    expect(seen).toEqual([
      ['pair', 'dedupe/deep/pair', { schema: 'dedupe', name: 'pair' }],
      ['lead', 'mart/lead', { schema: 'main', name: 'lead' }],
    ])
  })

  it('knows what the YAML says of a model', async () => {
    const { models } = await project({
      'mart/lead.sql': 'select 1 as id',
      'mart/lead.yml': `description: >
  Leads that are
  live. One row per lead.
materialized: component
tags: [published, core]
columns:
  - name: id
    description: The lead.
`,
    })
    expect(models.get('lead')).toMatchObject({
      description: 'Leads that are live. One row per lead.',
      materialized: 'component',
      tags: ['published', 'core'],
      columns: [{ name: 'id', description: 'The lead.' }],
      yaml: 'models/mart/lead.yml',
      template: { file: 'models/mart/lead.sql', text: 'select 1 as id' },
    })
  })

  it('has tests of every form, named as dbt names them', async () => {
    const loaded = await project({
      'dedupe/pair.sql': 'select 1',
      'mart/lead.sql': 'select 1 as id',
      'mart/lead.yml': `${yaml}columns:
  - name: id
    description: The lead.
    tests:
      - unique
      - not_null: { severity: warn }
      - accepted_values: { values: [1, two, true], severity: warn }
      - relationships: { to: pair, field: lead_id }
tests:
  - unique: [id, name]
  - unique: [id, kind]
    severity: warn
  - name: no_gaps
    severity: warn
    sql: |
      select *
      from {{ref "lead"}}
`,
    })
    const tests = projectTests(loaded).map(({ at, ...test }) => {
      const { line } = at
      return { ...test, line }
    })
    const base = { model: 'lead', severity: 'error' }
    const warn = { model: 'lead', severity: 'warn' }
    expect(tests).toMatchObject([
      { ...base, name: 'unique_lead_id', kind: 'unique', columns: ['id'] },
      { ...warn, name: 'not_null_lead_id', kind: 'not_null', line: 8 },
      { ...warn, name: 'accepted_values_lead_id', values: [1, 'two', true] },
      { ...base, name: 'relationships_lead_id__pair', field: 'lead_id' },
      { ...base, name: 'unique_lead_id_name', columns: ['id', 'name'] },
      { ...warn, name: 'unique_lead_id_kind', line: 13 },
      { ...warn, name: 'no_gaps', kind: 'sql', line: 15 },
    ])
  })

  it('gives the lines of the YAML file for SQL inside it', async () => {
    expect(
      await sqlTest('  - name: t\n    sql: |\n      select\n        {{{x}}}\n'),
    ).toMatch(/^models\/mart\/lead\.yml:7:9 {2}triple braces/)
    expect(await sqlTest('  - name: t\n    sql: select {{{x}}}\n')).toMatch(
      /^models\/mart\/lead\.yml:5:17 {2}triple braces/,
    )
    expect(await sqlTest('  - { name: t, sql: "{{{x}}}" }\n')).toMatch(
      /^models\/mart\/lead\.yml:4:22 {2}triple braces/,
    )
    expect(
      await sqlTest('  - name: t\n    sql: |\n      {{ref "laed"}}\n'),
    ).toBe(
      'models/mart/lead.yml:6:7  there is no model "laed". Did you mean "lead"?',
    )
  })

  it('resolves models and declared sources, and nothing else', async () => {
    const loaded = await project({ ...one, 'source.yml': source })
    const { ref, source: from } = projectResolver(loaded)
    const at = { file: 'models/x.sql', line: 3, column: 4 }
    expect(ref('lead', at)).toEqual({ schema: 'main', name: 'lead' })
    expect(from('raw', 'lead', at)).toEqual({ schema: 'raw', name: 'lead' })
    expect(() => ref('leed', at)).toThrow(
      'models/x.sql:3:4  there is no model "leed". Did you mean "lead"?',
    )
    expect(() => from('raw', 'led', at)).toThrow('Did you mean "raw.lead"?')
  })

  it('of this repository loads, and no model of it reads in a circle', async () => {
    const { models } = await loadProject('models')
    const references = [...models.values()].map(
      ({ name, references: { refs } }) => [name, refs] as const,
    )
    const { order } = graphOf(new Map(references))
    expect(order.length).toBe(models.size)
    expect(order.indexOf('cluster')).toBeLessThan(order.indexOf('load_merge'))
  })
})
