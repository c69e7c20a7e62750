import { identifier } from '../warehouse/quote.js'

/**
 * SQL that a helper wrote. No plain string passes for it, so that nothing
 * but a helper's own text reaches a statement unquoted.
 */
export class Sql {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get text(): string {
    return this.#text
  }

  /** SQL is never a value: as one it would be quoted into nonsense. */
  toString(): string {
    throw new TypeError('SQL was used where a value is expected')
  }
}

/** A helper's SQL, or a `relation.column` that the template's author wrote. */
export function sqlOf(value: unknown): string {
  if (value instanceof Sql) return value.text
  return String(value).split('.').map(identifier).join('.')
}
