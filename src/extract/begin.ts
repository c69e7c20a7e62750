import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { cancelQuietly } from './cancel.js'
import { readCapability } from './capability.js'
import { chainOf, isSound } from './chain.js'
import { oldestLead, overlap } from './change.js'
import { type Decision, decide, sinceOf } from './decide.js'
import type { Emit } from './event.js'
import { noOldestLead, otherInstance } from './fault.js'
import { fileHash, sizeOf } from './file.js'
import {
  isListsOnly,
  knownLists,
  type ResolvedList,
  resolveLists,
} from './lists.js'
import type { Route } from './route.js'
import { listRouteOf, routeOf } from './route-facts.js'
import { type ExtractState, StateFile, type Task } from './state.js'
import { keyOf, newTask } from './task.js'
import { isoSecond, toSecond } from './window.js'

export interface BeginOptions {
  readonly marketo: Marketo
  readonly pipeline: Pipeline
  readonly fields: readonly string[]
  /** Exports everything, although changes would do. */
  readonly fullRefresh: boolean
  /** The pipeline's private folder. */
  readonly folder: string
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly random: () => number
}

/**
 * The unfinished extract of the same fields, lists and start, or a new one:
 * of everything, or of what changed. An unfinished one of another kind is
 * abandoned.
 */
export async function begin(
  options: BeginOptions,
  landing: string,
  states: readonly StateFile[],
): Promise<StateFile> {
  const { marketo, pipeline, fields, emit } = options
  const known = knownLists(states)
  const lists = await resolveLists(marketo, pipeline, { known, emit })
  const fingerprint = fingerprintOf(options, lists)
  const chain = chainOf(states)
  const last = chain.at(-1)?.state ?? null
  const running = states.filter(({ state }) => state.status === 'running')
  const same = running.findLast(
    ({ state }) =>
      state.fingerprint === fingerprint && goesOn(state, last, options),
  )
  for (const other of running) {
    if (other !== same) await abandon(marketo, other, emit)
  }
  if (same !== undefined) return await resume(same, emit)
  if (last !== null) refuseOther(last.instance, options)
  const wanted = decide({
    isListsOnly: isListsOnly(pipeline),
    fullRefresh: options.fullRefresh,
    instance: instanceOf(marketo, pipeline),
    fields,
    start: pipeline.extract.start,
    last,
    isSound: await isSound(chain),
    capability: await readCapability(options.folder, marketo.instance),
    now: marketo.serverNow(),
  })
  const scopes = lists.flatMap((list) =>
    list.isScope ? keyOf(list.filter) : [],
  )
  const route =
    wanted.kind === 'list'
      ? listRouteOf(scopes, options, states)
      : routeOf(wanted, options, chain, states)
  // Known leads by id, and windows for new ones, are an increment.
  const isRead = route?.chosen === 'read' && wanted.kind !== 'list'
  const decision = isRead ? { ...wanted, kind: 'increment' as const } : wanted
  const state = {
    ...(await newState(options, { lists, fingerprint, last, decision, route })),
    ...(route !== null && { route }),
  }
  if (route !== null) emit({ type: 'route', ...route })
  const file = new StateFile(join(landing, state.id), state)
  await file.change(() => {})
  const { id, asOf, kind, why } = state
  const count = fields.length
  emit({ type: 'started', extract: id, asOf, fields: count, kind, why })
  return file
}

/** An increment needs what it builds on; a full refresh needs everything. */
function goesOn(
  { kind, base }: ExtractState,
  last: ExtractState | null,
  { fullRefresh }: BeginOptions,
): boolean {
  return kind !== 'increment' || (!fullRefresh && base === last?.id)
}

/** Same instance, fields, lists and start: the same export. */
function fingerprintOf(
  { marketo, pipeline, fields }: BeginOptions,
  lists: readonly ResolvedList[],
): string {
  const { start } = pipeline.extract
  const isOnly = isListsOnly(pipeline)
  const parts = [instanceOf(marketo, pipeline), fields, start, isOnly, lists]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** A sandbox that the run starts is the same one on another port. */
export function instanceOf(marketo: Marketo, pipeline: Pipeline): string {
  const target = pipeline.marketo
  if (target.kind === 'instance') return marketo.instance
  const { from, leads, seed } = target
  return from === null ? `sandbox ${leads} ${seed}` : `sandbox ${from}`
}

/** Sandboxes come and go; real leads must never be mixed with others. */
function refuseOther(old: string, { marketo, pipeline }: BeginOptions): void {
  const now = instanceOf(marketo, pipeline)
  if (old === now || (isSandbox(old) && isSandbox(now))) return
  throw otherInstance(pipeline.name, old, now)
}

function isSandbox(instance: string): boolean {
  return /^(sandbox |localhost:|127(\.\d{1,3}){3}:|\[::1\]:)/.test(instance)
}

interface NewState {
  readonly lists: readonly ResolvedList[]
  readonly fingerprint: string
  readonly last: ExtractState | null
  readonly decision: Decision
  readonly route: Route | null
}

async function newState(
  options: BeginOptions,
  { lists, fingerprint, last, decision, route }: NewState,
): Promise<ExtractState> {
  const { marketo, pipeline, fields, random } = options
  const { kind, why } = decision
  const isOnly = kind === 'list'
  const isExported = isOnly && route?.chosen !== 'read'
  const base = kind === 'increment' ? last : null
  const wantedStart = pipeline.extract.start
  const known = isoOrNull(wantedStart) ?? base?.start ?? null
  const start = isOnly ? null : (known ?? (await oldest(options)))
  const asOf = isoSecond(Math.floor(marketo.serverNow() / 1000))
  const since = last?.changesUntil ?? base?.updatesUntil ?? null
  return {
    version: 1,
    id: newId(asOf, random),
    kind,
    why,
    base: base?.id ?? null,
    instance: instanceOf(marketo, pipeline),
    fingerprint,
    fields,
    start,
    wantedStart,
    isWhole: kind === 'full',
    asOf,
    changesSince: since === null ? null : before(since, overlap),
    changesUntil: asOf,
    cursor:
      base !== null ? sinceOf(base) : (start ?? isoSecond(toSecond(asOf) + 1)),
    updatesUntil: asOf,
    tasks: lists.map(({ filter, names, isScope }) =>
      newTask({
        filter,
        fields: isExported && isScope ? fields : ['id'],
        lists: names,
        isLeads: isExported && isScope,
        ...(isOnly && isScope && !isExported && { isToRead: true }),
      }),
    ),
    hasChanges: false,
    status: 'running',
  }
}

function isoOrNull(date: string | null): string | null {
  return date === null ? null : isoSecond(toSecond(date))
}

async function oldest({ marketo, signal }: BeginOptions): Promise<string> {
  const date = isoOrNull(await oldestLead(marketo, signal))
  if (date === null) throw noOldestLead()
  return date
}

/** Sorts by time; the end tells two of one second apart. */
export function newId(asOf: string, random: () => number): string {
  const [date = '', time = ''] = asOf.replaceAll(/[-:Z]/g, '').split('T')
  const end = Math.floor(random() * 0x10000)
  return `${date}-${time}-${end.toString(16).padStart(4, '0')}`
}

function before(iso: string, milliseconds: number): string {
  return isoSecond(Math.floor((Date.parse(iso) - milliseconds) / 1000))
}

/** Takes back what was not finished, and only that. */
async function resume(file: StateFile, emit: Emit): Promise<StateFile> {
  const damaged: Task[] = []
  for (const task of file.state.tasks) {
    if (task.landed !== null && !(await isIntact(file, task))) {
      damaged.push(task)
    }
  }
  await file.change(() => {
    for (const task of damaged) {
      task.landed = null
      task.state = 'ready'
    }
  })
  const { id, asOf, fields, kind, why } = file.state
  const count = fields.length
  emit({ type: 'resumed', extract: id, asOf, fields: count, kind, why })
  return file
}

async function isIntact(file: StateFile, { landed }: Task): Promise<boolean> {
  if (landed === null) return false
  if (landed.parquet === null) return true
  const path = file.path(landed.parquet)
  if ((await sizeOf(path)) !== landed.bytes) return false
  return (await fileHash(path)) === landed.sha256
}

/** Another extract is wanted now; its jobs must not use up the quota. */
export async function abandon(
  marketo: Marketo,
  file: StateFile,
  emit: Emit,
): Promise<void> {
  const open = file.state.tasks.filter(
    ({ state }) => state === 'created' || state === 'queued',
  )
  for (const { exportId } of open) {
    if (exportId !== null) await cancelQuietly(marketo, exportId)
  }
  await file.change((state) => {
    state.status = 'abandoned'
  })
  emit({ type: 'abandoned', extract: file.state.id, jobs: open.length })
}
