/** A range of creation times, in seconds since the epoch, both inclusive. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** A window whose export is finished, and its file's bytes. */
export interface WeighedWindow extends Window {
  readonly bytes: number
}

export interface WindowInput {
  /** Where the next window starts, in seconds. */
  readonly from: number
  /** The cut line: the last second to export. */
  readonly cut: number
  readonly weighed: readonly WeighedWindow[]
  /** Windows whose exports run and are not weighed yet. */
  readonly running: readonly Window[]
  /** Bytes that may still be exported today. */
  readonly left: number
}

const day = 86_400
/** Marketo takes no longer range (Adobe docs, bulk extract). */
export const longestWindow = 31 * day
const shortestWindow = 3600
/** A file that is quickly fetched again when something goes wrong. */
const handyBytes = 256 * 1024 * 1024
/** Leads do not arrive evenly. */
const caution = 0.8

/**
 * The next window: as long as Marketo takes, shorter where the weight of the
 * latest windows says that its file would not fit what is left of the day.
 * Both ends are inclusive, so the next one starts a second after the end.
 */
export function nextWindow(input: WindowInput): Window {
  const { from, cut } = input
  const seconds = Math.min(longestWindow, fittingSeconds(input))
  return { from, to: Math.min(from + seconds - 1, cut) }
}

/** Bytes that the running exports will probably weigh. */
export function expectedBytes(
  weighed: readonly WeighedWindow[],
  running: readonly Window[],
): number {
  const seconds = running.reduce((sum, each) => sum + length(each), 0)
  return Math.ceil(seconds * density(weighed))
}

function fittingSeconds(input: WindowInput): number {
  const perSecond = density(input.weighed)
  if (perSecond === 0) return longestWindow
  const left = input.left - expectedBytes(input.weighed, input.running)
  const room = Math.min(handyBytes, left) * caution
  return Math.max(shortestWindow, Math.floor(room / perSecond))
}

/** Bytes for each second of creation time: the denser of the latest two. */
function density(weighed: readonly WeighedWindow[]): number {
  const latest = weighed.toSorted((a, b) => b.from - a.from).slice(0, 2)
  return Math.max(0, ...latest.map((each) => each.bytes / length(each)))
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
