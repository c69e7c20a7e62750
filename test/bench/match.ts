/**
 * Matching by probability on generated leads whose truth is known:
 * `npm run bench:match [leads]`. Prints precision and recall at the usual
 * threshold, and time and memory beside an exact-email pass in bare DuckDB.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { places } from './lead.js'
import { match, pipeline, say } from './match-phase.js'
import { peakMegabytes, timed } from './measure.js'
import { generate, land, load } from './ours.js'

interface Figures {
  readonly pairs: number
  readonly found: number
  readonly right: number
  readonly truth: number
  readonly compared: number
  readonly seen: number
  readonly review: number
}

async function judge(folder: string): Promise<Figures> {
  const { build: path, truth, temp } = places(folder)
  const warehouse = await Warehouse.open({ path, temp, sealed: false })
  const pairs = 'sum(n * (n - 1) // 2)'
  try {
    await warehouse.run(
      `create or replace temp table truth as
       select id, cluster from read_csv(${literal(truth)}, header = true)`,
    )
    await warehouse.run(
      `create or replace temp table found as
       select truth.id, truth.cluster, coalesce(person.component, truth.id) as component
       from truth left join dedupe.auto_person as person on person.node = truth.id`,
    )
    return await warehouse.one<Figures>(
      `select
         (select count(*) from dedupe.scored_pair) as pairs,
         (select ${pairs} from (select count(*) as n from found group by component)) as found,
         (select ${pairs} from (select count(*) as n from found group by component, cluster)) as "right",
         (select ${pairs} from (select count(*) as n from found group by cluster)) as truth,
         (select count(*) from dedupe.auto_candidate) as compared,
         (select count(*) from dedupe.auto_candidate as pair
          join truth as a on a.id = pair.a join truth as b on b.id = pair.b
          where a.cluster = b.cluster) as seen,
         (select count(*) from dedupe.scored_pair where status = 'review') as review`,
    )
  } finally {
    await warehouse.close()
  }
}

/** What an exact email alone costs, in a database of its own. */
async function bare(folder: string): Promise<void> {
  const { parquet, temp } = places(folder)
  const path = join(folder, 'bare-match.duckdb')
  const warehouse = await Warehouse.open({ path, temp, sealed: false })
  try {
    await warehouse.run(
      `create table pair as
       select id, min(id) over (partition by lower(trim(email))) as component
       from (select cast(id as bigint) as id, email from read_parquet(${literal(parquet)}))
       where email is not null`,
    )
  } finally {
    await warehouse.close()
  }
}

const share = (part: number, whole: number) => (part / whole).toFixed(5)

async function main(): Promise<void> {
  const leads = Number(process.argv[2] ?? 1_000_000)
  const folder = mkdtempSync(join(tmpdir(), 'match-'))
  mkdirSync(join(folder, 'pipelines'))
  try {
    await generate(folder, leads)
    await land(folder, leads)
    await load(folder, leads, pipeline(folder))
    const exact = await timed(() => bare(folder))
    const before = peakMegabytes()
    const ours = await timed(() => match(folder))
    const figures = await judge(folder)
    say(
      `${leads} leads: precision ${share(figures.right, figures.found)}, recall ${share(figures.right, figures.truth)}`,
    )
    say(
      `candidate pairs ${figures.compared}, of true pairs ${share(figures.seen, figures.truth)}; review ${figures.review}`,
    )
    say(
      `matching with training ${ours.seconds.toFixed(1)} s (${ours.cpuSeconds.toFixed(1)} s of CPU), exact email in bare DuckDB ${exact.seconds.toFixed(1)} s (${exact.cpuSeconds.toFixed(1)} s)`,
    )
    say(
      `peak ${Math.round(peakMegabytes())} MB (${Math.round(before)} MB before matching)`,
    )
    const slowest = ours.detail.toSorted((a, b) => b.seconds - a.seconds)
    for (const { model, seconds } of slowest.slice(0, 12)) {
      say(`  ${model.padEnd(20)} ${seconds.toFixed(1)} s`)
    }
  } finally {
    if (process.env['KEEP'] === undefined)
      rmSync(folder, { recursive: true, force: true })
    else say(folder)
  }
}

await main()
