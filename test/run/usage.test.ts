import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { foldersOf, makeFolders } from '../../src/run/folder.js'
import { dayUsage } from '../../src/run/usage.js'

const now = Date.parse('2026-07-10T17:00:00Z')

function project() {
  const folder = mkdtempSync(join(tmpdir(), 'usage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return foldersOf(folder, 'acme')
}

it('counts the calls and bytes of the quota day, and tells when it resets', async () => {
  const folders = project()
  makeFolders(folders)
  const line = (at: string) =>
    `${JSON.stringify({ event: 'call.ended', mkto_ts: at })}\n`
  const log = ['2026-07-10T04:00:00Z', '2026-07-10T12:00:00Z'].map(line)
  writeFileSync(join(folders.log, 'run.jsonl'), log.join(''))
  const id = '20260710-120000-0000'
  mkdirSync(join(folders.landing, id))
  const task = (exportId: string, finishedAt: string, bytes: number) => ({
    exportId,
    finishedAt,
    bytes,
  })
  const tasks = [
    task('a', '2026-07-10T04:00:00Z', 1_000_000),
    task('b', '2026-07-10T12:00:00Z', 20_000_000),
    task('c', '2026-07-10T12:30:00Z', 300_000_000),
  ]
  const state = { version: 1, id, fields: [], tasks }
  writeFileSync(
    join(folders.landing, id, 'extract.json'),
    JSON.stringify(state),
  )
  expect(await dayUsage(folders, now)).toEqual({
    calls: 1,
    export_bytes: 320_000_000,
    resets_at: '2026-07-11T06:00:00.000Z',
  })
})

it('knows nothing of a pipeline that has never run', async () => {
  expect(await dayUsage(project(), now)).toBeNull()
})
