/** Hostile CSV files, with what must become of each row. */
export interface HostileFile {
  readonly name: string
  readonly bytes: Buffer
  /** Records by Marketo's count. */
  readonly count: number
  /** Rows that must be landed: id and two texts. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** For each rejected row, a text that is in it. */
  readonly rejects: readonly string[]
}

type Row = readonly [string, string | null, string | null]

const header = 'id,a,b\n'
const good = (id: number): Row => [String(id), `left ${id}`, `right, ${id}`]

/** As Marketo writes: quotes only where needed, null for nothing. */
function cell(text: string | null): string {
  if (text === null) return 'null'
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function line(row: Row): string {
  return `${row.map(cell).join(',')}\n`
}

function lines(rows: readonly Row[]): string {
  return rows.map(line).join('')
}

const texts: Readonly<Record<string, string>> = {
  'a NUL byte': 'x\0y',
  'a CR alone': 'x\ry',
  'a CR at the end': 'x\r',
  CRLF: 'x\r\ny',
  LF: 'x\ny',
  'only a line end': '\n',
  'many line ends': '\n\n\r\n\r\n\n',
  quotes: 'say "hi" now',
  'a quote alone': '"',
  'three quotes': '"""',
  'a quote before a line end': 'x"\ny',
  'a quote before a comma': 'x",y',
  'a comma alone': ',',
  'a line separator': 'x\u2028y\u2029z',
  'a next-line character': 'x\u0085y',
  'a file separator': 'x\u001cy\u000by\u000c',
  emoji: '👩‍👩‍👧 \u{1F600}',
  'right-to-left text': '\u202eשלום עולם',
  'a byte-order mark': '\uFEFFx',
  '30,000 bytes': 'ë"\n'.repeat(7500),
  'one megabyte': 'x,'.repeat(500_000),
  'the word NULL': 'NULL',
  'the surname Null': 'Null',
  'null with a blank': ' null',
  blanks: '  x  ',
  'blanks around quotes': ' "x" ',
  'a blank and a quote': 'x " y',
  'a tab': '\tx\t',
  backslashes: 'C:\\new\\"x\\',
  'a formula': '=HYPERLINK("http://x")',
  'a comment sign': '#x',
  'SQL with quotes': "'; drop table raw.lead; --",
  'a pasted record': 'see\n9,left 9,right\nend',
  'a pasted file': 'id,a,b\n1,x,y\n2,"z",null\n',
  'a decimal': '3.0',
  'a very long number': '9007199254740993',
}

function textFiles(): HostileFile[] {
  return Object.entries(texts).map(([name, text]) => {
    const rows = [good(1), ['2', text, text] as const, good(3)]
    return file(`a cell with ${name}`, header + lines(rows), rows)
  })
}

function file(
  name: string,
  body: string | Buffer,
  rows: readonly Row[],
  rejects: readonly string[] = [],
): HostileFile {
  const bytes = Buffer.from(body)
  return { name, bytes, count: rows.length + rejects.length, rows, rejects }
}

const three = [good(1), good(2), good(3)]

function shapes(): HostileFile[] {
  const body = header + lines(three)
  const swapped = three.map(([id, a, b]) => `${cell(b)},${cell(a)},${id}\n`)
  return [
    file('CRLF line ends', body.replaceAll('\n', '\r\n'), three),
    file('mixed line ends', body.replace('1\n', '1\r\n'), three),
    file('a CRLF header only', body.replace('\n', '\r\n'), three),
    file('CR line ends', body.replaceAll('\n', '\r'), three),
    file('one CR line end', body.replace('right, 1"\n', 'right, 1"\r'), three),
    file('no line end at the end', body.slice(0, -1), three),
    file('blank lines', body.replaceAll('\n', '\n\n'), three),
    file('a byte-order mark at the start', `\uFEFF${body}`, three),
    file('columns in another order', `b,a,id\n${swapped.join('')}`, three),
    file(
      'a column more than asked for',
      `id,x,a,b\n${lines(three).replaceAll(/^(\d),/gm, '$1,extra,')}`,
      three,
    ),
    file(
      'every cell in quotes',
      'id,a,b\n"1","x","y"\n',
      [['1', 'x', 'y']],
      [],
    ),
    file('null in quotes', 'id,a,b\n1,"null",null\n', [['1', null, null]], []),
    file('empty cells', 'id,a,b\n1,,""\n', [['1', '', '']], []),
    file('a quote within an unquoted cell', 'id,a,b\n1,5" pipe,x\n', [
      ['1', '5" pipe', 'x'],
    ]),
    file('a CR within an unquoted cell', 'id,a,b\n1,x\ry,z\n2,q,r\n', [
      ['1', 'x\ry', 'z'],
      ['2', 'q', 'r'],
    ]),
    file('a header only', header, [], []),
    file('nothing at all', '', [], []),
  ]
}

/** Broken rows among good ones: the good ones are all kept. */
function broken(): HostileFile[] {
  const bad: Readonly<Record<string, string>> = {
    'an unescaped quote': '2,"say "BAD" now",x\n',
    'a quote that is never closed': '2,"BAD,x\n',
    'a quote that is never closed, at the end': '2,x,"BAD\n',
    'text after a quote': '2,"x"BAD,y\n',
    'a column too few': '2,BAD\n',
    'a column too many': '2,BAD,x,y\n',
    'a column too many, of several lines': '2,"BAD\nx\ny",x,y\n',
    'only an id': '2BAD\n',
    'an id that is no number': 'BAD,x,y\n',
    'no id': ',BAD,y\n',
    'an id of null': 'null,BAD,y\n',
    'a quote in another line': '2,"BAD\nstill" BAD",x\n',
    'a quote open before a comma': '2,",BAD\n',
  }
  const quoted: Row = ['4', 'with, comma', 'and "quotes"\nand lines']
  return Object.entries(bad).flatMap(([name, text]) => {
    const rows = [good(1), good(3), quoted, good(5)]
    const middle = `${header}${line(good(1))}${text}${lines(rows.slice(1))}`
    return [
      file(`${name}, in the middle`, middle, rows, ['BAD']),
      file(`${name}, first`, header + text + lines(rows), rows, ['BAD']),
      file(`${name}, last`, header + lines(rows) + text, rows, ['BAD']),
    ]
  })
}

function knots(): HostileFile[] {
  const invalid = Buffer.concat([
    Buffer.from(`${header}${line(good(1))}2,BAD`),
    Buffer.from([0xff, 0xfe, 0xc3]),
    Buffer.from(`,x\n${line(good(3))}`),
  ])
  const many = Array.from({ length: 5000 }, (_, at): Row => {
    const text = at % 7 === 0 ? `multi\nline, "${at}"` : `plain ${at}`
    return [String(at + 10), text, at % 11 === 0 ? null : text]
  })
  const middle = lines(many.slice(0, 2500))
  const rest = lines(many.slice(2500))
  return [
    file('invalid UTF-8', invalid, [good(1), good(3)], ['BAD']),
    file(
      'two broken rows that close one another',
      `${header}${line(good(1))}2,"BAD,x\n3,BAD",y\n${line(good(4))}`,
      [good(1), ['3', 'BAD"', 'y'], good(4)],
      ['2,"BAD'],
    ),
    file(
      'three broken rows in a row',
      `${header}${line(good(1))}2,"BAD1"x,y\n3,BAD2\n4,"BAD3,z\n${line(good(5))}`,
      [good(1), good(5)],
      ['BAD1', 'BAD2', 'BAD3'],
    ),
    file(
      'a broken quote before many good rows',
      `${header}${middle}9,"BAD,x\n${rest}`,
      many,
      ['BAD'],
    ),
    file(
      'a pasted record next to a broken row',
      `${header}${line(['2', 'see\n9,left,right\nend', 'x'])}3,"B"AD,y\n${line(good(4))}`,
      [['2', 'see\n9,left,right\nend', 'x'], good(4)],
      ['"B"AD'],
    ),
  ]
}

export const corpus: readonly HostileFile[] = [
  ...textFiles(),
  ...shapes(),
  ...broken(),
  ...knots(),
]
