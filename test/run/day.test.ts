import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { earlierCalls } from '../../src/run/day.js'

const line = (at: string | null) =>
  `${JSON.stringify({ event: 'call.ended', ...(at !== null && { mkto_ts: at }) })}\n`

describe('calls of earlier runs', () => {
  it('count when they are of the quota day of the last call', () => {
    const folder = mkdtempSync(join(tmpdir(), 'calls-'))
    writeFileSync(
      join(folder, 'a.jsonl'),
      line('2026-01-10T23:00:00.000Z') +
        line('2026-01-11T12:00:00.000Z') +
        line(null) +
        line('2026-01-11T13:00:00.000Z'),
    )
    // A killed run tore its last line.
    writeFileSync(
      join(folder, 'b.jsonl'),
      `${line('2026-01-11T14:00:00.000Z')}{"event":"call.en`,
    )
    const now = Date.parse('2026-01-11T15:00:00Z')
    expect(earlierCalls(folder, now)).toEqual({
      count: 3,
      recent: 0,
      lastAt: Date.parse('2026-01-11T14:00:00Z'),
    })
  })

  it('are forgotten when the quota has reset under every reading', () => {
    const folder = mkdtempSync(join(tmpdir(), 'calls-'))
    const file = join(folder, 'a.jsonl')
    writeFileSync(file, line('2026-01-11T12:00:00.000Z'))
    const tomorrow = Date.parse('2026-01-12T08:00:00Z')
    utimesSync(file, tomorrow / 1000, tomorrow / 1000)
    expect(earlierCalls(folder, tomorrow).count).toBe(0)
  })

  it('are none before the first run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'calls-'))
    expect(earlierCalls(folder, Date.now())).toEqual({
      count: 0,
      recent: 0,
      lastAt: 0,
    })
  })

  it('are as many more as a killed run may have had under way', () => {
    const folder = mkdtempSync(join(tmpdir(), 'calls-'))
    const at = '2026-01-11T14:00:00.000Z'
    writeFileSync(join(folder, 'killed.jsonl'), line(at))
    writeFileSync(
      join(folder, 'ended.jsonl'),
      `${line(at)}{"event":"run.ended"}\n`,
    )
    writeFileSync(join(folder, 'own.jsonl'), '{"event":"run.started"}\n')
    const now = Date.parse(at) + 10_000
    expect(earlierCalls(folder, now, 5)).toMatchObject({ count: 7, recent: 7 })
    const later = now + 60_000
    expect(earlierCalls(folder, later, 5)).toMatchObject({
      count: 7,
      recent: 5,
    })
  })
})
