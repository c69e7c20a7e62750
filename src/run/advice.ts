/** What a run came to in few words, and what a person does next. Pure. */
import { exitCode } from '../error.js'
import { counted } from '../format.js'
import type { RunRecord } from './record.js'

/** `1,377 duplicates merged, 8,930 leads updated`; counts only. */
export function workWords({
  apply,
  leads,
  extract,
}: Pick<RunRecord, 'apply' | 'leads' | 'extract'>): string {
  if (apply === null || apply.done === 0) {
    return extract === null && leads === 0
      ? 'nothing was changed in Marketo'
      : `nothing was changed in Marketo (${counted(leads, 'lead')})`
  }
  const kept = apply.opt_outs_kept
  return [
    `${counted(apply.merged_leads, 'duplicate')} merged`,
    `${counted(apply.updated_leads, 'lead')} updated`,
    ...(kept > 0 ? [`${counted(kept, 'opt-out')} kept`] : []),
  ].join(', ')
}

/** Why a run ended as it did: one line, without values of leads. */
export function reasonWords(record: RunRecord): string {
  const { apply, plan, status } = record
  if (record.error !== null) return firstLine(record.error.message)
  if (status === 'review' || status === 'guardrail') {
    const { text = '' } = record.steps.find((s) => s.step === 'apply') ?? {}
    const size = `${counted(plan?.merges ?? 0, 'merge')} and ${counted(plan?.updates ?? 0, 'update')} planned`
    return `${size}; ${firstLine(text)}`
  }
  if (status === 'needs_person') {
    const rows = (apply?.failed ?? 0) + (apply?.unresolved ?? 0)
    return `${counted(rows, 'row needs', 'rows need')} a person; ${workWords(record)}`
  }
  if (status === 'interrupted') return 'the process was killed'
  if (status === 'running') return 'still running'
  return workWords(record)
}

/** The next command to type, or an empty text where nothing is to do. */
export function nextCommand(record: RunRecord): string {
  const { pipeline, status, review } = record
  if (status === 'review' || status === 'guardrail') {
    return record.error === null
      ? `pipeline plan ${pipeline} --last`
      : `pipeline status ${pipeline}`
  }
  if (status === 'paused' || status === 'interrupted') {
    return `pipeline run ${pipeline}`
  }
  if (status === 'needs_person') return `pipeline log ${pipeline} --level warn`
  if (status === 'failed') return afterFailure(record)
  return status === 'done' && review > 0 ? `pipeline review ${pipeline}` : ''
}

function afterFailure({ pipeline, exit_code: exit }: RunRecord): string {
  if (exit === exitCode.badInput || exit === exitCode.access) {
    return `pipeline debug ${pipeline}`
  }
  return `pipeline log ${pipeline} --level warn`
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? ''
}
