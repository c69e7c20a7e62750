/** An export job as the sandbox tells it. */
export interface Job {
  readonly exportId: string
  readonly filter: {
    readonly kind: string
    readonly from: number
    readonly to: number
  }
  readonly createdAt: number
  readonly cancelledAt: number | null
  readonly failed: boolean
}

/**
 * Two jobs of one extract whose windows share a second, although the first
 * was neither failed nor cancelled when the second was created; or null.
 */
export function twiceCreated(jobs: readonly Job[]): string | null {
  const inOrder = jobs.toSorted((a, b) => a.createdAt - b.createdAt)
  for (const [at, job] of inOrder.entries()) {
    const before = inOrder.slice(0, at)
    const first = before.find((other) => isSame(other, job))
    if (first !== undefined) {
      return `jobs ${first.exportId} and ${job.exportId} export the same time`
    }
  }
  return null
}

function isSame(first: Job, second: Job): boolean {
  const isUsable = !first.failed && first.cancelledAt === null
  const [a, b] = [first.filter, second.filter]
  return isUsable && a.kind === b.kind && a.from <= b.to && b.from <= a.to
}
