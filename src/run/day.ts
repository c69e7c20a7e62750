/** Calls of earlier runs that count toward today's quota. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { heldWindow } from '../marketo/budget.js'
import { quotaDayStart } from '../marketo/day.js'
import { endpoints, patience } from '../marketo/endpoint.js'

export interface EarlierCalls {
  /** Calls of the quota day that `lastAt`, or now, is in. */
  readonly count: number
  /** Calls that may be in Marketo's window of 20 s still. */
  readonly recent: number
  /** Marketo's time of the last call, in milliseconds; 0: never called. */
  readonly lastAt: number
}

/** Logs older than this hold no call of today, under either reading. */
const oldestLog = 26 * 3_600_000

/** A call that was under way at a death may have begun so much earlier. */
const longestCall = patience(endpoints.merge)

/**
 * Counted from the logs, which hold each call when it ended, so that a killed
 * run's calls count too. What it had under way when it died is in no log and
 * was counted by Marketo; it is taken to be `atOnce` calls, the most there
 * can be.
 */
export function earlierCalls(
  folder: string,
  now: number,
  atOnce = 0,
): EarlierCalls {
  const logs = logFiles(folder, now).map(readLog)
  const lastAt = Math.max(0, ...logs.map(({ lastAt: last }) => last))
  const latest = Math.max(now, lastAt)
  const start = quotaDayStart(latest)
  const windowStart = latest - heldWindow
  let [count, recent] = [0, 0]
  for (const { calls, isKilled, lastAt: last } of logs) {
    const lost = isKilled && last > 0 ? atOnce : 0
    count += calls.filter(({ at }) => at >= start).length
    if (last >= start) count += lost
    recent += calls.filter(({ at, ms }) => at + ms >= windowStart).length
    if (last >= windowStart - longestCall) recent += lost
  }
  return { count, recent, lastAt }
}

function logFiles(folder: string, now: number): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
    .filter((file) => now - statSync(file).mtimeMs < oldestLog)
}

interface Calls {
  readonly calls: readonly { readonly at: number; readonly ms: number }[]
  readonly lastAt: number
  /** The run never said that it was over. */
  readonly isKilled: boolean
}

function readLog(file: string): Calls {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/(?:"dur_ms":(\d+)[^\n]*?)?"mkto_ts":"([^"]+)"/g)
  const calls = [...found].map(([, ms = '0', at = '']) => ({
    at: Date.parse(at),
    ms: Number(ms),
  }))
  const lastAt = calls.reduce((last, { at }) => Math.max(last, at), 0)
  return { calls, lastAt, isKilled: !text.includes('"run.ended"') }
}
