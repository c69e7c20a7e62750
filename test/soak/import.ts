/**
 * Imports under random faults, in virtual time: whatever becomes of an upload
 * and its answer, every row ends once, what is done is there, and no second
 * file is uploaded where the first may have been taken. `--trials N`,
 * `--replay SEED`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FieldRules } from '../../src/load/field-rule.js'
import { updateRow } from '../../src/load/plan-row.js'
import type { CallRecord } from '../../src/marketo/api.js'
import { connect } from '../../src/marketo/client.js'
import { Random } from '../../src/sandbox/random.js'
import type { Fault } from '../../src/sandbox/fault.js'
import { startSandbox } from '../../src/sandbox/sandbox.js'
import {
  apply,
  outcomes,
  pipeline,
  stateOf,
  writePlan,
  type World,
} from '../load/world.js'
import { JumpClock } from './jump-clock.js'

const rows = 330
const submit = 'POST /bulk/v1/leads\\.json'

function option(name: string, other: number): number {
  const at = process.argv.indexOf(name)
  return at === -1 ? other : Number(process.argv[at + 1])
}

/** One fault of the upload, and sometimes one of what comes after it. */
function faultsOf(random: Random): Fault[] {
  const first = { endpoint: submit, nth: 1 }
  const seconds = random.between(1, 1500)
  const every = 1 + random.below(40)
  const uploads: Fault[] = [
    { kind: 'reset-before', match: first },
    { kind: 'reset-after', match: first },
    { kind: 'late', seconds, answer: 'reset', match: first },
    { kind: 'late', seconds, answer: '604', match: first },
    { kind: 'error-after', code: '611', match: first },
    { kind: 'http-after', status: 502, match: first },
    { kind: 'truncated-json', match: first },
    { kind: 'no-result', match: first },
    { kind: 'error', code: '1016', match: { endpoint: submit, count: every } },
    { kind: 'import-failed', rows: random.below(rows), match: first },
    { kind: 'import-stuck', seconds, match: first },
    { kind: 'import-stuck', state: 'Queued', seconds, match: first },
    { kind: 'import-rows-failed', every, match: first },
    { kind: 'import-rows-warned', every, match: first },
  ]
  const endpoint = 'GET /(?:rest/v1/leads|bulk/v1/leads/batch)'
  const match = { endpoint, probability: 0.1, count: 4 }
  const later: Fault[] = [
    { kind: 'http', status: 503, match },
    { kind: 'error', code: '606', match },
    { kind: 'reset-after', match },
    { kind: 'token-expired', match },
  ]
  const more = random.chance(0.5) ? [random.pick(later)] : []
  return [random.pick(uploads), ...more]
}

interface Trial {
  readonly seed: number
  readonly fault: string
  readonly wrong: string | null
}

async function play(seed: number): Promise<Trial> {
  const random = new Random(seed)
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  const path = join(folder, 'leads.csv')
  const ids = Array.from({ length: rows }, (_, n) => String(n + 1))
  writeFileSync(path, `id,title\n${ids.map((id) => `${id},Boss\n`).join('')}`)
  const clock = new JumpClock(Date.parse('2026-11-20T15:00:00Z'), true)
  const faults = faultsOf(random)
  const fault = faults.map(({ kind }) => kind).join(' + ')
  const sandbox = await startSandbox({
    leads: { kind: 'file', path },
    seed,
    clock: clock.forServer(),
    faults,
  })
  try {
    const calls: CallRecord[] = []
    const marketo = connect({
      endpoint: sandbox.endpoint,
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      budget: pipeline.marketo.budget,
      timeScale: 1,
      clock,
      random: () => random.next(),
      onCall: (call) => calls.push(call),
    })
    const schema = await marketo.schema()
    const rules = new FieldRules(schema)
    const world: World = {
      sandbox,
      marketo,
      schema,
      rules,
      folder,
      calls,
      events: [],
      close: async () => {},
    }
    const wrong = await judge(world, await planOf(world, ids), ids)
    return { seed, fault, wrong }
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function planOf(world: World, ids: readonly string[]): Promise<string> {
  const planned = ids.flatMap((id, n) => {
    const fact = { field: 'emailDomain', before: null, after: `d${id}.example` }
    const facts = [{ ...fact, service: 's', reason: null }]
    return updateRow({ id }, facts, world.rules, n + 1) ?? []
  })
  const fields = ['emailDomain']
  const way = { fields, rows: ids.length, files: 1, bytes: 1, calls: 1 }
  const price = { calls: 1, minutes: 1, share: 0, crm: 0, imports: [way] }
  return await writePlan(world, planned, { price })
}

async function judge(
  world: World,
  plan: string,
  ids: readonly string[],
): Promise<string | null> {
  const result = await apply(world, plan)
  const { done, failed, unresolved } = result
  const ended = outcomes(world)
  if (done + failed !== ids.length) {
    return `${done} done, ${failed} failed, ${unresolved} unresolved`
  }
  if (Object.keys(ended).length !== ids.length) return 'a row did not end'
  const uploads = world.calls.filter(
    ({ endpoint, outcome }) =>
      endpoint === 'bulk/leads' &&
      (outcome === 'ok' || outcome === 'ambiguous'),
  )
  if (uploads.length > 1) return `${uploads.length} uploads`
  const { leads } = await stateOf(world)
  const wrong = leads.filter((lead) => {
    const row = `u${lead.id.padStart(6, '0')}`
    const isDone = ended[row] === 'done'
    const holds = lead['emailDomain'] === `d${lead.id}.example`
    return isDone !== holds || lead['title'] !== 'Boss'
  })
  return wrong.length === 0 ? null : `${wrong.length} leads are not as told`
}

async function soak(): Promise<void> {
  const replay = option('--replay', 0)
  const trials = replay > 0 ? 1 : option('--trials', 100)
  const hits = new Map<string, number>()
  let wrong = 0
  for (let n = 0; n < trials; n += 1) {
    const trial = await play(replay > 0 ? replay : n + 1)
    const [kind = ''] = trial.fault.split(' + ')
    hits.set(kind, (hits.get(kind) ?? 0) + 1)
    if (trial.wrong === null) continue
    wrong += 1
    process.stdout.write(`seed ${trial.seed} ${trial.fault}: ${trial.wrong}\n`)
  }
  const found = [...hits].map(([kind, count]) => `${kind} ${count}`).join(', ')
  process.stdout.write(`${trials} imports, ${wrong} wrong; ${found}\n`)
  if (wrong > 0) process.exitCode = 1
}

await soak()
