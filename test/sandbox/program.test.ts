import { describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Caller, codeOf, visitFile } from './caller.js'

const csv = `id,email\n${[1, 2, 3, 4, 5].map((id) => `${id},p${id}@x.example`).join('\n')}\n`

const programs: SandboxOptions['programs'] = [
  {
    id: 31,
    name: 'Roadshow',
    statuses: ['Invited', 'Registered', 'Attended'],
    success: ['Attended'],
    members: { 1: 'Invited', 2: 'Attended' },
  },
  {
    id: 32,
    name: 'Webinar',
    statuses: ['Invited', 'Attended'],
    members: { 2: 'Attended', 3: 'Invited' },
  },
]

/** By program, as the lead's own membership tells. */
async function statuses(caller: Caller, lead: number) {
  const path = `/rest/v1/leads/${lead}/programMembership.json`
  const { result = [] } = await caller.get(path)
  return Object.fromEntries(
    result
      .filter(({ id }) => Number(id) !== 2001)
      .map((one) => [String(one['id']), one['progressionStatus']]),
  )
}

function set(program: number, statusName: string, leads: readonly number[]) {
  const path = `/rest/v1/programs/${program}/members/status.json`
  return [
    path,
    { statusName, input: leads.map((leadId) => ({ leadId })) },
  ] as const
}

describe('programs', () => {
  it('tell their members, and leads their programs', async () => {
    const { caller } = await visitFile(csv, { programs })
    expect(await statuses(caller, 2)).toEqual({
      31: 'Attended',
      32: 'Attended',
    })
    const base = '/rest/v1/programs/31/members.json?filterType=leadId'
    const { result } = await caller.get(
      `${base}&filterValues=1,2,3&fields=leadId,statusName`,
    )
    expect(result).toMatchObject([
      { leadId: 1, statusName: 'Invited', reachedSuccess: false },
      { leadId: 2, statusName: 'Attended', reachedSuccess: true },
    ])
    const gone = '/rest/v1/programs/9/members.json?filterType=leadId'
    expect(codeOf(await caller.get(`${gone}&filterValues=1`))).toBe('1013')
    const none = '/rest/v1/leads/77/programMembership.json'
    expect(codeOf(await caller.get(none))).toBe('1004')
  })

  it('take members and let them go forward only', async () => {
    const { caller } = await visitFile(csv, { programs })
    const answer = await caller.post(...set(31, 'Registered', [1, 2, 4, 99]))
    expect(answer.result).toMatchObject([
      { leadId: 1, status: 'updated' },
      { leadId: 2, status: 'skipped', reasons: [{ code: '1037' }] },
      { leadId: 4, status: 'updated' },
      { leadId: 99, status: 'skipped', reasons: [{ code: '1004' }] },
    ])
    expect(await statuses(caller, 4)).toEqual({ 31: 'Registered' })
    expect(codeOf(await caller.post(...set(31, 'Lost', [1])))).toBe('1025')
  })

  it('unite on the survivor of a merge, whose own status stays', async () => {
    const { caller } = await visitFile(csv, { programs })
    await caller.post('/rest/v1/leads/1/merge.json?leadIds=3,2')
    expect(await statuses(caller, 1)).toEqual({ 31: 'Invited', 32: 'Invited' })
    const { programs: state } = await caller.state()
    expect(state.find(({ id }) => id === 32)?.members).toEqual([
      { id: '1', status: 'Invited' },
    ])
  })
})
