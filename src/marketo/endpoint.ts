import type { Effect } from './classify.js'

export interface Endpoint {
  /** Template without ids, as it appears in records and messages. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly effect: Effect
  /** Marketo's own time limit in seconds (Adobe docs, leads, activities). */
  readonly seconds: number
  /** Which failures the client itself may follow by the same call. */
  readonly repeat: 'always' | 'unless_ambiguous' | 'never'
  /** Permission of the API user's role (Adobe docs, custom services). */
  readonly permission: string | null
}

function read(
  name: string,
  seconds: number,
  permission: string | null,
): Endpoint {
  const repeat = 'always'
  return { name, method: 'GET', effect: 'none', seconds, repeat, permission }
}

function write(name: string, effect: Effect, seconds: number): Endpoint {
  const permission = 'Read-Write Lead'
  const repeat = 'never'
  return { name, method: 'POST', effect, seconds, repeat, permission }
}

/** Of bulk calls no time limit is documented; 60 s is assumed. */
function bulk(
  name: string,
  effect: Effect,
  repeat: Endpoint['repeat'],
): Endpoint {
  const method = effect === 'job' ? 'POST' : 'GET'
  const permission = lead
  return {
    name: `bulk/leads/export${name}`,
    method,
    effect,
    seconds: 60,
    repeat,
    permission,
  }
}

const lead = 'Read-Only Lead'
const activity = 'Read-Only Activity'
const asset = 'Read-Only Assets'

export const endpoints = {
  identity: {
    ...read('identity/oauth/token', 30, null),
    method: 'POST',
  },
  usage: read('stats/usage', 30, null),
  schema: read('leads/describe2', 30, lead),
  describe: read('leads/describe', 30, lead),
  schemaFields: read(
    'leads/schema/fields',
    30,
    'Read-Write Schema Custom Field',
  ),
  leads: read('leads', 60, lead),
  partitions: read('leads/partitions', 30, lead),
  lists: read('lists', 30, lead),
  staticList: read('asset/staticList/{id}', 30, asset),
  smartList: read('asset/smartList/{id}', 30, asset),
  smartListByName: read('asset/smartList/byName', 30, asset),
  folder: read('asset/folder/{id}', 30, asset),
  listMembership: read('leads/{id}/listMembership', 30, 'Read-Only Asset'),
  isMember: read('lists/{id}/leads/ismember', 30, 'Read-Write Lead'),
  programMembership: read(
    'leads/{id}/programMembership',
    30,
    'Read-Only Asset',
  ),
  programMembers: read('programs/{id}/members', 30, lead),
  joinProgram: write('programs/{id}/members/status', 'update', 30),
  joinList: write('lists/{id}/leads', 'update', 30),
  update: write('leads', 'update', 90),
  merge: write('leads/{id}/merge', 'merge', 180),
  submitImport: write('bulk/leads', 'update', 120),
  importJob: read('bulk/leads/batch/{id}', 60, 'Read-Write Lead'),
  importFailures: read('bulk/leads/batch/{id}/failures', 60, 'Read-Write Lead'),
  importWarnings: read('bulk/leads/batch/{id}/warnings', 60, 'Read-Write Lead'),
  // A lost answer may have made a job, which the caller finds in the list.
  createExport: bulk('/create', 'job', 'unless_ambiguous'),
  // Harmless twice: a job is queued once and cancelled once.
  enqueueExport: bulk('/{id}/enqueue', 'job', 'always'),
  cancelExport: bulk('/{id}/cancel', 'job', 'always'),
  exportJob: bulk('/{id}/status', 'none', 'always'),
  exportJobs: bulk('', 'none', 'always'),
  exportFile: bulk('/{id}/file', 'none', 'always'),
  pagingToken: read('activities/pagingtoken', 300, activity),
  activities: read('activities', 30, activity),
  deletedLeads: read('activities/deletedleads', 30, activity),
} as const satisfies Record<string, Endpoint>

/** Path on the host, with ids filled in (Adobe docs, base URL). */
export function path(endpoint: Endpoint, id?: string): string {
  const name = id === undefined ? endpoint.name : fill(endpoint.name, id)
  if (name.startsWith('identity/')) return `/${name}`
  const [first, ...rest] = name.split('/')
  if (first === 'asset') return `/rest/asset/v1/${rest.join('/')}.json`
  if (first === 'bulk') return `/bulk/v1/${rest.join('/')}.json`
  return `/rest/v1/${name}.json`
}

function fill(name: string, id: string): string {
  return name.replace('{id}', encodeURIComponent(id))
}

/** Milliseconds to wait for an answer: longer than Marketo itself tries. */
export function patience(endpoint: Endpoint): number {
  return (endpoint.seconds + 20) * 1000
}

/**
 * Life that a token must have left, in milliseconds. Marketo hands out the
 * same one until it dies (Adobe docs, authentication), so all calls stand
 * still for as long in every hour.
 */
export function tokenLife(endpoint: Endpoint): number {
  return endpoint.effect === 'merge' ? 240_000 : 15_000
}
