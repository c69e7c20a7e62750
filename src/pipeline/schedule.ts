/** When a pipeline runs by itself: the YAML form, and what it stands for. */
import { z } from 'zod'
import type { Blackout, Schedule } from './policy.js'
import { cron, day, timeOfDay, timezone } from './time.js'

const range = z
  .strictObject({
    from: day.describe('First day, such as 2026-12-24.'),
    to: day.describe('Last day; it counts.'),
  })
  .refine(({ from, to }) => from <= to, {
    error: 'ends before it begins.',
  })

export const scheduleSchema = z
  .strictObject({
    cron: cron.describe('Five fields: minute hour day month weekday.'),
    timezone: timezone
      .optional()
      .describe('An IANA name such as Europe/Paris. Default UTC.'),
    until: timeOfDay
      .optional()
      .describe('Stop safely by this time of day, such as "07:00".'),
    paused: z
      .boolean()
      .optional()
      .describe('true: it does not run by itself for now. Default false.'),
    blackout: z
      .array(
        z.union([day, range], {
          error:
            'must be a day such as 2026-12-24, or a mapping with from and to.',
        }),
      )
      .optional()
      .describe("Days on which it does not run, in the schedule's time zone."),
    missed: z
      .enum(['run_once', 'skip'])
      .optional()
      .describe(
        'After the scheduler was down: run_once makes up for all missed runs with one, unless its `until` is past; skip waits for the next. Default run_once.',
      ),
  })
  .describe('When to run by itself.')

type ScheduleForm = z.infer<typeof scheduleSchema>

export function scheduleOf(form: ScheduleForm | undefined): Schedule | null {
  if (form === undefined) return null
  const { timezone: zone = 'UTC', until = null, missed = 'run_once' } = form
  return {
    cron: form.cron,
    timezone: zone,
    until,
    paused: form.paused ?? false,
    blackout: (form.blackout ?? []).map((days) => blackoutOf(days)),
    missed,
  }
}

function blackoutOf(days: string | Blackout): Blackout {
  return typeof days === 'string' ? { from: days, to: days } : days
}
