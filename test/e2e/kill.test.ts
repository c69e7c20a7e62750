import { expect, it } from 'vitest'
import { Random } from '../../src/sandbox/random.js'
import { crash, type Doing, doings, type Scenario } from './crash.js'
import {
  calm,
  differences,
  endOf,
  inCopy,
  type Template,
  template,
} from './crash-world.js'

/** `npm run soak:crash` kills a thousand times, on every core. */
const kills = Number(process.env['KILLS'] ?? 100)
const lanes = Number(process.env['LANES'] ?? 1)

const applying: Scenario = {
  name: 'apply',
  isPlanned: true,
  isLost: false,
  steps: [...Array.from({ length: 7 }, () => 'apply'), 'publish'],
  kills: { least: 6, most: 10 },
}
const running: Scenario = {
  name: 'run',
  isPlanned: false,
  isLost: false,
  steps: ['extract', 'build', 'plan', 'apply'],
  kills: { least: 1, most: 4 },
}
const losing: Scenario = {
  name: 'disk lost',
  isPlanned: true,
  isLost: true,
  steps: ['apply'],
  kills: { least: 1, most: 3 },
}
/** Applying is what cannot be undone, and dies within a second. */
const order = [
  [applying, running, applying, losing],
  Array.from({ length: 4 }, () => applying),
  [losing, applying, running],
  Array.from({ length: 4 }, () => applying),
].flat()

/** How it ends when nobody disturbs it, and how long each step takes. */
async function undisturbed(of: Template) {
  const applied = await inCopy(of, true, async (world) => {
    const { steps } = await calm(world, 'apply')
    return { steps, end: await endOf(world) }
  })
  const run = await inCopy(of, false, async (world) => {
    const { steps } = await calm(world, 'run')
    const end = await endOf(world)
    await calm(world, 'run')
    expect(differences(await endOf(world), end)).toEqual([])
    return { steps, end }
  })
  expect(differences(run.end, applied.end)).toEqual([])
  const steps = [...run.steps, ...applied.steps]
  const seconds = new Map(steps.map(({ step, seconds: took }) => [step, took]))
  return { seconds, wanted: run.end }
}

function note(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Kills that landed, by scenario and by what was being done. */
class Landed {
  readonly #counts = new Map<string, number>()

  add(name: string, doing: Doing): void {
    for (const key of [name, doing]) {
      this.#counts.set(key, this.of(key) + 1)
    }
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  told(keys: readonly string[]): string {
    return keys.map((key) => `${key} ${this.of(key)}`).join(' · ')
  }
}

it(`L3: ends in the same state after kill -9 at ${kills} random moments, with the disk kept or lost, and merges nobody twice`, async () => {
  const of = await template()
  const { seconds, wanted } = await undisturbed(of)
  expect(wanted.merges.length).toBeGreaterThan(20)

  const landed = new Landed()
  const tally = { left: kills, scenarios: 0 }
  const play = async (number: number) => {
    const scenario = order[number % order.length] ?? applying
    const random = new Random(2026 + number)
    const next = () => random.next()
    const { least, most: limit } = scenario.kills
    const drawn = least + random.below(limit - least + 1)
    const most = Math.min(tally.left, drawn)
    tally.left -= most
    const { isPlanned, name } = scenario
    await inCopy(of, isPlanned, async (world) => {
      const moments = await crash(world, scenario, { next, seconds, most })
      // What ended before its kill leaves more for the others.
      tally.left += most - moments.length
      const where = `scenario ${number}, ${name}: ${moments.map(({ when }) => when).join(', ')}`
      expect(differences(await endOf(world), wanted), where).toEqual([])
      for (const { doing } of moments) landed.add(name, doing)
      if (kills > 100) note(`${kills - tally.left} of ${kills} kills begun`)
    })
  }
  const lane = async () => {
    while (tally.left > 0) await play(tally.scenarios++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))

  const names = ['apply', 'run', 'disk lost']
  note(
    `kill -9 of a running pipeline (L3): ${kills} kills in ${tally.scenarios} scenarios, 0 divergences\n  ${landed.told(names)}\n  ${landed.told(doings)}`,
  )
  for (const key of [...names, ...doings]) {
    expect(landed.of(key), key).toBeGreaterThan(0)
  }
}, 7_200_000)
