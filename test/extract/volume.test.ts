import { expect, it } from 'vitest'
import { Volume } from '../../src/extract/volume.js'
import type { ExportJob } from '../../src/marketo/api.js'

function job(exportId: string, finishedAt: string, bytes: number): ExportJob {
  return {
    exportId,
    finishedAt,
    bytes,
    state: 'completed',
    createdAt: finishedAt,
    startedAt: finishedAt,
    rows: 1,
    sha256: null,
    error: null,
  }
}

const noon = Date.parse('2026-07-10T17:00:00Z')

it('counts a job once, however often it is told of', () => {
  const volume = new Volume(100)
  volume.addJobs([job('a', '2026-07-10T16:00:00Z', 30)])
  volume.addJobs([
    job('a', '2026-07-10T16:00:00Z', 30),
    job('b', '2026-07-10T16:30:00Z', 20),
  ])
  expect(volume.used(noon)).toBe(50)
  expect(volume.left(noon)).toBe(50)
})

it('counts from the earlier of the two midnights that Adobe writes of', () => {
  const volume = new Volume(100)
  volume.addJobs([
    job('yesterday', '2026-07-10T04:59:59Z', 1),
    job('doubtful', '2026-07-10T05:00:00Z', 10),
    job('today', '2026-07-10T06:00:00Z', 20),
  ])
  expect(volume.used(noon)).toBe(30)
})

it('is not free again before the later midnight', () => {
  const volume = new Volume(100)
  volume.addJobs([job('a', '2026-07-09T20:00:00Z', 100)])
  expect(volume.left(Date.parse('2026-07-10T05:30:00Z'))).toBe(0)
  expect(volume.left(Date.parse('2026-07-10T06:00:00Z'))).toBe(100)
})

it('ignores jobs that have no file', () => {
  const volume = new Volume(100)
  volume.addJobs([
    { ...job('a', '2026-07-10T16:00:00Z', 30), bytes: null },
    { ...job('b', '2026-07-10T16:00:00Z', 30), finishedAt: null },
  ])
  expect(volume.used(noon)).toBe(0)
})
