/**
 * Charts as SVG text, drawn on the server. Text and axes have the colour of
 * the text around them (`currentColor`) and the ground is transparent, so
 * they read in light and dark; nothing in them is a style or a script.
 */
import type { TopLevelSpec } from 'vega-lite'

export interface Mark {
  /** A moment, ISO 8601. */
  readonly at: string
  readonly value: number
  /** What the mark belongs to, such as `merged`; shown in the legend. */
  readonly series: string
}

export interface Chart {
  /** Unique on the page: letters, digits and hyphens. */
  readonly id: string
  readonly title: string
  /** What the vertical axis counts. */
  readonly unit: string
  readonly kind: 'line' | 'bar'
  readonly marks: readonly Mark[]
  /** Series in their order, with a colour each; default: as they come. */
  readonly colors?: Readonly<Record<string, string>>
}

/** Each has at least 3:1 on white and on near black. */
export const chartColor = {
  blue: '#3f83c8',
  green: '#2f9e63',
  orange: '#cf7a1c',
  red: '#d9534f',
  purple: '#8a6fd1',
  grey: '#868c96',
} as const

/** With its axis about as wide as a phone, which then need not shrink it. */
const width = 290
const height = 160

/** Draws a chart; with nothing to show, an empty text. */
export async function drawChart(chart: Chart): Promise<string> {
  if (chart.marks.length === 0) return ''
  // Loaded only here: they cost more than a command that draws nothing.
  const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')])
  const { spec } = lite.compile(specOf(chart))
  const view = new vega.View(vega.parse(spec), { renderer: 'none' })
  try {
    return labelled(await view.toSVG(), chart)
  } finally {
    view.finalize()
  }
}

function specOf({ kind, marks, unit, colors }: Chart): TopLevelSpec {
  const series = [...new Set(marks.map((mark) => mark.series))]
  const domain = colors === undefined ? series : Object.keys(colors)
  const values = domain.map((name, index) => colorOf(name, index, colors))
  const names = domain.filter((name) => series.includes(name))
  const paints = values.filter((_, index) =>
    series.includes(domain[index] ?? ''),
  )
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width,
    height,
    background: 'transparent',
    padding: 4,
    data: { values: marks.map((mark) => ({ ...mark })) },
    mark:
      kind === 'line'
        ? { type: 'line', point: { size: 24 }, strokeWidth: 2, aria: false }
        : { type: 'bar', width: barWidth(marks), aria: false },
    encoding: {
      x:
        kind === 'line'
          ? {
              field: 'at',
              type: 'temporal',
              // The machine's own zone must not move a day.
              scale: { type: 'utc' },
              title: null,
              axis: timeAxis(marks),
            }
          : { field: 'at', type: 'ordinal', title: null, axis: barAxis(marks) },
      y: {
        field: 'value',
        type: 'quantitative',
        title: unit,
        stack: kind === 'bar' ? 'zero' : null,
        axis: {
          tickCount: 5,
          // What is counted has no halves.
          ...(marks.every(({ value }) => Number.isInteger(value)) && {
            tickMinStep: 1,
          }),
        },
        // A scale needs a height where all is nothing.
        ...(marks.every(({ value }) => value === 0) && {
          scale: { domain: [0, 1] },
        }),
      },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: names, range: paints },
        legend: names.length > 1 ? legendOf(names) : null,
      },
    },
    config,
  }
}

/** As many series beside one another as the chart is wide. */
function legendOf(names: readonly string[]) {
  const longest = most(names.map((name) => name.length))
  const columns = Math.max(1, Math.floor(width / (30 + 7 * longest)))
  return { title: null, orient: 'top', columns, aria: false } as const
}

/** Days where there are several, else times; a tick for each of a few. */
function timeAxis(marks: readonly Mark[]) {
  const moments = marks.map(({ at }) => Date.parse(at))
  const span = most(moments) - least(moments)
  const format = span > 3 * 86_400_000 ? '%b %d' : '%b %d %H:%M'
  const few = new Set(moments).size <= 3
  return {
    format,
    labelOverlap: true,
    ...(few
      ? { values: [...new Set(moments)] }
      : { tickCount: format === '%b %d' ? 5 : 3 }),
  }
}

/** Pixels; one bar alone does not fill the chart. */
function barWidth(marks: readonly Mark[]): number {
  const bars = new Set(marks.map(({ at }) => at)).size
  return Math.max(1, Math.min(40, Math.floor((width * 0.9) / bars)))
}

/** A bar for each run; names of days, as many as fit. */
function barAxis(marks: readonly Mark[]) {
  const moments = [...new Set(marks.map(({ at }) => at))].toSorted()
  const every = Math.max(1, Math.ceil(moments.length / 3))
  return {
    values: moments.filter((_, index) => index % every === 0),
    labelExpr:
      "slice(datum.label, 5, 10) + (slice(datum.label, 11, 16) === '00:00' ? '' : ' ' + slice(datum.label, 11, 16))",
    labelAngle: 0,
    labelOverlap: true,
  }
}

const order = Object.values(chartColor)

function colorOf(name: string, index: number, colors: Chart['colors']): string {
  return colors?.[name] ?? order[index % order.length] ?? chartColor.grey
}

const ink = 'currentColor'

const config: NonNullable<TopLevelSpec['config']> = {
  aria: false,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: ink,
    titleColor: ink,
    titleFontWeight: 'normal',
    domainColor: ink,
    domainOpacity: 0.4,
    tickColor: ink,
    tickOpacity: 0.4,
    gridColor: ink,
    gridOpacity: 0.12,
    labelFontSize: 12,
    titleFontSize: 12,
  },
  legend: { labelColor: ink, labelFontSize: 12, symbolType: 'square' },
}

/** The picture gets a name and its numbers in words, for who cannot see it. */
function labelled(svg: string, chart: Chart): string {
  const { id, title } = chart
  const open =
    `<svg role="img" aria-labelledby="${id}-title ${id}-desc"` +
    ' focusable="false"'
  const words = `<title id="${id}-title">${escaped(title)}</title><desc id="${id}-desc">${escaped(inWords(chart))}</desc>`
  return svg
    .replace('<svg', open)
    .replace(/^(<svg[^>]*>)/, `$1${words}`)
    .replace(/ xmlns:xlink="[^"]*"/, '')
    .replace(/ role="graphics-[a-z]+"| aria-roledescription="[^"]*"/g, '')
}

/** The last value of each series, and how it came there. */
export function inWords({ marks, unit }: Chart): string {
  const series = [...new Set(marks.map((mark) => mark.series))]
  return series
    .map((name) => {
      const own = marks
        .filter((mark) => mark.series === name)
        .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      const values = own.map(({ value }) => value)
      const [first] = own
      const last = own.at(-1)
      return `${name}: ${shown(last?.value ?? 0)} ${unit} on ${last?.at.slice(0, 10) ?? ''}; ${own.length === 1 ? 'one run' : `${own.length} runs since ${first?.at.slice(0, 10) ?? ''}, from ${shown(least(values))} to ${shown(most(values))}`}.`
    })
    .join(' ')
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1)
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
