/** Several pipelines with one command: fair, and none stops the others. */
import {
  asMachineError,
  type ExitCode,
  exitCode,
  PipelineError,
} from '../error.js'
import { nextCommand, reasonWords } from './advice.js'
import type { RunRecord } from './record.js'

export interface GroupResult {
  readonly pipeline: string
  /** A status of a run, or `not started` or `refused`. */
  readonly result: string
  readonly exit_code: ExitCode
  readonly why: string
  /** A command to type, or empty. */
  readonly next: string
  /** null where there was no run. */
  readonly record: RunRecord | null
}

/** The worst first. What a person must see outranks what waits by itself. */
const severity: readonly ExitCode[] = [
  exitCode.unexpected,
  exitCode.machine,
  exitCode.access,
  exitCode.badInput,
  exitCode.failed,
  exitCode.planRefused,
  exitCode.guardrail,
  exitCode.needsPerson,
  exitCode.locked,
  exitCode.paused,
  exitCode.changes,
  exitCode.done,
]

export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return severity.find((code) => codes.includes(code)) ?? exitCode.done
}

/**
 * Starts each name in its turn, at most `jobs` at the same time. When the
 * signal is aborted, those not yet started are not. Results are in the order
 * of the names; `onEnd` hears of each as it ends.
 */
export async function runGroup(
  names: readonly string[],
  options: {
    readonly jobs: number
    readonly signal: AbortSignal
    readonly start: (name: string) => Promise<GroupResult>
    readonly onEnd?: (result: GroupResult) => void
  },
): Promise<GroupResult[]> {
  const { jobs, signal, start, onEnd } = options
  const results = new Map<string, GroupResult>()
  const waiting = [...names]
  const work = async () => {
    for (;;) {
      const name = waiting.shift()
      if (name === undefined) return
      const result = signal.aborted
        ? notStarted(name, 'the command was stopped before its turn')
        : await start(name).catch((thrown: unknown) => refused(name, thrown))
      results.set(name, result)
      onEnd?.(result)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work))
  return names.flatMap((name) => results.get(name) ?? [])
}

export function resultOf(record: RunRecord): GroupResult {
  const known = Object.values(exitCode).find(
    (code) => code === record.exit_code,
  )
  return {
    pipeline: record.pipeline,
    result: record.status,
    exit_code: known ?? exitCode.unexpected,
    why: reasonWords(record),
    next: nextCommand(record),
    record,
  }
}

export function notStarted(pipeline: string, why: string): GroupResult {
  return {
    pipeline,
    result: 'not started',
    exit_code: exitCode.paused,
    why,
    next: `pipeline run ${pipeline}`,
    record: null,
  }
}

/** Its schedule keeps it from running today. */
export function held(pipeline: string, why: string): GroupResult {
  const exit = exitCode.done
  return {
    ...notStarted(pipeline, why),
    result: 'held',
    exit_code: exit,
    next: '',
  }
}

/** There was no run: its file is wrong, or another run holds its lock. */
export function refused(pipeline: string, thrown: unknown): GroupResult {
  const error = asMachineError(thrown, `The run of ${pipeline}`)
  const exit = error instanceof PipelineError ? error.exit : exitCode.unexpected
  return {
    pipeline,
    result: 'refused',
    exit_code: exit,
    why: error.message,
    next: `pipeline ${exit === exitCode.locked ? 'status' : 'debug'} ${pipeline}`,
    record: null,
  }
}
