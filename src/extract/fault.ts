import { badInput, exitCode, PipelineError } from '../error.js'
import { quotaReset } from '../marketo/day.js'
import type { MarketoError } from '../marketo/error.js'
import type { Task } from './state.js'

/** "leads created 2024-01-01 to 2024-01-31", or the list's name. */
export function nameOf(task: Task): string {
  const { filter } = task
  if ('startAt' in filter) {
    const range = `${filter.startAt} to ${filter.endAt}`
    return `leads ${filter.kind === 'createdAt' ? 'created' : 'changed'} ${range}`
  }
  if (filter.kind === 'file') return `file ${filter.name}`
  if (filter.kind === 'ids') return `leads ${filter.from} to ${filter.to}`
  const names = task.lists.map(({ list }) => list)
  return `${filter.kind === 'staticList' ? 'static' : 'smart'} list ${names[0] ?? filter.listId}`
}

function paused(code: string, message: string, cause?: unknown): PipelineError {
  return new PipelineError(code, message, {
    exit: exitCode.paused,
    recovery: 'wait',
    ...(cause !== undefined && { cause }),
  })
}

function resetTime(now: number): string {
  const iso = new Date(quotaReset(now)).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

const continues = 'the same command continues then and repeats nothing'

/** Marketo did not take the job; the sentence depends on what it said. */
export function exportRefused(
  error: MarketoError,
  task: Task,
  now: number,
): PipelineError {
  if (error.problem === 'export_quota') {
    return paused(
      'export_quota',
      `Paused: the subscription's export volume of today is used up. It resets at ${resetTime(now)}; ${continues}.`,
      error,
    )
  }
  if (error.problem === 'filter_unsupported') return unsupported(error, task)
  if (error.problem === 'not_found' && 'listId' in task.filter) {
    return badInput(
      'list_gone',
      `Marketo does not know the ${nameOf(task)} any more (id ${task.filter.listId}). Name another list in the pipeline file.`,
    )
  }
  return error
}

function unsupported(error: MarketoError, task: Task): PipelineError {
  return new PipelineError(
    'filter_unsupported',
    `This Marketo subscription cannot export the ${nameOf(task)} (1035). Copy its members to a static list and name that in the pipeline file, or ask Marketo support to enable the filter.`,
    { exit: exitCode.badInput, cause: error },
  )
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000)
}

/** The pipeline's own share of the day's export volume is used up. */
export function budgetUsed(
  used: number,
  limit: number,
  now: number,
): PipelineError {
  const rest = limit > used ? '; another file might not fit' : ''
  const message = `Paused: today's export budget is used up (${megabytes(used)} of ${megabytes(limit)} MB${rest}). It resets at ${resetTime(now)}; ${continues}.`
  return new PipelineError('export_budget', message, {
    exit: exitCode.paused,
    recovery: 'wait',
    details: { used, limit },
  })
}

export function queueStaysFull(task: Task): PipelineError {
  return paused(
    'queue_full',
    `Paused: for two hours Marketo's queue of export jobs, which all integrations share, had no place for the ${nameOf(task)}. The same command continues; if it stays so, look for an integration that fills the queue.`,
  )
}

export function jobStuck(task: Task): PipelineError {
  return paused(
    'export_stuck',
    `Paused: export job ${task.exportId} of the ${nameOf(task)} has not ended for 6 hours. The same command goes on waiting for it; if it stays so, give the job's id to Marketo support.`,
  )
}

export function jobFailed(
  task: Task,
  exportId: string | null,
  times: number,
  why: string,
  cause: unknown,
): PipelineError {
  const said = typeof cause === 'string' ? `: ${cause.slice(0, 200)}` : ''
  return paused(
    'export_failed',
    `Paused: Marketo's export of the ${nameOf(task)} went wrong ${times} times, last as "${why}" (job ${exportId}${said}). The same command tries again, a long window in halves; if it stays so, give the job's id to Marketo support.`,
    cause instanceof Error ? cause : undefined,
  )
}

export function fileDiffers(
  task: Task,
  how: string,
  evidence: string,
): PipelineError {
  return paused(
    'file_differs',
    `The file of export job ${task.exportId} of the ${nameOf(task)} is not what Marketo announced (${how}), so nothing of it was used. It is kept as ${evidence}; the same command exports it anew.`,
  )
}

/** The pipeline file leads to another Marketo than it did. */
export function otherInstance(
  pipeline: string,
  before: string,
  now: string,
): PipelineError {
  return badInput(
    'other_instance',
    `${pipeline} holds the leads of ${before}, and its file now leads to ${now}; one pipeline never mixes two. Give ${now} a pipeline file of its own, or move warehouse/${pipeline} away to begin anew.`,
  )
}

export function noOldestLead(): PipelineError {
  return badInput(
    'no_oldest_lead',
    "Marketo's activities do not tell when the oldest lead was created; perhaps there is none yet. Write a date into the pipeline file as extract.start.",
  )
}
