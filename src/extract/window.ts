/** A range of times, in seconds since the epoch, both inclusive. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** A window whose export is finished, its records and its file's bytes. */
export interface Measure extends Window {
  readonly rows: number
  readonly bytes: number
}

/** What exports so far tell of those to come. */
export interface Experience {
  /** Windows of this extract that are weighed. */
  readonly weighed: readonly Measure[]
  /** Windows of an extract before, by the same kind of time. */
  readonly earlier: readonly Measure[]
}

export interface WindowInput extends Experience {
  /** Where the next window starts, in seconds. */
  readonly from: number
  /** The cut line: the last second to export. */
  readonly cut: number
  /** Windows whose exports run and are not weighed yet. */
  readonly running: readonly Window[]
  /** Bytes that may still be exported today. */
  readonly left: number
  /** Bytes that may be exported in a whole day. */
  readonly limit: number
}

const day = 86_400
/** Marketo takes no longer range (Adobe docs, bulk extract). */
export const longestWindow = 31 * day
const shortestWindow = 3600
/** A file that is quickly fetched again when something goes wrong. */
const handyBytes = 256 * 1024 * 1024
/** Leads do not arrive evenly. */
const caution = 0.8
/** Share of a day's bytes for which another job is not worth its calls. */
const crumb = 0.02

/**
 * The next window: as long as Marketo takes, shorter where leads per day and
 * bytes per lead say that its file would not fit what is left of today. Both
 * ends are inclusive, so the next one starts a second after the end. null:
 * none fits beside those that run, or none today.
 */
export function nextWindow(input: WindowInput): Window | null {
  const { from, cut, running, left, limit } = input
  const isFresh = running.length === 0 && left >= limit
  // Several windows of unknown weight could overrun the day together.
  if (running.length > 0 && bytesPerLead(input) === null) return null
  const free = left - expectedBytes(input, running)
  if (!isFresh && free < limit * crumb) return null
  const room = Math.min(handyBytes, free) * caution
  const first = from + shortestWindow - 1
  const last = from + longestWindow - 1
  const isFitting = (to: number) => expectedBytes(input, [{ from, to }]) <= room
  if (isFitting(first)) {
    return { from, to: Math.min(latest(first, last, isFitting), cut) }
  }
  // What does not fit an hour of a whole day would never be exported.
  return isFresh ? { from, to: Math.min(first, cut) } : null
}

/** The last value up to `high` that still is; `low` is. */
function latest(
  low: number,
  high: number,
  isStill: (value: number) => boolean,
): number {
  let [yes, no] = [low, high + 1]
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2)
    if (isStill(middle)) yes = middle
    else no = middle
  }
  return yes
}

/** Bytes that exports of these windows will probably weigh; 0: no idea. */
export function expectedBytes(
  experience: Experience,
  windows: readonly Window[],
): number {
  const perLead = bytesPerLead(experience) ?? 0
  const rate = leadsPerSecond(experience)
  const rows = windows.map((window) => expectedRows(window, experience, rate))
  return Math.ceil(rows.reduce((sum, each) => sum + each, 0) * perLead)
}

/** By what an earlier extract found at these times, else by the rate. */
function expectedRows(
  window: Window,
  { earlier }: Experience,
  rate: number,
): number {
  let unknown = length(window)
  let rows = 0
  for (const each of earlier) {
    const from = Math.max(window.from, each.from)
    const to = Math.min(window.to, each.to)
    if (to < from) continue
    unknown -= to - from + 1
    rows += each.rows * (length({ from, to }) / length(each))
  }
  return rows + Math.max(0, unknown) * rate
}

function bytesPerLead({ weighed, earlier }: Experience): number | null {
  for (const measures of [weighed, earlier]) {
    const rows = measures.reduce((sum, each) => sum + each.rows, 0)
    const bytes = measures.reduce((sum, each) => sum + each.bytes, 0)
    if (rows > 0) return bytes / rows
  }
  return weighed.length > 0 ? 0 : null
}

/** The denser of the latest two. */
function leadsPerSecond({ weighed, earlier }: Experience): number {
  const known = weighed.length > 0 ? weighed : earlier
  const latestTwo = known.toSorted((a, b) => b.from - a.from).slice(0, 2)
  return Math.max(0, ...latestTwo.map((each) => each.rows / length(each)))
}

function length({ from, to }: Window): number {
  return to - from + 1
}

/** As Marketo wants times: ISO 8601 in UTC without milliseconds. */
export function isoSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Whole seconds of an ISO 8601 time or date; a date means midnight UTC. */
export function toSecond(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000)
}
