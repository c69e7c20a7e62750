/** Why a lead is as it is, in words; those that a viewer may read. */
import type { PipelineFile } from './pipeline-file.js'
import type { PageRequest } from './page.js'

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
