import {
  appendFileSync,
  existsSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { startSandbox } from '../../src/sandbox/sandbox.js'
import { Caller, folder, leadFile } from './caller.js'
import { ManualClock } from './manual-clock.js'

const leads = { kind: 'generated', count: 60, seed: 2 } as const

async function open(
  path: string,
  options: Partial<SandboxOptions> = {},
): Promise<Caller> {
  const sandbox = await startSandbox({
    leads,
    state: path,
    clock: new ManualClock('2026-11-20T15:00:00Z'),
    timing: { mergeLatency: [0, 0] },
    ...options,
  })
  return new Caller(sandbox)
}

async function change(caller: Caller): Promise<void> {
  const { leads: found } = await caller.state()
  const [a, b, c, d] = found.map(({ id }) => id)
  await caller.post(`/rest/v1/leads/${a}/merge.json?leadIds=${b}`)
  await caller.post(`/rest/v1/leads/delete.json?id=${c}`)
  await caller.post(`/rest/v1/lists/1004/leads.json?id=${d}`)
  const input = [{ email: 'new@x.example', lastName: 'a\u2028b\nc' }]
  await caller.post('/rest/v1/leads.json', { input })
}

describe('a state file', () => {
  it('gives the second start the world that the first one left', async () => {
    const path = join(folder(), 'world')
    const first = await open(path)
    await change(first)
    const { now: _, ...before } = await first.state()
    const writes = await first.writes()
    await first.sandbox.close()
    const second = await open(path)
    const { now: __, ...after } = await second.state()
    expect(after).toEqual(before)
    expect(await second.writes()).toEqual(writes)
    const types = '/rest/v1/activities/deletedleads.json?nextPageToken='
    const token = await second.get(
      '/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-11-20T00:00:00Z',
    )
    const deleted = await second.get(
      types + encodeURIComponent(token.nextPageToken ?? ''),
    )
    expect(deleted.result?.length).toBe(1)
    const usage = await second.get('/rest/v1/stats/usage.json')
    expect(usage.result?.[0]?.['total']).toBe(6)
    await second.sandbox.close()
  })

  it('never lets time run backwards', async () => {
    const path = join(folder(), 'world')
    const clock = new ManualClock('2026-11-20T15:00:00Z')
    const first = await open(path, { clock })
    clock.advance(10 * 86_400_000)
    await first.get('/rest/v1/leads/partitions.json')
    const { now } = await first.state()
    await first.sandbox.close()
    const second = await open(path)
    expect(Date.parse((await second.state()).now)).toBeGreaterThan(
      Date.parse(now),
    )
    await second.sandbox.close()
    const later = new ManualClock('2027-02-01T00:00:00Z')
    const third = await open(path, { clock: later })
    expect((await third.state()).now).toBe('2027-02-01T00:00:00Z')
    await third.sandbox.close()
  })

  it('keeps export jobs and their files', async () => {
    const path = join(folder(), 'world')
    const clock = new ManualClock('2026-11-20T15:00:00Z')
    const first = await open(path, { clock })
    const request = { fields: ['id'], filter: { staticListName: 'Newsletter' } }
    const done = await first.export(request)
    clock.advance(120_000)
    const text = await (await first.file(done)).text()
    const running = await first.export(request)
    clock.advance(10_000)
    await first.get('/bulk/v1/leads/export.json')
    await first.sandbox.close()
    const later = new ManualClock('2026-11-20T15:10:00Z')
    const second = await open(path, { clock: later })
    expect(await (await second.file(done)).text()).toBe(text)
    const status = await second.get(
      `/bulk/v1/leads/export/${running}/status.json`,
    )
    expect(status.result?.[0]?.['status']).toBe('Completed')
    const created = await second.post(
      '/bulk/v1/leads/export/create.json',
      request,
    )
    expect([done, running]).not.toContain(created.result?.[0]?.['exportId'])
    await second.sandbox.close()
  })

  it('loses at most the operation whose line was torn', async () => {
    const path = join(folder(), 'world')
    const first = await open(path)
    await first.post('/rest/v1/leads/delete.json?id=1000001')
    await first.sandbox.close()
    appendFileSync(`${path}.log`, '[999,[{"kind":"gone","gone":{"id":"10')
    const second = await open(path)
    expect((await second.state()).leads.length).toBe(59)
    await second.sandbox.close()
  })

  it('does not apply a log twice when it ends between snapshot and new log', async () => {
    const path = join(folder(), 'world')
    const first = await open(path)
    await change(first)
    await first.sandbox.close()
    const log = readFileSync(`${path}.log`)
    const second = await open(path)
    const { now: _, ...before } = await second.state()
    await second.sandbox.close()
    writeFileSync(`${path}.log`, log)
    const third = await open(path)
    const { now: __, ...after } = await third.state()
    expect(after).toEqual(before)
    await third.sandbox.close()
  })

  it('of another world or with damage is refused with what to do', async () => {
    const path = join(folder(), 'world')
    await (await open(path)).sandbox.close()
    const other = { ...leads, count: 61 }
    await expect(open(path, { leads: other })).rejects.toThrow(
      /holds a world of 60 generated leads/,
    )
    writeFileSync(path, 'nonsense\n')
    await expect(open(path)).rejects.toThrow(/damaged or of another version/)
  })

  it('is not needed: without one nothing is written', async () => {
    const caller = new Caller(await startSandbox({ leads }))
    expect((await caller.get('/rest/v1/leads/partitions.json')).success).toBe(
      true,
    )
    await caller.sandbox.close()
  })
})

function start(csv: string) {
  return startSandbox({ leads: { kind: 'file', path: leadFile(csv) } })
}

describe('a lead file that cannot be served', () => {
  it('is refused with its name and the reason', async () => {
    await expect(start('')).rejects.toThrow(
      /leads.csv cannot be served: it is empty/,
    )
    await expect(start('email\na@x.example\n')).rejects.toThrow(
      /no column 'id'/,
    )
    await expect(start('id,a,a\n1,2,3\n')).rejects.toThrow(/a column twice/)
    await expect(start('id,a\n1,2,3\n')).rejects.toThrow(
      /record 2 has 3 cells, not 2/,
    )
    await expect(start('id,a\nx,2\n')).rejects.toThrow(
      /record 2 has no positive integer/,
    )
    await expect(start('id,a\n1,2\n1,3\n')).rejects.toThrow(/id 1 occurs twice/)
    await expect(start('id,a\n1,"2\n')).rejects.toMatchObject({ exit: 3 })
    const leadsAt = { kind: 'file', path: join(folder(), 'none.csv') } as const
    await expect(startSandbox({ leads: leadsAt })).rejects.toThrow(/none.csv/)
    expect(existsSync(leadsAt.path)).toBe(false)
  })
})
