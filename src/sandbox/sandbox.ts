import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { scaledClock } from '../clock.js'
import { badInput } from '../error.js'
import { birthOf, sourceOf } from './birth.js'
import { FaultDesk } from './fault-desk.js'
import { importFile } from './import-queue.js'
import { LimitDesk } from './limit.js'
import {
  defaultBehaviour,
  defaultLimits,
  defaultTiming,
  type ClientOption,
  type SandboxOptions,
} from './option.js'
import { Others } from './others.js'
import { Random } from './random.js'
import { serve } from './server.js'
import { Service } from './service.js'
import { FolderShelf, MemoryShelf } from './shelf.js'
import { StateFile } from './state.js'
import { TokenDesk, uuidOf } from './token.js'
import { VirtualBase } from './virtual-base.js'
import { changesOf, World } from './world.js'

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, what a pipeline has as its endpoint. */
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly timeScale: number
  /** Ends every open call; the state file is complete. */
  close(): Promise<void>
}

/**
 * Starts a Marketo on loopback. With a state file it continues the world that
 * an earlier start left there, and its time never runs backwards.
 *
 * Throws PipelineError when the leads or the state file cannot be read, or
 * the port is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const timeScale = options.timeScale ?? 1
  const clients = options.clients ?? [defaultClient(options.seed ?? 1)]
  const [client] = clients
  if (client === undefined) throw new RangeError('A sandbox needs a client')
  const abort = new AbortController()
  // Every open call may be waiting.
  setMaxListeners(0, abort.signal)
  const state =
    options.state === undefined ? null : new StateFile(options.state)
  const service = await buildService(options, clients, state, abort.signal)
  const server = createServer(
    { maxHeaderSize: 1_048_576 },
    (request, response) => {
      serve(service, request, response).catch(() => response.destroy())
    },
  )
  const port = await listen(server, options.port ?? 0)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    clientId: client.id,
    clientSecret: client.secret,
    timeScale,
    close: async () => {
      abort.abort(new Error('The sandbox was closed'))
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      state?.close()
    },
  }
}

function defaultClient(seed: number): ClientOption {
  const secret = createHash('sha256').update(`secret ${seed}`).digest('hex')
  return {
    id: uuidOf(`client ${seed}`),
    secret: secret.slice(0, 32),
    user: 'pipeline-api@sandbox.example',
  }
}

async function buildService(
  options: SandboxOptions,
  clients: readonly ClientOption[],
  state: StateFile | null,
  signal: AbortSignal,
): Promise<Service> {
  const clock = options.clock ?? scaledClock(options.timeScale ?? 1)
  const seed = options.seed ?? 1
  const { leads } = options
  const world = new World(
    leads.kind === 'virtual' ? new VirtualBase(leads) : null,
  )
  await populate(options, state, world, clock.now())
  const offset = Math.max(0, world.latest + 1000 - clock.now())
  const { skew = 0, onExchange = null } = options
  const others = new Others(clock.now() + offset + skew, options.others)
  const limits = { ...defaultLimits, ...options.limits }
  const timing = { ...defaultTiming, ...options.timing }
  return new Service({
    world,
    clock,
    offset,
    skew,
    onExchange,
    others,
    seed,
    random: new Random(seed),
    limits,
    behaviour: { ...defaultBehaviour, ...options.behaviour },
    timing,
    tokens: new TokenDesk(clients, timing.tokenLife),
    limitDesk: new LimitDesk(limits, world, others),
    faults: new FaultDesk(new Random(seed + 1), options.faults ?? []),
    shelf: state === null ? new MemoryShelf() : shelfOf(state, world),
    state,
    signal,
  })
}

/** The export files beside a state file, without those of old jobs. */
function shelfOf(state: StateFile, world: World): FolderShelf {
  const shelf = new FolderShelf(state.exportFolder)
  const since = world.latest - 30 * 86_400_000
  const jobs = [...world.jobs.values()].filter(
    ({ createdAt }) => createdAt >= since,
  )
  const imports = [...world.imports.values()].map(importFile)
  const exports = jobs.map(({ exportId }) => `${exportId}.csv`)
  shelf.keepOnly(new Set([...exports, ...imports]))
  return shelf
}

/** The world of the state file, or a new one. */
async function populate(
  options: SandboxOptions,
  state: StateFile | null,
  world: World,
  now: number,
): Promise<void> {
  const seed = options.seed ?? 1
  let source: string
  if (state?.exists) {
    const origin = await state.read((change) => world.apply(change))
    source = origin.source
    await checkSource(options, source)
  } else {
    source = await sourceOf(options.leads)
    for (const change of await birthOf(options, Math.floor(now))) {
      world.apply(change)
    }
    world.latest = 0
  }
  state?.compact({ source, seed }, changesOf(world))
}

/** A lead file that is gone meanwhile is no longer needed. */
async function checkSource(
  { leads, state = '' }: SandboxOptions,
  stored: string,
): Promise<void> {
  if (leads.kind === 'file' && !existsSync(leads.path)) return
  const asked = await sourceOf(leads)
  if (asked === stored) return
  throw badInput(
    'sandbox_state',
    `The sandbox's state file ${state} holds a world of ${stored}, not of ${asked}. Name another state file, or remove this one to start anew.`,
  )
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const why = taken ? 'it is in use' : cause.message
      reject(
        badInput(
          'sandbox_port',
          `The sandbox cannot listen on port ${port}: ${why}. Name another one with --port.`,
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    })
  })
}
