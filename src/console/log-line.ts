/** Lines of a run's log, as far as the console uses them. */
import { open } from 'node:fs/promises'

export interface LogLine {
  readonly ts: string
  readonly level: string
  readonly event: string
  readonly step: string
  readonly rows: number
  readonly bytes: number
  /** What else it says, as `name=value`. */
  readonly text: string
}

const apart = new Set(['ts', 'level', 'event', 'run_id', 'pipeline', 'msg'])

/** null where the line is torn. */
export function logLine(text: string): LogLine | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const facts = new Map<string, unknown>(Object.entries(value))
  const said = (name: string) => words(facts.get(name))
  const rest = [...facts.keys()]
    .filter((name) => !apart.has(name) && facts.get(name) !== null)
    .map((name) => `${name}=${said(name)}`)
  return {
    ts: said('ts'),
    level: said('level'),
    event: said('event'),
    step: said('step'),
    rows: Number(facts.get('rows')) || 0,
    bytes: Number(facts.get('bytes')) || 0,
    text: [said('msg'), ...rest].filter((part) => part !== '').join('  '),
  }
}

function words(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** A line of a table: `05:00:03.120`, level, event, and the rest. */
export function lineView({ ts, level, event, text }: LogLine) {
  return { time: ts.slice(11, 23), level, event, text }
}

const block = 1 << 20

/** Whole lines of a file from an offset on, as it grows. */
export class LogTail {
  readonly #path: string
  #offset = 0

  constructor(path: string) {
    this.#path = path
  }

  get offset(): number {
    return this.#offset
  }

  /** At most a megabyte; empty where nothing was added, or no file is. */
  async read(): Promise<string[]> {
    const file = await open(this.#path, 'r').catch(() => null)
    if (file === null) return []
    try {
      const buffer = Buffer.allocUnsafe(block)
      const { bytesRead } = await file.read(buffer, 0, block, this.#offset)
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
      this.#offset += end
      const text = buffer.subarray(0, end).toString('utf8')
      return text.split('\n').filter((line) => line !== '')
    } finally {
      await file.close()
    }
  }
}
