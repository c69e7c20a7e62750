import { open } from 'node:fs/promises'
import type { LeadRecord } from '../marketo/api.js'
import { canonicalJson, parsed } from './canonical.js'
import { AppendFile } from './append-file.js'
import type { Disk } from './disk.js'
import type { FieldRules } from './field-rule.js'
import { readLines } from './line.js'
import type { Values } from './plan.js'
import { canonicalText } from './text.js'

export type ReadBackLine =
  /**
   * Fields of a lead as they were read after the writes; `created`, ISO 8601,
   * where the lead is a new one.
   */
  | { readonly id: string; readonly values: Values; readonly created?: string }
  /** A lead that is gone into another; `at` is ISO 8601. */
  | { readonly loser: string; readonly winner: string; readonly at: string }

/**
 * What Marketo held after the writes, so that the warehouse can show it before
 * the next extract. A row that a crash made us read twice is here twice; the
 * later line holds.
 */
export class ReadBackFile {
  readonly #file: AppendFile

  private constructor(file: AppendFile) {
    this.#file = file
  }

  static async open(path: string, disk?: Disk): Promise<ReadBackFile> {
    const file = await AppendFile.open(path, disk)
    await file.dropTornLine()
    return new ReadBackFile(file)
  }

  get path(): string {
    return this.#file.path
  }

  /** Durable, because the final status of these rows is written next. */
  async add(lines: readonly ReadBackLine[]): Promise<void> {
    if (lines.length === 0) return
    const text = lines.map((line) => `${canonicalJson(line)}\n`).join('')
    await this.#file.append(text, true)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** What was read of these leads, in order, of a file that nobody writes. */
export async function readReadBack(
  path: string,
  leads: ReadonlySet<string>,
): Promise<Map<string, Values>> {
  const found = new Map<string, Values>()
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return found
  try {
    for await (const { text, complete } of readLines(file)) {
      if (!complete) break
      const line = parsed(text, isLeadLine)
      if (line === null || !leads.has(line.id)) continue
      found.set(line.id, { ...found.get(line.id), ...line.values })
    }
    return found
  } finally {
    await file.close()
  }
}

function isLeadLine(value: object): value is { id: string; values: Values } {
  return 'id' in value && 'values' in value
}

/** All fields that are not what they were, by meaning. */
export function changedValues(
  before: LeadRecord,
  after: LeadRecord,
  rules: FieldRules,
): Values {
  const text = (record: LeadRecord, field: string) =>
    canonicalText(record[field], rules.type(field))
  return Object.fromEntries(
    rules.names
      .filter((field) => text(before, field) !== text(after, field))
      .map((field) => [field, text(after, field)]),
  )
}

export function namedValues(
  fields: readonly string[],
  record: LeadRecord,
  rules: FieldRules,
): Values {
  return Object.fromEntries(
    fields.map((field) => [
      field,
      canonicalText(record[field], rules.type(field)),
    ]),
  )
}
