/** What changes between two texts, line by line. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  /** Lines count from 1; null: the line is not in that text. */
  readonly before: number | null
  readonly after: number | null
  readonly text: string
}

/** A stretch of changed lines with a few that stay around it. */
export interface Hunk {
  readonly lines: readonly DiffLine[]
}

const around = 3

/** Hunks of a unified diff; none where the texts are equal. */
export function diffText(before: string, after: string): Hunk[] {
  const lines = diffLines(linesOf(before), linesOf(after))
  const shown = lines.map((_, at) =>
    lines
      .slice(Math.max(0, at - around), at + around + 1)
      .some(({ kind }) => kind !== 'same'),
  )
  const hunks: DiffLine[][] = []
  for (const [at, line] of lines.entries()) {
    if (shown[at] !== true) continue
    const open = shown[at - 1] === true ? hunks.at(-1) : undefined
    if (open === undefined) hunks.push([line])
    else open.push(line)
  }
  return hunks.map((each) => ({ lines: each }))
}

/** The same as `diff -u` writes it, without the names of files. */
export function unified(hunks: readonly Hunk[]): string[] {
  return hunks.flatMap(({ lines }) => [
    heading(lines),
    ...lines.map(({ kind, text }) => `${signs[kind]}${text}`),
  ])
}

const signs = { same: ' ', removed: '-', added: '+' } as const

function heading(lines: readonly DiffLine[]): string {
  const span = (side: 'before' | 'after') => {
    const numbers = lines.flatMap((line) => line[side] ?? [])
    return `${numbers[0] ?? 0},${numbers.length}`
  }
  return `@@ -${span('before')} +${span('after')} @@`
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** Cells of the table of common lines; beyond it, all lines are replaced. */
const largest = 4_000_000

function diffLines(a: readonly string[], b: readonly string[]): DiffLine[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  const room = Math.min(a.length, b.length) - head
  while (tail < room && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const steps = [
    ...same(head),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(tail),
  ]
  return numbered(steps, a, b)
}

type Step = DiffLine['kind']

function same(count: number): Step[] {
  return Array.from({ length: count }, () => 'same' as const)
}

/** The longest common lines stay; what is removed comes first. */
function middle(a: readonly string[], b: readonly string[]): Step[] {
  if (a.length * b.length > largest) {
    return [
      ...a.map(() => 'removed' as const),
      ...b.map(() => 'added' as const),
    ]
  }
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        a[i] === b[j]
          ? at(i + 1, j + 1) + 1
          : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const steps: Step[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const isSame = i < a.length && j < b.length && a[i] === b[j]
    const isRemoved =
      i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))
    const step = isSame ? 'same' : isRemoved ? 'removed' : 'added'
    steps.push(step)
    if (step !== 'added') i += 1
    if (step !== 'removed') j += 1
  }
  return steps
}

function numbered(
  steps: readonly Step[],
  a: readonly string[],
  b: readonly string[],
): DiffLine[] {
  let [i, j] = [0, 0]
  return steps.map((kind) => {
    const text = (kind === 'added' ? b[j] : a[i]) ?? ''
    const before = kind === 'added' ? null : i + 1
    const after = kind === 'removed' ? null : j + 1
    if (kind !== 'added') i += 1
    if (kind !== 'removed') j += 1
    return { kind, before, after, text }
  })
}
