import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Path } from './problem.js'

/** Which part of a `key: value` a position is wanted of. */
export type Part = 'key' | 'value'

/** A string of the file, and where it stands. */
export interface Written {
  readonly path: Path
  readonly part: Part
  readonly text: string
}

/** A place in the syntax tree. */
export interface Found {
  readonly key: Node | null
  readonly value: Node | null
  /** Whether the whole path exists. */
  readonly isExact: boolean
}

/** Walks the path as far as the file goes, through aliases. */
export function find(document: Document.Parsed, path: Path): Found {
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

export function offsetOf(found: Found, part: Part): number | null {
  const { key, value } = found
  const wantsKey = part === 'key' || !found.isExact || !isScalar(value)
  const node = wantsKey ? (key ?? value) : value
  return node?.range?.[0] ?? null
}

/** Every text of the file; an alias of a text counts where it stands. */
export function strings(document: Document.Parsed): Written[] {
  const found: Written[] = []
  const walk = (node: Node | null, path: Path) => {
    if (isSeq<Node>(node)) {
      node.items.forEach((item, index) => walk(item, [...path, index]))
    } else if (isMap<Node, Node | null>(node)) {
      for (const { key, value } of node.items) {
        const inner = [...path, keyText(key)]
        found.push({ path: inner, part: 'key', text: keyText(key) })
        walk(value, inner)
      }
    } else {
      const scalar = resolved(document, node)
      if (!isScalar(scalar) || typeof scalar.value !== 'string') return
      found.push({ path, part: 'value', text: scalar.value })
    }
  }
  walk(document.contents, [])
  return found
}
