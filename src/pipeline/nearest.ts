import { distance } from 'fastest-levenshtein'

/**
 * Names that a person may have meant, at most three, likeliest first. A name
 * that differs in case only is a sure hit; otherwise a third of the letters
 * may differ or all may be in another order, or it may be the beginning of a
 * longer name but for a quarter of its letters.
 */
export function nearest(name: string, among: readonly string[]): string[] {
  const lower = name.toLowerCase()
  return among
    .map((candidate) => ({ candidate, far: howFar(lower, candidate) }))
    .filter(({ far }) => far !== null)
    .toSorted(
      (a, b) =>
        (a.far ?? 0) - (b.far ?? 0) || (a.candidate < b.candidate ? -1 : 1),
    )
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

function howFar(lower: string, candidate: string): number | null {
  const other = candidate.toLowerCase()
  if (lower === other) return 0
  const isMixed = letters(lower) === letters(other)
  const far = isMixed ? 1 : distance(lower, other)
  const allowed = Math.max(1, Math.floor(other.length / 3))
  const start = distance(lower, other.slice(0, lower.length))
  const begins = lower.length > 2 && start <= Math.floor(lower.length / 4)
  return far <= allowed || begins ? far : null
}

function letters(word: string): string {
  return word.split('').toSorted().join('')
}
