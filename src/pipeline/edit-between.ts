/** Which few edits make one collection the other. */
import { isDeepStrictEqual } from 'node:util'
import type { Edit } from './edit-splice.js'
import type { YamlValue } from './edit-value.js'
import type { Path } from './problem.js'

/** Without prototypes and missing keys, which compare as different. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}

/** null: it has to be written anew. */
export function between(
  before: unknown,
  value: YamlValue,
  path: Path,
): Edit[] | null {
  if (Array.isArray(before) && Array.isArray(value)) {
    return betweenLists(before, value, path)
  }
  if (Array.isArray(before) || Array.isArray(value)) return null
  if (typeof before !== 'object' || before === null) return null
  if (typeof value !== 'object' || value === null) return null
  const old = new Map<string, unknown>(Object.entries(before))
  const wanted = new Map<string, YamlValue | undefined>(Object.entries(value))
  const shared = [...old.keys()].some((key) => wanted.get(key) !== undefined)
  if (!shared) return null
  const edits: Edit[] = []
  for (const [key, each] of wanted) {
    if (each === undefined) continue
    if (isSame(old.get(key), each)) continue
    edits.push({ path: [...path, key], value: each })
  }
  for (const key of old.keys()) {
    if (wanted.get(key) !== undefined) continue
    edits.push({ path: [...path, key], value: undefined })
  }
  return edits
}

function betweenLists(
  before: readonly unknown[],
  value: readonly YamlValue[],
  path: Path,
): Edit[] | null {
  if (before.length === 0 || value.length === 0) return null
  const kept = before.filter((each) => value.some((item) => isSame(each, item)))
  const isGrown =
    kept.length > 0 && kept.every((each, at) => isSame(each, value[at]))
  if (isGrown) {
    const gone = before.flatMap((each, at) => (kept.includes(each) ? [] : [at]))
    return [
      ...gone
        .toReversed()
        .map((at) => ({ path: [...path, at], value: undefined })),
      ...value.slice(kept.length).map((item, at) => ({
        path: [...path, kept.length + at],
        value: item,
      })),
    ]
  }
  if (before.length !== value.length) return null
  return value.flatMap((item, at) =>
    isSame(before[at], item) ? [] : [{ path: [...path, at], value: item }],
  )
}

function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b))
}
