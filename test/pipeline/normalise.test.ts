import { describe, expect, it } from 'vitest'
import type {
  DedupeService,
  ExtractPolicy,
  Service,
} from '../../src/pipeline/pipeline.js'
import { dedupe, instance, parse, sandbox, services } from './parse.js'

const same = 'match: [{ same: [email] }]\n'

function first(text: string): Service {
  const [service] = parse(text).pipeline.services
  if (service === undefined) throw new Error('no service')
  return service
}

function person(rules: string): DedupeService {
  const service = first(dedupe(same + rules))
  if (service.type !== 'dedupe') throw new Error('not dedupe')
  return service
}

describe('a pipeline file with nothing but its Marketo', () => {
  it('gets every default', () => {
    expect(parse(sandbox).pipeline).toEqual({
      name: 'acme',
      file: 'pipelines/acme.yml',
      description: '',
      owner: '',
      groups: [],
      marketo: {
        kind: 'sandbox',
        leads: 3000,
        seed: 7,
        from: null,
        timeScale: 120,
        budget: {
          callsPerDay: 20_000,
          callsPer20s: 50,
          concurrency: 5,
          exportMbPerDay: 400,
        },
      },
      extract: {
        fields: [],
        start: null,
        rejects: { rows: 10, share: 0.001 },
        keepDays: null,
        contract: 'evolve',
      },
      sources: [],
      services: [],
      overrides: [],
      load: {
        apply: 'review',
        bulkImport: true,
        crmRecordsPerHour: null,
        guardrails: {
          merges: 500,
          mergeShare: 0.02,
          updates: 50_000,
          clusterSize: 10,
          consentChanges: null,
          crmMerges: null,
          minPrecision: null,
        },
      },
      schedule: null,
      alert: [],
    })
  })

  it('reads an instance, its address without /rest', () => {
    const text = instance.replace('.com', '.com/rest/')
    expect(parse(text).pipeline.marketo).toMatchObject({
      kind: 'instance',
      endpoint: 'https://123-ABC-456.mktorest.com',
      clientId: 'an-id',
      clientSecret: 'a-secret-of-acme',
      timeScale: 1,
    })
  })

  it.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9'])(
    'takes a fast clock and no TLS at %s',
    (endpoint) => {
      const text = `${instance.replace('https://123-ABC-456.mktorest.com', endpoint)}  time_scale: 60\n`
      const { marketo } = parse(text).pipeline
      expect(marketo).toMatchObject({ endpoint, timeScale: 60 })
    },
  )

  it('does not take a host that only begins like loopback', () => {
    const text = instance.replace('https://123', 'http://127.0.0.1.example')
    expect(() => parse(text)).toThrow('must begin with https')
  })

  it('reads a part of a value from the environment', () => {
    const text = instance.replace('123-ABC-456', '${HOST}')
    const env = { ID: 'i', SECRET: 's', HOST: '999-XYZ-999 ' }
    expect(parse(text, env).pipeline.marketo).toMatchObject({
      endpoint: 'https://999-XYZ-999.mktorest.com',
    })
  })

  it('loads without secrets where they are ignored', () => {
    const { pipeline } = parse(instance, {}, 'ignored')
    expect(pipeline.marketo).toMatchObject({ clientSecret: '${SECRET}' })
  })
})

describe('a dedupe service', () => {
  it('chooses winners by CRM rank, time and id unless told', () => {
    expect(person('').winner).toEqual([
      { kind: 'crm_contact' },
      { kind: 'crm_lead' },
      { kind: 'newest', field: 'updatedAt' },
      { kind: 'lowest', field: 'id' },
    ])
  })

  it('always ends its winner order with the lowest id', () => {
    expect(person('winner: [{ highest: leadScore }]').winner).toEqual([
      { kind: 'highest', field: 'leadScore' },
      { kind: 'lowest', field: 'id' },
    ])
    const named = person('winner: [most_complete, { lowest: id }]').winner
    expect(named).toHaveLength(2)
  })

  it('covers the standard opt-outs without being told', () => {
    const { consent } = person(
      'consent: { optIn: latest, emailInvalid: any_true }',
    )
    const named = consent.map(({ field, rule }) =>
      [field, typeof rule === 'string' ? rule : rule.kind].join(' '),
    )
    expect(named).toEqual([
      'optIn latest',
      'emailInvalid any_true',
      'unsubscribed any_true',
      'emailSuspended any_true',
      'marketingSuspended any_true',
      'blackListed any_true',
    ])
  })

  it('keeps values of conditions exactly as written', () => {
    const rule =
      'never: [{ where: { a: 007, b: 1.50, c: true, d: "*@X.example", e: ~, f: { not: null }, g: [1, "x"], h: "" } }]'
    expect(person(rule).never).toEqual([
      {
        kind: 'where',
        where: [
          { field: 'a', kind: 'any_of', values: ['007'] },
          { field: 'b', kind: 'any_of', values: ['1.50'] },
          { field: 'c', kind: 'any_of', values: ['true'] },
          { field: 'd', kind: 'pattern', pattern: '*@X.example' },
          { field: 'e', kind: 'empty' },
          { field: 'f', kind: 'present' },
          { field: 'g', kind: 'any_of', values: ['1', 'x'] },
          { field: 'h', kind: 'empty' },
        ],
      },
    ])
  })

  it.each([
    ['{ static: Newsletter }', { kind: 'static', list: 'Newsletter' }],
    ['{ static: 007 }', { kind: 'static', list: '007' }],
    ['{ smart: 1045 }', { kind: 'smart', list: '1045' }],
  ])('works on the list %s', (list, expected) => {
    expect(person(`list: ${list}`).list).toEqual(expected)
  })

  it('may share survive fields with another dedupe service', () => {
    const rule =
      'type: dedupe, match: [{ same: [email] }], survive: { phone: max }'
    const text = services(`a: { ${rule} }`, `b: { ${rule} }`)
    expect(parse(text).pipeline.services).toHaveLength(2)
  })

  it.each(['title', 'leadScore', 'Legacy_Id__c', 'interests', 'firstName'])(
    'matches on the Marketo field %s',
    (field) => {
      const service = first(dedupe(`match: [{ same: [${field}] }]`))
      expect(service).toMatchObject({ match: [{ same: [field] }] })
    },
  )
})

describe('other services and policies', () => {
  it('hashes by SHA-256 in hex, and in base64 for UID2', () => {
    const text = services(
      'h: { type: hash, write: { a: {}, b: { profile: uid2 } } }',
    )
    expect(first(text)).toMatchObject({
      write: [
        {
          field: 'a',
          rule: { algorithm: 'sha256', profile: 'none', encoding: 'hex' },
        },
        {
          field: 'b',
          rule: { algorithm: 'sha256', profile: 'uid2', encoding: 'base64' },
        },
      ],
    })
  })

  it.each([
    ['2%', 0.02],
    ['0.02', 0.02],
    ['12.5 %', 0.125],
    ['100%', 1],
    ['0', 0],
  ])('reads the share %s', (written, share) => {
    const text = `${sandbox}load: { guardrails: { merge_share: ${written} } }\n`
    expect(parse(text).pipeline.load.guardrails.mergeShare).toBe(share)
  })

  it.each(['0 5 * * *', '*/15 8-18 * * mon-fri', '0 0 1,15 jan,jul 7'])(
    'takes the cron expression %s',
    (cron) => {
      const { pipeline } = parse(`${sandbox}schedule: { cron: "${cron}" }\n`)
      expect(pipeline.schedule).toMatchObject({
        cron,
        timezone: 'UTC',
        until: null,
      })
    },
  )

  it('reads a value that an alias repeats', () => {
    const text = services(
      'h: { type: hash, write: { a: &rule { profile: google } } }',
      'i: { type: hash, write: { b: *rule } }',
    )
    expect(parse(text).pipeline.services[1]).toMatchObject({
      write: [{ field: 'b', rule: { profile: 'google' } }],
    })
  })
})

function policy(lines: string): ExtractPolicy {
  return parse(`${sandbox}extract: { ${lines} }\n`).pipeline.extract
}

describe('what an extract does with odd things', () => {
  it.each([
    ['rejects: 100', { rows: 100, share: 0 }],
    ['rejects: 0', { rows: 0, share: 0 }],
    ['rejects: 0.5%', { rows: 10, share: 0.005 }],
    ['rejects: 0%', { rows: 0, share: 0 }],
  ])('takes %s for a limit of broken rows', (line, limit) => {
    expect(policy(line).rejects).toEqual(limit)
  })

  it('keeps days and a contract as they are written', () => {
    expect(policy('keep_days: 30, contract: freeze')).toMatchObject({
      keepDays: 30,
      contract: 'freeze',
    })
  })

  it('puts the folder of a list before its name', () => {
    expect(person('list: { static: Seeds, folder: /EMEA/2026/ }').list).toEqual(
      { kind: 'static', list: 'EMEA/2026/Seeds' },
    )
    expect(person('list: { smart: Hot leads }').list).toEqual({
      kind: 'smart',
      list: 'Hot leads',
    })
  })
})
