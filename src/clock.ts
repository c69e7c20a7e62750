/** Time as the rest of the code sees it; passed in, never taken. */
export interface Clock {
  /** Milliseconds since the epoch, in this clock's time. */
  now(): number
  /** Milliseconds that only ever grow; for ages and deadlines. */
  monotonic(): number
  /** Waits in this clock's time; rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** Longest delay that setTimeout takes. */
const longestTimer = 2_147_483_647

/**
 * A clock that runs `scale` times faster than the machine's. It starts at the
 * machine's time, so scale 1 is the machine's own clock; `notBefore` is for a
 * faster one that had run ahead when it was last looked at.
 */
export function scaledClock(scale: number, notBefore = 0): Clock {
  const epoch = Math.max(Date.now(), notBefore)
  const started = performance.now()
  const elapsed = () => (performance.now() - started) * scale
  return {
    now: () => epoch + elapsed(),
    monotonic: elapsed,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted()
      const real = Math.min(Math.max(milliseconds, 0) / scale, longestTimer)
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(done, real)
        const abort = () => {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        function done() {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
  }
}

/** The clock's time as ISO 8601, for records and readers. */
export function instant(clock: Pick<Clock, 'now'>): string {
  return new Date(clock.now()).toISOString()
}

export const systemClock: Clock = scaledClock(1)
