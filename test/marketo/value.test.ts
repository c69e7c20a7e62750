import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { parseEnvelope, parseJson } from '../../src/marketo/envelope.js'
import { parseOrigin } from '../../src/marketo/origin.js'
import { scrub } from '../../src/marketo/scrub.js'
import { ServerClock } from '../../src/marketo/server-clock.js'
import { attributes, instant, optionalId } from '../../src/marketo/value.js'

describe('values of answers', () => {
  it('D12: keeps ids and numbers that a double cannot hold', () => {
    expect(parseJson('{"id":9007199254740993,"a":1.5,"b":0.1}')).toEqual({
      id: '9007199254740993',
      a: 1.5,
      b: 0.1,
    })
    expect(parseJson('{"n":12345678901234.56789}')).toEqual({
      n: '12345678901234.56789',
    })
    expect(optionalId(2 ** 53)).toBeNull()
    expect([optionalId(7), optionalId('7'), optionalId('x')]).toEqual([
      '7',
      '7',
      null,
    ])
  })

  it('takes codes as text or number, and warnings of any kind', () => {
    const text =
      '{"success":false,"errors":[{"code":610,"message":"x"}],"warnings":["w"]}'
    expect(parseEnvelope(text)?.errors).toEqual([{ code: '610', message: 'x' }])
  })

  it('tells an absent result from an empty one', () => {
    expect(parseEnvelope('{"success":true}')?.result).toBeNull()
    expect(parseEnvelope('{"success":true,"result":[]}')?.result).toEqual([])
    expect(parseEnvelope('{"success":true,"result":{}}')).toBeNull()
  })

  it.each([
    ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00:00+0000', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00:00Z+0000', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00:00-06:00', '2026-11-01T16:00:00.000Z'],
    ['2026-11-01 10:00:00', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01', null],
    ['yesterday', null],
    [17, null],
  ])('reads the time %s', (given, time) => {
    expect(instant(given)).toBe(time)
  })

  it('reads attributes as a list or as an object', () => {
    const expected = { 'Merge IDs': '[7]', Big: 1 }
    const list = [
      { name: 'Merge IDs', value: '[7]' },
      { name: 'Big', value: 1 },
    ]
    expect(attributes(list)).toEqual(expected)
    expect(attributes(expected)).toEqual(expected)
  })
})

describe('the endpoint', () => {
  it.each([
    ['https://123-abc-456.mktorest.com', '123-ABC-456'],
    ['https://123-ABC-456.mktorest.com/rest', '123-ABC-456'],
    ['https://123-ABC-456.mktorest.com/identity/', '123-ABC-456'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://localhost:8080/', 'localhost:8080'],
    ['https://proxy.example', 'proxy.example:443'],
    ['https://123-ABC-456.mktorest.com.evil.example', '.evil.example:443'],
  ])('%s names the instance %s', (endpoint, instance) => {
    expect(parseOrigin(endpoint, 1).instance).toContain(instance)
  })

  it.each([
    ['http://123-ABC-456.mktorest.com', 'https'],
    ['http://127.0.0.1.nip.io', 'https'],
    ['ftp://127.0.0.1', 'https'],
    ['https://user:word@123-ABC-456.mktorest.com', 'user name'],
    ['https://123-ABC-456.mktorest.com/rest/v1', 'path'],
    ['https://123-ABC-456.mktorest.com/?access_token=x', 'query'],
    ['123-ABC-456', 'not a URL'],
  ])('refuses %s because of its %s', (endpoint, why) => {
    expect(() => parseOrigin(endpoint, 1)).toThrow(why)
  })

  it('takes a time scale for a sandbox only', () => {
    const real = 'https://123-ABC-456.mktorest.com'
    expect(() => parseOrigin(real, 10)).toThrow('sandbox')
    expect(parseOrigin('http://127.0.0.1:1', 10).secure).toBe(false)
  })
})

describe("Marketo's words", () => {
  it('are told on one line, without values and addresses', () => {
    const said = 'Bad\n{"level":60}\u001b[31m value top-secret of a@b.example'
    expect(scrub(said, ['top-secret'])).toBe(
      'Bad {"level":60} [31m value … of …',
    )
  })

  it('keep words that only contain a short value', () => {
    expect(scrub('leadScore is a', ['a'])).toBe('leadScore is …')
  })
})

describe("Marketo's time", () => {
  it('A13: follows the Date header from any clock of ours', () => {
    for (const skew of [-26, -1, 0, 1, 26]) {
      let now = Date.parse('2026-11-20T12:00:00Z')
      const clock = { ...systemClock, now: () => now }
      const server = new ServerClock(clock)
      expect(server.now()).toBe(now)
      for (let call = 0; call < 50; call += 1) {
        const sentAt = now
        now += 400
        const theirs = now - 200 + skew * 3_600_000
        server.note(new Date(theirs).toUTCString(), sentAt)
        now += 137
      }
      const error = server.now() - (now + skew * 3_600_000)
      expect(Math.abs(error)).toBeLessThan(500)
    }
  })
})
