/**
 * L2: `exhaust.js [--pairs] [--share N/M] [--json FILE]` plays one small plan
 * once for every point at which a process can die and every fault of every
 * call, or for every pair of the two.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Operation } from './event.js'
import { faultsOf } from './fault.js'
import type { Lead } from './marketo.js'
import { play } from './play.js'
import { Random } from './random.js'
import type { Loss, Schedule } from './schedule.js'
import type { Mishap } from './time.js'
import { tryOut } from './trial.js'
import { type Wanted, wantedOf } from './wanted.js'

const { values } = parseArgs({
  options: {
    pairs: { type: 'boolean', default: false },
    share: { type: 'string', default: '1/1' },
    json: { type: 'string' },
  },
})

interface Fault {
  readonly n: number
  readonly name: string
}

interface Case {
  readonly crash: Mishap | null
  readonly loss: Loss
  readonly fault: Fault | null
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

function scheduleOf({ crash, loss, fault, follow }: Case): Schedule {
  const calm = { mishap: null, loss: 'kept', pause: 1000, skew: 0 } as const
  const first = { mishap: crash, loss, pause: 1000, skew: 0 }
  return {
    seed: 7,
    epoch: Date.UTC(2026, 5, 10, 12),
    ...small,
    lives: crash === null ? [calm] : [first, calm],
    edits: [],
    diskFault: null,
    follow,
    sameHost: true,
    tokenLife: 3_600_000,
    budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
    fault: (n) => (n === fault?.n ? fault.name : null),
  }
}

const none = { crash: null, loss: 'kept', fault: null } as const
const losses: readonly Loss[] = ['kept', 'power', 'all', 'journal']

async function calmRun(follow: boolean) {
  const { passed, events } = await play(scheduleOf({ ...none, follow }))
  const crashes = [...passed].flatMap(([point, count]) =>
    Array.from(
      { length: count },
      (_, n): Mishap => ({ point, nth: n + 1, kind: 'crash', length: 0 }),
    ),
  )
  const faults = events.flatMap((event) =>
    event.type === 'send' ? faultsAt(event.n, event.operation.kind) : [],
  )
  return { crashes, faults }
}

function faultsAt(n: number, kind: Operation['kind']): Fault[] {
  return [...(faultsOf(kind)?.keys() ?? [])].map((name) => ({ n, name }))
}

async function cases(): Promise<Case[]> {
  const all: Case[] = []
  for (const follow of [false, true]) {
    const { crashes, faults } = await calmRun(follow)
    for (const loss of losses) {
      for (const crash of crashes) all.push({ ...none, crash, loss, follow })
    }
    for (const fault of faults) all.push({ ...none, fault, follow })
    if (!values.pairs) continue
    for (const crash of crashes) {
      for (const fault of faults)
        all.push({ crash, loss: 'kept', fault, follow })
    }
  }
  return all
}

const [part = 1, parts = 1] = values.share.split('/').map(Number)
const started = performance.now()
const all = await cases()
const own = all.filter((_, n) => n % parts === part - 1)
const failures: string[] = []
const hit = { crashes: 0, faults: 0 }
for (const one of own) {
  const { played, verdict } = await tryOut(scheduleOf(one))
  hit.crashes += [...played.crashes.values()].reduce((a, b) => a + b, 0)
  hit.faults += [...played.faults.values()].reduce((a, b) => a + b, 0)
  const [breach] = verdict.breaches
  if (breach === undefined) continue
  failures.push(`${JSON.stringify(one)}: ${breach.invariant} ${breach.what}`)
}
const crashes = own.filter(({ crash }) => crash !== null).length
const faults = own.filter(({ fault }) => fault !== null).length
const seconds = Math.round((performance.now() - started) / 1000)
process.stdout.write(`Every ${values.pairs ? 'crash with every fault' : 'crash and every fault'} of a plan of 4 rows (L2)
  cases       ${own.length} of ${all.length}, both answers for a lead that is gone
  crashes     ${hit.crashes} of ${crashes} enumerated
  faults      ${hit.faults} of ${faults} enumerated
  violations  ${failures.length}
  time        ${seconds} s
`)
for (const failure of failures.slice(0, 20)) {
  process.stdout.write(`${failure}\n`)
}
const report = { cases: own.length, crashes, faults, hit, failures, seconds }
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}
if (failures.length > 0) process.exitCode = 1
