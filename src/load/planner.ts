import { badInput } from '../error.js'
import type { LeadSchema } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import {
  consentLost,
  type ConsentRules,
  consentRules,
  relaxedConsent,
} from './consent.js'
import { FieldRules, isCompanyField } from './field-rule.js'
import { idsOf } from './batch.js'
import { crmRecords } from './lane.js'
import { frozenLeads } from './unfinished.js'
import { checkGuardrails } from './guard.js'
import { planFolder } from './place.js'
import type { MergeRow, PlanHeader, UpdateRow } from './plan.js'
import { PlanWriter } from './plan-file.js'
import { planInstance } from './plan-refusal.js'
import { mergeRow, updateRow } from './plan-row.js'
import {
  type LoadFacts,
  mergePages,
  prepare,
  proveLoad,
} from './plan-source.js'
import { updatePages } from './update-source.js'
import { isSureWinner } from './predict.js'
import { PlanTally } from './plan-size.js'
import { importObstacle, PriceMeter } from './price.js'

export interface PlanRequest {
  readonly warehouse: Warehouse
  readonly pipeline: Pipeline
  readonly schema: LeadSchema
  readonly instance: string
  /** Cut line of the exports, ISO 8601 in UTC. */
  readonly asOf: string
  /** Leads of the instance. */
  readonly leads: number
  /** Private folder of the pipeline. */
  readonly folder: string
  /** Version of the program. */
  readonly tool: string
  /** Precision that labels prove at least, 0 to 1; default nothing known. */
  readonly precision?: number
}

export interface MadePlan {
  readonly header: PlanHeader
  readonly path: string
  /** Rows left out because an unresolved row of an earlier plan holds a lead. */
  readonly frozen: number
  /** Merges left out because a loser ranks, or may rank, higher in the CRM. */
  readonly overruled: number
}

/**
 * Writes what the load models want as a plan: same inputs, same bytes. Throws
 * PipelineError `plan_unsafe` (exit 1) where the models contradict each other,
 * `unwritable_field` or `value_too_long` (exit 3) where a rule cannot be done.
 */
export async function makePlan(request: PlanRequest): Promise<MadePlan> {
  const rules = new FieldRules(request.schema)
  await proveLoad(request.warehouse)
  const facts = await prepare(request.warehouse, request.pipeline)
  for (const field of facts.updateFields) refuseUnwritable(field, rules)
  const frozen = await frozenLeads(request.folder)
  const consent = consentRules(request.pipeline)
  const writer = await PlanWriter.create(planFolder(request.folder))
  try {
    const { load } = request.pipeline
    const noImport = importObstacle(request.schema, load.bulkImport)
    const draft = new Draft(
      consent,
      new PriceMeter({
        rules,
        bulkImport: noImport === null,
        crmRecordsPerHour: load.crmRecordsPerHour,
        kept: load.keep?.length ?? 0,
      }),
    )
    for await (const row of planRows(request.warehouse, facts, rules, {
      frozen,
      draft,
    })) {
      const relaxed = relaxedConsent(row, consent)
      if (relaxed !== null) throw consentLost(row, relaxed)
      await writer.add(row)
    }
    const made = await writer.finish(
      header(request, draft, { crm: facts.crm, noImport }),
    )
    return { ...made, frozen: draft.frozen, overruled: draft.overruled }
  } catch (error) {
    await writer.discard()
    throw error
  }
}

async function* planRows(
  warehouse: Warehouse,
  facts: LoadFacts,
  rules: FieldRules,
  { frozen, draft }: { frozen: ReadonlySet<string>; draft: Draft },
): AsyncGenerator<MergeRow | UpdateRow> {
  for await (const merge of mergePages(warehouse, facts)) {
    const row = mergeRow(merge, rules, draft.tally.merges + 1)
    if (idsOf(row).some((id) => frozen.has(id))) draft.frozen += 1
    else if (!isNamedWinnerSure(row)) draft.overruled += 1
    else yield draft.take(row)
  }
  for await (const { facts: changes, ...lead } of updatePages(warehouse)) {
    const { id } = lead
    const number = draft.tally.updates + 1
    const from = { ...lead, sources: facts.sources }
    const row = updateRow(from, changes, rules, number)
    if (row === null) continue
    refuseTooLong(row, rules)
    if (frozen.has(id)) draft.frozen += 1
    else yield draft.take(row)
  }
}

/** Otherwise Marketo might keep another record than the one we name. */
function isNamedWinnerSure(row: MergeRow): boolean {
  const losers = row.losers.map((id) => row.before[id] ?? {})
  return isSureWinner(row.before[row.winner] ?? {}, losers)
}

/** What goes into the plan, and what is left out of it. */
class Draft {
  readonly price: PriceMeter
  readonly tally: PlanTally
  /** CRM-linked leads that are updated. */
  crmUpdates = 0
  frozen = 0
  overruled = 0

  constructor(consent: ConsentRules, price: PriceMeter) {
    this.price = price
    this.tally = new PlanTally(consent)
  }

  take(row: MergeRow | UpdateRow): MergeRow | UpdateRow {
    this.price.add(row)
    this.tally.take(row)
    this.crmUpdates += row.kind === 'update' ? crmRecords(row) : 0
    return row
  }
}

function header(
  request: PlanRequest,
  draft: Draft,
  { crm, noImport }: { crm: number; noImport: string | null },
): Omit<PlanHeader, 'hash'> {
  const { pipeline, leads } = request
  const size = draft.tally.size(leads, request.precision ?? 0)
  const { merges, losers, updates } = size
  return {
    version: 1,
    tool: request.tool,
    pipeline: pipeline.name,
    instance: planInstance(request.instance),
    asOf: request.asOf,
    rules: rulesHash(pipeline),
    leads,
    merges,
    losers,
    updates,
    price: {
      ...draft.price.price(pipeline.marketo.budget, crm + draft.crmUpdates),
      ...(noImport !== null && updates > 0 && { noImport }),
    },
    guardrails: checkGuardrails(size, pipeline.load.guardrails),
  }
}

function refuseUnwritable(field: string, rules: FieldRules): void {
  if (rules.isSettable(field)) return
  const why = isCompanyField(field)
    ? 'belongs to the company record, which Marketo does not let a lead update write'
    : rules.field(field) === undefined
      ? 'does not exist in this instance'
      : 'is read-only in this instance'
  throw badInput(
    'unwritable_field',
    `The field ${field} ${why}. Nothing was planned; name another field in the pipeline file.`,
    { field },
  )
}

function refuseTooLong(row: UpdateRow, rules: FieldRules): void {
  for (const [field, value] of Object.entries(row.set)) {
    if (value === null || rules.fits(field, value)) continue
    throw badInput(
      'value_too_long',
      `The value for ${field} of lead ${row.id} is longer than the ${rules.field(field)?.length ?? 0} that the field holds. Nothing was planned; shorten it in the model or name another field.`,
      { field, lead: row.id },
    )
  }
}
