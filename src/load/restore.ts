/** Plans what gives merges back: old values, and the lost leads as new ones. */
import type { LeadRecord, LeadSchema, Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import { consentRules } from './consent.js'
import { FieldRules } from './field-rule.js'
import { checkGuardrails } from './guard.js'
import { planFolder } from './place.js'
import type { CreateRow, PlanHeader, PlanRow, UpdateRow } from './plan.js'
import { PlanWriter } from './plan-file.js'
import { planInstance } from './plan-refusal.js'
import { PlanTally } from './plan-size.js'
import { PriceMeter } from './price.js'
import {
  type Restoration,
  type Restored,
  restoreMerge,
  type World,
} from './restore-plan.js'
import {
  findMerges,
  type PastMerge,
  restoredLeads,
  type RestoreWish,
} from './restore-source.js'
import { recordText } from './text.js'

export interface RestoreRequest {
  readonly wish: RestoreWish
  readonly marketo: Marketo
  readonly schema: LeadSchema
  readonly pipeline: Pipeline
  /** Private folder of the pipeline. */
  readonly folder: string
  /** Version of the program. */
  readonly tool: string
}

export interface RestorePlan {
  readonly header: PlanHeader
  readonly path: string
  readonly restorations: readonly Restoration[]
}

/**
 * Reads what Marketo holds now and writes a plan. Nothing is sent. Throws
 * badInput (exit 3) where the wish names no merge, or several.
 */
export async function planRestore(
  request: RestoreRequest,
): Promise<RestorePlan> {
  const merges = await findMerges(request.folder, request.wish)
  const rules = {
    fields: new FieldRules(request.schema),
    consent: consentRules(request.pipeline),
  }
  const world = await readWorld(request, merges, rules.fields)
  const restored = merges.map((merge) => restoreMerge(merge, world, rules))
  const rows = rowsOf(restored)
  const writer = await PlanWriter.create(planFolder(request.folder))
  try {
    for (const row of rows) await writer.add(row)
    const made = await writer.finish(headerOf(request, rows, merges))
    const restorations = restored.map(({ restoration }) => restoration)
    return { ...made, restorations }
  } catch (error) {
    await writer.discard()
    throw error
  }
}

async function readWorld(
  { marketo, folder }: RestoreRequest,
  merges: readonly PastMerge[],
  rules: FieldRules,
): Promise<World> {
  const ids = merges.flatMap(({ row }) => [row.winner, ...row.losers])
  const now = await marketo.leads(ids, rules.names)
  const restored = await restoredLeads(folder)
  const emails = merges.flatMap(({ row, before }) =>
    row.losers.flatMap((id) =>
      now.has(id) ? [] : (addressOf(before.get(id)) ?? []),
    ),
  )
  const holders =
    emails.length === 0
      ? new Map<string, LeadRecord>()
      : await marketo.leadsByEmail(emails, [])
  const partitions = await marketo.partitions()
  const named = partitions.map(({ id, name }) => [id, name] as const)
  return {
    now,
    holders,
    restored,
    partitions: new Map(partitions.length > 1 ? named : []),
  }
}

function addressOf(record: LeadRecord | undefined): string | null {
  const email = recordText(record?.['email'], 'email')
  return email === null || /[,\p{Cc}]/u.test(email) ? null : email
}

function plainEmail({ set }: Restored['creates'][number]): string {
  return (set['email'] ?? '').trim().toLowerCase()
}

/** Values first: what a winner gives back is no other lead's twin any more. */
function rowsOf(restored: readonly Restored[]): PlanRow[] {
  const updates = restored.flatMap(({ update }) => update ?? [])
  const creates = restored.flatMap((each) => each.creates)
  const times = new Map<string, number>()
  for (const create of creates) {
    times.set(plainEmail(create), (times.get(plainEmail(create)) ?? 0) + 1)
  }
  return [
    ...updates.map(
      (update, at): UpdateRow => ({
        row: rowName('u', at + 1),
        ...update,
      }),
    ),
    ...creates.map((create, at): CreateRow => {
      const email = plainEmail(create)
      const isAlone = create.twins.length === 0 && times.get(email) === 1
      const action = email !== '' && isAlone ? 'createOnly' : 'createDuplicate'
      return { row: rowName('c', at + 1), action, ...create }
    }),
  ]
}

function rowName(kind: 'u' | 'c', number: number): string {
  return `${kind}${String(number).padStart(6, '0')}`
}

function headerOf(
  { marketo, pipeline, tool }: RestoreRequest,
  rows: readonly PlanRow[],
  merges: readonly PastMerge[],
): Omit<PlanHeader, 'hash'> {
  const price = new PriceMeter()
  const tally = new PlanTally(consentRules(pipeline))
  for (const row of rows) {
    price.add(row)
    tally.take(row)
  }
  const { updates, creates } = tally
  const leads = merges.reduce((sum, { row }) => sum + row.losers.length + 1, 0)
  return {
    version: 1,
    tool,
    pipeline: pipeline.name,
    instance: planInstance(marketo.instance),
    asOf: new Date(marketo.serverNow()).toISOString(),
    rules: rulesHash(pipeline),
    leads,
    merges: 0,
    losers: 0,
    updates,
    creates,
    price: price.price(pipeline.marketo.budget, 0),
    // It merges nobody, so no labels have to prove anything.
    guardrails: checkGuardrails(tally.size(leads, 1), pipeline.load.guardrails),
  }
}
