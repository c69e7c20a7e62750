import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Path, Position } from './problem.js'

/** Which part of a `key: value` a position is wanted of. */
export type Part = 'key' | 'value'

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
  /** Every scalar, keys among them, that is text. */
  strings(): readonly { path: Path; part: Part; text: string }[]
}

const start: Position = { line: 1, column: 1 }

/** Bytes; a pipeline file of a person is a hundred times smaller. */
const largest = 1_000_000

/** Reads one YAML 1.2 document without merge keys; never throws. */
export function readDocument(text: string): SourceDocument {
  if (text.length > largest) return broken(start, 'is larger than 1 MB')
  const counter = new LineCounter()
  try {
    const document = parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      merge: false,
      uniqueKeys: true,
      version: '1.2',
    })
    return sourceDocument(document, counter)
  } catch (thrown) {
    if (thrown instanceof RangeError) return broken(start, 'is nested too deep')
    throw thrown
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
): SourceDocument {
  const at = (offset: number): Position => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    position: at(error.pos[0]),
    message: sentence(error.code, error.message),
    isFatal: error.code !== 'DUPLICATE_KEY',
  }))
  const plain = syntax.some((each) => each.isFatal)
    ? { value: undefined, message: null }
    : plainValue(document)
  const { message } = plain
  const expanded = message === null ? [] : [{ position: start, message }]
  return {
    value: plain.value,
    problems: [...syntax, ...expanded, ...forbiddenKeys(document, at)],
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

function sentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') {
    return 'is written twice here; keep one of the two'
  }
  return `is not YAML that can be read here: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
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
      message: 'has aliases that repeat too much; write the values out',
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

interface Found {
  readonly key: Node | null
  readonly value: Node | null
  /** Whether the whole path exists. */
  readonly isExact: boolean
}

/** Walks the path as far as the file goes, through aliases. */
function find(document: Document.Parsed, path: Path): Found {
  let found: Found = { key: null, value: document.contents, isExact: true }
  for (const part of path) {
    const next = child(resolved(document, found.value), part)
    if (next === null) return { ...found, isExact: false }
    found = { ...next, isExact: true }
  }
  return { ...found, value: resolved(document, found.value) }
}

function resolved(document: Document.Parsed, node: Node | null): Node | null {
  if (!isAlias(node)) return node
  return node.resolve(document) ?? null
}

function child(
  parent: Node | null,
  part: string | number,
): Omit<Found, 'isExact'> | null {
  if (isSeq<Node>(parent)) {
    const item = parent.items[Number(part)]
    return item === undefined ? null : { key: null, value: item }
  }
  if (!isMap<Node, Node | null>(parent)) return null
  const pair = parent.items.find(({ key }) => keyText(key) === String(part))
  return pair === undefined ? null : { key: pair.key, value: pair.value }
}

/** As document.toJS() names it. */
function keyText(key: Node): string {
  if (!isScalar(key)) return JSON.stringify(key)
  const { value } = key
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function offsetOf(found: Found, part: Part): number | null {
  const { key, value } = found
  const wantsKey = part === 'key' || !found.isExact || !isScalar(value)
  const node = wantsKey ? (key ?? value) : value
  return node?.range?.[0] ?? null
}

function strings(
  document: Document.Parsed,
): { path: Path; part: Part; text: string }[] {
  const found: { path: Path; part: Part; text: string }[] = []
  const walk = (node: Node | null, path: Path) => {
    if (isSeq<Node>(node)) {
      node.items.forEach((item, index) => walk(item, [...path, index]))
    } else if (isMap<Node, Node | null>(node)) {
      for (const { key, value } of node.items) {
        const inner = [...path, keyText(key)]
        found.push({ path: inner, part: 'key', text: keyText(key) })
        walk(value, inner)
      }
    } else if (isScalar(node) && typeof node.value === 'string') {
      found.push({ path, part: 'value', text: node.value })
    }
  }
  walk(document.contents, [])
  return found
}
