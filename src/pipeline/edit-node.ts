/** Where the parts of a YAML document stand in its text. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { badInput } from '../error.js'
import { dotted, type Path } from './problem.js'

export type Item = Pair<Node, Node | null>

export function parseText(text: string): Document.Parsed {
  return parseDocument(text, {
    merge: false,
    uniqueKeys: true,
    version: '1.2',
    prettyErrors: false,
  })
}

/** What a person has to do where a text cannot be changed piece by piece. */
export function byHand(path: Path): Error {
  return badInput(
    'edit_by_hand',
    `${dotted(path) || 'The file'} is written in a way that is not changed here without risk to the rest; edit the file as text.`,
  )
}

/** The collection at a path, not through aliases; null: there is none. */
export function collectionAt(
  document: Document.Parsed,
  path: Path,
): YAMLMap<Node, Node | null> | YAMLSeq<Node> | null {
  let node: Node | null = document.contents
  for (const [depth, part] of path.entries()) {
    const next = childOf(node, part)
    if (isAlias(next)) throw byHand(path.slice(0, depth + 1))
    node = next ?? null
  }
  if (isMap<Node, Node | null>(node) || isSeq<Node>(node)) return node
  return null
}

function childOf(node: Node | null, part: string | number): Node | null {
  if (isSeq<Node>(node)) return node.items[Number(part)] ?? null
  if (!isMap<Node, Node | null>(node)) return null
  return pairOf(node, String(part))?.value ?? null
}

export function pairOf(
  map: YAMLMap<Node, Node | null>,
  key: string,
): Item | undefined {
  return map.items.find(
    (pair) => isScalar(pair.key) && String(pair.key.value) === key,
  )
}

export function startOf(node: Node): number {
  const at = node.range?.[0]
  if (at === undefined) throw byHand([])
  return at
}

/** Where the last character that says something is over. */
export function endOf(node: Node, text: string): number {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1)
    if (last !== undefined) return endOfItem(last, text)
  }
  const end = node.range?.[1]
  if (end === undefined) throw byHand([])
  const written = text.slice(startOf(node), end)
  return end - (written.length - written.trimEnd().length)
}

export function endOfItem(item: unknown, text: string): number {
  if (isPair(item)) {
    const isWritten =
      item.value !== null && text.slice(...spanOf(item.value)).trim() !== ''
    if (isWritten && item.value !== null) return endOf(item.value, text)
    const colon = text.indexOf(':', endOf(item.key, text))
    if (colon === -1) throw byHand([])
    return colon + 1
  }
  if (isNode(item)) return endOf(item, text)
  throw byHand([])
}

function spanOf(node: Node): [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0]
}

export function startOfItem(item: unknown): number {
  if (isPair(item)) return startOf(item.key)
  if (isNode(item)) return startOf(item)
  throw byHand([])
}

function isPair(item: unknown): item is Item {
  return (
    typeof item === 'object' &&
    item !== null &&
    'key' in item &&
    isNode(item.key)
  )
}

function isNode(item: unknown): item is Node {
  return typeof item === 'object' && item !== null && 'range' in item
}

/** Offset of the first character of the line. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

/** Offset of the line's end, its break not included. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  const stop = end === -1 ? text.length : end
  return text[stop - 1] === '\r' && stop > at ? stop - 1 : stop
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
