import type { Fault, FaultKind } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import type { OtherUse } from '../../src/sandbox/others.js'
import { Random } from '../../src/sandbox/random.js'
import type { VirtualOptions } from '../../src/sandbox/virtual-base.js'
import {
  armed,
  type FaultClass,
  faultClasses,
  type Trouble,
} from './fault-class.js'

/** A base and what goes wrong with it; the same for the same seed. */
export interface Schedule {
  readonly seed: number
  readonly now: number
  readonly leads: VirtualOptions
  readonly isIncrement: boolean
  readonly classes: readonly string[]
  readonly faults: readonly Fault[]
  readonly others: OtherUse | null
  readonly sandbox: Partial<SandboxOptions>
  /** Codes of errors that may end it, where it never heals by itself. */
  readonly ends: readonly string[] | null
}

const day = 86_400_000

/** Faults that stay, and the causes that must then be named. */
const permanent: readonly {
  readonly fault: FaultKind
  readonly endpoint?: string
  readonly ends: readonly string[]
}[] = [
  { fault: { kind: 'http', status: 503 }, ends: ['unavailable'] },
  { fault: { kind: 'reset-before' }, ends: ['unavailable', 'unreachable'] },
  { fault: { kind: 'empty-body' }, ends: ['unavailable'] },
  {
    fault: { kind: 'error', code: '603' },
    endpoint: 'export/create',
    ends: ['permission'],
  },
  {
    fault: { kind: 'error', code: '1035' },
    endpoint: 'export/create',
    ends: ['filter_unsupported'],
  },
  {
    fault: { kind: 'error', code: '610' },
    endpoint: ' /(rest|bulk)/',
    ends: ['bad_request'],
  },
  {
    fault: { kind: 'error', code: '611' },
    endpoint: ' /(rest|bulk)/',
    ends: ['system_error'],
  },
  {
    fault: { kind: 'error', code: '607' },
    endpoint: ' /(rest|bulk)/',
    ends: ['daily_quota'],
  },
  { fault: { kind: 'token-revoked' }, ends: ['token'] },
  { fault: { kind: 'job-failed' }, ends: ['export_failed'] },
  { fault: { kind: 'job-cancelled' }, ends: ['export_failed'] },
  { fault: { kind: 'job-vanished' }, ends: ['export_failed'] },
  { fault: { kind: 'job-fileless' }, ends: ['export_failed'] },
  {
    fault: { kind: 'job-stuck' },
    ends: ['export_stuck', 'export_failed', 'queue_full'],
  },
  { fault: { kind: 'file-missing' }, ends: ['export_failed'] },
  { fault: { kind: 'file-corrupt' }, ends: ['file_differs'] },
  { fault: { kind: 'file-short' }, ends: ['file_differs', 'unavailable'] },
  {
    fault: { kind: 'job-dirty', dirt: 'dropped-column' },
    ends: ['export_header', 'export_columns', 'file_differs'],
  },
  { fault: { kind: 'job-dirty', dirt: 'row-count' }, ends: ['file_differs'] },
  { fault: { kind: 'job-dirty', dirt: 'checksum' }, ends: ['file_differs'] },
]

export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed)
  const now = Date.UTC(2026, random.below(12), 1 + random.below(28), 9)
  const days = 20 + random.below(140)
  const base = {
    seed,
    now,
    leads: {
      count: 12 + random.below(random.chance(0.2) ? 400 : 90),
      seed,
      from: now - days * day,
      to: now - 3_600_000,
    },
  }
  if (random.chance(0.06)) return lasting(base, random)
  const first = faultClasses[seed % faultClasses.length]
  const more = Array.from({ length: random.below(4) }, () =>
    random.pick(faultClasses),
  )
  const classes = fitting(first === undefined ? more : [first, ...more])
  const troubles = classes.map((each) => each.make(random))
  const isIncrement = troubles.some((each) => each.needsIncrement === true)
  return {
    ...base,
    isIncrement: isIncrement || random.chance(0.2),
    classes: classes.map(({ name }) => name),
    faults: troubles.flatMap((each) => faultsOf(each, random)),
    others: othersOf(troubles),
    sandbox: sandboxOf(troubles),
    ends: null,
  }
}

/** Without a checksum nobody can tell that a byte is another. */
function fitting(classes: readonly FaultClass[]): readonly FaultClass[] {
  const isBlind = classes.some(({ name }) =>
    ['job-dirty no-checksum', 'job-dirty md5-checksum'].includes(name),
  )
  return classes.filter(({ name }) => !isBlind || name !== 'file-corrupt')
}

function lasting(
  base: Pick<Schedule, 'seed' | 'now' | 'leads'>,
  random: Random,
): Schedule {
  const { fault, endpoint, ends } = random.pick(permanent)
  const match = endpoint === undefined ? {} : { endpoint }
  return {
    ...base,
    isIncrement: false,
    classes: [`lasting ${fault.kind}`],
    faults: [armed(fault, match)],
    others: null,
    sandbox: {},
    ends,
  }
}

function faultsOf(
  { faults = [], endpoint, isSure = false }: Trouble,
  random: Random,
): Fault[] {
  return faults.map((kind) =>
    armed(kind, {
      ...(endpoint !== undefined && { endpoint }),
      ...(!isSure && random.chance(0.4) && { after: random.below(6) }),
      count: (isSure ? 2 : 1) + random.below(2),
      probability: isSure ? 1 : random.between(0.3, 1),
    }),
  )
}

function sandboxOf(troubles: readonly Trouble[]): Partial<SandboxOptions> {
  return troubles.reduce((all, { sandbox }) => ({ ...all, ...sandbox }), {})
}

function othersOf(troubles: readonly Trouble[]): OtherUse | null {
  const all = troubles.flatMap(({ others }) => others ?? [])
  if (all.length === 0) return null
  return {
    levels: all.flatMap(({ levels = [] }) => levels),
    jobs: all.flatMap(({ jobs = [] }) => jobs),
  }
}
