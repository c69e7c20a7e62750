import type { RunRecord, StepRecord } from '../run/record.js'
import type { RunWatcher } from '../run/recorder.js'
import { type CommandContext, type Settings, type Status } from './output.js'
import { progress } from './progress.js'

const statusOf: Record<StepRecord['status'], Status> = {
  running: 'ok',
  done: 'ok',
  skipped: 'skipped',
  failed: 'failed',
  paused: 'paused',
  stopped: 'warn',
}

/** Shows a run's steps as they happen. */
export function watchRun(
  context: CommandContext,
  options: Settings,
  describe: string,
): RunWatcher & { close(): void } {
  const shown = progress(context, options)
  return {
    started(record: RunRecord) {
      shown.line(`${describe} · run ${record.run_id}\n`)
    },
    stepStarted: (step, total) => shown.start(step, total),
    stepMoved: (step, done, total, text, parts) =>
      shown.update(step, done, total, text, parts),
    stepEnded: ({ step, text, seconds, status }) =>
      shown.end(step, said(text, status), seconds, statusOf[status]),
    note: (text) => shown.line(`  ${text}`),
    close: () => shown.close(),
  }
}

/** What went wrong follows at the end, in full and once. */
function said(text: string, status: StepRecord['status']): string {
  return status === 'failed' || status === 'paused' ? '' : text
}
