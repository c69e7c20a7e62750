import { relative } from 'node:path'
import type { RunRecord } from '../run/record.js'
import {
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
} from '../format.js'

function seconds(record: RunRecord): number {
  const end = record.ended_at ?? record.started_at
  return (Date.parse(end) - Date.parse(record.started_at)) / 1000
}

function changed(record: RunRecord): boolean {
  const apply = record.apply
  return apply !== null && apply.done + apply.failed + apply.unresolved > 0
}

function doneLine(record: RunRecord): string {
  const took = `Done in ${formatDuration(seconds(record))}.`
  if (record.status === 'review') {
    return `${took} Nothing was sent: the plan waits for approval.`
  }
  if (record.status === 'guardrail') {
    const { text = '' } = record.steps.find((s) => s.step === 'apply') ?? {}
    return `Nothing was sent: the plan was ${text}. Look at it; apply it if it is right, else correct the rules.`
  }
  if (record.apply?.calls === 0 && record.apply.done > 0) {
    return `Nothing was sent: this plan was carried out before. ${took}`
  }
  if (record.apply !== null && !changed(record)) {
    return `Nothing was changed: the leads were so already, or they or the plan were out of date. ${took}`
  }
  if (!changed(record)) {
    return `Nothing to change: ${counted(record.leads, 'lead')}, 0 new duplicates. ${took}`
  }
  const apply = record.apply
  const merged = apply?.merged_leads ?? 0
  const kept = apply?.opt_outs_kept ?? 0
  return `${took} ${counted(merged, 'duplicate')} merged, ${counted(apply?.updated_leads ?? 0, 'lead')} updated, ${counted(kept, 'opt-out')} of merged leads kept.`
}

function personLine(record: RunRecord): string[] {
  const apply = record.apply
  const unresolved = apply?.unresolved ?? 0
  const rows = (apply?.failed ?? 0) + unresolved
  if (rows === 0) return []
  const frozen = `  ${counted(unresolved, 'row', 'rows')} of them may or may not have happened   pipeline review ${record.pipeline} --frozen`
  return [
    `  ${counted(rows, 'row needs', 'rows need')} a person   pipeline log ${record.pipeline} --level warn`,
    ...(unresolved === 0 ? [] : [frozen]),
  ]
}

function reviewLine(record: RunRecord): string[] {
  if (record.review === 0) return []
  return [
    `  ${counted(record.review, 'item waits', 'items wait')} for a decision   pipeline review ${record.pipeline}`,
  ]
}

function staleLine(record: RunRecord): string[] {
  const stale = record.apply?.stale ?? 0
  if (stale === 0) return []
  return [
    `  ${counted(stale, 'row')} left alone, because the leads or the plan were out of date; pipeline log ${record.pipeline} --event row.ended says why, and the next run plans anew`,
  ]
}

function differenceLine(record: RunRecord): string[] {
  const differences = record.apply?.differences ?? 0
  if (differences === 0) return []
  return [
    `  ${counted(differences, 'field differs', 'fields differ')} from the prediction   pipeline log ${record.pipeline} --level error`,
  ]
}

function warningLines(record: RunRecord): string[] {
  return record.tests
    .filter(({ status }) => status === 'warn')
    .map(
      (test) =>
        `  ${test.test} warns: ${counted(test.failures, 'row')}   pipeline show ${record.pipeline} --test ${test.test}`,
    )
}

function approvalLines(record: RunRecord): string[] {
  if (record.plan?.needs_approval !== true) return []
  return [
    `  look   pipeline plan ${record.pipeline} --last`,
    `  apply  pipeline apply ${record.pipeline} --plan ${record.plan.hash.slice(0, 12)}`,
  ]
}

/** What a run that failed left as it was, and what it did all the same. */
function failureLines(record: RunRecord): string[] {
  if (record.error === null || isPublished(record)) return []
  const { apply, plan, pipeline } = record
  const done = apply?.done ?? 0
  const rows = (plan?.merges ?? 0) + (plan?.updates ?? 0)
  const applied = `  applied    ${formatNumber(done)} of ${counted(rows, 'row')} done in Marketo; pipeline run ${pipeline} goes on and sends nothing twice`
  return [
    ...(apply === null ? [] : [applied]),
    '  warehouse  not touched by this run',
  ]
}

function isPublished({ steps }: RunRecord): boolean {
  return steps.some(
    ({ step, status }) => step === 'publish' && status === 'done',
  )
}

/** An API user who lost its rights gets an empty export, not an error. */
function emptyLine({ extract }: RunRecord): string[] {
  // An increment without a change is an ordinary night.
  if (extract === null || extract.rows > 0) return []
  if (extract.kind === 'increment') return []
  return [
    '  no lead came from Marketo   check extract.start and the lists, and which partitions the API user may see',
  ]
}

function rejectLine({ extract, pipeline }: RunRecord): string[] {
  const rejects = extract?.rejects ?? 0
  if (rejects === 0) return []
  return [
    `  ${counted(rejects, 'row')} of the exports could not be read, so no lead is counted as gone   pipeline show ${pipeline} --inline "from raw.reject"`,
  ]
}

/** What applying took, beside what the plan had said. */
function priceLine({ plan, apply }: RunRecord): string[] {
  if (plan === null || apply === null || apply.calls === 0) return []
  const { minutes, earlier_calls: earlier = 0 } = apply
  const calls = `${formatNumber(apply.calls + earlier)} calls, ${formatNumber(plan.calls)} planned`
  if (earlier > 0) {
    return [
      `  applying took ${calls}; ${formatNumber(earlier)} of the calls before`,
    ]
  }
  const time =
    minutes === undefined || plan.minutes === undefined
      ? ''
      : `; ${formatDuration(minutes * 60)}, ${formatDuration(plan.minutes * 60)} planned`
  return [`  applying took ${calls}${time}`]
}

function quotaLine(record: RunRecord): string {
  const calls = `calls ${formatNumber(record.calls.used)} of ${formatNumber(record.calls.budget)}`
  const extract = record.extract
  return extract === null
    ? `  ${calls}`
    : `  ${calls} · exports ${formatBytes(extract.bytes)} in ${counted(extract.jobs, 'job')}`
}

/** The end of a run, for a tired person. */
export function summaryLines(record: RunRecord, cwd: string): string[] {
  const head = record.error === null ? doneLine(record) : record.error.message
  return [
    // A run that did not come to its first step has shown nothing before.
    ...(record.steps.length === 0 ? [] : ['']),
    head,
    ...approvalLines(record),
    ...personLine(record),
    ...reviewLine(record),
    ...emptyLine(record),
    ...rejectLine(record),
    ...staleLine(record),
    ...differenceLine(record),
    ...warningLines(record),
    ...priceLine(record),
    quotaLine(record),
    ...failureLines(record),
    ...(isPublished(record)
      ? [
          `  warehouse  ${relative(cwd, record.warehouse)}`,
          `  try        pipeline show ${record.pipeline} duplicate_group`,
          `             pipeline status ${record.pipeline}`,
        ]
      : []),
  ]
}
