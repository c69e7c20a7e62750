/**
 * The fields that an instance has and had, and what changed between two
 * looks: pure comparison. Times are ISO 8601.
 */
import type { FieldDetail, LeadField } from '../marketo/api.js'

export type FieldFact = LeadField & FieldDetail

export interface ContractField extends FieldFact {
  readonly firstSeen: string
  readonly lastSeen: string
  /** The last change of it, or null. */
  readonly change: ChangeKind | null
  /** Names that it had before, oldest first. */
  readonly formerNames: readonly string[]
}

export type ChangeKind =
  | 'new'
  | 'removed'
  | 'returned'
  | 'renamed'
  | 'retyped'
  | 'shortened'
  | 'lengthened'
  | 'read_only'
  | 'writable'
  | 'crm_managed'
  | 'hidden'

export interface FieldChange {
  readonly field: string
  readonly change: ChangeKind
  readonly before: string | null
  readonly after: string | null
  readonly seenAt: string
}

export interface Contract {
  readonly version: 1
  /** Present and removed ones, by name. */
  readonly fields: readonly ContractField[]
  /** Every change ever seen, oldest first. */
  readonly changes: readonly FieldChange[]
}

/** Compares with the contract of the run before; null at the first. */
export function compareFields(
  before: Contract | null,
  now: readonly FieldFact[],
  seenAt: string,
): { readonly contract: Contract; readonly changes: readonly FieldChange[] } {
  const known = new Map((before?.fields ?? []).map((each) => [each.name, each]))
  const renames = renamesOf([...known.values()], now)
  const pairs = now.map((field) => {
    const old =
      known.get(field.name) ?? known.get(renames.get(field.name) ?? '')
    return { field, old: old ?? null }
  })
  const named = new Set(pairs.flatMap(({ old }) => old?.name ?? []))
  const gone = [...known.values()].filter(({ name }) => !named.has(name))
  const seen = pairs.map(({ field, old }) => {
    const changes = before === null ? [] : changesOf(old, field, seenAt)
    return { changes, field: stateOf(field, old, changes, seenAt) }
  })
  const lost = gone.map((field) => lossOf(field, seenAt))
  const all = [...seen, ...lost]
  const changes = all.flatMap((each) => each.changes)
  const fields = all
    .map(({ field }) => field)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const history = [...(before?.changes ?? []), ...changes]
  return { contract: { version: 1, fields, changes: history }, changes }
}

/**
 * Former name by new name. Marketo's field id stays when a field is renamed;
 * where ids are not told, a field that went and one that came are the same
 * when no other has their display name and type.
 */
function renamesOf(
  known: readonly ContractField[],
  now: readonly FieldFact[],
): Map<string, string> {
  const present = new Set(now.map(({ name }) => name))
  const gone = known.filter(
    ({ name, change }) => !present.has(name) && change !== 'removed',
  )
  const names = new Set(known.map(({ name }) => name))
  const come = now.filter(({ name }) => !names.has(name))
  const pairs = come.flatMap((field) => {
    const same = gone.filter((old) => isSame(old, field))
    const rivals = come.filter((other) =>
      same.some((old) => isSame(old, other)),
    )
    const [only] = same
    const isSure = same.length === 1 && rivals.length === 1
    return only !== undefined && isSure
      ? [[field.name, only.name] as const]
      : []
  })
  return new Map(pairs)
}

function isSame(old: FieldFact, field: FieldFact): boolean {
  if (old.id !== null && field.id !== null) return old.id === field.id
  const isLike = old.displayName === field.displayName
  return isLike && old.dataType === field.dataType
}

type Fact = readonly [ChangeKind, string | null, string | null]

function changesOf(
  old: ContractField | null,
  field: FieldFact,
  seenAt: string,
): FieldChange[] {
  if (old === null) {
    return [
      {
        field: field.name,
        change: 'new',
        before: null,
        after: field.dataType,
        seenAt,
      },
    ]
  }
  const [was, is] = [old.length ?? 0, field.length ?? 0]
  const facts: (Fact | false)[] = [
    old.change === 'removed' && ['returned', null, null],
    old.name !== field.name && ['renamed', old.name, field.name],
    old.dataType !== field.dataType && [
      'retyped',
      old.dataType,
      field.dataType,
    ],
    is < was && ['shortened', String(was), String(is)],
    is > was && ['lengthened', String(was), String(is)],
    old.updateable && !field.updateable && ['read_only', null, null],
    !old.updateable && field.updateable && ['writable', null, null],
    !old.crmManaged && field.crmManaged && ['crm_managed', null, null],
    old.isHidden === false && field.isHidden === true && ['hidden', null, null],
  ]
  return facts
    .filter((fact) => fact !== false)
    .map(([change, before, after]) => {
      return { field: field.name, change, before, after, seenAt }
    })
}

function stateOf(
  field: FieldFact,
  old: ContractField | null,
  changes: readonly FieldChange[],
  seenAt: string,
): ContractField {
  const former = old?.formerNames ?? []
  const isRenamed = old !== null && old.name !== field.name
  const kept = old?.change === 'removed' ? null : (old?.change ?? null)
  return {
    ...field,
    // Ids and traits stay known where they are not told this time.
    id: field.id ?? old?.id ?? null,
    isHidden: field.isHidden ?? old?.isHidden ?? null,
    isSensitive: field.isSensitive ?? old?.isSensitive ?? null,
    firstSeen: old?.firstSeen ?? seenAt,
    lastSeen: seenAt,
    change: changes[0]?.change ?? kept,
    formerNames: isRenamed ? [...former, old.name] : former,
  }
}

function lossOf(
  field: ContractField,
  seenAt: string,
): { field: ContractField; changes: FieldChange[] } {
  if (field.change === 'removed') return { field, changes: [] }
  const { name, dataType } = field
  const change = 'removed' as const
  const entry = { field: name, change, before: dataType, after: null, seenAt }
  return { field: { ...field, change }, changes: [entry] }
}
