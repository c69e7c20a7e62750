import type { LeadField, LeadSchema } from '../marketo/api.js'
import { ScoreHabits } from './score.js'

const company = new Set([
  'company',
  'website',
  'industry',
  'annualRevenue',
  'numberOfEmployees',
  'mainPhone',
  'sicCode',
  'site',
])

/**
 * Company fields live on a record shared by many leads; Sync Leads does not
 * support writing them (Adobe docs, "Companies").
 */
export function isCompanyField(name: string): boolean {
  return company.has(name) || /^billing[A-Z]/.test(name)
}

/** What load needs to know of an instance's fields, by API name. */
export class FieldRules {
  readonly names: readonly string[]
  readonly #fields: ReadonlyMap<string, LeadField>
  /** What merges of this instance do to lead scores. */
  readonly scores: ScoreHabits

  constructor(schema: LeadSchema, scores: ScoreHabits = new ScoreHabits()) {
    this.scores = scores
    this.names = schema.fields.map((field) => field.name)
    this.#fields = new Map(schema.fields.map((field) => [field.name, field]))
  }

  field(name: string): LeadField | undefined {
    return this.#fields.get(name)
  }

  /** Unknown fields are text. */
  type(name: string): string {
    return this.#fields.get(name)?.dataType ?? 'string'
  }

  /** Whether we may send this field at all. */
  isSettable(name: string): boolean {
    return this.#fields.get(name)?.updateable === true && !isCompanyField(name)
  }

  /** Whether we may write this value, canonical text, into the field. */
  takes(name: string, text: string): boolean {
    return this.isSettable(name) && this.fits(name, text)
  }

  /** Text areas are limited in bytes, other fields in characters. */
  fits(name: string, text: string): boolean {
    const field = this.#fields.get(name)
    if (field === undefined || field.length === null) return true
    const inBytes = ['text', 'textarea'].includes(field.dataType)
    const size = inBytes ? Buffer.byteLength(text, 'utf8') : text.length
    return size <= field.length
  }
}
