/**
 * Changes values of a YAML text piece by piece: every character that is not
 * part of what changes stays, comments, order and quotes among them.
 */
import { isDeepStrictEqual } from 'node:util'
import { badInput } from '../error.js'
import { plain } from './edit-between.js'
import { byHand, parseText } from './edit-node.js'
import { type Edit, splice } from './edit-splice.js'
import type { YamlValue } from './edit-value.js'
import type { Path } from './problem.js'

export type { Edit } from './edit-splice.js'

/**
 * The text with all edits in it, in their order.
 * @throws PipelineError (exit 3) where the file cannot be read, or is written
 * in a way (anchors, aliases) that forbids the change
 */
export function editText(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, edit) => {
    const wanted = changed(valueOf(before), edit.path, edit.value)
    const after = splice(before, edit)
    // The proof that nothing else changed; what was cut is cut by offsets.
    const holds = isDeepStrictEqual(plain(valueOf(after)), plain(wanted))
    if (!holds) throw byHand(edit.path)
    return after
  }, text)
}

export function valueOf(text: string): unknown {
  const document = parseText(text)
  if (document.errors.length > 0) throw unreadable()
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    // An alias of nothing, or too many of one another.
    if (thrown instanceof ReferenceError) throw unreadable()
    throw thrown
  }
}

function unreadable(): Error {
  return badInput(
    'edit_unreadable',
    'The file cannot be read as YAML, so it is changed as text only.',
  )
}

/** A copy with one value set or taken out; emptied mappings go as well. */
function changed(
  whole: unknown,
  [part, ...rest]: Path,
  value: YamlValue | undefined,
): unknown {
  if (part === undefined) return value
  if (Array.isArray(whole)) {
    const at = Number(part)
    const item = changed(whole[at], rest, value)
    return item === undefined || isEmptied(item, rest, value)
      ? whole.toSpliced(at, 1)
      : whole.toSpliced(at, 1, item)
  }
  const members = typeof whole === 'object' && whole !== null ? whole : {}
  const old = new Map<string, unknown>(Object.entries(members))
  const item = changed(old.get(String(part)), rest, value)
  if (item === undefined || isEmptied(item, rest, value)) {
    old.delete(String(part))
  } else {
    old.set(String(part), item)
  }
  return Object.fromEntries(old)
}

function isEmptied(item: unknown, rest: Path, value: unknown): boolean {
  const isHolder = typeof item === 'object' && item !== null
  return (
    value === undefined &&
    rest.length > 0 &&
    isHolder &&
    Object.keys(item).length === 0
  )
}
