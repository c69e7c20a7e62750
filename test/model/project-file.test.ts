import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadProject } from '../../src/model/project.js'
import { one, place, refusal, source, yaml } from './project-folder.js'

describe('a mistake in a project', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'a description without its row',
      { 'mart/lead.yml': 'description: Leads.\nmaterialized: table\n' },
      'models/mart/lead.yml:1:14  description must end with a sentence that says what a row is: "One row per …."',
    ],
    [
      'a misspelt key',
      { 'mart/lead.yml': `${yaml}colums: []\n` },
      'models/mart/lead.yml:3:1  colums is not a key here. Did you mean "columns"?',
    ],
    [
      'a materialisation that does not exist',
      {
        'mart/lead.yml':
          'description: A. One row per lead.\nmaterialized: tabel\n',
      },
      'models/mart/lead.yml:2:15  materialized must be one of table, view, component, linkage, not "tabel". Did you mean "table"?',
    ],
    [
      'a misspelt test',
      {
        'mart/lead.yml': `${yaml}columns:\n  - name: id\n    description: Id.\n    tests: [uniqe]\n`,
      },
      'models/mart/lead.yml:6:13  columns[0].tests[0] must be one of unique, not_null, not "uniqe". Did you mean "unique"?',
    ],
    [
      'a misspelt test with options',
      {
        'mart/lead.yml': `${yaml}columns:\n  - name: id\n    description: Id.\n    tests:\n      - accepted_value: { values: [1] }\n`,
      },
      'models/mart/lead.yml:7:9  columns[0].tests[0].accepted_value is not a key here. Did you mean "accepted_values"?',
    ],
    [
      'a relationship to nothing',
      {
        'mart/lead.yml': `${yaml}columns:\n  - name: id\n    description: Id.\n    tests:\n      - relationships: { to: leed, field: id }\n`,
      },
      'models/mart/lead.yml:7:9  there is no model "leed". Did you mean "lead"?',
    ],
    [
      'a ref of nothing',
      { 'mart/lead.sql': 'select *\nfrom {{ref "leed"}}\n' },
      'models/mart/lead.sql:2:6  there is no model "leed". Did you mean "lead"?',
    ],
    [
      'a source nobody declared',
      {
        'source.yml': source,
        'mart/lead.sql': 'select * from {{source "raw" "leads"}}',
      },
      'models/mart/lead.sql:1:15  there is no source "raw.leads"; declare it in source.yml. Did you mean "raw.lead"?',
    ],
    [
      'a template that does not parse',
      { 'mart/lead.sql': 'select\n  {{#if a}}\n' },
      'models/mart/lead.sql:3:1  the template does not parse: the template ends inside braces or an open block; correct the braces.',
    ],
    [
      'YAML that does not parse',
      { 'mart/lead.yml': 'description: [\n' },
      'models/mart/lead.yml:2:1  this is not YAML',
    ],
    [
      'two models of one name',
      { 'dedupe/lead.sql': 'select 1' },
      'models/mart/lead.sql:1:1  a model named lead is already in models/dedupe/lead.sql;',
    ],
    [
      'two tests of one name',
      {
        'mart/lead.yml': `${yaml}tests:\n  - { name: same, sql: select 1 }\n  - { name: same, sql: select 2 }\n`,
      },
      'models/mart/lead.yml:5:5  a test named same is already in models/mart/lead.yml;',
    ],
    [
      'a test of neither form',
      { 'mart/lead.yml': `${yaml}tests:\n  - { name: same }\n` },
      'models/mart/lead.yml:4:5  tests[0] must have unique with a list of columns, or name and sql.',
    ],
    [
      'a column described twice',
      {
        'mart/lead.yml': `${yaml}columns:\n  - { name: id, description: A. }\n  - { name: ID, description: B. }\n`,
      },
      'models/mart/lead.yml:1:1  the column id is described twice.',
    ],
    [
      'a model without YAML',
      { 'mart/lead.yml': '(none)' },
      'models/mart/lead.sql:1:1  there is no lead.yml beside it;',
    ],
    [
      'YAML without a model',
      { 'mart/lost.yml': yaml },
      'models/mart/lost.yml:1:1  there is no lost.sql beside it',
    ],
    [
      'a model outside of folders',
      { 'top.sql': 'select 1' },
      'models/top.sql:1:1  a model belongs in a folder under models;',
    ],
    [
      'a name that is no name',
      { 'mart/Lead-2.sql': 'select 1' },
      'models/mart/Lead-2.sql:1:1  the names of',
    ],
    [
      'a folder with the name of a source',
      { 'source.yml': source, 'raw/x.sql': 'select 1' },
      'models/raw/x.sql:1:1  a folder of models cannot be called raw,',
    ],
    [
      'a source declared twice',
      { 'source.yml': source + source.slice('sources:\n'.length) },
      'models/source.yml:1:1  raw.lead is declared twice; keep one.',
    ],
  ])('is told with its place: %s', async (_, files, expected) => {
    expect(await refusal({ ...one, ...files })).toContain(expected)
  })

  it('does not hide the others', async () => {
    const said = await refusal({
      'mart/lead.sql': 'select {{{x}}}',
      'mart/lead.yml': 'description: No.\nmaterialized: tabel\n',
      'dedupe/pair.sql': 'select * from {{ref "leed"}}',
    })
    expect(said.split('\n').map((line) => line.split('  ')[0])).toEqual([
      'models/dedupe/pair.sql:1:15',
      'models/mart/lead.sql:1:8',
      'models/mart/lead.yml:1:14',
      'models/mart/lead.yml:2:15',
    ])
  })

  it('in the folder itself says where to run', async () => {
    const gone = loadProject(join(place.folder, 'gone'), place.folder)
    await expect(gone).rejects.toThrow(
      /The models cannot be read from .*gone \(ENOENT/,
    )
  })

  it('of encoding is told, not read as other letters', async () => {
    await mkdir(join(place.folder, 'models', 'mart'), { recursive: true })
    const file = join(place.folder, 'models', 'mart', 'lead.sql')
    await writeFile(file, Buffer.from([0x73, 0xe9, 0x0a]))
    const loading = loadProject(join(place.folder, 'models'), place.folder)
    await expect(loading).rejects.toThrow('models/mart/lead.sql:1:1  the file')
  })
})
