/**
 * What people said of pairs of leads: `pipelines/<name>.label.csv`, written by
 * `pipeline review`. A label is a fact about two leads; unlike an override it
 * decides nothing.
 */
import { type Cell, csvLine, readCsv } from './csv.js'
import { headerProblems } from './csv-header.js'
import { compareIds, type Override } from './override.js'
import { PipelineFileError, type Problem, quoted, sorted } from './problem.js'

/**
 * sample: drawn at random from what is merged, so it tells of the whole.
 * review: chosen because it was doubtful, so it tells of itself only.
 * override: known from the override file alone.
 */
export type LabelOrigin = 'sample' | 'review' | 'override'

export interface Label {
  /** Digits; a is the smaller id. */
  readonly a: string
  readonly b: string
  readonly isSame: boolean
  readonly author: string
  /** ISO 8601; null where only an override tells. */
  readonly decidedAt: string | null
  /** What the matcher said at that time; null for rules. */
  readonly probability: number | null
  readonly origin: LabelOrigin
}

const labelColumns = [
  'a',
  'b',
  'is_same',
  'author',
  'decided_at',
  'probability',
  'origin',
] as const

type Name = (typeof labelColumns)[number]

const id = /^[1-9]\d{0,17}$/

/** What each cell must look like, and how a person is told. */
const shapes: Readonly<Record<Name, readonly [RegExp, string]>> = {
  a: [id, 'a lead id'],
  b: [id, 'a lead id'],
  is_same: [/^(true|false)$/, 'true or false'],
  author: [/\S/, 'an author'],
  decided_at: [
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    'a time such as 2027-01-31T09:30:00Z',
  ],
  probability: [/^$|^(0(\.\d+)?|1(\.0+)?)$/, 'a number from 0 to 1, or empty'],
  origin: [/^(sample|review)$/, 'sample or review'],
}

/**
 * @throws PipelineFileError (exit 3) with every mistake, file, line, column
 */
export function parseLabels(text: string, file: string): Label[] {
  const { rows, problems } = readCsv(text)
  const found: Problem[] = problems.map((each) => ({ file, path: '', ...each }))
  const [header, ...lines] = rows
  if (header === undefined) return []
  found.push(...headerProblems(header.cells, labelColumns, file))
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  const columns = header.cells.map(({ text: name }) => name)
  const labels = lines.flatMap((row) => {
    const at = (name: Name): Cell =>
      row.cells[columns.indexOf(name)] ?? { ...row, text: '' }
    const wrong = labelColumns.flatMap((name): Problem[] => {
      const { text: cell, line, column } = at(name)
      const [shape, wanted] = shapes[name]
      if (shape.test(cell)) return []
      const message = `${quoted(cell)} is not ${wanted}.`
      return [{ file, line, column, path: name, message }]
    })
    found.push(...wrong)
    return wrong.length === 0 ? [labelOf((name) => at(name).text)] : []
  })
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  return labels
}

function labelOf(cell: (name: Name) => string): Label {
  const [a = '', b = ''] = [cell('a'), cell('b')].toSorted(compareIds)
  const probability = cell('probability')
  return {
    a,
    b,
    isSame: cell('is_same') === 'true',
    author: cell('author'),
    decidedAt: cell('decided_at'),
    probability: probability === '' ? null : Number(probability),
    origin: cell('origin') === 'sample' ? 'sample' : 'review',
  }
}

const pairOf = ({ a, b }: Pick<Label, 'a' | 'b'>) => `${a} ${b}`

/**
 * Both together, the later word of each pair. A pair that was drawn at random
 * stays a random one when a person changes their mind about it.
 */
export function joinLabels(
  known: readonly Label[],
  added: readonly Label[],
): Label[] {
  const byPair = new Map(known.map((label) => [pairOf(label), label]))
  for (const label of added) {
    const earlier = byPair.get(pairOf(label))
    const origin = earlier?.origin === 'sample' ? 'sample' : label.origin
    byPair.set(pairOf(label), { ...label, origin })
  }
  return [...byPair.values()].toSorted(
    (one, other) => compareIds(one.a, other.a) || compareIds(one.b, other.b),
  )
}

/** The label file, in the order of the leads. */
export function labelText(labels: readonly Label[]): string {
  const lines = labels.map((label) =>
    csvLine([
      label.a,
      label.b,
      String(label.isSame),
      label.author,
      label.decidedAt ?? '',
      label.probability === null ? '' : String(label.probability),
      label.origin,
    ]),
  )
  return `${[csvLine(labelColumns), ...lines].join('\n')}\n`
}

/** A pair that was decided by hand in the override file is a label too. */
export function labelsOf(
  labels: readonly Label[],
  overrides: readonly Override[],
): Label[] {
  const implied = overrides.flatMap((each): Label[] =>
    each.otherId === null
      ? []
      : [
          {
            a: each.leadId,
            b: each.otherId,
            isSame: each.kind === 'always_merge',
            author: each.author,
            decidedAt: null,
            probability: null,
            origin: 'override',
          },
        ],
  )
  return joinLabels(implied, labels)
}

/** The file of a pipeline's labels, beside its own. */
export function labelFile(pipelineFile: string): string {
  return pipelineFile.replace(/\.yml$/, '.label.csv')
}
