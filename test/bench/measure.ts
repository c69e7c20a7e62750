/** One phase's cost, measured inside the process that does it. */
export interface Measured<T = unknown> {
  readonly seconds: number
  /** Of all threads, so that a busy machine shows less than in seconds. */
  readonly cpuSeconds: number
  readonly detail: T
}

export async function timed<T>(work: () => Promise<T>): Promise<Measured<T>> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const detail = await work()
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpuSeconds: (user + system) / 1e6, detail }
}

/** Megabytes that this process held at its peak. */
export function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024
}
