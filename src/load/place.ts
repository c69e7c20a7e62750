import { dirname, join } from 'node:path'

/** Where plans of a pipeline are kept, under its private folder. */
export function planFolder(folder: string): string {
  return join(folder, 'plan')
}

export interface JournalPlace {
  readonly journal: string
  /** Whole records as they were before their merge. */
  readonly snapshot: string
  /** Records as they were read after the writes. */
  readonly readBack: string
}

/** @param name the first digits of the plan's hash */
export function journalPlace(folder: string, name: string): JournalPlace {
  const at = (suffix: string) => join(folder, 'journal', `${name}${suffix}`)
  return {
    journal: at('.jsonl'),
    snapshot: at('.snapshot.jsonl'),
    readBack: at('.read-back.jsonl'),
  }
}

/** Who may apply plans of the pipeline, and who did last. */
export function leasePath(folder: string): string {
  return join(folder, 'journal', 'lease.jsonl')
}

/** The private folder of the pipeline that a plan under it belongs to. */
export function folderOfPlan(path: string): string {
  return dirname(dirname(path))
}
