/** The learned model of a service as a person reads it in a terminal. */
import { counted, formatNumber } from '../format.js'
import type { BlockUse, LearnedModel } from '../run/evaluate-model.js'
import { printable, table } from './output.js'

const side = 10
/** So many bits fill one side of the chart. */
const widest = 20

export function modelLines(models: readonly LearnedModel[]): string[] {
  return models.flatMap(oneModel).map(printable)
}

function oneModel(model: LearnedModel): string[] {
  const { service, leads, prior, expected, certain, trainedAt } = model
  const seen = model.comparisons.filter((each) => each.seen)
  const rows = seen.flatMap(({ levels }) =>
    levels.map(({ words, same, other, weight }) => [
      words,
      balance(weight),
      `${weight < 0 ? '−' : '+'}${Math.abs(weight).toFixed(1)}`,
      percent(same),
      percent(other),
    ]),
  )
  return [
    '',
    `  Learned for ${service} from ${counted(leads, 'lead')}, ${trainedAt.slice(0, 10)}`,
    `    one of ${formatNumber(Math.round(1 / prior))} pairs is one person: ${formatNumber(Math.round(expected))} pairs, ${formatNumber(certain)} of them certain`,
    ...model.warnings.map((warning) => `    ${warning}`),
    '',
    ...indented(table(['', '', 'bits', 'one person', 'two people'], rows)),
    ...unseenLine(model),
    '    bits: 1 doubles the odds; rare values weigh more, common ones less',
    '',
    `  How ${service} finds pairs to compare`,
    ...indented(blockTable(model.blocks)),
    ...overlapLines(model),
  ]
}

function unseenLine({ comparisons }: LearnedModel): string[] {
  const names = comparisons
    .filter(({ seen }) => !seen)
    .map(({ levels }) => levels[0]?.words.replace(/^same /, '') ?? '')
  return names.length === 0
    ? []
    : [`    no values to learn from: ${names.join(', ')}`]
}

/** Against on the left, for on the right. */
function balance(weight: number): string {
  const share = Math.min(Math.abs(weight) / widest, 1)
  const full = weight === 0 ? 0 : Math.max(1, Math.round(share * side))
  const blocks = '█'.repeat(full)
  return weight < 0
    ? `${blocks.padStart(side)}│${' '.repeat(side)}`
    : `${' '.repeat(side)}│${blocks.padEnd(side)}`
}

function percent(share: number): string {
  const value = 100 * share
  return `${value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} %`
}

function blockTable(blocks: readonly BlockUse[]): string[] {
  const rows = blocks.map((block) => [
    block.words,
    formatNumber(block.keys),
    formatNumber(block.pairs),
    block.oversize === 0 ? '' : formatNumber(block.oversize),
    block.used ? '' : 'left out: too dear',
  ])
  return table(['', 'values', 'pairs', 'too common', ''], rows)
}

function overlapLines({ overlap, blocks }: LearnedModel): string[] {
  if (overlap === null) {
    const isAll = blocks.some(({ words }) => words.startsWith('every lead'))
    return isAll ? ['    nothing can be missed here'] : []
  }
  return [
    `    ${percent(overlap.twice)} of ${counted(overlap.pairs, 'sure pair')} were found in two ways or more; so blocking finds ${(Math.floor(overlap.recall * 10_000) / 100).toFixed(2)} % of such pairs at most`,
  ]
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`)
}
