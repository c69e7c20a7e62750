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
      : [
          `when ${level} then -log2(greatest(x.${identifier(`share_${share}`)}, y.${identifier(`share_${share}`)}))`,
        ],
  )
  return `${learned} + case ${column} ${rarity.join(' ')} else 0 end as ${identifier(`bits_${name}`)}`
}

function weightColumns(comparisons: readonly Comparison[]): string {
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
      const apart = `${bits} - ${at('near')}`
      // What a similar mailbox adds is nothing of its own.
      return name === 'email'
        ? `if(${level} = ${emailTop}, ${apart}, least(${bits}, 0))`
        : apart
    })
    .join(' + ')
}

/** A similar mailbox is named after a person, so it is worth as little. */
const leastLevel: Readonly<Record<string, number>> = { email: 2 }

function agreement(names: readonly string[]): string {
  return names
    .map((name) => `${identifier(`level_${name}`)} >= ${leastLevel[name] ?? 1}`)
    .join(' or ')
}

/**
 * A name and a town are on many people, so two leads that agree in nothing
 * else wait for a person, however rare the name. So do two whose names differ
 * where all they agree in is a place or a line, which people share.
 */
function backed(names: readonly string[]): string {
  const others = names.filter(
    (name) => !['first', 'last', 'area'].includes(name),
  )
  const own = others.filter(
    (name) => !['phone', 'address', 'company'].includes(name),
  )
  return `(${agreement(others)}) and (level_first <> 0 and level_last <> 0 or ${agreement(own)})`
}

/** All evidence in bits: against chance, and against every look-alike. */
function totalWeight(comparisons: readonly Comparison[]): string {
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

/**
 * Compared pairs with what they weigh. A swapped name is rare in the wrong
 * place, so of two shares the larger one counts.
 */
export function weighed(
  comparisons: readonly Comparison[],
  from: { pairs: string; parameters: string; values: string },
): string {
  return `(
    select
        pattern.*,
        ${weightColumns(comparisons)},
        ${totalWeight(comparisons)} as weight,
    from ${from.pairs} as pattern
    join ${from.parameters} as parameter using (service)
    join ${from.values} as x on x.id = pattern.a
    join ${from.values} as y on y.id = pattern.b
) as weighed`
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
