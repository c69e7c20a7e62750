import { randomBytes } from 'node:crypto'
import { scaledClock } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import { findList } from '../extract/lists.js'
import type { LeadSchema, Marketo, Usage } from '../marketo/api.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type {
  ListScope,
  MarketoTarget,
  Pipeline,
} from '../pipeline/pipeline.js'
import {
  type Check,
  failed,
  failedBy,
  passed,
  skipped,
  warned,
} from './check.js'
import { counted, formatBytes, formatNumber, formatShare } from '../format.js'

/** All of them together never make more calls than this. */
const mostCalls = 12
/** Real milliseconds until a silent Marketo counts as one that is not there. */
const patience = 25_000

const day = 86_400_000

/** Asks Marketo, reading only: reached, let in, allowed, fields, quota. */
export async function marketoChecks(loaded: LoadedPipeline): Promise<Check[]> {
  const target = loaded.pipeline.marketo
  const place = await open(target).catch((error: unknown) => error)
  if (!isPlace(place)) return [failedBy('endpoint', place)]
  const late = AbortSignal.timeout(patience)
  try {
    return await ask(loaded, await client(target, place, late), late)
  } finally {
    await place.close()
  }
}

interface Place {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  close(): Promise<void>
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'close' in value
}

/** A sandbox is started without its state, which a run may be using. */
async function open(target: MarketoTarget): Promise<Place> {
  if (target.kind === 'instance') return { ...target, close: async () => {} }
  const { startSandbox } = await import('../sandbox/sandbox.js')
  const { from, seed, timeScale } = target
  // Fields and limits do not depend on how many leads there are.
  const count = Math.min(target.leads, 100)
  return await startSandbox({
    leads:
      from === null
        ? { kind: 'generated', count, seed }
        : { kind: 'file', path: from },
    seed,
    timeScale,
  })
}

async function client(
  target: MarketoTarget,
  place: Place,
  signal: AbortSignal,
): Promise<Marketo> {
  const { connect } = await import('../marketo/client.js')
  return connect({
    endpoint: place.endpoint,
    clientId: place.clientId,
    clientSecret: place.clientSecret,
    budget: { ...target.budget, callsPerDay: mostCalls },
    timeScale: target.timeScale,
    clock: scaledClock(target.timeScale),
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
    onCall: () => {},
    signal,
  })
}

async function ask(
  loaded: LoadedPipeline,
  marketo: Marketo,
  late: AbortSignal,
): Promise<Check[]> {
  const { pipeline } = loaded
  try {
    const schema = await marketo.schema()
    return [
      passed('endpoint', `${marketo.instance} answers`),
      passed('credentials', 'accepted'),
      await permissionCheck(marketo, schema),
      await fieldCheck(loaded, schema),
      ...(await listChecks(pipeline, marketo)),
      await quotaCheck(marketo, pipeline),
    ]
  } catch (thrown) {
    return refused(thrown, marketo.instance, late)
  }
}

function unreached(...checks: readonly string[]): Check[] {
  return checks.map((check) => skipped(check, 'not reached'))
}

/** How far the first call came, and what is left unknown after it. */
function refused(
  thrown: unknown,
  instance: string,
  late: AbortSignal,
): Check[] {
  const code = thrown instanceof PipelineError ? thrown.code : ''
  const reached = passed('endpoint', `${instance} answers`)
  if (code === 'credentials' || code === 'token') {
    const check = failedBy('credentials', thrown)
    return [reached, check, ...unreached('permission', 'field', 'quota')]
  }
  if (code === 'permission') {
    const check = failedBy('permission', thrown)
    const accepted = passed('credentials', 'accepted')
    return [reached, accepted, check, ...unreached('field', 'quota')]
  }
  const unknown = unreached('credentials', 'permission', 'field', 'quota')
  if (!late.aborted) return [failedBy('endpoint', thrown), ...unknown]
  const text = `Marketo ${instance} did not answer within ${patience / 1000} s; check marketo.endpoint and the network.`
  return [failed('endpoint', text, exitCode.paused), ...unknown]
}

/**
 * What a run reads: leads, export jobs, activities. Writing cannot be tried
 * without writing, so it shows at the first apply.
 */
async function permissionCheck(
  marketo: Marketo,
  schema: LeadSchema,
): Promise<Check> {
  try {
    await marketo.leads(['1'], ['id'])
    await marketo.exportJobs()
    const yesterday = new Date(marketo.serverNow() - day)
    await marketo.pagingToken(yesterday.toISOString())
    const fields = counted(schema.fields.length, 'field')
    const text = `reads leads, exports, activities and ${fields}`
    return passed('permission', `${text}; writing shows at the first apply`)
  } catch (thrown) {
    return failedBy('permission', thrown)
  }
}

async function fieldCheck(
  loaded: LoadedPipeline,
  schema: LeadSchema,
): Promise<Check> {
  const { checkFields } = await import('../extract/column.js')
  const { fieldUses } = await import('../pipeline/field.js')
  const { pipeline } = loaded
  try {
    const { file } = pipeline
    checkFields(pipeline, schema, (path) => loaded.locate(path), file)
  } catch (thrown) {
    return failedBy('field', thrown)
  }
  const uses = fieldUses(pipeline).filter(({ isNamed }) => isNamed)
  const named = new Set(uses.map(({ field }) => field)).size
  const writes = uses.filter(({ purpose }) => purpose === 'write')
  const written = new Set(writes.map(({ field }) => field)).size
  return passed('field', `${named} named and found, ${written} can be written`)
}

/** Calls left for lists after the others. */
const mostLists = 3

async function listChecks(
  pipeline: Pipeline,
  marketo: Marketo,
): Promise<Check[]> {
  const scopes = pipeline.services.flatMap(({ list }) => list ?? [])
  const distinct = new Map(scopes.map((scope) => [keyOf(scope), scope]))
  const checks: Check[] = []
  for (const scope of [...distinct.values()].slice(0, mostLists)) {
    checks.push(await listCheck(scope, marketo))
  }
  return checks
}

function keyOf({ kind, list }: ListScope): string {
  return `${kind} ${list}`
}

async function listCheck(scope: ListScope, marketo: Marketo): Promise<Check> {
  const { kind, list } = scope
  try {
    const found = await findList(marketo, scope)
    if (found !== null) return passed('list', `${list} is list ${found.id}`)
    const text = `There is no ${kind} list ${JSON.stringify(list)}; names are exact, and an id works too.`
    return failed('list', text, exitCode.badInput)
  } catch (thrown) {
    return failedBy('list', thrown)
  }
}

/** Calls of a subscription a day, unless its contract says else (Adobe). */
const usualCalls = 50_000

async function quotaCheck(
  marketo: Marketo,
  pipeline: Pipeline,
): Promise<Check> {
  try {
    const usage = await marketo.usage()
    const { Volume } = await import('../extract/volume.js')
    const { callsPerDay, exportMbPerDay } = pipeline.marketo.budget
    const volume = new Volume(exportMbPerDay * 1_000_000)
    volume.addJobs(await marketo.exportJobs())
    const exported = volume.used(marketo.serverNow())
    const text = quotaText(usage, { callsPerDay, exportMbPerDay, exported })
    return usage.today < usualCalls * 0.8
      ? passed('quota', text)
      : warned('quota', `${text}. Others may leave too few calls for a run.`)
  } catch (thrown) {
    return failedBy('quota', thrown)
  }
}

interface OwnBudget {
  readonly callsPerDay: number
  readonly exportMbPerDay: number
  /** Bytes that the API user has exported today. */
  readonly exported: number
}

function quotaText({ today, resetsAt }: Usage, own: OwnBudget): string {
  const share = formatShare(today / usualCalls)
  const reset = resetsAt.slice(11, 16)
  const calls = `${formatNumber(today)} calls used today by everyone (${share} of ${formatNumber(usualCalls)}); budget ${formatNumber(own.callsPerDay)} calls`
  return `${calls}, ${formatBytes(own.exported)} of ${own.exportMbPerDay} MB exported; resets at ${reset} UTC`
}
