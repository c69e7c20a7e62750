import {
  commitWrite,
  inputOf,
  jsonBody,
  type Call,
  type Route,
} from './call.js'
import type { Lead } from './change.js'
import { textOf } from './json.js'
import { lookupField } from './lead-find.js'
import { createdLead, updatedLead, type WriteOutcome } from './lead-write.js'
import { ApiError, numberId, resultFirst, type Reply } from './reply.js'
import type { Field } from './schema.js'
import { Stage } from './stage.js'
import { valuesOf } from './sync-value.js'

const endpoint = 'leads/sync'

const actions = [
  'createOrUpdate',
  'createOnly',
  'updateOnly',
  'createDuplicate',
]

interface Request {
  readonly action: string
  readonly lookup: Field
  readonly partition: number | null
  readonly records: readonly Record<string, unknown>[]
  /** Answered at once, applied a few seconds later. */
  readonly isAsync: boolean
}

function requestOf(call: Call): Request {
  const body = jsonBody(call)
  const action = textOf(body['action'], 'createOrUpdate')
  if (!actions.includes(action)) {
    throw new ApiError('1001', `Invalid value '${action}' for 'action'`)
  }
  const records = inputOf(call)
  const lookup = lookupField(call, textOf(body['lookupField'], 'email'))
  const partition = partitionOf(call, body)
  const isAsync = body['asyncProcessing'] === true
  return { action, lookup, partition, records, isAsync }
}

function partitionOf(call: Call, body: Record<string, unknown>): number | null {
  const name = body['partitionName']
  if (name === undefined || name === null) return null
  for (const [id, known] of call.service.world.partitions) {
    if (known === name) return id
  }
  throw new ApiError('1010', 'The lead partition does not exist')
}

async function sync(call: Call): Promise<Reply> {
  const { service } = call
  await service.sleep(service.random.between(...service.timing.syncLatency))
  const request = requestOf(call)
  if (request.isAsync) {
    const wait = service.random.between(1000, 5000)
    service.later(wait, () => void applyAll(call, request))
    return resultFirst([])
  }
  const outcomes = applyAll(call, request)
  return resultFirst(outcomes.map((outcome) => shown(call, outcome)))
}

/**
 * Records in order, each seeing the ones before it. The changes reach the
 * state file as one line, together with the write log.
 */
function applyAll(call: Call, request: Request): WriteOutcome[] {
  const staged = new Stage(call)
  const outcomes = request.records.map((record) => {
    const outcome = applyOne(call, request, record, staged)
    staged.take(outcome.changes)
    return outcome
  })
  commitWrite(call, endpoint, staged.changes, {
    request: { action: request.action, lookupField: request.lookup.name },
    records: outcomes.map(({ id, status, error, fields }) => ({
      id,
      status,
      ...(error === undefined ? {} : { code: error.code }),
      fields,
    })),
  })
  return outcomes
}

function applyOne(
  call: Call,
  request: Request,
  record: Record<string, unknown>,
  stage: Stage,
): WriteOutcome {
  try {
    const target = targetOf(request, record, stage)
    const values = valuesOf(call, request.lookup, record)
    const at = call.service.now()
    return target === null
      ? createdLead(stage, { at, partition: request.partition, values })
      : updatedLead(stage, target, { at, values })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const id = request.lookup.name === 'id' ? idText(record) : null
    return { id, status: 'skipped', error, changes: [], fields: [] }
  }
}

function idText(record: Record<string, unknown>): string | null {
  const id = record['id']
  return id === undefined || id === null ? null : textOf(id)
}

/** The lead a record is about; null when one has to be created. */
function targetOf(
  request: Request,
  record: Record<string, unknown>,
  stage: Stage,
): Lead | null {
  const { action, lookup } = request
  if (action === 'createDuplicate') return null
  if (action === 'createOnly' && idText(record) !== null) {
    throw new ApiError('1003', "Field 'id' is not allowed with createOnly")
  }
  const raw = record[lookup.name]
  if (raw === undefined || raw === null || raw === '') {
    throw new ApiError(
      '1003',
      `Value for lookup field '${lookup.name}' not found`,
    )
  }
  const found = stage.find(lookup, textOf(raw))
  if (found.length > 1) {
    throw new ApiError('1007', 'Multiple leads match the lookup criteria')
  }
  const [lead] = found
  if (lead === undefined) {
    if (action === 'updateOnly' || lookup.name === 'id') {
      throw new ApiError('1004', 'Lead not found')
    }
    return null
  }
  if (request.partition !== null && request.partition !== lead.partition) {
    throw new ApiError('1010', 'The lead is in another partition')
  }
  if (action === 'createOnly') {
    throw new ApiError('1005', 'Lead already exists')
  }
  return lead
}

function shown(call: Call, { id, status, error }: WriteOutcome): object {
  if (error === undefined) return { id: numberId(id ?? '0'), status }
  const named = call.service.behaviour.skippedIds && id !== null
  const { code, message } = error
  return {
    ...(named ? { id: numberId(id) } : {}),
    status,
    reasons: [{ code, message }],
  }
}

export const syncRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/rest/v1/leads.json',
    permission: 'Read-Write Lead',
    write: endpoint,
    handler: sync,
  },
]
