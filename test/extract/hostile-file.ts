/** Hostile export files made by a seed, with what must become of each row. */
export interface GeneratedFile {
  readonly name: string
  readonly bytes: Buffer
  readonly columns: readonly string[]
  readonly count: number
  readonly crEnds: boolean
  /** Rows that must be landed, by column. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
  /** Byte offsets of the rows that cannot be. */
  readonly broken: readonly number[]
}

type Random = () => number

const texts: readonly string[] = [
  'plain',
  '',
  ' ',
  '  padded  ',
  'NULL',
  'Null',
  'say "hi"',
  '"',
  '""',
  '"""',
  ',',
  ',,',
  'a,b',
  '\n',
  '\r\n',
  'two\nlines',
  'two\r\nlines',
  'old\rMac',
  '\r',
  'x"\ny',
  'x",y',
  '" "',
  ' "x" ',
  'x\0y',
  '\0',
  'a\u2028b\u2029c\u0085d',
  '\u001c\u001d\u000b\u000c',
  '\uFEFFmark',
  'Zoë Ångström',
  '李小龍',
  'שלום \u202Eאבג',
  '👩‍👩‍👧 🇫🇷',
  'e\u0301',
  '3.0',
  '-0.10',
  '1e5',
  '9007199254740993',
  '2026-02-30',
  'true',
  'C:\\dir\\',
  '\\"',
  "'; drop table lead; --",
  '=1+1',
  '#comment',
  '{"a": [1, "b"]}',
  'see\n9,left,right\nend',
  'id,a,b\n1,x,y\n',
]

/** How each kind of damage turns a good row's cells into a broken line. */
const damages: Readonly<Record<string, (cells: readonly string[]) => string>> =
  {
    'a column too few': ([id]) => `${id}`,
    'a column too many': (cells) => [...cells, 'MORE', 'MORE'].join(','),
    'an unescaped quote': ([id, , ...rest]) =>
      [id, '"say "BAD" now"', ...rest].join(','),
    'text after a quote': ([id, , ...rest]) =>
      [id, '"x"BAD', ...rest].join(','),
    'an id that is no number': ([, ...rest]) => ['BAD', ...rest].join(','),
    'an empty id': ([, ...rest]) => ['', ...rest].join(','),
  }

const lineEnds = ['\n', '\n', '\n', '\r\n', 'mixed', '\r'] as const

/** Small numbers that look random and are always the same. */
function lehmer(seed: number): Random {
  let state = (seed * 7919 + 1) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function pick<T>(random: Random, all: readonly T[]): T {
  const found = all[Math.floor(random() * all.length)]
  if (found === undefined) throw new Error('Nothing to pick from')
  return found
}

export function generatedFile(seed: number): GeneratedFile {
  const random = lehmer(seed)
  const lineEnd = pick(random, lineEnds)
  const damage = random() < 0.55 ? pick(random, Object.keys(damages)) : null
  const columns = someColumns(random, damage !== null)
  const parts: Buffer[] = []
  if (random() < 0.15) parts.push(Buffer.from('\uFEFF'))
  parts.push(Buffer.from(columns.join(',') + ended(random, lineEnd)))
  const rows: Record<string, string | null>[] = []
  const broken: number[] = []
  const all = 5 + Math.floor(random() * 60)
  const quotesAll = random() < 0.2
  for (let n = 1; n <= all; n += 1) {
    // One in twenty, and never at an end of a quoted guess.
    if (damage !== null && random() < 0.06) {
      broken.push(parts.reduce((sum, { length }) => sum + length, 0))
      const cells = columns.map((name) => (name === 'id' ? `9${n}` : 'x'))
      const line = damages[damage]?.(cells) ?? ''
      parts.push(Buffer.from(line + ended(random, lineEnd)))
      continue
    }
    const row = rowOf(random, columns, n, lineEnd === '\r')
    rows.push(row)
    const cells = columns.map((name) => cell(row[name] ?? null, quotesAll))
    const isLast = n === all && random() < 0.3 && !quotesAll
    const end = isLast ? '' : ended(random, lineEnd)
    parts.push(Buffer.from(cells.join(',') + end))
    if (random() < 0.05 && !isLast)
      parts.push(Buffer.from(ended(random, lineEnd)))
  }
  return {
    name: `seed ${seed}: ${JSON.stringify(lineEnd)}, ${damage ?? 'no damage'}`,
    bytes: Buffer.concat(parts),
    columns,
    count: rows.length + broken.length,
    crEnds: lineEnd === '\r',
    rows,
    broken,
  }
}

function ended(random: Random, lineEnd: (typeof lineEnds)[number]): string {
  if (lineEnd !== 'mixed') return lineEnd
  return random() < 0.5 ? '\n' : '\r\n'
}

/** In any order, with columns that nobody asked for. */
function someColumns(random: Random, idFirst: boolean): string[] {
  const others = ['a', 'b', 'x', 'y', 'z'].slice(
    0,
    2 + Math.floor(random() * 4),
  )
  const shuffled = others
    .map((name) => ({ name, key: random() }))
    .toSorted((one, two) => one.key - two.key)
    .map(({ name }) => name)
  const at = idFirst ? 0 : Math.floor(random() * (shuffled.length + 1))
  return shuffled.toSpliced(at, 0, 'id')
}

function rowOf(
  random: Random,
  columns: readonly string[],
  n: number,
  isCr: boolean,
): Record<string, string | null> {
  const pairs = columns.map((name) => {
    if (name === 'id') return [name, String(n)] as const
    const text = textOf(random)
    // With CR line ends the file has no LF at all.
    return [name, isCr ? text.replaceAll('\n', '\r') : text] as const
  })
  return Object.fromEntries(
    pairs.map(([name, text]) => [name, text === 'null' ? null : text]),
  )
}

function textOf(random: Random): string {
  const kind = random()
  if (kind < 0.2) return 'null'
  if (kind < 0.21) return pick(random, ['ë"\n', 'x,', '"', '\0']).repeat(7500)
  if (kind < 0.3) return soup(random)
  return pick(random, texts)
}

function soup(random: Random): string {
  const pieces = ['"', ',', '\n', '\r\n', '\r', ' ', 'a', 'é', '\0', 'null']
  const length = 1 + Math.floor(random() * 8)
  return Array.from({ length }, () => pick(random, pieces)).join('')
}

function cell(text: string | null, quotesAll: boolean): string {
  if (text === null) return 'null'
  const needs = quotesAll || /[",\r\n]/.test(text)
  return needs ? `"${text.replaceAll('"', '""')}"` : text
}
