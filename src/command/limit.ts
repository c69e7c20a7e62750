import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Deadline } from '../run/deadline.js'

export interface LimitFlags {
  readonly maxDuration?: string
  readonly until?: string
  readonly scheduled?: boolean
}

/** Options of the commands that may take long. */
export function addLimits(command: Command): Command {
  return command
    .option(
      '--max-duration <duration>',
      'end cleanly after 30m, 2h or 1h30m (exit 4); the next run continues',
    )
    .option(
      '--until <time>',
      "end cleanly at this time of day in the pipeline's time zone",
    )
}

/** When a run of a pipeline that starts now has to end, or null. */
export async function deadlineFor(
  { pipeline }: LoadedPipeline,
  flags: LimitFlags,
): Promise<Deadline | null> {
  const { deadlineOf } = await import('../run/deadline.js')
  return deadlineOf(
    {
      maxDuration: flags.maxDuration ?? null,
      until: flags.until ?? null,
      isScheduled: flags.scheduled ?? false,
    },
    pipeline.schedule,
    systemClock.now(),
  )
}
