/** One seed, one schedule: leads, a plan, and all that goes wrong. */
import { faultsOf, rareFaults } from './fault.js'
import type { Operation } from './event.js'
import { importPoints, plainPoints } from './point.js'
import { Random } from './random.js'
import type { Lead } from './marketo.js'
import { type Wanted, wantedOf } from './wanted.js'
import type { DiskFault } from './disk.js'
import type { Mishap } from './time.js'

/** What the next process finds of what a dead one wrote. */
export type Loss = 'kept' | 'power' | 'all' | 'journal' | 'older'

export interface Edit {
  /** Virtual milliseconds. */
  readonly at: number
  readonly id: string
  /** Null deletes the lead. */
  readonly field: string | null
  readonly value: string
}

/** One process of the schedule, and what befalls it. */
export interface Life {
  readonly mishap: Mishap | null
  readonly loss: Loss
  /** Milliseconds until the next one is started. */
  readonly pause: number
  readonly skew: number
}

export interface Schedule {
  readonly seed: number
  readonly epoch: number
  readonly leads: readonly Lead[]
  readonly wanted: Wanted
  /** The last one lives as often as it takes. */
  readonly lives: readonly Life[]
  readonly edits: readonly Edit[]
  readonly diskFault: DiskFault | null
  readonly follow: boolean
  readonly sameHost: boolean
  readonly tokenLife: number
  readonly budget: {
    readonly callsPerDay: number
    readonly callsPer20s: number
    readonly concurrency: number
  }
  /** The name of what goes wrong with the nth call, or null. */
  readonly fault: (
    n: number,
    kind: Operation['kind'],
    random: Random,
  ) => string | null
}

const hour = 3_600_000

/** Schedules whose plan has updates enough for a bulk import. */
const importShare = 0.03

export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed)
  const hasImport = hasImportOf(seed)
  const { leads, wanted } = wantedOf(random, hasImport)
  const rate = random.pick([0, 0.03, 0.1, 0.25, 0.5])
  return {
    seed,
    epoch: Date.UTC(2026, 5, 10, 7) + random.below(20 * hour),
    leads,
    wanted,
    lives: lives(random, hasImport),
    edits: random.chance(0.25) ? edits(random, leads) : [],
    diskFault: random.chance(0.15)
      ? { nth: 1 + random.below(40), code: random.pick(['ENOSPC', 'EIO']) }
      : null,
    follow: random.chance(0.5),
    sameHost: random.chance(0.8),
    tokenLife: random.between(1000, random.chance(0.5) ? hour : 400_000),
    budget: {
      callsPerDay: random.chance(0.1) ? 8 + random.below(30) : 20_000,
      callsPer20s: random.pick([2, 5, 20, 50]),
      concurrency: random.pick([1, 2, 5]),
    },
    fault: (_, kind, chance) => drawn(chance, kind, rate),
  }
}

/** By a stream of its own, so that other schedules stay what they were. */
export function hasImportOf(seed: number): boolean {
  return new Random(seed + 0x2545f491).chance(importShare)
}

/** Few among many, and each tries another part of the protocol. */
const oddFaults: Partial<Record<Operation['kind'], [string, ...string[]]>> = {
  merge: ['no answer, late', 'no answer, undone', 'reset late'],
  update: ['result short', 'result shuffled', 'result skipped', 'reset late'],
}

function drawn(
  random: Random,
  kind: Operation['kind'],
  rate: number,
): string | null {
  const table = faultsOf(kind)
  if (table === null) return null
  // One plan has one import, and few have a file of what failed.
  if (kind === 'import') return ofImport(random, table)
  const isFew = kind === 'import_notes'
  if (!random.chance(isFew ? 0.5 : rate)) return null
  const odd = oddFaults[kind]
  if (odd !== undefined && random.chance(0.2)) return random.pick(odd)
  const mayBeRare = kind === 'merge' || kind === 'update' || kind === 'read'
  const isRare = mayBeRare && random.chance(0.01)
  const names = [...(isRare ? rareFaults : table).keys()]
  return names[random.below(names.length)] ?? null
}

function ofImport(
  random: Random,
  table: ReadonlyMap<string, unknown>,
): string | null {
  if (random.chance(0.2)) return null
  const isTaken = random.chance(0.3)
  const names = [...table.keys()].filter(
    (name) => !isTaken || name.startsWith('taken'),
  )
  return names[random.below(names.length)] ?? null
}

function lives(random: Random, hasImport: boolean): Life[] {
  const crashes = random.chance(0.2) ? 0 : 1 + random.below(3)
  const isSkewed = random.chance(0.2)
  const all = Array.from({ length: crashes + 1 }, (_, number): Life => {
    const isLast = number === crashes
    const mishap = isLast ? null : mishapOf(random, hasImport)
    const sleeps = mishap?.kind === 'sleep'
    return {
      mishap,
      loss: sleeps ? 'kept' : lossOf(random),
      pause: random.between(0, random.chance(0.7) ? 30_000 : 600_000),
      skew: isSkewed ? random.between(-26 * hour, 26 * hour) : 0,
    }
  })
  return all
}

function lossOf(random: Random): Loss {
  const draw = random.next()
  if (draw < 0.45) return 'kept'
  if (draw < 0.65) return 'power'
  if (draw < 0.85) return 'all'
  return draw < 0.96 ? 'journal' : 'older'
}

function mishapOf(random: Random, hasImport: boolean): Mishap {
  const isOfImport = hasImport && random.chance(0.5)
  const points = isOfImport ? importPoints : plainPoints
  const point = points[random.below(points.length)] ?? ''
  let nth = 1
  while (random.chance(0.4)) nth += 1
  // Between the last look at the lease and the first byte nobody can look.
  const mayDoze = !/^(merge|update|import)\.before$/.test(point)
  const kind = mayDoze && random.chance(0.08) ? 'sleep' : 'crash'
  const length = random.between(100_000, 2 * hour)
  return { point, nth, kind, length }
}

function edits(random: Random, leads: readonly Lead[]): Edit[] {
  return Array.from({ length: 1 + random.below(2) }, () => {
    const lead = leads[random.below(leads.length)] ?? {}
    const field = random.pick(['email', 'region', 'phone', 'firstName', null])
    const at = random.between(0, random.chance(0.5) ? 5000 : 120_000)
    return {
      at,
      id: String(lead['id']),
      field,
      value: `edited ${random.below(1000)}@x`,
    }
  })
}
