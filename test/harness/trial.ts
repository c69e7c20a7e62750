/** One schedule: played, and judged by the oracle. */
import { judge, type Verdict } from './oracle.js'
import { play, type Played } from './play.js'
import { type Schedule, scheduleOf } from './schedule.js'

export interface Trial {
  readonly played: Played
  readonly verdict: Verdict
}

const dayOfPlan = 23 * 3_600_000

export async function tryOut(schedule: Schedule): Promise<Trial> {
  const played = await play(schedule)
  const { rows, before, after, events, journal, faults, lasted } = played
  const refused = [...faults.keys()].some((name) =>
    /: (refused|result skipped)/.test(name),
  )
  const isUndisturbed =
    schedule.edits.length === 0 && !refused && lasted < dayOfPlan
  const { budget, epoch } = schedule
  const verdict = judge({
    rows,
    before,
    after,
    events,
    journal,
    budget,
    epoch,
    isUndisturbed,
    mayBeTooOld: lasted >= dayOfPlan,
  })
  return { played, verdict }
}

export async function trySeed(seed: number): Promise<Trial> {
  return await tryOut(scheduleOf(seed))
}
