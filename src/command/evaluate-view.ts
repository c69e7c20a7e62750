import { counted, formatNumber } from '../format.js'
import type { LabelEvaluation } from '../run/evaluate-label.js'
import type { ErrorReport } from '../run/evaluate-error.js'
import type { Blocking, Evaluation, Probability } from '../run/evaluate.js'
import type { TruthReport } from '../run/truth.js'
import { printable, table } from './output.js'
import { bar } from './progress.js'

const figure = (value: number) => value.toFixed(4)

/** An evaluation as a person reads it in a terminal. */
export function evaluationLines(evaluation: Evaluation): string[] {
  const { pairwise, bCubed, counts, truth } = evaluation
  const rows = (['precision', 'recall', 'f1'] as const).map((name) => [
    name === 'f1' ? 'F1' : name,
    figure(pairwise[name]),
    bar(pairwise[name], 1, 16),
    figure(bCubed[name]),
    bar(bCubed[name], 1, 16),
  ])
  const wrong = counts.claimed - counts.hit
  const missed = counts.wanted - counts.hit
  return [
    `What ${evaluation.pipeline} merges, against ${counted(truth.leads, 'lead')} of ${counted(truth.entities, 'person', 'people')} in the truth`,
    ...truthLines(truth),
    '',
    ...indented(table(['', 'pairwise', '', 'B-cubed', ''], rows)),
    '',
    `  pairs     ${formatNumber(counts.hit)} right · ${formatNumber(wrong)} wrong · ${formatNumber(missed)} missed`,
    ...evaluation.blocking.map(blockingLine),
    ...errorLines('Wrong merges', 'cluster', evaluation.falseMerges),
    ...errorLines('Missed', 'person', evaluation.misses),
    ...evaluation.probability.flatMap(probabilityLines),
    ...(evaluation.probability.length > 0
      ? []
      : [
          '',
          '  Rules give no probabilities, so there is nothing to calibrate.',
        ]),
  ].map(printable)
}

/** What of the truth could not be used; silence would flatter. */
export function truthLines(truth: TruthReport): string[] {
  const sample = truth.unknownSample.join(', ')
  const more = truth.unknown > truth.unknownSample.length ? ', …' : ''
  return [
    truth.unknown > 0
      ? `${counted(truth.unknown, 'id')} of the truth ${truth.unknown === 1 ? 'is' : 'are'} unknown here: ${sample}${more}`
      : '',
    truth.deleted > 0
      ? `${counted(truth.deleted, 'lead')} of the truth ${truth.deleted === 1 ? 'is' : 'are'} deleted in Marketo`
      : '',
    truth.unreadable > 0
      ? `${counted(truth.unreadable, 'line')} of the truth ${truth.unreadable === 1 ? 'has' : 'have'} no lead id or no cluster`
      : '',
    truth.missing > 0
      ? `${counted(truth.missing, 'lead')} ${truth.missing === 1 ? 'is' : 'are'} not in the truth and left out`
      : '',
  ]
    .filter((line) => line !== '')
    .map((line) => `  ${line}`)
}

/** What a service could have found at all. */
export function blockingWords(each: Blocking): string {
  const how =
    each.kind === 'compared'
      ? `of the true pairs were compared, among ${formatNumber(each.candidates ?? 0)}`
      : 'of the true pairs hang together by candidate pairs'
  return `${figure(each.recall)} ${how} (${each.service})`
}

function blockingLine(each: Blocking): string {
  return `  blocking  ${blockingWords(each)}`
}

function errorLines(
  title: string,
  one: string,
  { count, samples }: ErrorReport,
): string[] {
  const many = one === 'person' ? 'people' : `${one}s`
  if (count === 0) return ['', `  ${title}: none.`]
  const rows = samples.map(({ a, b, pairs, leads, evidence }) => [
    a,
    b,
    formatNumber(pairs),
    formatNumber(leads),
    evidence,
  ])
  const header = ['lead', 'and', 'pairs', 'leads', 'evidence']
  return [
    '',
    `  ${title}: ${counted(count, one, many)}${count > samples.length ? ', worst first' : ''}`,
    ...indented(table(header, rows)),
  ]
}

function probabilityLines(each: Probability): string[] {
  const bins = each.calibration.map((bin) => [
    bin.predicted.toFixed(3),
    bin.observed.toFixed(3),
    bar(bin.observed, 1, 20),
    `${bin.interval.low.toFixed(2)}–${bin.interval.high.toFixed(2)}`,
    formatNumber(bin.pairs),
    bin.agrees ? '' : bin.observed > bin.predicted ? 'too careful' : 'too sure',
  ])
  const points = sweepSample(each).map((point) => [
    `${point.probability.toFixed(7)}${point.isMerge ? ' *' : ''}`,
    figure(point.precision),
    figure(point.recall),
    figure(point.f1),
    bar(point.f1, 1, 20),
    formatNumber(point.pairs),
  ])
  const error =
    each.error === null
      ? ''
      : `, off by ${each.error.toFixed(3)} on average where 1 % or more was said`
  return [
    '',
    `  Calibration of ${each.service}${error}`,
    ...indented(table(['said', 'was', '', '95 %', 'pairs', ''], bins)),
    '',
    `  Thresholds of ${each.service}, on the compared pairs (* merges now)`,
    ...indented(
      table(['merge from', 'precision', 'recall', 'F1', '', 'pairs'], points),
    ),
  ]
}

/** Lower thresholds than this would merge nearly everything. */
const leastShown = 0.01

/** At most twelve thresholds, evenly, and the one in use. */
function sweepSample({ sweep, mergeFrom }: Probability) {
  const inUse = sweep.findLast(
    ({ probability }) => mergeFrom !== null && probability <= mergeFrom,
  )
  const shown = sweep.filter(
    (point) => point.probability >= leastShown || point === inUse,
  )
  const step = Math.max(1, Math.ceil(shown.length / 12))
  return shown
    .map((point) => ({ ...point, isMerge: point === inUse }))
    .filter((point, index) => point.isMerge || index % step === 0)
}

/** What labels tell where there is no truth. */
export function labelLines(found: LabelEvaluation): string[] {
  const { pipeline, precision, reviewed, wanted, stop } = found
  const { labels, right, merged, interval } = precision
  const sampled =
    labels === 0
      ? [
          '  precision  not known: no merge was drawn at random and labelled.',
          `             pipeline review ${pipeline} --sample 100 --html sample.html`,
        ]
      : [
          `  precision  between ${figure(interval.low)} and ${figure(interval.high)} (95 %, Clopper-Pearson)`,
          `             ${formatNumber(right)} of ${counted(labels, 'sampled merge')} right, of ${formatNumber(merged)} leads that go or went`,
        ]
  const doubtful =
    reviewed.labels === 0
      ? []
      : [
          `  reviewed   ${formatNumber(reviewed.same)} of ${counted(reviewed.labels, 'doubtful pair')} were one person (${reviewed.interval.low.toFixed(2)} to ${reviewed.interval.high.toFixed(2)}); chosen for doubt, they say nothing of the rest`,
        ]
  return [
    `What ${pipeline} merges, by the labels of people`,
    '',
    ...sampled,
    ...doubtful,
    '  recall     not known from labels: nobody labels what was never compared; give a truth with --truth FILE.csv',
    ...(wanted === null
      ? []
      : [`  guardrail  ${stop ?? `min_precision ${wanted} holds`}`]),
  ].map(printable)
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`)
}
