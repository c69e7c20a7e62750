import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import {
  connection,
  pipeline,
  project,
  type SandboxProcess,
  sandbox,
  temporaryFolder,
} from './support.js'

const rules = `services:
  people:
    type: dedupe
    match: [{ same: [email] }]
load: { apply: auto, guardrails: { merge_share: 100% } }
`

/** Leads of whom each value says whose they are. */
async function marketoOf(marker: string): Promise<SandboxProcess> {
  const file = join(temporaryFolder(), 'leads.csv')
  const rows = Array.from({ length: 40 }, (_, n) =>
    [
      n + 1,
      `p${n >> 1}@${marker}.example`,
      marker,
      `${marker} ${n >> 1}`,
    ].join(),
  )
  const head = 'id,email,firstName,lastName'
  writeFileSync(file, `${[head, ...rows].join('\n')}\n`)
  return await sandbox(['--leads', file, '--time-scale', '2000'])
}

/** Names of the files under a folder that hold the text. */
function holding(folder: string, text: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => {
      const bytes = readFileSync(path)
      const whole = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
      return whole.includes(text)
    })
}

async function heard({ endpoint }: SandboxProcess): Promise<string> {
  const parts = ['log', 'state'].map(async (part) => {
    const answer = await fetch(`${endpoint}/sandbox/${part}`)
    return await answer.text()
  })
  return (await Promise.all(parts)).join('\n')
}

it('INV-12: of two pipelines side by side neither has a byte of the other', async () => {
  const markers = ['alphamarked', 'betamarked']
  const [alpha, beta] = await Promise.all(markers.map(marketoOf))
  if (alpha === undefined || beta === undefined) throw new Error('no sandbox')
  const text = `${connection(2000)}${rules}`
  const folder = project({ alpha: text, beta: text })
  const at = ['--project-dir', folder]
  const runs = await Promise.all([
    pipeline(['run', 'alpha', ...at], alpha.env),
    pipeline(['run', 'beta', ...at], beta.env),
  ])
  const worlds = [alpha, beta]
  for (const [n, marker] of markers.entries()) {
    const other = markers[1 - n] ?? ''
    const run = runs[n]
    expect(run?.code, run?.stderr).toBe(0)
    const own = join(folder, 'warehouse', n === 0 ? 'alpha' : 'beta')
    expect(holding(own, marker).length).toBeGreaterThan(2)
    expect(holding(own, other)).toEqual([])
    expect(`${run?.stdout}${run?.stderr}`).not.toContain(other)
    const world = worlds[n]
    const said = world === undefined ? '' : await heard(world)
    expect(said).toContain(marker)
    expect(said).not.toContain(other)
    expect((said.match(/"survivor"/g) ?? []).length).toBeGreaterThanOrEqual(20)
  }
}, 60_000)
