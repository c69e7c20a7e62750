import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { oldestLead } from './change.js'
import { newTask } from './task.js'
import { isoSecond, longestWindow, toSecond } from './window.js'
import type { Work } from './work.js'

/**
 * Plans an export of the ids of the whole base where deletions may have been
 * missed and the extract does not hold every lead: a lead whose id is not in
 * it is gone.
 */
export async function planCensus(
  work: Work,
  pipeline: Pipeline,
): Promise<void> {
  const { marketo, file, signal } = work
  const { hasGap, isWhole, tasks } = file.state
  const isPlanned = tasks.some(({ isCensus }) => isCensus === true)
  if (hasGap !== true || isWhole || isPlanned) return
  const start = file.state.start ?? (await startOf(marketo, pipeline, signal))
  if (start === null) return
  const planned = windows(toSecond(start), toSecond(file.state.asOf))
  await file.change((state) => {
    state.censusStart = isoSecond(toSecond(start))
    for (const { from, to } of planned) {
      const [startAt, endAt] = [isoSecond(from), isoSecond(to)]
      const filter = { kind: 'createdAt', startAt, endAt } as const
      const wanted = { filter, fields: ['id'], lists: [], isLeads: false }
      state.tasks.push({
        ...newTask(wanted),
        key: keyOf(startAt),
        isCensus: true,
      })
    }
  })
}

async function startOf(
  marketo: Marketo,
  pipeline: Pipeline,
  signal: AbortSignal,
): Promise<string | null> {
  return pipeline.extract.start ?? (await oldestLead(marketo, signal))
}

/** Ids weigh little, so every window is as long as Marketo takes. */
function windows(
  from: number,
  cut: number,
): { readonly from: number; readonly to: number }[] {
  const count = Math.max(0, Math.ceil((cut - from + 1) / longestWindow))
  return Array.from({ length: count }, (_, at) => {
    const start = from + at * longestWindow
    return { from: start, to: Math.min(start + longestWindow - 1, cut) }
  })
}

function keyOf(startAt: string): string {
  return `census-${startAt.replaceAll(/[-:]/g, '')}`
}
