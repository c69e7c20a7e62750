/**
 * Bulk imports of the harness's Marketo, written from Adobe's documentation
 * and practitioners' reports; shares nothing with the product.
 */
import type { Lead, Leads, Value, Write } from './marketo.js'
import type { Random } from './random.js'

/** What becomes of an import that was taken. */
export type Fate =
  | 'whole'
  /** Some rows fail; the file of failures names them well. */
  | 'rows_failed'
  /** The same with its lines and columns in another order. */
  | 'rows_shuffled'
  /** The same with a file whose lines have lost a cell. */
  | 'rows_misaligned'
  /** The same with a file that is gone. */
  | 'rows_without_file'
  /** Some rows stay as they are, with a warning, or without any word. */
  | 'rows_warned'
  | 'rows_unsaid'
  /** A part is written, and then all of it fails. */
  | 'half'

interface Batch {
  readonly id: number
  /** Number of the request that brought it. */
  readonly n: number
  readonly fate: Fate
  readonly header: readonly string[]
  readonly lines: readonly (readonly string[])[]
  readonly refused: ReadonlySet<number>
  state: 'Queued' | 'Importing' | 'Complete' | 'Failed'
}

/** Cells of a CSV; quotes as RFC 4180 has them. */
export function cells(text: string): string[][] {
  const lines: string[][] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/gy
  let line: string[] = []
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    if (found === null) break
    const [, quoted, plain = '', end] = found
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    lines.push(line)
    line = []
  }
  return lines
}

/** The part of a form that is a file. */
export function fileOf(body: string): string {
  const from = body.indexOf('\r\n\r\n')
  const boundary = body.slice(0, body.indexOf('\r\n'))
  return body.slice(from + 4, body.lastIndexOf(`\r\n${boundary}--`))
}

/** A file as leads: a blank cell, and the word null, clear a field. */
export function leadsOf(file: string): Lead[] {
  const [header = [], ...lines] = cells(file)
  return lines.map((line) =>
    Object.fromEntries(
      header.map((name, n): [string, Value] => {
        const value = line[n] ?? ''
        return [name, value === '' || value === 'null' ? null : value]
      }),
    ),
  )
}

function asCell(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function isRefused(fate: Fate, at: number, lines: number): boolean {
  if (fate === 'whole') return false
  return fate === 'half' ? at >= lines >> 1 : at % 11 === 3
}

export class Imports {
  readonly #batches = new Map<number, Batch>()

  get(id: number): Batch | undefined {
    return this.#batches.get(id)
  }

  take(n: number, file: string, fate: Fate): Batch {
    const [header = [], ...lines] = cells(file)
    const all = lines.map((_, at) => at)
    const refused = all.filter((at) => isRefused(fate, at, lines.length))
    const batch: Batch = {
      id: 500 + n,
      n,
      fate,
      header,
      lines,
      refused: new Set(refused),
      state: 'Queued',
    }
    this.#batches.set(batch.id, batch)
    return batch
  }

  /** Ids of the leads that it will not write. */
  refusedIds({ refused, lines }: Batch): string[] {
    return [...refused].map((at) => lines[at]?.[0] ?? '')
  }

  /** Writes the lines of one half, and says what was written. */
  write(batch: Batch, half: 0 | 1, leads: Leads, at: string): Write[] {
    const writes: Write[] = []
    for (const [n, line] of batch.lines.entries()) {
      if (n % 2 !== half || batch.refused.has(n)) continue
      const [id = '', ...rest] = line
      const values = batch.header.slice(1).map((field, place) => {
        const value = rest[place] ?? ''
        return [field, value === '' || value === 'null' ? null : value] as const
      })
      if (leads.update(id, Object.fromEntries(values), at) !== null) continue
      for (const [field, value] of values) writes.push({ id, field, value })
    }
    return writes
  }

  end(batch: Batch): void {
    batch.state = batch.fate === 'half' ? 'Failed' : 'Complete'
  }

  record({ id, state, fate, refused, lines }: Batch) {
    const isOver = state === 'Complete' || state === 'Failed'
    const isFailed = fate.startsWith('rows_') && fate !== 'rows_unsaid'
    const isWarned = fate === 'rows_warned'
    return {
      batchId: id,
      status: state,
      ...(isOver && {
        numOfLeadsProcessed: lines.length - refused.size,
        numOfRowsFailed: isFailed && !isWarned ? refused.size : 0,
        numOfRowsWithWarning: isWarned ? refused.size : 0,
      }),
    }
  }

  /** The file of failures or of warnings; null where it is gone. */
  notes(batch: Batch, kind: 'failures' | 'warnings'): string | null {
    const { fate, header, lines, refused } = batch
    const isWarned = fate === 'rows_warned'
    if (fate === 'rows_without_file' || isWarned !== (kind === 'warnings')) {
      return null
    }
    const reason = `Import ${isWarned ? 'Warning' : 'Failure'} Reason`
    const own = [...refused].map((at) => [
      ...(lines[at] ?? []),
      'Not so, sorry',
    ])
    const all = [[...header, reason], ...own]
    const told =
      fate === 'rows_misaligned'
        ? all.map((line, n) => (n === 0 ? line : line.toSpliced(1, 1)))
        : fate === 'rows_shuffled'
          ? [...all.slice(0, 1), ...all.slice(1).toReversed()].map((line) => [
              ...line.slice(1, -1),
              line[0] ?? '',
              line.at(-1) ?? '',
            ])
          : all
    return told.map((line) => `${line.map(asCell).join()}\n`).join('')
  }
}

/** Milliseconds in the queue, and then at work. */
export function pace(random: Random): { queued: number; working: number } {
  const queued = random.between(0, random.chance(0.7) ? 60_000 : 900_000)
  return { queued, working: random.between(2000, 60_000) }
}
