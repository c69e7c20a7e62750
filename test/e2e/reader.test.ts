import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { rules } from './rules.js'
import { connection, pipeline, project, sandbox } from './support.js'

/**
 * Opens the published file again and again in a process of its own and checks
 * that what it holds belongs together: every table of one run.
 */
const reader = (file: string, duckdb: string) => `
import { DuckDBInstance } from ${JSON.stringify(duckdb)}
let reads = 0
let seen = new Set()
const wrong = []
let stop = false
process.on('SIGTERM', () => { stop = true })
while (!stop) {
  try {
    const instance = await DuckDBInstance.create(${JSON.stringify(file)}, { access_mode: 'READ_ONLY' })
    const connection = await instance.connect()
    const [row] = (await connection.runAndReadAll(\`
      select
        (select max(run_id) from meta.run) as run,
        (select count(*) from lead)::integer as leads,
        (select leads from meta.run order by run_id desc limit 1)::integer as live,
        (select count(*) from lead where merged_into_id is not null)::integer as merged,
        (select count(*) from merge_history)::integer as history
    \`)).getRowObjectsJS()
    reads += 1
    await new Promise((done) => setTimeout(done, 10))
    seen.add(row.run)
    if (row.merged !== row.history) wrong.push(JSON.stringify(row))
    if (row.leads < row.live) wrong.push(JSON.stringify(row))
    connection.closeSync()
    instance.closeSync()
  } catch (error) {
    wrong.push(String(error))
  }
}
console.log(JSON.stringify({ reads, runs: [...seen], wrong }))
`

const runs = process.env['LONG'] === '1' ? 10 : 3

it(`lets a second process read during ${runs} runs, without locks and mixtures`, async () => {
  const scale = 1000
  const world = await sandbox([
    '--count',
    '200',
    '--seed',
    '5',
    '--time-scale',
    String(scale),
  ])
  const folder = project({ acme: connection(scale) + rules })
  const run = async () =>
    await pipeline(
      ['--project-dir', folder, '--json', '--quiet', 'run', 'acme'],
      world.env,
    )
  const first = await run()
  expect(first.stderr).toBe('')
  const published = join(folder, 'warehouse', 'acme.duckdb')
  expect(existsSync(published)).toBe(true)

  const script = join(folder, 'reader.mjs')
  const duckdb = pathToFileURL(
    resolve('node_modules/@duckdb/node-api/lib/index.js'),
  ).href
  writeFileSync(script, reader(published, duckdb))
  const child = spawn(process.execPath, [script])
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = new Promise((done) => child.on('close', done))

  for (let count = 0; count < runs; count += 1) {
    const { code, stderr } = await run()
    expect(stderr).toBe('')
    expect([0, 11]).toContain(code)
  }
  child.kill('SIGTERM')
  await ended
  const result = JSON.parse(printed) as {
    reads: number
    runs: string[]
    wrong: string[]
  }
  process.stdout.write(`reads during ${runs} runs: ${result.reads}\n`)
  expect(result.wrong).toEqual([])
  expect(result.reads).toBeGreaterThan(20)
  expect(result.runs.length).toBeGreaterThanOrEqual(runs)
}, 600_000)
