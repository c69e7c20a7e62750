/** One run against a sandbox, and both sides of it as tables of a judge. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../src/clock.js'
import type { LoadedPipeline } from '../../src/pipeline/load.js'
import { loadPipelines } from '../../src/pipeline/select.js'
import { type Folders, foldersOf } from '../../src/run/folder.js'
import type { RunRecord } from '../../src/run/record.js'
import { type RunRequest, runPipeline } from '../../src/run/run.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

const rules = `
extract: { fields: [city] }
services:
  people:
    type: dedupe
    match:
      - same: [email]
      - same: [phone, last_name]
      - similar: { first_name: 0.9, last_name: 0.92 }
        block: [company]
    winner: [crm_contact, crm_lead, { highest: leadScore }, { oldest: createdAt }, { lowest: id }]
    survive: { phone: most_recent, leadScore: max, leadSource: oldest }
    stamp: { duplicateCount: count }
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: google } }
load:
  apply: auto
  keep: [lists, programs]
  guardrails: { merges: 100000, merge_share: 90%, updates: 1000000, cluster_size: 25 }
`

export interface WhyWorld {
  readonly project: string
  readonly folders: Folders
  readonly sandbox: Sandbox
  load(): Promise<LoadedPipeline>
  run(more?: Partial<RunRequest>): Promise<RunRecord>
  /** What the sandbox holds now, as a file. */
  state(name: string): Promise<string>
  close(): Promise<void>
}

export async function startWhyWorld(leads: number): Promise<WhyWorld> {
  const project = mkdtempSync(join(tmpdir(), 'why-test-'))
  mkdirSync(join(project, 'pipelines'))
  cpSync(resolve('models'), join(project, 'models'), { recursive: true })
  const sandbox = await startSandbox({
    leads: { kind: 'generated', count: leads, seed: 5 },
    seed: 5,
    timeScale: 600,
    timing: { mergeLatency: [0, 100] },
  })
  writeFileSync(
    join(project, 'pipelines', 'acme.yml'),
    `marketo:
  endpoint: \${ENDPOINT}
  client_id: \${ID}
  client_secret: \${SECRET}
  time_scale: 600
  budget: { calls_per_day: 50000, calls_per_20s: 90, concurrency: 8, export_mb_per_day: 500 }
${rules}`,
  )
  const env = {
    ENDPOINT: sandbox.endpoint,
    ID: sandbox.clientId,
    SECRET: sandbox.clientSecret,
  }
  const load = async () => {
    const [loaded] = await loadPipelines(
      join(project, 'pipelines'),
      { names: ['acme'], all: false },
      env,
      { secrets: 'required', base: project },
    )
    if (loaded === undefined) throw new Error('no pipeline')
    return loaded
  }
  return {
    project,
    folders: foldersOf(project, 'acme'),
    sandbox,
    load,
    async run(more = {}) {
      const record = await runPipeline({
        loaded: await load(),
        projectDir: project,
        until: 'publish',
        approved: null,
        watcher: silent,
        clock: systemClock,
        random: () => 0.25,
        signal: new AbortController().signal,
        stderr: { write: () => true },
        logLevel: 'silent',
        ...more,
      })
      if (record.error !== null) throw new Error(record.error.message)
      return record
    },
    async state(name) {
      const answer = await fetch(`${sandbox.endpoint}/sandbox/state`)
      const file = join(project, `${name}.json`)
      writeFileSync(file, await answer.text())
      return file
    },
    async close() {
      await sandbox.close()
      rmSync(project, { recursive: true, force: true })
    },
  }
}

const silent: RunRequest['watcher'] = {
  started: () => {},
  stepStarted: () => {},
  stepMoved: () => {},
  stepEnded: () => {},
  note: () => {},
}

/**
 * A DuckDB that knows the sandbox's leads before the run (`was`), its merges
 * (`merged`), and the lines of every journal (`line`): the judge of claims.
 */
export async function openJudge(
  { folders, project }: WhyWorld,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<Warehouse> {
  const judge = await Warehouse.open({
    path: ':memory:',
    temp: join(project, 'judge'),
    sealed: false,
  })
  const json = 'maximum_object_size = 200000000'
  const statements = [
    `create table was as select unnest(leads, recursive := true) from read_json(${literal(before)}, ${json})`,
    `create table is_now as select unnest(leads, recursive := true) from read_json(${literal(after)}, ${json})`,
    `create table merged as select unnest(merges, recursive := true) from read_json(${literal(after)}, ${json})`,
    `create table line as select *, parse_filename(filename, true) as plan from read_json(${literal(`${folders.journal}/*.jsonl`)}, format = 'newline_delimited', filename = true, union_by_name = true, columns = {seq: 'bigint', kind: 'varchar', run: 'varchar', rows: 'varchar[]', send: 'varchar', attempt: 'varchar', class: 'varchar', status: 'varchar', reason: 'varchar', "row": 'varchar', lead: 'varchar', id: 'varchar'}, ignore_errors = true)`,
  ]
  for (const sql of statements) await judge.run(sql)
  return judge
}
