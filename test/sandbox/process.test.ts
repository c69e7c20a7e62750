import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest'
import { Random } from '../../src/sandbox/random.js'
import { Caller, folder, leadFile } from './caller.js'

/** Compiled here, so that the tests never meet an old build. */
const built = resolve('node_modules', '.cache', `sandbox-${process.pid}`)
const entry = join(built, 'main.js')

beforeAll(() => {
  mkdirSync(built, { recursive: true })
  const project = {
    extends: resolve('tsconfig.json'),
    compilerOptions: { noEmit: false, outDir: built, rootDir: resolve('src') },
    files: [resolve('src/command/sandbox.ts')],
    include: [],
  }
  const config = join(built, 'tsconfig.json')
  writeFileSync(config, JSON.stringify(project))
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const tsc = resolve('node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '--project', config])
  writeFileSync(
    entry,
    `import { Command } from 'commander'
import { registerSandbox } from './command/sandbox.js'
const program = new Command()
registerSandbox(program)
program.parseAsync().catch((error) => {
  process.stderr.write(error.message + '\\n')
  process.exitCode = error.exit ?? 2
})
`,
  )
})

afterAll(() => rmSync(built, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  readonly caller: Caller
  readonly line: Record<string, unknown>
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Starts the command and waits for its one line. */
async function start(...options: string[]): Promise<Started> {
  const child = spawn(process.execPath, [entry, 'sandbox', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const text = await new Promise<string>((done, failed) => {
    lines.once('line', done)
    child.once('exit', (code) => failed(new Error(`exit ${code}`)))
  })
  const line: unknown = JSON.parse(text)
  if (!isObject(line)) throw new TypeError('no object')
  const caller = new Caller({
    endpoint: String(line['endpoint']),
    clientId: String(line['client_id']),
    clientSecret: String(line['client_secret']),
    timeScale: Number(line['time_scale']),
    close: () => Promise.resolve(),
  })
  return { child, caller, line }
}

function ended(child: ChildProcess, signal: NodeJS.Signals) {
  return new Promise<unknown>((done) => {
    child.once('exit', (code, by) => done(code ?? by))
    child.kill(signal)
  })
}

/** Exit code and what was said on stderr. */
function run(...options: string[]): Promise<[unknown, string]> {
  return new Promise((done) => {
    let text = ''
    const child = spawn(process.execPath, [entry, 'sandbox', ...options])
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.once('close', (code) => done([code, text]))
  })
}

describe('the command', () => {
  it('prints one line when ready, serves a file, and stops on SIGTERM', async () => {
    const path = leadFile('id,email\n7,a@x.example\n')
    const { child, caller, line } = await start(
      '--leads',
      path,
      '--time-scale',
      '50',
    )
    expect(Object.keys(line)).toEqual([
      'endpoint',
      'client_id',
      'client_secret',
      'time_scale',
    ])
    expect(line['time_scale']).toBe(50)
    expect(
      (await caller.get('/rest/v1/lead/7.json')).result?.[0]?.['email'],
    ).toBe('a@x.example')
    expect(await ended(child, 'SIGTERM')).toBe(0)
  })

  it('stops on SIGINT too, even with a call open', async () => {
    const { child, caller } = await start('--count', '20', '--seed', '3')
    const { leads } = await caller.state()
    await caller.token()
    const merge = caller
      .post(`/rest/v1/leads/${leads[0]?.id}/merge.json?leadIds=${leads[1]?.id}`)
      .catch(() => 'cut')
    await new Promise((done) => setTimeout(done, 50))
    expect(await ended(child, 'SIGINT')).toBe(0)
    expect(await merge).toBe('cut')
  })

  it('says what is wrong with its input and exits with 3', async () => {
    const [none, why] = await run()
    expect([none, why]).toEqual([
      3,
      expect.stringMatching(/no leads: give --leads/),
    ])
    const [code, text] = await run('--leads', 'nowhere.csv')
    expect([code, text]).toEqual([3, expect.stringMatching(/nowhere.csv/)])
  })
})

/** Writes until the process dies; what was answered has to be there. */
async function writeUntilDeath(
  caller: Caller,
  round: number,
  begun: () => void,
) {
  const done = { updates: new Map<string, number>(), losers: new Set<string>() }
  const { leads } = await caller.state()
  const ids = leads.map(({ id }) => id)
  try {
    for (let step = 1; ; step++) {
      const id = ids[step % (ids.length - 2)] ?? ''
      const value = round * 10_000 + step
      const input = [{ id, urgency: value }]
      const body = { action: 'updateOnly', lookupField: 'id', input }
      const answer = await caller.post('/rest/v1/leads.json', body)
      if (answer.result?.[0]?.['status'] === 'updated')
        done.updates.set(id, value)
      if (done.updates.size === 1) begun()
      if (step % 5 !== 0 || ids.length < 20) continue
      const [winner = '', loser = ''] = ids.splice(-2, 2)
      ids.push(winner)
      const path = `/rest/v1/leads/${winner}/merge.json?leadIds=${loser}`
      if ((await caller.post(path)).success === true) done.losers.add(loser)
    }
  } catch {
    return done
  }
}

describe('kill -9 in the middle of writes', () => {
  it('loses nothing that was answered, and tears nothing', async () => {
    const path = join(folder(), 'world')
    const options = ['--count', '120', '--state', path, '--time-scale', '2000']
    const random = new Random(Date.now())
    let time = ''
    for (let round = 1; round <= 6; round++) {
      const { child, caller } = await start(...options)
      const before = await caller.state()
      expect(before.now > time).toBe(true)
      const done = await writeUntilDeath(caller, round, () => {
        setTimeout(() => child.kill('SIGKILL'), random.below(300))
      })
      expect(done.updates.size).toBeGreaterThan(0)
      const next = await start(...options)
      const after = await next.caller.state()
      const byId = new Map(after.leads.map((lead) => [lead.id, lead]))
      const merged = new Set(after.merges.flatMap(({ losers }) => losers))
      for (const id of done.losers) {
        // A lower CRM rank than its loser's makes the winner the loser.
        const merge = after.merges.find(({ losers, survivor }) =>
          [survivor, ...losers].includes(id),
        )
        expect(merge).toBeDefined()
      }
      for (const [id, value] of done.updates) {
        if (merged.has(id)) continue
        // The one call that was cut may have been applied after this one.
        expect(Number(byId.get(id)?.['urgency'])).toBeGreaterThanOrEqual(value)
      }
      const losers = after.merges.flatMap((merge) => merge.losers)
      expect(new Set(losers).size).toBe(losers.length)
      expect(after.leads.length).toBe(120 - losers.length)
      const writes = await next.caller.writes()
      const applied = writes.filter(
        (write) => write['endpoint'] === 'leads/{id}/merge' && write['applied'],
      )
      expect(applied.length).toBe(after.merges.length)
      time = after.now
      await ended(next.child, 'SIGKILL')
    }
  })
})
