/** What nobody could resolve: look at it in Marketo, then say so. */
import { instant, systemClock } from '../clock.js'
import { badInput } from '../error.js'
import { counted } from '../format.js'
import type { FrozenRow } from '../run/frozen.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  table,
} from './output.js'
import { operator } from './start.js'

interface Job {
  readonly name: string
  readonly flags: { readonly release?: string; readonly author?: string }
  readonly options: Settings
  readonly context: CommandContext
}

/** Prints rows that wait, or lets the leads of some be touched again. */
export async function reviewFrozen(job: Job): Promise<void> {
  const { name, flags, options, context } = job
  await loadLocal(name, options, context)
  const { foldersOf } = await import('../run/folder.js')
  const { frozenRows, releaseFrozen } = await import('../run/frozen.js')
  const folders = foldersOf(options.projectDir, name)
  const leads = flags.release === undefined ? null : idsOf(flags.release)
  const who = flags.author ?? operator()
  const when = instant(systemClock)
  const rows =
    leads === null
      ? await frozenRows(folders)
      : await releaseFrozen({ folders, leads, who, when })
  if (options.json) {
    printDocument(context, leads === null ? { rows } : { released: rows, who })
    return
  }
  const lines =
    leads === null ? frozenLines(name, rows) : releasedLines(name, rows)
  context.stdout.write(`${lines.join('\n')}\n`)
}

function idsOf(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim())
  if (ids.every((id) => /^\d+$/.test(id))) return ids
  throw badInput(
    'bad_option',
    '--release takes the ids of leads: 1000231,1000544.',
  )
}

function frozenLines(name: string, rows: readonly FrozenRow[]): string[] {
  const [first] = rows
  if (first === undefined) {
    return [`No row of ${name} waits for somebody to look in Marketo.`]
  }
  const lines = rows.map(({ plan, row, kind, leads, reason }) => [
    plan,
    row,
    kind,
    leads.slice(0, 4).join(' ') + (leads.length > 4 ? ' …' : ''),
    reason,
  ])
  return [
    ...table(['plan', 'row', 'what', 'leads', 'why'], lines),
    '',
    'What was sent for these rows may or may not have happened, and no plan touches their leads.',
    `Look at them in Marketo, then:  pipeline review ${name} --release ${first.leads[0] ?? 'ID'}`,
  ]
}

function releasedLines(name: string, rows: readonly FrozenRow[]): string[] {
  const leads = rows.reduce((sum, row) => sum + row.leads.length, 0)
  return [
    `${counted(leads, 'lead')} of ${counted(rows.length, 'row')} may be touched again.`,
    `What they need now: pipeline plan ${name}`,
  ]
}
