/** What a merge makes of lead scores, which the sources tell differently. */
import { join } from 'node:path'
import type { FieldValue, LeadRecord } from '../marketo/api.js'
import { type Disk, machineDisk } from './disk.js'

/**
 * The survivor keeps its own score, or has the sum of all. Adobe's user guide
 * says both: not summed by "Find and Merge Duplicate People", summed by
 * "SFDC Sync: Merging"; so it is learned from what merges leave behind.
 */
export type ScoreHabit = 'keep' | 'sum'

/** Custom score fields are never summed (same sources). */
export const scoreField = 'leadScore'

/** The score of a merge under `sum`; undefined where nobody has one. */
export function summed(records: readonly LeadRecord[]): FieldValue | undefined {
  const scores = records.flatMap((record) => scoreOf(record) ?? [])
  if (scores.length === 0) return undefined
  return String(scores.reduce((sum, score) => sum + score, 0))
}

/** What the winner must hold before the losers' scores are added to it. */
export function beforeSum(
  wanted: string,
  losers: readonly LeadRecord[],
): string {
  const added = losers.reduce((sum, one) => sum + (scoreOf(one) ?? 0), 0)
  const number = Number(wanted)
  return Number.isFinite(number) ? String(number - added) : wanted
}

/** Whether the two habits would leave different scores. */
export function tellsHabits(losers: readonly LeadRecord[]): boolean {
  return beforeSum('0', losers) !== '0'
}

function scoreOf(record: LeadRecord): number | null {
  const value = record[scoreField]
  if (value === null || value === undefined || value === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

const fileName = 'merge-habit.json'

type Known = Readonly<Record<'marketo' | 'crm', ScoreHabit | null>>

/** What merges of an instance have shown, in Marketo and in the CRM. */
export class ScoreHabits {
  #known: Known

  constructor(known: Known = { marketo: null, crm: null }) {
    this.#known = known
  }

  /** Null where no merge of this kind has shown it yet. */
  of(inCrm: boolean): ScoreHabit | null {
    return this.#known[inCrm ? 'crm' : 'marketo']
  }

  learn(inCrm: boolean, habit: ScoreHabit): void {
    this.#known = { ...this.#known, [inCrm ? 'crm' : 'marketo']: habit }
  }

  static async read(
    folder: string,
    instance: string,
    disk: Disk = machineDisk,
  ): Promise<ScoreHabits> {
    try {
      const text = (await disk.read(join(folder, fileName))) ?? ''
      const value: unknown = JSON.parse(text)
      return isMemory(value) && value.instance === instance
        ? new ScoreHabits(value.leadScore)
        : new ScoreHabits()
    } catch {
      // Whatever is wrong with it, the next merge shows it again.
      return new ScoreHabits()
    }
  }

  async remember(
    folder: string,
    instance: string,
    disk: Disk = machineDisk,
  ): Promise<void> {
    const memory: Memory = { instance, leadScore: this.#known }
    const text = `${JSON.stringify(memory, null, 2)}\n`
    await disk.write(join(folder, fileName), text)
  }
}

interface Memory {
  readonly instance: string
  readonly leadScore: Known
}

function isMemory(value: unknown): value is Memory {
  return (
    isObject(value) &&
    typeof value['instance'] === 'string' &&
    isObject(value['leadScore']) &&
    isHabit(value['leadScore']['marketo']) &&
    isHabit(value['leadScore']['crm'])
  )
}

function isHabit(value: unknown): value is ScoreHabit | null {
  return value === null || value === 'keep' || value === 'sum'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
