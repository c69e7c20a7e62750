/** Runs in words that a person reads; pure. */
import { formatDuration } from '../format.js'
import { workWords } from '../run/advice.js'
import { isOpen, type RunStatus } from '../run/record.js'
import type { RunBrief } from './history.js'

export type Tone = 'good' | 'warn' | 'bad' | ''

const words: Readonly<Record<RunStatus, readonly [string, Tone]>> = {
  running: ['running', ''],
  done: ['done', 'good'],
  review: ['waits for approval', 'warn'],
  guardrail: ['stopped by a guardrail', 'warn'],
  paused: ['paused', 'warn'],
  needs_person: ['rows need a person', 'warn'],
  failed: ['failed', 'bad'],
  interrupted: ['killed', 'bad'],
}

export interface RunLine {
  readonly id: string
  readonly status: string
  readonly tone: Tone
  readonly startedAt: string
  readonly took: string
  readonly result: string
}

export function statusWords(status: RunStatus): {
  readonly status: string
  readonly tone: Tone
} {
  const [word, tone] = words[status]
  return { status: word, tone }
}

/** One run in a list. */
export function runLine(run: RunBrief): RunLine {
  return {
    id: run.run_id,
    ...statusWords(isOpen(run) ? 'running' : run.status),
    startedAt: run.started_at,
    took: tookWords(run),
    result: isOpen(run) ? stepNow(run) : resultWords(run),
  }
}

function stepNow({ steps }: RunBrief): string {
  const now = steps.find(({ status }) => status === 'running')
  return now === undefined ? 'beginning' : now.step
}

/** What it came to; no values of leads. */
export function resultWords(run: RunBrief): string {
  if (run.error !== null) return run.error.message.split('\n')[0] ?? ''
  if (run.status === 'interrupted') return 'The process was killed.'
  if (run.plan?.needs_approval === true) {
    const { merges, updates } = run.plan
    return `${merges} merges and ${updates} updates planned, nothing sent`
  }
  return workWords(run)
}

export function tookWords({
  started_at: from,
  ended_at: to,
}: Pick<RunBrief, 'started_at' | 'ended_at'>): string {
  if (to === null) return ''
  return formatDuration((Date.parse(to) - Date.parse(from)) / 1000)
}
