import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { openLog } from '../../src/log.js'
import { newRecord } from '../../src/run/new-record.js'
import { watchStop } from '../../src/run/stop-request.js'
import { pipeline } from '../load/pipeline.js'

it('hundreds of calls may wait for their turn without a warning of a leak', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stop-'))
  const clock = systemClock
  const made = { published: '', resumedFrom: null }
  const record = newRecord(pipeline, { clock, random: () => 0.5 }, made)
  const { signal } = new AbortController()
  const base = { run_id: record.run_id, pipeline: record.pipeline }
  const log = openLog({
    file: null,
    level: 'silent',
    secrets: [],
    base,
    stderr: { write: () => true },
  })
  const watch = watchStop(folder, record, { clock, log, signal })
  const warnings: string[] = []
  const warn = ({ name }: Error) => void warnings.push(name)
  process.on('warning', warn)
  try {
    for (let n = 0; n < 300; n += 1) {
      watch.signal.addEventListener('abort', () => {})
    }
    await clock.sleep(10)
    expect(warnings).toEqual([])
  } finally {
    process.off('warning', warn)
    watch.close()
    log.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
