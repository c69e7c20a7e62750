import { expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { rules } from './rules.js'
import {
  connection,
  pipeline,
  project,
  sandbox,
  type State,
  type StateLead,
  state,
} from './support.js'

const suppression = [
  'unsubscribed',
  'emailInvalid',
  'emailSuspended',
  'marketingSuspended',
  'blackListed',
]

function optedOut(lead: StateLead): string[] {
  return suppression.filter((field) => lead[field] === true)
}

/** Where each lead of the first state is in the last one. */
function destinations(after: State): Map<string, string> {
  const into = new Map<string, string>()
  for (const { survivor, losers } of after.merges) {
    for (const loser of losers) {
      if (loser !== survivor) into.set(loser, survivor)
    }
  }
  const follow = (id: string): string => {
    const next = into.get(id)
    return next === undefined ? id : follow(next)
  }
  return new Map([...into.keys()].map((id) => [id, follow(id)]))
}

const leads = process.env['LONG'] === '1' ? 20_000 : 4000

it(`makes nobody mailable who had opted out on any record, over ${leads} leads`, async () => {
  const scale = 1000
  const world = await sandbox([
    '--count',
    String(leads),
    '--seed',
    '11',
    '--time-scale',
    String(scale),
  ])
  const before = await state(world.endpoint)
  const folder = project({ acme: connection(scale) + rules })
  const run = await pipeline(
    ['--project-dir', folder, '--json', '--quiet', 'run', 'acme'],
    world.env,
  )
  expect(run.stderr).toBe('')
  const record = JSON.parse(run.stdout) as RunRecord
  expect([0, 11]).toContain(run.code)

  const after = await state(world.endpoint)
  const now = new Map(after.leads.map((lead) => [lead.id, lead]))
  const moved = destinations(after)
  const lost: string[] = []
  let carried = 0
  for (const lead of before.leads) {
    const home = now.get(moved.get(lead.id) ?? lead.id)
    expect(home, `lead ${lead.id} is accounted for`).toBeDefined()
    for (const field of optedOut(lead)) {
      if (home?.[field] !== true) lost.push(`${lead.id} ${field}`)
      else if (home.id !== lead.id) carried += 1
    }
  }
  process.stdout.write(
    `opt-outs of merged leads kept: ${carried}, lost: ${lost.length}, merges: ${after.merges.length}, leads gone: ${moved.size}\n`,
  )
  expect(lost).toEqual([])
  expect(carried).toBeGreaterThan(50)
  expect(moved.size).toBe(record.apply?.merged_leads)
}, 600_000)
