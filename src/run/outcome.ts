/** How a run ended, from what it did. Pure. */
import { type ExitCode, exitCode } from '../error.js'
import type { ApplyRecord, PlanRecord, RunStatus } from './record.js'

export interface RunEnd {
  readonly status: RunStatus
  readonly exit_code: ExitCode
}

export function runEnd(
  plan: PlanRecord | null,
  apply: ApplyRecord | null,
  isBlocked: boolean,
): RunEnd {
  if (apply !== null && apply.failed + apply.unresolved > 0) {
    return { status: 'needs_person', exit_code: exitCode.needsPerson }
  }
  if (isBlocked) {
    return { status: 'guardrail', exit_code: exitCode.guardrail }
  }
  if (plan !== null && plan.needs_approval) {
    return { status: 'review', exit_code: exitCode.done }
  }
  return { status: 'done', exit_code: exitCode.done }
}

/** The status that a failure's exit code stands for. */
export function failureStatus(code: ExitCode): RunStatus {
  if (code === exitCode.paused) return 'paused'
  if (code === exitCode.guardrail) return 'guardrail'
  return 'failed'
}

/** `20261121-050003-7f3a`: sorts by time, unique enough within a second. */
export function runId(now: Date, random: () => number): string {
  const digits = now.toISOString().replace(/\D/g, '')
  const suffix = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${suffix}`
}
