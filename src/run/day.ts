/** Calls of earlier runs that count toward today's quota. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { quotaDayStart } from '../marketo/day.js'

export interface EarlierCalls {
  /** Calls of the quota day that `lastAt`, or now, is in. */
  readonly count: number
  /** Marketo's time of the last call, in milliseconds; 0: never called. */
  readonly lastAt: number
}

/** Logs older than this hold no call of today, under either reading. */
const oldestLog = 26 * 3_600_000

/**
 * Counted from the logs, which hold each call when it ended, so that a killed
 * run's calls count too.
 */
export function earlierCalls(folder: string, now: number): EarlierCalls {
  const times = logFiles(folder, now).flatMap(callTimes)
  const lastAt = times.reduce((last, time) => Math.max(last, time), 0)
  const start = quotaDayStart(Math.max(now, lastAt))
  return { count: times.filter((time) => time >= start).length, lastAt }
}

function logFiles(folder: string, now: number): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
    .filter((file) => now - statSync(file).mtimeMs < oldestLog)
}

function callTimes(file: string): number[] {
  const found = readFileSync(file, 'utf8').matchAll(/"mkto_ts":"([^"]+)"/g)
  return [...found].map((match) => Date.parse(match[1] ?? ''))
}
