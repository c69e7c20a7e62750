import { expect, it } from 'vitest'
import { patienceOf } from '../../src/extract/patience.js'
import { StateFile } from '../../src/extract/state.js'
import { newTask } from '../../src/extract/task.js'

const filter = {
  kind: 'createdAt',
  startAt: '2026-01-01T00:00:00Z',
  endAt: '2026-01-31T23:59:59Z',
} as const
const task = newTask({ filter, fields: ['id'], lists: [], isLeads: true })

/** An extract whose jobs took so many seconds. */
function extractOf(seconds: readonly number[]): StateFile {
  return new StateFile('', {
    version: 1,
    id: '20260901-050000-0000',
    kind: 'full',
    why: '',
    base: null,
    instance: '',
    fingerprint: '',
    fields: ['id'],
    start: null,
    wantedStart: null,
    isWhole: true,
    asOf: '2026-09-01T05:00:00Z',
    changesSince: null,
    changesUntil: null,
    cursor: '2026-09-01T05:00:01Z',
    updatesUntil: '2026-09-01T05:00:00Z',
    tasks: [task, ...seconds.map((took) => ({ ...task, took: took * 1000 }))],
    hasChanges: false,
    status: 'done',
  })
}

const patience = (...seconds: number[]) =>
  patienceOf([extractOf(seconds)]) / 1000

it('a job is looked at when nearly all of the latest ones were done', () => {
  expect(patience(...Array.from({ length: 20 }, (_, at) => at + 100))).toBe(193)
  expect(patience(100, 110, 5000)).toBe(600)
  expect(patience(2)).toBe(77)
  expect(patience()).toBe(60)
})
