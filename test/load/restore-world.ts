/**
 * Merges in a sandbox, given back, and what an observer sees: the sandbox's
 * own state before and after, compared without the product's rules.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { planRestore } from '../../src/load/restore.js'
import type { LeadRecord } from '../../src/marketo/api.js'
import type { Kept } from '../../src/pipeline/policy.js'
import type { Restoration } from '../../src/load/restore-plan.js'
import {
  apply,
  pipeline,
  planFor,
  survivor,
  tool,
  type WantedMerge,
  type World,
} from './world.js'

export interface Seen {
  readonly leads: ReadonlyMap<string, LeadRecord>
  /** By lead: the static lists it is on. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** By lead: status by program. */
  readonly programs: ReadonlyMap<string, ReadonlyMap<string, string>>
}

interface State {
  readonly leads: readonly (LeadRecord & { readonly id: string })[]
  readonly lists: readonly {
    readonly id: number | string
    readonly members: readonly string[]
  }[]
  readonly programs: readonly {
    readonly id: number | string
    readonly members: readonly {
      readonly id: string
      readonly status: string
    }[]
  }[]
}

/** What the sandbox holds, read past the client. */
export async function see(world: World): Promise<Seen> {
  const answer = await fetch(`${world.sandbox.endpoint}/sandbox/state`)
  const state = (await answer.json()) as State
  const lists = new Map<string, string[]>()
  for (const { id, members } of state.lists) {
    for (const lead of members) {
      lists.set(lead, [...(lists.get(lead) ?? []), String(id)].toSorted())
    }
  }
  const programs = new Map<string, Map<string, string>>()
  for (const { id, members } of state.programs) {
    for (const { id: lead, status } of members) {
      const own = programs.get(lead) ?? new Map<string, string>()
      programs.set(lead, own.set(String(id), status))
    }
  }
  const leads = new Map(state.leads.map((lead) => [lead.id, lead]))
  return { leads, lists, programs }
}

function rank(lead: LeadRecord): number {
  const type = String(lead['sfdcType'] ?? '').toLowerCase()
  if (type === 'contact' || lead['sfdcContactId'] !== null) return 2
  return type === 'lead' || lead['sfdcLeadId'] !== null ? 1 : 0
}

const lent = ['phone', 'title', 'leadScore', 'city', 'lastName']

/** Disjoint groups of two to four; the lead of the highest rank survives. */
export function groupsOf(
  { leads }: Seen,
  count: number,
  random: () => number,
): WantedMerge[] {
  const rest = [...leads.values()].filter(
    (lead) => lead['isAnonymous'] !== true && lead['sfdcIsDeleted'] !== true,
  )
  return Array.from({ length: count }, () => {
    const size = 2 + Math.floor(random() * 3)
    const group = Array.from({ length: size }, () => {
      const [lead] = rest.splice(Math.floor(random() * rest.length), 1)
      if (lead === undefined) throw new Error('too few leads')
      return lead
    }).toSorted((a, b) => rank(b) - rank(a))
    const [winner, ...losers] = group
    const id = (lead: LeadRecord | undefined) => String(lead?.['id'])
    const opted = losers.find((lead) => lead['unsubscribed'] === true)
    const taken = lent.flatMap((field) => {
      const from = losers[Math.floor(random() * losers.length)]
      const value = from?.[field] ?? null
      const isPlain = value !== null && value !== 'null' && value !== ''
      return isPlain && random() < 0.5
        ? [survivor(field, String(value), id(from))]
        : []
    })
    const consent =
      opted !== undefined && winner?.['unsubscribed'] !== true
        ? [survivor('unsubscribed', 'true', id(opted), true)]
        : []
    return {
      winner: id(winner),
      losers: losers.map(id),
      survivors: [...taken, ...consent],
    }
  })
}

export async function merge(
  world: World,
  merges: readonly WantedMerge[],
): Promise<void> {
  const path = await planFor(world, { merges })
  const keep: readonly Kept[] = ['lists', 'programs']
  const keeping = {
    ...pipeline,
    load: { ...pipeline.load, keep },
  }
  const result = await apply(world, path, { pipeline: keeping })
  if (result.done !== merges.length) {
    throw new Error(`${result.done} of ${merges.length} merges are done`)
  }
}

export async function plan(
  world: World,
  wish: Partial<Parameters<typeof planRestore>[0]['wish']> = { run: 'run-1' },
) {
  return await planRestore({
    wish: { merge: null, run: null, ...wish },
    marketo: world.marketo,
    schema: world.schema,
    pipeline,
    folder: world.folder,
    tool,
  })
}

/** Old lead to new one, as the journals say; not by the product's reader. */
export async function madeAnew(world: World): Promise<Map<string, string>> {
  const folder = join(world.folder, 'journal')
  const made = new Map<string, string>()
  for (const name of await readdir(folder)) {
    if (!/^[0-9a-f]{12}\.jsonl$/.test(name)) continue
    const text = await readFile(join(folder, name), 'utf8')
    for (const line of text.trimEnd().split('\n')) {
      const entry = JSON.parse(line) as Record<string, string>
      if (entry['kind'] !== 'created') continue
      made.set(String(entry['lead']), String(entry['id']))
    }
  }
  return made
}

const optOuts = [
  'unsubscribed',
  'emailInvalid',
  'emailSuspended',
  'marketingSuspended',
  'blackListed',
]

/** The CRM's fields, and those of a company that many leads share. */
const ofOthers =
  /^(sfdc.*|website|industry|annualRevenue|numberOfEmployees|mainPhone|sicCode|site|billing.*)$/

/** A value that the API can write to a lead (Adobe docs, leads). */
function canReturn(world: World, field: string): boolean {
  const described = world.schema.fields.find(({ name }) => name === field)
  return described?.updateable === true && !ofOthers.test(field)
}

export interface Compared {
  /** Values that were compared. */
  readonly values: number
  /** Lists that leads are on again. */
  readonly lists: number
  /** Programs that leads are in again, with the status of then. */
  readonly programs: number
  /** Opt-outs that stayed although a record had none before. */
  readonly optOuts: number
  /** `lead field: was …, is …`. */
  readonly wrong: readonly string[]
}

/** Every value that can return is as it was before the merges. */
export async function compare(
  world: World,
  merges: readonly WantedMerge[],
  [before, merged, after]: readonly [Seen, Seen, Seen],
): Promise<Compared> {
  const made = await madeAnew(world)
  const wrong: string[] = []
  let [values, lists, programs, kept] = [0, 0, 0, 0]
  for (const { winner, losers } of merges) {
    for (const id of [winner, ...losers]) {
      const now = id === winner ? winner : (made.get(id) ?? '')
      const was = before.leads.get(id) ?? {}
      const is = after.leads.get(now)
      if (is === undefined) {
        wrong.push(`${id} is not back`)
        continue
      }
      // An opt-out that the merge brought the winner is never taken back.
      const stopped = (field: string) =>
        merged.leads.get(winner)?.[field] === true ||
        (id !== winner &&
          [winner, ...losers].some(
            (one) => before.leads.get(one)?.[field] === true,
          ))
      for (const field of Object.keys(was)) {
        const isOptOut = optOuts.includes(field)
        const isCompany = field === 'company' && id === winner
        if (!canReturn(world, field) || isCompany) continue
        values += 1
        const wanted = isOptOut && stopped(field) ? true : was[field]
        if (isOptOut && wanted !== was[field]) kept += 1
        if (is[field] === wanted) continue
        wrong.push(
          `${id} ${field}: was ${String(wanted)}, is ${String(is[field])}`,
        )
      }
      if (id === winner) continue
      for (const list of before.lists.get(id) ?? []) {
        lists += 1
        if (after.lists.get(now)?.includes(list) !== true) {
          wrong.push(`${id} is not on list ${list}`)
        }
      }
      for (const [program, status] of before.programs.get(id) ?? []) {
        programs += 1
        const found = after.programs.get(now)?.get(program)
        if (found === status) continue
        wrong.push(`${id} is ${found} in program ${program}, was ${status}`)
      }
    }
  }
  return { values, lists, programs, optOuts: kept, wrong }
}

export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export type { Restoration }
