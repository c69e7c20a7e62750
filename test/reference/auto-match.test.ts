import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Evaluation } from '../../src/run/evaluate.js'
import { type Finished, pipeline, project } from '../e2e/support.js'
import { score } from './score.js'

const data = resolve('../shared/data')
const sets = ['febrl1', 'fake_1000', 'senzing_truthset'] as const
type Name = (typeof sets)[number]

/** The same for every set; nothing is fitted to one of them. */
const rules = (auto: string) => `
services:
  people:
    type: dedupe
    match: auto
    ${auto}
load:
  apply: review
  guardrails: { merges: 100000, merge_share: 95%, updates: 1000000, cluster_size: 25 }
`

function pipelineFile(name: Name, auto: string): string {
  const from = JSON.stringify(join(data, name, 'leads.csv'))
  return `marketo: { sandbox: { from: ${from} }, time_scale: 1000 }\n${rules(auto)}`
}

async function judge(name: Name, auto: string): Promise<Evaluation> {
  const folder = project({ acme: pipelineFile(name, auto) })
  const run = async (...args: readonly string[]): Promise<Finished> =>
    await pipeline(['--project-dir', folder, '--json', '--quiet', ...args])
  const planned = await run('plan', 'acme')
  expect(planned.stderr).toBe('')
  expect(planned.code).toBe(0)
  const truth = join(data, name, 'truth.csv')
  const judged = await run('evaluate', 'acme', '--truth', truth)
  expect(judged.stderr).toBe('')
  const evaluation = JSON.parse(judged.stdout) as Evaluation
  await expectSame(run, truth, evaluation)
  return evaluation
}

/** The scores once more, by another program than the one that is judged. */
async function expectSame(
  run: (...args: readonly string[]) => Promise<Finished>,
  file: string,
  { pairwise, bCubed }: Evaluation,
): Promise<void> {
  const shown = await run(
    'show',
    'acme',
    '--limit',
    '10000',
    '--inline',
    `select cast(lead.id as varchar) as id, cast(coalesce(cluster.winner_id, lead.id) as varchar) as cluster
     from main.lead
     left join dedupe.cluster_member as member on member.lead_id = lead.id
     left join dedupe.cluster
       on cluster.service = member.service
       and cluster.component = member.component
       and cluster.status = 'merge'`,
  )
  const { rows } = JSON.parse(shown.stdout) as {
    rows: { id: string; cluster: string }[]
  }
  const found = new Map(rows.map(({ id, cluster }) => [id, cluster]))
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  const truth = new Map(
    lines.map((line): [string, string] => {
      const [id = '', cluster = ''] = line.split(',')
      return [id, cluster]
    }),
  )
  const other = score(found, truth)
  expect(pairwise.precision).toBeCloseTo(other.precision, 12)
  expect(pairwise.recall).toBeCloseTo(other.recall, 12)
  expect(pairwise.f1).toBeCloseTo(other.f1, 12)
  expect(bCubed.f1).toBeCloseTo(other.bCubed, 12)
}

function print(name: string, kind: string, found: Evaluation): void {
  const { pairwise, bCubed, blocking } = found
  const figures = [
    `precision ${pairwise.precision.toFixed(3)}`,
    `recall ${pairwise.recall.toFixed(3)}`,
    `F1 ${pairwise.f1.toFixed(3)}`,
    `B-cubed F1 ${bCubed.f1.toFixed(3)}`,
    `blocking recall ${(blocking[0]?.recall ?? 0).toFixed(3)}`,
    `pairs compared ${blocking[0]?.candidates ?? 0}`,
  ]
  process.stdout.write(`${name}, ${kind}: ${figures.join(', ')}\n`)
}

interface Least {
  readonly precision: number
  readonly f1: number
}

const least: Readonly<Record<Name, Least>> = {
  febrl1: { precision: 0.99, f1: 0.99 },
  fake_1000: { precision: 0.99, f1: 0.93 },
  senzing_truthset: { precision: 0.95, f1: 0.5 },
}

/** Without a number that names the person, less can be known. */
const leastWithout: Readonly<Record<Name, Least>> = {
  ...least,
  febrl1: { precision: 0.99, f1: 0.97 },
  senzing_truthset: { precision: 0.95, f1: 0.45 },
}

function expectLeast({ pairwise }: Evaluation, { precision, f1 }: Least): void {
  expect(pairwise.precision).toBeGreaterThanOrEqual(precision)
  expect(pairwise.f1).toBeGreaterThanOrEqual(f1)
}

describe('one rule file with match: auto on public data', () => {
  it.each(sets)('finds the duplicates of %s', async (name) => {
    const found = await judge(name, 'auto: { fields: [nationalId] }')
    print(name, 'with nationalId', found)
    expect(found.truth.missing + found.truth.unknown).toBe(0)
    expect(found.blocking[0]?.recall).toBeGreaterThan(0.95)
    expectLeast(found, least[name])
  })

  it.each(process.env['LONG'] === undefined ? [] : sets)(
    'does without a customer number on %s',
    async (name) => {
      const found = await judge(name, '')
      print(name, 'without nationalId', found)
      expectLeast(found, leastWithout[name])
    },
  )
})
