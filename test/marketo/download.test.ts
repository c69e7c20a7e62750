import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Marketo } from '../../src/marketo/api.js'
import { MarketoError } from '../../src/marketo/error.js'
import {
  bad,
  client,
  failure,
  grant,
  handled,
  type Seen,
  stage,
} from './stage.js'

const file = randomBytes(200_000)
const hash = (bytes: Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex')
const csv = 'text/csv;charset=UTF-8'

interface Serving {
  /** Bytes of the body after which the connection is cut. */
  readonly cutAfter?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  readonly isRangeIgnored?: boolean
}

/** Serves the file with ranges, or as told. */
function serve({ headers, response }: Seen, how: Serving = {}) {
  const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
  const isRange = headers.range !== undefined && !how.isRangeIgnored
  const body = isRange ? file.subarray(from) : file
  response.writeHead(how.status ?? (isRange ? 206 : 200), {
    'content-type': csv,
    'content-length': body.length,
    ...(isRange
      ? { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }
      : {}),
    ...how.headers,
  })
  if (how.cutAfter === undefined) response.end(body)
  else {
    response.write(body.subarray(0, how.cutAfter), () => {
      setTimeout(() => response.destroy(), 2)
    })
  }
  return handled
}

const isFile = ({ path }: Seen) => path.endsWith('/file.json')

/** Keeps what arrives until the stream ends or breaks. */
async function drain(
  body: Readable,
): Promise<{ bytes: Buffer; error: unknown }> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body) chunks.push(Buffer.from(chunk))
    return { bytes: Buffer.concat(chunks), error: null }
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error }
  }
}

/** What a caller does: resume from what it has until the file is whole. */
async function whole(marketo: Marketo): Promise<Buffer> {
  let held = Buffer.alloc(0)
  for (let turn = 0; turn < 20; turn += 1) {
    const { from, body } = await marketo.downloadExport('x', held.length)
    const { bytes, error } = await drain(body)
    held = Buffer.concat([held.subarray(0, from), bytes])
    if (error === null) return held
    expect(error).toBeInstanceOf(MarketoError)
  }
  throw new Error('It never got the whole file')
}

describe('downloads', () => {
  it('ask for identity encoding and give the exact bytes', async () => {
    const { endpoint, seen } = await stage((each) =>
      isFile(each) ? serve(each) : undefined,
    )
    const { marketo } = client(endpoint)
    const { from, total, body } = await marketo.downloadExport('x', 0)
    expect(hash(await buffer(body))).toBe(hash(file))
    expect([from, total]).toEqual([0, file.length])
    const asked = seen.find(isFile)
    expect(asked?.headers['accept-encoding']).toBe('identity')
    expect(asked?.headers.range).toBeUndefined()
  })

  it('C1: resume from any byte at which they were cut', async () => {
    const cuts = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_537, 199_999]
    const random = Array.from({ length: 40 }, () =>
      Math.floor(Math.random() * file.length),
    )
    for (const cutAfter of [...cuts, ...random]) {
      const { endpoint } = await stage((each, nth) => {
        if (!isFile(each)) return undefined
        return serve(each, nth === 1 ? { cutAfter } : {})
      })
      expect(hash(await whole(client(endpoint).marketo))).toBe(hash(file))
    }
  })

  it('A4: resume with a new token where the old one ended', async () => {
    let current = 'token-1'
    const served: number[] = []
    const { endpoint } = await stage((each) => {
      if (each.path.includes('identity')) return grant(current)
      if (!isFile(each)) return undefined
      if (each.headers.authorization !== `Bearer ${current}`) return bad(602)
      const from = Number(/\d+/.exec(each.headers.range ?? '0')?.[0])
      const cutAfter = from === 0 ? 120_000 : undefined
      served.push(cutAfter ?? file.length - from)
      if (from === 0) current = 'token-2'
      return serve(each, cutAfter === undefined ? {} : { cutAfter })
    })
    expect(hash(await whole(client(endpoint).marketo))).toBe(hash(file))
    const bytes = served.reduce((a, b) => a + b, 0)
    expect(bytes).toBeLessThanOrEqual(file.length + 65_536)
  })

  it('C2: begin again where the range is ignored, and say so', async () => {
    const { endpoint } = await stage((each) =>
      isFile(each) ? serve(each, { isRangeIgnored: true }) : undefined,
    )
    const { from, total, body } = await client(endpoint).marketo.downloadExport(
      'x',
      500,
    )
    expect([from, total]).toEqual([0, file.length])
    expect(hash(await buffer(body))).toBe(hash(file))
  })

  it.each([
    'bytes 501-199999/200000',
    'bytes 499-199999/200000',
    'bytes 0-199999/200000',
    'bytes 500-199998/200000',
    'bytes 500-199999/*',
    'bytes 500-600/200000',
    'lines 500-199999/200000',
    'bytes -1-199999/200000',
    '',
  ])('C3: begin again after the forged range "%s"', async (range) => {
    const { endpoint, seen } = await stage((each, nth) => {
      if (!isFile(each)) return undefined
      const forged = { headers: { 'content-range': range } }
      return serve(each, nth === 1 ? forged : {})
    })
    const { marketo } = client(endpoint)
    const { from, body } = await marketo.downloadExport('x', 500)
    expect(from).toBe(0)
    expect(hash(await buffer(body))).toBe(hash(file))
    expect(seen.filter(isFile)).toHaveLength(2)
  })

  it('begin again where Marketo does not have the range', async () => {
    const { endpoint } = await stage((each, nth) => {
      if (!isFile(each)) return undefined
      if (nth > 1) return serve(each)
      each.response.writeHead(416, { 'content-type': 'text/plain' })
      return 'no such range'
    })
    const { from } = await client(endpoint).marketo.downloadExport('x', 500)
    expect(from).toBe(0)
  })

  it('C4: break where the length is wrong', async () => {
    const { endpoint } = await stage((each) =>
      isFile(each) ? serve(each, { cutAfter: 1000 }) : undefined,
    )
    const { body } = await client(endpoint).marketo.downloadExport('x', 0)
    const { bytes, error } = await drain(body)
    expect(bytes.length).toBeLessThanOrEqual(1000)
    expect(error).toMatchObject({ code: 'unavailable', exit: 4 })
  })

  it('C4: break where a range lacks its last byte', async () => {
    const { endpoint } = await stage(({ response, path }) => {
      if (!path.endsWith('/file.json')) return undefined
      response.writeHead(206, {
        'content-type': csv,
        'content-length': '99',
        'content-range': `bytes ${file.length - 100}-${file.length - 1}/${file.length}`,
      })
      response.end(file.subarray(-100, -1))
      return handled
    })
    const { marketo } = client(endpoint)
    const { body } = await marketo.downloadExport('x', file.length - 100)
    const { bytes, error } = await drain(body)
    expect(bytes.length).toBeLessThanOrEqual(99)
    expect(error).toMatchObject({ code: 'unavailable', exit: 4 })
  })

  it('C9: refuse a file that was compressed on the way', async () => {
    const { endpoint } = await stage((each, nth) => {
      if (!isFile(each)) return undefined
      return serve(
        each,
        nth < 3 ? { headers: { 'content-encoding': 'gzip' } } : {},
      )
    })
    const { body } = await client(endpoint).marketo.downloadExport('x', 0)
    expect(hash(await buffer(body))).toBe(hash(file))
  })

  it('B9: tell of a missing file by a word', async () => {
    const { endpoint, seen } = await stage((each) => {
      if (!isFile(each)) return undefined
      each.response.writeHead(404, { 'content-type': 'text/plain' })
      return 'Not found'
    })
    const error = await failure(client(endpoint).marketo.downloadExport('x', 0))
    expect(error).toMatchObject({ code: 'file_missing', recovery: 'wait' })
    expect(seen.filter(isFile)).toHaveLength(1)
  })

  it('take an error with HTTP 200 for an error, not for a file', async () => {
    const answers = [bad('606'), bad('601'), bad('608'), '<html>sorry</html>']
    const { endpoint } = await stage((each, nth) => {
      if (!isFile(each)) return undefined
      const answer = answers[nth - 1]
      if (answer === undefined) return serve(each)
      if (typeof answer === 'string') {
        each.response.setHeader('content-type', 'text/html')
      }
      return answer
    })
    const { body } = await client(endpoint).marketo.downloadExport('x', 0)
    expect(hash(await buffer(body))).toBe(hash(file))
  })

  it('break when the server falls silent', async () => {
    const { endpoint } = await stage((each) => {
      if (!isFile(each)) return undefined
      each.response.writeHead(200, {
        'content-type': csv,
        'content-length': '9',
      })
      each.response.write('id')
      return handled
    })
    const { marketo } = client(endpoint, { timeoutFloor: 100 })
    const { body } = await marketo.downloadExport('x', 0)
    const { bytes, error } = await drain(body)
    expect(String(bytes)).toBe('id')
    expect(String(error)).toContain('stalled')
  })

  it('A18: break when the server crawls', async () => {
    const { endpoint } = await stage((each) => {
      if (!isFile(each)) return undefined
      each.response.writeHead(200, { 'content-type': csv })
      const drip = setInterval(() => each.response.write('x'), 20)
      each.response.on('close', () => clearInterval(drip))
      return handled
    })
    const { marketo } = client(endpoint, { timeoutFloor: 200 })
    const { body } = await marketo.downloadExport('x', 0)
    expect(String((await drain(body)).error)).toContain('too slow')
  })

  it('do not blame the server for a reader that takes its time', async () => {
    const large = Buffer.alloc(5_000_000, 'x')
    const { endpoint } = await stage((each) => {
      if (!isFile(each)) return undefined
      each.response.writeHead(200, {
        'content-type': csv,
        'content-length': large.length,
      })
      each.response.end(large)
      return handled
    })
    // With a large file the whole may take long; silence may not.
    const { marketo } = client(endpoint, { timeoutFloor: 150, timeScale: 1000 })
    const { body } = await marketo.downloadExport('x', 0)
    let bytes = 0
    for await (const chunk of body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 500))
      bytes += Buffer.from(chunk).length
    }
    expect(bytes).toBe(large.length)
  })

  it('give their place back when the reader leaves', async () => {
    const { endpoint } = await stage((each) =>
      isFile(each) ? serve(each) : undefined,
    )
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 1 },
    })
    for (let turn = 0; turn < 3; turn += 1) {
      const { body } = await marketo.downloadExport('x', 0)
      body.destroy()
    }
    await expect(marketo.partitions()).resolves.toEqual([])
  })
})
