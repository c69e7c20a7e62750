import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Evaluation } from '../../src/run/evaluate.js'
import type { LabelEvaluation } from '../../src/run/evaluate-label.js'
import type { RunRecord } from '../../src/run/record.js'
import type { ReviewQueue } from '../../src/run/review.js'
import { csvLine, readCsv } from '../../src/pipeline/csv.js'
import { type Finished, pipeline, project } from './support.js'

const acme = `
marketo: { sandbox: { leads: 300 }, time_scale: 1000 }
services:
  people:
    type: dedupe
    match:
      - same: [email]
      - same: [phone, last_name]
    never: [{ differ: sfdcAccountId }]
load:
  apply: review
  guardrails: { merges: 5000, merge_share: 90%, min_precision: 60% }
`

type Command = (...args: readonly string[]) => Promise<Finished>

/** Fills in the column decision of an exported spreadsheet. */
function filled(
  folder: string,
  file: string,
  decide: (item: string, ids: readonly string[]) => string,
): void {
  const path = join(folder, file)
  const [header, ...rows] = readCsv(readFileSync(path, 'utf8')).rows.map(
    ({ cells }) => cells.map(({ text }) => text),
  )
  const at = (name: string) => (header ?? []).indexOf(name)
  const ids = (item: string) =>
    rows.flatMap((row) =>
      row[at('item')] === item ? [row[at('lead_id')] ?? ''] : [],
    )
  for (const row of rows) {
    const item = row[at('item')] ?? ''
    row[at('decision')] = decide(item, ids(item))
  }
  const lines = [header ?? [], ...rows].map(csvLine)
  writeFileSync(path, `${lines.join('\n')}\n`)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function json<T>({ stdout }: Finished): T {
  return JSON.parse(stdout) as T
}

describe('from a doubtful cluster to a decision that holds', () => {
  it('reviews, decides, measures and lets labels stop a plan', async () => {
    const folder = project({ acme })
    const run: Command = (...args) =>
      pipeline(['--project-dir', folder, ...args])
    const inside = (name: string) => join(folder, name)

    const early = await run('review', 'acme')
    expect(early.code).toBe(3)
    expect(early.stderr).toContain('has published nothing to review yet')

    // Without labels nothing is proven, and the plan says what would help.
    const first = await run('--json', '--quiet', 'run', 'acme')
    expect(first.code).toBe(7)
    const record = json<RunRecord>(first)
    expect(record.status).toBe('guardrail')
    expect(record.review).toBeGreaterThan(3)
    const plain = await run('plan', 'acme', '--last')
    expect(plain.stdout).toMatch(/min_precision 0 % of 60 % NOT PROVEN/)

    const queue = json<ReviewQueue>(await run('--json', 'review', 'acme'))
    expect(queue.total).toBe(record.review)
    const [one, two] = queue.items
    const screen = await run('review', 'acme')
    expect(screen.stdout).toContain(one?.item)
    expect(screen.stdout).not.toMatch(/@/)

    // A spreadsheet comes back; what cannot be true changes nothing.
    await run('review', 'acme', '--csv', inside('r.csv'))
    expect(statSync(inside('r.csv')).mode & 0o077).toBe(0)
    filled(folder, 'r.csv', (item) => (item === one?.item ? 'sane' : ''))
    const wrong = await run('review', 'acme', '--import', inside('r.csv'))
    expect(wrong.code).toBe(3)
    expect(wrong.stderr).toMatch(/r\.csv:2:\d+ {2}decision "sane" is not/)
    expect(existsSync(inside('pipelines/acme.override.csv'))).toBe(false)
    filled(folder, 'r.csv', (item) =>
      item === one?.item ? 'different' : item === two?.item ? 'same' : '',
    )
    const taken = await run('review', 'acme', '--import', inside('r.csv'))
    expect(taken.stderr).toBe('')
    expect(taken.code).toBe(0)
    const override = readFileSync(inside('pipelines/acme.override.csv'), 'utf8')
    expect(override).toContain('never_merge,')
    expect(override).toContain('always_merge,')
    const left = json<ReviewQueue>(await run('--json', 'review', 'acme'))
    expect(left).toMatchObject({ total: queue.total - 2, decided: 2 })

    // Merges drawn at random are labelled; the plan then is proven.
    await run('review', 'acme', '--sample', '12', '--csv', inside('s.csv'))
    filled(folder, 's.csv', () => 'same')
    await run('review', 'acme', '--import', inside('s.csv'))
    const labels = json<LabelEvaluation>(
      await run('--json', 'evaluate', 'acme'),
    )
    expect(labels.precision).toMatchObject({ labels: 12, right: 12 })
    expect(labels.precision.interval.low).toBeCloseTo(0.025 ** (1 / 12), 10)
    const second = await run('--json', '--quiet', 'run', 'acme')
    expect(second.code).toBe(0)
    expect(json<RunRecord>(second).status).toBe('review')

    await judge(run, inside)
  }, 300_000)
})

/** Evaluates against a truth that is what the pipeline itself found. */
async function judge(
  run: Command,
  inside: (name: string) => string,
): Promise<void> {
  const shown = json<{ rows: { id: string; cluster: string }[] }>(
    await run(
      '--json',
      'show',
      'acme',
      '--limit',
      '10000',
      '--inline',
      `select lead.id, coalesce(cluster.winner_id, lead.id) as cluster
       from main.lead left join dedupe.cluster_member as member on member.lead_id = lead.id
       left join dedupe.cluster using (service, component)`,
    ),
  )
  const lines = shown.rows.map(({ id, cluster }) => `${id},${cluster}`)
  writeFileSync(inside('truth.csv'), `id,cluster\n${lines.join('\n')}\n1,1\n`)
  const files = ['--svg', inside('e.svg'), '--html', inside('e.html')]
  const judged = await run(
    '--json',
    'evaluate',
    'acme',
    '--truth',
    inside('truth.csv'),
    ...files,
  )
  expect(judged.stderr).toBe('')
  const evaluation = json<Evaluation>(judged)
  expect(evaluation.truth).toMatchObject({ unknown: 1, unknownSample: ['1'] })
  expect(evaluation.pairwise.precision).toBe(1)
  expect(evaluation.pairwise.recall).toBeLessThan(1)
  expect(evaluation.blocking).toMatchObject([{ service: 'people', recall: 1 }])
  expect(evaluation.misses.samples[0]?.evidence).toMatch(/^waits: /)
  expect(readFileSync(inside('e.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  expect(readFileSync(inside('e.html'), 'utf8')).toMatch(/^<!doctype html>/)
}
