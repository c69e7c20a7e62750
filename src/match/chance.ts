/** How likely a pattern of agreement is one person, two, or look-alikes. */
import {
  type Comparison,
  isDerived,
  type LookAlike,
  lookAlikeCore,
  lookAlikeNames,
  lookAlikes,
} from './comparison.js'

/** How many pairs agree like this; a level for each comparison, -1 unknown. */
export interface PatternCount {
  readonly levels: readonly number[]
  readonly pairs: number
}

export interface TrainInput {
  readonly comparisons: readonly Comparison[]
  readonly leads: number
  /** Pairs that blocking found. */
  readonly candidates: readonly PatternCount[]
  /** Pairs drawn without looking at their values. */
  readonly random: readonly PatternCount[]
  /** Pairs drawn among leads of one town. */
  readonly near: readonly PatternCount[]
  /** Share of all pairs that are one person; null: to be learned. */
  readonly prior: number | null
}

/** By kind of look-alike, for each comparison and level. */
export type Alike = Readonly<Record<LookAlike, readonly (readonly number[])[]>>

export interface State {
  readonly alike: Alike
  readonly prior: number
  readonly lookAlike: Readonly<Record<LookAlike, number>>
  readonly m: readonly (readonly number[])[]
  readonly u: readonly (readonly number[])[]
  /** The same as `u`, for two people of one town. */
  readonly near: readonly (readonly number[])[]
  readonly expected: number
}

export function everyLookAlike<Value>(
  value: (name: LookAlike) => Value,
): Record<LookAlike, Value> {
  return {
    family: value('family'),
    kin: value('kin'),
    mailbox: value('mailbox'),
    colleague: value('colleague'),
    namesake: value('namesake'),
    line: value('line'),
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

export interface Chances {
  readonly same: number
  readonly other: number
  readonly lookAlike: Readonly<Record<LookAlike, number>>
}

/** How likely a pattern is one person, two, or two who look alike. */
export function chancesOf(
  { comparisons }: TrainInput,
  { prior, lookAlike, alike: known, u, near }: State,
  weights: readonly (readonly number[])[],
  levels: readonly number[],
): Chances {
  const weight = (index: number) => weights[index]?.[levels[index] ?? -1] ?? 0
  const same = prior * 2 ** sum(comparisons.map((_, index) => weight(index)))
  const alike = everyLookAlike((kind) => {
    const shared: readonly string[] = lookAlikes[kind]
    const core = lookAlikeCore[kind]
    const isAlike = comparisons.every(
      ({ name }, index) => !core.includes(name) || (levels[index] ?? -1) > 0,
    )
    if (!isAlike) return 0
    const bits = sum(
      comparisons.map(({ name }, index) => {
        const level = levels[index] ?? -1
        if (level < 0) return 0
        if (isDerived(name, level)) return weight(index)
        if (!shared.includes(name)) {
          // People who share a place resemble one another in the rest, too.
          const here = near[index]?.[level] ?? 1
          return Math.log2(here / (u[index]?.[level] ?? here))
        }
        const agree = known[kind][index]?.[level] ?? 1
        return Math.log2(agree / (u[index]?.[level] ?? agree))
      }),
    )
    return lookAlike[kind] * 2 ** bits
  })
  const both = sum(lookAlikeNames.map((name) => lookAlike[name]))
  const other = Math.max(1 - prior - both, 0)
  const all = same + other + sum(lookAlikeNames.map((name) => alike[name]))
  return {
    same: same / all,
    other: other / all,
    lookAlike: everyLookAlike((name) => alike[name] / all),
  }
}

/**
 * Whether something is known that could tell this kind of two people from
 * one. Where nothing is, a pattern says nothing of how many there are.
 */
export function isTold(
  { comparisons }: TrainInput,
  kind: LookAlike,
  levels: readonly number[],
): boolean {
  const shared: readonly string[] = lookAlikes[kind]
  return comparisons.some(({ name }, index) => {
    const level = levels[index] ?? -1
    return level >= 0 && !shared.includes(name) && !isDerived(name, level)
  })
}

/** Look-alikes among the candidates, per pair of one person. */
export function perPerson(
  input: TrainInput,
  kind: LookAlike,
  found: readonly Chances[],
): number {
  let alike = 0
  let same = 1
  input.candidates.forEach(({ levels, pairs }, index) => {
    if (!isTold(input, kind, levels)) return
    alike += pairs * (found[index]?.lookAlike[kind] ?? 0)
    same += pairs * (found[index]?.same ?? 0)
  })
  return alike / same
}

/** Their share of pairs that nobody chose. */
export function perPair(
  input: TrainInput,
  kind: LookAlike,
  drawn: readonly Chances[],
): number {
  let alike = 0
  let all = 1
  input.random.forEach(({ levels, pairs }, index) => {
    if (!isTold(input, kind, levels)) return
    alike += pairs * (drawn[index]?.lookAlike[kind] ?? 0)
    all += pairs
  })
  return alike / all
}

export const none: Chances = {
  same: 0,
  other: 0,
  lookAlike: everyLookAlike(() => 0),
}
