import { expect, it } from 'vitest'
import { newRecord } from '../../src/run/new-record.js'
import { asStop, stopped } from '../../src/run/stop.js'
import { pipeline } from '../load/pipeline.js'

const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} }
const paths = { published: '', resumedFrom: null }
const record = newRecord(pipeline, { clock, random: () => 0 }, paths)
const size = { merges: 1, losers: 1, updates: 0, calls: 4, crm_records: 0 }
const plan = { hash: 'ab'.repeat(32), ...size, needs_approval: false }

it('a stop names the command that goes on, of a plan that was not begun too', () => {
  const asked = new AbortController()
  asked.abort(stopped('acme'))
  const late = new DOMException('over', 'AbortError')
  const told = (approved: typeof record | null) =>
    asStop(late, asked.signal, approved).message
  expect(told(null)).toContain('; pipeline run acme continues.')
  expect(told({ ...record, plan })).toContain(
    '; pipeline apply acme --plan abababababab continues.',
  )
  const never = new Error('something else')
  expect(asStop(never, asked.signal)).toBe(never)
})
