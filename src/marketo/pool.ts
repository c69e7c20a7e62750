/** Many items, in parts or a few at a time. */

export function chunked<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}

/**
 * Runs `width` tasks at a time; after a failure it starts no more. Those under
 * way end first: a call that outlives its run would be counted by nobody.
 */
export async function pooled<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  let isBroken = false
  const worker = async () => {
    for (const item of rest) {
      if (isBroken) return
      try {
        await task(item)
      } catch (error) {
        isBroken = true
        throw error
      }
    }
  }
  const workers = Math.min(width, items.length)
  const all = Array.from({ length: workers }, worker)
  await Promise.allSettled(all)
  await Promise.all(all)
}
