/**
 * A CSV reader that shares nothing with the product's: it walks characters
 * of Latin-1 text where the product searches bytes. It judges what became of
 * every byte of a file.
 */
export interface Leftover {
  readonly offset: number
  readonly text: string
}

type Cells = readonly (string | null)[]

export interface Judgement {
  /** Records of the file that no reject covers, in order, header included. */
  readonly records: readonly Cells[]
  /** What is wrong with the rejects, in words. */
  readonly problems: readonly string[]
}

/** Cuts the rejects out of the file and reads the rest strictly. */
export function judge(
  bytes: Buffer,
  rejects: readonly Leftover[],
  crEnds: boolean,
): Judgement {
  const problems: string[] = []
  const records: Cells[] = []
  const body = bytes.toString('latin1')
  let at = bytes.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? 3 : 0
  for (const reject of rejects) {
    if (reject.offset < at) problems.push(`${reject.offset} is covered twice`)
    records.push(...strictly(body.slice(at, reject.offset), crEnds, problems))
    at = endOf(body, reject, problems)
  }
  records.push(...strictly(body.slice(at), crEnds, problems))
  return { records, problems }
}

/** Follows the reject's lines through the file; blank ones do not count. */
function endOf(body: string, reject: Leftover, problems: string[]): number {
  let at = reject.offset
  for (const line of reject.text.split('\n')) {
    while (body[at] === '\n' || body[at] === '\r') at += 1
    let end = at
    while (end < body.length && body[end] !== '\n' && body[end] !== '\r') {
      end += 1
    }
    if (utf8(body.slice(at, end)) !== line) {
      problems.push(`no such line at ${at}: ${line.slice(0, 40)}`)
    }
    at = end
  }
  if (body[at] === '\r') at += 1
  if (body[at] === '\n') at += 1
  return at
}

function strictly(part: string, crEnds: boolean, problems: string[]): Cells[] {
  const records: Cells[] = []
  let cells: (string | null)[] = []
  let at = 0
  while (at < part.length) {
    const start = at
    let text = ''
    if (part[at] === '"') {
      at += 1
      for (;;) {
        if (at >= part.length) {
          problems.push('a quote stays open outside of any reject')
          return records
        }
        if (part[at] !== '"') text += part[at]
        else if (part[at + 1] === '"') {
          text += '"'
          at += 1
        } else break
        at += 1
      }
      at += 1
      const next = part[at] ?? '\n'
      const isEnd = next === ',' || next === '\n' || next === '\r'
      if (!isEnd) problems.push('text follows a quote outside of any reject')
    } else {
      while (at < part.length && part[at] !== ',' && !isLineEnd(part, at)) {
        text += part[at]
        at += 1
      }
    }
    cells.push(text === 'null' ? null : utf8(text))
    const isBlank = cells.length === 1 && at === start
    if (part[at] === ',') {
      at += 1
      // A comma at the very end opens one more cell.
      if (at < part.length) continue
      cells.push('')
    } else if (part[at] === '\r' && part[at + 1] === '\n') at += 2
    else at += 1
    if (!isBlank) records.push(cells)
    cells = []
  }
  return records

  function isLineEnd(all: string, place: number): boolean {
    if (all[place] === '\n') return true
    return all[place] === '\r' && (crEnds || all[place + 1] === '\n')
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}
