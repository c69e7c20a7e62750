/** A Marketo on loopback with given leads, and a plan for them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scaledClock } from '../../src/clock.js'
import { applyPlan, type ApplyResult } from '../../src/load/apply.js'
import type { ApplyEvent } from '../../src/load/event.js'
import { consentRules } from '../../src/load/consent.js'
import { FieldRules } from '../../src/load/field-rule.js'
import { checkGuardrails } from '../../src/load/guard.js'
import type { PlanHeader, PlanRow } from '../../src/load/plan.js'
import { PlanWriter } from '../../src/load/plan-file.js'
import { planInstance } from '../../src/load/plan-refusal.js'
import { PlanTally } from '../../src/load/plan-size.js'
import { mergeRow, type Survivor, updateRow } from '../../src/load/plan-row.js'
import type {
  CallRecord,
  LeadRecord,
  LeadSchema,
  Marketo,
} from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import { rulesHash } from '../../src/pipeline/rules-hash.js'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { pipeline } from './pipeline.js'

export { pipeline } from './pipeline.js'

export const tool = '0.1.0-test'

export interface World {
  readonly sandbox: Sandbox
  readonly marketo: Marketo
  readonly schema: LeadSchema
  readonly rules: FieldRules
  readonly folder: string
  readonly calls: CallRecord[]
  /** What happened in the applications so far. */
  readonly events: ApplyEvent[]
  close(): Promise<void>
}

export async function startWorld(
  leads: readonly LeadRecord[],
  options: Partial<SandboxOptions> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'load-'))
  const path = join(folder, 'leads.csv')
  await writeFile(path, csv(leads))
  const timeScale = options.timeScale ?? 500
  const sandbox = await startSandbox({
    leads: { kind: 'file', path },
    seed: 3,
    timeScale,
    ...options,
  })
  const calls: CallRecord[] = []
  const marketo = newClient(sandbox, calls)
  const schema = await marketo.schema()
  return {
    sandbox,
    marketo,
    schema,
    rules: new FieldRules(schema),
    folder,
    calls,
    events: [],
    async close() {
      await sandbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function cell(value: LeadRecord[string] | undefined): string {
  return value === null || value === undefined
    ? 'null'
    : `"${String(value).replaceAll('"', '""')}"`
}

/** As a new process would have it: it remembers nothing. */
export function newClient(sandbox: Sandbox, calls: CallRecord[]): Marketo {
  return connect({
    ...sandbox,
    budget: pipeline.marketo.budget,
    clock: scaledClock(sandbox.timeScale),
    random: () => 0.5,
    onCall: (call) => calls.push(call),
  })
}

function csv(leads: readonly LeadRecord[]): string {
  const columns = [...new Set(leads.flatMap((lead) => Object.keys(lead)))]
  const lines = leads.map((lead) =>
    columns.map((column) => cell(lead[column])).join(','),
  )
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

export interface WantedMerge {
  readonly winner: string
  readonly losers: readonly string[]
  readonly survivors: readonly Survivor[]
  readonly mergeInCrm?: boolean
}

export interface WantedUpdate {
  readonly id: string
  readonly set: Readonly<Record<string, string>>
  /** The CRM knows the lead. */
  readonly crm?: boolean
  /** Fields that the new values are made of. */
  readonly madeOf?: readonly string[]
}

export function survivor(
  field: string,
  value: string,
  source: string,
  consent = false,
): Survivor {
  return { field, value, source, rule: 'test', consent }
}

/** A plan from what the leads hold now. */
export async function planFor(
  world: World,
  wanted: {
    readonly merges?: readonly WantedMerge[]
    readonly updates?: readonly WantedUpdate[]
  },
): Promise<string> {
  const { merges = [], updates = [] } = wanted
  const ids = [
    ...merges.flatMap((merge) => [merge.winner, ...merge.losers]),
    ...updates.map((update) => update.id),
  ]
  const records = await world.marketo.leads(ids, world.rules.names)
  const rows = [
    ...merges.map((merge, index) => plannedMerge(world, merge, records, index)),
    ...updates.map((update, index) => {
      const before = records.get(update.id) ?? {}
      const facts = Object.entries(update.set).map(([field, after]) => ({
        field,
        before: text(before[field]),
        after,
        service: 'test',
        reason: null,
      }))
      const { madeOf = [] } = update
      const held = Object.fromEntries(
        madeOf.map((field) => [field, text(before[field])]),
      )
      const lead = { ...update, held, sources: new Map([['test', madeOf]]) }
      const row = updateRow(lead, facts, world.rules, index + 1)
      if (row === null) throw new Error('the update changes nothing')
      return row
    }),
  ]
  return await writePlan(world, rows)
}

function plannedMerge(
  world: World,
  merge: WantedMerge,
  records: ReadonlyMap<string, LeadRecord>,
  index: number,
): PlanRow {
  const values = [merge.winner, ...merge.losers].map((id) => {
    const fields = Object.entries(records.get(id) ?? {})
    return [id, new Map(fields.map(([name, v]) => [name, text(v)]))] as const
  })
  const facts = {
    mergeInCrm: false,
    service: 'test',
    rules: ['same email'],
    why: 'oldest',
    guarded: ['email', 'sfdcType'],
    ...merge,
    values: new Map(values),
  }
  return mergeRow(facts, world.rules, index + 1)
}

function text(value: LeadRecord[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

export async function writePlan(
  world: World,
  rows: readonly PlanRow[],
  more: Partial<PlanHeader> = {},
): Promise<string> {
  const writer = await PlanWriter.create(join(world.folder, 'plan'))
  const tally = new PlanTally(consentRules(pipeline))
  for (const row of rows) {
    tally.take(row)
    await writer.add(row)
  }
  const leads = 5000
  const size = tally.size(leads, 0)
  const { path } = await writer.finish({
    version: 1,
    tool,
    pipeline: pipeline.name,
    instance: planInstance(world.marketo.instance),
    asOf: new Date(world.marketo.serverNow()).toISOString(),
    rules: rulesHash(pipeline),
    leads,
    merges: size.merges,
    losers: size.losers,
    updates: size.updates,
    price: { calls: 1, minutes: 1, share: 0, crm: 0 },
    guardrails: checkGuardrails(size, pipeline.load.guardrails),
    ...more,
  })
  return path
}

export async function apply(
  world: World,
  plan: string,
  more: Partial<Parameters<typeof applyPlan>[0]> = {},
): Promise<ApplyResult> {
  return await applyPlan({
    marketo: world.marketo,
    plan,
    folder: world.folder,
    pipeline,
    schema: world.schema,
    tool,
    run: 'run-1',
    emit: (event) => world.events.push(event),
    random: () => 0.5,
    // As in a process that has run for long, so that nothing is waited for.
    since: Number.NEGATIVE_INFINITY,
    // A process that a test let die is a part of this one.
    isAlive: () => false,
    ...more,
  })
}

/** Final statuses by row, with their reasons. */
export function outcomes(world: World): Record<string, string> {
  return Object.fromEntries(
    world.events.flatMap((event) =>
      event.type === 'row'
        ? [[event.row, `${event.status} ${event.reason}`.trim()]]
        : [],
    ),
  )
}

interface State {
  readonly leads: readonly (LeadRecord & { readonly id: string })[]
  readonly merges: readonly {
    readonly named: string
    readonly survivor: string
    readonly losers: readonly string[]
  }[]
}

/** What the sandbox itself holds, read past the client. */
export async function stateOf(world: World): Promise<State> {
  const answer = await fetch(`${world.sandbox.endpoint}/sandbox/state`)
  const state: unknown = await answer.json()
  if (!isState(state)) throw new Error('no state')
  return state
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && 'merges' in value
}

export async function leadIn(world: World, id: string): Promise<LeadRecord> {
  const { leads } = await stateOf(world)
  const lead = leads.find((one) => one.id === id)
  if (lead === undefined) throw new Error(`lead ${id} is gone`)
  return lead
}

export async function addFaults(
  world: World,
  ...faults: Fault[]
): Promise<void> {
  await fetch(`${world.sandbox.endpoint}/sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  })
}

export async function clearFaults(world: World): Promise<void> {
  await fetch(`${world.sandbox.endpoint}/sandbox/faults`, { method: 'DELETE' })
}

/** Requests of an endpoint that reached the sandbox, by the client's count. */
export function callsOf(world: World, endpoint: string): CallRecord[] {
  return world.calls.filter((call) => call.endpoint.includes(endpoint))
}

export const mergeEndpoint = 'POST .*/merge\\.json'
export const syncEndpoint = 'POST /rest/v1/leads\\.json'
