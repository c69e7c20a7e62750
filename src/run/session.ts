/** What every step of a run shares: the pipeline, Marketo, the log. */
import { join } from 'node:path'
import { type Clock, scaledClock } from '../clock.js'
import type { Log } from '../log.js'
import type { CallRecord, Marketo } from '../marketo/api.js'
import { connect } from '../marketo/client.js'
import { hashKeys } from '../model/hash-function.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { MarketoTarget } from '../pipeline/pipeline.js'
import type { Sandbox } from '../sandbox/sandbox.js'
import { earlierCalls } from './day.js'
import type { Folders } from './folder.js'

export interface Session {
  readonly loaded: LoadedPipeline
  /** Absolute path of the folder with pipelines/ and models/. */
  readonly projectDir: string
  readonly folders: Folders
  readonly log: Log
  readonly marketo: Marketo
  /** The machine's time, for records; Marketo's is `marketo.clock`. */
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** Marketo's time in milliseconds after which nothing is begun; or null. */
  readonly deadline: number | null
  /** Marketo's monotonic time at which the pipeline was locked for this run. */
  readonly since: number
  close(): Promise<void>
}

interface Address {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly sandbox: Sandbox | null
}

/** A sandbox that keeps its state between runs, or the instance itself. */
async function address(
  target: MarketoTarget,
  folders: Folders,
): Promise<Address> {
  if (target.kind === 'instance') return { ...target, sandbox: null }
  // Loaded only here, because a real instance needs no simulator.
  const { startSandbox } = await import('../sandbox/sandbox.js')
  const sandbox = await startSandbox({
    leads:
      target.from === null
        ? { kind: 'generated', count: target.leads, seed: target.seed }
        : { kind: 'file', path: target.from },
    state: join(folders.sandbox, 'state'),
    seed: target.seed,
    timeScale: target.timeScale,
  })
  return { ...sandbox, sandbox }
}

function logCall(log: Log, call: CallRecord): void {
  log.event('call.ended', {
    endpoint: call.endpoint,
    method: call.method,
    http: call.http,
    mkto_code: call.code,
    mkto_request_id: call.requestId,
    class: call.outcome,
    dur_ms: Math.round(call.milliseconds),
    ...(call.counted && { mkto_ts: call.at }),
  })
}

/** A sandbox's clock runs faster than the machine's. */
function deadlineBy(
  marketo: Clock,
  {
    clock,
    deadline,
    loaded,
  }: Pick<SessionOptions, 'clock' | 'deadline' | 'loaded'>,
): number | null {
  if (deadline === undefined || deadline === null) return null
  const left = deadline - clock.now()
  return marketo.now() + left * loaded.pipeline.marketo.timeScale
}

export interface SessionOptions {
  readonly loaded: LoadedPipeline
  readonly projectDir: string
  readonly folders: Folders
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** Machine time in milliseconds; null: none. */
  readonly deadline?: number | null
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const { loaded, projectDir, folders, log, clock, random, signal } = options
  const target = loaded.pipeline.marketo
  const { endpoint, clientId, clientSecret, sandbox } = await address(
    target,
    folders,
  )
  log.hide(clientSecret)
  for (const key of hashKeys(loaded.pipeline).values()) log.hide(...key.secrets)
  const { concurrency } = target.budget
  const earlier = earlierCalls(folders.log, clock.now(), concurrency)
  const marketo = connect({
    endpoint,
    clientId,
    clientSecret,
    budget: target.budget,
    timeScale: target.timeScale,
    // Only a sandbox's clock runs ahead of ours.
    clock: scaledClock(
      target.timeScale,
      target.timeScale === 1 ? 0 : earlier.lastAt,
    ),
    initialCalls: earlier.count,
    recentCalls: earlier.recent,
    random,
    onCall: (call) => logCall(log, call),
    signal,
  })
  return {
    loaded,
    projectDir,
    folders,
    log,
    marketo,
    clock,
    random,
    signal,
    deadline: deadlineBy(marketo.clock, options),
    since: marketo.clock.monotonic(),
    async close() {
      await sandbox?.close()
    },
  }
}
