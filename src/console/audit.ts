/** Who did what in the console; JSON lines, private to the user. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly ts: string
  readonly who: string
  readonly role: string
  /** A verb: `start`, `stop`, `login`, `decide`. */
  readonly what: string
  readonly pipeline?: string
  /** Ids and counts, never values. */
  readonly about?: string
}

export async function appendAudit(
  folder: string,
  entry: AuditEntry,
): Promise<void> {
  const file = join(folder, 'audit.jsonl')
  await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
}
