import { describe, expect, it } from 'vitest'
import { evaluationPicture } from '../../src/command/evaluate-chart.js'
import { evaluationPage } from '../../src/command/evaluate-page.js'
import { evaluationLines } from '../../src/command/evaluate-view.js'
import {
  calibrationBins,
  calibrationError,
} from '../../src/match/calibration.js'
import { clusterScore, thresholdSweep } from '../../src/match/score.js'
import type { Evaluation } from '../../src/run/evaluate.js'

const counts = {
  leads: 100,
  hit: 40,
  claimed: 50,
  wanted: 80,
  exact: 90,
  complete: 70,
}

const calibration = calibrationBins([
  { predicted: 0.05, pairs: 1000, same: 40 },
  { predicted: 0.55, pairs: 100, same: 90 },
  { predicted: 0.97, pairs: 1000, same: 900 },
])

const evaluation: Evaluation = {
  pipeline: '<acme>',
  truth: {
    rows: 103,
    leads: 100,
    entities: 60,
    unknown: 2,
    unknownSample: ['8', '9'],
    deleted: 0,
    unreadable: 1,
    missing: 5,
  },
  counts,
  ...clusterScore(counts),
  blocking: [
    {
      service: 'people',
      kind: 'compared',
      pairs: 72,
      candidates: 9000,
      recall: 0.9,
    },
  ],
  falseMerges: {
    count: 7,
    samples: [{ a: '1', b: '2', pairs: 6, leads: 4, evidence: 'same email' }],
  },
  misses: { count: 0, samples: [] },
  probability: [
    {
      service: 'people',
      calibration,
      error: calibrationError(calibration),
      sweep: thresholdSweep(
        [
          { weight: -3, pairs: 100, same: 1 },
          { weight: 0, pairs: 10, same: 5 },
          { weight: 7, pairs: 60, same: 59 },
        ],
        80,
      ),
      mergeFrom: 0.99,
      reviewFrom: 0.5,
    },
  ],
}

describe('an evaluation on the terminal', () => {
  it('says scores, what was left out, mistakes, and how sure it was', () => {
    expect(evaluationLines(evaluation)).toMatchInlineSnapshot(`
      [
        "What <acme> merges, against 100 leads of 60 people in the truth",
        "  2 ids of the truth are unknown here: 8, 9",
        "  1 line of the truth has no lead id or no cluster",
        "  5 leads are not in the truth and left out",
        "",
        "               pairwise                    B-cubed",
        "    precision  0.8000    ████████████░░░░  0.9000   ██████████████░░",
        "    recall     0.5000    ████████░░░░░░░░  0.7000   ███████████░░░░░",
        "    F1         0.6154    █████████░░░░░░░  0.7875   ████████████░░░░",
        "",
        "  pairs     40 right · 10 wrong · 40 missed",
        "  blocking  0.9000 of the true pairs were compared, among 9,000 (people)",
        "",
        "  Wrong merges: 7 clusters, worst first",
        "    lead  and  pairs  leads  evidence",
        "    1     2    6      4      same email",
        "",
        "  Missed: none.",
        "",
        "  Calibration of people, off by 0.055 on average where 1 % or more was said",
        "    said   was                          95 %       pairs",
        "    0.050  0.040  ░░░░░░░░░░░░░░░░░░░░  0.03–0.05  1,000",
        "    0.550  0.900  ██████████████████░░  0.83–0.94  100    too careful",
        "    0.970  0.900  ██████████████████░░  0.88–0.92  1,000  too sure",
        "",
        "  Thresholds of people, on the compared pairs (* merges now)",
        "    merge from   precision  recall  F1                            pairs",
        "    0.1111111    0.3824     0.8125  0.5200  ██████████░░░░░░░░░░  170",
        "    0.5000000 *  0.9143     0.8000  0.8533  █████████████████░░░  70",
        "    0.9922481    0.9833     0.7375  0.8429  ████████████████░░░░  60",
      ]
    `)
  })
})

/** Tags opened and not closed in their order; empty for well-formed markup. */
function unclosed(markup: string): string[] {
  const open: string[] = []
  for (const [tag, close, name = '', self] of markup.matchAll(
    /<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>|<[^<]*/gi,
  )) {
    if (name === '') return [...open, tag]
    if (self === '/') continue
    if (close === '') open.push(name)
    else if (open.pop() !== name) return [...open, tag]
  }
  return open
}

describe('the picture of an evaluation', () => {
  const picture = evaluationPicture(evaluation)

  it('is well-formed, with nothing from outside and no number missing', () => {
    expect(unclosed(picture)).toEqual([])
    expect(picture).not.toMatch(/NaN|Infinity|undefined|href|url\(/)
    expect(picture).toContain('aria-label="Evaluation of &lt;acme&gt;"')
  })

  it('holds a panel each for scores, calibration and thresholds', () => {
    const titles = [...picture.matchAll(/class="title"[^>]*>([^<]+)</g)]
    expect(titles.map((match) => match[1])).toEqual([
      'Against the truth',
      'Calibration of people',
      'Thresholds of people, on the compared pairs',
    ])
  })

  it('puts a probability where its share is: right means high', () => {
    const dots = [
      ...picture.matchAll(
        /<title>said ([\d.]+), was ([\d.]+)[^<]*<\/title>.*?cx="([\d.]+)" cy="([\d.]+)"/g,
      ),
    ]
    const places = dots.map(([, , , x, y]) => [Number(x), Number(y)])
    expect(dots).toHaveLength(3)
    expect(places.map(([x]) => x)).toEqual(
      places.map(([x]) => x).toSorted((a = 0, b = 0) => a - b),
    )
    expect(places[0]?.[1]).toBeGreaterThan(places[2]?.[1] ?? 0)
  })

  it('is in the page, which runs nothing and loads nothing', () => {
    const page = evaluationPage(evaluation, picture)
    expect(page).toContain(picture)
    expect(page).toContain("script-src 'none'")
    expect(page).not.toMatch(/<script|<acme>/)
  })
})

describe('calibration', () => {
  it('tells too sure from too careful only where the data can', () => {
    expect(calibration.map(({ agrees }) => agrees)).toEqual([
      true,
      false,
      false,
    ])
    expect(calibrationError(calibration)).toBeCloseTo(
      (1000 * 0.01 + 100 * 0.35 + 1000 * 0.07) / 2100,
      12,
    )
    expect(calibrationError([])).toBeNull()
  })
})
