import { describe, expect, it } from 'vitest'
import { drawChart, inWords } from '../../src/report/chart.js'
import {
  drawStatuses,
  drawTrend,
  type RunPoint,
  trendChart,
  trendNames,
  trends,
} from '../../src/report/trend.js'

function point(day: number, more: Partial<RunPoint> = {}): RunPoint {
  return {
    at: `2026-11-${String(day).padStart(2, '0')}T05:00:00.000Z`,
    status: 'done',
    leads: 3000 - day,
    found: 30 - day,
    merged: 20 - day,
    optOutsKept: day,
    testsFailing: 0,
    testsWarning: 1,
    calls: 100 + day,
    seconds: 570,
    ...more,
  }
}

const points = [point(1), point(2), point(3, { status: 'failed' }), point(4)]

describe('a chart', () => {
  it.each(trendNames)(
    'of %s is SVG that needs no style, script or colour of a page',
    async (name) => {
      const svg = await drawTrend(name, points)
      expect(svg).toMatch(/^<svg role="img" aria-labelledby="trend-/)
      expect(svg).toContain(`>${trends[name].title}</title>`)
      expect(svg).not.toMatch(/style=|<style|<script|href|\son\w+=/)
      expect(svg).not.toMatch(/fill="(#fff|white|#000|black)"/)
      expect(svg).toContain('currentColor')
    },
  )

  it('has a mark for each run and value', async () => {
    const svg = await drawTrend('duration', points)
    expect(svg.match(/fill="#868c96"/g)).toHaveLength(4)
    const both = await drawTrend('duplicates', points)
    expect(both).toContain('>found<')
    expect(both).toContain('>merged<')
  })

  it.each([
    [4.2, 'run: 4.2 seconds'],
    [570, 'run: 9.5 minutes'],
    [12_600, 'run: 3.5 hours'],
  ])('tells a run of %d s as %s', (seconds, words) => {
    const chart = trendChart('duration', [point(1, { seconds })])
    expect(inWords(chart)).toContain(words)
  })

  it('has more than a zero on its axis where all is less than one', async () => {
    const svg = await drawTrend('duration', [point(1, { seconds: 0.4 })])
    expect(svg).toContain('>0.4<')
  })

  it('counts how runs ended on each day', async () => {
    const svg = await drawStatuses([...points, point(4, { status: 'failed' })])
    expect(svg).toContain('>failed<')
    expect(svg).toContain('failed: 1 runs on 2026-11-04')
  })

  it('says in words what it shows, and nothing where there is nothing', async () => {
    const chart = {
      id: 'x',
      title: 'A <b> & c',
      unit: 'leads',
      kind: 'line',
      marks: [
        { at: '2026-11-02T00:00:00Z', series: 'a', value: 7 },
        { at: '2026-11-01T00:00:00Z', series: 'a', value: 12.25 },
      ],
    } as const
    expect(inWords(chart)).toBe(
      'a: 7 leads on 2026-11-02; 2 runs since 2026-11-01, from 7 to 12.3.',
    )
    expect(await drawChart(chart)).toContain('>A &lt;b&gt; &amp; c</title>')
    expect(await drawChart({ ...chart, marks: [] })).toBe('')
  })

  it('takes hostile names of series as text', async () => {
    const svg = await drawChart({
      id: 'x',
      title: 't',
      unit: 'u',
      kind: 'bar',
      marks: [
        { at: '2026-11-02T00:00:00Z', series: '<script>x</script>', value: 7 },
        { at: '2026-11-02T00:00:00Z', series: '"onload="x', value: 7 },
      ],
    })
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script&gt;')
  })
})
