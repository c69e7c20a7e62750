import { weightOf } from '../match/score.js'
import type { Evaluation, Probability } from '../run/evaluate.js'
import {
  type Axis,
  type Mark,
  type Panel,
  picture,
  shareAxis,
} from './chart.js'

/** What an evaluation says, as one SVG file. */
export function evaluationPicture(evaluation: Evaluation): string {
  const panels = [
    scorePanel(evaluation),
    ...evaluation.probability.flatMap((each) => [
      calibrationPanel(each),
      sweepPanel(each),
    ]),
  ]
  return picture(`Evaluation of ${evaluation.pipeline}`, panels)
}

/** How far the two dots of one score stand apart, of the way to the next. */
const apart = 0.12

function scorePanel({ pairwise, bCubed, blocking }: Evaluation): Panel {
  const scores = (['precision', 'recall', 'f1'] as const).flatMap(
    (name, index) => [
      dot('one', index - apart, pairwise[name], `${name}, pairwise`),
      dot('two', index + apart, bCubed[name], `${name}, B-cubed`),
    ],
  )
  const compared = blocking.map(({ service, recall }, index) =>
    dot('three', index + 3, recall, `could be found by ${service}`),
  )
  const names = [
    'precision',
    'recall',
    'F1',
    ...blocking.map(({ service }) => service),
  ]
  const ticks = names.map((name, at) => ({
    at,
    text: name.length > 16 ? `${name.slice(0, 15)}…` : name,
  }))
  return {
    title: 'Against the truth',
    xLabel: '',
    yLabel: 'share',
    x: { low: -0.5, high: names.length - 0.5, ticks },
    y: shareAxis,
    marks: [
      ...scores,
      ...compared,
      named('one', 'pairwise'),
      named('two', 'B-cubed'),
      named('three', 'could be found'),
    ],
  }
}

type Colour = 'one' | 'two' | 'three'

function dot(colour: Colour, x: number, y: number, text: string): Mark {
  const title = `${text} ${y.toFixed(4)}`
  return {
    kind: 'dot',
    colour,
    at: { x, y },
    radius: 5,
    low: 0,
    high: y,
    title,
  }
}

/** A colour in the legend. */
function named(colour: Colour, name: string): Mark {
  return { kind: 'line', colour, name, dashed: false, points: [] }
}

function calibrationPanel({ service, calibration }: Probability): Panel {
  // Pairs that are surely two people are so many that all others would be dots.
  const doubted = calibration.filter(({ predicted }) => predicted >= 0.01)
  const most = Math.max(1, ...doubted.map(({ pairs }) => pairs))
  const dots = calibration.map(
    (bin): Mark => ({
      kind: 'dot',
      colour: bin.agrees ? 'one' : 'two',
      at: { x: bin.predicted, y: bin.observed },
      radius: 3 + 6 * Math.sqrt(Math.min(bin.pairs / most, 1)),
      low: bin.interval.low,
      high: bin.interval.high,
      title: `said ${bin.predicted.toFixed(3)}, was ${bin.observed.toFixed(3)} of ${bin.pairs} pairs`,
    }),
  )
  const even: Mark = {
    kind: 'line',
    colour: 'soft',
    name: '',
    dashed: true,
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  }
  return {
    title: `Calibration of ${service}`,
    xLabel: 'probability that was said',
    yLabel: 'share that is one person',
    x: shareAxis,
    y: shareAxis,
    marks: [even, ...dots],
  }
}

const weightAxis: Axis = {
  low: -12,
  high: 20,
  ticks: [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].map(
    (probability) => ({
      at: weightOf(probability),
      text: String(probability),
    }),
  ),
}

const sweepLines = [
  { name: 'precision', colour: 'one' },
  { name: 'recall', colour: 'two' },
  { name: 'f1', colour: 'three' },
] as const

function sweepPanel(each: Probability): Panel {
  const shown = each.sweep.filter(({ weight }) => weight >= weightAxis.low)
  const lines = sweepLines.map(
    ({ name, colour }): Mark => ({
      kind: 'line',
      colour,
      name,
      dashed: false,
      points: shown.map((point) => ({ x: point.weight, y: point[name] })),
    }),
  )
  const rules = [
    { at: each.mergeFrom, text: 'merge' },
    { at: each.reviewFrom, text: 'review' },
  ].flatMap(({ at, text }): Mark[] =>
    at === null ? [] : [{ kind: 'rule', x: weightOf(at), text }],
  )
  return {
    title: `Thresholds of ${each.service}, on the compared pairs`,
    xLabel: 'merge from this probability',
    yLabel: 'share',
    x: weightAxis,
    y: shareAxis,
    marks: [...rules, ...lines],
  }
}
