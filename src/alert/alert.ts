/**
 * Tells people how runs ended: once per cause and hour, and when the trouble
 * is over. Trouble with telling never changes what came of a run.
 */
import { type Clock, instant } from '../clock.js'
import { exitCode } from '../error.js'
import type { Log } from '../log.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Alert } from '../pipeline/policy.js'
import { isLoopback } from '../pipeline/target.js'
import type { RunRecord } from '../run/record.js'
import { deliver, type Delivery, wants } from './deliver.js'
import { discreet } from './discreet.js'
import type { GithubPlace } from './github.js'
import {
  closed,
  keepMemory,
  mayTell,
  type Memory,
  met,
  readMemory,
  told,
  type Trouble,
} from './memory.js'
import {
  type Around,
  eventOf,
  type Message,
  overdueMessage,
  recoveryMessage,
  runMessage,
} from './message.js'

export interface Teller {
  readonly pipeline: Pipeline
  /** The private folder of the pipeline, which remembers what was told. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly github: GithubPlace | null
  /** When it runs next by its schedule, ISO 8601, or null. */
  readonly nextRun: string | null
  /** A page about the run, such as that of a workflow, or null. */
  readonly link: string | null
}

/** After every run. Never throws. */
export async function tellRun(
  record: RunRecord,
  teller: Teller,
): Promise<void> {
  await quietly(teller, async (memory) => {
    const event = eventOf(record)
    if (event === null) return memory
    const message = runMessage(record, event, around(teller))
    if (event !== 'done') {
      const known = met(memory, message.cause, instant(teller.clock))
      const kept = await tell(message, known, teller)
      return await recover(record, kept, teller)
    }
    return await tell(message, await recover(record, memory, teller), teller)
  })
}

/** For a pipeline without a success for too long; `said` tells since when. */
export async function tellOverdue(said: string, teller: Teller): Promise<void> {
  await quietly(teller, async (memory) => {
    const at = instant(teller.clock)
    const { name } = teller.pipeline
    const message = overdueMessage(name, said, { ...around(teller), at })
    return await tell(message, met(memory, message.cause, at), teller)
  })
}

function around({ pipeline, nextRun, link }: Teller): Around {
  return { owner: pipeline.owner, nextRun, link }
}

async function quietly(
  { pipeline, folder, log }: Teller,
  work: (memory: Memory) => Promise<Memory>,
): Promise<void> {
  if (pipeline.alert.length === 0) return
  try {
    const memory = readMemory(folder)
    const after = await work(memory)
    if (after !== memory) await keepMemory(folder, after)
  } catch {
    // Whatever it was, the run's own result stands; its exit code tells.
    log.event('alert.failed', { msg: 'What was told could not be kept.' })
  }
}

/** Says a message where it is wanted, and remembers that it arrived. */
async function tell(
  message: Message,
  memory: Memory,
  teller: Teller,
): Promise<Memory> {
  const { alert } = teller.pipeline
  const safe = discreet(message, secretsOf(teller.pipeline))
  const at = instant(teller.clock)
  // The page of a workflow run is that run's own, so it is always written.
  const pages = alert.filter(({ channel }) => channel.kind === 'github')
  await deliver(safe, pages, delivery(teller))
  const others = alert.filter(({ channel }) => channel.kind !== 'github')
  if (!wants(others, message.event)) return memory
  if (!mayTell(memory, message.cause, at)) return memory
  const arrived = await deliver(safe, others, delivery(teller))
  return arrived ? told(memory, message.cause, at) : memory
}

/** A success ends what was wrong; a run without anything to do, reviews too. */
async function recover(
  record: RunRecord,
  memory: Memory,
  teller: Teller,
): Promise<Memory> {
  const gone = memory.open.filter(({ cause }) => isGone(cause, record))
  if (gone.length === 0) return memory
  const { alert } = teller.pipeline
  const known = gone.filter((one) => wasWanted(one, alert))
  const after = closed(memory, gone)
  if (known.length === 0 || !wants(alert, 'recovered')) return after
  const message = recoveryMessage(record, known, around(teller))
  const said = await tell(message, after, teller)
  const isTold = said !== after
  const isOnPage = alert.every(({ channel }) => channel.kind === 'github')
  // Who could not be reached now is told after the next run.
  return isTold || isOnPage ? said : memory
}

function isGone(cause: string, { status, exit_code: exit }: RunRecord) {
  if (cause.startsWith('review:')) return status === 'done'
  return exit === exitCode.done || exit === exitCode.needsPerson
}

function wasWanted({ cause }: Trouble, alert: readonly Alert[]): boolean {
  return alert.some(({ on }) => on.some((event) => cause.startsWith(event)))
}

function delivery(teller: Teller): Delivery {
  const { clock, github, log, pipeline } = teller
  return {
    clock,
    github,
    allowLoopback: isHere(pipeline),
    heard: (channel, why) => {
      if (why === null) log.event('alert.sent', { kind: channel })
      else log.event('alert.failed', { kind: channel, msg: why })
    },
  }
}

function isHere({ marketo }: Pipeline): boolean {
  if (marketo.kind === 'sandbox') return true
  const { endpoint } = marketo
  return URL.canParse(endpoint) && isLoopback(new URL(endpoint).hostname)
}

/** Everything of the pipeline that no message may say. */
function secretsOf({ marketo, alert }: Pipeline): string[] {
  const own =
    marketo.kind === 'sandbox' ? [] : [marketo.clientId, marketo.clientSecret]
  const addresses = alert.flatMap(({ channel }) => {
    if (channel.kind === 'github') return []
    if (channel.kind !== 'email') return [channel.url, ...tokens(channel.url)]
    const { password } = new URL(channel.smtp)
    return [channel.smtp, password, decodeURIComponent(password)]
  })
  return [...own, ...addresses]
}

/** Of a hook's address, the end and the query are what lets one in. */
function tokens(address: string): string[] {
  const { pathname, searchParams } = new URL(address)
  const last = pathname.split('/').at(-1) ?? ''
  return [last, ...searchParams.values()].filter((token) => token.length >= 8)
}
