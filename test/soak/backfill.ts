/**
 * The first export of a large base under the usual quotas, over as many days
 * as it takes: `backfill.js [--leads N] [--seed N] [--mb N] [--cuts]`.
 */
import { parseArgs } from 'node:util'
import { PipelineError } from '../../src/error.js'
import type { Extract } from '../../src/extract/landed.js'
import { quotaReset } from '../../src/marketo/day.js'
import { Random } from '../../src/sandbox/random.js'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { Received } from './received.js'
import { Stage } from './stage.js'

const { values } = parseArgs({
  options: {
    leads: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '4' },
    /** Megabytes a day of Marketo, and of them the client's. */
    mb: { type: 'string', default: '500' },
    budget: { type: 'string', default: '400' },
    /** Also breaks some downloads, so that their tails are resumed. */
    cuts: { type: 'boolean', default: false },
  },
})

const fields = [
  'id',
  'createdAt',
  'updatedAt',
  'email',
  'firstName',
  'lastName',
  'company',
  'country',
  'leadSource',
  'leadScore',
  'unsubscribed',
  'emailInvalid',
]
/** In winter, when both readings of "midnight Central" are the same. */
const now = Date.UTC(2026, 10, 9, 6)
const mostDays = 60

function note(text: string): void {
  process.stdout.write(`${text}\n`)
}

interface Backfill {
  readonly found: Extract
  readonly runs: number
  /** Bytes of each day that nothing more was begun with. */
  readonly rests: readonly number[]
}

/** `limit` is what the client may export in a day. */
async function backfill(stage: Stage, limit: number): Promise<Backfill> {
  const rests: number[] = []
  for (let runs = 1; runs <= mostDays; runs += 1) {
    try {
      return { found: await stage.run(), runs, rests }
    } catch (error) {
      if (!(error instanceof PipelineError) || error.exit !== 4) throw error
      const at = stage.clock.now()
      rests.push(limit - Number(error.details['used'] ?? limit))
      note(
        `${new Date(at).toISOString().slice(0, 16)} exit 4: ${error.message}`,
      )
      await stage.clock.sleep(quotaReset(at) - at + 60_000)
    }
  }
  throw new Error(`Not done after ${mostDays} runs`)
}

/** Distinct ids and a sum that tells the base from any other set of ids. */
async function landed(stage: Stage, { leads }: Extract) {
  const warehouse = await Warehouse.open({
    path: ':memory:',
    temp: stage.folder,
    sealed: false,
    memoryLimit: '2GB',
  })
  try {
    const files = leads.map(literal).join(', ')
    return await warehouse.one<{ rows: number; ids: number; total: number }>(
      `select count(*) as rows, count(distinct id) as ids,
        cast(sum(cast(id as bigint)) as double) as total
      from read_parquet([${files}])`,
    )
  } finally {
    await warehouse.close()
  }
}

/** Exact: far below 2^53 for any base of this size. */
function totalOf({ base }: Stage): number {
  let total = 0
  for (let index = 0; index < base.count; index += 1) {
    total += Number(base.id(index))
  }
  return total
}

interface Use {
  readonly overruns: number
  readonly limits: Readonly<
    Record<string, { limit: number; highest: number; refused: number }>
  >
  readonly exportSlots: {
    readonly share: number | null
    readonly open: number
    readonly full: number
    readonly idle: number
  }
  readonly days: Readonly<Record<string, unknown>>
}

async function soak(): Promise<void> {
  const random = new Random(Number(values.seed))
  const megabytes = Number(values.mb)
  const budget = Number(values.budget)
  const received = new Received()
  const leads = {
    count: Number(values.leads),
    seed: Number(values.seed),
    from: Date.UTC(2016, 0, 1),
    to: now,
  }
  const stage = await Stage.start({
    leads,
    fields,
    now,
    exportMbPerDay: budget,
    sandbox: {
      limits: { exportBytesPerDay: megabytes * 1_000_000 },
      faults: values.cuts
        ? [
            {
              kind: 'file-cut',
              bytes: 1_000_000,
              match: { probability: 0.1, endpoint: 'file.json' },
            },
          ]
        : [],
    },
    random: () => random.next(),
  })
  stage.watch = (marketo) => received.watch(marketo)
  const started = performance.now()
  try {
    const ours = budget * 1_000_000
    const { found, runs, rests } = await backfill(stage, ours)
    const seconds = (performance.now() - started) / 1000
    const rows = await landed(stage, found)
    // The budget is used up for the day where another file might not fit.
    const least = Math.round(Math.max(ours * 0.005, ...rests))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its shape
    const use = (await stage.control(
      'GET',
      `/sandbox/usage?least=${least}&exportBytesPerDay=${ours}`,
    )) as Use
    const isWhole =
      rows.rows === leads.count &&
      rows.ids === leads.count &&
      rows.total === totalOf(stage)
    const share = use.exportSlots.share ?? 0
    const fullest = use.limits['exportBytesPerDay']?.highest ?? Infinity
    const result = {
      leads: leads.count,
      landed: rows.rows,
      distinct: rows.ids,
      equal: isWhole,
      rejected: found.rejected,
      runs,
      virtual_days: (stage.clock.now() - now) / 86_400_000,
      jobs: found.jobs,
      exported_mb: found.bytes / 1e6,
      downloaded_mb: received.bytes / 1e6,
      downloaded_twice: received.twice,
      resumed: received.resumed,
      overruns: use.overruns,
      fullest_day_mb: fullest / 1e6,
      over_own_budget: fullest > ours ? 1 : 0,
      unused_mb_at_pauses: rests.map((bytes) => Math.round(bytes / 1e6)),
      limits: use.limits,
      slots: use.exportSlots,
      both_slots_busy: share,
      real_seconds: seconds,
      peak_mb: process.resourceUsage().maxRSS / 1024,
    }
    note(JSON.stringify(result, null, 2))
    const isGood =
      isWhole &&
      use.overruns === 0 &&
      fullest <= ours &&
      share > 0 &&
      received.twice === 0
    if (!isGood) process.exitCode = 1
  } finally {
    await stage.close()
  }
}

await soak()
