import { standardFields } from './standard-field.js'
import type { DataType } from './value.js'

/** One field of the lead object. */
export interface Field {
  readonly id: number
  readonly name: string
  readonly displayName: string
  readonly dataType: DataType
  /** Characters, or bytes for text; null where the type has none. */
  readonly length: number | null
  readonly updateable: boolean
  readonly crmManaged: boolean
  readonly standard: boolean
}

/** Lookups of the standard fields (Adobe docs, "Leads", filter types). */
const standardSearchable = [
  'id',
  'email',
  'cookies',
  'facebookId',
  'linkedInId',
  'twitterId',
  'leadPartitionId',
  'sfdcAccountId',
  'sfdcContactId',
  'sfdcLeadId',
  'sfdcLeadOwnerId',
  'sfdcOpptyId',
]

export class Schema {
  readonly #fields = new Map<string, Field>()

  get fields(): readonly Field[] {
    return [...this.#fields.values()]
  }

  field(name: string): Field | undefined {
    return this.#fields.get(name)
  }

  add(field: Field): void {
    this.#fields.set(field.name, field)
  }

  remove(name: string): void {
    this.#fields.delete(name)
  }

  isSearchable(field: Field): boolean {
    if (field.standard) return standardSearchable.includes(field.name)
    return ['string', 'email', 'integer'].includes(field.dataType)
  }

  searchable(): readonly string[] {
    return this.fields
      .filter((field) => this.isSearchable(field))
      .map((field) => field.name)
  }
}

const lengths: Partial<Record<DataType, number>> = {
  string: 255,
  text: 30_000,
  email: 255,
  phone: 255,
  url: 255,
  lead_function: 255,
}

export interface FieldDefinition {
  readonly name: string
  readonly dataType?: DataType
  readonly displayName?: string
  readonly length?: number
  readonly readOnly?: boolean
  readonly crmManaged?: boolean
  readonly standard?: boolean
}

export function defineField(id: number, given: FieldDefinition): Field {
  const dataType = given.dataType ?? 'string'
  return {
    id,
    name: given.name,
    displayName: given.displayName ?? displayName(given.name),
    dataType,
    length: given.length ?? lengths[dataType] ?? null,
    updateable: !(given.readOnly ?? false),
    crmManaged: given.crmManaged ?? false,
    standard: given.standard ?? false,
  }
}

function displayName(name: string): string {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Custom fields that pipelines write by default. */
const pipelineFields: readonly FieldDefinition[] = [
  { name: 'emailSha256' },
  { name: 'emailMd5' },
  { name: 'emailDomain' },
  { name: 'emailDomainType' },
  { name: 'duplicateCount', dataType: 'integer' },
  { name: 'mergedIds', dataType: 'text' },
  { name: 'mergedAt', dataType: 'datetime' },
  { name: 'firstCategory' },
  { name: 'dedupeCluster' },
]

/**
 * Standard fields, then the fields pipelines write, then `columns` as custom
 * string fields where they are none of these, then `extra`.
 */
export function buildSchema(
  columns: readonly string[],
  extra: readonly FieldDefinition[] = [],
): readonly Field[] {
  const given = [
    ...standardFields.map((field) => ({ ...field, standard: true })),
    ...pipelineFields,
    ...extra,
    ...columns.map((name) => ({ name })),
  ]
  const names = new Set<string>()
  return given
    .filter(({ name }) => name !== '' && !names.has(name) && names.add(name))
    .map((field, index) => defineField(index + 1, field))
}
