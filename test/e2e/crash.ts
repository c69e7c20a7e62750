/** The shipped binary under kill -9, with the disk kept or lost. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { calm, command, loseDisk, type World } from './crash-world.js'
import { newestLog, type Started, start } from './support.js'

/** What is done to one pipeline before it may end. */
export interface Scenario {
  readonly name: 'apply' | 'run' | 'disk lost'
  /** Begins with a plan that waits, or with nothing at all. */
  readonly isPlanned: boolean
  /** The pipeline's folder is lost with each process. */
  readonly isLost: boolean
  /** Steps in which it dies, drawn evenly. */
  readonly steps: readonly string[]
  readonly kills: { readonly least: number; readonly most: number }
}

export interface Moment {
  /** When it died, to be read. */
  readonly when: string
  /** What it was doing by its journal. */
  readonly doing: Doing
}

export const doings = [
  'before the first call',
  'a call in flight',
  'between two calls',
  'after the last row',
] as const

export type Doing = (typeof doings)[number]

export interface Killing {
  readonly next: () => number
  /** How long each step takes when nobody disturbs it. */
  readonly seconds: ReadonlyMap<string, number>
  readonly most: number
}

/** Answers that a process may get in its last step, at most. */
const mostAnswers = 10

/** Kills it again and again, then lets it end. */
export async function crash(
  world: World,
  scenario: Scenario,
  killing: Killing,
): Promise<readonly Moment[]> {
  const { folder } = world
  const moments: Moment[] = []
  let name: 'apply' | 'run' = scenario.isPlanned ? 'apply' : 'run'
  while (moments.length < killing.most) {
    const victim = new Victim(world, name)
    const when = await victim.dies(scenario, killing)
    if (when === null) break
    const isOver = moments.at(-1)?.doing === 'after the last row'
    moments.push({ when, doing: journalOf(folder) })
    // Another kill of what only has to be shown tells nothing new.
    if (isOver && !scenario.isLost) break
    if (!scenario.isLost) continue
    loseDisk(folder)
    name = 'run'
  }
  await calm(world, name)
  // What a lost plan had begun is found by the next one.
  if (scenario.isLost) await calm(world, name)
  return moments
}

/** A process that will be killed. */
class Victim {
  readonly #world: World
  /** The newest log of those before it. */
  readonly #before: string
  readonly #started: Started

  constructor(world: World, name: string) {
    const { folder, env } = world
    this.#world = world
    this.#before = newestLog(folder, 'acme')
    this.#started = start(command(folder, name), env)
  }

  /** Null where it had ended by itself. */
  async dies(
    { steps, isPlanned }: Scenario,
    { next, seconds }: Killing,
  ): Promise<string | null> {
    const step = steps[Math.floor(next() * steps.length)] ?? 'apply'
    const isAtOnce = isPlanned && step === 'apply'
    if (!isAtOnce) await this.#until(() => this.#hasBegun(step))
    const when =
      step === 'apply'
        ? await this.#getsAnswers(next)
        : await this.#takesTime(step, next() * (seconds.get(step) ?? 1))
    this.#started.process.kill('SIGKILL')
    const { signal } = await this.#started.finished
    return signal === 'SIGKILL' ? when : null
  }

  /** By answers, because a busy machine's clock says nothing of calls. */
  async #getsAnswers(next: () => number): Promise<string> {
    const answers = Math.floor(next() * mostAnswers)
    await Promise.race([
      this.#world.traffic.next(answers),
      this.#started.finished,
    ])
    const milliseconds = Math.round(next() * 10)
    await pause(milliseconds)
    return `apply after ${answers} answers and ${milliseconds} ms`
  }

  async #takesTime(step: string, seconds: number): Promise<string> {
    const milliseconds = Math.round(seconds * 1000)
    await pause(milliseconds)
    return `${step} after ${milliseconds} ms`
  }

  #hasBegun(step: string): boolean {
    const log = newestLog(this.#world.folder, 'acme')
    const started = `"event":"step.started","step":"${step}"`
    return log !== this.#before && log.includes(started)
  }

  /** Or until it has ended. */
  async #until(isSo: () => boolean): Promise<void> {
    while (this.#started.process.exitCode === null && !isSo()) await pause(10)
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds))
}

/** By the newest journal, which is on the disk before and after each call. */
function journalOf(folder: string): Doing {
  const place = join(folder, 'warehouse', 'acme', 'journal')
  const text = journals(place)
    .map((file) => readFileSync(join(place, file), 'utf8'))
    .join('')
  const of = (kind: string) => text.split(`"kind":"${kind}"`).length
  if (of('end') > 1) return 'after the last row'
  if (of('intent') === 1) return 'before the first call'
  return of('intent') > of('outcome') ? 'a call in flight' : 'between two calls'
}

function journals(place: string): string[] {
  try {
    return readdirSync(place).filter((name) =>
      /^[0-9a-f]{12}\.jsonl$/.test(name),
    )
  } catch {
    return []
  }
}
