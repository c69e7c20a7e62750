/** Bytes that could not be read as records. */
export interface BadStretch {
  readonly reason: string
  /** The lines of the stretch, each with its number in the file, from 1. */
  readonly lines: readonly BadLine[]
}

export interface BadLine {
  readonly line: number
  /** Of its first byte in the file, from 0. */
  readonly offset: number
  readonly text: string
  /** It begins the way a record does. */
  readonly starts: boolean
}

/** A row that was not landed, as kept in `raw.reject`. */
export interface Reject {
  /** In the file, from 1. */
  readonly line: number
  /** Of its first byte in the file as it was downloaded, from 0. */
  readonly offset: number
  readonly reason: string
  readonly text: string
}

/**
 * Divides bad stretches into rejected rows. A stretch holds at least one row
 * and at most one a line; `wanted` is what Marketo's record count leaves for
 * them, null where nobody counted. Returns null where that cannot be.
 */
export function rejectsOf(
  stretches: readonly BadStretch[],
  wanted: number | null,
): Reject[] | null {
  const guess = stretches.map((stretch) => pieces(stretch, startsRow))
  const guessed = sum(guess)
  if (wanted === null || wanted === guessed) return toRejects(stretches, guess)
  if (wanted < guessed) return merged(stretches, guess, guessed - wanted)
  return divided(stretches, guess, wanted - guessed)
}

/** For each piece, the index of its first line. */
type Pieces = readonly number[]

function startsRow(line: BadLine): boolean {
  return line.starts
}

function pieces(
  stretch: BadStretch,
  begins: (line: BadLine) => boolean,
): Pieces {
  return stretch.lines.flatMap((line, index) =>
    index === 0 || begins(line) ? [index] : [],
  )
}

function sum(all: readonly Pieces[]): number {
  return all.reduce((total, { length }) => total + length, 0)
}

function merged(
  stretches: readonly BadStretch[],
  guess: readonly Pieces[],
  tooMany: number,
): Reject[] | null {
  let left = tooMany
  const fewer = guess.map((starts) => {
    const drop = Math.min(left, starts.length - 1)
    left -= drop
    return starts.slice(0, starts.length - drop)
  })
  return left === 0 ? toRejects(stretches, fewer) : null
}

function divided(
  stretches: readonly BadStretch[],
  guess: readonly Pieces[],
  tooFew: number,
): Reject[] | null {
  let left = tooFew
  const further = stretches.map((stretch, index) => {
    const starts = new Set(guess[index])
    for (let line = 0; line < stretch.lines.length && left > 0; line += 1) {
      if (starts.has(line)) continue
      starts.add(line)
      left -= 1
    }
    return [...starts].toSorted((a, b) => a - b)
  })
  return left === 0 ? toRejects(stretches, further) : null
}

function toRejects(
  stretches: readonly BadStretch[],
  starts: readonly Pieces[],
): Reject[] {
  return stretches.flatMap((stretch, index) => {
    const own = starts[index] ?? []
    return own.map((from, piece) => {
      const lines = stretch.lines.slice(from, own[piece + 1])
      return {
        line: lines[0]?.line ?? 0,
        offset: lines[0]?.offset ?? 0,
        reason: stretch.reason,
        text: lines.map(({ text }) => text).join('\n'),
      }
    })
  })
}
