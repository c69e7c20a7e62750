/** One change of a YAML text by cutting and filling at offsets. */
import { isCollection, isMap, isScalar, isSeq, type Node } from 'yaml'
import { between } from './edit-between.js'
import {
  byHand,
  collectionAt,
  endOf,
  endOfItem,
  eolOf,
  lineEnd,
  lineStart,
  pairOf,
  parseText,
  startOf,
  startOfItem,
} from './edit-node.js'
import { block, inline, quotedLike, type YamlValue } from './edit-value.js'
import type { Path } from './problem.js'

export interface Edit {
  readonly path: Path
  /** undefined: take it out. */
  readonly value: YamlValue | undefined
  /** A new key goes behind this one of its mapping; default the last. */
  readonly after?: string
}

/**
 * The text with the edit in it. Whoever calls compares what it then says
 * with what was wanted.
 */
export function splice(text: string, edit: Edit): string {
  const { path, value } = edit
  const last = path.at(-1)
  if (last === undefined) throw byHand(path)
  const parent = path.slice(0, -1)
  const holder = collectionAt(parseText(text), parent)
  const item =
    holder === null
      ? undefined
      : isMap<Node, Node | null>(holder)
        ? pairOf(holder, String(last))
        : holder.items[Number(last)]
  if (value === undefined) {
    if (holder === null || item === undefined) return text
    const isLast = holder.items.length === 1
    if (isLast && parent.length > 0) return remove(text, parent)
    return remove(text, path)
  }
  if (holder === null) {
    const end = parent.at(-1)
    if (end === undefined) throw byHand(path)
    return splice(text, { path: parent, value: { [last]: value } })
  }
  if (item === undefined) return add(text, edit)
  return replace(text, path, value)
}

/** Takes out a value; a mapping or list that it leaves empty goes too. */
function remove(text: string, path: Path): string {
  const last = path.at(-1)
  const parent = path.slice(0, -1)
  const holder = collectionAt(parseText(text), parent)
  if (holder === null || last === undefined) throw byHand(path)
  const isOnly = holder.items.length === 1
  if (isOnly && parent.length > 0) return remove(text, parent)
  const items: readonly unknown[] = holder.items
  const at = isMap<Node, Node | null>(holder)
    ? holder.items.findIndex((pair) => pair === pairOf(holder, String(last)))
    : Number(last)
  const item = items[at]
  if (item === undefined) return text
  if (isOnly && isSeq(holder))
    return cut(text, startOf(holder), endOf(holder, text), '[]')
  if (holder.flow === true) {
    const next = items[at + 1]
    const [from, to] =
      next === undefined
        ? [endOfItem(items[at - 1], text), endOfItem(item, text)]
        : [startOfItem(item), startOfItem(next)]
    return cut(text, from, to, '')
  }
  return removeLines(text, { items, at, isMap: isMap(holder) })
}

function removeLines(
  text: string,
  {
    items,
    at,
    isMap: isInMap,
  }: { items: readonly unknown[]; at: number; isMap: boolean },
): string {
  const item = items[at]
  const begin = startOfItem(item)
  const from = lineStart(text, begin)
  const before = text.slice(from, begin)
  const isAlone = isInMap ? before.trim() === '' : before.trim() === '-'
  if (isAlone) {
    const end = text.indexOf('\n', endOfItem(item, text))
    return cut(text, from, end === -1 ? text.length : end + 1, '')
  }
  // The first key of a list's item stands behind the dash.
  const next = items[at + 1]
  if (!isInMap || at > 0 || next === undefined) throw byHand([])
  return cut(text, begin, startOfItem(next), '')
}

function cut(text: string, from: number, to: number, by: string): string {
  return `${text.slice(0, from)}${by}${text.slice(to)}`
}

function replace(text: string, path: Path, value: YamlValue): string {
  const document = parseText(text)
  const node = nodeAt(document, path)
  if (isCollection(node) && typeof value === 'object' && value !== null) {
    const before: unknown = node.toJS(document)
    const pieces = between(before, value, path)
    if (pieces !== null) return pieces.reduce(splice, text)
  }
  const parent = collectionAt(document, path.slice(0, -1))
  const isInline = parent?.flow === true
  if (isScalar(node) && isSimple(value)) {
    const [from, to] = [startOf(node), endOf(node, text)]
    const written = text.slice(from, to)
    if (written !== '' && !/^[|>&!]/.test(written)) {
      return cut(text, from, to, quotedLike(value, written, isInline))
    }
  }
  return replaceWhole(text, path, value)
}

function nodeAt(
  document: ReturnType<typeof parseText>,
  path: Path,
): Node | null {
  const last = path.at(-1)
  const holder = collectionAt(document, path.slice(0, -1))
  if (holder === null || last === undefined) return null
  return isMap<Node, Node | null>(holder)
    ? (pairOf(holder, String(last))?.value ?? null)
    : (holder.items[Number(last)] ?? null)
}

function isSimple(value: YamlValue): boolean {
  return typeof value !== 'object' || value === null
}

/** Everything from the end of the key, or of the dash, is written anew. */
function replaceWhole(text: string, path: Path, value: YamlValue): string {
  const holder = collectionAt(parseText(text), path.slice(0, -1))
  const last = path.at(-1)
  if (holder === null || last === undefined) throw byHand(path)
  if (!isMap<Node, Node | null>(holder)) {
    const node = holder.items[Number(last)]
    if (node === undefined) throw byHand(path)
    return cut(text, startOf(node), endOf(node, text), inline(value))
  }
  const pair = pairOf(holder, String(last))
  if (pair === undefined) throw byHand(path)
  const from = text.indexOf(':', endOf(pair.key, text)) + 1
  const to = endOfItem(pair, text)
  const key = startOf(pair.key)
  const indent = ' '.repeat(key - lineStart(text, key))
  return cut(
    text,
    from,
    to,
    after(value, indent, holder.flow === true, eolOf(text)),
  )
}

/** What follows `key:`. */
function after(
  value: YamlValue,
  indent: string,
  isInline: boolean,
  eol: string,
): string {
  if (isInline || isSimple(value)) return ` ${inline(value)}`
  const lines = block({ key: value })
  const [first = '', ...rest] = lines
  return [
    first.slice('key:'.length),
    ...rest.map((line) => indent + line),
  ].join(eol)
}

function add(text: string, { path, value, after: behind }: Edit): string {
  const holder = collectionAt(parseText(text), path.slice(0, -1))
  const last = path.at(-1)
  if (holder === null || last === undefined || value === undefined) {
    throw byHand(path)
  }
  const items: readonly unknown[] = holder.items
  const isInMap = isMap<Node, Node | null>(holder)
  const named =
    behind === undefined || !isInMap ? undefined : pairOf(holder, behind)
  const item = named ?? items.at(-1)
  const eol = eolOf(text)
  if (holder.flow === true || item === undefined) {
    const piece = isInMap
      ? `${inline(String(last))}: ${inline(value)}`
      : inline(value)
    if (item === undefined) {
      const [open, close] = isInMap ? ['{ ', ' }'] : ['[', ']']
      return cut(
        text,
        startOf(holder),
        endOf(holder, text),
        `${open}${piece}${close}`,
      )
    }
    const at = endOfItem(item, text)
    return cut(text, at, at, `, ${piece}`)
  }
  const first = startOfItem(items[0])
  const dash = isInMap ? first : text.lastIndexOf('-', first - 1)
  const indent = ' '.repeat(dash - lineStart(text, dash))
  const lines = block(isInMap ? { [last]: value } : [value])
  const at = lineEnd(text, endOfItem(item, text))
  const gap = path.length === 1 && isSpaced(text, startOfItem(item)) ? eol : ''
  const piece = lines.map((line) => `${indent}${line}`).join(eol)
  return cut(text, at, at, `${eol}${gap}${piece}`)
}

/** Whether a blank line, or a comment after one, goes before this part. */
function isSpaced(text: string, at: number): boolean {
  const lines = text.slice(0, lineStart(text, at)).split(/\r?\n/).slice(0, -1)
  const above = lines.toReversed().find((line) => !line.startsWith('#'))
  return above !== undefined && above.trim() === ''
}
