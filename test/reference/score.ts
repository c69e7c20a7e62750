/** Scores clusters against a truth: two leads are one entity or they are not. */

export interface Score {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly bCubed: number
}

type Clusters = ReadonlyMap<string, string>

function sizes(labels: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}

function pairs(counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += (count * (count - 1)) / 2
  return sum
}

const harmonic = (a: number, b: number) =>
  a + b === 0 ? 0 : (2 * a * b) / (a + b)

/** Both maps hold the same ids. */
export function score(found: Clusters, truth: Clusters): Score {
  const ids = [...truth.keys()]
  const both = (id: string) => `${found.get(id)}\u0000${truth.get(id)}`
  const foundSizes = sizes(ids.map((id) => found.get(id) ?? id))
  const truthSizes = sizes(ids.map((id) => truth.get(id) ?? id))
  const bothSizes = sizes(ids.map(both))
  const hit = pairs(bothSizes.values())
  const claimed = pairs(foundSizes.values())
  const wanted = pairs(truthSizes.values())
  const precision = claimed === 0 ? 1 : hit / claimed
  const recall = wanted === 0 ? 1 : hit / wanted
  let exact = 0
  let complete = 0
  for (const id of ids) {
    const overlap = bothSizes.get(both(id)) ?? 0
    exact += overlap / (foundSizes.get(found.get(id) ?? id) ?? 1)
    complete += overlap / (truthSizes.get(truth.get(id) ?? id) ?? 1)
  }
  return {
    precision,
    recall,
    f1: harmonic(precision, recall),
    bCubed: harmonic(exact / ids.length, complete / ids.length),
  }
}
