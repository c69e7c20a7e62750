import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExtractEvent } from '../../src/extract/event.js'
import { extract } from '../../src/extract/extract.js'
import type { Extract } from '../../src/extract/landed.js'
import { loadLanded } from '../../src/extract/replay.js'
import type { CallRecord, Marketo } from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import { quotaDayStart } from '../../src/marketo/day.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import {
  type VirtualOptions,
  VirtualBase,
} from '../../src/sandbox/virtual-base.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { instance, parse } from '../pipeline/parse.js'
import { JumpClock } from './jump-clock.js'

export interface StageOptions {
  readonly leads: VirtualOptions
  readonly fields: readonly string[]
  /** Milliseconds since the epoch at which the first run begins. */
  readonly now: number
  /** Megabytes that the pipeline may export in a day. */
  readonly exportMbPerDay: number
  readonly sandbox?: Partial<SandboxOptions>
  readonly random: () => number
}

/** A sandbox and a pipeline's private folder, in one process and one time. */
export class Stage {
  readonly base: VirtualBase
  readonly clock: JumpClock
  readonly events: ExtractEvent[] = []
  /** Sees what the client says to Marketo; a soak may wrap it. */
  watch: (marketo: Marketo) => Marketo = (marketo) => marketo
  readonly #options: StageOptions
  readonly #sandbox: Sandbox
  readonly #pipeline: Pipeline
  readonly folder = mkdtempSync(join(tmpdir(), 'soak-'))
  readonly #calls: number[] = []
  /** How often each of Marketo's codes was answered. */
  readonly codes = new Map<string, number>()

  private constructor(
    options: StageOptions,
    clock: JumpClock,
    sandbox: Sandbox,
  ) {
    this.#options = options
    this.#sandbox = sandbox
    this.#pipeline = pipelineOf(options)
    this.clock = clock
    this.base = new VirtualBase(options.leads)
  }

  static async start(options: StageOptions): Promise<Stage> {
    const clock = new JumpClock(options.now)
    const sandbox = await startSandbox({
      leads: { kind: 'virtual', ...options.leads },
      seed: options.leads.seed,
      clock: clock.forServer(),
      ...options.sandbox,
    })
    return new Stage(options, clock, sandbox)
  }

  /** One run of a new process: what it knows is in the folder. */
  async run(): Promise<Extract> {
    const { fields, random } = this.#options
    return await extract({
      marketo: this.watch(this.#connect()),
      pipeline: this.#pipeline,
      fields,
      folder: this.folder,
      emit: (event) => this.events.push(event),
      signal: new AbortController().signal,
      random,
    })
  }

  #connect(): Marketo {
    const { random } = this.#options
    const { endpoint, clientId, clientSecret } = this.#sandbox
    const today = quotaDayStart(this.clock.now())
    return connect({
      endpoint,
      clientId,
      clientSecret,
      budget: this.#pipeline.marketo.budget,
      timeScale: 1,
      clock: this.clock,
      random,
      initialCalls: this.#calls.filter((at) => at >= today).length,
      onCall: (call) => this.#note(call),
    })
  }

  #note({ counted, at, code }: CallRecord): void {
    if (counted) this.#calls.push(Date.parse(at))
    if (code !== null) this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
  }

  /** The raw tables, as the next step of a run would have them. */
  async loaded<T>(
    found: Extract,
    look: (warehouse: Warehouse) => Promise<T>,
  ): Promise<T> {
    const warehouse = await Warehouse.open({
      path: ':memory:',
      temp: join(this.folder, 'temp'),
      sealed: false,
    })
    try {
      await loadLanded(warehouse, this.folder, {
        found,
        schema: { fields: [], searchable: [] },
      })
      return await look(warehouse)
    } finally {
      await warehouse.close()
    }
  }

  /** Somebody else's call with the same credentials. */
  async call(path: string, body: unknown): Promise<unknown> {
    const { clientId, clientSecret } = this.#sandbox
    const query = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`
    const token = await this.control('GET', `/identity/oauth/token?${query}`)
    const found = /"access_token":"([^"]+)"/.exec(JSON.stringify(token))
    return await this.control('POST', path, body, {
      authorization: `Bearer ${found?.[1] ?? ''}`,
    })
  }

  async addFaults(faults: readonly Fault[]): Promise<void> {
    await this.control('POST', '/sandbox/faults', faults)
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', '/sandbox/faults')
    await this.control('DELETE', '/sandbox/others')
  }

  async control(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const response = await fetch(`${this.#sandbox.endpoint}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return await response.json()
  }

  async close(): Promise<void> {
    await this.#sandbox.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Only its extract and its budget matter here. */
function pipelineOf({ leads, exportMbPerDay }: StageOptions): Pipeline {
  const start = new Date(leads.from).toISOString().slice(0, 10)
  return parse(`${instance}
  budget: { export_mb_per_day: ${exportMbPerDay} }
extract: { start: ${start} }
`).pipeline
}
