import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import {
  connection,
  pipeline,
  project,
  type SandboxProcess,
  sandbox,
} from './support.js'

const rules = readFileSync(resolve('pipelines/demo.yml'), 'utf8')
const demo = rules.slice(rules.indexOf('\nservices:'))

/** Kinds of fields that a bulk export does not have (Adobe docs). */
const computed = ['formula', 'lead_function']

interface Described {
  readonly name: string
  readonly dataType: string
}

/** Every field of the instance that can be exported. */
async function allFields({ endpoint, env }: SandboxProcess): Promise<string[]> {
  const identity = `grant_type=client_credentials&client_id=${env['TEST_CLIENT_ID']}&client_secret=${env['TEST_CLIENT_SECRET']}`
  const granted = await fetch(`${endpoint}/identity/oauth/token?${identity}`)
  const { access_token } = (await granted.json()) as { access_token: string }
  const answer = await fetch(`${endpoint}/rest/v1/leads/describe2.json`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  const { result } = (await answer.json()) as {
    result: { fields: Described[] }[]
  }
  return (result[0]?.fields ?? [])
    .filter(({ dataType }) => !computed.includes(dataType))
    .map(({ name }) => name)
}

interface Planned {
  /** As the plan's file has them, a line each. */
  readonly rows: readonly string[]
  readonly bytes: number
}

async function plan(
  folder: string,
  name: string,
  { env }: SandboxProcess,
): Promise<Planned> {
  const out = join(folder, `${name}.plan`)
  const at = ['--project-dir', folder]
  const made = await pipeline(['plan', name, '--out', out, ...at], env)
  expect(made.code, made.stderr).toBe(0)
  const status = await pipeline(['status', name, '--json', ...at], env)
  const { pipelines } = JSON.parse(status.stdout) as {
    pipelines: { last_run: { extract: { bytes: number } } }[]
  }
  const [, ...rows] = readFileSync(out, 'utf8').trim().split('\n')
  return {
    rows,
    bytes: pipelines[0]?.last_run.extract.bytes ?? 0,
  }
}

it('exports a fraction of the bytes for the demo rules, and plans the same', {
  timeout: 240_000,
}, async () => {
  const marketo = await sandbox([
    '--count',
    '200',
    '--seed',
    '7',
    '--time-scale',
    '2000',
  ])
  const fields = await allFields(marketo)
  const head = `${connection(marketo.timeScale)}extract: { fields:`
  const folder = project({
    pruned: `${head} [] }\n${demo}`,
    whole: `${head} [${fields.join(', ')}] }\n${demo}`,
  })
  const pruned = await plan(folder, 'pruned', marketo)
  const whole = await plan(folder, 'whole', marketo)
  expect(pruned.rows.length).toBeGreaterThan(25)
  // Who is merged into whom and why, before and after, to the letter.
  expect(whole.rows).toEqual(pruned.rows)
  const share = pruned.bytes / whole.bytes
  process.stderr.write(
    `Demo rules export ${pruned.bytes} bytes; all ${fields.length} columns would be ${whole.bytes} (${Math.round(share * 100)} %).\n`,
  )
  expect(share).toBeLessThan(0.7)
})
