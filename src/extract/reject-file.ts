import { replaceFile } from '../durable.js'
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
