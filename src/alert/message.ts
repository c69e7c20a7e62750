/**
 * What a message says, in plain words and counts: what happened, whether
 * anyone is harmed, what is safe, what to do, by when. Pure.
 */
import { exitCode } from '../error.js'
import { counted, formatNumber } from '../format.js'
import type { AlertEvent } from '../pipeline/policy.js'
import { nextCommand, reasonWords, workWords } from '../run/advice.js'
import type { RunRecord } from '../run/record.js'

export interface Message {
  readonly event: AlertEvent
  readonly pipeline: string
  /** Messages with the same one are about the same trouble. */
  readonly cause: string
  readonly title: string
  /** A label and a sentence each, in the order to read them. */
  readonly facts: readonly (readonly [label: string, text: string])[]
  /** A command to type, or empty. */
  readonly next: string
  readonly runId: string | null
  /** A page about the run, https only, or null. */
  readonly link: string | null
  /** ISO 8601. */
  readonly at: string
}

/** What is known beside the record. */
export interface Around {
  readonly owner: string
  /** When it runs next by its schedule, ISO 8601, or null. */
  readonly nextRun: string | null
  /** A page about the run, or null. */
  readonly link: string | null
}

/** Null for a run that says nothing: it goes on, or a person stopped it. */
export function eventOf(record: RunRecord): AlertEvent | null {
  const { status, error } = record
  if (error?.code === 'stopped') return null
  if (status === 'failed') return 'failed'
  if (status === 'paused') return 'paused'
  if (status === 'done') return 'done'
  const needsPerson =
    status === 'review' || status === 'guardrail' || status === 'needs_person'
  return needsPerson ? 'review' : null
}

/** `failed:export_refused`: the same trouble has the same name. */
function causeOf(record: RunRecord, event: AlertEvent): string {
  return `${event}:${record.error?.code ?? record.status}`
}

export function runMessage(
  record: RunRecord,
  event: AlertEvent,
  around: Around,
): Message {
  const next = nextCommand(record)
  return {
    event,
    pipeline: record.pipeline,
    cause: causeOf(record, event),
    title: titleOf(record, event),
    facts: [
      ['What', what(record)],
      ['Harm', harm(record)],
      ['Safe', safe(record)],
      ['Counts', counts(record)],
      ...common(around, byWhen(record, event, around)),
    ],
    next,
    runId: record.run_id,
    link: around.link,
    at: record.ended_at ?? record.started_at,
  }
}

/** Events as a state that is over. */
const trouble: Readonly<Record<string, string>> = {
  failed: 'failing',
  paused: 'paused',
  overdue: 'overdue',
  review: 'waiting for a person',
}

export function recoveryMessage(
  record: RunRecord,
  gone: readonly { cause: string; first_at: string; count: number }[],
  around: Around,
): Message {
  const times = gone.reduce((sum, { count }) => sum + count, 0)
  const first = gone.map((one) => one.first_at).toSorted()[0] ?? ''
  const kinds = new Set(gone.map(({ cause }) => cause.split(':')[0] ?? ''))
  const troubles = [...kinds].map((kind) => trouble[kind] ?? kind)
  const isWork = kinds.size > 1 || !kinds.has('review')
  return {
    event: 'recovered',
    pipeline: record.pipeline,
    cause: 'recovered',
    title: isWork
      ? `${record.pipeline} works again`
      : `Nothing of ${record.pipeline} waits for a person any more`,
    facts: [
      [
        'What',
        `It was ${troubles.join(' and ')} (${counted(times, 'time')} since ${moment(first)}); this run ended ${words(record.status)}: ${workWords(record)}.`,
      ],
      ['Safe', safe(record)],
      ...common(around, null),
    ],
    next: nextCommand(record),
    runId: record.run_id,
    link: around.link,
    at: record.ended_at ?? record.started_at,
  }
}

export function overdueMessage(
  pipeline: string,
  said: string,
  { at, ...around }: Around & { at: string },
): Message {
  return {
    event: 'overdue',
    pipeline,
    cause: 'overdue:overdue',
    title: `${pipeline} is overdue`,
    facts: [
      ['What', `It has ${said}.`],
      ['Harm', 'Nothing was sent; the published warehouse grows old.'],
      ['Safe', 'Whoever reads the warehouse still can.'],
      ...common(around, null),
    ],
    next: `pipeline status ${pipeline}`,
    runId: null,
    link: around.link,
    at,
  }
}

function common(
  { owner }: Around,
  by: string | null,
): (readonly [string, string])[] {
  return [
    ...(by === null ? [] : ([['By when', by]] as const)),
    ['Owner', owner === '' ? 'nobody is named (owner: in the file)' : owner],
  ]
}

function titleOf(record: RunRecord, event: AlertEvent): string {
  const { pipeline, status, plan, apply } = record
  if (event === 'failed') {
    const step = record.steps.find((one) => one.status === 'failed')?.step
    return `${pipeline} failed${step === undefined ? '' : ` in ${step}`}`
  }
  if (event === 'paused') return `${pipeline} is paused and will continue`
  if (status === 'guardrail') return `A guardrail stopped ${pipeline}`
  if (status === 'review') {
    const size = `${counted(plan?.merges ?? 0, 'merge')}, ${counted(plan?.updates ?? 0, 'update')}`
    return `A plan of ${pipeline} waits for approval: ${size}`
  }
  if (status === 'needs_person') {
    const rows = (apply?.failed ?? 0) + (apply?.unresolved ?? 0)
    return `${counted(rows, 'row')} of ${pipeline} ${rows === 1 ? 'needs' : 'need'} a person`
  }
  return `${pipeline} is done: ${workWords(record)}`
}

/** Of a foreign error only that there was one: its text may quote anything. */
function what(record: RunRecord): string {
  const isForeign = record.error?.code === 'unexpected'
  return isForeign
    ? `An unexpected error; pipeline log ${record.pipeline} --event error.unexpected shows where.`
    : reasonWords(record)
}

function harm({ apply }: RunRecord): string {
  if (apply !== null && apply.unresolved > 0) {
    return `Of ${counted(apply.unresolved, 'row')} it is not known whether Marketo carried ${apply.unresolved === 1 ? 'it' : 'them'} out; no other run sends them again.`
  }
  if (apply !== null && apply.differences > 0) {
    return `${counted(apply.differences, 'field differs', 'fields differ')} from what was predicted after a merge.`
  }
  return 'None known: nothing is half-done.'
}

function safe(record: RunRecord): string {
  const { apply, steps } = record
  const sent =
    apply === null
      ? 'Nothing was sent to Marketo by this run.'
      : `${counted(apply.done, 'row is', 'rows are')} done in Marketo and recorded; nothing is sent twice.`
  const isPublished = steps.some(
    ({ step, status }) => step === 'publish' && status === 'done',
  )
  return `${sent} The warehouse ${isPublished ? 'has this run.' : 'is as it was before.'}`
}

function counts({ leads, calls, review }: RunRecord): string {
  const doubt =
    review > 0 ? ` · ${counted(review, 'item waits', 'items wait')}` : ''
  return `${counted(leads, 'lead')} · ${formatNumber(calls.used)} of ${formatNumber(calls.budget)} calls${doubt}`
}

function byWhen(
  { exit_code: exit }: RunRecord,
  event: AlertEvent,
  { nextRun }: Around,
): string | null {
  if (event === 'done') return null
  if (nextRun === null) {
    return 'No next run is scheduled, so it waits for the next command.'
  }
  const tries =
    event === 'paused' || exit === exitCode.machine
      ? 'continues by itself'
      : 'meets the same again'
  return `The next scheduled run, ${moment(nextRun)}, ${tries}.`
}

function words(status: string): string {
  return status.replace('_', ' ')
}

function moment(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}
