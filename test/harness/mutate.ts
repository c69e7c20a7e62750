/**
 * L6: `mutate.js [--json FILE] [--starts N]` breaks the product on purpose, one bug after
 * another, and counts how many schedules it takes until the oracle sees it.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Mutant, mutants } from './mutant.js'
import { hasImportOf } from './schedule.js'
import type { Trial } from './trial.js'

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    starts: { type: 'string', default: '3' },
  },
})

/** Where src and test were compiled to. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const starts = [1, 1_000_001, 2_000_001].slice(0, Number(values.starts))
const most = 1500

/** A copy of the product with the bug in it. */
function breed({ name, patches }: Mutant, number: number): string {
  const folder = join(root, 'mutant', String(number))
  rmSync(folder, { recursive: true, force: true })
  for (const part of ['src', 'test']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  for (const { file, find, put } of patches) {
    const path = join(folder, 'src', file)
    const text = readFileSync(path, 'utf8')
    if (text.split(find).length !== 2) {
      throw new Error(`The bug "${name}" does not fit ${file} any more`)
    }
    writeFileSync(
      path,
      text.replace(find, () => put),
    )
  }
  return folder
}

interface Caught {
  readonly name: string
  /**
   * Seeds until it was seen, for each start; null: not seen. Of a bug in the
   * route of imports the seeds without one are counted and not played.
   */
  readonly seeds: readonly (number | null)[]
  readonly median: number | null
  readonly by: string
}

type TrySeed = (seed: number) => Promise<Trial>

async function hunt(one: Mutant, number: number): Promise<Caught> {
  const folder = breed(one, number)
  const url = pathToFileURL(join(folder, 'test/harness/trial.js')).href
  const { trySeed } = (await import(url)) as { trySeed: TrySeed }
  const seeds: (number | null)[] = []
  const by = new Set<string>()
  for (const start of starts) {
    const found = await first(trySeed, { start, ofImport: one.ofImport })
    seeds.push(found?.count ?? null)
    if (found !== null) by.add(found.by)
  }
  rmSync(folder, { recursive: true, force: true })
  const sorted = seeds.toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity))
  const median = sorted[sorted.length >> 1] ?? null
  return { name: one.name, seeds, median, by: [...by].toSorted().join(', ') }
}

async function first(
  trySeed: TrySeed,
  { start, ofImport }: { start: number; ofImport: boolean },
): Promise<{ count: number; by: string } | null> {
  let played = 0
  for (let count = 1; played < most; count += 1) {
    if (ofImport && !hasImportOf(start + count - 1)) continue
    played += 1
    const { verdict } = await trySeed(start + count - 1)
    const [breach] = verdict.breaches
    if (breach !== undefined) return { count, by: breach.invariant }
  }
  return null
}

const caught: Caught[] = []
for (const [number, one] of mutants.entries()) {
  if (values.only !== undefined && !one.name.includes(values.only)) continue
  const result = await hunt(one, number)
  caught.push(result)
  const seeds = result.seeds.map((count) => count ?? 'never').join(', ')
  process.stdout.write(
    `  ${one.name.padEnd(52)} ${String(result.median ?? 'never').padStart(6)}  (${seeds})  ${result.by}\n`,
  )
}
const missed = caught.filter(({ seeds }) => seeds.includes(null))
process.stdout.write(
  `${caught.length - missed.length} of ${caught.length} planted bugs caught\n`,
)
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(caught, null, 2)}\n`)
}
if (missed.length > 0) process.exitCode = 1
