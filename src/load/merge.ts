import { type Draft, examine } from './draft.js'
import { checkpoint, isPause, type Job } from './job.js'
import type { MergeRow } from './plan.js'
import { loserCalls } from './predict.js'
import { prewrite } from './prewrite.js'
import { hold } from './quarantine.js'
import { tellsHabits } from './score.js'
import { isFresh, send } from './send.js'
import { verifyMerges } from './verify-merge.js'

/** Takes a batch of merges to their final status, or holds them. */
export async function applyMerges(
  job: Job,
  rows: readonly MergeRow[],
): Promise<void> {
  let drafts = await prewrite(job, await examine(job, rows))
  const sent: { draft: Draft; refused: string | null | undefined }[] = []
  try {
    for (let n = 0; n < drafts.length; n += 1) {
      if (!isFresh(job, drafts[n]?.readAt ?? 0)) {
        // All that are left are read again together: a call for many of them.
        const old = drafts.slice(n).map(({ row }) => row)
        drafts = await prewrite(job, await examine(job, old))
        n = 0
      }
      const draft = drafts[n]
      if (draft === undefined) break
      const result = await mergeDraft(job, draft)
      if (result === null) continue
      sent.push(result)
      if (!isTelling(job, draft)) continue
      // What this merge did to the score decides what the next ones need.
      await verifyMerges(job, sent.splice(0))
      const rest = drafts.slice(n + 1).map(({ row }) => row)
      const { mergeInCrm } = draft.row
      if (job.rules.scores.of(mergeInCrm) !== 'sum') continue
      return await applyMerges(job, rest)
    }
  } catch (error) {
    // What was merged is in the journal; should this read fail as well, the
    // next run reads it.
    if (isPause(error)) await verifyMerges(job, sent).catch(() => {})
    throw error
  }
  await verifyMerges(job, sent)
}

/** The first merge of its kind that shows what becomes of lead scores. */
function isTelling(job: Job, { row, records }: Draft): boolean {
  return (
    job.rules.scores.of(row.mergeInCrm) === null &&
    tellsHabits(row.losers.map((id) => records.get(id) ?? {}))
  )
}

/** Null where the row ended otherwise or is held. */
async function mergeDraft(
  job: Job,
  draft: Draft,
): Promise<{ draft: Draft; refused: string | null | undefined } | null> {
  checkpoint(job)
  if (!isFresh(job, draft.readAt)) return await mergeAgain(job, draft.row)
  const { row } = draft
  const calls = loserCalls(row.losers, row.mergeInCrm)
  for (const [call, losers] of calls.entries()) {
    if (call < draft.from) continue
    const sent = await send(job, {
      send: 'merge',
      rows: [row.row],
      call,
      request: { winner: row.winner, losers, mergeInCrm: row.mergeInCrm },
      readAt: draft.readAt,
      perform: (before) =>
        job.marketo.mergeLeads(row.winner, losers, {
          mergeInCrm: row.mergeInCrm,
          before,
        }),
    })
    if (sent.kind === 'aged') return await mergeAgain(job, row)
    if (sent.kind === 'refused') return { draft, refused: sent.code }
    if (sent.kind === 'ok') continue
    hold(job, [row], 'merge')
    return null
  }
  return { draft, refused: undefined }
}

async function mergeAgain(job: Job, row: MergeRow) {
  const [draft] = await prewrite(job, await examine(job, [row]))
  return draft === undefined ? null : await mergeDraft(job, draft)
}
