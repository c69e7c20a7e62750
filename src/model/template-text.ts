/** Where in SQL text a value may stand. */
import { type Location, TemplateError } from './template-error.js'

const opener =
  /'|"|--|\/\*|(?<![\w$\u0080-\uffff])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g

type Open = 'a quoted text' | 'a quoted name' | 'a comment'

function kindOf(open: string): Open {
  if (open === '"') return 'a quoted name'
  return open === '--' || open === '/*' ? 'a comment' : 'a quoted text'
}

/** DuckDB's block comments nest. */
function blockCommentEnd(sql: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  for (let depth = 1; ; ) {
    const found = mark.exec(sql)
    if (found === null) return -1
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
}

function endOf(sql: string, pattern: RegExp, start: number): number {
  const sticky = new RegExp(pattern, 'ys')
  sticky.lastIndex = start
  return sticky.test(sql) ? sticky.lastIndex : -1
}

/** Where what opens before `start` ends, or -1. */
function closing(sql: string, open: string, start: number): number {
  switch (open) {
    case '--':
      return endOf(sql, /[^\n\r]*[\n\r]/, start)
    case '/*':
      return blockCommentEnd(sql, start)
    case '"':
      return endOf(sql, /[^"]*"/, start)
    case "'":
      return /(?<![\w$])e$/i.test(sql.slice(Math.max(0, start - 3), start - 1))
        ? endOf(sql, /(?:[^'\\]|\\.|'')*'/, start)
        : endOf(sql, /[^']*'/, start)
    default: {
      const end = sql.indexOf(open, start)
      return end === -1 ? -1 : end + open.length
    }
  }
}

/** The quotes or comment that SQL text leaves open at its end. */
function openAtEnd(sql: string): Open | null {
  const next = new RegExp(opener)
  for (;;) {
    const found = next.exec(sql)
    if (found === null) return null
    const [open] = found
    const end = closing(sql, open, next.lastIndex)
    if (end === -1) return kindOf(open)
    next.lastIndex = end
  }
}

const touching = /^[\w$'"\u0080-\uffff]$/

/**
 * Follows SQL text and refuses values where quoting them would not protect:
 * in quotes or comments, and against a word or quotes, which `e'…'` or
 * `'a''b'` would read as part of the literal.
 */
export class TextGuard {
  #text = ''
  #afterValue: Location | null = null

  text(text: string): void {
    if (text === '') return
    if (this.#afterValue !== null && touching.test(text.slice(0, 1))) {
      throw touches(this.#afterValue, 'followed')
    }
    this.#afterValue = null
    this.#text += text
  }

  value(at: Location): void {
    this.boundary(at)
    if (this.#afterValue !== null || touching.test(this.#text.slice(-1))) {
      throw touches(at, 'preceded')
    }
    this.#text = ''
    this.#afterValue = at
  }

  /** Before a block, whose text nobody can tell: start anew. */
  split(at: Location): void {
    this.boundary(at)
    this.#text = ''
    this.#afterValue = null
  }

  /** Refuses quotes and comments that are still open here. */
  boundary(at: Location): void {
    const open = openAtEnd(this.#text)
    if (open === null) return
    throw new TemplateError(
      at,
      `this stands inside ${open}, where a value cannot be protected; move it out${open === 'a quoted text' ? ' and write the value without quotes around it, they are added' : ''}.`,
    )
  }
}

function touches(at: Location, side: 'preceded' | 'followed'): TemplateError {
  return new TemplateError(
    at,
    `a value is ${side} directly by a letter, a digit, quotes or another value and would run together with it; put a space between.`,
  )
}
