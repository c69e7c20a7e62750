import { sizeOf } from './file.js'
import type { StateFile } from './state.js'

/**
 * The last finished extract and those that it builds on, oldest first; begins
 * with a whole one unless something is lost. Files of a person that are not
 * the whole base stand beside it. Empty where none is finished.
 */
export function chainOf(states: readonly StateFile[]): StateFile[] {
  const done = states.filter(
    ({ state: { status, kind, isWhole } }) =>
      status === 'done' && (kind !== 'file' || isWhole),
  )
  const byId = new Map(done.map((file) => [file.state.id, file]))
  const chain: StateFile[] = []
  let next = done.at(-1)
  while (next !== undefined) {
    chain.unshift(next)
    const { base } = next.state
    next = base === null ? undefined : byId.get(base)
  }
  return chain
}

/** Whether the base can be loaded from it: all is there, from a whole one on. */
export async function isSound(chain: readonly StateFile[]): Promise<boolean> {
  if (chain[0]?.state.isWhole !== true) return false
  for (const file of chain) if (!(await isThere(file))) return false
  return true
}

async function isThere(file: StateFile): Promise<boolean> {
  for (const { landed } of file.state.tasks) {
    const name = landed?.parquet ?? null
    if (name === null) continue
    if ((await sizeOf(file.path(name))) !== landed?.bytes) return false
  }
  return true
}
