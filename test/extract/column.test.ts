import { describe, expect, it } from 'vitest'
import { checkFields, fieldsToExport } from '../../src/extract/column.js'
import { PipelineError } from '../../src/error.js'
import type { LeadField, LeadSchema } from '../../src/marketo/api.js'
import { nearest } from '../../src/pipeline/nearest.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { dedupe, pipelineOf } from './setup.js'

function field(name: string, more: Partial<LeadField> = {}): LeadField {
  return {
    name,
    displayName: name,
    dataType: 'string',
    length: 255,
    updateable: true,
    crmManaged: false,
    ...more,
  }
}

const schema: LeadSchema = {
  fields: [
    field('id', { dataType: 'integer', updateable: false }),
    field('createdAt', { dataType: 'datetime', updateable: false }),
    field('updatedAt', { dataType: 'datetime', updateable: false }),
    field('email'),
    field('leadScore'),
    field('leadScoreDate'),
    field('phone'),
    field('unsubscribed', { dataType: 'boolean' }),
    field('sfdcType', { updateable: false, crmManaged: true }),
    field('region', { crmManaged: true }),
    field('computed', { dataType: 'formula' }),
    field('neverUsed'),
  ],
  searchable: ['id'],
}

const at = () => ({ line: 14, column: 9 })

function problems(pipeline: Pipeline): string {
  try {
    checkFields(pipeline, schema, at, 'pipelines/acme.yml')
    return ''
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error
    expect(error).toMatchObject({ exit: 3, code: 'field' })
    return error.message
  }
}

function surviving(name: string): Pipeline {
  return pipelineOf({
    extract: { fields: [], start: null },
    services: [{ ...dedupe, survive: [{ field: name, rule: 'max' }] }],
  })
}

const wanting = (...fields: string[]) =>
  pipelineOf({ extract: { fields, start: null } })

describe('the columns to export', () => {
  it('are those of the rules, the analysts and every run, as far as they exist', () => {
    expect(fieldsToExport(wanting('leadScore', 'gone'), schema)).toEqual([
      'createdAt',
      'email',
      'id',
      'leadScore',
      'sfdcType',
      'unsubscribed',
      'updatedAt',
    ])
  })

  it('never are two that differ in case only', () => {
    const twins = { ...schema, fields: [...schema.fields, field('Phone')] }
    expect(() => fieldsToExport(wanting('phone', 'Phone'), twins)).toThrow(
      'Phone and phone differ in case only',
    )
  })
})

describe('a rule that the instance cannot follow', () => {
  it('is named with its place and the nearest fields', () => {
    expect(problems(wanting('leadscoer'))).toBe(
      'pipelines/acme.yml:14:9  extract.fields[0] names the field leadscoer, which this instance does not have. Nearest fields: leadScore, leadScoreDate.',
    )
  })

  it('is refused for a field that the CRM manages or nobody writes', () => {
    expect(problems(surviving('region'))).toContain('which the CRM manages')
    expect(problems(surviving('createdAt'))).toContain('lets nobody write')
    expect(problems(surviving('leadScore'))).toBe('')
  })

  it('is refused for a field that exports do not have', () => {
    expect(problems(wanting('computed'))).toContain('does not export')
  })

  it('is no problem where a field is only implied', () => {
    expect(
      problems(
        pipelineOf({
          extract: { fields: [], start: null },
          services: [{ ...dedupe, winner: [{ kind: 'crm_contact' }] }],
        }),
      ),
    ).toBe('')
  })

  it('is told together with all others', () => {
    expect(problems(wanting('nope', 'leadScore', 'gone')).split('\n')).toEqual([
      expect.stringContaining('extract.fields[0] names the field nope'),
      expect.stringContaining('extract.fields[2] names the field gone'),
    ])
  })
})

describe('the nearest names', () => {
  it('are at most three, a difference in case first', () => {
    const names = ['leadScore', 'leadscore2', 'leadSource', 'leadScoreDate']
    expect(nearest('LEADSCORE', names)).toEqual([
      'leadScore',
      'leadscore2',
      'leadSource',
    ])
    expect(nearest('zzz', names)).toEqual([])
  })
})
