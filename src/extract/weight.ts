import {
  type Experience,
  type Measure,
  secondsOf,
  type Window,
} from './window.js'

/** Leads grow in number, and their cells in length. */
const growth = 1.25
/** The largest import is yet to come. */
const surprise = 1.4
/** Of a hundred times more days than a first export takes. */
const certainty = 0.999
const fewBursts = 6
/** Shares of a day's bytes held back for bursts, at least. */
const [novice, expert] = [0.12, 0.05]
const day = 86_400

/** Tells from exports so far what others will weigh. */
export class Scale {
  /** Nobody knows yet what a base weighs; a first window tells. */
  readonly isBlank: boolean
  readonly #earlier: readonly Measure[]
  readonly #perLead: number
  /** Bytes a second. */
  readonly #rate: number
  /** Heaviest first. */
  readonly #bursts: readonly number[]
  readonly #heavy: number
  readonly #seconds: number

  constructor({ weighed, earlier }: Experience) {
    // Of this extract as soon as it has any; else of the one before.
    const known = weighed.length > 0 ? weighed : earlier
    this.isBlank = weighed.length === 0 && earlier.every(({ rows }) => !rows)
    this.#earlier = earlier
    this.#perLead = bytesPerLead(weighed) ?? bytesPerLead(earlier) ?? 0
    this.#rate = typicalRate(known)
    this.#bursts = burstsOf(known)
    const [heaviest = 0] = this.#bursts
    this.#heavy = this.#bursts.filter((each) => each > heaviest / 3).length
    this.#seconds = sum(known.map(secondsOf))
  }

  /** Bytes that exports of these windows will probably weigh; 0: no idea. */
  expected(windows: readonly Window[]): number {
    const { rows, unknown } = this.#foretell(windows)
    return Math.ceil(rows * this.#perLead + unknown * this.#rate)
  }

  /**
   * Bytes that exports of these windows will hardly exceed together: what is
   * expected, and on top as many of the heaviest bursts seen so far (imports,
   * migrations) as may well fall into so long a time. A burst lies in a day
   * or less, so it counts whole in the shortest window.
   * @param limit bytes of a whole day
   */
  cautious(windows: readonly Window[], limit: number): number {
    const { unknown } = this.#foretell(windows)
    const often = (this.#heavy + 1) / Math.max(31 * day, this.#seconds)
    const bursts = this.#bursts.slice(0, atMost(often * unknown))
    // Who has seen few bursts does not know how heavy they are.
    const share = this.#heavy < fewBursts ? novice : expert
    const floor = share * limit * Math.min(1, unknown / (8 * day))
    const reserve = Math.max(surprise * sum(bursts), floor)
    return Math.ceil(this.expected(windows) * growth + reserve)
  }

  /** Leads that an earlier extract had at these times; seconds it had not. */
  #foretell(windows: readonly Window[]): { rows: number; unknown: number } {
    const all = { rows: 0, unknown: 0 }
    for (const window of windows) {
      let unknown = secondsOf(window)
      for (const each of this.#earlier) {
        const from = Math.max(window.from, each.from)
        const to = Math.min(window.to, each.to)
        if (to < from) continue
        const seconds = secondsOf({ from, to })
        unknown -= seconds
        all.rows += each.rows * (seconds / secondsOf(each))
      }
      all.unknown += Math.max(0, unknown)
    }
    return all
  }
}

/** The number that a Poisson variable of this mean hardly ever exceeds. */
function atMost(mean: number): number {
  let [count, term] = [0, Math.exp(-mean)]
  for (let all = term; all < certainty && count < 20; all += term) {
    count += 1
    term *= mean / count
  }
  return count
}

/** What windows weighed beyond those around them, heaviest first. */
function burstsOf(measures: readonly Measure[]): number[] {
  const ordered = measures.toSorted((a, b) => a.from - b.from)
  const rates = ordered.map(rateOf)
  return ordered
    .map((each, at) => {
      const around = rates.slice(Math.max(0, at - 6), at + 7)
      return Math.max(0, each.bytes - median(around) * secondsOf(each))
    })
    .toSorted((a, b) => b - a)
}

function bytesPerLead(measures: readonly Measure[]): number | null {
  const rows = sum(measures.map((each) => each.rows))
  return rows > 0 ? sum(measures.map((each) => each.bytes)) / rows : null
}

/** Lately; one window that stands out does not count. */
function typicalRate(known: readonly Measure[]): number {
  const rates = known
    .toSorted((a, b) => b.from - a.from)
    .slice(0, 9)
    .map(rateOf)
  return Math.max(median(rates), median(rates.slice(0, 3)))
}

function rateOf(measure: Measure): number {
  return measure.bytes / secondsOf(measure)
}

/** The greater of the two in the middle. */
function median(numbers: readonly number[]): number {
  const ordered = numbers.toSorted((a, b) => a - b)
  return ordered[Math.floor(ordered.length / 2)] ?? 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
