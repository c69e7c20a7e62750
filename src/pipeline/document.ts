import {
  type Document,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLWarning,
} from 'yaml'
import { find, offsetOf, type Part, strings, type Written } from './node.js'
import { type Path, type Position, shown } from './problem.js'

export interface DocumentProblem {
  readonly position: Position
  readonly message: string
}

/** A YAML file as values, every one of which knows where it was written. */
export interface SourceDocument {
  /** undefined where the file could not be read as YAML. */
  readonly value: unknown
  readonly problems: readonly DocumentProblem[]
  /**
   * Where the value was written; of a mapping or list, where its key was. A
   * path that is not in the file gives the place of its nearest parent.
   */
  locate(path: Path, part?: Part): Position
  /** A scalar exactly as written, `007` as `007`; null if it is none. */
  text(path: Path): string | null
  /** Every scalar, keys and scalar aliases among them, that is text. */
  strings(): readonly Written[]
}

const start: Position = { line: 1, column: 1 }

/** Bytes; a pipeline file of a person is a hundred times smaller. */
const largest = 1_000_000

/** Reads one YAML 1.2 document without merge keys; never throws. */
export function readDocument(text: string): SourceDocument {
  if (text.length > largest) {
    return broken(start, 'the file is larger than 1 MB.')
  }
  const counter = new LineCounter()
  try {
    const document = parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      merge: false,
      uniqueKeys: true,
      version: '1.2',
    })
    return sourceDocument(document, counter, text)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return broken(start, 'the file is nested too deep.')
  }
}

function broken(position: Position, message: string): SourceDocument {
  return {
    value: undefined,
    problems: [{ position, message }],
    locate: () => start,
    text: () => null,
    strings: () => [],
  }
}

function sourceDocument(
  document: Document.Parsed,
  counter: LineCounter,
  text: string,
): SourceDocument {
  const at = (offset: number): Position => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const syntax = [...document.errors, ...document.warnings]
  const tooDeep = syntax.some((error) => /call stack/i.test(error.message))
  if (tooDeep) return broken(start, 'the file is nested too deep.')
  const problems = [
    ...syntax.map((error) => ({
      position: at(error.pos[0]),
      message: sentence(error, text),
    })),
    ...looseAliases(document, at),
  ]
  const isReadable =
    syntax.every(({ code }) => code === 'DUPLICATE_KEY') &&
    problems.length === syntax.length
  const plain = isReadable
    ? plainValue(document)
    : { value: undefined, message: null }
  const { message } = plain
  const expanded = message === null ? [] : [{ position: start, message }]
  return {
    value: plain.value,
    problems: [...problems, ...expanded, ...forbiddenKeys(document, at)],
    locate: (path, part = 'value') => {
      const found = find(document, path)
      const offset = offsetOf(found, part)
      return offset === null ? start : at(offset)
    },
    text: (path) => {
      const { isExact, value } = find(document, path)
      if (!isExact || !isScalar(value)) return null
      return value.source ?? String(value.value)
    },
    strings: () => strings(document),
  }
}

function sentence(error: YAMLError | YAMLWarning, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]*/.exec(text.slice(error.pos[0]))?.[0] ?? ''
    return `${shown(key)} is written twice; keep one of the two.`
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return 'a second document begins here; a pipeline file has one.'
  }
  const [first = '', ...rest] = error.message
  return `this is not YAML that can be read: ${first.toLowerCase()}${rest.join('')}.`
}

/** `*name` without an `&name` before it. */
function looseAliases(
  document: Document.Parsed,
  at: (offset: number) => Position,
): DocumentProblem[] {
  const found: DocumentProblem[] = []
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      const position = at(alias.range?.[0] ?? 0)
      const message = `*${alias.source} stands for nothing; there is no &${alias.source} before it.`
      found.push({ position, message })
    },
  })
  return found
}

/** Aliases are expanded, but not those of an alias bomb. */
function plainValue(document: Document.Parsed): {
  value: unknown
  message: string | null
} {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return { value, message: null }
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError)) throw thrown
    return {
      value: undefined,
      message:
        'the file has aliases that repeat too much; write the values out.',
    }
  }
}

/** A key that JavaScript treats as special would be lost without a word. */
function forbiddenKeys(
  document: Document.Parsed,
  at: (offset: number) => Position,
): DocumentProblem[] {
  const found: DocumentProblem[] = []
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return
      const position = at(pair.key.range?.[0] ?? 0)
      found.push({ position, message: '"__proto__" is not a key here.' })
    },
  })
  return found
}
