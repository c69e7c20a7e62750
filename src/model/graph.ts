/** Which model reads which. */
import { badInput } from '../error.js'

export interface Graph {
  /** Every name after those it reads; by name among equals. */
  readonly order: readonly string[]
  /** What it reads, directly or up to so many steps away. */
  readonly ancestors: (name: string, steps?: number) => Set<string>
  /** What reads it, directly or up to so many steps away. */
  readonly descendants: (name: string, steps?: number) => Set<string>
}

type Edges = ReadonlyMap<string, readonly string[]>

function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function reversed(edges: Edges): Edges {
  const readers = new Map<string, string[]>()
  for (const name of edges.keys()) readers.set(name, [])
  for (const [name, refs] of edges) {
    for (const ref of refs) readers.get(ref)?.push(name)
  }
  return readers
}

function reach(edges: Edges, name: string, steps: number): Set<string> {
  const found = new Set<string>()
  let border = [name]
  for (let step = 0; step < steps && border.length > 0; step += 1) {
    border = border
      .flatMap((each) => edges.get(each) ?? [])
      .filter((each) => !found.has(each))
    for (const each of border) found.add(each)
  }
  return found
}

/** The shortest way from a name back to itself. */
function cycleThrough(edges: Edges, name: string): string[] | null {
  const cameFrom = new Map<string, string>()
  const queue = [name]
  for (const here of queue) {
    for (const next of edges.get(here) ?? []) {
      if (next === name) return wayTo(here, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, here)
      queue.push(next)
    }
  }
  return null
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end]
  for (
    let before = cameFrom.get(end);
    before !== undefined;
    before = cameFrom.get(before)
  ) {
    way.unshift(before)
  }
  return way
}

function refuseCycle(edges: Edges, rest: readonly string[]): never {
  const cycle =
    rest
      .map((name) => cycleThrough(edges, name))
      .filter((found) => found !== null)
      .toSorted((a, b) => a.length - b.length)[0] ?? []
  const [first = ''] = cycle
  throw badInput(
    'model_cycle',
    `Models read one another in a circle: ${[...cycle, first].join(' -> ')}. Remove one of these refs, or split a model in two.`,
    { cycle },
  )
}

function topological(edges: Edges): string[] {
  const order: string[] = []
  const done = new Set<string>()
  const waiting = new Set([...edges.keys()].toSorted(byName))
  while (waiting.size > 0) {
    const next = [...waiting].find((name) =>
      (edges.get(name) ?? []).every((ref) => done.has(ref)),
    )
    if (next === undefined) return refuseCycle(edges, [...waiting])
    waiting.delete(next)
    done.add(next)
    order.push(next)
  }
  return order
}

/**
 * @param references of every name, the names that it reads
 * @throws PipelineError (exit 3) that names a cycle, or a name nobody has
 */
export function graphOf(references: Edges): Graph {
  for (const [name, refs] of references) {
    const strange = refs.find((ref) => !references.has(ref))
    if (strange === undefined) continue
    throw badInput(
      'model_missing',
      `The model ${name} reads ${strange}, which is not a model; correct its ref.`,
    )
  }
  const readers = reversed(references)
  return {
    order: topological(references),
    ancestors: (name, steps = Infinity) => reach(references, name, steps),
    descendants: (name, steps = Infinity) => reach(readers, name, steps),
  }
}
