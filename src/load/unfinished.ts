import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readJournal } from './journal.js'
import type { JournalState } from './journal-state.js'
import { journalPlace, planFolder } from './place.js'

/**
 * Journals of a pipeline by the names of their plans, in name order; one in
 * memory at a time, because there is one for every plan that ever was.
 */
export async function* journals(
  folder: string,
): AsyncGenerator<{ readonly name: string; readonly state: JournalState }> {
  const names = await readdir(join(folder, 'journal')).catch(() => [])
  for (const file of names.toSorted((one, other) => (one < other ? -1 : 1))) {
    const name = /^([0-9a-f]{12})\.jsonl$/.exec(file)?.[1]
    if (name === undefined) continue
    const state = await readJournal(journalPlace(folder, name).journal)
    if (state !== null) yield { name, state }
  }
}

/** Where the plan of a journal is. */
export function planPath(folder: string, name: string): string {
  return join(planFolder(folder), `${name}.jsonl`)
}

/**
 * Leads of rows that nobody could resolve. No plan touches them until a
 * person has looked, because a merge may still have happened.
 */
export async function frozenLeads(folder: string): Promise<Set<string>> {
  const frozen = new Set<string>()
  for await (const { state } of journals(folder)) {
    for (const lead of state.frozen) frozen.add(lead)
  }
  return frozen
}

/** Paths of plans that were begun and have rows without a final status. */
export async function unfinishedPlans(
  folder: string,
): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const { name, state } of journals(folder)) {
    if (state.begun && state.end === null) paths.push(planPath(folder, name))
  }
  return paths
}
