/** `plan NAME --rules OTHER.yml`: what other rules would do otherwise. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '../clock.js'
import { badInput, exitCode } from '../error.js'
import { counted, formatNumber } from '../format.js'
import type { MergeRow } from '../load/plan.js'
import type { MergeChange, Sample } from '../load/plan-diff.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { RulesComparison } from '../run/compare-rules.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printable,
  printDocument,
  type Settings,
  table,
} from './output.js'

export interface RulesFlags {
  readonly rules: string
  readonly rows: string
  readonly detailedExitcode?: boolean
}

/** Sends nothing, exports nothing, and leaves the pipeline as it is. */
export async function planWithRules(
  name: string,
  flags: RulesFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { compareRules } = await import('../run/compare-rules.js')
  const { foldersOf, makeFolders } = await import('../run/folder.js')
  const { lockFolder } = await import('../warehouse/lock.js')
  const { loaded, other } = await bothRules(name, flags, options, context)
  const folders = foldersOf(options.projectDir, name)
  makeFolders(folders)
  const lock = await lockFolder(folders.root)
  try {
    const comparison = await compareRules({
      loaded,
      other,
      projectDir: options.projectDir,
      clock: systemClock,
      signal: new AbortController().signal,
      samples: Number(flags.rows) || 0,
      note: () => {},
    })
    if (options.json)
      printDocument(context, { rules: flags.rules, ...comparison })
    else {
      const lines = differenceLines(comparison, flags.rules)
      context.stdout.write(`${lines.map(printable).join('\n')}\n`)
    }
    if (flags.detailedExitcode === true && differs(comparison)) {
      context.exit(exitCode.changes)
    }
  } finally {
    await lock.release()
  }
}

/** The other rules work on this pipeline's data and decisions of people. */
async function bothRules(
  name: string,
  flags: RulesFlags,
  options: Settings,
  context: CommandContext,
): Promise<{ loaded: LoadedPipeline; other: LoadedPipeline }> {
  const { loadPipeline } = await import('../pipeline/load.js')
  const reading = { secrets: 'ignored', base: context.cwd } as const
  const loaded = await loadLocal(name, options, context)
  const path = resolve(context.cwd, flags.rules)
  refuseMissing(path, flags.rules)
  const rules = await loadPipeline(path, context.env, reading)
  const { overrides } = loaded.pipeline
  return {
    loaded,
    other: {
      ...rules,
      labels: loaded.labels,
      pipeline: { ...rules.pipeline, name, overrides },
    },
  }
}

function refuseMissing(path: string, given: string): void {
  try {
    readFileSync(path)
  } catch (cause) {
    throw badInput(
      'rules_missing',
      `The rules ${given} cannot be read; name a pipeline file, such as pipelines/other.yml.`,
      { cause: String(cause) },
    )
  }
}

export function differs({ difference }: RulesComparison): boolean {
  const { same: _, ...changes } = difference.merges
  return (
    Object.values(changes).some((count) => count > 0) ||
    Object.values(difference.fields).some(
      ({ changed, added, removed }) => changed + added + removed > 0,
    )
  )
}

const changeWords: Readonly<Record<MergeChange, string>> = {
  same: 'as before',
  values: 'other surviving values',
  winner: 'another lead stays',
  regrouped: 'other leads together',
  added: 'new',
  removed: 'no more',
}

const order: readonly MergeChange[] = [
  'same',
  'added',
  'removed',
  'regrouped',
  'winner',
  'values',
]

function differenceLines(comparison: RulesComparison, rules: string): string[] {
  const { before, after, difference } = comparison
  const { merges, leads, fields } = difference
  const head = `${rules} instead of pipelines/${before.pipeline}.yml, on the data of ${before.asOf.replace('T', ' ').slice(0, 16)} UTC`
  if (!differs(comparison)) return [head, '', '  Both make the same plan.']
  const counts = order
    .filter((change) => merges[change] > 0)
    .map((change) => `${changeWords[change]} ${formatNumber(merges[change])}`)
  return [
    head,
    '',
    ...table(
      ['', 'now', 'then'],
      [
        ['merges', formatNumber(before.merges), formatNumber(after.merges)],
        ['leads go', formatNumber(before.losers), formatNumber(after.losers)],
        [
          'leads updated',
          formatNumber(before.updates),
          formatNumber(after.updates),
        ],
        [
          'calls',
          formatNumber(before.price.calls),
          formatNumber(after.price.calls),
        ],
      ],
    ),
    '',
    `  merges   ${counts.join(' · ') || 'none'}`,
    `  who goes ${counted(leads.added, 'lead')} more would go, ${formatNumber(leads.removed)} would stay`,
    ...fieldLines(fields),
    ...difference.samples.flatMap(sampleLines),
    '',
    'Nothing was sent or changed.',
  ]
}

function fieldLines(fields: RulesComparison['difference']['fields']): string[] {
  return Object.entries(fields)
    .filter(([, one]) => one.changed + one.added + one.removed > 0)
    .map(
      ([field, { same, changed, added, removed }]) =>
        `  ${field}  ${formatNumber(added)} more · ${formatNumber(removed)} fewer · ${formatNumber(changed)} other values · ${formatNumber(same)} as before`,
    )
}

function sampleLines({ change, before, after }: Sample): string[] {
  const lines = [
    ...before.map((row) => `    now   ${mergeLine(row)}`),
    ...after.map((row) => `    then  ${mergeLine(row)}`),
  ]
  const [was, is] = [before[0], after[0]]
  if (change !== 'values' || was === undefined || is === undefined) {
    return ['', `  ${changeWords[change]}`, ...lines]
  }
  const fields = Object.keys({ ...was.after, ...is.after })
    .filter((field) => was.after[field] !== is.after[field])
    .toSorted()
    .map(
      (field) =>
        `    ${field}  ${is.after[field] ?? 'empty'}   now ${was.after[field] ?? 'empty'}`,
    )
  return ['', `  ${changeWords[change]}`, ...lines, ...fields]
}

function mergeLine({ winner, losers, reason }: MergeRow): string {
  return `${winner} absorbs ${losers.join(', ')}   ${reason.rules.join(', ')}; winner: ${reason.winner}`
}
