/**
 * Random faults over extract:
 * `faults.js [--schedules N] [--seed N] [--replay SEED] [--least N]`.
 */
import { parseArgs } from 'node:util'
import { faultClasses } from './fault-class.js'
import { scheduleOf } from './schedule.js'
import { play, type Verdict } from './trial.js'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
    /** Hits that every class needs; 20 for 1,000 schedules. */
    least: { type: 'string' },
  },
})

function note(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function replay(seed: number): Promise<void> {
  const schedule = scheduleOf(seed)
  note(JSON.stringify(schedule, null, 2))
  const { hits, ...verdict } = await play(schedule)
  note(JSON.stringify({ ...verdict, hits: Object.fromEntries(hits) }, null, 2))
  if (verdict.wrong !== null) process.exitCode = 1
}

/** Goes on past `count`, by a tenth at most, while a class was hit too rarely. */
async function soak(first: number, count: number): Promise<void> {
  const started = performance.now()
  const verdicts: Verdict[] = []
  const end = first + Math.ceil(count * 1.1)
  for (let seed = first; seed < end; seed += 1) {
    if (seed >= first + count && rareClasses(verdicts, count).length === 0)
      break
    const verdict = await play(scheduleOf(seed))
    verdicts.push(verdict)
    if (verdict.wrong !== null) note(`seed ${seed}: ${verdict.wrong}`)
    if ((seed - first + 1) % 100 === 0) note(`${seed - first + 1} played`)
  }
  tell(verdicts, count, performance.now() - started)
}

/** Hits that every class needs. */
function leastOf(count: number): number {
  return Number(values.least ?? Math.floor(count / 50))
}

function rareClasses(verdicts: readonly Verdict[], count: number): string[] {
  const hits = sums(verdicts.map((each) => each.hits))
  return faultClasses
    .map(({ name }) => name)
    .filter((name) => (hits.get(name) ?? 0) < leastOf(count))
}

function tell(
  verdicts: readonly Verdict[],
  wanted: number,
  milliseconds: number,
): void {
  const hits = sums(verdicts.map((each) => each.hits))
  const rare = rareClasses(verdicts, wanted)
  for (const { name } of faultClasses) note(`${hits.get(name) ?? 0}\t${name}`)
  const wrong = verdicts.filter((each) => each.wrong !== null)
  const ends = sums(
    verdicts.map(({ pauses }) => new Map(pauses.map((code) => [code, 1]))),
  )
  note(
    `schedules by code that ended a run: ${JSON.stringify(Object.fromEntries(ends))}`,
  )
  note(
    `${verdicts.length} schedules, ${total(verdicts, ({ runs }) => runs)} runs, ${total(verdicts, ({ rejects }) => rejects)} rows set aside, ${Math.round(milliseconds / 1000)} s`,
  )
  note(`wrong: ${wrong.map(({ seed }) => seed).join(', ') || 'none'}`)
  note(
    `classes with fewer than ${leastOf(wanted)} hits: ${rare.join(', ') || 'none'}`,
  )
  if (wrong.length > 0 || rare.length > 0) process.exitCode = 1
}

function total(
  verdicts: readonly Verdict[],
  count: (verdict: Verdict) => number,
): number {
  return verdicts.reduce((sum, each) => sum + count(each), 0)
}

function sums(all: readonly ReadonlyMap<string, number>[]) {
  const found = new Map<string, number>()
  for (const each of all) {
    for (const [name, count] of each) {
      found.set(name, (found.get(name) ?? 0) + count)
    }
  }
  return found
}

if (values.replay === undefined) {
  await soak(Number(values.seed), Number(values.schedules))
} else await replay(Number(values.replay))
