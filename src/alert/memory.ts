/** What a pipeline's people have been told, so that they are told once. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'

export interface Trouble {
  readonly cause: string
  readonly first_at: string
  readonly last_at: string
  /** How often it was met. */
  readonly count: number
  /** When it was told last; null: nobody could be reached. */
  readonly sent_at: string | null
}

export interface Memory {
  /** Causes that are not gone. */
  readonly open: readonly Trouble[]
  /** When messages left in the last hour. */
  readonly sent: readonly string[]
}

const hour = 3_600_000
/** Messages of one pipeline in an hour, whatever their causes. */
const mostPerHour = 10

const nothingTold: Memory = { open: [], sent: [] }

/** A cause was met (again). */
export function met(memory: Memory, cause: string, at: string): Memory {
  const known = memory.open.find((one) => one.cause === cause)
  const trouble: Trouble = {
    cause,
    first_at: known?.first_at ?? at,
    last_at: at,
    count: (known?.count ?? 0) + 1,
    sent_at: known?.sent_at ?? null,
  }
  const others = memory.open.filter((one) => one.cause !== cause)
  return { ...memory, open: [...others, trouble] }
}

/** Whether a cause may be told now: once in an hour, and not in a storm. */
export function mayTell(memory: Memory, cause: string, at: string): boolean {
  const now = Date.parse(at)
  const last = memory.open.find((one) => one.cause === cause)?.sent_at ?? null
  const isFresh = last === null || now - Date.parse(last) >= hour
  const recent = memory.sent.filter((sent) => now - Date.parse(sent) < hour)
  return isFresh && recent.length < mostPerHour
}

export function told(memory: Memory, cause: string, at: string): Memory {
  const now = Date.parse(at)
  const recent = memory.sent.filter((sent) => now - Date.parse(sent) < hour)
  return {
    open: memory.open.map((one) =>
      one.cause === cause ? { ...one, sent_at: at } : one,
    ),
    sent: [...recent, at],
  }
}

/** Without the causes of these kinds. */
export function closed(memory: Memory, gone: readonly Trouble[]): Memory {
  const causes = new Set(gone.map(({ cause }) => cause))
  return {
    ...memory,
    open: memory.open.filter(({ cause }) => !causes.has(cause)),
  }
}

/** Damage costs no more than a message too many. */
export function readMemory(folder: string): Memory {
  try {
    const value: unknown = JSON.parse(readFileSync(file(folder), 'utf8'))
    return isMemory(value) ? value : nothingTold
  } catch {
    return nothingTold
  }
}

function isMemory(value: unknown): value is Memory {
  if (typeof value !== 'object' || value === null) return false
  return (
    'open' in value &&
    Array.isArray(value.open) &&
    'sent' in value &&
    Array.isArray(value.sent) &&
    value.open.every(
      (one: unknown) =>
        typeof one === 'object' && one !== null && 'cause' in one,
    )
  )
}

export async function keepMemory(
  folder: string,
  memory: Memory,
): Promise<void> {
  await privateFolder(folder)
  await replaceFile(file(folder), `${JSON.stringify(memory, null, 2)}\n`)
}

function file(folder: string): string {
  return join(folder, 'alert.json')
}
