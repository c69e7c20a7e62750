/** Why a lead is as it is, in words; those that a viewer may read. */
import { asError, PipelineError } from '../error.js'
import { foldersOf } from '../run/folder.js'
import { explainLead } from '../run/why.js'
import { explanationLines } from '../run/why-line.js'
import { withWhy } from '../run/why-room.js'
import { inTurn } from './lead-turn.js'
import type { PipelineFile } from './pipeline-file.js'
import type { PageRequest } from './page.js'
import { freshLoaded } from './settings-place.js'

export interface WhyPart {
  /** Empty: the line stands for itself. */
  readonly label: string
  readonly text: string
}

/**
 * What `pipeline why` says, values of leads among it: for operators only.
 * @param and another lead, to be compared with it; empty: none
 */
export async function whyParts(
  { project }: Pick<PageRequest, 'project'>,
  file: PipelineFile,
  { id, and }: { readonly id: string; readonly and: string },
): Promise<WhyPart[]> {
  const folders = foldersOf(project.dir, file.name)
  const question = { lead: id, and: and === '' ? null : and }
  try {
    const loaded = await freshLoaded(project, file)
    const room = { folders, loaded, projectDir: project.dir }
    const explanation = await inTurn(folders.published, async () =>
      withWhy(room, async (open) => await explainLead(open, question)),
    )
    return explanationLines(explanation).map(partOf)
  } catch (thrown) {
    const error = asError(thrown)
    if (error instanceof PipelineError) return [partOf(error.message)]
    throw error
  }
}

/** A line of the command: its label, padded, and what it says. */
function partOf(line: string): WhyPart {
  const [, label = '', text = ''] = /^ {2}(\S.*?) {2,}(.*)$/.exec(line) ?? []
  return label === '' ? { label, text: line.trim() } : { label, text }
}

/** Without values: what plans said of it. */
export async function whyLines(
  { project }: Pick<PageRequest, 'project'>,
  { name }: PipelineFile,
  id: string,
): Promise<string[]> {
  const found = await project.published(
    name,
    async ({ rows }) =>
      await rows<{ kind: string; winner: string; rules: string; why: string }>(
        `select
           kind,
           lead_id::varchar as winner,
           coalesce(array_to_string(from_json(json_extract(reason, '$.rules'), '["VARCHAR"]'), ', '), '') as rules,
           coalesce(json_extract_string(reason, '$.winner'), '') as why,
         from meta.plan_row
         where lead_id = $1::bigint
           or list_contains(from_json(loser_ids, '["VARCHAR"]'), $1)
         order by plan_hash, row_id limit 20`,
        [id],
      ),
  )
  return (found ?? []).map(({ kind, winner, rules, why }) =>
    kind === 'merge'
      ? `${winner === id ? 'stays' : `goes into ${winner}`}: ${rules}; ${winner} stays by ${why}`
      : 'gets values of a service',
  )
}
