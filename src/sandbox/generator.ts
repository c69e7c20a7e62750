import type { Lead } from './change.js'
import { personOf } from './person.js'
import { mix32, Random } from './random.js'
import { recordOf } from './record.js'

/** A lead and the number of the person it really is. */
export interface GeneratedLead {
  readonly lead: Lead
  readonly truth: number
}

export interface GeneratorOptions {
  readonly count: number
  readonly seed: number
  /** Milliseconds; no lead is created or changed after it. */
  readonly until: number
  readonly dirt?: boolean
}

/** Leads are created over this long before `until`: about 14 months. */
const span = 425 * 86_400_000

const firstId = 1_000_001

/**
 * Leads of invented people in the order of their creation: the same options
 * give the same leads. Two leads are the same person exactly when their
 * truth is equal.
 */
export function* generateLeads(
  options: GeneratorOptions,
): Generator<GeneratedLead> {
  const { count, seed, until, dirt = false } = options
  const { people, records } = dealPeople(count, seed)
  const seen = new Uint8Array(records.length)
  const until0 = Math.floor(until / 1000) * 1000
  let id = firstId
  for (let slot = 0; slot < count; slot++) {
    const truth = people[slot] ?? 0
    const ordinal = seen[truth] ?? 0
    seen[truth] = ordinal + 1
    const random = new Random(mix32(seed * 49_979_687 + slot * 2 + 1))
    const at = birthOf(until0, slot, count, random)
    const lead = leadOf(id, at, until0, random)
    const facts = { ordinal, records: records[truth] ?? 1, dirt }
    const values = recordOf(personOf(seed, truth), facts, random)
    yield { truth, lead: { ...lead, values } }
    // Ids have gaps, a few of them wide.
    id += random.chance(0.02) ? 1 + random.below(200) : 1 + random.below(3)
  }
}

/** Who gets how many records (1 to 5), and in which order they arrive. */
function dealPeople(
  count: number,
  seed: number,
): { people: Int32Array; records: Uint8Array } {
  const random = new Random(mix32(seed + 99_991))
  const people = new Int32Array(count)
  const records = new Uint8Array(count)
  let person = 0
  for (let slot = 0; slot < count; person++) {
    const size = Math.min(sizeOf(random.next()), count - slot)
    people.fill(person, slot, slot + size)
    records[person] = size
    slot += size
  }
  for (let slot = count - 1; slot > 0; slot--) {
    const other = random.below(slot + 1)
    const kept = people[slot] ?? 0
    people[slot] = people[other] ?? 0
    people[other] = kept
  }
  return { people, records: records.subarray(0, person) }
}

function sizeOf(draw: number): number {
  if (draw < 0.76) return 1
  if (draw < 0.9) return 2
  if (draw < 0.96) return 3
  return draw < 0.985 ? 4 : 5
}

function birthOf(
  until: number,
  slot: number,
  count: number,
  random: Random,
): number {
  const share = (slot + random.next()) / count
  return until - span + Math.floor((span * share) / 1000) * 1000
}

function leadOf(
  id: number,
  createdAt: number,
  until: number,
  random: Random,
): Omit<Lead, 'values'> {
  const age = until - createdAt
  const updated = random.chance(0.4) ? 0 : random.next() ** 2 * age
  const touched = random.chance(0.2) ? random.next() * (age - updated) : 0
  const updatedAt = createdAt + Math.floor(updated / 1000) * 1000
  return {
    id: String(id),
    createdAt,
    updatedAt,
    fieldUpdatedAt: updatedAt + Math.floor(touched / 1000) * 1000,
    partition: random.chance(0.1) ? 2 : 1,
  }
}
