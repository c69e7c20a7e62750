import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { instant, systemClock } from '../clock.js'
import { replaceFile } from '../durable.js'
import { asError, badInput } from '../error.js'
import type { Decision } from '../pipeline/decision.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { ReviewItem, ReviewQueue, ReviewRecord } from '../run/review.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { operator } from './start.js'

interface ReviewFlags {
  readonly csv?: string
  readonly html?: string
  readonly import?: string
  readonly decide?: string
  readonly as?: string
  readonly winner?: string
  readonly pair?: string
  readonly reason?: string
  readonly author?: string
  readonly sample?: string
  readonly values?: boolean
  readonly limit?: string
  readonly frozen?: boolean
  readonly release?: string
}

export function registerReview(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('review')
    .description('doubtful duplicates: look, export, and decide for good')
    .argument('<name>', 'pipeline')
    .option('--limit <n>', 'how many to show (20) or to export (200)')
    .option('--values', 'show names and addresses too')
    .option('--html <file>', 'export as a page to decide in, with lead values')
    .option('--csv <file>', 'export as a spreadsheet, with lead values')
    .option('--sample <n>', 'merges drawn at random instead, to measure by')
    .option('--import <file>', 'take the decisions of a page or spreadsheet')
    .option('--decide <item>', 'decide one item here')
    .option('--as <decision>', 'same, different, winner or skip')
    .option('--winner <id>', 'the lead that is to stay')
    .option('--pair <ids>', 'only these two leads of the item: 1000231,1000544')
    .option('--reason <text>', 'why, for the record')
    .option('--author <name>', 'who decided; default you')
    .option('--frozen', 'rows that nobody could resolve, and their leads')
    .option('--release <ids>', 'you looked: plans may touch these leads again')
    .action(async (name: string, flags: ReviewFlags, command: Command) => {
      const options = settings(command, context)
      const job: Job = { name, flags, options, context }
      if (flags.frozen === true || flags.release !== undefined) {
        const { reviewFrozen } = await import('./review-frozen.js')
        await reviewFrozen(job)
      } else if (flags.import !== undefined || flags.decide !== undefined) {
        await take(job)
      } else {
        await look(job)
      }
    })
}

interface Job {
  readonly name: string
  readonly flags: ReviewFlags
  readonly options: Settings
  readonly context: CommandContext
}

async function look({ name, flags, options, context }: Job): Promise<void> {
  const loaded = await loadLocal(name, options, context)
  const { foldersOf } = await import('../run/folder.js')
  const { withReview, readRecords } = await import('../run/review.js')
  const folders = foldersOf(options.projectDir, name)
  const isExport = flags.csv !== undefined || flags.html !== undefined
  const day = instant(systemClock).slice(0, 10)
  const { queue, records } = await withReview(
    { folders, loaded, day },
    async (room) => {
      const found = await itemsOf(room, flags, isExport ? 200 : 20)
      const wantsValues = isExport || flags.values === true
      const values = wantsValues
        ? await readRecords(room, found.items)
        : new Map<string, ReviewRecord>()
      return { queue: found, records: values }
    },
  )
  await exportTo(flags, { name, items: queue.items, records, context })
  const { queueLines } = await import('./review-view.js')
  if (options.json) {
    printDocument(context, { ...queue, records: [...records.values()] })
  } else {
    const lines = queueLines({ name, queue, records, flags })
    context.stdout.write(`${lines.join('\n')}\n`)
  }
}

async function itemsOf(
  room: Parameters<typeof import('../run/review.js').readQueue>[0],
  flags: ReviewFlags,
  most: number,
): Promise<ReviewQueue> {
  const { drawSample, readQueue } = await import('../run/review.js')
  if (flags.sample === undefined) {
    return await readQueue(room, wholeNumber('--limit', flags.limit, most))
  }
  const size = wholeNumber('--sample', flags.sample, 0)
  const items = await drawSample(room, size)
  return { items, total: items.length, decided: 0 }
}

function wholeNumber(
  option: string,
  text: string | undefined,
  most: number,
): number {
  if (text === undefined) return most
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw badInput('bad_option', `${option} must be a number such as 100.`)
}

/** Exports hold lead values, so they are private to the user. */
async function exportTo(
  flags: ReviewFlags,
  review: {
    readonly name: string
    readonly items: readonly ReviewItem[]
    readonly records: ReadonlyMap<string, ReviewRecord>
    readonly context: CommandContext
  },
): Promise<void> {
  const { cwd } = review.context
  if (flags.csv !== undefined) {
    const { reviewCsv } = await import('./review-csv.js')
    await replaceFile(resolve(cwd, flags.csv), reviewCsv(review))
  }
  if (flags.html !== undefined) {
    const { reviewPage } = await import('./review-page.js')
    await replaceFile(resolve(cwd, flags.html), reviewPage(review))
  }
}

async function take({ name, flags, options, context }: Job): Promise<void> {
  const { foldersOf } = await import('../run/folder.js')
  const { takeDecisions } = await import('../run/take-decision.js')
  const load = async (): Promise<LoadedPipeline> =>
    await loadLocal(name, options, context)
  await load()
  const { decisions, source } = await decisionsOf(flags, context)
  const taken = await takeDecisions({
    folders: foldersOf(options.projectDir, name),
    file: join(options.projectDir, 'pipelines', `${name}.yml`),
    load,
    decisions,
    source,
    author: flags.author ?? operator(),
    at: instant(systemClock),
  })
  const { takenLines } = await import('./review-view.js')
  if (options.json) printDocument(context, taken)
  else context.stdout.write(`${takenLines(name, taken).join('\n')}\n`)
}

async function decisionsOf(
  flags: ReviewFlags,
  { cwd }: CommandContext,
): Promise<{ decisions: readonly Decision[]; source: string }> {
  const { decisionColumns, parseDecisions } = await import(
    '../pipeline/decision.js'
  )
  if (flags.import !== undefined) {
    const source = flags.import
    const text = await readFile(resolve(cwd, source), 'utf8').catch(
      (thrown: unknown) => {
        throw unreadable(source, asError(thrown))
      },
    )
    return { decisions: parseDecisions(text, source), source }
  }
  if (flags.as === undefined) {
    throw badInput(
      'no_decision',
      'Say what it is: --as same, different, winner or skip.',
    )
  }
  const { csvLine } = await import('../pipeline/csv.js')
  const [a = '', b = ''] = (flags.pair ?? '').split(',')
  const cells: Readonly<Record<string, string | undefined>> = {
    item: flags.decide,
    decision: flags.as,
    a,
    b,
    winner: flags.winner,
    author: flags.author,
    reason: flags.reason,
  }
  const line = csvLine(decisionColumns.map((column) => cells[column] ?? ''))
  const text = `${csvLine(decisionColumns)}\n${line}\n`
  return { decisions: parseDecisions(text, 'command'), source: 'command' }
}

function unreadable(file: string, error: Error): Error {
  const code = 'code' in error ? String(error.code) : error.message
  return badInput(
    'no_decisions',
    `${file} cannot be read (${code}); give the CSV that the page or the spreadsheet saved.`,
  )
}
