import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LogOptions, openLog, redactor } from '../src/log.js'

const base = { run_id: '20261121-050003-7f3a', pipeline: 'acme' }

function open(options: Partial<LogOptions> = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log', 'run.jsonl')
  const log = openLog({
    file,
    level: 'silent',
    secrets: [],
    base,
    now: () => Date.UTC(2026, 10, 21, 5, 0, 3, 42),
    ...options,
  })
  const text = () => readFileSync(file, 'utf8')
  const lines = () =>
    text()
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
  return { log, file, text, lines }
}

function descriptors(): number {
  return readdirSync('/dev/fd').length
}

describe('a log', () => {
  it('has one JSON line an event, there as soon as it is said', () => {
    const { log, lines } = open()
    log.event('step.started', { step: 'extract' })
    log.event('call.retried', { endpoint: 'leads/{id}/merge', http: 502 })
    expect(lines()).toEqual([
      {
        level: 'info',
        ts: '2026-11-21T05:00:03.042Z',
        ...base,
        event: 'step.started',
        step: 'extract',
      },
      {
        level: 'warn',
        ts: '2026-11-21T05:00:03.042Z',
        ...base,
        event: 'call.retried',
        endpoint: 'leads/{id}/merge',
        http: 502,
      },
    ])
    log.close()
  })

  it('is private to the user and appended to', () => {
    const { log, file } = open()
    log.event('run.started')
    const again = open({ file })
    again.log.event('run.resumed')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3)
  })

  it('reaches stderr only from its level on; the file has everything', () => {
    let shown = ''
    const stderr = { write: (text: string) => void (shown += text) }
    const { log, lines } = open({ level: 'warn', stderr })
    log.event('call.ended')
    log.event('run.started')
    log.event('quota.exhausted')
    log.event('step.failed')
    expect(lines()).toHaveLength(4)
    const events = shown.trimEnd().split('\n')
    expect(events).toHaveLength(2)
    expect(shown).toContain('quota.exhausted')
  })

  it('lets go of its file', async () => {
    const before = descriptors()
    for (let run = 0; run < 5; run += 1) {
      const { log } = open()
      log.event('run.started')
      log.close()
      log.close()
      log.event('run.ended')
    }
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
  })

  it('works without a file', () => {
    let shown = ''
    const stderr = { write: (text: string) => void (shown += text) }
    const log = openLog({
      file: null,
      level: 'info',
      secrets: [],
      base,
      stderr,
    })
    log.event('run.started')
    expect(shown).toContain('"event":"run.started"')
  })

  it('stays one line, and harmless, whatever a message holds', () => {
    const { log, text, lines } = open()
    const msg = 'a\nb\u001b[2J\u009b1m\u2028\u202e"\\{{x}}\ud800'
    log.event('error.unexpected', { msg })
    expect(text().split('\n')).toHaveLength(2)
    expect(text().replace('\n', '')).not.toMatch(
      /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u,
    )
    expect(lines()).toMatchObject([{ msg }])
  })
})

const secret = 'k9Zq/7Tr+2Wm 5Xc"8V\\b='

describe('secrets', () => {
  const disguises: Record<string, string> = {
    raw: secret,
    'in a URL': `https://x/?s=${encodeURIComponent(secret)}&t=1`,
    'in a form': new URLSearchParams({ s: secret }).toString(),
    'in JSON': JSON.stringify({ s: secret }),
    'in base64': Buffer.from(secret).toString('base64'),
    'in basic authentication': Buffer.from(`id:${secret}`).toString('base64'),
    'in base64 at another offset': Buffer.from(`i:${secret}!`).toString(
      'base64',
    ),
    'in base64url': Buffer.from(secret).toString('base64url'),
    'in hex': Buffer.from(secret).toString('hex'),
    'in capitals of hex': Buffer.from(secret).toString('hex').toUpperCase(),
  }

  it.each(Object.entries(disguises))('are taken out %s', (_, msg) => {
    const { log, text } = open({ secrets: [secret] })
    log.event('error.unexpected', { msg: `before ${msg} after`, code: 'x' })
    expect(text()).toContain('[secret]')
    expect(text()).toContain('before ')
    const naked = text().replaceAll('[secret]', '')
    for (const part of [msg, secret, secret.slice(2, 14)]) {
      expect(naked).not.toContain(part)
    }
  })

  it('are taken out of every field', () => {
    const { log, text } = open({ secrets: ['canary-7Tr2Wm5X'] })
    log.event('call.ended', {
      endpoint: 'x/canary-7Tr2Wm5X',
      mkto_request_id: 'canary-7Tr2Wm5X',
      file: '/tmp/canary-7Tr2Wm5X.csv',
    })
    expect(text()).not.toContain('canary')
  })

  it('learnt on the way are taken out from then on', () => {
    const { log, text } = open()
    log.hide('token-of-this-hour')
    log.event('token.renewed', { msg: 'got token-of-this-hour' })
    expect(text()).not.toContain('of-this-hour')
  })

  it('too short to be one leave ordinary words alone', () => {
    expect(redactor(['', 'a', 'info'])('some info')).toBe('some info')
  })

  it('leak in none of a thousand random messages', () => {
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const word = (length: number) =>
      Array.from({ length }, () => String.fromCodePoint(33 + next(94))).join('')
    for (let run = 0; run < 1000; run += 1) {
      const canary = word(12 + next(20))
      const wrapped = [
        canary,
        encodeURIComponent(canary),
        Buffer.from(word(next(5)) + canary + word(next(5))).toString('base64'),
        JSON.stringify([canary]),
      ][next(4)]
      const shown = redactor([canary])(`${word(next(9))} ${wrapped}`)
      expect(shown).toContain('[secret]')
      expect(shown).not.toContain(canary)
    }
  })
})
