/** L2: what can happen to one small plan, one thing or two after each other. */
import type { Operation } from './event.js'
import { faultsOf } from './fault.js'
import type { Lead } from './marketo.js'
import { type Played, play } from './play.js'
import { Random } from './random.js'
import type { Life, Loss, Schedule } from './schedule.js'
import { type Wanted, wantedOf } from './wanted.js'

/** The nth passing of a point by one process. */
export interface Crash {
  readonly kind: 'crash'
  readonly process: number
  readonly point: string
  readonly nth: number
  readonly loss: Loss
}

/** The nth request of all processes. */
export interface Fault {
  readonly kind: 'fault'
  readonly n: number
  readonly name: string
}

export type Blow = Crash | Fault

export interface Case {
  readonly blows: readonly Blow[]
  /** A lead that is gone is answered as its survivor. */
  readonly follow: boolean
}

/** Two merges, one of them in the CRM with two losers, and two updates. */
function smallPlan(): { leads: readonly Lead[]; wanted: Wanted } {
  for (let seed = 1; ; seed += 1) {
    const made = wantedOf(new Random(seed))
    const { merges, updates } = made.wanted
    const [plain, inCrm] = merges
    const fits =
      merges.length === 2 &&
      updates.length === 2 &&
      plain?.losers.length === 2 &&
      !plain.inCrm &&
      inCrm?.inCrm === true &&
      inCrm.losers.length === 2
    if (fits) return made
  }
}

const small = smallPlan()

const calm: Life = { mishap: null, loss: 'kept', pause: 1000, skew: 0 }

export function scheduleOf({ blows, follow }: Case): Schedule {
  const crashes = blows.filter((blow) => blow.kind === 'crash')
  const faults = blows.filter((blow) => blow.kind === 'fault')
  const count = Math.max(0, ...crashes.map(({ process }) => process + 1))
  const lives = Array.from({ length: count }, (_, number): Life => {
    const crash = crashes.find(({ process }) => process === number)
    if (crash === undefined) return calm
    const { point, nth, loss } = crash
    return { ...calm, mishap: { point, nth, kind: 'crash', length: 0 }, loss }
  })
  return {
    seed: 7,
    epoch: Date.UTC(2026, 5, 10, 12),
    ...small,
    lives: [...lives, calm],
    edits: [],
    diskFault: null,
    follow,
    sameHost: true,
    tokenLife: 3_600_000,
    budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
    fault: (n) => faults.find((fault) => fault.n === n)?.name ?? null,
  }
}

/** All that can happen in a run after the last blow of it. */
export function after(
  { blows }: Case,
  { events, passed }: Pick<Played, 'events' | 'passed'>,
  losses: readonly Loss[],
): Blow[] {
  const last = blows.at(-1)
  const dead = last?.kind === 'crash' ? last.process : -1
  const at = last?.kind === 'fault' ? last.n : 0
  const counts = new Map<string, number>()
  const crashes = passed.flatMap(({ process, point, requests }): Crash[] => {
    const key = `${process} ${point}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    if (process <= dead || requests < at) return []
    return losses.map((loss) => ({ kind: 'crash', process, point, nth, loss }))
  })
  const faults = events.flatMap((event) =>
    event.type === 'send' && event.process > dead && event.n > at
      ? faultsAt(event.n, event.operation.kind)
      : [],
  )
  return [...crashes, ...faults]
}

function faultsAt(n: number, kind: Operation['kind']): Fault[] {
  const names = [...(faultsOf(kind)?.keys() ?? [])]
  return names.map((name) => ({ kind: 'fault', n, name }))
}

/** Every case in which one thing happens. */
export async function singles(losses: readonly Loss[]): Promise<Case[]> {
  const all: Case[] = []
  for (const follow of [false, true]) {
    const none: Case = { blows: [], follow }
    const played = await play(scheduleOf(none))
    const blows = after(none, played, losses)
    all.push(...blows.map((blow) => ({ blows: [blow], follow })))
  }
  return all
}
