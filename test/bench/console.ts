/**
 * How fast the console answers over 40 pipelines with 200 runs each, while two
 * runs go on, and what memory it takes: `npm run bench:console`. One real run
 * is made first; the other 7,999 are its record and log under other names.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { RunRecord } from '../../src/run/record.js'
import { consoleProcess } from '../console/console-process.js'

const pipelines = 40
const runsEach = 200
const rounds = 150
const cli = resolve('dist/cli.js')
const day = 86_400_000

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function yaml(index: number): string {
  return readFileSync('pipelines/demo.yml', 'utf8')
    .replace(/^marketo: sandbox/m, 'marketo: { sandbox: { leads: 400 } }')
    .replace(/^owner: .*/m, `owner: team${index % 5}`)
    .replace(/^groups: .*/m, `groups: [region${index % 4}]`)
    .concat(`schedule: { cron: "${index} 5 * * *", timezone: Europe/Paris }\n`)
}

const nameOf = (index: number) => `client${String(index).padStart(2, '0')}`

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'console-bench-'))
  mkdirSync(join(folder, 'pipelines'))
  cpSync('models', join(folder, 'models'), { recursive: true })
  for (let index = 0; index < pipelines; index += 1) {
    writeFileSync(
      join(folder, 'pipelines', `${nameOf(index)}.yml`),
      yaml(index),
    )
  }
  return folder
}

/** The first pipeline runs; its run becomes those of all. */
function multiply(folder: string): void {
  const first = join(folder, 'warehouse', nameOf(0))
  const log = join(first, 'log')
  const name = readdirSync(log).find((file) => /^\d.*\.json$/.test(file)) ?? ''
  const record = JSON.parse(readFileSync(join(log, name), 'utf8')) as RunRecord
  const lines = join(log, name.replace('.json', '.jsonl'))
  for (let index = 0; index < pipelines; index += 1) {
    const pipeline = nameOf(index)
    const root = join(folder, 'warehouse', pipeline)
    if (index > 0) {
      cpSync(first, root, {
        recursive: true,
        filter: (path) => !path.startsWith(log),
      })
      linkSync(
        join(folder, 'warehouse', `${nameOf(0)}.duckdb`),
        join(folder, 'warehouse', `${pipeline}.duckdb`),
      )
      mkdirSync(join(root, 'log'), { recursive: true })
    }
    for (let number = 0; number < runsEach; number += 1) {
      writeRun(join(root, 'log'), lines, shifted(record, pipeline, number))
    }
  }
  const past = new Date(Date.now() - 10 * day)
  utimesSync(lines, past, past)
}

function writeRun(folder: string, lines: string, record: RunRecord): void {
  const file = join(folder, `${record.run_id}.json`)
  writeFileSync(file, JSON.stringify(record))
  linkSync(lines, join(folder, `${record.run_id}.jsonl`))
}

/** As it was so many days earlier, with other figures. */
function shifted(
  record: RunRecord,
  pipeline: string,
  number: number,
): RunRecord {
  const back = (runsEach - number) * day
  const earlier = (at: string | null) =>
    at === null ? null : new Date(Date.parse(at) - back).toISOString()
  const started_at = earlier(record.started_at) ?? ''
  const stamp = started_at.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const isBad = number % 17 === 0
  return {
    ...record,
    pipeline,
    run_id: `${stamp}-${String(number).padStart(4, '0')}`,
    started_at,
    ended_at: earlier(record.ended_at),
    leads: record.leads + number * 7,
    status: isBad ? 'failed' : 'done',
    exit_code: isBad ? 1 : 0,
    error: isBad ? { code: 'made_up', message: 'A step failed.' } : null,
  }
}

function share(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b)
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * part))
  return `${(sorted[index] ?? 0).toFixed(0)} ms`
}

function memory(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [, now = '0'] = /VmRSS:\s+(\d+)/.exec(status) ?? []
  const [, peak = '0'] = /VmHWM:\s+(\d+)/.exec(status) ?? []
  const mb = (text: string) => `${Math.round(Number(text) / 1024)} MB`
  return `${mb(now)}, at most ${mb(peak)}`
}

async function login(url: string, tokenFile: string): Promise<string> {
  const answer = await fetch(`${url}login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url.slice(0, -1) },
    body: new URLSearchParams({
      token: readFileSync(tokenFile, 'utf8').trim(),
      who: 'bench',
      next: '/',
    }),
  })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

async function main(): Promise<void> {
  const folder = project()
  const run = (name: string) => [cli, '--project-dir', folder, 'run', name]
  spawnSync(process.execPath, run(nameOf(0)), { stdio: 'ignore' })
  multiply(folder)
  const served = await consoleProcess(folder)
  const cookie = await login(served.url, served.tokens.operator)
  const timed = async (path: string): Promise<number> => {
    const began = performance.now()
    const answer = await fetch(new URL(path, served.url), {
      headers: { cookie },
    })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path}: ${text}`)
    return performance.now() - began
  }
  say(
    `first overview, which reads every record: ${(await timed('/')).toFixed(0)} ms`,
  )
  const going = [1, 2].map((index) =>
    spawn(process.execPath, run(nameOf(index)), { stdio: 'ignore' }),
  )
  const ended = going.map(
    (child) => new Promise<void>((done) => child.once('exit', () => done())),
  )
  const over = { is: false }
  void Promise.all(ended).then(() => (over.is = true))
  const times = {
    overview: [] as number[],
    run: [] as number[],
    live: [] as number[],
    pipeline: [] as number[],
  }
  for (let round = 0; round < rounds && !over.is; round += 1) {
    const name = nameOf(3 + (round % (pipelines - 3)))
    const log = join(folder, 'warehouse', name, 'log')
    const records = readdirSync(log).filter((file) => file.endsWith('.json'))
    const id = records[(round * 31) % records.length]?.replace('.json', '')
    const own = join(folder, 'warehouse', nameOf(1), 'log')
    const newest = readdirSync(own)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .at(-1)
    times.overview.push(await timed('/'))
    times.run.push(await timed(`/pipeline/${name}/run/${id ?? ''}`))
    times.live.push(
      await timed(
        `/pipeline/${nameOf(1)}/run/${newest?.replace('.json', '') ?? ''}`,
      ),
    )
    times.pipeline.push(await timed(`/pipeline/${name}`))
  }
  for (const [what, taken] of Object.entries(times)) {
    say(
      `${what}: median ${share(taken, 0.5)}, p95 ${share(taken, 0.95)}, worst ${share(taken, 1)} of ${taken.length}`,
    )
  }
  say(`two runs were ${over.is ? 'over' : 'going on'} at the end`)
  say(`memory of the console: ${memory(served.pid)}`)
  await Promise.all(ended)
  await served.stop()
  rmSync(folder, { recursive: true, force: true })
}

await main().catch((error: unknown) => {
  say(String(error))
  process.exit(1)
})
