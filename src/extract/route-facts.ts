import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { type Decision, sinceOf } from './decide.js'
import { choose, listOffersFor, offersFor, type Route } from './route.js'
import type { StateFile } from './state.js'
import { measuresOf } from './task.js'
import { Volume } from './volume.js'
import { toSecond } from './window.js'

interface Around {
  readonly marketo: Marketo
  readonly pipeline: Pipeline
  readonly fields: readonly string[]
}

/**
 * The cheaper way to the leads, where there are two: all leads are needed and
 * their ids are known. An increment is priced too, for the record. null where
 * nothing can be priced.
 */
export function routeOf(
  { kind, mayRead }: Decision,
  { marketo, pipeline, fields }: Around,
  chain: readonly StateFile[],
  states: readonly StateFile[],
): Route | null {
  const last = chain.at(-1)?.state
  if (last === undefined || !(mayRead || kind === 'increment')) return null
  const now = Math.floor(marketo.serverNow() / 1000)
  const tasks = chain.flatMap(({ state }) => state.tasks)
  const leads = tasks.filter(({ isLeads }) => isLeads)
  const known = sum(leads.map(({ landed }) => landed?.rows ?? 0))
  const measures = [
    ...measuresOf(leads, 'createdAt'),
    ...measuresOf(leads, 'updatedAt'),
  ]
  const rows = sum(measures.map((each) => each.rows))
  const bytes = sum(measures.map((each) => each.bytes))
  const since = now - toSecond(sinceOf(last))
  const isAll = kind === 'full'
  const wider = fields.length / Math.max(1, last.fields.length)
  const offers = offersFor({
    known,
    exported: isAll ? known : changedIn(chain, since),
    bytesPerLead: rows === 0 ? 0 : (bytes / rows) * wider,
    seconds: isAll ? now - toSecond(last.start ?? last.asOf) : since,
    sinceBase: since,
  })
  const volume = new Volume(pipeline.marketo.budget.exportMbPerDay * 1_000_000)
  for (const { state } of states) volume.addTasks(state.tasks)
  const left = {
    calls: marketo.callsLeft,
    bytes: volume.left(marketo.serverNow()),
  }
  return mayRead
    ? choose(offers, left)
    : { chosen: 'export', offers: offers.filter(isExport) }
}

/**
 * The cheaper way to the leads of lists, by what their last exports held and
 * weighed; null where one of them is not known.
 */
export function listRouteOf(
  keys: readonly string[],
  { marketo, pipeline, fields }: Around,
  states: readonly StateFile[],
): Route | null {
  const tasks = states.flatMap(({ state }) =>
    state.status === 'done' ? state.tasks : [],
  )
  const members = keys.map(
    (key) => tasks.findLast((task) => task.key === key)?.rows ?? null,
  )
  const whole = tasks.filter(
    (task) => keys.includes(task.key) && task.fields.length > 1 && task.rows,
  )
  const [last] = whole.slice(-1)
  if (last === undefined || members.length === 0) return null
  if (members.some((rows) => rows === null)) return null
  const perLead = (last.bytes ?? 0) / Math.max(1, last.rows ?? 0)
  const offers = listOffersFor({
    lists: keys.length,
    members: sum(members.map((rows) => rows ?? 0)),
    bytesPerLead: perLead * (fields.length / last.fields.length),
  })
  const volume = new Volume(pipeline.marketo.budget.exportMbPerDay * 1_000_000)
  for (const { state } of states) volume.addTasks(state.tasks)
  const left = {
    calls: marketo.callsLeft,
    bytes: volume.left(marketo.serverNow()),
  }
  return choose(offers, left)
}

function isExport({ route }: { readonly route: string }): boolean {
  return route === 'export'
}

/** Leads that change in so many seconds, by the increments so far. */
function changedIn(chain: readonly StateFile[], seconds: number): number {
  const windows = chain.flatMap(({ state }) =>
    measuresOf(state.tasks, 'updatedAt'),
  )
  const rows = sum(windows.map((each) => each.rows))
  const time = sum(windows.map(({ from, to }) => to - from + 1))
  return time === 0 ? 0 : Math.ceil((rows / time) * seconds)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
