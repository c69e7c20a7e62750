import type { Lead } from './change.js'
import { Random } from './random.js'
import { VirtualPeople } from './virtual-people.js'

export interface VirtualOptions {
  readonly count: number
  readonly seed: number
  /** Milliseconds: no lead is created before. */
  readonly from: number
  /** Milliseconds: no lead is created or changed after. */
  readonly to: number
}

const firstId = 1_000_001

/** Ids are this far apart on average. */
const step = 3

const day = 86_400_000

/**
 * Leads that exist only as arithmetic: everything about one is computed from
 * its index, so a base of any size takes no memory per lead. `createdAt`
 * grows with the index, with some days that bring fifty times what others do.
 */
export class VirtualBase {
  readonly count: number
  readonly people: VirtualPeople
  readonly #from: number
  readonly #to: number
  /** Length of one stretch of even density, milliseconds. */
  readonly #stretch: number
  /** First index of each stretch, and the count at the end. */
  readonly #starts: Float64Array
  /** The stretch last looked at; neighbours are in it too. */
  #near = 0

  constructor({ count, seed, from, to }: VirtualOptions) {
    this.count = count
    this.#from = Math.ceil(from / 1000) * 1000
    this.#to = to
    const days = Math.max(1, Math.round((to - this.#from) / day))
    this.#stretch = (to - this.#from) / days
    this.#starts = startsOf(count, days, new Random(seed))
    this.people = new VirtualPeople(seed)
  }

  get lastId(): bigint {
    return BigInt(this.count === 0 ? 0 : this.#number(this.count - 1))
  }

  #number(index: number): number {
    return firstId + index * step + (index % 7 === 0 ? 1 : 0)
  }

  id(index: number): string {
    return String(this.#number(index))
  }

  /** The index of an id, or null where there is no such lead. */
  indexOf(id: string): number | null {
    const number = Number(id)
    const index = Math.floor((number - firstId) / step)
    const isIn = Number.isSafeInteger(number) && index < this.count
    return isIn && index >= 0 && this.id(index) === id ? index : null
  }

  createdAt(index: number): number {
    const at = this.#stretchOf(index)
    const start = this.#starts[at] ?? 0
    const size = (this.#starts[at + 1] ?? this.count) - start
    const share = at + (index - start + 0.5) / size
    return Math.floor((this.#from + share * this.#stretch) / 1000) * 1000
  }

  /** The visible `updatedAt`; every third lead never changed. */
  updatedAt(index: number): number {
    const draw = this.people.draw(index, 1)
    if (draw % 3 === 0) return this.createdAt(index)
    return this.#later(this.createdAt(index), (draw / 2 ** 32) ** 2)
  }

  /** The latest change of any field. */
  fieldUpdatedAt(index: number): number {
    const draw = this.people.draw(index, 2)
    const updated = this.updatedAt(index)
    return draw % 5 === 0 ? this.#later(updated, draw / 2 ** 32) : updated
  }

  #later(time: number, share: number): number {
    const later = time + share * Math.max(0, this.#to - time)
    return Math.floor(later / 1000) * 1000
  }

  /** The first index whose lead was created at `time` or after. */
  firstSince(time: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.createdAt(middle) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  lead(id: string): Lead | undefined {
    const index = this.indexOf(id)
    return index === null ? undefined : this.at(index)
  }

  at(index: number): Lead {
    return {
      id: this.id(index),
      createdAt: this.createdAt(index),
      updatedAt: this.updatedAt(index),
      fieldUpdatedAt: this.fieldUpdatedAt(index),
      partition: 1,
      values: this.people.values(index),
    }
  }

  byEmail(email: string): Lead[] {
    return this.people
      .withEmail(email)
      .filter((index) => index < this.count)
      .map((index) => this.at(index))
  }

  #stretchOf(index: number): number {
    const starts = this.#starts
    const near = this.#near
    if ((starts[near] ?? 0) <= index && index < (starts[near + 1] ?? 0)) {
      return near
    }
    let [low, high] = [0, starts.length - 2]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    this.#near = low
    return low
  }
}

/** Growing over the years, quiet at week-ends, with imports now and then. */
function startsOf(count: number, days: number, random: Random): Float64Array {
  const sums = new Float64Array(days + 1)
  for (let at = 0; at < days; at++) {
    const growth = 1 + (2 * at) / days
    const week = at % 7 < 5 ? 1 : 0.2
    const burst = random.chance(0.01) ? 25 : 1
    const weight = growth * week * burst * (0.5 + random.next())
    sums[at + 1] = (sums[at] ?? 0) + weight
  }
  const total = sums[days] ?? 1
  return sums.map((sum) => Math.floor((sum / total) * count))
}
