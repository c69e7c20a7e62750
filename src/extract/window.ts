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

/** Marketo takes no longer range (Adobe docs, bulk extract). */
export const longestWindow = 31 * 86_400

/** Seconds, both ends counted. */
export function secondsOf({ from, to }: Window): number {
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
