/**
 * kill -9 of the shipped binary's extract at random moments, all against one
 * sandbox: `kill.js [--kills N] [--seed N] [--leads N]`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describe } from '../../src/extract/landed.js'
import { readStates } from '../../src/extract/state.js'
import { Random } from '../../src/sandbox/random.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { VirtualBase } from '../../src/sandbox/virtual-base.js'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { type Job, twiceCreated } from './job-log.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    leads: { type: 'string', default: '4000' },
  },
})

const scale = 1000
const day = 86_400_000
/** Kills of one extract before it may end. */
const killsEach = 5
const now = Date.now()
const leads = {
  count: Number(values.leads),
  seed: Number(values.seed),
  from: now - 230 * day,
  to: now - day,
}
const base = new VirtualBase(leads)
const random = new Random(Number(values.seed))

function note(text: string): void {
  process.stdout.write(`${text}\n`)
}

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'))
  mkdirSync(join(folder, 'pipelines'))
  cpSync(resolve('models'), join(folder, 'models'), { recursive: true })
  const start = new Date(leads.from).toISOString().slice(0, 10)
  writeFileSync(
    join(folder, 'pipelines', 'soak.yml'),
    `marketo:
  endpoint: \${SOAK_ENDPOINT}
  client_id: \${SOAK_ID}
  client_secret: \${SOAK_SECRET}
  time_scale: ${scale}
  budget: { calls_per_day: 50000, calls_per_20s: 90, concurrency: 8, export_mb_per_day: 500 }
extract: { start: ${start}, fields: [company] }
services:
  people: { type: dedupe, match: [{ same: [email] }], winner: [{ oldest: createdAt }, { lowest: id }] }
`,
  )
  return folder
}

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; stderr: string }>
}

function run(folder: string, sandbox: Sandbox): Run {
  const args = ['--project-dir', folder, '--json', '--quiet', 'extract', 'soak']
  const child = spawn(process.execPath, [resolve('dist/cli.js'), ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: tmpdir(),
      SOAK_ENDPOINT: sandbox.endpoint,
      SOAK_ID: sandbox.clientId,
      SOAK_SECRET: sandbox.clientSecret,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<{ code: number | null; stderr: string }>((done) => {
    child.on('close', (code) => done({ code, stderr }))
  })
  return { child, ended }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds))
}

function logs(folder: string): string[] {
  const log = join(folder, 'warehouse', 'soak', 'log')
  if (!existsSync(log)) return []
  return readdirSync(log)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(log, name))
}

/** Waits until a run has begun its extract; false where it ended before. */
async function begun(
  folder: string,
  { child }: Run,
  before: number,
): Promise<boolean> {
  const started = '"event":"step.started","step":"extract"'
  while (child.exitCode === null && child.signalCode === null) {
    const files = logs(folder)
    const newest = files.toSorted().at(-1)
    const isNew = files.length > before && newest !== undefined
    if (isNew && readFileSync(newest, 'utf8').includes(started)) return true
    await sleep(4)
  }
  return false
}

/** Whether the run was still there to be killed. */
async function kill(
  folder: string,
  sandbox: Sandbox,
  longest: number,
): Promise<boolean> {
  const before = logs(folder).length
  const victim = run(folder, sandbox)
  if (!(await begun(folder, victim, before))) {
    const { code, stderr } = await victim.ended
    throw new Error(`No extract began (exit ${code}): ${stderr}`)
  }
  await sleep(random.next() * longest)
  victim.child.kill('SIGKILL')
  await victim.ended
  return victim.child.signalCode === 'SIGKILL'
}

async function jobs(sandbox: Sandbox): Promise<readonly Job[]> {
  const answer = await fetch(`${sandbox.endpoint}/sandbox/state`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its shape
  const state = (await answer.json()) as { readonly jobs: readonly Job[] }
  return state.jobs
}

async function statesOf(folder: string) {
  return await readStates(join(folder, 'warehouse', 'soak', 'landing'))
}

async function isDone(folder: string): Promise<boolean> {
  const states = await statesOf(folder)
  return states.some(({ state }) => state.status === 'done')
}

/** What is wrong with what is landed, or null. */
async function judge(folder: string): Promise<string | null> {
  const states = await statesOf(folder)
  const [full, ...more] = states
  if (full?.state.kind !== 'full' || full.state.status !== 'done') {
    return 'the first extract was not brought to its end'
  }
  // Killed after its last step, the next run finds nothing new.
  if (more.some((file) => describe(file).rows > 0)) return 'rows came twice'
  const { leads: files, rejected } = describe(full)
  if (rejected > 0) return `${rejected} rows set aside`
  const warehouse = await Warehouse.open({
    path: ':memory:',
    temp: join(folder, 'temp'),
    sealed: false,
  })
  try {
    const rows = await warehouse.rows<{ id: string }>(
      `select id from read_parquet([${files.map(literal).join(', ')}])
      order by cast(id as bigint)`,
    )
    const other = rows.findIndex(({ id }, index) => id !== base.id(index))
    if (rows.length === base.count && other < 0) return null
    return `${rows.length} rows of ${base.count}, other from ${other}`
  } finally {
    await warehouse.close()
  }
}

interface Round {
  readonly kills: number
  readonly jobs: number
  readonly wrong: string | null
}

async function round(
  sandbox: Sandbox,
  most: number,
  longest: number,
): Promise<Round> {
  const folder = project()
  const before = (await jobs(sandbox)).length
  try {
    let kills = 0
    while (kills < most && (await kill(folder, sandbox, longest))) {
      kills += 1
      if (await isDone(folder)) break
    }
    const { ended } = run(folder, sandbox)
    const { code, stderr } = await ended
    const made = (await jobs(sandbox)).slice(before)
    const end = code === 0 ? null : `exit ${code}: ${stderr}`
    const full = made.filter(({ filter }) => filter.kind === 'createdAt')
    const wrong = end ?? twiceCreated(full) ?? (await judge(folder))
    return { kills, jobs: full.length, wrong }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function calm(sandbox: Sandbox): Promise<{ longest: number }> {
  const folder = project()
  const before = logs(folder).length
  try {
    const first = run(folder, sandbox)
    await begun(folder, first, before)
    const started = performance.now()
    const { code, stderr } = await first.ended
    if (code !== 0)
      throw new Error(`A calm extract ended with ${code}: ${stderr}`)
    return { longest: performance.now() - started }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function soak(): Promise<void> {
  const sandbox = await startSandbox({
    leads: { kind: 'virtual', ...leads },
    seed: leads.seed,
    timeScale: scale,
  })
  const started = performance.now()
  try {
    const { longest } = await calm(sandbox)
    note(`a calm extract takes ${Math.round(longest)} ms`)
    const rounds: Round[] = []
    let kills = 0
    while (kills < Number(values.kills)) {
      const most = Math.min(killsEach, Number(values.kills) - kills)
      const each = await round(sandbox, most, longest * 0.7)
      rounds.push(each)
      kills += each.kills
      if (each.wrong !== null) note(`round ${rounds.length}: ${each.wrong}`)
    }
    const wrong = rounds.filter((each) => each.wrong !== null).length
    const made = rounds.reduce((sum, each) => sum + each.jobs, 0)
    const seconds = Math.round((performance.now() - started) / 1000)
    note(
      `${kills} kills of a running extract, ${rounds.length} extracts of ${base.count} leads, ${made} jobs, ${wrong} wrong, ${seconds} s`,
    )
    if (wrong > 0) process.exitCode = 1
  } finally {
    await sandbox.close()
  }
}

await soak()
