import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  download,
  isDownloaded,
  type DownloadRequest,
  WrongBytes,
} from '../../src/extract/download.js'
import type { ExportJob, Marketo } from '../../src/marketo/api.js'
import { Setup, temporaryFolder } from './setup.js'

const file = '/file\\.json$'

/** A sandbox with one finished export of all its leads. */
async function finished(): Promise<{ setup: Setup; job: ExportJob }> {
  const setup = await Setup.start()
  const { marketo } = setup
  const { exportId } = await marketo.createExport({
    fields: ['id', 'email', 'firstName', 'lastName', 'company'],
    filter: {
      kind: 'createdAt',
      startAt: '2026-08-01T00:00:00Z',
      endAt: '2026-08-31T00:00:00Z',
    },
  })
  await marketo.enqueueExport(exportId)
  for (;;) {
    await marketo.clock.sleep(60_000)
    const job = await marketo.exportJob(exportId)
    if (job.state === 'completed') return { setup, job }
  }
}

function request(
  job: ExportJob,
  more: Partial<DownloadRequest> = {},
): DownloadRequest {
  return {
    exportId: job.exportId,
    path: join(temporaryFolder(), 'x.csv'),
    bytes: job.bytes,
    sha256: job.sha256,
    signal: new AbortController().signal,
    onBytes: () => {},
    ...more,
  }
}

/** The client, and the bytes from which it was asked to download. */
function spy({ marketo }: Setup): { marketo: Marketo; froms: number[] } {
  const froms: number[] = []
  const downloadExport = (id: string, from: number) => {
    froms.push(from)
    return marketo.downloadExport(id, from)
  }
  return { marketo: { ...marketo, downloadExport }, froms }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('a download', () => {
  it('resumes wherever the connection was cut', async () => {
    const { setup, job } = await finished()
    const total = job.bytes ?? 0
    const cuts = [0, 1, 2, 63, 64, 65, 1000, total - 2, total - 1]
    for (const bytes of cuts) {
      await setup.addFaults({
        kind: 'file-cut',
        bytes,
        match: { endpoint: file, nth: 1 },
      })
      const wanted = request(job)
      await download(setup.marketo, wanted)
      expect(sha256(wanted.path)).toBe(job.sha256)
      await setup.clearFaults()
    }
  })

  it('continues what a killed run left, from the exact byte', async () => {
    const { setup, job } = await finished()
    const whole = request(job)
    await download(setup.marketo, whole)
    const bytes = readFileSync(whole.path)
    for (const kept of [1, 100, bytes.length - 1, bytes.length]) {
      const { marketo, froms } = spy(setup)
      const wanted = request(job)
      writeFileSync(`${wanted.path}.part`, bytes.subarray(0, kept))
      await download(marketo, wanted)
      expect(sha256(wanted.path)).toBe(job.sha256)
      expect(froms).toEqual(kept === bytes.length ? [] : [kept])
    }
  })

  it('goes on from the exact byte with a new token where the old one ended (A4)', async () => {
    const { setup, job } = await finished()
    const whole = request(job)
    await download(setup.marketo, whole)
    const { marketo, froms } = spy(setup)
    const wanted = request(job)
    const start = readFileSync(whole.path).subarray(0, 700)
    writeFileSync(`${wanted.path}.part`, start)
    await setup.addFaults({
      kind: 'token-expired',
      match: { endpoint: file, nth: 1 },
    })
    const before = setup.count('identity/oauth/token')
    await download(marketo, wanted)
    expect(sha256(wanted.path)).toBe(job.sha256)
    expect(froms).toEqual([700])
    expect(setup.count('identity/oauth/token')).toBe(before + 1)
  })

  it('starts over where the server ignores the range', async () => {
    const { setup, job } = await finished()
    await setup.addFaults({ kind: 'range-ignored' })
    const wanted = request(job)
    writeFileSync(`${wanted.path}.part`, 'id,email\n')
    await download(setup.marketo, wanted)
    expect(sha256(wanted.path)).toBe(job.sha256)
  })

  it('fetches the last byte that a range answer lacks', async () => {
    const { setup, job } = await finished()
    await setup.addFaults({
      kind: 'range-short',
      match: { endpoint: file, nth: 1 },
    })
    const whole = request(job)
    await download(setup.marketo, whole)
    const wanted = request(job)
    const start = readFileSync(whole.path).subarray(0, 50)
    writeFileSync(`${wanted.path}.part`, start)
    await download(setup.marketo, wanted)
    expect(sha256(wanted.path)).toBe(job.sha256)
  })

  it('that an earlier run finished is believed by its checksum only', async () => {
    const { setup, job } = await finished()
    const wanted = request(job)
    await download(setup.marketo, wanted)
    expect(await isDownloaded(wanted)).toBe(true)
    const bytes = readFileSync(wanted.path)
    writeFileSync(wanted.path, Buffer.alloc(bytes.length))
    expect(await isDownloaded(wanted)).toBe(false)
    writeFileSync(wanted.path, bytes.subarray(1))
    expect(await isDownloaded(wanted)).toBe(false)
    expect(await isDownloaded({ ...wanted, sha256: null })).toBe(false)
  })

  it('never takes the bytes of another file for its own', async () => {
    const { setup, job } = await finished()
    const wanted = request(job)
    writeFileSync(`${wanted.path}.part`, 'x'.repeat(500))
    await expect(download(setup.marketo, wanted)).rejects.toThrow(WrongBytes)
    expect(existsSync(wanted.path)).toBe(false)
  })

  it('refuses a flipped byte, a missing end and another size', async () => {
    const { setup, job } = await finished()
    await setup.addFaults({
      kind: 'file-corrupt',
      match: { endpoint: file, nth: 1 },
    })
    await expect(download(setup.marketo, request(job))).rejects.toThrow(
      WrongBytes,
    )
    await setup.clearFaults()
    await setup.addFaults({ kind: 'file-short', match: { endpoint: file } })
    await expect(download(setup.marketo, request(job))).rejects.toThrow(
      WrongBytes,
    )
    await setup.clearFaults()
    const bytes = (job.bytes ?? 0) + 1
    const longer = request(job, { bytes })
    await expect(download(setup.marketo, longer)).rejects.toThrow(WrongBytes)
  })

  it('gives up after five connections in a row that bring nothing', async () => {
    const { setup, job } = await finished()
    let calls = 0
    const downloadExport = async () => {
      calls += 1
      const body = new Readable({
        read() {
          this.destroy(new Error('reset'))
        },
      })
      return { from: 0, total: job.bytes, body }
    }
    const marketo = { ...setup.marketo, downloadExport }
    await expect(download(marketo, request(job))).rejects.toThrow('reset')
    expect(calls).toBe(5)
  })

  it('takes a file of unknown size and checksum from the start', async () => {
    const { setup, job } = await finished()
    const wanted = request(job, { bytes: null, sha256: null })
    writeFileSync(`${wanted.path}.part`, 'left over')
    await download(setup.marketo, wanted)
    expect(sha256(wanted.path)).toBe(job.sha256)
  })

  it('stops at once when the run is stopped, and keeps what came', async () => {
    const { setup, job } = await finished()
    const stop = new AbortController()
    const wanted = request(job, {
      signal: stop.signal,
      onBytes: () => stop.abort(new Error('stopped')),
    })
    await expect(download(setup.marketo, wanted)).rejects.toThrow('stopped')
    expect(existsSync(wanted.path)).toBe(false)
    expect(readFileSync(`${wanted.path}.part`).length).toBeGreaterThan(0)
  })
})
