/**
 * What landing and models cost beside the same work in bare DuckDB, and how
 * long the command takes to start: `bench.js [--leads N] [--repeat N] [--json]`.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { version } from '@duckdb/node-api'
import { type Phase, type Report, runPhase, wallSeconds } from './child.js'
import { places } from './lead.js'
import type { ModelDetail } from './ours.js'
import { compare, median, type Result, shown } from './result.js'

/** What the product decides or proves and bare-model.sql does not. */
const leftOut = [
  'rules from a file: several services, lists, conditions, any survivorship',
  'phone numbers in E.164 by country, legal forms of companies, Gmail dots',
  'guards: shared mailboxes, values of several people, never, CRM, size',
  'why: the rule of each pair, what chose the winner, the source of each value',
  'before and after of every field that changes, as rows to plan from',
  'public suffix list, education and government, role names, suggestions',
  'deleted and merged leads, types of fields, history, and every test',
]

interface Options {
  readonly leads: number
  readonly repeat: number
  readonly json: boolean
}

function isSane(value: number): boolean {
  return Number.isInteger(value) && value > 0
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      leads: { type: 'string', default: '1000000' },
      repeat: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  const [leads, repeat] = [Number(values.leads), Number(values.repeat)]
  if (isSane(leads) && isSane(repeat)) {
    return { leads, repeat, json: values.json }
  }
  throw new Error('--leads and --repeat take whole numbers above 0')
}

/** Phases in turns, so that a slow minute of the machine hits all of them. */
async function inTurns(
  phases: readonly Phase[],
  folder: string,
  { leads, repeat }: Options,
): Promise<Report[][]> {
  const reports: Report[][] = phases.map(() => [])
  for (let turn = 1; turn <= repeat; turn += 1) {
    for (const [index, phase] of phases.entries()) {
      const report = await runPhase(phase, folder, leads)
      note(`${phase.who} ${phase.name}`, report.seconds)
      reports[index]?.push(report)
    }
  }
  return reports
}

function note(what: string, seconds: number): void {
  process.stderr.write(`${what}: ${seconds.toFixed(1)} s\n`)
}

async function startUp(folder: string): Promise<Result['help']> {
  const empty = join(folder, 'empty.js')
  writeFileSync(empty, '')
  const command = resolve('dist', 'cli.js')
  const times = { help: [] as number[], empty: [] as number[] }
  for (let turn = 0; turn < 11; turn += 1) {
    times.empty.push(await wallSeconds([empty]))
    times.help.push(await wallSeconds([command, '--help']))
  }
  const [seconds, empty_seconds] = [median(times.help), median(times.empty)]
  return { seconds, empty_seconds, ratio: seconds / empty_seconds }
}

function both(name: string): Phase[] {
  return [
    { who: 'ours', name },
    { who: 'bare', name },
  ]
}

/** The shape is the phase's own. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function detailOf<T>(reports: readonly Report[]): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return reports.at(-1)?.detail as T
}

async function bench(folder: string, given: Options): Promise<Result> {
  const generate = { who: 'ours', name: 'generate' } as const
  const { seconds } = await runPhase(generate, folder, given.leads)
  note('generate', seconds)
  const [land = [], bareLand = []] = await inTurns(both('land'), folder, given)
  const [load = [], bareLoad = []] = await inTurns(both('load'), folder, given)
  const [model = [], byHand = [], compiled = []] = await inTurns(
    [...both('model'), { who: 'bare', name: 'compiled' }],
    folder,
    given,
  )
  const { models, testSeconds, clusters } = detailOf<ModelDetail>(model)
  const { clusters: bareClusters } = detailOf<{ clusters: number }>(byHand)
  return {
    leads: given.leads,
    csv_mb: statSync(places(folder).csv).size / 1e6,
    machine: `Node ${process.versions.node}, DuckDB ${version()}, ${availableParallelism()} CPUs`,
    repeat: given.repeat,
    comparisons: [
      compare('landing: CSV to Parquet', land, bareLand),
      compare('load: Parquet to raw tables', load, bareLoad),
      compare('models and tests, script by hand', model, byHand),
      compare('models and tests, same SQL in a loop', model, compiled),
    ],
    test_seconds: testSeconds,
    slowest: models
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, 8)
      .map((each) => ({
        model: each.model,
        seconds: each.seconds,
        rows: each.rows ?? 0,
      })),
    clusters: { ours: clusters, bare: bareClusters },
    help: await startUp(folder),
    left_out: leftOut,
  }
}

const given = options()
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
try {
  const result = await bench(folder, given)
  const text = given.json ? `${JSON.stringify(result)}\n` : shown(result)
  process.stdout.write(text)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
