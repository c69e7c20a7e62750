/** Small pictures as SVG; pure functions of numbers. */
import { escaped } from './markup.js'

export interface Panel {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly x: Axis
  readonly y: Axis
  readonly marks: readonly Mark[]
}

export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

type Colour = 'one' | 'two' | 'three' | 'soft'

export type Mark =
  | {
      readonly kind: 'line'
      readonly colour: Colour
      readonly name: string
      readonly dashed: boolean
      readonly points: readonly Point[]
    }
  | {
      readonly kind: 'dot'
      readonly colour: Colour
      readonly at: Point
      /** In pixels. */
      readonly radius: number
      /** Ends of a vertical bar through the dot. */
      readonly low: number
      readonly high: number
      readonly title: string
    }
  | { readonly kind: 'rule'; readonly x: number; readonly text: string }

export interface Point {
  readonly x: number
  readonly y: number
}

const size = {
  width: 560,
  height: 330,
  left: 56,
  right: 20,
  top: 40,
  bottom: 62,
}

/** Even ticks from 0 to 1. */
export const shareAxis: Axis = {
  low: 0,
  high: 1,
  ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(at) })),
}

const style = `
svg { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #5a6570; --line: #d5dbe1; --one: #0b62c4; --two: #b3420b; --three: #1a7f4b; font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --paper: #14171a; --ink: #e8ebee; --soft: #9aa6b2; --line: #37404a; --one: #6cb2ff; --two: #ff9d66; --three: #63d297; } }
text { fill: var(--ink); } .title { font-weight: 600; font-size: 14px; } .tick { fill: var(--soft); }
`

/** The panels below one another, as a file of its own. */
export function picture(title: string, panels: readonly Panel[]): string {
  const height = size.height * panels.length
  const drawn = panels.map((panel, index) => draw(panel, index * size.height))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${style}</style>
<rect width="100%" height="100%" fill="var(--paper)"/>
${drawn.join('\n')}
</svg>
`
}

function draw(panel: Panel, top: number): string {
  const place = placer(panel)
  const bottom = size.height - size.bottom
  const right = size.width - size.right
  const middle = (size.top + bottom) / 2
  const grid = [
    ...panel.y.ticks.map(({ at, text }) => {
      const y = place.y(at)
      return `<path d="M${size.left} ${y}H${right}" stroke="var(--line)"/><text class="tick" x="${size.left - 6}" y="${y}" dy="4" text-anchor="end">${escaped(text)}</text>`
    }),
    ...panel.x.ticks.map(
      ({ at, text }) =>
        `<text class="tick" x="${place.x(at)}" y="${bottom + 17}" text-anchor="middle">${escaped(text)}</text>`,
    ),
  ]
  return `<g transform="translate(0 ${top})">
<text class="title" x="${size.left}" y="22">${escaped(panel.title)}</text>
${grid.join('\n')}
<path d="M${size.left} ${bottom}H${right}" stroke="var(--soft)"/>
<text x="${(size.left + right) / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(panel.xLabel)}</text>
<text transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${escaped(panel.yLabel)}</text>
${panel.marks.map((mark) => drawMark(mark, place)).join('\n')}
${legend(panel.marks, bottom + 54)}
</g>`
}

interface Placer {
  x(value: number): number
  y(value: number): number
}

/** Where on the axis, 0 to 1; what lies outside stands at its end. */
function within(value: number, axis: Axis): number {
  return Math.min(Math.max((value - axis.low) / (axis.high - axis.low), 0), 1)
}

function placer({ x, y }: Panel): Placer {
  const width = size.width - size.left - size.right
  const height = size.height - size.top - size.bottom
  return {
    x: (value) => round(size.left + within(value, x) * width),
    y: (value) => round(size.top + (1 - within(value, y)) * height),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function drawMark(mark: Mark, place: Placer): string {
  if (mark.kind === 'line') {
    const path = mark.points.map(({ x, y }) => `${place.x(x)} ${place.y(y)}`)
    const dash = mark.dashed ? ' stroke-dasharray="4 4"' : ''
    return path.length === 0
      ? ''
      : `<path d="M${path.join('L')}" fill="none" stroke="var(--${mark.colour})" stroke-width="2"${dash}/>`
  }
  if (mark.kind === 'rule') {
    const x = place.x(mark.x)
    const bottom = size.height - size.bottom
    return `<path d="M${x} ${size.top}V${bottom}" stroke="var(--soft)" stroke-dasharray="2 3"/><text class="tick" x="${x}" y="${size.top - 4}" text-anchor="middle">${escaped(mark.text)}</text>`
  }
  const [x, y] = [place.x(mark.at.x), place.y(mark.at.y)]
  return `<g><title>${escaped(mark.title)}</title><path d="M${x} ${place.y(mark.low)}V${place.y(mark.high)}" stroke="var(--${mark.colour})"/><circle cx="${x}" cy="${y}" r="${round(mark.radius)}" fill="var(--${mark.colour})"/></g>`
}

function legend(marks: readonly Mark[], y: number): string {
  return marks
    .flatMap((mark) => (mark.kind === 'line' && mark.name !== '' ? [mark] : []))
    .map(
      ({ name, colour }, index) =>
        `<path d="M${size.left + index * 120} ${y - 4}h18" stroke="var(--${colour})" stroke-width="2"/><text x="${size.left + index * 120 + 24}" y="${y}">${escaped(name)}</text>`,
    )
    .join('')
}
