/** The fake's HTTP: requests into operations, and answers into JSON. */
import type { Operation, Proof } from './event.js'
import type { Change } from './fault.js'
import { fileOf, leadsOf } from './import.js'
import { fields, type Lead, type Leads, type Write } from './marketo.js'

interface Asked {
  readonly url: string
  readonly method: string
  readonly body: string | null
}

export function operationOf({ url, body }: Asked): Operation {
  const { pathname, searchParams } = new URL(url)
  const isForm = searchParams.get('_method') === 'GET'
  const query = isForm ? new URLSearchParams(body ?? '') : searchParams
  if (pathname === '/identity/oauth/token') return { kind: 'identity' }
  if (pathname === '/rest/v1/stats/usage.json') return { kind: 'usage' }
  if (pathname === '/rest/v1/leads/describe2.json') return { kind: 'schema' }
  const merged = /^\/rest\/v1\/leads\/(\d+)\/merge\.json$/.exec(pathname)?.[1]
  if (merged !== undefined) {
    const losers = query.get('leadIds')?.split(',') ?? []
    const inCrm = query.get('mergeInCRM') === 'true'
    return { kind: 'merge', merge: { winner: merged, losers }, inCrm }
  }
  if (pathname === '/bulk/v1/leads.json') {
    return importOf(searchParams, body ?? '')
  }
  const asked = /^\/bulk\/v1\/leads\/batch\/(\d+)(?:\/(\w+))?\.json$/.exec(
    pathname,
  )
  if (asked !== null) return batchOf(Number(asked[1]), asked[2])
  if (pathname !== '/rest/v1/leads.json') return { kind: 'other' }
  if (query.get('filterType') === 'id') {
    return {
      kind: 'read',
      ids: query.get('filterValues')?.split(',') ?? [],
      fields: query.get('fields')?.split(',') ?? [],
    }
  }
  return updateOf(body ?? '{}')
}

/** By its id alone a lead is picked and never made (Adobe docs). */
function importOf(query: URLSearchParams, body: string): Operation {
  const isSafe =
    query.get('lookupField') === 'id' && query.get('format') === 'csv'
  const file = fileOf(body)
  return { kind: 'import', input: leadsOf(file), isSafe, file }
}

function batchOf(batch: number, of: string | undefined): Operation {
  if (of === undefined) return { kind: 'import_job', batch }
  return of === 'failures' || of === 'warnings'
    ? { kind: 'import_notes', batch, of }
    : { kind: 'other' }
}

function updateOf(body: string): Operation {
  const asked = JSON.parse(body) as {
    readonly action?: string
    readonly lookupField?: string
    readonly input?: readonly Lead[]
  }
  const isSafe = asked.action === 'updateOnly' && asked.lookupField === 'id'
  return { kind: 'update', input: asked.input ?? [], isSafe }
}

export interface Done {
  readonly body: Readonly<Record<string, unknown>>
  readonly proof: Proof
  readonly byLead: ReadonlyMap<string, Proof>
  readonly leads: ReadonlyMap<string, Lead> | null
  readonly writes: readonly Write[]
  /** The request whose import this calls over. */
  readonly over: number | null
}

const requestId = 'a1b2#17d0000'
const nothing = { byLead: new Map(), leads: null, writes: [], over: null }

/** Of an import: that it was taken, or how far it is. */
export function tellImport(
  record: Readonly<Record<string, unknown>>,
  proof: Proof,
  over: number | null,
): Done {
  const body = { requestId, success: true, result: [record] }
  return { ...nothing, body, proof, over }
}

export function failure(code: string, message: string) {
  return { requestId, success: false, errors: [{ code, message }] }
}

/** What a write does, and what Marketo would say to it. */
export function carryOut(
  operation: Extract<Operation, { kind: 'merge' | 'update' }>,
  leads: Leads,
  at: string,
): Done {
  if (operation.kind === 'merge') {
    const code = leads.merge(operation.merge, operation.inCrm, at)
    return code === null
      ? { ...nothing, body: { requestId, success: true }, proof: 'done' }
      : { ...nothing, body: failure(code, 'Refused'), proof: 'not_done' }
  }
  const byLead = new Map<string, Proof>()
  const writes: Write[] = []
  const result = operation.input.map(({ id: number, ...values }) => {
    const id = String(number)
    const code = leads.update(id, values, at)
    byLead.set(id, code === null ? 'done' : 'not_done')
    if (code !== null) {
      return { status: 'skipped', reasons: [{ code, message: 'Refused' }] }
    }
    for (const [field, value] of Object.entries(values)) {
      writes.push({ id, field, value })
    }
    return { id: Number(id), status: 'updated' }
  })
  const body = { requestId, success: true, result }
  return { ...nothing, body, proof: 'done', byLead, writes }
}

/** @param follow a lead that is gone is answered as its survivor */
export function read(
  { ids, fields: asked }: Extract<Operation, { kind: 'read' }>,
  leads: Leads,
  follow: boolean,
): Done {
  const found = new Map<string, Lead>()
  const result = ids.flatMap((id) => {
    const own = leads.get(id)
    if (own !== undefined) found.set(id, own)
    const into = follow ? leads.survivor(id) : undefined
    const lead = own ?? (into === undefined ? undefined : leads.get(into))
    return lead === undefined ? [] : [picked(lead, asked)]
  })
  const body = { requestId, result, success: true }
  return { ...nothing, body, proof: 'none', leads: found }
}

function picked(lead: Lead, asked: readonly string[]): Lead {
  return Object.fromEntries(
    asked.map((name) => [
      name,
      name === 'id' ? Number(lead['id']) : (lead[name] ?? null),
    ]),
  )
}

/** Describe and usage; anything else does not exist. */
export function tell(kind: Operation['kind'], calls: number): Done {
  if (kind === 'schema') {
    const described = fields.map((one) => ({ ...one, displayName: one.name }))
    const result = [{ fields: described, searchableFields: [['id']] }]
    return {
      ...nothing,
      body: { requestId, success: true, result },
      proof: 'none',
    }
  }
  if (kind === 'usage') {
    const result = [{ date: '2026-06-10', total: calls, users: [] }]
    return {
      ...nothing,
      body: { requestId, success: true, result },
      proof: 'none',
    }
  }
  const body = failure('610', 'Requested resource not found')
  return { ...nothing, body, proof: 'none' }
}

/** The answer as it leaves, and what it then proves. */
export function changed(
  done: Done,
  how: Change,
): { readonly text: string; readonly done: Done } {
  const { body } = done
  const text = JSON.stringify(body)
  const unproven = {
    ...done,
    proof: 'none' as const,
    byLead: new Map(),
    over: null,
  }
  switch (how) {
    case 'truncated':
      return { text: text.slice(0, text.length - 5), done: unproven }
    case 'no_result':
      return {
        text: `{"requestId":"${requestId}","success":true}`,
        done: unproven,
      }
    case 'contradiction': {
      const errors = [{ code: '1003', message: 'but' }]
      return { text: JSON.stringify({ ...body, errors }), done: unproven }
    }
    case 'short':
    case 'shuffled':
    case 'without_ids':
    case 'skipped':
      return ofResult(done, how)
  }
}

/** Changes to the records of an update's answer. */
function ofResult(
  done: Done,
  how: 'short' | 'shuffled' | 'without_ids' | 'skipped',
): { readonly text: string; readonly done: Done } {
  const result = (done.body['result'] ?? []) as readonly Readonly<
    Record<string, unknown>
  >[]
  const ids = [...done.byLead.keys()]
  const told = (records: readonly unknown[], byLead: Done['byLead']) => ({
    text: JSON.stringify({ ...done.body, result: records }),
    done: { ...done, byLead },
  })
  const isWhole = result.every((record) => record['status'] === 'updated')
  if (how === 'short') {
    // Without all ids nobody can tell whose record is missing.
    const named = new Map(
      ids
        .slice(1)
        .filter((_, n) => result[n + 1]?.['id'] !== undefined)
        .map((id) => [id, done.byLead.get(id) ?? 'none']),
    )
    return told(result.slice(1), named)
  }
  if (how === 'shuffled') {
    // A skipped record has no id, so it cannot be told whose it is.
    const named = ids.filter((_, n) => result[n]?.['id'] !== undefined)
    const proven = isWhole || result.length < 2 ? ids : named
    return told(
      result.toReversed(),
      new Map(proven.map((id) => [id, done.byLead.get(id) ?? 'none'])),
    )
  }
  if (how === 'skipped') return told(result, done.byLead)
  return told(
    result.map((record) => ({ ...record, id: undefined })),
    new Map(),
  )
}
