import { counted, formatNumber } from '../format.js'
import type { ErrorReport } from '../run/evaluate-error.js'
import type { Evaluation } from '../run/evaluate.js'
import { blockingWords, truthLines } from './evaluate-view.js'
import { escaped, htmlTable, page } from './markup.js'

/** An evaluation as one page; ids, no values of people. */
export function evaluationPage(
  evaluation: Evaluation,
  picture: string,
): string {
  const { pipeline, pairwise, bCubed, counts, truth } = evaluation
  const scores = (['precision', 'recall', 'f1'] as const).map((name) => [
    name,
    pairwise[name].toFixed(4),
    bCubed[name].toFixed(4),
  ])
  const notes = [
    `${formatNumber(counts.hit)} pairs right, ${formatNumber(counts.claimed - counts.hit)} wrong, ${formatNumber(counts.wanted - counts.hit)} missed.`,
    ...evaluation.blocking.map(blockingWords),
    ...truthLines(truth),
  ]
  const body = [
    `<h1>${escaped(`What ${pipeline} merges, against ${counted(truth.leads, 'lead')} of ${counted(truth.entities, 'person', 'people')}`)}</h1>`,
    htmlTable(['', 'pairwise', 'B-cubed'], scores),
    ...notes.map((note) => `<p>${escaped(note.trim())}</p>`),
    picture,
    errorSection('Wrong merges', evaluation.falseMerges),
    errorSection('Missed', evaluation.misses),
  ]
  return page({
    title: `Evaluation of ${pipeline}`,
    style: 'svg { max-width: 100%; height: auto; }',
    body: body.join('\n'),
    script: '',
    scriptHash: '',
  })
}

function errorSection(title: string, { count, samples }: ErrorReport): string {
  const rows = samples.map(({ a, b, pairs, leads, evidence }) => [
    a,
    b,
    formatNumber(pairs),
    formatNumber(leads),
    evidence,
  ])
  const header = ['lead', 'and', 'pairs', 'leads', 'evidence']
  return `<h2>${escaped(`${title}: ${formatNumber(count)}`)}</h2>
${rows.length === 0 ? '' : htmlTable(header, rows)}`
}
