import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  restoreState,
  saveState,
  stateFiles,
} from '../../src/schedule/state-file.js'

const secret = 'a-key-of-more-than-sixteen'
const canary = 'zoe.canary@acme.example'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pipeline-state-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function kept() {
  const from = folder()
  const texts = {
    'log/a.jsonl': `${canary}\n`.repeat(5000),
    'journal/empty': '',
    'landing/x/é 1.parquet': String.fromCharCode(...Array(256).keys()),
    'build.duckdb': 'x'.repeat(300_000),
  }
  const noise = ['temp/spill', 'lock.duckdb', 'log/a.stop', 'a.json.tmp']
  for (const path of [...Object.keys(texts), ...noise]) {
    mkdirSync(join(from, path, '..'), { recursive: true })
    writeFileSync(join(from, path), texts[path as keyof typeof texts] ?? 'no')
  }
  const file = join(folder(), 'acme.state')
  const paths = await stateFiles(from)
  const sources = paths.map((path) => ({ path, from: join(from, path) }))
  const about = { pipeline: 'acme', saved_at: 'now', tool_version: '0', secret }
  await saveState(file, sources, about)
  return { file, texts, paths }
}

it('a state comes back as it was, and nobody reads it without the key', async () => {
  const { file, texts, paths } = await kept()
  expect(paths).toEqual(Object.keys(texts).toSorted())
  const bytes = readFileSync(file)
  expect(bytes.includes(canary)).toBe(false)
  expect(bytes.length).toBeLessThan(100_000)
  const to = folder()
  const manifest = await restoreState(file, to, { pipeline: 'acme', secret })
  expect(manifest.files.map(({ path }) => path)).toEqual(paths)
  for (const [path, text] of Object.entries(texts)) {
    expect(readFileSync(join(to, path), 'utf8')).toBe(text)
  }
})

it('a state that was changed anywhere, or is of another key or pipeline, is refused', async () => {
  const { file } = await kept()
  const whole = readFileSync(file)
  const places = [0, 9, 25, 40, Math.floor(whole.length / 2), whole.length - 1]
  const wrongs = [
    ...places.map((place) => {
      const copy = Buffer.from(whole)
      copy[place] = (copy[place] ?? 0) ^ 1
      return copy
    }),
    whole.subarray(0, whole.length - 100),
    Buffer.concat([whole, Buffer.from('more')]),
    Buffer.alloc(0),
  ]
  const bad = `${file}.bad`
  for (const bytes of wrongs) {
    writeFileSync(bad, bytes)
    await expect(
      restoreState(bad, folder(), { pipeline: 'acme', secret }),
    ).rejects.toMatchObject({ code: 'state_refused', exit: 8 })
  }
  const others = [
    { pipeline: 'beta', secret },
    { pipeline: 'acme', secret: `${secret}!` },
  ]
  for (const other of others) {
    await expect(restoreState(file, folder(), other)).rejects.toMatchObject({
      code: 'state_refused',
    })
  }
  await expect(
    restoreState(file, folder(), { pipeline: 'acme', secret: 'short' }),
  ).rejects.toMatchObject({ code: 'state_key', exit: 3 })
})

it('a path that leads out of the folder is not written', async () => {
  const from = join(folder(), 'x')
  writeFileSync(from, 'x')
  const out = folder()
  const file = join(out, 'acme.state')
  for (const path of ['../evil', '/etc/evil', 'a/../../evil', 'a//b']) {
    const about = { pipeline: 'acme', saved_at: '', tool_version: '', secret }
    await saveState(file, [{ path, from }], about)
    const to = join(out, 'to')
    await expect(
      restoreState(file, to, { pipeline: 'acme', secret }),
    ).rejects.toMatchObject({ code: 'state_refused' })
    expect(readdirSync(out)).toEqual(['acme.state'])
  }
})
