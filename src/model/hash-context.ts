/** What hash services look like to templates. */
import { hashFields } from '../pipeline/field.js'
import type { HashRule } from '../pipeline/hash.js'
import type { HashService } from '../pipeline/pipeline.js'
import { hashWords, isLegacy } from './hash.js'
import { readsPhone } from './hash-text.js'

const inputColumn = (field: string) => `input_${field}`

/** The field that is hashed; a phone's country only helps to read it. */
function hashedField({ input }: HashRule): string {
  return hashFields(input)[0] ?? input
}

export function hashContext(services: readonly HashService[]) {
  const rules = services.flatMap(({ write }) => write.map(({ rule }) => rule))
  const fields = [
    ...new Set([
      ...rules.map(hashedField),
      ...(rules.some(readsPhone) ? ['country'] : []),
    ]),
  ].toSorted()
  const phones = rules.filter(readsPhone).map(hashedField)
  return {
    hash: services.map(({ name, list, write }) => ({
      name,
      list,
      write: write.map(({ field, rule }) => ({
        field,
        rule,
        column: inputColumn(hashedField(rule)),
        is_phone: readsPhone(rule),
        is_legacy: isLegacy(rule),
        words: hashWords(rule),
      })),
    })),
    hash_fields: fields.map((field) => ({
      field,
      column: inputColumn(field),
    })),
    hash_field_names: fields,
    hash_phones: [...new Set(phones)].map(inputColumn).toSorted(),
  }
}
