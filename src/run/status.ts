import { unfinishedPlans } from '../load/unfinished.js'
import { foldersOf } from './folder.js'
import { type RunRecord, readRecords } from './record.js'

/** What is known of a pipeline without opening its warehouse. */
export async function pipelineStatus(
  projectDir: string,
  pipeline: string,
): Promise<{
  pipeline: string
  last_run: RunRecord | null
  unfinished_plan: string | null
  runs: number
  runs_done: number
}> {
  const folders = foldersOf(projectDir, pipeline)
  const records = readRecords(folders.log)
  const [unfinished] = await unfinishedPlans(folders.root)
  return {
    pipeline,
    last_run: records.at(-1) ?? null,
    unfinished_plan: unfinished ?? null,
    runs: records.length,
    runs_done: records.filter(({ exit_code }) => exit_code === 0).length,
  }
}
