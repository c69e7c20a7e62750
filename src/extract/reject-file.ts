import { readFile } from 'node:fs/promises'
import { replaceFile } from '../durable.js'
import { jsonLines } from './file.js'
import type { Reject } from './reject.js'

/** Name of the file, in the extract's folder, of a task's rejected rows. */
export function rejectName(key: string): string {
  return `${key}.reject.jsonl`
}

/** One JSON line for each row; no file where there is none. */
export async function writeRejects(
  path: string,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return
  const lines = rejects.map((reject) => `${JSON.stringify(reject)}\n`)
  await replaceFile(path, lines.join(''))
}

export async function readRejects(path: string): Promise<Reject[]> {
  return jsonLines(await readFile(path, 'utf8')).filter(isReject)
}

function isReject(value: unknown): value is Reject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'line' in value &&
    'offset' in value &&
    'reason' in value &&
    'text' in value
  )
}
