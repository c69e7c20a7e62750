import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { rules } from './rules.js'
import {
  connection,
  pipeline,
  project,
  sandbox,
  state,
  temporaryFolder,
} from './support.js'

interface Step {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
}

const text = `${connection(1000)}owner: ops
schedule: { cron: "0 5 * * *", timezone: UTC }
${rules}`

it('the run steps of an exported workflow run as written, twice, the second time from the kept state', async () => {
  const served = await sandbox(['--count', '120', '--time-scale', '1000'])
  const secrets: Record<string, string> = {
    ...served.env,
    PIPELINE_STATE_KEY: 'a-key-for-the-state-of-acme',
  }
  const made = project({ acme: text })
  const file = join(made, '.github', 'workflows', 'acme.yml')
  const asked = ['schedule', 'acme', '--export', 'github-actions']
  const wrote = await pipeline(['--project-dir', made, ...asked, '--out', file])
  expect(wrote.code).toBe(0)
  const flow = parse(readFileSync(file, 'utf8')) as {
    jobs: Record<string, { steps: Step[] }>
  }
  const steps = flow.jobs['run-acme']?.steps ?? []
  const cache = temporaryFolder()

  const first = runSteps(steps, secrets, cache)
  expect(first.failed).toEqual([])
  expect(first.records).toHaveLength(1)
  expect(readdirSync(cache)).toEqual(['pipeline-acme.state'])

  const second = runSteps(steps, secrets, cache)
  expect(second.failed).toEqual([])
  expect(second.said).toContain('acme goes on from its state of')
  expect(second.records.map(({ status }) => status)).toEqual(['done', 'done'])
  const [before, after] = second.records
  expect(before?.apply?.merged_leads).toBeGreaterThan(0)
  expect(after?.extract?.kind).toBe('increment')
  expect(after?.apply ?? null).toBe(null)

  const kept = readFileSync(join(cache, 'pipeline-acme.state'))
  const open = [first, second].flatMap(({ said, summary, report }) => [
    said,
    summary,
    ...report,
  ])
  const { leads } = await state(served.endpoint)
  const people = leads
    .map(({ email }) => (typeof email === 'string' ? email : ''))
    .filter((email) => email.includes('@'))
  expect(people.length).toBeGreaterThan(30)
  for (const email of people) {
    expect(kept.includes(email)).toBe(false)
    expect(open.filter((one) => one.includes(email))).toEqual([])
  }
  const values = Object.values(secrets).filter((value) => value.length > 12)
  for (const secret of values.filter((value) => !value.startsWith('http'))) {
    expect(open.filter((one) => one.includes(secret))).toEqual([])
  }
  expect(second.report[0]).toContain('What was planned')
  expect(second.summary).toContain('acme · run')
}, 240_000)

interface Job {
  readonly failed: string[]
  readonly said: string
  readonly summary: string
  readonly report: string[]
  readonly records: {
    status: string
    apply: { merged_leads: number } | null
    extract: { kind: string } | null
  }[]
}

/** A fresh runner: a checkout, and of the actions what they come to. */
function runSteps(
  steps: readonly Step[],
  secrets: Readonly<Record<string, string>>,
  cache: string,
): Job {
  const checkout = project({ acme: text })
  const bin = tools(checkout)
  const output = join(checkout, 'output')
  const summary = join(checkout, 'summary.md')
  const failed: string[] = []
  let said = ''
  for (const step of steps) {
    const path = step.with?.['path'] ?? ''
    if (step.uses?.startsWith('actions/cache/restore@') === true) {
      const from = join(cache, path)
      if (existsSync(from)) copyFileSync(from, join(checkout, path))
    } else if (step.uses?.startsWith('actions/cache/save@') === true) {
      copyFileSync(join(checkout, path), join(cache, path))
    }
    if (step.run === undefined) continue
    const script = join(checkout, 'step.sh')
    writeFileSync(script, step.run)
    // As GitHub runs a step with `shell: bash`.
    const ended = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', script],
      {
        cwd: checkout,
        encoding: 'utf8',
        env: {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          HOME: checkout,
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          ...valuesOf(step.env ?? {}, secrets),
        },
      },
    )
    said += ended.stdout + ended.stderr
    if (ended.status !== 0) failed.push(`${step.name}: ${ended.stderr}`)
  }
  return {
    failed,
    said,
    summary: readFileSync(summary, 'utf8'),
    report: readdirSync(join(checkout, 'pipeline-report')).map((name) =>
      readFileSync(join(checkout, 'pipeline-report', name), 'utf8'),
    ),
    records: recordsIn(join(checkout, 'warehouse', 'acme', 'log')),
  }
}

function recordsIn(folder: string): Job['records'] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map(
      (name) =>
        JSON.parse(
          readFileSync(join(folder, name), 'utf8'),
        ) as Job['records'][number],
    )
}

/** Installing takes the network, so `npm` does nothing; npx is the real one. */
function tools(checkout: string): string {
  const bin = join(checkout, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\nexit 0\n')
  chmodSync(join(bin, 'npm'), 0o755)
  const own = join(checkout, 'node_modules', '.bin')
  mkdirSync(own, { recursive: true })
  symlinkSync(resolve('dist/cli.js'), join(own, 'pipeline'))
  writeFileSync(join(checkout, 'package.json'), '{"name":"mine"}\n')
  return bin
}

/** The expressions that a step's `env` may have. */
function valuesOf(
  env: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(value)?.[1]
      if (secret !== undefined) return [name, secrets[secret] ?? '']
      expect(value).toBe("${{ github.event_name == 'schedule' && '1' || '' }}")
      return [name, '1']
    }),
  )
}
