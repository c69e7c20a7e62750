import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal, readJournal } from '../../src/load/journal.js'
import type { JournalEntry } from '../../src/load/journal-state.js'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const entries: readonly JournalEntry[] = [
  { kind: 'begin', epoch: 1, run: 'r1', plan: 'abc', at: 1 },
  {
    kind: 'intent',
    attempt: '1.2',
    send: 'merge',
    rows: ['m000001'],
    call: 0,
    request: 'f00',
    at: 2,
  },
  {
    kind: 'outcome',
    attempt: '1.2',
    class: 'ambiguous',
    code: '604',
    requestId: null,
    at: 3,
  },
  {
    kind: 'intent',
    attempt: '1.4',
    send: 'update',
    rows: ['u000001', 'u000002'],
    call: null,
    request: 'f00',
    at: 4,
  },
  { kind: 'status', rows: ['u000001'], status: 'done', reason: '' },
  {
    kind: 'status',
    rows: ['m000002'],
    status: 'unresolved',
    reason: 'x',
    frozen: ['7', '8'],
  },
]

async function written(): Promise<{ path: string; text: string }> {
  const path = join(folder, 'a.jsonl')
  const journal = await Journal.open(path)
  for (const entry of entries) await journal.append([entry], true)
  await journal.close()
  return { path, text: await readFile(path, 'utf8') }
}

describe('a journal', () => {
  it('folds into what is final and what is still open', async () => {
    const { path } = await written()
    const state = await readJournal(path)
    expect(state?.epoch).toBe(1)
    expect([...(state?.final ?? [])]).toEqual([
      ['u000001', 'done'],
      ['m000002', 'unresolved'],
    ])
    expect(state?.last('m000001')).toMatchObject({ outcome: 'ambiguous' })
    expect(state?.last('u000002')).toMatchObject({ outcome: null, at: 4 })
    expect(state?.last('u000001')).toBeNull()
    expect([...(state?.frozen ?? [])]).toEqual(['7', '8'])
    expect(state?.counts).toMatchObject({ done: 1, unresolved: 1 })
  })

  it('is private to the user', async () => {
    const { path } = await written()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('is null where there is none', async () => {
    expect(await readJournal(join(folder, 'none.jsonl'))).toBeNull()
  })

  it('E12: loses at most the line that a crash tore, wherever it tore', async () => {
    const { path, text } = await written()
    const bytes = Buffer.from(text)
    for (let size = 0; size <= bytes.length; size += 7) {
      const torn = bytes.subarray(0, size)
      await writeFile(path, torn)
      const whole = torn.toString().split('\n').length - 1
      const journal = await Journal.open(path)
      expect(journal.lines).toBe(whole)
      await journal.append([{ kind: 'approve', who: 'a', when: 'b' }], true)
      await journal.close()
      const state = await readJournal(path)
      expect(state?.approvals).toHaveLength(1)
    }
  })

  it('E12: is refused when any byte of it changed', async () => {
    const { path, text } = await written()
    const bytes = Buffer.from(text)
    const last = text.trimEnd().lastIndexOf('\n')
    for (let at = 0; at < bytes.length; at += 11) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      await writeFile(path, flipped)
      const opened = Journal.open(path)
      if (at > last && flipped.at(-1) !== 0x0a) {
        await (await opened).close()
        continue
      }
      await expect(opened, `byte ${at}`).rejects.toMatchObject({
        code: 'journal_damaged',
        exit: 8,
      })
    }
  })

  it('is refused when a line in the middle is missing', async () => {
    const { path, text } = await written()
    const lines = text.split('\n')
    await writeFile(path, lines.toSpliced(2, 1).join('\n'))
    await expect(Journal.open(path)).rejects.toMatchObject({ exit: 8 })
  })
})
