/** A small instance, a project for it, and what a failure must leave. */
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, onTestFinished } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { type Invocation, invoke } from '../command/invoke.js'
import {
  type Finished,
  project,
  start,
  state,
  temporaryFolder,
} from './support.js'

export const scale = 1000
const secret = 'never-to-be-printed-4711'
const people = 48
const doubles = 12

const day = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * day).toISOString()

const header =
  'id,email,firstName,lastName,company,phone,leadScore,leadSource,unsubscribed,sfdcAccountId,createdAt,updatedAt,emailSha256,duplicateCount,mergedIds'

/** Twelve of the people are there twice, and have opted out the second time. */
function leadRow(index: number, age: number): string {
  const person = index % people
  const isDouble = index >= people
  return [
    String(1001 + index),
    `person${person}@quiet-lemur.example`,
    `Given${person}`,
    `Family${person}`,
    'Quiet Lemur',
    'null',
    String(100 - index),
    'Web',
    String(isDouble),
    'null',
    ago(age - index / 60),
    ago(2 - index / 60),
    'null',
    'null',
    'null',
  ].join(',')
}

/**
 * A CSV shaped like an export; in a folder of its own.
 * @param ages days since leads were created, in turn
 */
export function leadFile(
  count = people + doubles,
  ages: readonly number[] = [3],
): string {
  const rows = Array.from({ length: count }, (_, index) =>
    leadRow(index, ages[index % ages.length] ?? 3),
  )
  const path = join(temporaryFolder(), 'lead.csv')
  writeFileSync(path, [header, ...rows, ''].join('\n'))
  return path
}

/** From when on leads are exported. */
export function startLine(days: number): string {
  return `start: ${ago(days).slice(0, 10)}`
}

/** A pipeline file; what is in it can be replaced by what is wrong. */
export function pipelineText(
  ...changes: readonly (readonly [string, string])[]
): string {
  const text = `marketo:
  endpoint: \${TEST_ENDPOINT}
  client_id: \${TEST_CLIENT_ID}
  client_secret: \${TEST_CLIENT_SECRET}
  time_scale: ${scale}
  budget: { calls_per_day: 50000, calls_per_20s: 90, concurrency: 8 }
extract:
  ${startLine(5)}
services:
  people:
    type: dedupe
    match: [{ same: [email] }]
    winner: [{ highest: leadScore }, { lowest: id }]
    survive: { phone: most_recent }
    stamp: { duplicateCount: count }
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: google } }
load:
  apply: auto
  guardrails: { merges: 100, merge_share: 90%, updates: 1000, cluster_size: 9 }
`
  return changes.reduce((changed, [from, to]) => {
    expect(changed, from).toContain(from)
    return changed.replace(from, to)
  }, text)
}

export interface Instance {
  readonly endpoint: string
  readonly env: Readonly<Record<string, string>>
  /** Adds a fault; see the sandbox. */
  fault(fault: object): Promise<void>
  heal(): Promise<void>
  /** Every merge that was executed, as `winner<losers`. */
  merges(): Promise<readonly string[]>
}

/** A sandbox in this process until the test ends. */
export async function instance(
  options: Partial<SandboxOptions> = {},
): Promise<Instance> {
  const sandbox = await startSandbox({
    leads: { kind: 'file', path: leadFile() },
    seed: 1,
    timeScale: scale,
    clients: [{ id: 'a-client-id', secret, user: 'api@x.example' }],
    ...options,
  })
  onTestFinished(() => sandbox.close())
  return reached(sandbox)
}

function reached(sandbox: Sandbox): Instance {
  const faults = `${sandbox.endpoint}/sandbox/faults`
  return {
    endpoint: sandbox.endpoint,
    env: {
      TEST_ENDPOINT: sandbox.endpoint,
      TEST_CLIENT_ID: sandbox.clientId,
      TEST_CLIENT_SECRET: sandbox.clientSecret,
    },
    async fault(fault) {
      const body = JSON.stringify(fault)
      const answer = await fetch(faults, { method: 'POST', body })
      expect(answer.status).toBe(200)
    },
    async heal() {
      await fetch(faults, { method: 'DELETE' })
    },
    async merges() {
      const { merges } = await state(sandbox.endpoint)
      return merges
        .map(({ survivor, losers }) => `${survivor}<${losers.join(',')}`)
        .toSorted()
    },
  }
}

export class Project {
  readonly folder: string
  readonly env: Instance['env']

  constructor(folder: string, env: Instance['env']) {
    this.folder = folder
    this.env = env
  }

  /** Paths inside the project. */
  at(...parts: readonly string[]): string {
    return join(this.folder, ...parts)
  }

  /** The pipeline's private folder. */
  inside(...parts: readonly string[]): string {
    return this.at('warehouse', 'acme', ...parts)
  }

  write(path: string, text: string): void {
    writeFileSync(this.at(path), text)
  }

  /** Replaces the pipeline file. */
  rules(...changes: readonly (readonly [string, string])[]): void {
    this.write('pipelines/acme.yml', pipelineText(...changes))
  }

  /** `pipeline …` in this process. */
  async pipeline(...args: readonly string[]): Promise<Invocation> {
    const world = { env: this.env, cwd: this.folder }
    const ended = await invoke(args, world)
    expectDiscreet(ended.stderr)
    return ended
  }

  async run(): Promise<Invocation> {
    return await this.pipeline('run', 'acme')
  }

  /** A run whose record is wanted; it must end well. */
  async runs(): Promise<RunRecord> {
    const { code, stdout, stderr } = await this.pipeline(
      '--json',
      '--quiet',
      'run',
      'acme',
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return JSON.parse(stdout) as RunRecord
  }

  /** Names in one of the pipeline's folders. */
  files(folder: string, suffix: string): string[] {
    return readdirSync(this.inside(folder))
      .filter((name) => name.endsWith(suffix))
      .toSorted()
      .map((name) => this.inside(folder, name))
  }

  published(): Buffer {
    return readFileSync(this.at('warehouse/acme.duckdb'))
  }

  /** Files that only a write that was never finished leaves. */
  halfWritten(): string[] {
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tmp$|\.part$|\.new-|\.clean$/.test(path))
      .toSorted()
  }

  /** The same project in another folder. */
  copy(env: Instance['env'] = this.env): Project {
    const folder = temporaryFolder()
    cpSync(this.folder, folder, { recursive: true })
    return new Project(folder, env)
  }
}

/** A project with this product's models, not yet run. */
export function projectFor(
  { env }: Pick<Instance, 'env'>,
  ...changes: readonly (readonly [string, string])[]
): Project {
  const folder = project({ acme: pipelineText(...changes) })
  return new Project(folder, env)
}

/** Where the shared project is, once some test of the file needed it. */
let shared: Promise<Project> | null = null

const afterwards: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const end of afterwards) await end()
})

/**
 * A project in which everything has been done. Each caller has a copy of its
 * own; the instance is shared, and a run finds nothing left to do there.
 */
export async function hasRun(): Promise<Project> {
  shared ??= runOnce()
  return (await shared).copy()
}

async function runOnce(): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-ran-'))
  const path = join(folder, 'lead.csv')
  cpSync(leadFile(), path)
  const sandbox = await startSandbox({
    leads: { kind: 'file', path },
    seed: 1,
    timeScale: scale,
    clients: [{ id: 'a-client-id', secret, user: 'api@x.example' }],
  })
  afterwards.push(async () => {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { env } = reached(sandbox)
  const first = projectFor({ env })
  await first.runs()
  cpSync(first.folder, join(folder, 'project'), { recursive: true })
  return new Project(join(folder, 'project'), env)
}

/** What people read has no stack, no secret and no lead's value. */
function expectDiscreet(text: string): void {
  expect(text).not.toMatch(/^\s+at /m)
  expect(text).not.toContain(secret)
  expect(text).not.toMatch(/quiet-lemur|Given\d|Family\d/)
}

/** One failure: its exit code, and words that must be in its sentence. */
export function expectFailure(
  { code, stderr }: Pick<Invocation, 'stderr'> & { code: number | null },
  exit: number,
  ...words: readonly (string | RegExp)[]
): void {
  expect(stderr.trim()).not.toBe('')
  for (const each of words) expect(stderr).toMatch(each)
  expect(stderr).not.toMatch(/unexpected error/i)
  expect(code).toBe(exit)
}

/** `pipeline …` as a process whose files may not exceed this many KB. */
export async function limited(
  kilobytes: number,
  args: readonly string[],
  env: Instance['env'],
): Promise<Pick<Invocation, 'stderr'> & { code: number | null }> {
  const command = `ulimit -f ${kilobytes}; exec "$0" "$@"`
  const cli = [process.execPath, resolve('dist/cli.js'), ...args]
  const child = spawn('bash', ['-c', command, ...cli], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return await new Promise((done) => {
    child.on('close', (code) => done({ code, stderr }))
  })
}

/**
 * A run as a process of its own, which gets the signal when `when` holds;
 * what it printed, and how it ended.
 */
export async function signalled(
  { folder, env }: Project,
  name: NodeJS.Signals,
  when: () => boolean,
): Promise<Finished> {
  const args = ['--project-dir', folder, 'run', 'acme']
  const { process: child, finished } = start(args, env)
  while (child.exitCode === null && !when()) {
    await new Promise((done) => setTimeout(done, 10))
  }
  child.kill(name)
  const ended = await finished
  expectDiscreet(ended.stderr)
  return ended
}
