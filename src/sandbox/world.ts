import { centralDay } from './central-time.js'
import type {
  Activity,
  CallCount,
  Change,
  DayUsage,
  FolderInfo,
  Gone,
  Lead,
  Merge,
  SmartListInfo,
  StaticListInfo,
  WriteCall,
} from './change.js'
import type { ExportRecord } from './export-job.js'
import type { ImportRecord } from './import-job.js'
import { LeadStore } from './lead-store.js'
import { Programs } from './program-members.js'
import { Schema } from './schema.js'
import type { Value } from './value.js'
import type { VirtualBase } from './virtual-base.js'

export interface StaticList extends StaticListInfo {
  /** Lead id -> when it joined. */
  readonly members: Map<string, number>
}

/**
 * Everything the simulated subscription remembers. It changes only by
 * `apply`, so replaying the same changes gives the same world.
 */
export class World {
  readonly schema = new Schema()
  readonly partitions = new Map<number, string>()
  readonly leads: LeadStore
  readonly gone = new Map<string, Gone>()
  readonly folders = new Map<number, FolderInfo>()
  readonly lists = new Map<number, StaticList>()
  readonly programs = new Programs()
  readonly smartLists = new Map<number, SmartListInfo>()
  readonly activities: Activity[] = []
  readonly merges: Merge[] = []
  readonly jobs = new Map<string, ExportRecord>()
  readonly imports = new Map<number, ImportRecord>()
  readonly usage = new Map<string, MutableUsage>()
  readonly writes = new Map<number, WriteCall>()
  readonly #emails = new Map<string, Set<string>>()
  /** The latest moment that anything recorded. */
  latest = 0
  lastWrite = 0
  lastActivity = 0
  highestId: bigint

  constructor(base: VirtualBase | null = null) {
    this.leads = new LeadStore(base)
    this.highestId = base?.lastId ?? 0n
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'field':
        return this.schema.add(change.field)
      case 'no-field':
        return this.schema.remove(change.name)
      case 'partition':
        return void this.partitions.set(change.id, change.name)
      case 'folder':
        return void this.folders.set(change.folder.id, change.folder)
      case 'list':
        return this.#putList(change.list)
      case 'smart-list':
        return void this.smartLists.set(change.list.id, change.list)
      case 'no-list':
        this.lists.delete(change.list)
        return void this.smartLists.delete(change.list)
      case 'lead':
        return this.#put(change.lead)
      case 'set':
        return this.#set(change)
      case 'gone':
        return this.#remove(change.gone)
      case 'merge':
        return this.#merge(change.merge)
      case 'join':
        return this.#join(change.list, change.lead, change.at)
      case 'leave':
        return void this.lists.get(change.list)?.members.delete(change.lead)
      case 'program':
        return this.programs.put(change.program)
      case 'member':
        return this.programs.enrol(change)
      case 'activity':
        this.lastActivity = Math.max(this.lastActivity, change.activity.n)
        return void this.activities.push(change.activity)
      case 'job':
        return void this.jobs.set(change.job.exportId, change.job)
      case 'import':
        return void this.imports.set(change.job.batchId, change.job)
      case 'call':
        return this.#count(change.call)
      case 'usage':
        return void this.usage.set(change.day, {
          users: { ...change.usage.users },
          errors: { ...change.usage.errors },
        })
      case 'write':
        this.lastWrite = Math.max(this.lastWrite, change.write.n)
        return void this.writes.set(change.write.n, change.write)
      case 'time':
        this.latest = Math.max(this.latest, change.at)
    }
  }

  /** Leads whose e-mail is the same but for case and outer blanks. */
  byEmail(email: string): Lead[] {
    const ids = new Set(this.#emails.get(emailKey(email)))
    for (const { id } of this.leads.base?.byEmail(email) ?? []) {
      const now = this.leads.get(id)
      if (emailOf(now) === emailKey(email)) ids.add(id)
    }
    return [...ids].flatMap((id) => this.leads.get(id) ?? [])
  }

  /** The id that an id became by merges; null when it was deleted. */
  resolve(id: string): string | null {
    let current = id
    for (;;) {
      const gone = this.gone.get(current)
      if (gone === undefined) return current
      if (gone.into === null) return null
      current = gone.into
    }
  }

  value(lead: Lead, field: string): Value {
    return lead.values[field] ?? null
  }

  #putList(list: StaticListInfo): void {
    const members = this.lists.get(list.id)?.members
    this.lists.set(list.id, {
      ...list,
      members: members ?? new Map<string, number>(),
    })
  }

  #put(lead: Lead): void {
    const before = this.leads.get(lead.id)
    const [old, now] = [emailOf(before), emailOf(lead)]
    this.leads.set(lead.id, lead)
    const number = BigInt(lead.id)
    if (number > this.highestId) this.highestId = number
    if (old === now) return
    if (old !== null) this.#emails.get(old)?.delete(lead.id)
    if (now === null) return
    const ids = this.#emails.get(now) ?? new Set()
    this.#emails.set(now, ids.add(lead.id))
  }

  #set(change: Extract<Change, { kind: 'set' }>): void {
    const lead = this.leads.get(change.id)
    if (lead === undefined) return
    const values: Record<string, Value> = { ...lead.values }
    for (const [name, value] of Object.entries(change.values)) {
      if (value === null) delete values[name]
      else values[name] = value
    }
    const updatedAt = change.standard ? change.at : lead.updatedAt
    this.#put({ ...lead, values, updatedAt, fieldUpdatedAt: change.at })
  }

  #remove(gone: Gone): void {
    this.gone.set(gone.id, gone)
    const number = BigInt(gone.id)
    if (number > this.highestId) this.highestId = number
    const lead = this.leads.get(gone.id)
    if (lead === undefined) return
    this.leads.delete(gone.id)
    const email = emailOf(lead)
    if (email !== null) this.#emails.get(email)?.delete(gone.id)
    for (const { members } of this.lists.values()) members.delete(gone.id)
    this.programs.remove(gone.id)
  }

  /** Memberships are united on the survivor, then the losers disappear. */
  #merge(merge: Merge): void {
    this.merges.push(merge)
    for (const { members } of this.lists.values()) {
      const joined = merge.losers.flatMap((id) => members.get(id) ?? [])
      if (joined.length === 0) continue
      const own = members.get(merge.survivor)
      members.set(merge.survivor, own ?? Math.min(...joined))
    }
    this.programs.unite(merge)
    for (const id of merge.losers) {
      this.#remove({ id, at: merge.at, into: merge.survivor })
    }
  }

  #join(list: number, lead: string, at: number): void {
    const members = this.lists.get(list)?.members
    if (members !== undefined && !members.has(lead)) members.set(lead, at)
  }

  #count(call: CallCount): void {
    this.latest = Math.max(this.latest, call.at)
    const day = centralDay(call.at)
    const usage = this.usage.get(day) ?? { users: {}, errors: {} }
    this.usage.set(day, usage)
    if (call.counted) {
      usage.users[call.user] = (usage.users[call.user] ?? 0) + 1
    }
    if (call.code === null) return
    usage.errors[call.code] = (usage.errors[call.code] ?? 0) + 1
  }
}

interface MutableUsage extends DayUsage {
  readonly users: Record<string, number>
  readonly errors: Record<string, number>
}

function emailOf(lead: Lead | undefined): string | null {
  const email = lead?.values['email']
  return typeof email === 'string' ? emailKey(email) : null
}

function emailKey(email: string): string {
  return email.trim().toLowerCase()
}

/** Changes that make an empty world equal to this one. */
export function* changesOf(world: World): Iterable<Change> {
  for (const field of world.schema.fields) yield { kind: 'field', field }
  for (const [id, name] of world.partitions) {
    yield { kind: 'partition', id, name }
  }
  for (const lead of world.leads.own()) yield { kind: 'lead', lead }
  for (const folder of world.folders.values()) yield { kind: 'folder', folder }
  for (const list of world.smartLists.values()) {
    yield { kind: 'smart-list', list }
  }
  for (const { members, ...list } of world.lists.values()) {
    yield { kind: 'list', list }
    for (const [lead, at] of members) {
      yield { kind: 'join', list: list.id, lead, at }
    }
  }
  yield* world.programs.changes()
  // Losers before the merges that removed them, so none is removed twice.
  for (const gone of world.gone.values()) yield { kind: 'gone', gone }
  for (const merge of world.merges) yield { kind: 'merge', merge }
  for (const activity of world.activities) yield { kind: 'activity', activity }
  for (const job of world.jobs.values()) yield { kind: 'job', job }
  for (const job of world.imports.values()) yield { kind: 'import', job }
  for (const [day, usage] of world.usage) yield { kind: 'usage', day, usage }
  for (const write of world.writes.values()) yield { kind: 'write', write }
  yield { kind: 'time', at: world.latest }
}

/** Ids are digits of any length. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
