import { open } from 'node:fs/promises'
import type { LeadRecord } from '../marketo/api.js'
import { canonicalJson, parsed } from './canonical.js'
import { AppendFile } from './append-file.js'
import type { Disk } from './disk.js'
import { readLines } from './line.js'
import type { Membership } from './membership.js'

/**
 * What the leads of a merge held. `whole` is every record of the row before
 * anything was written; otherwise only what changed since is in it.
 */
export interface Snapshot extends Membership {
  readonly row: string
  /** Marketo's time in milliseconds. */
  readonly at: number
  readonly whole: boolean
  readonly leads: Readonly<Record<string, LeadRecord>>
}

/**
 * Whole records before their merge, for restoring and for checking after a
 * crash. Durable before the merge is sent; lead values live nowhere else.
 */
export class SnapshotFile {
  readonly #file: AppendFile

  private constructor(file: AppendFile) {
    this.#file = file
  }

  static async open(path: string, disk?: Disk): Promise<SnapshotFile> {
    const file = await AppendFile.open(path, disk)
    await file.dropTornLine()
    return new SnapshotFile(file)
  }

  async keep(snapshots: readonly Snapshot[]): Promise<void> {
    if (snapshots.length === 0) return
    const lines = snapshots.map((one) => `${canonicalJson(filled(one))}\n`)
    await this.#file.append(lines.join(''), true)
  }

  /** The latest known records of these rows. */
  async latest(
    rows: ReadonlySet<string>,
  ): Promise<Map<string, Map<string, LeadRecord>>> {
    const found = new Map<string, Map<string, LeadRecord>>()
    for await (const { text, complete } of readLines(this.#file.handle)) {
      if (!complete) break
      const snapshot = parsed(text, isSnapshot)
      if (snapshot === null || !rows.has(snapshot.row)) continue
      const known = snapshot.whole ? undefined : found.get(snapshot.row)
      const leads = new Map([
        ...(known ?? []),
        ...Object.entries(snapshot.leads),
      ])
      found.set(snapshot.row, leads)
    }
    return found
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Every snapshot of these rows, oldest first, of a file nobody writes. */
export async function readSnapshots(
  path: string,
  rows: ReadonlySet<string>,
): Promise<Map<string, Snapshot[]>> {
  const found = new Map<string, Snapshot[]>()
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return found
  try {
    for await (const { text, complete } of readLines(file)) {
      if (!complete) break
      const snapshot = parsed(text, isSnapshot)
      if (snapshot === null || !rows.has(snapshot.row)) continue
      const known = found.get(snapshot.row) ?? []
      found.set(snapshot.row, [...known, snapshot])
    }
    return found
  } finally {
    await file.close()
  }
}

function isSnapshot(value: object): value is Snapshot {
  return 'row' in value && 'leads' in value
}

/** Empty fields are left out, as Marketo itself may do. */
function filled(snapshot: Snapshot): Snapshot {
  const leads = Object.entries(snapshot.leads).map(
    ([id, record]) =>
      [
        id,
        Object.fromEntries(
          Object.entries(record).filter(([, value]) => value !== null),
        ),
      ] as const,
  )
  return { ...snapshot, leads: Object.fromEntries(leads) }
}
