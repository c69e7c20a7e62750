import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { scaledClock } from '../../src/clock.js'
import { fieldsToExport } from '../../src/extract/column.js'
import type { ExtractEvent } from '../../src/extract/event.js'
import { extract, type ExtractOptions } from '../../src/extract/extract.js'
import type { Extract } from '../../src/extract/landed.js'
import { PipelineError } from '../../src/error.js'
import type { CallRecord, Marketo } from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import type {
  DedupeService,
  ExtractPolicy,
  Pipeline,
} from '../../src/pipeline/pipeline.js'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { instance, parse } from '../pipeline/parse.js'

/** Faster, and a stall of a busy machine is longer than Marketo waits. */
const usualScale = 1000

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'extract-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function memoryWarehouse(): Promise<Warehouse> {
  const options = { path: ':memory:', temp: temporaryFolder(), sealed: false }
  const warehouse = await Warehouse.open(options)
  cleanups.push(() => warehouse.close())
  return warehouse
}

/** Marketo's side of the world, as its control endpoints tell it. */
export interface World {
  readonly leads: readonly Readonly<Record<string, unknown>>[]
  readonly lists: readonly { id: number; name: string; members: string[] }[]
  readonly jobs: readonly {
    exportId: string
    filter: { kind: string; from: number; to: number }
    queuedAt: number | null
    cancelledAt: number | null
    bytes: number
    startedAt: number | null
    endsAt: number | null
  }[]
}

export class Setup {
  readonly folder = temporaryFolder()
  readonly calls: CallRecord[] = []
  readonly events: ExtractEvent[] = []
  readonly sandbox: Sandbox
  readonly marketo: Marketo

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox
    this.marketo = this.connect(new AbortController().signal)
  }

  static async start(options: Partial<SandboxOptions> = {}): Promise<Setup> {
    const leads = { kind: 'generated', count: 300, seed: 5 } as const
    const sandbox = await startSandbox({
      leads,
      seed: 5,
      timeScale: usualScale,
      ...options,
    })
    cleanups.push(() => sandbox.close())
    return new Setup(sandbox)
  }

  connect(signal: AbortSignal): Marketo {
    const { endpoint, clientId, clientSecret, timeScale } = this.sandbox
    return connect({
      endpoint,
      clientId,
      clientSecret,
      budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
      timeScale,
      clock: scaledClock(timeScale),
      random: () => 0.5,
      onCall: (call) => this.calls.push(call),
      signal,
    })
  }

  async extract(options: Partial<ExtractOptions> = {}): Promise<Extract> {
    const pipeline = options.pipeline ?? pipelineOf()
    const marketo = options.marketo ?? this.marketo
    return await extract({
      marketo,
      pipeline,
      fields: fieldsToExport(pipeline, await marketo.schema()),
      folder: this.folder,
      emit: (event) => this.events.push(event),
      signal: new AbortController().signal,
      random: Math.random,
      ...options,
    })
  }

  async world(): Promise<World> {
    const world = await this.control('GET', '/sandbox/state')
    if (isWorld(world)) return world
    throw new Error('The sandbox tells nothing')
  }

  /** As a person would, in Marketo's own screens. */
  async deleteLead(id: string): Promise<void> {
    await this.call('POST', '/rest/v1/leads/delete.json', {
      input: [{ id: Number(id) }],
    })
  }

  /** A call of somebody else with the same credentials. */
  async call(method: string, path: string, body: unknown): Promise<unknown> {
    const { clientId, clientSecret } = this.sandbox
    const token = await this.control(
      'GET',
      `/identity/oauth/token?grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
    )
    const bearer = /"access_token":"([^"]+)"/.exec(JSON.stringify(token))?.[1]
    const authorization = `Bearer ${bearer}`
    return await this.control(method, path, body, { authorization })
  }

  async addFaults(...faults: Fault[]): Promise<void> {
    await this.control('POST', '/sandbox/faults', faults)
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', '/sandbox/faults')
  }

  async control(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const response = await fetch(`${this.sandbox.endpoint}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return await response.json()
  }

  /** How often each endpoint was called. */
  count(endpoint: string): number {
    return this.calls.filter((call) => call.endpoint === endpoint).length
  }
}

export const dedupe: DedupeService = {
  type: 'dedupe',
  name: 'people',
  list: null,
  match: [{ same: ['email'], similar: [], block: [], where: [], list: null }],
  auto: null,
  never: [],
  winner: [{ kind: 'oldest', field: 'createdAt' }],
  survive: [],
  consent: [],
  stamp: [],
  winnerChoice: { by: 'in_order', otherwise: 'lowest_id' },
  fill: 'best',
  crmMerge: false,
}

const usual = parse(instance).pipeline

/** What an extract does where a pipeline file says nothing of it. */
export const extractPolicy = usual.extract

type Change = Partial<Omit<Pipeline, 'extract'>> & {
  readonly extract?: Partial<ExtractPolicy>
}

export function pipelineOf({
  extract: policy,
  ...change
}: Change = {}): Pipeline {
  return {
    ...usual,
    extract: { ...usual.extract, fields: ['phone', 'company'], ...policy },
    services: [dedupe],
    ...change,
  }
}

/** Ids of all leads of an extract, in order. */
export async function landedIds(landed: Extract | null): Promise<string[]> {
  const warehouse = await memoryWarehouse()
  const files = (landed?.leads ?? []).map(literal).join(', ')
  const rows = await warehouse.rows<{ id: string }>(
    `select id from read_parquet([${files}]) order by cast(id as bigint)`,
  )
  return rows.map(({ id }) => id)
}

function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && 'leads' in value
}

/** What the work throws, which must be one of our errors. */
export async function failure(work: Promise<unknown>): Promise<PipelineError> {
  try {
    await work
  } catch (error) {
    if (error instanceof PipelineError) return error
    throw error
  }
  throw new Error('It did not fail')
}
