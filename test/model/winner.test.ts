import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { base, type BaseLead } from './base.js'

const pipeline = `marketo: sandbox
services:
  person:
    type: dedupe
    match: [{ same: [email] }]
    winner:
      rules: [{ highest: leadScore }]
      else: review
    survive: { phone: most_recent }
    stamp: { mergedBy: service, mergedWhy: rule, mergedCount: count, mergedIds: ids, mergedInto: cluster, mergedOn: date }
`

function lead(id: string, person: string, more: BaseLead = {}): BaseLead {
  return { id, email: `${person}@x.example`, leadScore: id, ...more }
}

const stamps = Object.fromEntries(
  ['By', 'Why', 'Count', 'Ids', 'Into', 'On'].map((end) => [
    `merged${end}`,
    null,
  ]),
)

const leads: readonly BaseLead[] = [
  lead('1', 'crm', { ...stamps, sfdcType: 'Lead' }),
  lead('2', 'crm'),
  lead('3', 'agreed', { sfdcContactId: '003' }),
  lead('4', 'agreed', { leadScore: '1' }),
  lead('5', 'tie', { leadScore: '7' }),
  lead('6', 'tie', { leadScore: '7' }),
  lead('7', 'gone', { sfdcType: 'Contact', sfdcIsDeleted: 'true' }),
  lead('8', 'gone', { sfdcType: null }),
  lead('9', 'deleted', { sfdcType: 'Contact', sfdcIsDeleted: 'true' }),
  lead('10', 'deleted', { sfdcLeadId: '00Q' }),
  lead('11', 'chosen', { phone: '1', unsubscribed: 'true', mergedCount: '2' }),
  lead('12', 'chosen', { phone: '2', mergedIds: '90,91' }),
  // Stamped by a plan that was lost before the merge.
  lead('20', 'again', { mergedCount: '1', mergedIds: '15' }),
  lead('15', 'again'),
  lead('16', 'again', { mergedCount: '1', mergedIds: '92' }),
  lead('13', 'vain', { sfdcType: 'Contact' }),
  lead('14', 'vain'),
]

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await base({
    pipeline,
    leads,
    overrides: [
      { leadId: '11' },
      { leadId: '20' },
      { kind: 'value', leadId: '12', field: 'phone', value: '+1 555' },
      { kind: 'value', leadId: '11', field: 'unsubscribed', value: 'false' },
      { leadId: '14', reason: 'my {contact}' },
    ],
    models: ['load_merge_survivor', 'load_merge'],
  })
})
afterAll(async () => {
  await warehouse.close()
})

function cluster(component: number) {
  return warehouse.one(
    `select winner_id as winner, overruled_id as overruled, decided_by as why,
       hold, status
     from dedupe.cluster where component = $1`,
    [component],
  )
}

const crm = 'CRM contact before CRM lead before Marketo only'

describe('the winner of a cluster', () => {
  it('is the one that Marketo keeps, and the overruled one is named', async () => {
    expect(await cluster(1)).toEqual({
      winner: 1,
      overruled: 2,
      why: `${crm}; Marketo overrules lead 2, which would win by highest leadScore`,
      hold: null,
      status: 'merge',
    })
    const reason = await warehouse.one(
      'select winner_reason as why from load.load_merge where winner_id = 1',
    )
    expect(reason).toEqual({
      why: `${crm}; Marketo overrules lead 2, which would win by highest leadScore`,
    })
  })

  it('is nobody overruled where Marketo and the rules agree', async () => {
    expect(await cluster(3)).toMatchObject({ winner: 3, overruled: null })
  })

  it('is chosen by a person where the rules leave a tie', async () => {
    expect(await cluster(5)).toMatchObject({
      status: 'review',
      hold: 'no winner rule sets one of its leads apart',
    })
  })

  it('is chosen by a person where the CRM has deleted the better record', async () => {
    expect(await cluster(7)).toMatchObject({ winner: 7, status: 'merge' })
    expect(await cluster(9)).toMatchObject({
      status: 'review',
      hold: 'the CRM has deleted 1 of its 2 CRM records and would refuse the merge (1078): delete those leads in Marketo',
    })
  })

  it('is the one that a person chose, unless Marketo overrules the person', async () => {
    expect(await cluster(11)).toMatchObject({
      winner: 11,
      why: 'choice of ana: called them',
    })
    expect(await cluster(13)).toMatchObject({
      winner: 13,
      overruled: 14,
      why: `${crm}; Marketo overrules lead 14, which would win by choice of ana: my {contact}`,
    })
  })
})

async function survivor(winner: number): Promise<Map<string, unknown>> {
  const rows = await warehouse.rows<{ field: string; value: string }>(
    `select field, concat_ws(' | ', value, source_id, rule) as value
     from load.load_merge_survivor where winner_id = $1`,
    [winner],
  )
  return new Map(rows.map(({ field, value }) => [field, value]))
}

describe('the survivor', () => {
  it('holds the value that a person chose, but no opt-out is taken back', async () => {
    const values = await survivor(11)
    expect(values.get('phone')).toBe('+1 555 | choice of ana: called them')
    expect(values.get('unsubscribed')).toBe('true | 11 | any_true')
  })

  it('is stamped with count, ids, date, cluster, service and rule', async () => {
    const values = await survivor(11)
    expect(values.get('mergedCount')).toBe('3 | stamp count')
    expect(values.get('mergedIds')).toBe('90,91,12 | stamp ids')
    expect(values.get('mergedInto')).toBe('11 | stamp cluster')
    expect(values.get('mergedOn')).toBe('2026-11-21T00:00:00Z | stamp date')
    expect(values.get('mergedBy')).toBe('person | stamp service')
    expect(values.get('mergedWhy')).toBe('same email | stamp rule')
  })

  it('is stamped with nobody twice after a plan that was lost', async () => {
    const values = await survivor(20)
    expect(values.get('mergedCount')).toBe('3 | stamp count')
    expect(values.get('mergedIds')).toBe('92,15,16 | stamp ids')
  })
})
