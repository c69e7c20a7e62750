import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createServer as createSecureServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { certificate } from './certificate.js'
import { bad, client, failure, good, handled, portOf, stage } from './stage.js'

type Client = ReturnType<typeof client>['marketo']

const update = (marketo: Client) =>
  marketo.updateLeads([{ id: '11', values: { firstName: 'Ann' } }])
const merge = (marketo: Client) =>
  marketo.mergeLeads('11', ['12'], { mergeInCrm: false })

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

/** Ways in which an answer may fail to come. */
const breaks = {
  'a reset': ({ response }) => {
    response.socket?.resetAndDestroy()
    return handled
  },
  'an end without an answer': ({ response }) => {
    response.destroy()
    return handled
  },
  'half an answer': ({ response }) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"success":')
    setTimeout(() => response.destroy(), 5)
    return handled
  },
  'cut JSON': () => '{"requestId":"a#1","success":tr',
  'an empty body': () => '',
  'A16: a page of HTML': ({ response }) => {
    response.setHeader('content-type', 'text/html')
    return '<html>Maintenance</html>'
  },
  'HTTP 503': ({ response }) => {
    response.statusCode = 503
    return '<html>503</html>'
  },
  'code 604': () => bad(604, 'Request timed out'),
  'code 713': () => bad('713', 'Transient error'),
  'an empty list of errors': () => ({ success: false, errors: [] }),
} satisfies Record<string, Parameters<typeof stage>[0]>

describe.each(Object.entries(breaks))('after %s', (_name, script) => {
  it('a read is repeated', async () => {
    const { endpoint, count } = await stage((seen, nth) =>
      seen.path.includes('partitions') && nth < 3 ? script(seen) : undefined,
    )
    const { marketo, calls } = client(endpoint)
    await expect(marketo.partitions()).resolves.toEqual([])
    expect(count('partitions')).toBe(3)
    expect(calls.filter(({ outcome }) => outcome === 'ambiguous').length).toBe(
      2,
    )
  })

  it('a write is sent once and its outcome is ambiguous', async () => {
    const { endpoint, count } = await stage((seen) =>
      /leads.json|merge/.test(seen.path) ? script(seen) : undefined,
    )
    const { marketo } = client(endpoint)
    for (const write of [update, merge]) {
      const error = await failure(write(marketo))
      expect(error).toMatchObject({ outcome: 'ambiguous' })
    }
    expect([count('leads.json'), count('merge')]).toEqual([1, 1])
  })
})

describe('the connection', () => {
  it('fails fast and clearly where there is no Marketo', async () => {
    const { marketo } = client(`http://127.0.0.1:${await closedPort()}`)
    const error = await failure(marketo.partitions())
    expect(error).toMatchObject({ code: 'unreachable', exit: 4 })
    expect(error.message).toMatch(/could not be reached.*ECONNREFUSED.*tried 3/)
    expect(await failure(merge(marketo))).toMatchObject({ outcome: 'not_sent' })
  })

  it('fails fast where the name of the host is unknown', async () => {
    const { marketo } = client('https://no-such-marketo.invalid')
    const error = await failure(marketo.partitions())
    expect(error).toMatchObject({ code: 'unreachable', outcome: 'not_sent' })
  })

  it('calls a write not_sent only if it never had a connection', async () => {
    const { endpoint } = await stage(({ path, response }) => {
      if (path.includes('stats')) setImmediate(() => relay.close())
      response.setHeader('connection', 'close')
      return undefined
    })
    const relay = await relayTo(endpoint)
    const { marketo, calls } = client(relay.endpoint)
    const error = await failure(merge(marketo))
    expect(error).toMatchObject({ code: 'unreachable', outcome: 'not_sent' })
    expect(calls.at(-1)).toMatchObject({ outcome: 'not_sent', counted: false })
  })

  it('A15: survives an outage with few calls', async () => {
    let until = 0
    const tried: number[] = []
    const { endpoint } = await stage(({ path, at, response }) => {
      if (!path.includes('partitions')) return undefined
      until ||= at + 30_000
      if (at > until) return undefined
      tried.push(at)
      response.statusCode = 503
      return 'down'
    })
    const { marketo } = client(endpoint)
    await Promise.all(Array.from({ length: 10 }, () => marketo.partitions()))
    expect(tried.length).toBeLessThanOrEqual(12)
  })

  it('A15: gives up after about 10 minutes with exit 4', async () => {
    const { endpoint, seen } = await stage(({ path, response }) => {
      if (!path.includes('partitions')) return undefined
      response.statusCode = 502
      return 'down'
    })
    const error = await failure(client(endpoint).marketo.partitions())
    expect(error).toMatchObject({ code: 'unavailable', exit: 4 })
    const tries = seen.filter(({ path }) => path.includes('partitions'))
    const span = (tries.at(-1)?.at ?? 0) - (tries[0]?.at ?? 0)
    expect(span).toBeGreaterThan(400_000)
    expect(span).toBeLessThan(700_000)
  })

  it('A14: is refused without a trusted certificate, once, with exit 6', async () => {
    const server = createSecureServer(certificate, (_request, response) => {
      response.end('{}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    let connections = 0
    server.on('connection', () => (connections += 1))
    const port = portOf(server)
    const { marketo } = client(`https://127.0.0.1:${port}`)
    const error = await failure(merge(marketo))
    server.closeAllConnections()
    server.close()
    expect(error).toMatchObject({ code: 'certificate', exit: 6 })
    expect(error.outcome).toBe('not_sent')
    expect(connections).toBe(1)
  })

  it('A18: ends an answer that trickles in', async () => {
    const { endpoint } = await stage(({ path, response }) => {
      if (!path.includes('merge')) return undefined
      response.write('{')
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
      return handled
    })
    const { marketo } = client(endpoint, { timeoutFloor: 200 })
    const started = performance.now()
    const error = await failure(merge(marketo))
    expect(error).toMatchObject({ outcome: 'ambiguous' })
    expect(error.message).toContain('ETIMEDOUT')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it.each([301, 302, 307, 308])(
    'A19: follows no redirect %i',
    async (status) => {
      const other = await stage(() => undefined)
      const { endpoint } = await stage(({ path, response }) => {
        if (!/partitions|merge|file/.test(path)) return undefined
        response.statusCode = status
        response.setHeader('location', `${other.endpoint}/rest/v1/x.json`)
        return ''
      })
      const { marketo } = client(endpoint)
      expect(await failure(marketo.partitions())).toMatchObject({ exit: 1 })
      expect((await failure(merge(marketo))).outcome).toBe('ambiguous')
      await failure(marketo.downloadExport('x', 0))
      expect(other.seen).toEqual([])
    },
  )

  it('ends waiting when asked to stop, and says that nothing was sent', async () => {
    const stop = new AbortController()
    const { endpoint, count } = await stage(({ path, response }) => {
      if (!path.includes('partitions')) return undefined
      response.statusCode = 503
      setTimeout(() => stop.abort(new Error('stop')), 2)
      return 'down'
    })
    const { marketo } = client(endpoint, { signal: stop.signal })
    const error = await failure(marketo.partitions())
    expect(error).toMatchObject({ code: 'stopped', exit: 4 })
    expect(await failure(merge(marketo))).toMatchObject({
      code: 'stopped',
      outcome: 'not_sent',
    })
    expect(count('merge')).toBe(0)
  })

  it('calls a read that it cut off stopped, and a broken write broken', async () => {
    const stop = new AbortController()
    const { endpoint } = await stage(({ path, response }) => {
      if (!/partitions|merge/.test(path)) return undefined
      if (path.includes('merge')) {
        stop.abort(new Error('stop'))
        setTimeout(() => response.destroy(), 10)
      }
      return handled
    })
    const { marketo } = client(endpoint, { signal: stop.signal })
    const read = failure(marketo.partitions())
    const error = await failure(merge(marketo))
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'ambiguous' })
    expect(await read).toMatchObject({ code: 'stopped', exit: 4 })
  })

  it('F2: waits for the answer of a write under way', async () => {
    const stop = new AbortController()
    const { endpoint } = await stage(async ({ path }) => {
      if (!path.includes('merge')) return undefined
      stop.abort(new Error('stop'))
      await new Promise((resolve) => setTimeout(resolve, 30))
      return good()
    })
    const { marketo } = client(endpoint, { signal: stop.signal })
    await expect(merge(marketo)).resolves.toBeUndefined()
  })
})

/** A port that passes bytes on until it is shut. */
async function relayTo(endpoint: string) {
  const port = Number(new URL(endpoint).port)
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    close: () => void server.close(),
  }
}
