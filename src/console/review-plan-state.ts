/** The plan of a pipeline that waits, and whether it may still be approved. */
import { basename } from 'node:path'
import { readJournal } from '../load/journal.js'
import { latestPlan } from '../load/latest.js'
import type { PlanHeader } from '../load/plan.js'
import { guardrailWords } from '../load/plan-refusal.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import { foldersOf } from '../run/folder.js'
import type { PipelineFile } from './pipeline-file.js'
import { headerOf, type PlanFiles, planFiles } from './plan-search.js'
import type { Project } from './project.js'
import { freshLoaded } from './settings-place.js'

export interface WaitingPlan {
  readonly files: PlanFiles
  readonly header: PlanHeader
  /** Rows that are not left out. */
  readonly left: number
  readonly leftOut: number
  /** Why it cannot be approved as it is; empty: it can. */
  readonly stale: string
  /** Guardrails that it breaks, in words. */
  readonly broken: readonly string[]
}

/** null where no plan waits: there is none, it is empty, begun or over. */
export async function waitingPlan(
  project: Project,
  file: PipelineFile,
): Promise<WaitingPlan | null> {
  const { root } = foldersOf(project.dir, file.name)
  const path = await latestPlan(root)
  if (path === null) return null
  const files = planFiles(project, file.name, basename(path, '.jsonl'))
  const header = files === null ? null : await headerOf(files)
  if (files === null || header === null) return null
  const rows = header.merges + header.updates
  const journal = await readJournal(files.journal)
  const leftOut = journal?.final.size ?? 0
  if (rows === 0 || journal?.begun === true || journal?.end) return null
  return {
    files,
    header,
    left: rows - leftOut,
    leftOut,
    stale: await staleWords(project, file, header),
    broken: header.guardrails
      .filter(({ ok }) => !ok)
      .map((guardrail) => guardrailWords(guardrail)),
  }
}

/** The apply itself judges again, with Marketo's clock. */
async function staleWords(
  project: Project,
  file: PipelineFile,
  { rules }: PlanHeader,
): Promise<string> {
  // Keys of hashes are rules, too, so the whole environment counts.
  const { pipeline } = await freshLoaded(project, file)
  return rulesHash(pipeline) === rules
    ? ''
    : 'The rules or the decisions changed since it was made.'
}
