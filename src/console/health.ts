/** How a pipeline does, in one word and one sentence; pure. */
import { isOpen } from '../run/record.js'
import type { RunBrief } from './history.js'
import { resultWords, type Tone } from './run-words.js'

/** States to filter by, the worst first. */
export const states = ['failed', 'attention', 'running', 'healthy', 'new']

export interface Health {
  readonly state: 'failed' | 'attention' | 'running' | 'healthy' | 'new'
  readonly word: string
  readonly tone: Tone
  readonly why: string
}

export interface HealthFacts {
  /** The mistakes of its file; empty for none. */
  readonly problem: string
  /** A run that was killed is interrupted here. */
  readonly last: RunBrief | null
  readonly isRunning: boolean
  /** Since when a scheduled run is missing, ISO 8601; null: none is. */
  readonly overdueSince: string | null
}

export function healthOf(facts: HealthFacts): Health {
  const { problem, last, isRunning, overdueSince } = facts
  if (problem !== '') return bad('cannot run', 'Its file has mistakes.')
  if (isRunning) {
    return { state: 'running', word: 'running', tone: '', why: '' }
  }
  if (last === null) {
    return { state: 'new', word: 'never ran', tone: '', why: '' }
  }
  const after = afterRun(last)
  if (overdueSince === null || after.state === 'failed') return after
  const since = overdueSince.slice(0, 16).replace('T', ' ')
  return bad('overdue', `The run of ${since} UTC did not happen.`)
}

function afterRun(last: RunBrief): Health {
  if (isOpen(last) || last.status === 'interrupted') {
    return bad('killed', 'The last run was killed; a run continues it.')
  }
  const why = resultWords(last)
  switch (last.status) {
    case 'failed':
      return bad('failing', why)
    case 'paused':
      return attention('paused', why)
    case 'review':
      return attention('waits for approval', why)
    case 'guardrail':
      return attention('guardrail', why)
    case 'needs_person':
      return attention('needs a person', why)
    case 'running':
    case 'done':
      return fine(last)
  }
}

function fine(last: RunBrief): Health {
  const warned = last.failing.length
  const why =
    warned === 0
      ? ''
      : `${warned} ${warned === 1 ? 'test warns' : 'tests warn'} of its last run.`
  return { state: 'healthy', word: 'healthy', tone: 'good', why }
}

function bad(word: string, why: string): Health {
  return { state: 'failed', word, tone: 'bad', why }
}

function attention(word: string, why: string): Health {
  return { state: 'attention', word, tone: 'warn', why }
}

/** Of the last runs that ended, how many came to their end. */
export function successOf(
  runs: readonly RunBrief[],
  most = 30,
): { readonly good: number; readonly of: number } {
  const ended = runs.filter((run) => !isOpen(run)).slice(-most)
  const good = ended.filter(({ status }) =>
    ['done', 'review', 'needs_person'].includes(status),
  )
  return { good: good.length, of: ended.length }
}
