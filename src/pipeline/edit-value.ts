/** Values as they are written into a pipeline file. */
import {
  Document,
  isCollection,
  isPair,
  isScalar,
  Scalar,
  stringify,
  visit,
} from 'yaml'

/** What YAML can say; a missing key is undefined and never written. */
export type YamlValue =
  | null
  | boolean
  | number
  | string
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined }

const style = { lineWidth: 0 } as const

/** Older readers of YAML take 07:00 for a number of minutes. */
const sexagesimal = /^\d+(:\d+)+$/

function documentOf(value: unknown): Document {
  const document = new Document(value)
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return
      if (sexagesimal.test(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document
}

/** On one line, as it may stand between brackets or after a key. */
export function inline(value: YamlValue): string {
  // Within brackets a text with a comma needs quotes that it needs alone too.
  const line = documentOf([value])
    .toString({
      ...style,
      collectionStyle: 'flow',
      flowCollectionPadding: false,
    })
    .trim()
  return padded(line.slice(1, -1))
}

/** `{a: 1}` as people write it, `{ a: 1 }`. */
function padded(line: string): string {
  return line.startsWith('{') && line.length > 2
    ? `{ ${line.slice(1, -1)} }`
    : line
}

/** A text in the quotes that the one before it had. */
export function quotedLike(
  value: YamlValue,
  before: string,
  isInline: boolean,
): string {
  if (typeof value !== 'string') return inline(value)
  if (before.startsWith('"')) return JSON.stringify(value)
  const isPlain = !/[\p{Cc}\u2028\u2029]/u.test(value)
  if (before.startsWith("'") && isPlain) {
    return `'${value.replaceAll("'", "''")}'`
  }
  const isBare = isInline || sexagesimal.test(value)
  return isBare ? inline(value) : stringify(value, style).trimEnd()
}

/** Characters of a list or mapping that still goes on one line. */
const shortest = 64

/** Lines of `key: value` or `- value`, without indentation. */
export function block(value: YamlValue): string[] {
  const document = documentOf(value)
  visit(document, {
    Collection(at, node) {
      if (at === null) return
      const items: readonly unknown[] = node.items
      const isFlat = items.every((item) =>
        isScalar(isPair(item) ? item.value : item),
      )
      const text = JSON.stringify(node.toJS(document))
      if (isFlat && text.length <= shortest) node.flow = true
    },
  })
  // The mapping or list itself is what goes on lines of its own.
  if (isCollection(document.contents)) document.contents.flow = false
  const lines = document.toString(style).trimEnd().split('\n')
  return lines.map(withoutPadding)
}

/** `[ a ]` as people write it, `[a]`. */
function withoutPadding(line: string): string {
  return line.replace(/^(\s*(?:- )*(?:[\w-]+: )?)\[ (.*) \]$/, '$1[$2]')
}
