/** Copies of one pipeline whose plan waits, each with a Marketo of its own. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { RunRecord } from '../../src/run/record.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { rules } from './rules.js'
import { connection, pipeline, project, type State, state } from './support.js'

const scale = 1000
/** Leads of which a second run finds nothing more to merge. */
const seed = 24
const count = 600

/** A project whose plan waits to be applied, and Marketo's state then. */
export interface Template {
  readonly folder: string
  readonly state: string
}

/** Answers that a Marketo has given. */
export class Traffic {
  #count = 0
  #waiting: (() => void)[] = []

  note(): void {
    this.#count += 1
    for (const look of this.#waiting) look()
  }

  /** Resolves with the nth answer from now, before the next call arrives. */
  async next(n: number): Promise<void> {
    const last = this.#count + n
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.#count >= last) resolve()
      }
      this.#waiting = [look]
      look()
    })
  }
}

export interface World {
  readonly folder: string
  readonly traffic: Traffic
  readonly sandbox: Sandbox
  readonly env: Readonly<Record<string, string>>
}

export async function template(): Promise<Template> {
  const folder = project({ acme: connection(scale) + rules })
  const file = join(folder, 'marketo')
  const sandbox = await serve(file, new Traffic())
  const planned = await pipeline(command(folder, 'plan'), envOf(sandbox))
  await sandbox.close()
  if (planned.code === 0) return { folder, state: file }
  throw new Error(`No plan was made: ${planned.stderr}`)
}

async function serve(file: string, traffic: Traffic): Promise<Sandbox> {
  return await startSandbox({
    leads: { kind: 'generated', count, seed },
    seed,
    state: file,
    timeScale: scale,
    onExchange: () => traffic.note(),
  })
}

function envOf({ endpoint, clientId, clientSecret }: Sandbox) {
  return {
    TEST_ENDPOINT: endpoint,
    TEST_CLIENT_ID: clientId,
    TEST_CLIENT_SECRET: clientSecret,
  }
}

export function command(folder: string, name: string): string[] {
  return ['--project-dir', folder, '--json', '--quiet', name, 'acme']
}

/** Does that in a copy of the template, which is removed afterwards. */
export async function inCopy<T>(
  { folder, state: file }: Template,
  isPlanned: boolean,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'pipeline-crash-'))
  cpSync(folder, copy, { recursive: true })
  if (!isPlanned) loseDisk(copy)
  const traffic = new Traffic()
  const sandbox = await serve(join(copy, file.slice(folder.length)), traffic)
  try {
    return await work({ folder: copy, sandbox, traffic, env: envOf(sandbox) })
  } finally {
    await sandbox.close()
    rmSync(copy, { recursive: true, force: true })
  }
}

export function loseDisk(folder: string): void {
  rmSync(join(folder, 'warehouse'), { recursive: true, force: true })
}

/** What an end is compared by. */
export interface End {
  readonly merges: readonly string[]
  readonly leads: readonly Record<string, unknown>[]
}

export async function endOf({ sandbox }: World): Promise<End> {
  const found = await state(sandbox.endpoint)
  return { merges: mergesOf(found), leads: withoutTimes(found) }
}

/** Where two ends differ: leads by id and field, and merges. */
export function differences(found: End, wanted: End): string[] {
  const other = new Map(wanted.leads.map((lead) => [lead['id'], lead]))
  const fields = found.leads.flatMap((lead) => {
    const id = String(lead['id'])
    const twin = other.get(id)
    if (twin === undefined) return [`lead ${id} is there`]
    return Object.keys({ ...lead, ...twin })
      .filter((name) => !isDeepStrictEqual(lead[name], twin[name]))
      .map(
        (name) => `${id}.${name} ${text(lead[name])}, not ${text(twin[name])}`,
      )
  })
  const ids = new Set(found.leads.map(({ id }) => id))
  const gone = [...other.keys()].filter((id) => !ids.has(id))
  const merges = found.merges.filter((one) => !wanted.merges.includes(one))
  return [
    ...fields,
    ...gone.map((id) => `lead ${String(id)} is gone`),
    ...merges.map((merge) => `${merge} was merged`),
  ]
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}

/** Times differ between any two runs. */
function withoutTimes({ leads }: State) {
  return leads.map((lead) =>
    Object.fromEntries(
      Object.entries(lead).filter(([name]) => !/(At|Date)$/.test(name)),
    ),
  )
}

/** Who went into whom, however many calls that took. */
function mergesOf({ merges }: State): string[] {
  const by = new Map<string, string[]>()
  for (const { survivor, losers } of merges) {
    by.set(survivor, [...(by.get(survivor) ?? []), ...losers])
  }
  return [...by]
    .map(([survivor, losers]) => `${survivor}<${losers.toSorted().join()}`)
    .toSorted()
}

/** Runs to its end, undisturbed. */
export async function calm(
  { folder, env }: World,
  name: 'apply' | 'run',
): Promise<RunRecord> {
  const { code, stdout, stderr } = await pipeline(command(folder, name), env)
  if (stderr !== '' || ![0, 11].includes(code ?? 1)) throw new Error(stderr)
  return JSON.parse(stdout) as RunRecord
}
