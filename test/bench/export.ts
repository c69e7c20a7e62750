/**
 * A large export downloaded and landed by the product, beside curl and bare
 * DuckDB in turns: `export.js [--leads N] [--repeat N] [--json]`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runScript } from './child.js'
import { type ExportFile, makeExport } from './export-file.js'
import { timed } from './measure.js'
import { median } from './result.js'

interface Times {
  readonly download: number
  readonly downloadCpu: number
  readonly landing: number
  /** Of all threads: what a busy machine does not change. */
  readonly landingCpu: number
  readonly peakMegabytes: number
}

const { values } = parseArgs({
  options: {
    leads: { type: 'string', default: '5000000' },
    repeat: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
})

async function serve(
  file: string,
): Promise<{ endpoint: string; server: ChildProcess }> {
  const script = fileURLToPath(new URL('export-server.js', import.meta.url))
  const server = spawn(process.execPath, [script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const endpoint = await new Promise<string>((ready) => {
    server.stdout.once('data', (chunk: Buffer) => ready(String(chunk).trim()))
  })
  return { endpoint, server }
}

async function ours(
  folder: string,
  endpoint: string,
  { rows, bytes, sha256 }: ExportFile,
): Promise<Times> {
  const facts = [String(rows), String(bytes), sha256]
  return await runScript('export-phase.js', [
    'ours',
    folder,
    endpoint,
    ...facts,
  ])
}

async function bare(folder: string, endpoint: string): Promise<Times> {
  const csv = join(folder, 'curl.csv')
  const url = `${endpoint}/bulk/v1/leads/export/bench/file.json`
  const { seconds, detail: downloadCpu } = await timed(async () =>
    fetched(csv, url),
  )
  const landed: Times = await runScript('export-phase.js', ['bare', folder])
  rmSync(csv)
  return { ...landed, download: seconds, downloadCpu }
}

/** Returns the seconds of processor time that curl took. */
function fetched(csv: string, url: string): number {
  const curl = `time curl --silent --fail --output '${csv}' '${url}'`
  const { status, stderr } = spawnSync('bash', ['-c', curl], {
    env: { ...process.env, TIMEFORMAT: '%U %S', LC_ALL: 'C' },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`curl ended with ${status}: ${stderr}`)
  const [user = 0, system = 0] = stderr.trim().split(' ').map(Number)
  return user + system
}

function note(who: string, times: Times): void {
  const { download, downloadCpu, landing, landingCpu } = times
  process.stderr.write(
    `${who}: download ${download.toFixed(1)} s (CPU ${downloadCpu.toFixed(1)} s), landing ${landing.toFixed(1)} s (CPU ${landingCpu.toFixed(1)} s), peak ${times.peakMegabytes.toFixed(0)} MB\n`,
  )
}

const wall = ({ download, landing }: Times) => download + landing
const cpu = ({ downloadCpu, landingCpu }: Times) => downloadCpu + landingCpu

function middle(all: readonly Times[]) {
  return {
    download: median(all.map((each) => each.download)),
    download_cpu: median(all.map((each) => each.downloadCpu)),
    landing: median(all.map((each) => each.landing)),
    landing_cpu: median(all.map((each) => each.landingCpu)),
    total: median(all.map(wall)),
    total_cpu: median(all.map(cpu)),
    peak_mb: Math.max(...all.map((each) => each.peakMegabytes)),
  }
}

/** Median over the turns of theirs by ours: 1 is as fast. */
function throughput(
  mine: readonly Times[],
  theirs: readonly Times[],
  cost: (times: Times) => number,
): number {
  const ratios = mine.map((each, turn) => {
    const other = theirs[turn]
    return other === undefined ? Number.NaN : cost(other) / cost(each)
  })
  return median(ratios)
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
mkdirSync(join(folder, 'temp'))
try {
  const csv = join(folder, 'export.csv')
  const file = await makeExport(csv, Number(values.leads))
  const { endpoint, server } = await serve(csv)
  const times: { ours: Times[]; bare: Times[] } = { ours: [], bare: [] }
  try {
    for (let turn = 0; turn < Number(values.repeat); turn += 1) {
      const mine = await ours(folder, endpoint, file)
      note('ours', mine)
      times.ours.push(mine)
      const theirs = await bare(folder, endpoint)
      note('curl and read_csv', theirs)
      times.bare.push(theirs)
    }
  } finally {
    server.kill()
  }
  const result = {
    leads: file.rows,
    csv_mb: file.bytes / 1e6,
    cpus: availableParallelism(),
    load: loadavg()[0],
    ours: middle(times.ours),
    bare: middle(times.bare),
    throughput: throughput(times.ours, times.bare, wall),
    throughput_cpu: throughput(times.ours, times.bare, cpu),
  }
  process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`)
  // By processor time: other programs on the machine do not change it.
  const isGood = result.ours.peak_mb < 1000 && result.throughput_cpu >= 0.7
  if (!isGood) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
