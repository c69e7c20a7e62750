/** SQL of what the agreements of a pair weigh, by the trained parameters. */
import {
  type Comparison,
  type LookAlike,
  lookAlikeCore,
  lookAlikeNames,
  lookAlikes,
  standardComparisons,
} from '../match/comparison.js'
import { identifier, literal } from '../warehouse/quote.js'

/** What one comparison of a pair weighs, by the trained parameters. */
function weightSql({ name, levels }: Comparison): string {
  const column = identifier(`level_${name}`)
  const learned = `parameter.${identifier(`weight_${name}`)}[${column} + 2]`
  const rarity = levels.flatMap(({ share }, level) =>
    share === null
      ? []
      : [`when ${level} then -log2(x.${identifier(`share_${share}`)})`],
  )
  return `${learned} + case ${column} ${rarity.join(' ')} else 0 end as ${identifier(`bits_${name}`)}`
}

export function weightColumns(comparisons: readonly Comparison[]): string {
  return comparisons.map(weightSql).join(',\n        ')
}

function sumOf(names: readonly string[]): string {
  return names.map((name) => identifier(`bits_${name}`)).join(' + ')
}

const emailTop =
  (standardComparisons.find(({ name }) => name === 'email')?.levels.length ??
    1) - 1

/** What tells a pair from look-alikes of a kind, in bits. */
function tellingApart(names: readonly string[], kind: LookAlike): string {
  const shared: readonly string[] = lookAlikes[kind]
  return names
    .map((name) => {
      const bits = identifier(`bits_${name}`)
      const level = identifier(`level_${name}`)
      const at = (list: string) =>
        `parameter.${identifier(`${list}_${name}`)}[${level} + 2]`
      if (shared.includes(name)) {
        // Namesakes meet by chance, which rare names do less.
        return kind === 'namesake'
          ? `${at(kind)} + ${bits} - ${at('mean')}`
          : at(kind)
      }
      // What a similar mailbox adds is nothing of its own.
      return name === 'email'
        ? `if(${level} = ${emailTop}, ${bits}, least(${bits}, 0))`
        : bits
    })
    .join(' + ')
}

/**
 * A name and a town are on many people, so two leads that agree in nothing
 * else wait for a person, however rare the name.
 */
function backed(names: readonly string[]): string {
  return names
    .filter((name) => !['first', 'last', 'area'].includes(name))
    .map((name) => {
      const least = name === 'email' ? 2 : 1
      return `${identifier(`level_${name}`)} >= ${least}`
    })
    .join(' or ')
}

/** All evidence in bits: against chance, and against every look-alike. */
export function totalWeight(comparisons: readonly Comparison[]): string {
  const all = comparisons.map(({ name }) => name)
  const against = lookAlikeNames.map((kind) => {
    const apart = tellingApart(all, kind)
    const isAlike = lookAlikeCore[kind]
      .map((name) => `${identifier(`level_${name}`)} > 0`)
      .join(' and ')
    return `if(${isAlike}, 2.0 ** -(least(${apart} + parameter.${kind}, 300)), 0)`
  })
  const total = `-log2(2.0 ** -(least(${sumOf(all)} + parameter.prior, 300)) + ${against.join(' + ')})`
  return `if(${backed(all)}, ${total}, least(${total}, parameter.merge_weight - 0.01))`
}

/** The agreements and differences of a pair in words. */
export function evidenceWords(comparisons: readonly Comparison[]): string {
  const each = comparisons.map(({ name, levels }) => {
    const cases = levels.map(
      ({ words }, level) => `when ${level} then ${literal(words)}`,
    )
    return `case ${identifier(`level_${name}`)} ${cases.join(' ')} end`
  })
  return `concat_ws(', ', ${each.join(', ')})`
}
