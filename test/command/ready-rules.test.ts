import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReadyRules, readyRules } from '../../src/pipeline/ready-rules.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { listPipelines } from '../../src/pipeline/select.js'
import { base, type BaseLead } from '../model/base.js'
import { invoke, project } from './invoke.js'

interface Case {
  readonly leads: readonly BaseLead[]
  /** Winner and losers of each merge. */
  readonly merges: readonly (readonly number[])[]
  /** Leads whose group a person decides. */
  readonly review: readonly (readonly number[])[]
  /** By winner and field. */
  readonly values: Readonly<Record<string, string>>
}

const same = { email: 'zoe@x.example' }
const other = { email: 'lee@x.example' }

function person(
  id: string,
  firstName: string,
  lastName: string,
  more: BaseLead,
): BaseLead {
  const updatedAt = `2025-01-${id.padStart(2, '0')}`
  return { id, firstName, lastName, country: 'SE', updatedAt, ...more }
}

const cases: Readonly<Record<string, Case>> = {
  'marketo-ui': {
    leads: [
      { id: '1', ...same, title: 'a', phone: '1', updatedAt: '2024-01-01' },
      { id: '2', ...same, title: 'b', updatedAt: '2025-01-01' },
      { id: '3', ...same, unsubscribed: 'true', updatedAt: '2023-01-01' },
    ],
    merges: [[2, 1, 3]],
    review: [],
    values: { '2 title': 'b', '2 phone': '1', '2 unsubscribed': 'true' },
  },
  'fill-in-the-blanks': {
    leads: [
      { id: '1', ...same, leadScore: '9', updatedAt: '2024-01-01' },
      { id: '2', ...same, leadScore: '5', title: 'b', updatedAt: '2023-01-01' },
      { id: '3', ...same, leadScore: '7', title: 'c', updatedAt: '2022-01-01' },
      { id: '4', ...other, leadScore: '5', updatedAt: '2024-01-01' },
      { id: '5', ...other, leadScore: '5', updatedAt: '2024-01-01' },
    ],
    merges: [[1, 2, 3]],
    review: [[4, 5]],
    values: { '1 title': 'b', '1 leadScore': '9' },
  },
  scored: {
    leads: [
      { id: '1', ...same, leadScore: '9', updatedAt: '2025-01-01' },
      { id: '2', ...same, sfdcAccountId: '001', updatedAt: '2024-01-01' },
      { id: '3', ...same, sfdcOpptyId: '006', title: 'c' },
      { id: '4', ...other },
      { id: '5', ...other },
    ],
    merges: [[3, 1, 2]],
    review: [[4, 5]],
    values: { '3 title': 'c', '3 leadScore': '9' },
  },
  'crm-newest': {
    leads: [
      { id: '1', ...same, createdAt: '2024-01-01', phone: '1' },
      { id: '2', ...same, createdAt: '2025-01-01' },
      { id: '3', ...other, createdAt: '2025-01-01' },
      { id: '4', ...other, createdAt: '2024-01-01', sfdcType: 'Lead' },
    ],
    merges: [
      [2, 1],
      [4, 3],
    ],
    review: [],
    values: { '2 phone': '1' },
  },
  'salesforce-standard': {
    leads: [
      // Email and a nickname; then a phone and a typing error.
      person('1', 'Robert', 'Larsson', { email: 'bob@x.example' }),
      person('2', 'Bob', 'Larsson', {
        email: 'bob@x.example',
        phone: '+46701234567',
      }),
      person('3', 'Bob', 'Larson', {
        phone: '+46 70 123 45 67',
        sfdcType: 'Lead',
      }),
      // Title and company.
      person('4', 'Katarina', 'Holm', {
        title: 'Head of Sales',
        company: 'Blue Otter Ltd',
        email: 'kh@o.example',
      }),
      person('5', 'Katarína', 'Holm', {
        title: 'Head, Sales',
        company: 'Blue Otter',
        email: 'katarina@o.example',
      }),
      // The names the wrong way round.
      person('11', 'Holm', 'Katarina', { email: 'kh@o.example' }),
      // Street and city.
      person('6', 'Jean', 'Moreau', { address: '12 rue du Lac', city: 'Lyon' }),
      person('7', 'Jean', 'Moreau', {
        address: '12, rue du lac',
        city: 'Lyon',
      }),
      // One email, two people; one name, nothing else; one phone, two people.
      person('8', 'Ann', 'Berg', {
        email: 'team@b.example',
        phone: '+46701111111',
      }),
      person('9', 'Ulf', 'Stone', {
        email: 'team@b.example',
        phone: '+46701111111',
      }),
      person('10', 'Jean', 'Moreau', { address: '1 place X', city: 'Nice' }),
    ],
    merges: [
      [3, 2, 1],
      [7, 6],
      [11, 5, 4],
    ],
    review: [],
    values: { '3 email': 'bob@x.example', '3 firstName': 'Bob' },
  },
  'salesforce-merge': {
    leads: [
      { id: '1', ...same, leadScore: '10', updatedAt: '2024-01-01' },
      { id: '2', ...same, leadScore: '20', updatedAt: '2025-01-01' },
    ],
    merges: [[2, 1]],
    review: [],
    values: { '2 leadScore': '30' },
  },
}

describe('ready rules', () => {
  it('each have a case below, and none is taken for a pipeline', async () => {
    expect(await readyRules()).toEqual(Object.keys(cases).toSorted())
    const pipelines = await listPipelines('pipelines')
    expect(pipelines.filter((name) => name in cases)).toEqual([])
  })

  it.each(Object.entries(cases))(
    '%s choose the winner and the values that they promise',
    async (name, { leads, merges, review, values }) => {
      const pipeline = await readReadyRules(name)
      const models = ['cluster', 'survivor']
      const warehouse = await base({ pipeline, leads, models })
      const found = await warehouse.rows<{ leads: number[]; status: string }>(
        `select list_prepend(winner_id, loser_ids) as leads, status
         from dedupe.cluster order by winner_id`,
      )
      const kept = await warehouse.rows<{ what: string; value: string }>(
        `select concat_ws(' ', winner_id, field) as what, value
         from dedupe.survivor`,
      )
      await warehouse.close()
      const of = (status: string) =>
        found.filter((each) => each.status === status).map((each) => each.leads)
      expect(of('merge')).toEqual(merges)
      expect(of('review')).toEqual(review)
      const known = Object.fromEntries(
        kept.map(({ what, value }) => [what, value]),
      )
      expect(known).toMatchObject(values)
    },
  )

  it('begin a pipeline of one’s own by init --from', async () => {
    const cwd = await project()
    for (const name of await readyRules()) {
      const { code } = await invoke(['init', name, '--from', name], { cwd })
      expect(code).toBe(0)
      const file = join(cwd, 'pipelines', `${name}.yml`)
      const options = { secrets: 'ignored' } as const
      const { pipeline } = await loadPipeline(file, {}, options)
      expect(pipeline.marketo.kind).toBe('instance')
      expect(await readFile(file, 'utf8')).toContain('$schema=../.pipeline')
    }
  })

  it('are listed where the name is wrong', async () => {
    const cwd = await project()
    const args = ['init', 'acme', '--from', 'salesforce']
    const { code, stderr } = await invoke(args, { cwd })
    expect(code).toBe(3)
    for (const name of Object.keys(cases)) expect(stderr).toContain(name)
  })
})
